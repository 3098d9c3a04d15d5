"""The cascade of weights: eligibility, response classes, trimming, calibration, and replicates of the whole."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.answer import answer
from analysis.assembly import Layout, design_of
from analysis.design import Design, Lonely, SecondStage
from analysis.margins import Margins
from analysis.question import Asked, Question, Statistic
from analysis.replicates import Replicator, replicated, resampled
from analysis.response import Response, sorted_out
from analysis.sheet import Sheet, read_sheet
from analysis.trimming import held, limit_of, trimmed
from analysis.weight_chart import weight_chart
from analysis.weighting import Weighting, weighting
from forms.faults import Faults
from tests.analysis.reference import ORACLE, api

DESIGNS = ORACLE / "made" / "designs"


def sheet(**columns: list[object]) -> Sheet:
    made = {name: pa.chunked_array([pa.array([str(one) for one in values])]) for name, values in columns.items()}
    return Sheet("given.csv", made, len(next(iter(columns.values()))))


def mixed(e: float | None = None) -> tuple[Sheet, Response]:
    """Two classes: in a 2 respondents of 5 eligible by weight and unknowns, in b all answer."""
    file = sheet(
        d=["complete", "partial", "refused", "UH", "ineligible", "RESPONDENT", "I"],
        c=["a", "a", "a", "a", "a", "b", "b"],
        w=[1, 2, 3, 4, 5, 6, 7],
    )
    return file, Response("d", ("c",), e)


def test_each_class_is_made_up_for() -> None:
    file, response = mixed(0.5)
    found = weighting(file, Layout(weight="w"), Margins(), response)
    assert found.cascade.steps["eligibility"].tolist() == [1, 2, 3, 2, 5, 6, 7]
    assert found.cascade.final == pytest.approx([8 / 3, 16 / 3, 0, 0, 0, 6, 7])
    told = found.document()
    assert told["eligibility"] == {"e": 0.5, "given": True}
    assert told["classes"][0] == {"class": "a", "valid": 2, "eligible": 8, "factor": pytest.approx(8 / 3)}
    assert [step["step"] for step in told["steps"]] == ["base", "eligibility", "nonresponse"]
    assert told["steps"][2]["n"] == 4 and told["steps"][2]["sum"] == pytest.approx(21)
    assert list(found.columns()) == ["weight_base", "weight_eligibility", "weight"]


def test_e_is_the_share_among_the_known() -> None:
    file, response = mixed()
    found = weighting(file, Layout(weight="w"), Margins(), response).document()
    assert found["eligibility"] == {"e": pytest.approx(19 / 24), "given": False}


def test_thin_classes_merge_over_the_last_column() -> None:
    classes = [("n", "x")] * 30 + [("n", "y")] * 10
    answered = ["I"] * 25 + ["NC"] * 5 + ["I"] * 2 + ["NC"] * 8
    file = sheet(d=answered, one=[a for a, _ in classes], two=[b for _, b in classes])
    found = weighting(file, Layout(), Margins(), Response("d", ("one", "two")))
    assert found.cascade.final[0] == pytest.approx(40 / 27)
    assert any("n/y merged over two into n/*" in note for note in found.notes)
    alone = weighting(file, Layout(), Margins(), Response("d", ("two",)))
    assert "two" in alone.notes[-1]  # merged into one class of all
    thin = weighting(sheet(d=["I"] + ["R"] * 9), Layout(), Margins(), Response("d"))
    assert thin.cascade.final[0] == pytest.approx(10)


@pytest.mark.parametrize(
    ("columns", "response", "told"),
    [
        ({"d": ["I", "maybe"]}, Response("d"), "given.csv:3, column “d”: “maybe” is no disposition"),
        ({"d": ["I", ""]}, Response("d"), "given.csv:3, column “d”: is empty: every row needs a disposition"),
        ({"d": ["R", "R"]}, Response("d"), "no row with a weight is a respondent"),
        ({"d": ["I", "R"], "c": ["a", ""]}, Response("d", ("c",)), "column “c”: is empty: every row needs a response"),
    ],
)
def test_dispositions_that_cannot_be(columns: dict[str, list[object]], response: Response, told: str) -> None:
    with pytest.raises(Faults, match="(?s)" + told.replace("(", r"\(")):
        weighting(sheet(**columns), Layout(), Margins(), response)


def test_an_empty_class_stops_with_its_name() -> None:
    file = sheet(d=["I", "I", "R"], c=["a", "a", "b"])
    apart = sorted_out(file, np.ones(3), Response("d", ("c",)))
    assert apart.labels == ("*",)  # merged at once: nobody answered in b
    split = dataclasses.replace(apart, classes=np.array([0, 0, 1]), labels=("a", "b"))
    with pytest.raises(Faults, match="nobody answered in the response class “b”"):
        split.adjusted(np.ones(3))
    with pytest.raises(Faults, match="--eligible 2: the eligible share"):
        Response("d", e=2)


@settings(deadline=None)
@given(st.lists(st.floats(0.1, 100), min_size=3, max_size=40), st.floats(1.2, 6))
def test_trimming_keeps_the_sum_and_the_order(weights: list[float], times: float) -> None:
    weight = np.array(weights)
    limit = limit_of(weight, times)
    if weight.mean() > limit:
        with pytest.raises(Faults, match="cannot all be held under"):
            trimmed(weight, limit)
        return
    found = trimmed(weight, limit)
    assert found.sum() == pytest.approx(weight.sum()) and found.max() <= limit * (1 + 1e-9)
    order = np.argsort(weight)
    assert (np.diff(found[order]) >= -1e-9 * limit).all()
    with pytest.raises(Faults, match="must be above 1"):
        limit_of(weight, 1.0)


def test_trimmed_weights_meet_their_totals_again(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("term,total\n(Intercept),6194\napi99,3914069\nenroll,3811472\n", "utf-8")
    margins = Margins(totals=tmp_path / "t.csv")
    loose = weighting(api("apistrat"), Layout(weight="pw"), margins)
    found = weighting(api("apistrat"), Layout(weight="pw"), margins, trim=1.3)
    limit = 1.3 * np.median(api("apistrat").numbers("pw"))
    assert loose.cascade.final.max() > limit * 1.01 > found.cascade.final.max()
    assert found.cascade.trimmings > 0
    assert found.cascade.final @ api("apistrat").numbers("enroll") == pytest.approx(3811472)
    told = found.document()
    assert told["trimming"] == {"limit": pytest.approx(limit), "again_after_calibration": found.cascade.trimmings}
    assert [term["term"] for term in told["calibration"]["terms"]] == ["(Intercept)", "api99", "enroll"]
    assert told["calibration"]["terms"][2]["reached"] == pytest.approx(3811472)
    misfits = [one["misfit"] for one in told["calibration"]["convergence"]]
    assert len(misfits) == told["calibration"]["rounds"] + 1 and misfits[-1] == told["calibration"]["misfit"] < 1e-10


def test_a_limit_that_margins_do_not_allow_is_said(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("level,count\nNo,90\nYes,10\n", "utf-8")
    file = sheet(b=["No"] * 4 + ["Yes"] * 16)
    with pytest.raises(Faults, match="after 20 rounds of trimming and calibration 4 weights are still above"):
        weighting(file, Layout(), Margins(rake=(("b", tmp_path / "m.csv"),)), trim=8.0)


def test_rows_that_did_not_answer_need_no_margin(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("level,count\nNo,60\nYes,40\n", "utf-8")
    file = sheet(d=["I", "I", "I", "R", "NE"], b=["No", "Yes", "Yes", "", "Other"], x=[1, 2, 3, "", ""])
    found = weighting(file, Layout(), Margins(poststratify=("b", tmp_path / "m.csv")), Response("d"))
    assert found.cascade.final == pytest.approx([60, 20, 20, 0, 0])
    (tmp_path / "t.csv").write_text("term,total\n(Intercept),100\nx,190\nb=No,30\n", "utf-8")
    found = weighting(file, Layout(), Margins(totals=tmp_path / "t.csv"), Response("d"))
    assert found.cascade.final @ np.array([1, 2, 3, 0, 0]) == pytest.approx(190)


def mean_of(found: Weighting, y: np.ndarray, weight: np.ndarray) -> float:
    return float(weight @ y / weight.sum())


@pytest.mark.parametrize("number", [1, 3, 5, 13, 14, 17])
def test_replicates_vary_as_the_linearised_variance(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Totals of designs of every kind: expectation of (replicate − estimate)² against V, within Monte Carlo error."""
    monkeypatch.chdir(DESIGNS)
    file = read_sheet(Path(f"d{number:02d}.csv"))
    layout = LAYOUTS[number]
    design, _ = design_of(file, layout)
    (row,) = answer(file, layout, Question((Asked(Statistic.TOTAL, "aux"),), lonely=Lonely.CERTAINTY)).rows
    scores = file.numbers("aux") * design.weight
    replicator = Replicator.of(design)
    totals = np.array(list(replicated(replicator, 3000, 1, lambda factor: float(factor @ scores))))
    assert row.se is not None and row.estimate is not None
    assert ((totals - row.estimate) ** 2).mean() == pytest.approx(row.se**2, rel=0.12)
    assert totals.mean() == pytest.approx(row.estimate, abs=4 * row.se / 3000**0.5)


LAYOUTS = {
    1: Layout(weight="w", stratum="st"),
    3: Layout(weight="w", stratum="st", clusters=("psu",)),
    5: Layout(stratum="st", fpc=("n1",)),
    13: Layout(weight="w", fpc=("n1",)),
    14: Layout(weight="w", stratum="st", clusters=("psu",), fpc=("n1",)),
    17: Layout(weight="w", clusters=("psu", "ssu")),
}


def test_two_stages_vary_at_both() -> None:
    rng = np.random.default_rng(5)
    psu = np.repeat(np.arange(12), 6)
    second = SecondStage(np.arange(72) // 2, np.full(12, 0.4))
    design = Design(psu // 6, psu, rng.uniform(1, 2, 72), np.array([0.6, 1.0]), ("a", "b"), second)
    y = rng.normal(10, 3, 72)
    units = np.bincount(second.unit, y * design.weight).reshape(12, 3)
    totals = units.sum(axis=1).reshape(2, 6)
    outer = 0.4 * 6 * totals[0].var(ddof=1)
    inner = 0.6 * 3 * units.var(axis=1, ddof=1)
    expected = outer + 0.6 * inner[:6].sum() + inner[6:].sum()
    scores = y * design.weight
    found = np.array(list(replicated(Replicator.of(design), 4000, 2, lambda factor: float(factor @ scores))))
    assert ((found - scores.sum()) ** 2).mean() == pytest.approx(expected, rel=0.1)


def test_members_of_a_home_keep_their_number() -> None:
    home = np.array([0, 1, 0, 2, 1, 0])
    times = np.array([resampled(home, np.random.default_rng(seed)) for seed in range(2000)])
    assert (times[:, 3] == 1).all() and times[:, [0, 2, 5]].sum(axis=1) == pytest.approx(3)
    assert times.mean(axis=0) == pytest.approx(np.ones(6), abs=0.1)


def test_a_certain_stratum_and_a_lonely_one() -> None:
    design = Design(np.array([0, 0, 1, 2, 2]), np.arange(5), np.ones(5), np.array([1.0, 0, 0]), ("a", "b", "c"))
    replicator = Replicator.of(design)
    factors = np.array([replicator.factors(np.random.default_rng(seed)) for seed in range(50)])
    assert (factors[:, :3] == 1).all() and set(factors[:, 3]) == {0, 2}
    assert replicator.lonely == ("b",)


def test_draws_that_fail_are_drawn_again_and_too_many_stop() -> None:
    design = Design(np.zeros(4, np.int64), np.arange(4), np.ones(4), np.zeros(1), ("a",))

    def work(limit: float, factor: np.ndarray) -> float:
        if factor[0] > limit:
            raise Faults("the class is empty")
        return float(factor[0])

    again = [0]
    found = list(replicated(Replicator.of(design), 300, 3, lambda factor: work(3, factor), again))
    assert len(found) == 300 and max(found) <= 3 and 0 < again[0] < 30
    with pytest.raises(Faults, match="too many replicates cannot be weighted: the class is empty"):
        list(replicated(Replicator.of(design), 50, 3, lambda factor: work(0, factor)))


def test_calibration_without_need_is_not_trimmed() -> None:
    from analysis.calibration import calibrate

    ones = np.ones((3, 1))
    done, rounds = held(np.ones(3), 5.0, lambda weight: calibrate(ones, weight, np.array([6.0]), ["all"]))
    assert rounds == 0 and done.weight == pytest.approx([2, 2, 2])


def test_the_chart_says_its_numbers_and_keeps_its_bytes() -> None:
    steps = {"base": np.array([1.0, 2, 3, 4]), "nonresponse": np.array([0, 2.0, 4, 4])}
    chart = weight_chart(steps)
    assert chart.svg == weight_chart(steps).svg and "<svg" in chart.svg
    assert "base: 1 to 4, deff 1.2; nonresponse: 2 to 4, deff 1.08" in chart.alternative
    assert "weighting deff 1.200" in chart.svg

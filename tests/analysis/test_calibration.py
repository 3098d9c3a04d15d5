"""Calibrated weights: totals are met, bounds kept, variances as R's; margins that cannot be met are named."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.answer import answer
from analysis.assembly import Layout, design_of
from analysis.calibration import Distance, calibrate
from analysis.margins import Margins, calibrated
from analysis.question import Asked, Question, Statistic
from analysis.sheet import read_sheet
from forms.faults import Faults
from tests.analysis.reference import ORACLE, api

MADE = ORACLE / "made"
STYPE = "level,count\nE,4421\nH,755\nM,1018\n"
WIDE = "level,count\nNo,1072\nYes,5122\n"
CLUSTERS = Layout(weight="pw", clusters=("dnum",))
MEAN, TOTAL = Asked(Statistic.MEAN, "api00"), Asked(Statistic.TOTAL, "enroll")


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def oracle(design: str) -> list[dict[str, str]]:
    with (ORACLE / "expected_api.csv").open() as file:
        return [row for row in csv.DictReader(file) if row["design"] == design]


def weights(name: str) -> np.ndarray:
    with (ORACLE / name).open() as file:
        return np.array([float(row["w"]) for row in csv.DictReader(file)])


def compare(sheet_name: str, layout: Layout, margins: Margins, rows: list[dict[str, str]]) -> None:
    found = {row.variable: row for row in answer(api(sheet_name), layout, Question((MEAN, TOTAL)), margins).rows}
    assert rows
    for row in rows:
        assert found[row["variable"]].estimate == pytest.approx(float(row["estimate"]), rel=1e-8)
        assert found[row["variable"]].se == pytest.approx(float(row["se"]), rel=1e-8)


def test_post_stratification_agrees_with_the_oracle(tmp_path: Path) -> None:
    margins = Margins(poststratify=("stype", written(tmp_path, "stype.csv", STYPE)))
    compare("apiclus1", CLUSTERS, margins, oracle("apiclus1_nofpc+poststrat(stype)"))
    design, _ = calibrated(api("apiclus1"), design_of(api("apiclus1"), CLUSTERS)[0], margins)
    np.testing.assert_allclose(design.weight, weights("apiclus1_poststrat_weights.csv"), rtol=1e-7)


def test_raking_agrees_with_the_oracle(tmp_path: Path) -> None:
    files = [("stype", written(tmp_path, "a.csv", STYPE)), ("sch.wide", written(tmp_path, "b.csv", WIDE))]
    margins = Margins(rake=tuple(files))
    compare("apiclus1", CLUSTERS, margins, oracle("apiclus1_nofpc+rake(stype,sch.wide)"))
    design, done = calibrated(api("apiclus1"), design_of(api("apiclus1"), CLUSTERS)[0], margins)
    np.testing.assert_allclose(design.weight, weights("apiclus1_rake_weights.csv"), rtol=1e-7)
    assert done.misfit < 1e-10 and 0 < done.rounds < 20


def test_calibration_agrees_with_the_oracle(tmp_path: Path) -> None:
    terms = "term,total\n(Intercept),6194\nstype=H,755\nstype=M,1018\napi99,3914069\n"
    margins = Margins(totals=written(tmp_path, "t.csv", terms))
    rows = oracle("apistrat_nofpc+calibrate(stype+api99)")
    compare("apistrat", Layout(weight="pw", stratum="stype"), margins, rows)


LAYOUTS = {
    "elements": Layout(weight="w", stratum="st", fpc=("N",)),
    "clusters": Layout(weight="w", stratum="st", clusters=("cl",), nested=True, fpc=("Nc",)),
}


@pytest.mark.parametrize("design", LAYOUTS)
@pytest.mark.parametrize("method", ["poststratify", "rake", "linear", "raking", "logit", "truncated"])
def test_unequal_weights_agree_with_r(design: str, method: str, tmp_path: Path) -> None:
    terms = written(tmp_path, "t.csv", "term,total\n(Intercept),2500\ndom=q,900\ndom=r,100\naux,129000\n")
    made = {
        "poststratify": Margins(poststratify=("dom", MADE / "dom_counts.csv")),
        "rake": Margins(rake=(("dom", MADE / "dom_counts.csv"), ("half", MADE / "half_counts.csv"))),
        "linear": Margins(totals=terms),
        "raking": Margins(totals=terms, distance=Distance.RAKING),
        "logit": Margins(totals=terms, distance=Distance.LOGIT, bounds=(0.4, 2.5)),
        "truncated": Margins(totals=terms, bounds=(0.85, 1.6)),
    }[method]
    sheet, layout = read_sheet(MADE / "positive.csv"), LAYOUTS[design]
    whole = answer(sheet, layout, Question((Asked(Statistic.MEAN, "y"), Asked(Statistic.TOTAL, "x"))), made)
    parts = answer(sheet, layout, Question((Asked(Statistic.MEAN, "y"),), by=("half",)), made)
    found = {(row.variable, row.by.get("half", "")): row for row in (*whole.rows, *parts.rows)}
    with (MADE / "expected_more.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if (row["design"], row["what"]) == (design, method)]
    assert len(rows) == 5
    for row in rows:
        if row["variable"] == "weights":
            weight = calibrated(sheet, design_of(sheet, layout)[0], made)[0].weight
            expected = float(row["estimate"]), float(row["se"])
            assert (weight.min(), weight.max()) == pytest.approx(expected, rel=1e-7)
            continue
        got = found[row["variable"], row["by"]]
        assert got.estimate == pytest.approx(float(row["estimate"]), rel=1e-8)
        assert got.se == pytest.approx(float(row["se"]), rel=1e-8)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(list(Distance)))
def test_totals_are_met_and_bounds_kept(seed: int, distance: Distance) -> None:
    rng = np.random.default_rng(seed)
    columns = np.column_stack([np.ones(80), rng.integers(0, 2, 80), rng.normal(5, 1, 80)])
    before = rng.uniform(1, 4, 80)
    totals = (before * rng.uniform(0.7, 1.5, 80)) @ columns
    bounds = None if distance is not Distance.LOGIT else (0.3, 3.0)
    done = calibrate(columns, before, totals, ["a", "b", "c"], distance, bounds)
    np.testing.assert_allclose((before * done.g) @ columns, totals, rtol=1e-9, atol=1e-7)
    if bounds:
        assert (done.g >= bounds[0]).all() and (done.g <= bounds[1]).all()
    assert np.abs((before * done.residuals(columns).T) @ columns).max() < 1e-6


def test_raking_reaches_populations_far_from_the_weights() -> None:
    columns = np.eye(3)[np.arange(30) % 3]
    done = calibrate(columns, np.ones(30), np.array([5e6, 2e6, 9e6]), ["a", "b", "c"], Distance.RAKING)
    assert done.g[:3] == pytest.approx([5e5, 2e5, 9e5])


def test_a_variable_calibrated_to_has_no_error_left(tmp_path: Path) -> None:
    terms = written(tmp_path, "t.csv", "term,total\n(Intercept),6194\napi99,3914069\n")
    question = Question((Asked(Statistic.TOTAL, "api99"),))
    found = answer(api("apistrat"), Layout(weight="pw", stratum="stype"), question, Margins(totals=terms))
    assert found.rows[0].estimate == pytest.approx(3914069) and found.rows[0].se == 0
    assert found.design["calibration"]["rounds"] == 1


@pytest.mark.parametrize(
    ("margins", "told"),
    [
        ({"poststratify": "level,count\nE,4421\nH,755\n"}, "“stype” has the level “M”, which has no count"),
        ({"poststratify": STYPE + "X,5\n"}, "no row with a weight has “stype” = “X”"),
        ({"poststratify": STYPE + "M,5\n"}, "level “M” is there twice"),
        ({"poststratify": STYPE.replace("755", "0")}, "column “count”: a count must be above 0"),
        ({"poststratify": STYPE.replace("H", "")}, "column “level”: is empty"),
        ({"poststratify": "levels,count\nE,1\n"}, "column “level”: there is no such column"),
        ({"rake": (STYPE, WIDE.replace("1072", "1000"))}, "“stype” 6194, “sch.wide” 6122"),
        ({"totals": "term,total\n(Intercept),6194\nnowhere,3\n"}, "column “nowhere”: there is no such column"),
        ({"totals": "term,total\nstype=X,3\n"}, "no row has the value “X” of the term “stype=X”"),
        ({"totals": "term,total\n(Intercept),\n"}, "a total is missing"),
        ({"totals": "term,total\n,3\n"}, "column “term”: is empty"),
        ({"totals": "term,total\napi99,3\napi99,4\n"}, "the term “api99” is there twice"),
        ({"totals": "term,total\n(Intercept),6194\nacs.k3,90000\n"}, "every row needs a value to be calibrated"),
        ({"totals": "term,total\nawards=No,3\nacs.k3=20,90\n"}, "every row needs a level to be calibrated"),
        ({"totals": "term,total\n(Intercept),6194\nstype=E,1\nstype=H,1\nstype=M,1\n"}, "the weights cannot meet “"),
        ({"totals": "term,total\n(Intercept),6194\napi99,9000000\n"}, "weights negative: use --bounds"),
        ({"totals": "term,total\n(Intercept),6194\napi99,9000000\n", "bounds": (0.5, 2.0)}, "the weights cannot meet"),
        ({"totals": "term,total\n(Intercept),6194\n", "bounds": (1.1, 2.0)}, "must be below 1"),
        ({"totals": "term,total\n(Intercept),6194\n", "distance": Distance.LOGIT}, "needs --bounds"),
        ({"poststratify": STYPE, "rake": (WIDE,)}, "give one of --poststratify, --rake and --calibrate"),
        ({"poststratify": STYPE, "bounds": (0.5, 2.0)}, "go with --calibrate"),
    ],
)
def test_what_cannot_be_met_is_named(margins: dict[str, object], told: str, tmp_path: Path) -> None:
    given: dict[str, object] = {}
    for key, value in margins.items():
        if key == "poststratify":
            given[key] = ("stype", written(tmp_path, "p.csv", str(value)))
        elif key == "rake":
            columns = ("stype", "sch.wide")
            given[key] = tuple(
                (column, written(tmp_path, f"{column}.csv", text))
                for column, text in zip(columns, value, strict=False)  # type: ignore[call-overload]
            )
        else:
            given[key] = written(tmp_path, "t.csv", str(value)) if key == "totals" else value
    with pytest.raises(Faults) as raised:
        answer(api("apistrat"), Layout(weight="pw", stratum="stype"), Question((MEAN,)), Margins(**given))  # type: ignore[arg-type]
    assert told in str(raised.value)


def test_a_margin_needs_every_row(tmp_path: Path) -> None:
    file = written(tmp_path, "p.csv", "level,count\nNo,3\nYes,4\n")
    with pytest.raises(Faults, match=r"column “yr\.rnd”: is empty: every row needs a level"):
        answer(api("apisrs"), Layout(fpc=("fpc",)), Question((MEAN,)), Margins(poststratify=("yr.rnd", file)))


def test_nothing_known_is_no_calibration() -> None:
    assert not Margins()
    with pytest.raises(ValueError, match="nothing is known"):
        calibrated(api("apisrs"), design_of(api("apisrs"), Layout(fpc=("fpc",)))[0], Margins())

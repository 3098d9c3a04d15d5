"""From answers to the index: METHOD §6 against numbers worked out by hand, and its invariants."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.compose import count_kind, index_result
from analysis.index import answers, presence, satterthwaite, scale, survey_points
from analysis.kinds import Options
from analysis.notes import NoteKind, note
from analysis.result import IndexResult, KindResult, Mark, UnitIndex
from analysis.returns import unit_rate_rows
from analysis.subscores import GroupScores
from forms import catalogue, framework
from forms.faults import Faults
from forms.framework import Framework

FACTS = Path(catalogue.__file__).parent / "daklak_facts.toml"
UNITS = ("so_a", "so_b", "so_c", "so_d")


def only(result: IndexResult, unit: str) -> UnitIndex:
    kind = result.kind("department")
    return next(each for each in (*kind.units, *kind.unranked) if each.unit == unit)


def group(name: str, framework: Framework, score: Any, n: Any, variance: float = 1e-4) -> GroupScores:
    """Scores of a group about the framework's departments, uncorrelated and equally precise."""
    subs = [sub.id for sub in framework.kinds["department"].survey_subcriteria if name in sub.shares]
    values, counts = np.array(score, dtype=float), np.array(n)
    covariance = np.eye(values.size) * variance
    pooled = np.zeros(values.shape, bool)
    units = UNITS[: len(values)]
    return GroupScores(name, units, tuple(subs), values, counts, covariance, pooled, np.full(len(values), 30.0), ())


def counted(framework: Framework, groups: Sequence[GroupScores], appraised: Any, **options: Any) -> KindResult:
    kind, units = framework.kinds["department"], groups[0].units
    scores = {each.group: each for each in groups}
    options = {"respondents": dict.fromkeys(units, 74)} | options
    return count_kind(framework, kind, units, scores, appraised, Options(draws=1000, **options))


def test_the_province_of_2017_composes_to_its_published_index() -> None:
    facts = tomllib.loads(FACTS.read_text(encoding="utf-8"))["province_2017"]
    published = catalogue.framework("province_2017")
    kind = published.kinds["province"]
    assert {domain.id: domain.points for domain in kind.domains} == facts["points"]
    points = {sub.id: domain.points - facts["lost"][domain.id] for domain in kind.domains for sub in domain.subcriteria}
    result = count_kind(published, kind, ["dak_lak"], {}, {"dak_lak": points}, Options(draws=1000))
    unit = result.units[0]
    assert unit.published == facts["index"] == 75.37
    assert (unit.rank, unit.rank_lower, unit.rank_upper, unit.se) == (1, 1, 1, 0.0)
    assert {domain.id: round(domain.lost or 0, 9) for domain in unit.domains} == facts["lost"]
    assert unit.domain("procedures").percent == pytest.approx(100)
    assert unit.ci_low == unit.ci_high == unit.index


def test_points_are_worked_out_by_hand(small: Framework, appraised: Any) -> None:
    citizens = group("nguoi_dan", small, [[0.5, 0.9]], [[40, 40]])
    servants = group("cong_chuc", small, [[0.8]], [[10]])
    unit = counted(small, [citizens, servants], appraised).units[0]
    # access 20·(0.6·0.5 + 0.4·0.8) = 12.4; staff 20·0.9 + 8 = 26; plan 40
    assert [figure.points for figure in unit.subcriteria] == pytest.approx([12.4, 26.0, 40.0])
    assert unit.index == pytest.approx(78.4)
    assert (unit.survey_points, unit.appraised_points) == (pytest.approx(30.4), pytest.approx(48.0))
    assert unit.domain("service").percent == pytest.approx(38.4 / 50 * 100)
    assert unit.domain("service").lost == pytest.approx(11.6)
    # Var = 1e-4 · ((20·0.6)² + (20·0.4)² + 20²)
    assert unit.se == pytest.approx(np.sqrt(1e-4 * (144 + 64 + 400)))
    assert unit.subcriterion("access").se == pytest.approx(np.sqrt(1e-4 * (144 + 64)))
    assert unit.domain("service").se == pytest.approx(np.sqrt(1e-4 * 608) / 50 * 100)


def test_an_absent_group_leaves_its_share_to_the_others(small: Framework, appraised: Any) -> None:
    citizens = group("nguoi_dan", small, [[0.5, 0.9]], [[40, 40]])
    servants = group("cong_chuc", small, [[0.8]], [[4]])
    unit = counted(small, [citizens, servants], appraised).units[0]
    access = unit.subcriterion("access")
    assert access.points == pytest.approx(10.0)
    assert access.groups_present == ("nguoi_dan",)
    assert access.marks == {Mark.REWEIGHTED}
    absent = access.groups[1]
    assert (absent.hidden, absent.n, absent.score, absent.used) == (True, None, None, 0.0)
    assert Mark.REWEIGHTED in unit.marks


def test_withholding_needs_every_group(small: Framework, appraised: Any) -> None:
    source = small.text.replace("cong_chuc = 0.4 }", 'cong_chuc = 0.4 }\nmissing = "withhold"')
    strict = framework.load(source, "strict.toml")
    citizens = group("nguoi_dan", strict, [[0.5, 0.9]], [[40, 40]])
    result = counted(strict, [citizens, group("cong_chuc", strict, [[0.8]], [[4]])], appraised)
    assert result.unranked[0].subcriterion("access").points is None


def test_without_any_group_the_index_is_null_and_the_unit_unranked(small: Framework, appraised: Any) -> None:
    citizens = group("nguoi_dan", small, [[0.5, 0.9], [0.4, 0.7]], [[40, 40], [40, 3]])
    result = counted(small, [citizens, group("cong_chuc", small, [[0.8], [0.8]], [[10], [10]])], appraised)
    (ranked,), (unranked,) = result.units, result.unranked
    assert (ranked.unit, ranked.rank, ranked.rank_upper) == ("so_a", 1, 1)
    assert (unranked.index, unranked.published, unranked.rank, unranked.se) == (None, None, None, None)
    assert (unranked.reason, unranked.survey_points) == ("missing", None)
    assert unranked.subcriterion("staff").points is None
    assert unranked.subcriterion("access").points == pytest.approx(20 * (0.24 + 0.32))
    assert unranked.domain("service").percent is None
    assert unranked.domain("steering").percent == pytest.approx(82)
    assert result.covariance.shape == (1, 1)


def test_a_unit_without_appraised_points_is_unranked_for_that_reason(small: Framework) -> None:
    citizens = group("nguoi_dan", small, [[0.5, 0.9]], [[40, 40]])
    result = counted(small, [citizens], {"so_a": {"staff": 8.0}})
    assert result.units == ()
    assert result.unranked[0].reason == "appraised"
    assert Mark.NO_APPRAISED in result.unranked[0].subcriterion("plan").marks
    assert result.covariance.shape == (0, 0)


def test_what_does_not_apply_is_rescaled_and_never_missing(small: Framework, appraised: Any) -> None:
    exception = '\n[[not_applicable]]\nunit = "so_a"\nsubcriteria = ["access"]\nreason.vi = "Không có thủ tục"\n'
    excepted = framework.load(small.text + exception, "excepted.toml")
    citizens = group("nguoi_dan", excepted, [[np.nan, 0.9]], [[0, 40]])
    unit = counted(excepted, [citizens], appraised).units[0]
    assert unit.maximum == 80
    assert unit.index == pytest.approx((18 + 8 + 40) / 80 * 100)
    assert unit.se == pytest.approx(20 * 0.01 / 80 * 100)
    assert unit.domain("service").maximum == 30
    assert unit.marks == {Mark.RESCALED}
    assert unit.subcriterion("access").marks == {Mark.NOT_APPLICABLE}
    assert (unit.subcriterion("access").maximum, unit.subcriterion("access").groups) == (0, ())


def test_a_unit_to_which_nothing_applies_has_no_index(small: Framework) -> None:
    exception = (
        '\n[[not_applicable]]\nunit = "so_a"\nsubcriteria = ["access", "staff", "plan"]\nreason.vi = "Mới lập"\n'
    )
    excepted = framework.load(small.text + exception, "excepted.toml")
    citizens = group("nguoi_dan", excepted, [[np.nan, np.nan]], [[0, 0]])
    unit = counted(excepted, [citizens], {}).unranked[0]
    assert (unit.index, unit.maximum, unit.reason) == (None, 0.0, "missing")


def test_ranks_and_ties_follow_the_printed_numbers(small: Framework, appraised: Any) -> None:
    scores = [[0.5, 0.70001], [0.5, 0.70009], [0.5, 0.9], [0.5, 0.1]]
    citizens = group("nguoi_dan", small, scores, np.full((4, 2), 40))
    same = {unit: {"staff": 8.0, "plan": 40.0} for unit in UNITS}
    result = counted(small, [citizens], same)
    assert [(unit.unit, unit.rank) for unit in result.units] == [("so_c", 1), ("so_a", 2), ("so_b", 2), ("so_d", 4)]
    for unit in result.units:
        assert unit.rank_lower <= unit.rank <= unit.rank_upper
    assert np.diag(result.covariance) == pytest.approx([(unit.se or 0) ** 2 for unit in result.units])
    assert result.possible_best == ("so_c",)


def test_shared_groups_give_an_index_beside(small: Framework, appraised: Any) -> None:
    """so_b has no civil servants: on citizens alone the first two change places."""
    citizens = group("nguoi_dan", small, [[0.5, 0.8], [0.6, 0.8], [0.1, 0.1]], np.full((3, 2), 40))
    servants = group("cong_chuc", small, [[1.0], [np.nan], [0.5]], [[12], [0], [12]])
    same = {unit: {"staff": 8.0, "plan": 40.0} for unit in UNITS}
    result = counted(small, [citizens, servants], same)
    assert [unit.unit for unit in result.units] == ["so_a", "so_b", "so_c"]
    assert [unit.common_index for unit in result.units] == pytest.approx([10 + 24 + 40, 12 + 24 + 40, 2 + 10 + 40])
    assert [unit.common_rank for unit in result.units] == [2, 1, 3]
    assert (result.ranks_moved, result.common_groups) == (2, ("nguoi_dan",))


@given(st.data())
def test_the_index_stays_between_nought_and_a_hundred(data: st.DataObject) -> None:
    whole = framework.load(SOURCE, "small.toml")
    share = st.floats(0, 1)
    citizens = group("nguoi_dan", whole, [[data.draw(share), data.draw(share)] for _ in range(3)], np.full((3, 2), 9))
    servants = group("cong_chuc", whole, [[data.draw(share)] for _ in range(3)], np.full((3, 1), 9))
    points = {unit: {"staff": data.draw(st.floats(0, 10)), "plan": data.draw(st.floats(0, 50))} for unit in UNITS[:3]}
    result = counted(whole, [citizens, servants], points)
    indices = [unit.index for unit in result.units]
    assert all(index is not None and 0 <= index <= 100 for index in indices)
    for unit in result.units:
        assert unit.ci_low is not None and unit.ci_high is not None
        assert 0 <= unit.ci_low <= unit.ci_high <= 100
        assert sum(figure.points or 0 for figure in unit.subcriteria) == pytest.approx(unit.index, abs=1e-9)
        assert unit.rank == 1 + sum((other.published or 0) > (unit.published or 0) for other in result.units)


def test_a_group_of_fewer_than_k_never_counts(small: Framework, appraised: Any) -> None:
    """Whatever n_min says: the points of two hidden scores would give both away, so nothing is made of either."""
    citizens = group("nguoi_dan", small, [[0.5, 0.9]], [[40, 3]])
    servants = group("cong_chuc", small, [[0.8]], [[4]])
    unit = counted(small, [citizens, servants], appraised, n_min=2, k=5).unranked[0]
    access = unit.subcriterion("access")
    assert access.points == pytest.approx(20 * 0.5)
    assert [(score.hidden, score.used, score.score) for score in access.groups] == [(False, 1, 0.5), (True, 0, None)]
    assert access.marks >= {Mark.SUPPRESSED, Mark.REWEIGHTED}
    staff = unit.subcriterion("staff")
    assert (staff.points, staff.marks) == (None, {Mark.MISSING, Mark.SUPPRESSED})


def test_degrees_of_freedom_of_a_sum() -> None:
    df = satterthwaite(np.array([[1.0, 1.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0]]), np.array([[9.0] * 4, [9, 9, 9, 0.0]]))
    assert df.tolist() == [18.0, 9.0, np.inf, 0.0]


def test_few_answers_mark_each_estimate_by_its_own_number(small: Framework, appraised: Any) -> None:
    citizens = group("nguoi_dan", small, [[0.5, 0.9]], [[40, 29]])
    servants = group("cong_chuc", small, [[0.8]], [[12]])
    unit = counted(small, [citizens, servants], appraised).units[0]
    access, staff = unit.subcriterion("access"), unit.subcriterion("staff")
    assert Mark.SMALL not in access.marks and Mark.SMALL in staff.marks  # 40 + 12 answers, and 29
    assert [Mark.SMALL in each.marks for each in access.groups] == [False, True]
    assert Mark.SMALL in unit.marks  # an index is no surer than what it adds up
    enough = group("nguoi_dan", small, [[0.5, 0.9]], [[40, 30]])
    assert Mark.SMALL not in counted(small, [enough], appraised).units[0].marks
    for few in (29, None):
        assert Mark.SMALL in counted(small, [enough], appraised, respondents={"so_a": few}).units[0].marks


def test_few_degrees_of_freedom_are_marked_and_none_gives_no_interval(small: Framework, appraised: Any) -> None:
    citizens = group("nguoi_dan", small, [[0.5, 0.9]], [[40, 40]])
    few = counted(small, [replace(citizens, df=np.array([4.0]))], appraised).units[0]
    none = counted(small, [replace(citizens, df=np.array([0.0]))], appraised).units[0]
    assert Mark.FEW_DF in few.marks and few.ci_low is not None
    assert Mark.NO_INTERVAL in none.marks and none.ci_low is None and none.rank == 1


def test_arrays_have_a_place_for_every_group(small: Framework) -> None:
    whole = scale(small, small.kinds["department"], UNITS[:1])
    given = answers(whole, {"nguoi_dan": group("nguoi_dan", small, [[0.5, 0.9]], [[40, 40]])})
    present = presence(whole, given, n_min=5, k=5)
    assert whole.groups == ("nguoi_dan", "cong_chuc")
    assert present.used[:, 0, :].tolist() == [[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    assert survey_points(whole, given, present)[0].tolist() == [10.0, 18.0, 0.0]


SOURCE = """
id = "small"
title.vi = "Khung thử"
[[kind.department.domain]]
id = "service"
name.vi = "Phục vụ"
[[kind.department.domain.criterion]]
id = "service_all"
name.vi = "Phục vụ"
[[kind.department.domain.criterion.subcriterion]]
id = "access"
name.vi = "Tiếp cận"
points = 20
source = "survey"
rule = { kind = "mean" }
items = ["access_1"]
shares = { nguoi_dan = 0.6, cong_chuc = 0.4 }
[[kind.department.domain.criterion.subcriterion]]
id = "staff"
name.vi = "Thái độ"
points = 30
survey_points = 20
appraised_points = 10
source = "both"
rule = { kind = "mean" }
items = ["staff_1"]
shares = { nguoi_dan = 1.0 }
[[kind.department.domain.criterion.subcriterion]]
id = "plan"
name.vi = "Kế hoạch"
points = 50
source = "appraised"
"""


def test_a_wave_is_counted_from_its_dataset(build: Any, usual: Any, small: Framework, appraised: Any) -> None:
    result = index_result(build(usual), small, appraised, draws=1000)
    citizens, servants = usual["nguoi_dan"]["so_b"], usual["cong_chuc"]["so_b"]
    access = [
        np.mean([row[item] / 4 for row in rows for item in ("access_1", "access_2")]) for rows in (citizens, servants)
    ]
    staff = np.mean([row["staff_1"] >= 3 for row in citizens])
    unit = only(result, "so_b")
    assert unit.index == pytest.approx(20 * (0.6 * access[0] + 0.4 * access[1]) + 20 * staff + 8 + 41)
    # One stratum a unit: V = (1 − f) s²/n with f = n/N.
    own = np.array([[(row["access_1"] + row["access_2"]) / 8, float(row["staff_1"] >= 3)] for row in citizens])
    points = own @ [12.0, 20.0]
    others = np.array([(row["access_1"] + row["access_2"]) / 8 for row in servants]) * 8
    variance = points.var(ddof=1) / 20 * (1 - 20 / 1000) + others.var(ddof=1) / 10 * (1 - 10 / 1000)
    assert unit.se == pytest.approx(np.sqrt(variance))
    assert (unit.respondents, unit.subcriterion("access").groups[0].n) == (30, 20)
    assert (result.wave.k, result.wave.unit_names["so_a"], result.framework.id) == (5, {"vi": "Sở A"}, "small")
    assert result.dataset_hash == build(usual, name="again").hash


def test_the_same_dataset_gives_identical_numbers(build: Any, usual: Any, small: Framework, appraised: Any) -> None:
    dataset = build(usual)
    first, second = (index_result(dataset, small, appraised, draws=1000) for _ in range(2))
    assert [unit for unit in first.kinds[0].units] == [unit for unit in second.kinds[0].units]
    assert (first.kinds[0].covariance == second.kinds[0].covariance).all()


def test_answers_that_say_nothing_are_not_usable(build: Any, usual: Any, small: Framework, appraised: Any) -> None:
    """Don't know (−1), declined (−2) and blank count neither above nor below the line."""
    usual["cong_chuc"]["so_a"] = [
        {"access_1": 4, "access_2": -1}, {"access_1": -2, "access_2": 2}, {"access_1": None, "access_2": None},
        *[{"access_1": 4, "access_2": 2}] * 4,
    ]  # fmt: skip
    score = only(index_result(build(usual), small, appraised, draws=1000), "so_a").subcriterion("access").groups[1]
    assert (score.n, score.score) == (6, pytest.approx((5 * 1.0 + 5 * 0.5) / 10))


def test_unanimous_units_are_not_certain(build: Any, usual: Any, small: Framework, appraised: Any) -> None:
    usual["nguoi_dan"]["so_d"] = [{"access_1": 4, "access_2": 4, "staff_1": 4}] * 6
    usual["cong_chuc"]["so_d"] = [{"access_1": 4, "access_2": 4}] * 6
    result = index_result(build(usual), small, appraised, draws=1000)
    unit = only(result, "so_d")
    citizens = unit.subcriterion("staff").groups[0]
    rows = [[float(row["staff_1"] >= 3) for row in usual["nguoi_dan"][each]] for each in UNITS[:3]]
    squares = sum(np.square(np.array(each) - np.mean(each)).sum() for each in rows)
    pooled = squares / (3 * 19 + 5) / 6 * (1 - 6 / 1000)
    assert citizens.se == pytest.approx(np.sqrt(pooled))
    assert Mark.POOLED in citizens.marks and Mark.POOLED in unit.marks
    # The two subcriteria of the unanimous unit do not vary apart: their errors add beyond independence.
    apart = [figure.se or 0 for figure in unit.subcriteria]
    assert (unit.se or 0) > np.hypot(apart[0], apart[1])


def test_when_everybody_agrees_everywhere_another_subcriterion_lends_its_variance(
    build: Any, usual: Any, small: Framework, appraised: Any
) -> None:
    for rows in usual["nguoi_dan"].values():
        for row in rows:
            row["staff_1"] = 4
    staff = only(index_result(build(usual), small, appraised, draws=1000), "so_a").subcriterion("staff")
    assert (staff.se or 0) > 0


def test_nobody_is_certain_even_where_everybody_agrees_on_everything(
    build: Any, usual: Any, small: Framework, appraised: Any
) -> None:
    """Twenty of twenty at four units: as if one answer in 80 + 2 lay at the other end of the scale."""
    for group in usual.values():
        for rows in group.values():
            rows[:] = [dict.fromkeys(row, 4) for row in rows]
    result = index_result(build(usual), small, appraised, draws=1000)
    for unit in result.kinds[0].units:
        access, staff = unit.subcriterion("access"), unit.subcriterion("staff")
        floor = 1 / 82 * 81 / 82 / 20 * (1 - 20 / 1000)
        assert [each.groups[0].se for each in (access, staff)] == pytest.approx([np.sqrt(floor)] * 2)
        assert Mark.POOLED in access.marks & staff.marks & unit.marks
        assert (unit.se or 0) > np.hypot(access.se or 0, staff.se or 0)  # nor does being asked much make it surer
        assert (unit.rank_lower or 0) < (unit.rank_upper or 0)  # appraised points differ by one, the survey by none


def test_how_few_answers_are_pooled_is_the_waves_choice(
    build: Any, usual: Any, small: Framework, appraised: Any
) -> None:
    alike = {"access_1": 3, "access_2": 3, "staff_1": 3}
    usual["nguoi_dan"]["so_a"] = [*[alike] * 7, {**alike, "access_1": 2}]  # they vary less than the group
    estimation = {"lonely": "adjust", "collapse": [], "valid": ["complete"], "n_min": 5}
    pooled = []
    for below in (5, 9):
        dataset = build(usual, name=f"below{below}", estimation={**estimation, "pool_below": below})
        scores = only(index_result(dataset, small, appraised, draws=1000), "so_a").subcriterion("access").groups
        pooled.append(Mark.POOLED in scores[0].marks)
    assert pooled == [False, True]


def test_a_whole_population_is_certain(build: Any, usual: Any, small: Framework, appraised: Any) -> None:
    for group in usual.values():
        for unit in group:
            group[unit] = group[unit][:10]
    result = index_result(build(usual, population=10), small, appraised, draws=1000)
    for unit in result.kinds[0].units:
        assert (unit.se, unit.rank_lower, unit.rank_upper) == (0, unit.rank, unit.rank)
        assert unit.ci_low == unit.ci_high == unit.index


def test_return_figures_and_assessments_hide_small_cells(
    build: Any, usual: Any, small: Framework, appraised: Any
) -> None:
    usual["cong_chuc"] = {"so_a": usual["cong_chuc"]["so_a"][:3], "so_b": usual["cong_chuc"]["so_b"]}
    result = index_result(build(usual), small, appraised, draws=1000)
    shown = {(row.unit, row.group): row.n for row in result.assessments}
    assert [cell for cell, n in shown.items() if n is None] == [
        ("so_a", "nguoi_dan"), ("so_a", "cong_chuc"), ("so_b", "nguoi_dan"), ("so_b", "cong_chuc"),
    ]  # fmt: skip
    citizens = only(result, "so_a").subcriterion("staff").groups[0]
    assert (citizens.n, citizens.hidden) == (None, False)
    assert citizens.score is not None
    assert result.rates_total is not None
    assert (result.rates_total.issued, result.rates_total.valid) == (80 + 13 + 2 * 6, 93)
    assert [row.hidden for row in result.rates_by_group] == [False, False]
    assert result.rates_by_group[0].return_rate == 80 / 88
    assert result.rates_by_group[0].valid_rate == 1.0
    assert [row.hidden for row in result.rates_by_unit] == [False] * 4
    assert [(row.issued, row.returned, row.valid) for row in result.rates_by_unit] == [
        (27, 25, 23), (34, 32, 30), (22, 21, 20), (22, 21, 20),
    ]  # fmt: skip


def test_a_group_that_cannot_be_shown_takes_another_along(
    build: Any, usual: Any, small: Framework, appraised: Any
) -> None:
    usual["cong_chuc"] = {"so_a": usual["cong_chuc"]["so_a"][:3]}
    result = index_result(build(usual), small, appraised, draws=1000)
    assert [row.hidden for row in result.rates_by_group] == [True, True]
    assert [row.n for row in result.assessments if row.unit == "so_a"] == [None, None]
    # neither group's total is told, so that the unit's own says no more than that both together are 23
    assert only(result, "so_a").respondents == 23
    assert [row.hidden for row in result.rates_by_unit] == [False] * 4


def test_a_dataset_without_the_file_gives_no_figures_by_unit(build: Any, usual: Any) -> None:
    dataset = build(usual)
    files = {name: hash for name, hash in dataset.manifest["files"].items() if name != "pairs.parquet"}
    assert unit_rate_rows(replace(dataset, manifest={**dataset.manifest, "files": files})) == ()


def test_kinds_without_units_are_left_out(build: Any, usual: Any, small: Framework, appraised: Any) -> None:
    both = framework.load(small.text + small.text.split("illustrative = true")[1].replace("department", "commune"), "x")
    assert [kind.kind for kind in index_result(build(usual), both, appraised, draws=1000).kinds] == ["department"]


def test_a_group_without_answers_is_named(build: Any, usual: Any, small: Framework, appraised: Any) -> None:
    del usual["cong_chuc"]
    result = index_result(build(usual), small, appraised, draws=1000)
    assert any("“cong_chuc” has no answers about any department" in str(note) for note in result.notes)
    assert only(result, "so_a").subcriterion("access").groups_present == ("nguoi_dan",)


def test_what_departs_from_the_plan_is_noted(build: Any, usual: Any, small: Framework, appraised: Any) -> None:
    again = note(NoteKind.DRAWN_AGAIN, group="nguoi_dan", number=2, reason="danh sách cũ thiếu")
    exception = '\n[[not_applicable]]\nunit = "so_z"\nsubcriteria = ["access"]\nreason.vi = "Đã giải thể"\n'
    other = framework.load(small.text + exception, "other.toml")
    units = [{"id": unit, "name": {"vi": unit}, "kind": "department"} for unit in UNITS]
    dataset = build(
        usual,
        framework={"id": "small", "sha256": small.hash},
        departures=[again.document()],
        units=[*units, {"id": "kho_bac", "name": {"vi": "Kho bạc"}, "kind": "vertical"}],
    )
    result = index_result(dataset, other, appraised, draws=1000)
    assert note(NoteKind.OTHER_FRAMEWORK) in result.notes and again in result.notes
    assert any("so_z" in str(note) for note in result.notes)
    assert result.units_without_framework == ("kho_bac",)
    with pytest.raises(KeyError):
        result.kind("commune")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cong_chuc = 0.4", "hdnd = 0.4", "no group “hdnd”"),
        ('["staff_1"]\nshares = { nguoi_dan', '["staff_1"]\nshares = { cong_chuc', "asks none of staff_1"),
        ("kind.department", "kind.commune", "none of the wave's kinds of unit"),
        ('"access_2"', '"access_9"', None),
    ],
)
def test_framework_and_dataset_must_fit(
    build: Any, usual: Any, small: Framework, appraised: Any, old: str, new: str, said: str | None
) -> None:
    other = framework.load(small.text.replace(old, new), "other.toml")
    if said is None:  # access_1 is still asked: an item that no questionnaire asks does not count
        assert index_result(build(usual), other, appraised, draws=1000).kinds[0].units
        return
    with pytest.raises(Faults, match=said):
        index_result(build(usual), other, appraised, draws=1000)

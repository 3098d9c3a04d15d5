"""Pairs of units, the average of a kind, criteria, groups and gains, each against another way to the number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis import holm, pairs
from analysis.compose import count_kind, index_result
from analysis.findings import Side
from analysis.kinds import Options
from analysis.previous import Previous, improvers
from forms.framework import Framework
from tests.analysis.index.conftest import Answers, Build

INFINITE = np.full(3, np.inf)


def test_a_pair_has_the_p_value_of_its_difference_and_ties_have_none_to_tell() -> None:
    covariance = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 4.0]])
    told = pairs.compared(["a", "b", "c"], np.array([90.0, 88.0, 80.0]), covariance, INFINITE, 0.95)
    raw = [2 * stats.norm.sf(each) for each in (2 / 1.0, 10 / np.sqrt(5), 8 / np.sqrt(5))]
    wanted = holm.adjusted(np.array(raw))
    assert told.p_values[[0, 0, 1], [1, 2, 2]] == pytest.approx(wanted)
    assert told.tied == ()
    assert pairs.compared(["a", "b"], np.array([5.0, 5.0]), np.zeros((2, 2)), INFINITE[:2], 0.95).tied == (("a", "b"),)


def test_without_error_the_sign_decides_and_without_freedom_nothing_does() -> None:
    values = pairs.p_values(np.array([0.1, 0.0, 9.0]), np.array([0.0, 0.0, 1.0]), np.ones(3), np.array([9.0, 9.0, 0.0]))
    assert values.tolist() == [0.0, 1.0, 1.0]


def test_runs_of_units_not_told_apart_overlap_and_none_lies_in_another() -> None:
    told = pairs.compared(list("abcd"), np.array([10.0, 8.0, 6.0, 0.0]), np.eye(4), np.full(4, np.inf), 0.95)
    assert told.tied == (("a", "b"), ("b", "c"))


def test_the_average_is_a_contrast_of_all_units() -> None:
    index, covariance = np.array([90.0, 80.0, 70.0, 79.9]), np.diag([1.0, 2.0, 1.0, 4.0])
    gaps = pairs.from_average(index, covariance, np.full(4, np.inf), 0.95)
    weights = np.array([0.75, -0.25, -0.25, -0.25])
    assert gaps[0].gap == pytest.approx(weights @ index)
    assert gaps[0].se == pytest.approx(np.sqrt(weights @ covariance @ weights))
    assert [gap.side for gap in gaps] == [Side.ABOVE, Side.NOISE, Side.BELOW, Side.NOISE]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_values_never_fall_and_keep_their_order(values: list[float]) -> None:
    found = holm.adjusted(np.array(values))
    assert (found >= np.array(values)).all() and (found <= 1).all()
    order = np.argsort(values, kind="stable")
    assert (np.diff(found[order]) >= 0).all()


def test_criteria_and_groups_add_up_to_what_they_are_made_of(
    build: Build, usual: Answers, small: Framework, appraised: dict[str, dict[str, float]]
) -> None:
    own = {"so_a": {"plan": 45.0, "staff": 9.0}}
    dataset = build(usual)
    result = index_result(dataset, small, appraised, draws=200)
    for unit in result.kinds[0].units:
        assert sum(each.points or 0 for each in unit.criteria) == pytest.approx(unit.index)
        for criterion, domain in zip(unit.criteria, unit.domains, strict=True):  # one criterion a domain here
            assert criterion.percent == pytest.approx(domain.percent)
            assert criterion.se == pytest.approx(domain.se)
        assert sum(each.weight * (each.score or 0) for each in unit.groups) == pytest.approx(unit.survey_points)
        assert sum((each.weight * (each.se or 0)) ** 2 for each in unit.groups) == pytest.approx((unit.se or 0) ** 2)
        assert unit.self_gap is None
        assert [gain.lost for gain in unit.gains] == sorted((gain.lost for gain in unit.gains), reverse=True)
        assert any(gain.behind == 0 for other in result.kinds[0].units for gain in other.gains)
    assert [row.id for row in result.kinds[0].scheme] == ["access", "staff", "plan"]
    assert result.kinds[0].scheme[1].rule == {"kind": "share", "favourable": ["v4", "v5"]}
    kind = small.kinds["department"]
    counted = count_kind(small, kind, ["so_a"], {}, appraised, Options(draws=200, own=own))
    unit = counted.unranked[0]
    assert unit.subcriterion("plan").own_points == 45.0
    assert unit.self_gap == pytest.approx(45 - 40 + 9 - 8)


def test_those_that_rose_most_are_three_and_ties_with_the_third(
    build: Build, usual: Answers, small: Framework, appraised: dict[str, dict[str, float]]
) -> None:
    dataset = build(usual)
    units = index_result(dataset, small, appraised, draws=200).kinds[0].units
    before = {
        unit.unit: Previous(float(unit.published or 0) - rise, None, {"service": 10.0})
        for unit, rise in zip(units, (1.0, 2.0, 1.0, -1.0), strict=True)
    }
    risen = index_result(dataset, small, appraised, before, draws=200).kinds[0]
    by_index, by_domain = risen.improvers
    assert by_index.domain is None and [each.change for each in by_index.units] == [2.0, 1.0, 1.0]
    assert by_domain.domain == "service" and len(by_domain.units) >= 3
    assert improvers((), ["service"]) == ()

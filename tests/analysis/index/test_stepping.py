"""Stepped rules: the rule at the estimate, its uncertainty from draws, and "near a step"."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from analysis.compose import count_kind
from analysis.kinds import Options
from analysis.result import Mark, UnitIndex
from analysis.steps import applied, stepped
from analysis.subscores import GroupScores
from forms import framework
from forms.framework import Rule, RuleKind

BANDS = Rule(RuleKind.BANDS, ("v4", "v5"), None, "share", ((0.9, 1.0), (0.8, 0.5), (0.0, 0.0)))
UNITS = ("a", "b")

SOURCE = """
id = "stepped"
title.vi = "Khung thử"
[[kind.department.domain]]
id = "service"
name.vi = "Phục vụ"
[[kind.department.domain.criterion]]
id = "service_all"
name.vi = "Phục vụ"
[[kind.department.domain.criterion.subcriterion]]
id = "smooth"
name.vi = "Trơn"
points = 40
source = "survey"
rule = { kind = "mean" }
items = ["access_1"]
shares = { nguoi_dan = 0.5, to_chuc = 0.5 }
[[kind.department.domain.criterion.subcriterion]]
id = "steps"
name.vi = "Bậc"
points = 60
source = "survey"
rule = RULE
items = ["staff_1"]
shares = { nguoi_dan = 1.0 }
"""
AS_BANDS = '{ kind = "bands", of = "share", favourable = ["v4"], table = [[0.9, 1.0], [0.8, 0.5], [0, 0]] }'
AS_TARGET = '{ kind = "target", favourable = ["v4"], target = 0.8 }'


def counted(rule: str, scores: Any, *, correlation: float = 0.0, draws: int = 20_000) -> dict[str, UnitIndex]:
    """Two units; citizens answer both subcriteria with se 0.05, organisations the smooth one with se 0.02."""
    loaded = framework.load(SOURCE.replace("RULE", rule), "stepped.toml")
    block = 0.05**2 * np.array([[1.0, correlation], [correlation, 1.0]])
    none, df = np.zeros((2, 2), bool), np.full(2, 40.0)
    citizens = GroupScores(
        "nguoi_dan", UNITS, ("smooth", "steps"), np.array(scores), np.full((2, 2), 50), np.kron(np.eye(2), block),
        none, df, (),
    )  # fmt: skip
    others = GroupScores(
        "to_chuc",
        UNITS,
        ("smooth",),
        np.full((2, 1), 0.5),
        np.full((2, 1), 50),
        np.eye(2) * 0.02**2,
        none[:, :1],
        df,
        (),
    )
    given = {"nguoi_dan": citizens, "to_chuc": others}
    result = count_kind(loaded, loaded.kinds["department"], UNITS, given, {}, Options(draws=draws, seed=3))
    return {unit.unit: unit for unit in result.units}


@pytest.mark.parametrize(
    ("share", "score"), [(1.0, 1.0), (0.9, 1.0), (0.1 * 9, 1.0), (0.8999, 0.5), (0.8, 0.5), (0.79, 0.0), (0.0, 0.0)]
)
def test_a_band_is_reached_at_its_threshold(share: float, score: float) -> None:
    assert applied(BANDS, np.array([share])).tolist() == [score]


def test_a_share_short_of_its_threshold_by_binary_noise_has_reached_it() -> None:
    assert 1.0 - 0.2 - 1e-12 < 0.8
    assert applied(BANDS, np.array([0.8 - 1e-12, np.nan]))[:1].tolist() == [0.5]
    assert np.isnan(applied(BANDS, np.array([np.nan]))).all()


def test_a_target_is_met_in_proportion() -> None:
    target = Rule(RuleKind.TARGET, ("v4",), 0.8)
    assert applied(target, np.array([0.4, 0.8, 0.9])).tolist() == [0.5, 1.0, 1.0]
    assert stepped(target) and not stepped(Rule()) and not stepped(None)


def test_points_are_the_rule_at_the_estimate() -> None:
    units = counted(AS_BANDS, [[0.6, 0.95], [0.6, 0.5]], draws=1000)
    assert units["a"].index == pytest.approx(40 * 0.55 + 60)
    assert units["b"].index == pytest.approx(40 * 0.55)
    assert Mark.STEPPED in units["a"].subcriterion("steps").marks


def test_the_error_of_bands_comes_from_the_draws() -> None:
    unit = counted(AS_BANDS, [[0.6, 0.85], [0.6, 0.2]])["a"]
    high, low = stats.norm.sf(0.9, 0.85, 0.05), stats.norm.cdf(0.8, 0.85, 0.05)
    scores, chances = np.array([60.0, 30.0, 0.0]), np.array([high, 1 - high - low, low])
    steps = chances @ scores**2 - (chances @ scores) ** 2
    assert unit.subcriterion("steps").se == pytest.approx(np.sqrt(steps), rel=0.02)
    assert unit.se == pytest.approx(np.sqrt(steps + 0.05**2 * 400 + 0.02**2 * 400), rel=0.02)
    (told,) = unit.subcriterion("steps").groups
    assert told.bands == pytest.approx(chances, abs=0.01) and sum(told.bands or ()) == pytest.approx(1)
    assert unit.subcriterion("smooth").groups[0].bands is None
    assert {Mark.NEAR_STEP, Mark.APPROXIMATE} <= unit.marks
    assert unit.ci_low is not None and unit.ci_high is not None
    assert unit.ci_low < 22.0 + 2 and unit.ci_high > 82.0 - 2


def test_far_from_a_step_nothing_is_uncertain_but_the_smooth_part() -> None:
    unit = counted(AS_BANDS, [[0.6, 0.5], [0.6, 0.5]])["a"]
    assert unit.subcriterion("steps").se == 0.0
    assert unit.se == pytest.approx(np.sqrt((0.05**2 + 0.02**2) * 400), rel=0.02)
    assert not unit.marks & {Mark.NEAR_STEP, Mark.APPROXIMATE}
    half = stats.norm.ppf(0.975) * np.sqrt((0.05**2 + 0.02**2) * 400)
    assert unit.ci_low == pytest.approx(22.0 - half, abs=0.15)
    assert unit.ci_high == pytest.approx(22.0 + half, abs=0.15)


def test_below_the_target_the_draws_agree_with_the_delta_method() -> None:
    """A target far away is a straight line: 60/0.8 · se, correlated with the smooth part of the same people."""
    unit = counted(AS_TARGET, [[0.6, 0.4], [0.6, 0.4]], correlation=0.5)["a"]
    slope = np.array([20.0, 75.0])
    own = slope @ (0.05**2 * np.array([[1, 0.5], [0.5, 1]])) @ slope
    assert unit.se == pytest.approx(np.sqrt(own + 0.02**2 * 400), rel=0.02)
    assert unit.domain("service").se == pytest.approx(unit.se)
    assert Mark.NEAR_STEP not in unit.marks


def test_the_same_seed_draws_the_same() -> None:
    scores = [[0.6, 0.85], [0.5, 0.9]]
    assert counted(AS_BANDS, scores, draws=2500) == counted(AS_BANDS, scores, draws=2500)

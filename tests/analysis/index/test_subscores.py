"""Which answers count, and for how much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analysis.compose import index_result
from analysis.subscores import choice_values
from forms.faults import Faults
from forms.framework import Rule, RuleKind

CHOICES = [
    {"id": "often", "position": 1, "value": 1.0},
    {"id": "never", "position": 0, "value": 0.0},
    {"id": "other", "position": 2, "value": None},
]


def codebook(**changes: Any) -> dict[str, Any]:
    return {"items": [{"id": "visits", "type": "single", "questionnaires": ["citizen"], "choices": CHOICES, **changes}]}


def test_values_go_by_position_and_may_be_missing() -> None:
    assert np.isnan(choice_values(codebook(), "visits", Rule())[2])
    assert choice_values(codebook(), "visits", Rule())[:2].tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    "rule",
    [
        Rule(RuleKind.SHARE, ("often",)),
        Rule(RuleKind.TARGET, ("often",), 0.9),
        Rule(RuleKind.BANDS, ("often",), None, "share", ((0.0, 1.0),)),
    ],
)
def test_favourable_choices_count_one_and_the_others_nothing(rule: Rule) -> None:
    assert choice_values(codebook(), "visits", rule).tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("changes", "item", "rule", "said"),
    [
        ({}, "waiting", Rule(), "which the dataset does not have"),
        ({"type": "multiple"}, "visits", Rule(), "of type multiple"),
        ({}, "visits", Rule(RuleKind.SHARE, ("always",)), "no choice “always”"),
        ({"choices": [{"id": "x", "position": 0, "value": 4}]}, "visits", Rule(), "outside 0 to 1"),
    ],
)
def test_what_cannot_be_counted_is_named(changes: dict[str, Any], item: str, rule: Rule, said: str) -> None:
    with pytest.raises(Faults, match=said):
        choice_values(codebook(**changes), item, rule)


def test_choices_without_a_value_are_not_usable(build: Any, usual: Any, small: Any, appraised: Any) -> None:
    """A null value is "other": neither good nor bad."""
    dataset = build(usual)
    for item in dataset.codebook["items"]:
        item["choices"][0]["value"] = None
    unit = index_result(dataset, small, appraised, draws=1000).kinds[0].units[0]
    rows = usual["cong_chuc"][unit.unit]
    values = [row[item] / 4 for row in rows for item in ("access_1", "access_2") if row[item] > 0]
    assert unit.subcriterion("access").groups[1].score == pytest.approx(np.mean(values))

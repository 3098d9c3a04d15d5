"""Blocks of units: every unit its turn, then pairs; chances exact."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from forms.faults import Faults
from survey.blocks import least, make


def units(number: int) -> list[str]:
    return [f"u{each:03d}" for each in range(number)]


def test_few_units_make_one_block_of_all() -> None:
    made = make(units(5), 8, 1, 5)
    assert made.members == (("u000", "u001", "u002", "u003", "u004"),)
    assert set(made.chance.values()) == {1.0}
    assert made.uncovered == 0


@given(st.integers(2, 40), st.integers(1, 10), st.integers(1, 60))
def test_every_unit_gets_its_turn_before_any_gets_one_more(number: int, most: int, runs: int) -> None:
    if number <= most or runs * most < number:
        return
    made = make(units(number), most, runs, 5)
    assert len(made.members) == min(runs, number)
    assert all(len(set(block)) == most for block in made.members)
    assert set(made.times) == set(units(number))
    assert max(made.times.values()) - min(made.times.values()) <= 1
    assert sum(made.chance.values()) == pytest.approx(most)


def test_pairs_are_covered_and_those_that_are_not_are_counted() -> None:
    made = make(units(18), 6, 30, 5)
    together = {frozenset(pair) for block in made.members for pair in combinations(block, 2)}
    assert made.uncovered == 18 * 17 // 2 - len(together)
    assert made.uncovered <= 5
    # Windows of neighbours on a circle would leave out every pair more than five apart.
    assert len(together) > 18 * 5


def test_an_impossible_demand_names_the_sizes_that_work() -> None:
    with pytest.raises(Faults, match="2 sets of at least 5 invitations with 8 units each cannot reach all 20 units: "
                                     "15 invitations, or 10 units a person, would"):  # fmt: skip
        make(units(20), 8, 2, 5)
    assert len(make(units(20), 8, 3, 5).members) == 3
    assert len(make(units(20), 10, 2, 5).members) == 2


@pytest.mark.parametrize("response", [1.0, 0.85, 0.5])
def test_a_block_is_shared_by_so_many_that_fewer_than_k_answers_are_rare(response: float) -> None:
    number = least(5, response)
    assert binom.cdf(4, number, response) <= 0.01
    assert number == 5 or binom.cdf(4, number - 1, response) > 0.01

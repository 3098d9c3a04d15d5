"""Blocks of units: every unit its turn, then pairs; chances exact."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from forms.faults import Faults
from survey.sample.blocks import Demand, least, make, own_sets


def units(number: int) -> list[str]:
    return [f"u{each:03d}" for each in range(number)]


def test_few_units_make_one_block_of_all() -> None:
    made = make(units(5), Demand(8, 5), [5])
    assert made.members == (("u000", "u001", "u002", "u003", "u004"),)
    assert set(made.chance.values()) == {1.0}
    assert made.uncovered == ()


@given(st.integers(2, 40), st.integers(2, 10), st.integers(1, 60), st.integers(1, 40))
def test_every_unit_gets_its_minimum_then_pairs_are_covered(number: int, most: int, runs: int, returns: int) -> None:
    demand = Demand(most, 5, returns)
    if number <= most or runs * most < number * demand.times(5):
        return
    made = make(units(number), demand, [5] * runs)
    assert all(len(set(block)) == most for block in made.members)
    assert set(made.times) == set(units(number))
    assert min(made.times.values()) * (runs // len(made.members)) >= demand.times(5)
    assert sum(made.chance.values()) == pytest.approx(most)
    # Blocks stop where there is nothing left to gain, and nowhere else.
    assert len(made.members) == runs or not made.uncovered


def test_pairs_are_covered_and_those_that_are_not_are_named() -> None:
    made = make(units(18), Demand(6, 5), [5] * 10)
    together = {frozenset(pair) for block in made.members for pair in combinations(block, 2)}
    assert len(together) + len(made.uncovered) == 18 * 17 // 2
    assert not together & {frozenset(pair) for pair in made.uncovered}
    # Windows of neighbours on a circle would cover 90.
    assert len(together) >= 120
    assert make(units(18), Demand(6, 5), [5] * 30).uncovered == ()


def test_an_impossible_demand_names_the_sizes_that_work() -> None:
    with pytest.raises(Faults, match="2 sets of at least 5 invitations with 8 units each cannot reach all 20 units: "
                                     "15 invitations, or 10 units a person, would"):  # fmt: skip
        make(units(20), Demand(8, 5), [5, 5])
    assert len(make(units(20), Demand(8, 5), [5] * 3).members) == 3
    assert len(make(units(20), Demand(10, 5), [5] * 2).members) == 2


@given(st.integers(9, 60), st.integers(2, 8), st.integers(5, 12), st.integers(2, 60), st.floats(0.5, 1))
def test_the_size_it_names_works_and_one_fewer_does_not(
    number: int, most: int, shared: int, returns: int, response: float
) -> None:
    demand = Demand(most, shared, returns, response)
    least = demand.invitations(number)

    def lengths(invitations: int) -> list[int]:
        runs = invitations // shared
        return [invitations * (at + 1) // runs - invitations * at // runs for at in range(runs)]

    made = make(units(number), demand, lengths(least))
    fewest = min(lengths(least)) * (len(lengths(least)) // len(made.members)) * min(made.times.values())
    assert fewest * response >= returns - 1e-9
    if lengths(least - 1):
        with pytest.raises(Faults, match=rf": {least} invitations, or"):
            make(units(number), demand, lengths(least - 1))


def test_people_leave_out_their_office_together_with_enough_others() -> None:
    own = {f"a{n}": "u001" for n in range(3)} | {f"b{n}": "u002" for n in range(4)}
    own |= {f"c{n}": "u000" for n in range(9)}
    rows = [*own, *(f"d{n}" for n in range(6))]
    sets = own_sets(rows, own, units(4), 5)
    assert [(sorted(each.offices), len(each.rows)) for each in sets] == [
        ([], 6), (["u000"], 9), (["u001", "u002"], 7),
    ]  # fmt: skip
    assert sorted(row for each in sets for row in each.rows) == sorted(rows)


def test_the_last_few_are_never_a_set_of_their_own() -> None:
    own = {f"a{n}": "u000" for n in range(6)} | {"b": "u001"}
    (only,) = own_sets(list(own), own, units(2), 5)
    assert (only.offices, len(only.rows)) == ({"u000", "u001"}, 7)


@pytest.mark.parametrize("response", [1.0, 0.85, 0.5])
def test_a_block_is_shared_by_so_many_that_fewer_than_k_answers_are_rare(response: float) -> None:
    number = least(5, response)
    assert binom.cdf(4, number, response) <= 0.01
    assert number == 5 or binom.cdf(4, number - 1, response) > 0.01

"""Inclusion probabilities against theory, by drawing a small list many times: each design, first and second order."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from math import sqrt

import pytest

from survey.sample.sampling import How, ListRow, Selection, chances, hits, select

pytestmark = pytest.mark.torture
DRAWS = 10_000 if os.environ.get("PHIEU_TORTURE") else 1_500
FAR = 4.8  # standard errors; two in a million by chance, and the seeds are fixed


def rows(sizes: Mapping[str, int], psus: bool = False) -> list[ListRow]:
    found = []
    for name, size in sizes.items():
        for number in range(size):
            stratum, psu = (name[0], name) if psus else (name, "")
            found.append(ListRow(f"{name}{number:02d}-1", stratum, position=len(found) + 1, psu=psu))
    return found


def simulated(listed: Sequence[ListRow], take: Mapping[str, int], how: How | None = None) -> list[Selection]:
    return [select(listed, take, f"{number}", how) for number in range(DRAWS)]


def near(counted: int, p: float) -> bool:
    return abs(counted / DRAWS - p) <= FAR * sqrt(p * (1 - p) / DRAWS) + 1e-9


def firsts(drawn: Sequence[Selection]) -> Counter[str]:
    return Counter(row for selection in drawn for row in selection.drawn)


def pairs(drawn: Sequence[Selection]) -> Counter[frozenset[str]]:
    return Counter(frozenset(pair) for selection in drawn for pair in combinations(selection.drawn, 2))


def agrees(listed: Sequence[ListRow], drawn: Sequence[Selection], theory: Mapping[str, float]) -> None:
    """What was counted, what was stated, and what theory says, of every row."""
    counted = firsts(drawn)
    for row in listed:
        p = theory[row.row_id]
        assert drawn[0].probability[row.row_id] == pytest.approx(p)
        assert near(counted[row.row_id], p), row


def test_simple_random_sampling_to_the_second_order() -> None:
    listed = rows({"all": 12})
    drawn = simulated(listed, {"all": 5})
    agrees(listed, drawn, {row.row_id: 5 / 12 for row in listed})
    together = pairs(drawn)
    assert len(together) == 66
    assert all(near(number, 5 * 4 / (12 * 11)) for number in together.values())


def test_a_census_takes_everybody() -> None:
    listed = rows({"a": 4, "b": 3})
    assert all(len(selection.drawn) == 7 for selection in simulated(listed, {"a": 4, "b": 3})[:50])


def test_stratified_to_the_second_order() -> None:
    listed, take = rows({"a": 9, "b": 6, "c": 3}), {"a": 3, "b": 4, "c": 3}
    sizes = Counter(row.stratum for row in listed)
    drawn = simulated(listed, take)
    agrees(listed, drawn, {row.row_id: take[row.stratum] / sizes[row.stratum] for row in listed})
    together = pairs(drawn)
    for one, other in combinations(listed, 2):
        n, size = take[one.stratum], sizes[one.stratum]
        p = n * (n - 1) / (size * (size - 1))
        if one.stratum != other.stratum:
            p = n / size * take[other.stratum] / sizes[other.stratum]
        assert near(together[frozenset((one.row_id, other.row_id))], p), (one, other)


def test_systematic_with_a_fractional_interval() -> None:
    listed = rows({"all": 17})
    drawn = simulated(listed, {"all": 5}, How(systematic=True))
    agrees(listed, drawn, {row.row_id: 5 / 17 for row in listed})
    place = {row.row_id: row.position for row in listed}
    for selection in drawn[:200]:
        places = sorted(place[row_id] for row_id in selection.drawn)
        assert {b - a for a, b in pairwise(places)} <= {3, 4}  # an interval of 3.4
    assert not pairs(drawn)[frozenset(("all00-1", "all01-1"))]  # neighbours never come together


def test_systematic_within_strata_and_with_a_reserve() -> None:
    listed, take = rows({"a": 11, "b": 7}), {"a": 3, "b": 2}
    how = How(systematic=True, reserve={"a": 2, "b": 1})
    drawn = simulated(listed, take, how)
    agrees(listed, drawn, {row.row_id: {"a": 3 / 11, "b": 2 / 7}[row.stratum] for row in listed})
    assert all([len(waiting) for waiting in selection.reserve.values()] == [2, 1] for selection in drawn)


def test_a_released_reserve_is_the_sample_that_would_have_been_drawn() -> None:
    listed, take = rows({"a": 11, "b": 7}), {"a": 3, "b": 2}
    before = simulated(listed, take, How(reserve={"a": 3, "b": 2}))
    after = simulated(listed, take, How(reserve={"a": 3, "b": 2}, released={"a": 2}))
    agrees(listed, after, {row.row_id: {"a": 5 / 11, "b": 2 / 7}[row.stratum] for row in listed})
    for one, other in zip(before, after, strict=True):
        assert set(one.drawn) < set(other.drawn)
        assert set(other.drawn) - set(one.drawn) == set(one.reserve["a"][:2])
    whole = simulated(listed, {"a": 5, "b": 2})
    assert [set(selection.drawn) for selection in after] == [set(selection.drawn) for selection in whole]


SIZES = {"a1": 5, "a2": 8, "a3": 3, "a4": 6, "b1": 4, "b2": 9, "b3": 6}


def test_two_stages_with_a_simple_first_one() -> None:
    listed = rows(SIZES, psus=True)
    how = How(psus={"a": 2, "b": 2})
    drawn = simulated(listed, {"a": 4, "b": 4}, how)
    agrees(listed, drawn, {
        row.row_id: {"a": 2 / 4, "b": 2 / 3}[row.stratum] * min(1.0, 4 / SIZES[row.psu]) for row in listed
    })  # fmt: skip
    together = pairs(drawn)
    # Both in one first-stage unit; in two of one stratum; in two strata.
    assert near(together[frozenset(("a100-1", "a101-1"))], 2 / 4 * 4 * 3 / (5 * 4))
    assert near(together[frozenset(("a100-1", "a200-1"))], 2 * 1 / (4 * 3) * 4 / 5 * 4 / 8)
    assert near(together[frozenset(("a100-1", "b100-1"))], 2 / 4 * 4 / 5 * 2 / 3 * 4 / 4)


def test_two_stages_in_proportion_to_size() -> None:
    """The same number in each unit drawn by its size: everybody has the same chance, where no unit is too large."""
    listed = rows(SIZES, psus=True)
    drawn = simulated(listed, {"a": 3, "b": 3}, How(psus={"a": 2, "b": 2}, pps=True))
    agrees(listed, drawn, {row.row_id: {"a": 2 * 3 / 22, "b": 2 * 3 / 19}[row.stratum] for row in listed})
    for selection in drawn[:200]:
        assert Counter(psu.stratum for psu in selection.psus if psu.drawn) == {"a": 2, "b": 2}


def test_a_probability_above_one_is_one_and_the_others_share_the_rest() -> None:
    sizes = {"a": 60, "b": 20, "c": 10, "d": 10}
    assert chances(sizes, 2, pps=True) == {"a": 1.0, "b": 0.5, "c": 0.25, "d": 0.25}
    assert chances(sizes, 3, pps=True) == {"a": 1.0, "b": 1.0, "c": 0.5, "d": 0.5}
    assert chances(sizes, 4, pps=True) == dict.fromkeys(sizes, 1.0)
    listed = [ListRow(f"{name}{number}-1", "s", psu=name) for name, size in sizes.items() for number in range(size)]
    drawn = simulated(listed, {"s": 1}, How(psus={"s": 2}, pps=True))
    counted = Counter(psu.name for selection in drawn for psu in selection.psus if psu.drawn)
    assert counted["a"] == DRAWS
    assert near(counted["b"], 0.5)
    assert near(counted["c"], 0.25)


def test_the_places_of_a_systematic_sample_are_distinct_and_inside() -> None:
    for population in range(1, 30):
        for n in range(1, population + 1):
            for begin in (1, 2**63, 2**64):
                found = hits(n, population, begin)
                assert len(set(found)) == n
                assert 1 <= min(found) <= max(found) <= population


def test_zones_pair_neighbours_and_hold_their_share_of_everybody() -> None:
    listed = rows({"all": 103})
    for number in range(50):
        selection = select(listed, {"all": 20}, f"{number}", How(systematic=True, zone=6))
        drawn = Counter(selection.zone[row_id] for row_id in selection.drawn)
        assert drawn == {"001": 6, "002": 6, "003": 8}
        whole = Counter(selection.zone.values())
        assert all(abs(whole[zone] - drawn[zone] * 103 / 20) <= 2 for zone in drawn)
        assert [selection.zone[row.row_id] for row in listed] == sorted(selection.zone.values())

"""Sizes by rule and allocations, against figures worked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.faults import Faults
from survey.plan.wave_spec import Allocation, Design, Method, Rule, Size
from survey.sample.sizes import invitations, margin_of_error
from survey.sample.strata import stratify

SLOVIN = Size(Rule.SLOVIN, 0.05)
COCHRAN = Size(Rule.COCHRAN, 0.05)


@pytest.mark.parametrize(
    ("population", "response", "asked"),
    [
        (400, 1.0, 200),  # 400 / (1 + 400/400), exactly
        (1000, 1.0, 286),  # 285.7
        (1000, 0.7, 409),  # 408.2: returns divided by the response, rounded once
        (10**6, 1.0, 400),  # 399.8
        (300, 0.5, 300),  # 342.9: there are no more
        (1, 1.0, 1),
    ],
)
def test_slovin(population: int, response: float, asked: int) -> None:
    assert invitations(SLOVIN, population, response) == asked


@pytest.mark.parametrize(
    ("size", "population", "response", "asked"),
    [
        (COCHRAN, 10**9, 1.0, 385),  # 384.1
        (COCHRAN, 1000, 1.0, 278),  # 384.1 / (1 + 383.1/1000) = 277.7
        (COCHRAN, 1000, 0.7, 397),  # 396.8
        (replace(COCHRAN, deff=2.0), 10**9, 1.0, 769),
        (replace(COCHRAN, p=0.1), 10**9, 1.0, 139),  # 138.3
        (replace(COCHRAN, confidence=0.99), 10**9, 1.0, 664),  # z = 2.5758
    ],
)
def test_cochran(size: Size, population: int, response: float, asked: int) -> None:
    assert invitations(size, population, response) == asked


@given(st.integers(1, 10**6), st.sampled_from([0.03, 0.05, 0.1]), st.sampled_from([1.0, 0.8]))
def test_the_size_reaches_its_error_and_no_smaller_one_does(population: int, e: float, response: float) -> None:
    size = replace(COCHRAN, e=e)
    n = invitations(size, population, response)
    assert 1 <= n <= population
    # Cochran's own finite correction is n₀/(1 + (n₀−1)/N), whose error is e within one person in N.
    if n < population:
        reached = margin_of_error(n * response, population)
        assert reached is not None
        assert reached <= e * (1 + 1 / population) * 1.001


def design(n: int | None = 60, **changes: object) -> Design:
    return replace(Design(Method.STRATIFIED, ("unit",), n), **changes)  # type: ignore[arg-type]


def take(made: Design, counts: Mapping[str, int], values: Mapping[str, list[float]] | None = None) -> Mapping[str, int]:
    spread = {(name,): each for name, each in (values or {}).items()}
    return stratify(made, {(name,): size for name, size in counts.items()}, spread).take


def test_neyman_by_declared_deviations() -> None:
    made = design(allocation=Allocation.NEYMAN, deviations=(("a", 10.0), ("b", 30.0)))
    assert take(made, {"a": 300, "b": 100}) == {"a": 30, "b": 30}  # 3000 : 3000


def test_neyman_by_a_column_of_the_frame() -> None:
    made = design(allocation=Allocation.NEYMAN, deviation="days")
    values = {"a": [0.0, 2.0] * 100, "b": [0.0, 8.0] * 50, "c": [5.0] * 100}
    found = take(made, {"a": 200, "b": 100, "c": 100}, values)
    # N S = 200 × 1.0025 : 100 × 4.0202; c has no spread and gets only what it must.
    assert found == {"a": 20, "b": 40, "c": 0}
    assert take(replace(made, minimum=5), {"a": 200, "b": 100, "c": 100}, values)["c"] == 5


def test_neyman_must_know_every_level_and_no_other() -> None:
    made = design(allocation=Allocation.NEYMAN, deviations=(("a", 1.0), ("x", 1.0)))
    with pytest.raises(Faults) as caught:
        take(made, {"a": 300, "b": 100})
    assert [str(fault) for fault in caught.value.faults] == [
        "“deviation” says nothing of unit b", "“deviation” names unit x, which is not in the list",
    ]  # fmt: skip


def test_power_lies_between_equal_and_proportional() -> None:
    counts = {"a": 900, "b": 100}
    assert take(design(40, allocation=Allocation.POWER, power=0.5), counts) == {"a": 30, "b": 10}  # 30 : 10
    assert take(design(40, allocation=Allocation.POWER, power=1.0), counts) == {"a": 36, "b": 4}
    assert take(design(40, allocation=Allocation.POWER, power=0.0), counts) == {"a": 20, "b": 20}


def test_bounds_above() -> None:
    assert take(design(60, maximum=35), {"a": 900, "b": 50, "c": 50}) == {"a": 35, "b": 13, "c": 12}
    with pytest.raises(Faults, match=r"3 levels of “unit” with at most 15 each .* give n = 45 or fewer, not 60"):
        take(design(60, maximum=15), {"a": 900, "b": 50, "c": 50})


def test_a_size_for_each_unit_and_those_that_cannot_reach_it() -> None:
    size = replace(SLOVIN, e=0.1, each=True)
    made = stratify(design(None, size=size, response=0.8), {("big",): 5000, ("small",): 40})
    assert made.take == {"big": ceil(5000 / 51 / 0.8), "small": 36}
    made = stratify(design(None, size=size, response=0.5), {("big",): 5000, ("small",): 40})
    assert made.take == {"big": 197, "small": 40}
    (note,) = made.notes
    assert note == (
        "unit small has 40: all are taken, and with 50% answering the error is ±15.5% where ±10.0% was asked for"
    )


def test_a_size_for_the_whole_group() -> None:
    made = stratify(Design(Method.SIMPLE, n=None, size=SLOVIN, response=0.7), {(): 1000})
    assert (made.take, made.notes) == ({"all": 409}, ())
    made = stratify(Design(Method.SIMPLE, n=None, size=SLOVIN, response=0.5), {(): 300})
    assert made.take == {"all": 300}
    assert "the list has 300: all are taken" in made.notes[0]


def staged(**changes: object) -> Design:
    return replace(Design(Method.TWO_STAGE, ("khu",), 40, psu="xa", psus=5), **changes)  # type: ignore[arg-type]


PSUS = {("a",): {"x1": 100, "x2": 100, "x3": 3}, ("b",): {"y1": 50, "y2": 50}}
ROWS = {("a",): 203, ("b",): 100}


def test_first_stage_units_are_shared_out_by_people_two_at_least() -> None:
    made = stratify(staged(), ROWS, {}, PSUS)
    assert (made.psus, made.take) == ({"a": 3, "b": 2}, {"a": 8, "b": 8})
    assert made.notes == ("1 of “xa” have fewer than 8 in the list: where drawn, all are taken",)
    made = stratify(staged(n=41, psus=9, reserve=0.25), ROWS, {}, PSUS)
    assert (made.psus, made.take, made.reserve) == ({"a": 3, "b": 2}, {"a": 9, "b": 9}, {"a": 3, "b": 3})
    assert made.notes[0] == "only 5 of “xa” in the list: all are taken instead of 9"
    assert made.notes[1] == "n = 41 is rounded up to 9 in each of 5 of “xa”"


def test_first_stages_that_cannot_be() -> None:
    with pytest.raises(Faults, match="2 strata with at least 2 of “xa” each need psus = 4 or more, not 3"):
        stratify(staged(psus=3), ROWS, {}, PSUS)
    with pytest.raises(Faults, match=r"“xa” x1 lies in several strata \(a, b\)"):
        stratify(staged(), ROWS, {}, {**PSUS, ("b",): {"y1": 50, "x1": 50}})


def test_a_reserve_is_a_share_of_each_stratum_as_far_as_there_is_anybody() -> None:
    made = stratify(design(60, reserve=0.2), {("a",): 500, ("b",): 35})
    assert (made.take, made.reserve) == ({"a": 56, "b": 4}, {"a": 12, "b": 1})

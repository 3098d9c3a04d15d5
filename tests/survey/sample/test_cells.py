"""Cells of at least k: merging loses as little as the declared order allows, or stops by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.faults import Faults
from forms.text import Text
from survey.plan.wave_spec import Design, Group, Method, TooFew
from survey.sample.cells import Merging, Traits, merge, population, runs

GROUP = Group(
    "dan", Text({"vi": "Dân"}), "q", "dossier", Design(Method.STRATIFIED, ("unit", "channel"), 60),
    margins=("channel", "level"), merge=("multiplicity", "level", "channel"),
)  # fmt: skip


def cell(unit: str = "u", channel: str = "counter", level: str = "3", multiplicity: str = "1") -> Traits:
    return Traits(
        (("unit", unit), ("channel", "*")), (), (("channel", channel), ("level", level)), multiplicity, (unit,)
    )


def sizes(counts: dict[Traits, int], merging: Merging) -> Counter[Traits]:
    carried: Counter[Traits] = Counter()
    for traits, number in counts.items():
        if traits in merging.into:
            carried[merging.into[traits]] += number
    return carried


def test_cells_that_hold_k_stay_as_they_are() -> None:
    counts = {cell(): 5, cell(channel="online"): 9}
    assert merge(counts, GROUP, 5).into == {traits: traits for traits in counts}


def test_the_weight_is_smoothed_before_a_margin_is_lost() -> None:
    counts = {cell(): 9, cell(multiplicity="2"): 1, cell(channel="online"): 6}
    merging = merge(counts, GROUP, 5)
    assert sizes(counts, merging) == {cell(multiplicity="*"): 10, cell(channel="online"): 6}


def test_only_the_neighbours_that_are_needed_are_joined() -> None:
    counts = {cell(level="1"): 3, cell(level="2"): 30, cell(level="3"): 6, cell(level="4"): 1}
    assert sizes(counts, merge(counts, GROUP, 5)) == {cell(level="2"): 30, cell(level="*"): 10}


def test_where_one_trait_is_not_enough_the_next_goes_too() -> None:
    counts = {cell(channel="online", level="4"): 2, cell(level="3"): 20}
    merging = merge(counts, GROUP, 5)
    assert sizes(counts, merging) == {cell(channel="*", level="*"): 22}


def test_two_small_cells_become_one_before_a_large_one_is_touched() -> None:
    counts = {cell(level="1"): 3, cell(level="2"): 4, cell(level="3"): 50}
    assert sizes(counts, merge(counts, GROUP, 5)) == {cell(level="*"): 7, cell(level="3"): 50}


def test_units_never_merge_and_the_draw_stops_with_every_cells_name() -> None:
    counts = {cell("so_a"): 4, cell("so_b", channel="online", multiplicity="2"): 2, cell("so_c"): 5}
    with pytest.raises(Faults) as caught:
        merge(counts, GROUP, 5)
    assert [str(fault).partition(";")[0] for fault in caught.value.faults] == [
        "group dan: the cell “stratum so_a/*, channel counter, level 3, assesses so_a” holds 4 invitations, "
        "fewer than 5",
        "group dan: the cell “stratum so_b/*, channel online, level 3, found at 2 units, assesses so_b” holds "
        "2 invitations, fewer than 5",
    ]


def test_or_they_are_left_out_and_counted() -> None:
    counts = {cell("so_a"): 4, cell("so_c"): 5}
    merging = merge(counts, replace(GROUP, too_few=TooFew.LEAVE_OUT), 5)
    assert merging.into == {cell("so_c"): cell("so_c")}
    assert merging.left_out == {cell("so_a"): 4}


def test_strata_merge_only_when_declared() -> None:
    def split(channel: str) -> Traits:
        return Traits((("unit", "u"), ("channel", channel)), (), (), "1", ("u",))

    counts = {split("counter"): 3, split("online"): 8}
    with pytest.raises(Faults):
        merge(counts, replace(GROUP, margins=()), 5)
    merging = merge(counts, replace(GROUP, margins=(), merge=("stratum:channel",)), 5)
    (carried,) = set(merging.into.values())
    assert (carried.stratum, carried.wclass) == ("u/*", "u/*")


def test_response_classes_of_their_own_merge_with_their_column() -> None:
    def classed(channel: str) -> Traits:
        return Traits((("unit", "u"),), (("channel", channel),), (), "1", ("u",))

    counts = {classed("counter"): 3, classed("online"): 8}
    merging = merge(counts, replace(GROUP, margins=(), classes=("channel",), merge=("channel",)), 5)
    assert {carried.wclass for carried in merging.into.values()} == {"*"}


traits = st.builds(cell, st.sampled_from("uvw"), st.sampled_from(["counter", "online"]), st.sampled_from("1234"),
                   st.sampled_from("123"))  # fmt: skip


@given(st.dictionaries(traits, st.integers(1, 9), min_size=1))
def test_nobody_is_lost_and_no_cell_stays_under_k(counts: dict[Traits, int]) -> None:
    merging = merge(counts, replace(GROUP, too_few=TooFew.LEAVE_OUT), 5)
    carried = sizes(counts, merging)
    assert all(number >= 5 for number in carried.values())
    assert sum(carried.values()) + sum(merging.left_out.values()) == sum(counts.values())
    assert {drawn.units for drawn in counts} >= {each.units for each in carried}
    for drawn, kept in merging.into.items():
        assert drawn.units == kept.units
        assert all(b in (a, "*") for (_, a), (_, b) in zip(drawn.margins, kept.margins, strict=True))
    units: Counter[tuple[str, ...]] = Counter()
    for drawn, number in counts.items():
        units[drawn.units] += number
    # Everything within a unit may merge, so only a unit that is too small as a whole is left out.
    assert all(units[left.units] < 5 for left in merging.left_out)


def test_the_population_follows_the_cells_it_was_drawn_into() -> None:
    drawn = {cell(): 9, cell(channel="online"): 2, cell(multiplicity="2"): 1}
    merging = merge(drawn, GROUP, 5)
    everybody = {
        cell(): 90, cell(channel="online"): 20, cell(multiplicity="2"): 6, cell(multiplicity="3"): 4,
        cell(level="4"): 7, cell("v"): 3,
    }  # fmt: skip
    totals = population(everybody, merging)
    assert sum(totals.values()) == 130
    assert {(each.stratum, *(level for _, level in each.margins)): number for each, number in totals.items()} == {
        ("u/*", "*", "3"): 120, ("u/*", "counter", "4"): 7, ("v/*", "counter", "3"): 3,
    }  # fmt: skip


def test_a_population_that_was_not_drawn_goes_where_everything_it_tells_is_hidden() -> None:
    drawn = {cell(level="1"): 3, cell(level="2"): 4}
    totals = population({cell(level="1"): 30, cell(level="4"): 5}, merge(drawn, GROUP, 5))
    assert [(dict(each.margins)["level"], number) for each, number in totals.items()] == [("*", 35)]


@given(st.integers(1, 200), st.integers(2, 12))
def test_runs_are_at_least_k_and_as_many_as_fit(number: int, k: int) -> None:
    rows = [f"{each}" for each in range(number)]
    made = list(runs(rows, k))
    assert [row for run in made for row in run] == rows
    assert all(len(run) >= k for run in made) or number < k
    assert len(made) == max(1, number // k)
    assert max(map(len, made)) - min(map(len, made)) <= 1


@given(
    st.lists(st.tuples(st.sampled_from("ab*"), st.sampled_from("xy*"), st.sampled_from("12*")), max_size=12),
    st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from("12")),
)
def test_a_population_goes_to_the_first_cell_that_tells_nothing_against_it(
    carried: list[tuple[str, str, str]], own: tuple[str, str, str]
) -> None:
    def traits(levels: tuple[str, str, str]) -> Traits:
        return Traits((("unit", levels[0]),), (), (("channel", levels[1]), ("level", levels[2])), "", ())

    made = [traits(levels) for levels in carried]
    expected = [
        each
        for each, levels in zip(made, carried, strict=True)
        if all(level in (mine, "*") for mine, level in zip(own, levels, strict=True))
    ]
    drawn = {Traits((("unit", f"drawn {place}"),), (), (), "", ()): each for place, each in enumerate(made)}
    totals = population({traits(own): 7}, Merging(drawn, {}))
    assert totals == {expected[0] if expected else traits(own): 7}


def test_many_small_cells_merge_without_comparing_each_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    merged = Traits.merged

    def counted(traits: Traits, names: Iterable[str]) -> Traits:
        nonlocal compared
        compared += 1
        return merged(traits, names)

    monkeypatch.setattr(Traits, "merged", counted)
    counts = {cell(unit=f"u{n % 100:02d}", channel=f"{n // 100:03d}"): 1 + n % 3 for n in range(3000)}
    carried = sizes(counts, merge(counts, GROUP, 5))
    assert sum(carried.values()) == sum(counts.values()) and min(carried.values()) >= 5
    assert compared < 10 * len(counts)

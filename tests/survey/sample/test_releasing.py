"""Where released people go: only into cells that are there, and never about their own office."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forms.faults import Faults
from forms.text import Text
from survey.plan.wave_spec import Design, Group, Method, TooFew
from survey.sample.cells import Traits
from survey.sample.releasing import homes, share

DESIGN = Design(Method.STRATIFIED, ("unit",), 60)
GROUP = Group("dan", Text({"vi": "Dân"}), "q", "dossier", DESIGN, margins=("channel",))


def cell(unit: str = "u", channel: str = "counter", multiplicity: str = "1", units: tuple[str, ...] = ("u",)) -> Traits:
    return Traits((("unit", unit),), (), (("channel", channel),), multiplicity, units)


def test_the_cell_of_the_same_traits_before_one_that_hides_more() -> None:
    there = {"a": cell(), "b": cell(channel="*"), "c": cell(channel="*", multiplicity="*")}
    fresh = {"x": cell(), "y": cell(channel="online"), "z": cell(channel="online", multiplicity="3")}
    assert homes(GROUP, {}, fresh, fresh, there, "seed") == {"x": there["a"], "y": there["b"], "z": there["c"]}


def test_nobody_goes_where_something_false_would_be_told() -> None:
    there = {"a": cell(), "b": cell("v", units=("v",))}
    fresh = {"x": cell(channel="online"), "y": cell("v", multiplicity="2", units=("v",)), "z": cell()}
    with pytest.raises(Faults) as caught:
        homes(GROUP, {}, fresh, fresh, there, "seed")
    assert [str(fault) for fault in caught.value.faults] == [
        "group dan: nobody drawn shares the cell “stratum u, channel online, assesses u” with 1 of those to be "
        "released",
        "group dan: nobody drawn shares the cell “stratum v, channel counter, found at 2 units, assesses v” with 1 of "
        "those to be released",
    ]
    left_out = homes(replace(GROUP, too_few=TooFew.LEAVE_OUT), {}, fresh, fresh, there, "seed")
    assert left_out == {"z": there["a"]}


def test_of_blocks_the_seed_chooses_and_never_the_own_office() -> None:
    there = {f"{n}": cell(units=block) for n, block in enumerate([("a", "b"), ("c", "d"), ("b", "c")])}
    fresh = {f"x{n}": cell(units=()) for n in range(60)}
    own = dict.fromkeys(fresh, "a")
    found = homes(GROUP, own, fresh, fresh, there, "seed")
    assert {traits.units for traits in found.values()} == {("c", "d"), ("b", "c")}
    assert homes(GROUP, own, fresh, fresh, there, "seed") == found
    assert homes(GROUP, own, fresh, fresh, there, "other") != found


def test_turns_are_in_proportion_to_what_was_drawn_as_far_as_the_reserve_lasts() -> None:
    assert share(6, {"a": 40, "b": 20}, {"a": 9, "b": 9}) == {"a": 4, "b": 2}
    assert share(10, {"a": 40, "b": 20}, {"a": 3, "b": 9}) == {"a": 3, "b": 7}

"""Choices in one cell are found again, though their words hold the sign between them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from survey.external.several import parted

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=3).map(", ".join)


@given(st.sets(WORDS, min_size=1, max_size=6).flatmap(lambda all: st.tuples(st.just(all), st.lists(
    st.sampled_from(sorted(all)), min_size=1, max_size=5))))  # fmt: skip
def test_a_cell_that_can_be_read_in_one_way_gives_its_choices_back(drawn: tuple[set[str], list[str]]) -> None:
    choices, chosen = drawn
    found = parted(", ".join(chosen), ", ", choices.__contains__)
    assert found.unknown == 0 and set(found.pieces) <= choices
    assert ", ".join(found.pieces) == ", ".join(chosen)
    assert found.unsure or list(found.pieces) == chosen


def test_as_few_words_as_can_be_are_unknown_then_the_longest_choices_win() -> None:
    known = {"A", "B", "A, B", "B, C"}.__contains__
    assert parted("A, B, C", ", ", known).pieces == ("A", "B, C")  # not the longest first, which leaves C unknown
    both = parted("A, B", ", ", known)
    assert both.pieces == ("A, B",) and both.unsure
    strange = parted("A, nhờ người nhà, hàng xóm", ", ", known)
    assert strange.pieces == ("A", "nhờ người nhà", "hàng xóm") and strange.unknown == 2


def test_blanks_and_empty_parts_are_no_choices() -> None:
    assert parted("A,  , A,", ",", "A".__eq__).pieces == ("A", "A")
    assert parted("", ",", "A".__eq__).pieces == ()


def test_a_long_cell_is_read_in_no_time() -> None:
    assert parted(", ".join(["x"] * 5_000), ", ", {"x", "x, x"}.__contains__).unknown == 0

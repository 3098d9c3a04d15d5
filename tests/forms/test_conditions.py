"""show_if: what it means, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.conditions import DECLINED, NA, Comparison, ConditionError, Value, parse

ANSWERS: dict[str, Value | None] = {
    "overdue": "yes",
    "visits": 3,
    "ways": ("online", "post"),
    "skipped": None,
    "unknown": NA,
    "private": DECLINED,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("overdue == 'yes'", True),
        ('overdue == "yes"', True),
        ("overdue != 'yes'", False),
        ("overdue != 'no'", True),
        ("overdue in ['no', 'yes']", True),
        ("overdue not in ['no']", True),
        ("visits == 3 and visits != 2", True),
        ("visits < 3 or visits > 3", False),
        ("visits <= 3 and visits >= 3", True),
        ("visits > -1", True),
        ("visits in [1, 2]", False),
        ("'online' in ways", True),
        ("'counter' in ways", False),
        ("'counter' not in ways", True),
        ("answered(visits)", True),
        ("answered(skipped)", False),
        ("answered(absent)", False),
        ("answered(unknown)", True),
        ("answered(private)", False),
        ("unknown == 'na'", True),
        ("unknown > 1", False),
        # an item without an answer satisfies nothing, and its negation everything
        ("skipped == 'yes'", False),
        ("skipped != 'yes'", False),
        ("not skipped == 'yes'", True),
        ("'x' not in skipped", True),
        # not binds tighter than and, and tighter than or
        ("overdue == 'no' and visits == 3 or visits == 3", True),
        ("overdue == 'no' and (visits == 3 or visits == 3)", False),
        ("not overdue == 'no' and visits == 3", True),
        ("not (overdue == 'yes' and visits == 3)", False),
        ("not not overdue == 'yes'", True),
        ("overdue=='yes'and(visits==3)", True),
    ],
)
def test_a_condition_holds_as_written(text: str, holds: bool) -> None:
    assert parse(text).holds(ANSWERS) is holds


def test_a_condition_names_its_items_and_comparisons() -> None:
    condition = parse("overdue == 'yes' and not ('x' in ways or answered(visits))")
    assert condition.names == {"overdue", "ways", "visits"}
    assert condition.comparisons == (
        Comparison("overdue", "==", ("yes",)),
        Comparison("ways", "has", ("x",)),
        Comparison("visits", "answered"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an item's id at its end"),
        ("overdue", "a comparison at its end"),
        ("overdue == ", "a value in quotes or a number at its end"),
        ("overdue == no", "where “no” stands"),
        ("overdue = 'no'", "cannot be read from “= 'no'” on"),
        ("overdue == 'no", "cannot be read"),
        ("(overdue == 'no'", "“)” at its end"),
        ("overdue == 'no')", "and, or, or the end where “)” stands"),
        ("overdue == 'no' visits == 1", "where “visits” stands"),
        ("and == 'no'", "an item's id where “and” stands"),
        ("answered(overdue", "“)” at its end"),
        ("answered('x')", "an item's id"),
        ("overdue in 'no'", "“[”"),
        ("overdue in []", "a value in quotes or a number"),
        ("overdue in ['no'", "“]”"),
        ("'no' == overdue", "“in”"),
        ("__import__('os')", "a comparison"),
        ("1 + 1", "cannot be read from “+ 1” on"),
        ("(" * 21 + "a == 1" + ")" * 21, "nests more than 20 deep"),
        ("not " * 30 + "a == 1", "nests more than 20 deep"),
        ("a == 1 or " * 60 + "a == 1", "longer than 500"),
    ],
)
def test_anything_else_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert message in str(caught.value)


@given(st.text(alphabet=st.sampled_from(list("ab1 '\"()[],=!<>-_\n\x00é")) | st.characters(), max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        parse(text).holds({"a": 1})
    except ConditionError as error:
        assert str(error)


# A tree of conditions with its meaning in Python, on two numbers that are both answered.
_COMPARED = st.tuples(
    st.sampled_from("ab"), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), st.integers(-2, 2)
).map(lambda parts: " ".join(map(str, parts)))
_TREES = st.recursive(
    _COMPARED,
    lambda below: st.one_of(
        below.map(lambda part: f"not ({part})"),
        st.tuples(below, st.sampled_from(["and", "or"]), below).map(
            lambda parts: f"({parts[0]}) {parts[1]} {parts[2]}"
        ),
    ),
    max_leaves=6,
)


@given(_TREES, st.integers(-2, 2), st.integers(-2, 2))
def test_conditions_on_answered_numbers_mean_what_python_means(text: str, a: int, b: int) -> None:
    meant = eval(text, {"__builtins__": {}}, {"a": a, "b": b})  # noqa: S307 (our own text)
    assert parse(text).holds({"a": a, "b": b}) is meant

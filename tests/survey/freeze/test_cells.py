"""Cells of k respondents: what is merged, what is averaged, what is left out."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from survey.freeze.cells import Merged, merge
from survey.freeze.respondent import Label, Respondent
from survey.plan.wave_spec import Design, Group, Method, Text

K = 5
CITIZENS = Group(
    "dan", Text({"vi": "Người dân"}), "citizen", "dossier",
    Design(Method.STRATIFIED, ("unit", "channel"), 100), margins=("area",), merge=("multiplicity", "area"),
)  # fmt: skip


def label(unit: str, channel: str, area: str = "urban") -> Label:
    return Label("dan", f"{unit}/{channel}", f"{unit}/{channel}", (("area", area),))


def people(
    number: int, unit: str, channel: str, area: str = "urban", weight: float = 1.0, mode: str = "qr"
) -> list[Respondent]:
    one = Respondent(label(unit, channel, area), mode, "complete", (unit,), (weight,), ({},), {})
    return [one] * number


def merged(respondents: list[Respondent], *more: Label, group: Group = CITIZENS) -> Merged:
    return merge(respondents, [*{each.label for each in respondents}, *more], [group], K)


def cells(result: Merged) -> Counter[object]:
    return Counter((each.label, each.mode, each.units, each.weights) for each in result.respondents)


def test_large_cells_stay_as_they_are() -> None:
    result = merged(people(5, "a", "online") + people(7, "a", "counter"))
    assert {(key[0].stratum, number) for key, number in cells(result).items()} == {("a/online", 5), ("a/counter", 7)}
    assert result.too_few == 0
    assert result.notes == ()
    assert all(old == new for old, new in result.labels.items())


def test_the_mode_goes_first() -> None:
    result = merged(people(6, "a", "online") + people(2, "a", "online", mode="paper"))
    assert [(key[1], number) for key, number in cells(result).items()] == [("*", 8)]
    assert result.respondents[0].label == label("a", "online")
    assert [str(note) for note in result.notes] == ["dan: the mode of 8 respondents dropped"]


def test_weights_are_averaged_before_margins_merge_and_keep_their_sum() -> None:
    respondents = people(5, "a", "online", weight=1.0) + people(3, "a", "online", weight=2.0)
    result = merged(respondents)
    assert len(cells(result)) == 1
    assert result.respondents[0].weights == ((5 * 1.0 + 3 * 2.0) / 8,)
    assert dict(result.respondents[0].label.margins) == {"area": "urban"}


def test_margins_merge_in_the_declared_order_and_for_the_whole_design_row() -> None:
    unanswered = label("a", "online", "island")
    result = merged(people(6, "a", "online", "urban") + people(4, "a", "online", "rural"), unanswered)
    assert {key[0] for key in cells(result)} == {label("a", "online", "*")}
    assert result.labels[unanswered] == label("a", "online", "*")
    assert result.too_few == 0


def test_strata_merge_last_and_innermost_first() -> None:
    result = merged(people(6, "a", "online") + people(3, "a", "counter") + people(9, "b", "online"))
    assert {key[0].stratum for key in cells(result)} == {"a/*", "b/online"}
    assert {key[0].wclass for key in cells(result)} == {"a/*", "b/online"}


def test_who_is_under_k_in_the_whole_unit_is_left_out_and_counted() -> None:
    result = merged(people(4, "a", "online") + people(5, "b", "online"))
    assert {each.units for each in result.respondents} == {("b",)}
    assert result.too_few == 4
    assert result.labels[label("a", "online")] == label("a", "online")
    assert [str(note) for note in result.notes] == [
        "dan: up to 5 respondents left out, their cells holding fewer than 5"
    ]


def test_sets_of_units_are_never_merged_with_each_other() -> None:
    officials = Group("cb", Text({"vi": "Cán bộ"}), "official", "kind:department")
    here = Label("cb", "all", "all", ())
    pair = [Respondent(here, "qr", "complete", ("a", "b"), (1.0, 1.0), ({}, {}), {})] * 6
    other = [Respondent(here, "qr", "complete", ("a", "c"), (1.0, 1.0), ({}, {}), {})] * 4
    result = merged(pair + other, group=officials)
    assert {each.units for each in result.respondents} == {("a", "b")}
    assert result.too_few == 4


def test_response_classes_of_their_own_merge_by_their_own_columns() -> None:
    group = Group(
        "dan", Text({"vi": "Dân"}), "citizen", "dossier", Design(Method.STRATIFIED, ("unit",), 9),
        classes=("age",), merge=("age",),
    )  # fmt: skip
    young, old = (Label("dan", "a", age, ()) for age in ("young", "old"))
    respondents = [
        Respondent(each, "qr", "complete", ("a",), (1.0,), ({},), {}) for each in (young, young, young, old, old)
    ]
    assert {each.label.wclass for each in merged(respondents, group=group).respondents} == {"*"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]), st.sampled_from(["online", "counter"]), st.sampled_from(["urban", "rural"]),
            st.sampled_from([1.0, 2.0, 3.0]), st.sampled_from(["qr", "paper"]),
        ),
        max_size=60,
    )
)  # fmt: skip
def test_no_cell_is_ever_under_k_and_nobody_gets_lost(told: list[tuple[str, str, str, float, str]]) -> None:
    respondents = [each for unit, *rest in told for each in people(1, unit, *rest)]  # type: ignore[arg-type]
    result = merged(respondents)
    assert all(number >= K for number in cells(result).values())
    assert len(result.respondents) + result.too_few == len(respondents)
    for unit in ("a", "b"):
        before = [each.weights[0] for each in respondents if each.units == (unit,)]
        after = [each.weights[0] for each in result.respondents if each.units == (unit,)]
        # A unit with k answers or more keeps all of them; strata that could join would not be left out.
        assert len(after) == (len(before) if len(before) >= K else 0)
        if after:
            assert abs(sum(after) - sum(before)) < 1e-9
    assert {each.label for each in result.respondents} <= set(result.labels.values())

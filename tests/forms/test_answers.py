"""Reading what was posted, and telling which items count."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms import catalogue
from forms.answers import (
    DECLINED,
    NA,
    AnswerFault,
    Value,
    cleaned,
    completeness,
    read,
    screened_out,
    submitted,
    visible,
)
from forms.questionnaire import ItemType, Questionnaire, Section


@pytest.fixture
def service(small: Questionnaire) -> Section:
    return small.sections[2]


@pytest.fixture
def visit(small: Questionnaire) -> Section:
    return small.sections[1]


def test_a_good_page_gives_its_values_and_none_for_what_was_left_empty(service: Section) -> None:
    posted = {"staff_1": ["v2"], "visits": [" 03 "], "ways": ["counter", "online"], "papers": ["  Sổ đỏ\r\n\x00mới "]}
    page = read(service, posted | {"revision": ["7"], "stranger": ["x"]})
    assert page.faults == ()
    assert page.values == {
        "staff_1": "v2",
        "visits": 3,
        "ways": ("online", "counter"),  # in the questionnaire's order
        "month": None,
        "many": None,
        "papers": "Sổ đỏ\nmới",
    }


@pytest.mark.parametrize(
    ("item", "sent", "value"),
    [
        ("staff_1", ["v1", "v3"], "v3"),
        ("staff_1", ["v1", ""], "v1"),
        ("staff_1", ["na"], NA),
        ("staff_1", ["v1", "na"], NA),
        ("staff_1", ["\u200bv1".replace("\u200b", "\t")], "v1"),
        ("ways", ["online", "online"], ("online",)),
        ("ways", ["na"], NA),
        ("ways", ["online", "na"], ("online",)),
        ("visits", ["0"], 0),
        ("visits", ["+5"], 5),
        ("visits", ["1 0"], 10),
        ("visits", ["٣", "4"], 4),
        ("month", ["2026-03"], 202603),
        ("month", ["2026-3-15"], 202603),
        ("month", ["03/2026"], 202603),
        ("month", [" 3 / 2026 "], 202603),
        ("month", ["15-3-2026"], 202603),
        ("papers", ["declined"], "declined"),
        ("papers", ["a" * 20], "a" * 20),
    ],
)
def test_values_are_read_forgivingly(service: Section, item: str, sent: list[str], value: Value) -> None:
    page = read(service, {item: sent})
    assert (page.values[item], page.faults) == (value, ())


@pytest.mark.parametrize(
    ("item", "sent", "key", "params"),
    [
        ("staff_1", "v9", "unknown_choice", {}),
        ("staff_1", "declined", "unknown_choice", {}),  # offered only where an answer is required
        ("many", "na", "unknown_choice", {}),  # this item does not offer it
        ("ways", "boat", "unknown_choice", {}),
        ("visits", "many", "not_a_number", {}),
        ("visits", "1.5", "not_a_number", {}),
        ("visits", "٣", "not_a_number", {}),
        ("visits", "51", "out_of_range", {"minimum": 0, "maximum": 50}),
        ("visits", "-1", "out_of_range", {"minimum": 0, "maximum": 50}),
        ("visits", "9" * 5000, "out_of_range", {"minimum": 0, "maximum": 50}),
        ("month", "13/2026", "not_a_month", {}),
        ("month", "2026", "not_a_month", {}),
        ("month", "03/1026", "not_a_month", {}),
    ],
)
def test_bad_values_are_faults_and_change_nothing(
    service: Section, item: str, sent: str, key: str, params: dict[str, int]
) -> None:
    page = read(service, {item: [sent]})
    assert page.faults == (AnswerFault(item, key, params),)
    assert item not in page.values


def test_a_text_that_is_too_long_is_a_fault_and_kept(service: Section) -> None:
    page = read(service, {"papers": ["x" * 21]})
    assert page.faults == (AnswerFault("papers", "too_long", {"maximum": 20, "length": 21}),)
    assert page.values["papers"] == "x" * 21


def test_text_is_stored_composed_and_counted_so(service: Section) -> None:
    typed = unicodedata.normalize("NFD", "Ê" * 20)
    page = read(service, {"papers": [typed]})
    assert (page.values["papers"], page.faults) == ("Ê" * 20, ())


def test_lone_surrogates_never_reach_the_store(service: Section) -> None:
    value = read(service, {"papers": ["a\ud800b"]}).values["papers"]
    assert value == "ab"


def test_a_required_item_asks_once(visit: Section) -> None:
    page = read(visit, {})
    assert page.faults == (AnswerFault("used", "required"),)
    assert page.values == {"used": None}
    assert read(visit, {"asked": [""]}).faults == ()
    assert read(visit, {"asked": ["1"], "used": ["declined"]}).values == {"used": DECLINED}


def test_a_required_item_that_earlier_answers_hide_is_not_asked(small_text: str) -> None:
    from forms.questionnaire import load

    source = small_text.replace("show_if = \"many == 'papers'\"", "show_if = \"many == 'papers'\"\nrequired = true")
    section = load(source, "x").sections[2]
    assert read(section, {}).faults == ()
    assert read(section, {"many": ["papers"]}).faults == (AnswerFault("papers", "required"),)
    source = source.replace("many == 'papers'", "used == 'yes'")
    section = load(source, "x").sections[2]
    assert read(section, {}, {"used": "no"}).faults == ()
    assert read(section, {}, {"used": "yes"}).faults == (AnswerFault("papers", "required"),)


SECTIONS = [s for name in catalogue.QUESTIONNAIRES for s in catalogue.questionnaire(name).sections]
ANYTHING = st.text(max_size=30) | st.sampled_from(
    ["v1", "v5", "yes", "no", NA, DECLINED, "", "0", "-7", "1e9", "03/2026", "\x00", "x" * 1200, "９９"]
)


@st.composite
def posts(draw: st.DrawFn, section: Section) -> dict[str, list[str]]:
    names = (
        st.sampled_from([item.id for item in section.items])
        | st.sampled_from(["asked", "revision"])
        | st.text(max_size=5)
    )
    return draw(st.dictionaries(names, st.lists(ANYTHING, max_size=3), max_size=8))


@given(st.data())
def test_no_post_breaks_the_reader(data: st.DataObject) -> None:
    section = data.draw(st.sampled_from(SECTIONS), label="section")
    posted = data.draw(posts(section), label="posted")
    page = read(section, posted)
    items = {item.id: item for item in section.items if item.type is not ItemType.NOTE}
    wrong = {fault.item for fault in page.faults if fault.key not in ("too_long", "required")}
    assert set(page.values) | wrong == set(items) and not set(page.values) & wrong
    for id, value in page.values.items():
        if value is None or value in (NA, DECLINED):
            continue
        choices = {choice.id for choice in items[id].choices}
        match items[id].type:
            case ItemType.MULTIPLE:
                assert isinstance(value, tuple) and value and set(value) <= choices
            case ItemType.NUMBER | ItemType.DATE:
                assert isinstance(value, int)
            case ItemType.TEXT:
                assert isinstance(value, str) and unicodedata.is_normalized("NFC", value) and "\x00" not in value
            case _:
                assert value in choices


@given(st.data())
def test_reading_what_was_read_changes_nothing(data: st.DataObject) -> None:
    section = data.draw(st.sampled_from(SECTIONS))
    first = read(section, data.draw(posts(section)) | {"asked": [""]}).values
    again = {id: list(v) if isinstance(v, tuple) else [str(v)] for id, v in first.items() if v is not None}
    months = {i.id for i in section.items if i.type is ItemType.DATE}
    again |= {id: [f"{str(first[id])[:4]}-{str(first[id])[4:]}"] for id in months & set(again)}
    second = read(section, again | {"asked": [""]}).values
    assert {id: v for id, v in second.items() if v is not None} == {id: v for id, v in first.items() if v is not None}


# -- which items count


def test_screening_out_hides_whatever_comes_after(small: Questionnaire) -> None:
    assert screened_out(small, {"used": "no"})
    assert not screened_out(small, {"used": "yes"}) and not screened_out(small, {})
    assert visible(small, {"used": "no", "staff_1": "v1"}) == {"role", "used"}
    assert submitted(small, {"role": "head", "used": "no", "staff_1": "v1"}) == {"role": "head", "used": "no"}


def test_a_hidden_item_counts_as_unanswered_for_those_after_it(small: Questionnaire) -> None:
    values: dict[str, Value | None] = {
        "used": "yes",
        "visits": 4,
        "ways": ("counter",),
        "many": "papers",
        "papers": "Sổ đỏ",
    }
    assert {"many", "papers"} <= visible(small, values)
    once = values | {"visits": 1}
    assert not {"many", "papers"} & visible(small, once)
    assert submitted(small, once) == {"used": "yes", "visits": 1, "ways": ("counter",)}


def test_submitted_answers_keep_dont_know_and_declined_but_nothing_empty(small: Questionnaire) -> None:
    values: dict[str, Value | None] = {"papers": None, "staff_1": NA, "used": DECLINED, "stranger": "x"}
    assert list(submitted(small, values).items()) == [("used", DECLINED), ("staff_1", NA)]


def test_completeness_counts_closed_items_that_applied(small: Questionnaire) -> None:
    respondent: dict[str, Value | None] = {"role": "head", "answered_by": None}
    first: dict[str, Value | None] = {"used": "yes", "staff_1": NA, "ways": ("online",), "visits": 2}
    second: dict[str, Value | None] = {"used": DECLINED, "visits": 3, "ways": ("counter",), "many": None}
    # respondent: role, answered_by; first: used, staff_1, ways; second: used, staff_1, ways, many
    assert completeness(small, respondent, [first]) == (4, 5)
    assert completeness(small, respondent, [first, second]) == (5, 9)
    assert completeness(small, respondent, []) == (1, 2)  # every unit declined
    assert completeness(small, {}, [{"used": "no"}]) == (1, 2)  # screened out: role and used only
    assert completeness(small, respondent, [{"used": "no"}, first]) == (5, 6)


@given(st.data())
def test_submitted_is_visible_and_submitting_again_changes_nothing(data: st.DataObject) -> None:
    questionnaire = catalogue.questionnaire(data.draw(st.sampled_from(catalogue.QUESTIONNAIRES)))
    values: dict[str, Value | None] = {}
    for section in questionnaire.sections:
        answers = {
            item.id: [data.draw(st.sampled_from([c.id for c in item.choices] + ["", NA]))]
            for item in section.items
            if item.closed
        }
        values |= read(section, answers | {"asked": [""]}).values
    kept = submitted(questionnaire, values)
    assert set(kept) <= visible(questionnaire, values)
    assert submitted(questionnaire, kept) == kept
    units = {id: v for id, v in kept.items() if id in questionnaire.unit_items}
    respondent = {id: v for id, v in kept.items() if id not in questionnaire.unit_items}
    answered, applicable = completeness(questionnaire, respondent, [units])
    assert answered == sum(questionnaire.items[id].closed for id in kept) <= applicable


@pytest.mark.parametrize("mark", ["\ufffe", "\uffff", "\x00", "\ud800", "\x1b"])
def test_what_no_workbook_can_hold_is_taken_out_of_words(mark: str) -> None:
    assert cleaned(f"Tốt{mark}, cảm ơn") == "Tốt, cảm ơn"

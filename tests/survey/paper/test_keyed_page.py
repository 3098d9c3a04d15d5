"""A form keyed on a screen says what the same form says in a keyed table."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forms import questionnaire as questionnaires
from forms.questionnaire import ItemType
from survey.drafts import DECLINED_UNIT
from survey.keying import keyed_page
from tests.conftest import QUESTIONNAIRE

ASKED = questionnaires.load(QUESTIONNAIRE, "nho.toml")
THREE = ("so_a", "so_b", "so_c")


def answers(keyed: keyed_page.Keyed) -> dict[tuple[str, str], object]:
    return {key: entry.value for key, entry in keyed.draft.entries.items()}


def test_the_fields_stand_in_the_order_of_the_paper_with_its_numbers() -> None:
    (about_self, office) = keyed_page.parts(ASKED, ("so_a",))
    assert (about_self.unit, about_self.title, office.unit, office.declines) == ("", "Về Ông/Bà", "so_a", "")
    told = [(field.name, field.number) for part in (about_self, office) for field in part.fields]
    assert told[:3] == [("a0-sex", 1), ("a1-used", 2), ("a1-q1", 3)]
    several = keyed_page.parts(ASKED, THREE)
    assert [part.unit for part in several] == ["", *THREE]
    assert [part.declines for part in several] == ["", "a1-declined", "a2-declined", "a3-declined"]
    names = [field.name for part in several for field in part.fields]
    assert len(set(names)) == len(names)


def test_printed_numbers_become_answers_as_in_a_table(keyed_once) -> None:
    told = {"sex": "2", "used": "1", "q1": "3", "q2": "1", "why": "2 1", "visits": "4", "said": "Chờ lâu"}
    form = keyed_once.form(6, told)
    typed = {f"a{0 if id == 'sex' else 1}-{id}": value for id, value in told.items()}
    keyed = keyed_page.read(ASKED, ("so_a",), typed)
    assert (keyed.wrong, keyed.empty) == ((), False)
    assert keyed.draft == form.draft


def test_every_fault_is_told_by_its_field() -> None:
    keyed = keyed_page.read(ASKED, THREE, {
        "a0-sex": "7", "a2-q1": "x", "a2-visits": "100", "a3-declined": "1", "a3-q1": "1", "a9-q1": "1", "q1": "1",
    })  # fmt: skip
    told = {each.field: each.fault.key if each.fault else None for each in keyed.wrong}
    assert told == {"a0-sex": "unknown_choice", "a2-q1": "unknown_choice", "a2-visits": "out_of_range", "a3-q1": None}


def test_a_declined_unit_and_a_blank_form() -> None:
    keyed = keyed_page.read(ASKED, THREE, {"a2-declined": "1", "a1-q1": "2"})
    assert answers(keyed) == {("so_b", DECLINED_UNIT): "1", ("so_a", "q1"): "v2"}
    assert keyed_page.read(ASKED, THREE, {"a1-q1": "  "}).empty
    # Where one unit is asked about there is nothing to decline
    assert keyed_page.read(ASKED, ("so_a",), {"a1-declined": "1"}).empty


def test_a_field_knows_how_much_it_takes() -> None:
    fields = {field.item.id: field for part in keyed_page.parts(ASKED, ("so_a",)) for field in part.fields}
    assert (fields["said"].longest, fields["why"].longest, fields["q1"].longest) == (60, 60, 10)
    assert all(field.last is None for field in fields.values() if not field.item.allow_na)
    assert {field.item.type for field in fields.values()}.isdisjoint({ItemType.NOTE})


@given(st.dictionaries(st.sampled_from(["a0-sex", "a1-used", "a1-q1", "a2-why", "a3-said", "a1-declined"]), st.text()))
def test_nothing_that_is_typed_breaks_the_page(typed: dict[str, str]) -> None:
    keyed = keyed_page.read(ASKED, THREE, typed)
    assert {each.field for each in keyed.wrong} <= typed.keys()

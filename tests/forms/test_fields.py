"""Sections drawn as forms: what a browser and a screen reader get."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from werkzeug.datastructures import MultiDict

from forms import catalogue
from forms.answers import read
from forms.fields import VIETNAMESE, Words, section_form
from forms.questionnaire import Item, ItemType, Questionnaire, Section, load


class Page(HTMLParser):
    """Elements in order: (tag, attributes), and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()
        assert self.open == [], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names)
        self.elements.append((tag, dict(attrs)))
        if tag != "input":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def labelled(self) -> int:
        return sum(name == "label" for name, _ in self.elements)


def drawn(section: Section, posted: dict[str, list[str]] | None = None, language: str = "vi") -> dict[str, Page]:
    form = section_form(section, language)(
        MultiDict((name, value) for name, values in (posted or {}).items() for value in values)
    )
    return {field.name: Page(str(field())) for field in form}


SECTIONS = [(q, s) for q in catalogue.QUESTIONNAIRES for s in catalogue.questionnaire(q).sections]


@pytest.mark.parametrize(("questionnaire", "section"), SECTIONS, ids=[f"{q}-{s.id}" for q, s in SECTIONS])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_choices_are_one_fieldset_with_its_legend_and_boxes_have_their_label(
    questionnaire: str, section: Section, language: str
) -> None:
    for item in section.items:
        page = drawn(section, language=language)[item.id]
        tags = [tag for tag, _ in page.elements[:2]]
        assert tags == (["fieldset", "legend"] if item.closed else ["div", "label"])
        assert page.elements[0][1]["id"] == item.id
        assert item.text.of(language) in page.words
        controls = page.all("input") + page.all("textarea")
        assert {control["name"] for control in controls} == {item.id}
        boxes = [control for control in controls if control.get("type") in ("radio", "checkbox")]
        assert len(boxes) == (len(item.choices) + item.allow_na if item.closed else 0)
        assert page.labelled == len(controls)
        if not item.closed:
            assert page.all("label")[0]["for"] == controls[0]["id"]


def test_what_was_posted_is_shown_again_whatever_it_was(small: Questionnaire) -> None:
    posted = {
        "staff_1": ["v2"],
        "ways": ["online", "counter"],
        "visits": ['"><script>'],
        "month": ["soon"],
        "papers": ["\n<b>Sổ</b> & đỏ"],
    }
    pages = drawn(small.sections[2], posted)
    assert [radio["value"] for radio in pages["staff_1"].all("input") if "checked" in radio] == ["v2"]
    assert [box["value"] for box in pages["ways"].all("input") if "checked" in box] == ["online", "counter"]
    assert pages["visits"].all("input")[0]["value"] == '"><script>'
    assert pages["month"].all("input")[0]["value"] == "soon"
    assert not pages["papers"].all("b") and pages["papers"].words.endswith("\n\n<b>Sổ</b> & đỏ")


def test_answers_out_of_a_draft_are_shown_and_read_back_the_same(small: Questionnaire) -> None:
    section = small.sections[2]
    values = {"staff_1": "na", "visits": 0, "ways": ("counter",), "month": 202603, "papers": "Sổ", "many": None}
    form = section_form(section)(data=values)
    shown = {}
    for field in form:
        page = Page(str(field()))
        ticked = [str(box["value"]) for box in page.all("input") if "checked" in box or "type" not in box]
        shown[field.name] = ticked or ([page.words.rsplit("\n", 1)[1]] if page.all("textarea") else [])
    assert read(section, shown).values == values


def test_a_note_is_only_words(small: Questionnaire) -> None:
    page = drawn(small.sections[2])["welcome"]
    assert page.words == "Xin trả lời về lần gần nhất."
    assert [tag for tag, _ in page.elements] == ["p"]


def test_errors_and_hints_are_tied_to_their_item() -> None:
    section = catalogue.questionnaire("citizen").sections[0]
    form = section_form(section)()
    field = form["used"]
    assert Page(str(field())).all("fieldset")[0]["aria-describedby"] == "used-hint"
    field.fault = "Xin chọn một câu trả lời"
    field.asked = True
    page = Page(str(field()))
    fieldset = page.all("fieldset")[0]
    assert fieldset["aria-describedby"] == "used-fault used-hint"
    assert fieldset["class"] == "item wrong"
    assert {p["id"] for p in page.all("p")} == {"used-hint", "used-fault"}
    assert page.all("input")[-1]["value"] == "declined" and VIETNAMESE.declined in page.words


def test_rather_not_answer_is_offered_only_after_asking() -> None:
    section = catalogue.questionnaire("citizen").sections[0]
    values = [radio["value"] for radio in drawn(section)["used"].all("input")]
    assert values == ["yes", "no"]
    again = drawn(section, {"used": ["declined"]})["used"].all("input")[-1]
    assert again["value"] == "declined" and "checked" in again


def test_five_points_stand_in_a_row_and_dont_know_apart() -> None:
    section = catalogue.questionnaire("official").sections[0]
    field = section_form(section, "en", Words(na="Don't know"))()["steering_plan"]
    page = Page(str(field()))
    assert [div["class"] for div in page.all("div")] == ["choices five", "choices apart"]
    assert "Don't know" in page.words


def test_a_fault_of_a_box_to_write_in_is_tied_to_it(small: Questionnaire) -> None:
    field = section_form(small.sections[2])()["visits"]
    field.fault = "Xin nhập một số"
    box = Page(str(field())).all("input")[0]
    assert box["aria-describedby"] == "visits-fault" and box["aria-invalid"] == "true"


def test_a_section_has_one_form_class_per_language(small: Questionnaire, small_text: str) -> None:
    section = small.sections[2]
    assert section_form(section, "vi") is section_form(load(small_text, "x").sections[2], "vi")
    assert section_form(section, "vi") is not section_form(section, "en")


def test_dont_know_beside_a_number_is_a_box_of_its_own(small_text: str) -> None:
    source = small_text.replace("max = 50", "max = 50\nna = true\nrequired = true")
    section = load(source, "x").sections[2]
    item: Item = next(item for item in section.items if item.id == "visits")
    assert item.type is ItemType.NUMBER
    page = drawn(section, {"visits": ["na"]})["visits"]
    text, box = page.all("input")
    assert (text["value"], box["type"], box["value"]) == ("", "checkbox", "na") and "checked" in box

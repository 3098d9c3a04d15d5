"""One form keyed on a screen: its questions in the order of the paper, a short field each, checked as a table's row is.

Pure. A field takes what is printed at the boxes (1, 2, …; 9 for “don't know”), as a keyed table's cell does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forms.answers import AnswerFault, Value
from forms.questionnaire import Item, ItemType, Questionnaire
from survey.drafts import DECLINED_UNIT, RESPONDENT, Draft, Key
from survey.keying.keyed_file import read_cells
from survey.paper import marks as paper_marks

DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Field:
    """A question with the name of its field and its number on the paper."""

    name: str
    number: int
    item: Item

    @property
    def last(self) -> int | None:
        """The number printed at “don't know”; None where the question has no such box."""
        return paper_marks.na_code(self.item) if self.item.allow_na else None

    @property
    def longest(self) -> int:
        """How many characters may be typed."""
        if self.item.type is ItemType.TEXT:
            return self.item.max_length
        return 60 if self.item.type is ItemType.MULTIPLE else 10


@dataclass(frozen=True, slots=True)
class Part:
    """The questions of one section, about one unit ('' about the respondent); ``declines``: the box to decline it."""

    unit: str
    title: str
    fields: tuple[Field, ...]
    declines: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A field that cannot be taken. ``fault`` is None where an answer stands beside a unit that was declined."""

    field: str
    fault: AnswerFault | None


@dataclass(frozen=True, slots=True)
class Keyed:
    """What was keyed. ``empty``: nothing at all, which is a blank form and not an answer."""

    draft: Draft
    wrong: tuple[Wrong, ...]
    empty: bool


def parts(questionnaire: Questionnaire, units: tuple[str, ...], language: str = "vi") -> tuple[Part, ...]:
    """The form of one invitation about these units, in the order of its pages on paper."""
    numbers = {id: n for n, id in enumerate(
        (item.id for item in questionnaire.items.values() if item.type is not ItemType.NOTE), start=1
    )}  # fmt: skip
    found: list[Part] = []
    opened: set[int] = set()
    for page in questionnaire.pages(len(units)):
        for section in page.parts:
            about = page.unit if section.each == "unit" else None
            fields = tuple(
                Field(_name(about, item.id), numbers[item.id], item) for item in section.items if item.id in numbers
            )
            first = about is not None and about not in opened and len(units) > 1
            opened |= {about} if about is not None else set()
            declines = _name(about, DECLINED) if first else ""
            if fields or declines:
                unit = RESPONDENT if about is None else units[about]
                found.append(Part(unit, section.title.of(language), fields, declines))
    return tuple(found)


def read(questionnaire: Questionnaire, units: tuple[str, ...], posted: Mapping[str, str]) -> Keyed:
    """Read what was keyed; never raises, whatever was posted."""
    page: dict[Key, Value | None] = {}
    wrong: list[Wrong] = []
    asked = [item for item in questionnaire.items.values() if item.type is not ItemType.NOTE]
    for about in (None, *range(len(units))):
        mine = [item.id for item in asked if (item.id in questionnaire.unit_items) is (about is not None)]
        cells = {id: posted.get(_name(about, id), "").strip() for id in mine}
        values, faults = read_cells(questionnaire, cells)
        wrong += [Wrong(_name(about, each.item), each) for each in faults]
        unit = RESPONDENT if about is None else units[about]
        if about is not None and len(units) > 1 and posted.get(_name(about, DECLINED)):
            page[unit, DECLINED_UNIT] = "1"
            wrong += [Wrong(_name(about, id), None) for id in values]
            continue
        page |= {(unit, id): value for id, value in values.items()}
    return Keyed(Draft().merged(page, seen=0), tuple(wrong), not page)


def _name(about: int | None, item: str) -> str:
    """Of a field: the unit's place on the paper, and the item; 0 where it is about the respondent."""
    return f"a{0 if about is None else about + 1}-{item}"

"""From the sheets of an XLSForm to a questionnaire of ours."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from forms import questionnaire as questionnaires
from forms import questionnaire_text
from forms.conditions import Condition, ConditionError, Junction, write
from forms.conditions import parse as parse_condition
from forms.faults import Fault, Faults
from forms.questionnaire import Choice, Item, ItemType, Layout, Questionnaire, Section
from forms.text import Text
from forms.xlsform import expressions, sheets
from forms.xlsform.conditions import Node, condition
from forms.xlsform.expressions import Unsayable
from forms.xlsform.lists import lists, made_id, text
from forms.xlsform.notes import Kind, Note, Notes
from forms.xlsform.questions import Asked, question, relevant
from forms.xlsform.sheets import Form, Row
from forms.xlsform.unasked import lists_of_what_was_lost, whole_sheets
from forms.xlsform.writing import INTRO, OWN, SECTION

MOST_ROWS = 2_000
OTHER = Text({"vi": "Khác", "en": "Other"})


@dataclass(frozen=True, slots=True)
class Imported:
    """A form as a questionnaire, which ``questionnaire.load`` has read back, and what became of the rest."""

    questionnaire: Questionnaire
    notes: tuple[Note, ...]


def read(content: bytes, file: str) -> Imported:
    """Read an XLSForm. Raises Faults where it is none, or asks nothing that can be asked here."""
    form = sheets.read(content, file)
    if len(form.survey) > MOST_ROWS:
        raise Faults([Fault(f"has more than {MOST_ROWS} rows", file)])
    return of_form(form, Notes())


def of_form(form: Form, notes: Notes) -> Imported:
    """The questionnaire that rows make, wherever they come from; ``notes`` are what was said of them so far.

    Raises Faults where nothing is left to ask.
    """
    reader = _Reader(form, notes)
    made = reader.whole()
    source = questionnaire_text.write(made)
    try:
        read_back = questionnaires.load(source, form.file)
    except Faults as found:
        raise Faults([_of_row(fault, source, reader.asked, form.file) for fault in found.faults]) from found
    return Imported(read_back, reader.notes.in_order())


def _of_row(fault: Fault, source: str, asked: Asked, file: str) -> Fault:
    """A fault of the questionnaire that was made, at the row of the form that it comes from."""
    above = source.splitlines()[: fault.row or 0]
    ids = [found[1] for line in above if (found := re.match(r'id = "([a-z0-9_]+)"', line))]
    row = asked.rows.get(ids[-1]) if ids else None
    return Fault(fault.message, f"{file} [survey]" if row else file, row, fault.column)


@dataclass(slots=True)
class _Open:
    """A group that has begun: its row, its condition, and whether what stands in it is left out."""

    row: Row
    condition: Node | None = None
    dropped: bool = False


@dataclass(slots=True)
class _Part:
    """A section in the making."""

    row: int
    id: str
    title: Text
    each: Literal["unit", "respondent"]
    items: list[Item] = field(default_factory=list)
    intro: Text | None = None


class _Reader:
    """Walks the rows from top to bottom."""

    def __init__(self, form: Form, notes: Notes) -> None:
        self.form = form
        self.notes = notes
        self.lists = lists(form, self.notes)
        self._with_others()
        self.asked = Asked(self.lists, self.notes)
        self.parts: list[_Part] = []
        self.open: list[_Open] = []
        self.loose = False  # the last section is one that rows outside all groups made
        self.title = self._title()

    def whole(self) -> Questionnaire:
        """The questionnaire. Raises Faults when nothing is left to ask."""
        whole_sheets(self.form, self.lists, self.notes)
        for row in self.form.survey:
            self._row(row)
        lists_of_what_was_lost(self.form, self.lists, self.asked.rows.values(), self.notes)
        if self.open:
            raise Faults([self._fault(self.open[-1].row, "begins a group that never ends")])
        parts = [part for part in self.parts if part.items]
        for part in self.parts:
            if not part.items:
                self.notes.left_out("survey", part.row, part.id, "is a group of which nothing is left to ask")
        if not any(item.type is not ItemType.NOTE for part in parts for item in part.items):
            lost = [str(note) for note in self.notes.in_order() if note.kind is Kind.LEFT_OUT]
            why = "; ".join(lost[:5]) or "it has no question"
            raise Faults([Fault(f"asks nothing that can be asked here: {why}", self.form.file)])
        factors = self._factors({item.factor for part in parts for item in part.items if item.factor})
        shared = Counter(item.scale for part in parts for item in part.items)
        sections = (
            Section(part.id, part.title, tuple(self._kept(_beside(item, shared), factors) for item in part.items),
                    part.intro, part.each)
            for part in parts
        )  # fmt: skip
        settings = self.form.settings
        return Questionnaire(
            self._id(), _whole(settings.get("version", ""), 1),
            _whole(settings.get("phieu_minutes", ""), 5), self.title, factors, tuple(sections),
            self._screen_out(), "", Layout.PAGE if settings.get("phieu_layout") == "page" else Layout.SECTIONS,
        )  # fmt: skip

    def _id(self) -> str:
        named = self.form.settings.get("form_id", "")
        id = made_id(named or "phieu", "q")
        if named and id != named:
            self.notes.changed("settings", 2, "form_id", f"is “{named[:40]}”: the questionnaire is now called “{id}”")
        return id

    def _fault(self, row: Row, message: str) -> Fault:
        return Fault(message, f"{self.form.file} [survey]", row.number)

    def _row(self, row: Row) -> None:
        kind = re.sub(r"[\s_]+", " ", row.get("type").casefold())
        if row.get("disabled").casefold() in ("yes", "true", "true()"):
            self.notes.left_out("survey", row.number, row.get("name"), "is marked as disabled")
        elif not kind:
            self.notes.left_out("survey", row.number, row.get("name"), "has no type")
        elif kind in ("begin group", "begin repeat"):
            self._begin(row, repeat=kind == "begin repeat")
        elif kind in ("end group", "end repeat"):
            if not self.open:
                raise Faults([self._fault(row, "ends a group that never began")])
            self.open.pop()
        elif any(group.dropped for group in self.open):
            self.notes.left_out("survey", row.number, row.get("name"), "stands in a part that is left out")
        elif kind == "note" and row.get("name").endswith(INTRO) and self.parts and not self.parts[-1].items:
            self.parts[-1].intro = self._words(row)
        else:
            each = self.parts[-1].each if self.open or self.loose else "unit"
            if made := question(row, self.asked, self._condition(), each):
                self._section(row).items.extend(made)

    def _words(self, row: Row) -> Text:
        return text(row.words.get("label", {}), self.notes, "survey", row.number, row.get("name") or row.get("type"))

    def _begin(self, row: Row, *, repeat: bool) -> None:
        name = row.get("name")
        group = _Open(row, dropped=repeat)
        if any(each.dropped for each in self.open):
            self.notes.left_out("survey", row.number, name, "stands in a part that is left out")
        elif repeat:
            self.notes.left_out("survey", row.number, name, "repeats its questions, which cannot be done here")
        elif not self.open:
            id = made_id(name.removesuffix(SECTION), "s", {part.id for part in self.parts})
            title = self._words(row) if row.words.get("label") else self.title
            self.parts.append(_Part(row.number, id, title, _each(row)))
            self.loose = False
        self.open.append(group)
        if not group.dropped and row.get("relevant") and not self._screens(row):
            group.condition = relevant(row, self.asked, self.parts[-1].each if self.parts else "unit")
        used = ("type", "name", "relevant", "phieu_each")
        appearance = ("appearance",) if row.get("appearance") == "field-list" else ()
        self.notes.unused("survey", row.number, row.cells.items(), (*used, *appearance))
        for said in row.words.get("hint", {}).values():
            self.notes.left_out(
                "survey", row.number, name, f"has the hint “{said[:40]}”, for which a group has no place"
            )
        if len(self.open) > 1 and row.words.get("label") and not any(each.dropped for each in self.open):
            self._heading(row)

    def _heading(self, row: Row) -> None:
        """A group in a group: its questions join the outer section under a note."""
        self.notes.changed("survey", row.number, row.get("name"), "is a group in a group: its heading is now a note")
        plain = Row(row.number, {"type": "note", "name": row.get("name")}, {"label": row.words["label"]})
        self.parts[-1].items.extend(question(plain, self.asked, self._condition(), self.parts[-1].each))

    def _screens(self, row: Row) -> bool:
        """Whether a group's condition only says what ``phieu_screen_out`` says for all that follows."""
        out = self.form.settings.get("phieu_screen_out", "")
        return bool(out) and row.get("relevant") == f"not({out})"

    def _condition(self) -> Node | None:
        parts = tuple(group.condition for group in self.open if group.condition is not None)
        return None if not parts else parts[0] if len(parts) == 1 else Junction("and", parts)

    def _section(self, row: Row) -> _Part:
        """The section in which a row stands."""
        if not self.open and not self.loose:
            id = made_id(f"part_{len(self.parts) + 1}", "s", {part.id for part in self.parts})
            self.parts.append(_Part(row.number, id, self.title, "unit"))
            self.loose = True
            self.notes.changed("survey", row.number, row.get("name"), "stands in no group: a section was made for it")
        return self.parts[-1]

    def _with_others(self) -> None:
        """Lists that are asked with “or other” get that choice."""
        for row in self.form.survey:
            match = re.search(r"(\S+)\s+(or_other|or specify other)\s*$", row.get("type"))
            found = self.lists.get(match[1]) if match else None
            if match and found and "other" not in found.ids:
                choice = Choice("other", OTHER, None, len(found.choices))
                self.lists[match[1]] = dataclasses.replace(
                    found, choices=(*found.choices, choice), ids={**found.ids, "other": "other"}
                )

    def _title(self) -> Text:
        settings = self.form.settings
        words = {"vi": settings.get("form_title") or settings.get("form_id") or "Phiếu khảo sát"}
        told = {
            name.removeprefix("phieu_title_"): said for name, said in settings.items() if name[:12] == "phieu_title_"
        }
        return text(words | told, self.notes, "settings", 2, "form_title")

    def _factors(self, used: set[str]) -> dict[str, Text]:
        named = {
            row.get("name"): text(row.words.get("label", {}), self.notes, "phieu_factors", row.number, row.get("name"))
            for row in self.form.factors
        }
        return {id: words for id, words in named.items() if id in used}

    def _kept(self, item: Item, factors: Mapping[str, Text]) -> Item:
        if item.factor is None or item.factor in factors:
            return item
        self.notes.left_out("survey", None, item.id, f"has the factor “{item.factor}”, which “phieu_factors” has not")
        return dataclasses.replace(item, factor=None)

    def _screen_out(self) -> Condition | None:
        told = self.form.settings.get("phieu_screen_out", "")
        if not told:
            return None
        try:
            return parse_condition(write(condition(expressions.parse(told), self.asked.known)))
        except (Unsayable, ConditionError) as error:
            self.notes.left_out("settings", 2, "phieu_screen_out", str(error))
            return None


def _beside(item: Item, shared: Mapping[str | None, int]) -> Item:
    """A list that is called after its only question, as ``writing`` does, stands beside it again and is no scale."""
    return dataclasses.replace(item, scale=None) if item.scale == OWN + item.id and shared[item.scale] == 1 else item


def _each(row: Row) -> Literal["unit", "respondent"]:
    return "respondent" if row.get("phieu_each") == "respondent" else "unit"


def _whole(said: str, usual: int) -> int:
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 and int(said) > 0 else usual

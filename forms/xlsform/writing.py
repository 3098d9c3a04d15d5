"""From a questionnaire of ours to the sheets of an XLSForm."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forms.conditions import NA
from forms.questionnaire import Choice, Each, Item, ItemType, Layout, Questionnaire, Section
from forms.text import LANGUAGE, Text
from forms.xlsform.conditions import expression
from forms.xlsform.lists import DONT_KNOW, made_id
from forms.xlsform.notes import Note, Notes

INTRO, SECTION, REST = "__intro", "__section", "__rest"  # two underscores: never part of an item's id
OWN = "list_"  # before an item's id: the list of choices that only this item has
_LANGUAGES = {"vi": "Tiếng Việt (vi)", "en": "English (en)"}
_TYPES = {ItemType.NUMBER: "integer", ItemType.TEXT: "text", ItemType.DATE: "date", ItemType.NOTE: "note"}


@dataclass(frozen=True, slots=True)
class Exported:
    """A workbook that pyxform accepts, and what other tools will not know of the questionnaire."""

    content: bytes
    notes: tuple[Note, ...]


def write(asked: Questionnaire) -> Exported:
    """An XLSForm of a questionnaire."""
    writer = _Writer(asked)
    sheets = {"survey": list(writer.survey()), "choices": list(writer.choices()), "settings": [writer.settings()]}
    if asked.factors:
        sheets["phieu_factors"] = [{"name": id, **writer.words("label", name)} for id, name in asked.factors.items()]
    made = _workbook(sheets)
    _check(made)
    return Exported(made, writer.notes.in_order())


def _check(made: bytes) -> None:
    """What pyxform does not accept is no XLSForm: a mistake of ours must stop the export, not somebody's fieldwork."""
    # Imported here: it is large, and only this needs it.
    from pyxform.xls2xform import convert

    convert(io.BytesIO(made), file_type=".xlsx")


class _Writer:
    def __init__(self, asked: Questionnaire) -> None:
        self.asked = asked
        self.notes = Notes()
        for rule in asked.contradictions:
            self.notes.left_out(
                "survey", None, rule.id, "is a rule of contradiction, which an XLSForm has no place for"
            )
        self.row = 1
        self.languages = _languages(asked)
        self.lists: dict[tuple[str | None, str, bool], tuple[str, tuple[Choice, ...]]] = {}  # their names in the form
        self.scales = {item.scale for item in asked.items.values() if item.scale}
        out = asked.screen_out
        self.out = expression(out.root, asked.items) if out else ""
        order = list(asked.items)
        self.screened = frozenset(order[max(order.index(name) for name in out.names) + 1 :]) if out else frozenset()

    def words(self, heading: str, said: Text) -> dict[str, str]:
        """Words by language under their headings; ``${`` would be read as a question's name."""
        return {
            f"{heading}::{_LANGUAGES.get(language, f'{language} ({language})')}": words.replace("${", "$ {")
            for language, words in said.items()
        }

    def survey(self) -> Iterator[dict[str, str]]:
        for section in self.asked.sections:
            for row in self._section(section):
                self.row += 1
                yield row

    def _section(self, section: Section) -> Iterator[dict[str, str]]:
        whole = bool(section.items) and section.items[0].id in self.screened
        shown = {"relevant": f"not({self.out})"} if whole else {}
        each = {"phieu_each": section.each} if section.each != Each.UNIT.value else {}
        title = self.words("label", section.title)
        yield {
            "type": "begin_group",
            "name": section.id + SECTION,
            **title,
            "appearance": "field-list",
            **shown,
            **each,
        }
        if section.intro is not None:
            yield {"type": "note", "name": section.id + INTRO, **self.words("label", section.intro)}
        inside = False
        for item in section.items:
            if item.id in self.screened and not whole and not inside:
                yield {"type": "begin_group", "name": section.id + REST, "relevant": f"not({self.out})"}
                inside = True
            yield self._item(item)
        if inside:
            yield {"type": "end_group"}
        yield {"type": "end_group"}

    def _item(self, item: Item) -> dict[str, str]:
        row = {"type": self._type(item), "name": item.id, **self.words("label", item.text)}
        if item.hint is not None:
            row |= self.words("hint", item.hint)
        if item.required:
            row["required"] = "yes"
        if item.show_if is not None:
            row["relevant"] = expression(item.show_if.root, self.asked.items)
        if limit := _constraint(item):
            row["constraint"] = limit
        if item.type is ItemType.DATE:
            row["appearance"] = "month-year"
        if item.factor is not None:
            row["phieu_factor"] = item.factor
        if item.allow_na and not item.closed:
            row["phieu_na"] = "yes"
            self.notes.left_out(
                "survey", self.row + 1, item.id, f"offers “{DONT_KNOW['vi']}”, which other tools cannot"
            )
        if item.type is ItemType.SINGLE and all(choice.value is not None for choice in item.choices):
            row["phieu_type"] = "single"
        if item.text.placeholders or (item.hint and item.hint.placeholders):
            self.notes.changed(
                "survey", self.row + 1, item.id, "has {period} in its words: write it out for other tools"
            )
        return row

    def _type(self, item: Item) -> str:
        if not item.closed:
            return _TYPES[item.type]
        name = self._list(item)
        return f"select_multiple {name}" if item.type is ItemType.MULTIPLE else f"select_one {name}"

    def _list(self, item: Item) -> str:
        """The list of an item: called as its scale, or after the item where it has none."""
        meant = item.scale or OWN + item.id
        key = item.scale, "" if item.scale else item.id, item.allow_na
        if key not in self.lists:
            taken = {name for name, _ in self.lists.values()} | (set() if item.scale else self.scales)
            usual = f"{meant}_{NA}" if meant in taken and item.allow_na else meant
            name = made_id(usual, "s", taken | (self.scales - {meant}))
            if item.scale and name != meant:
                self.notes.changed(
                    "choices", None, meant,
                    f"is asked with “{DONT_KNOW['vi']}” and without: it is also the list “{name}”",
                )  # fmt: skip
            self.lists[key] = name, item.choices
        return self.lists[key][0]

    def choices(self) -> Iterator[dict[str, str]]:
        """Every list; to be asked for after the survey, which names them."""
        for (_, _, na), (name, choices) in self.lists.items():
            for choice in choices:
                value = {} if choice.value is None else {"phieu_value": repr(choice.value)}
                yield {"list_name": name, "name": choice.id, **self.words("label", choice.text), **value}
            if na:
                words = {language: said for language, said in DONT_KNOW.items() if language in self.languages}
                yield {"list_name": name, "name": NA, **self.words("label", Text(words))}

    def settings(self) -> dict[str, str]:
        asked = self.asked
        told = {
            "form_title": str(asked.title), "form_id": asked.id, "version": str(asked.version),
            "default_language": _LANGUAGES[LANGUAGE], "phieu_minutes": str(asked.minutes),
        }  # fmt: skip
        told |= {f"phieu_title_{language}": said for language, said in asked.title.items() if language != LANGUAGE}
        if asked.layout is not Layout.SECTIONS:
            told["phieu_layout"] = asked.layout
        if self.out:
            told["phieu_screen_out"] = self.out
        return told


def _languages(asked: Questionnaire) -> frozenset[str]:
    """Every language that some words are in."""
    texts = [section.title for section in asked.sections]
    for item in asked.items.values():
        texts += [item.text, *(choice.text for choice in item.choices)]
    return frozenset(language for text in texts for language in text)


def _constraint(item: Item) -> str:
    if item.type is ItemType.TEXT:
        return f"string-length(.) <= {item.max_length}" if item.max_length != 1000 else ""
    if item.type is not ItemType.NUMBER:
        return ""
    limits = (
        ("." + sign + str(limit))
        for sign, limit in ((" >= ", item.minimum), (" <= ", item.maximum))
        if limit is not None
    )
    return " and ".join(limits)


def _workbook(sheets: Mapping[str, Sequence[Mapping[str, str]]]) -> bytes:
    """Every cell a string: what looks like a formula stays words."""
    import xlsxwriter  # here: 10 MB that a web worker seldom needs

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            headings = list(dict.fromkeys(heading for row in rows for heading in row))
            for column, heading in enumerate(headings):
                sheet.write_string(0, column, heading, bold)
                sheet.set_column(column, column, 44 if "::" in heading else 16)
            for number, row in enumerate(rows, 1):
                for heading, said in row.items():
                    sheet.write_string(number, headings.index(heading), said)
            sheet.freeze_panes(1, 0)
    return made.getvalue()

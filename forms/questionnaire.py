"""A questionnaire: sections ▸ items ▸ choices, as frozen data. ``load`` reads and checks a TOML file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Literal

from forms.conditions import Condition
from forms.faults import Fault, Faults
from forms.text import Text


class ItemType(StrEnum):
    """What kind of answer an item takes; a note takes none."""

    SCALE = "scale"
    SINGLE = "single"
    MULTIPLE = "multiple"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"  # a month: answers carry no day
    NOTE = "note"


PERIOD = "period"  # {period} in a text: the reference period, which each wave declares by group
PLACEHOLDERS = frozenset({PERIOD})
# Stands where no wave says better; inside a sentence, such as “Trong thời gian {period}, …” and “During {period}, …”.
USUAL_PERIOD = Text({"vi": "12 tháng qua", "en": "the past 12 months"})

CLOSED = frozenset({ItemType.SCALE, ItemType.SINGLE, ItemType.MULTIPLE})


class Each(StrEnum):
    """How often a section is asked."""

    UNIT = "unit"
    RESPONDENT = "respondent"


class Layout(StrEnum):
    """How sections come to pages."""

    SECTIONS = "sections"  # one section a page
    PAGE = "page"  # all sections about one unit on one page; all there are, where one unit is asked about


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose; ``value`` is its score in [0, 1], ``position`` counts from 0."""

    id: str
    text: Text
    value: float | None
    position: int


@dataclass(frozen=True)
class Item:
    """One question."""

    id: str
    type: ItemType
    text: Text
    hint: Text | None = None
    choices: tuple[Choice, ...] = ()
    allow_na: bool = False
    required: bool = False
    show_if: Condition | None = None
    factor: str | None = None
    minimum: int | None = None  # of a number
    maximum: int | None = None
    max_length: int = 1000  # of a text, in characters after NFC
    scale: str | None = field(default=None, compare=False)  # what its choices are called in the file

    @cached_property
    def closed(self) -> bool:
        """Whether it is answered by choosing."""
        return self.type in CLOSED

    def filled(self, words: Mapping[str, Text]) -> Item:
        """The item with what stands in braces put in."""
        return replace(self, text=self.text.filled(words), hint=self.hint.filled(words) if self.hint else None)

    def choice(self, id: str) -> Choice | None:
        """The choice with this id."""
        return self._by_id.get(id)

    @cached_property
    def _by_id(self) -> Mapping[str, Choice]:
        return {choice.id: choice for choice in self.choices}


@dataclass(frozen=True, slots=True)
class Section:
    """What is asked under one heading; ``each`` says whether once a unit or once a respondent."""

    id: str
    title: Text
    items: tuple[Item, ...]
    intro: Text | None = None
    each: Literal["unit", "respondent"] = "unit"

    def filled(self, words: Mapping[str, Text]) -> Section:
        """The section with what stands in braces put in."""
        intro = self.intro.filled(words) if self.intro else None
        items = tuple(item.filled(words) for item in self.items)
        return replace(self, title=self.title.filled(words), intro=intro, items=items)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a respondent's form; ``unit`` is the unit's place in that form from 0, ``number`` is from 1.

    ``section`` holds all that the page asks, ``parts`` the same under its headings: the section alone, or several.
    """

    section: Section
    unit: int | None
    number: int
    parts: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Answers that cannot both be meant: where ``when`` holds, the form is flagged. Nobody is asked anything by it."""

    id: str
    text: Text
    when: Condition


@dataclass(frozen=True)
class Questionnaire:
    """A whole questionnaire; ``text`` is its source and ``hash`` the SHA-256 of it."""

    id: str
    version: int
    minutes: int
    title: Text
    factors: Mapping[str, Text]
    sections: tuple[Section, ...]
    screen_out: Condition | None
    text: str
    layout: Layout = Layout.SECTIONS
    contradictions: tuple[Contradiction, ...] = ()

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the source, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every item by id, in order, notes included."""
        return {item.id: item for section in self.sections for item in section.items}

    @cached_property
    def unit_items(self) -> frozenset[str]:
        """The ids asked once a unit; the others are asked once a respondent."""
        return frozenset(item.id for section in self.sections if section.each == "unit" for item in section.items)

    @cached_property
    def deciding(self) -> tuple[str, ...]:
        """The items whose answers decide which others are shown."""
        rules = [item.show_if for item in self.items.values() if item.show_if]
        names = frozenset().union(*(rule.names for rule in (*rules, self.screen_out) if rule))
        return tuple(id for id in self.items if id in names)

    @cached_property
    def shown(self) -> dict[tuple[object, ...], frozenset[str]]:
        """Which items are shown for answers to the deciding ones, as far as ``answers.visible`` was asked."""
        return {}

    def about(self, period: Text | None) -> Questionnaire:
        """The questionnaire as it is read by people: its reference period put in, the usual one for None.

        The hash stays that of the source; what is put in is part of the wave's plan.
        """
        words = {PERIOD: period or USUAL_PERIOD}
        if words[PERIOD] not in self._worded:
            sections = tuple(section.filled(words) for section in self.sections)
            self._worded[words[PERIOD]] = replace(self, sections=sections)
        return self._worded[words[PERIOD]]

    @cached_property
    def _worded(self) -> dict[Text, Questionnaire]:
        return {}

    def pages(self, n_units: int) -> tuple[Page, ...]:
        """The fixed list of pages of a form about ``n_units`` units.

        First what is asked of the respondent before any unit, then unit by unit, then what is asked after.
        """
        before, about_unit, after = self._runs
        if self.layout is Layout.PAGE and n_units == 1:
            whole = tuple(section for run in self._runs for parts in run for section in parts)
            before, about_unit, after = (), (whole,), ()
        asked: list[tuple[tuple[Section, ...], int | None]] = [(parts, None) for parts in before]
        for unit in range(n_units):
            asked += [(parts, unit) for parts in about_unit]
        asked += [(parts, None) for parts in after]
        return tuple(Page(self._together(parts), unit, n, parts) for n, (parts, unit) in enumerate(asked, 1))

    @cached_property
    def _runs(self) -> tuple[tuple[tuple[Section, ...], ...], ...]:
        """The parts of the pages before the units, of one unit, and after the units."""
        units = [section for section in self.sections if section.each == "unit"]
        first = self.sections.index(units[0]) if units else len(self.sections)
        after = [section for section in self.sections[first:] if section.each == "respondent"]
        runs = (list(self.sections[:first]), units, after)
        if self.layout is Layout.PAGE:
            return tuple((tuple(run),) if run else () for run in runs)
        return tuple(tuple((section,) for section in run) for run in runs)

    def _together(self, parts: tuple[Section, ...]) -> Section:
        """Several sections as the one that their page reads and saves."""
        if len(parts) == 1:
            return parts[0]
        items = tuple(item for part in parts for item in part.items)
        return Section(parts[0].id, self.title, items, each=parts[0].each)


def load(source: str, name: str) -> Questionnaire:
    """Read and check a questionnaire; raises Faults with every fault and its line in ``name``."""
    # Imported here because the reader builds the classes above.
    from forms.questionnaire_file import read

    return read(source, name)


def load_file(path: Path) -> Questionnaire:
    """Read and check a questionnaire file; raises Faults."""
    return load(read_text(path), str(path))


def read_text(path: Path) -> str:
    """The UTF-8 text of a file; raises Faults when there is none."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(path))]) from error
    except UnicodeDecodeError as error:
        raise Faults([Fault("is not UTF-8 text", str(path))]) from error

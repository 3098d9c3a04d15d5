"""What the pack says, computed once: sections of blocks that the writers (page, PDF, document, workbook) lay out.

A sentence may be ``Markup`` whose only element is ``<b>``; ``runs`` takes it apart for those who write no HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from analysis.canvas import Chart
from analysis.report.cells import Cell

Sentence = Markup | str


class Role(StrEnum):
    """What a paragraph is."""

    PLAIN = "plain"
    QUIET = "quiet"
    LEAD = "lead"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section; ``level`` 3 or 4."""

    text: str
    level: int = 3


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; ``label`` stands above it."""

    text: Sentence
    role: Role = Role.PLAIN
    label: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list of sentences."""

    items: tuple[Sentence, ...]
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms, each with what is said of it; ``code``: hashes, to be copied letter by letter."""

    terms: tuple[tuple[str, tuple[Sentence, ...]], ...]
    code: bool = False


class Kind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    TEXT = "text"
    RANK = "rank"
    MAIN = "figure"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``under``: on a narrow screen it goes under the name; ``note`` a second line of the heading."""

    heading: str
    kind: Kind = Kind.NUMBER
    under: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; its column ``head`` names the row.

    ``id`` names it in the open data, ``sheet`` in the workbook.
    ``scale``: what drawn strips span. ``folded``: shown on request where that is possible, the summary's text.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[Cell, ...] | None = None
    head: int = 0
    scale: tuple[float, float] = (0.0, 1.0)
    sheet: str = ""
    folded: str = ""
    sortable: bool = True

    @property
    def cards(self) -> bool:
        """On a narrow screen every row becomes a card, nothing going under the name."""
        return len(self.columns) > 3 and not any(column.under for column in self.columns)

    @property
    def wide(self) -> bool:
        """Too many columns for an upright page."""
        return len(self.columns) > 9

    @property
    def lines(self) -> Iterator[tuple[Cell, ...]]:
        """Rows and foot."""
        yield from self.rows
        if self.foot:
            yield self.foot


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, and the same for a narrow screen."""

    caption: str
    wide: Chart
    narrow: Chart | None = None


@dataclass(frozen=True, slots=True)
class Legend:
    """What the tones mean, 1 to 5."""

    texts: tuple[str, ...]


Block = Heading | Text | Items | Terms | Table | Picture | Legend


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter; ``appendix`` ones come last in the bound report. ``link``: how the contents name it."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    appendix: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """The page of one unit; ``more`` is too long for its fact sheet of one page."""

    id: str
    name: str
    kind: str
    blocks: tuple[Block, ...]
    more: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """The whole publication. ``stamp`` stands on every page: DỰ THẢO while it is no more, or what became of it."""

    title: str
    about: tuple[str, ...]
    hash: str
    simulated: bool
    stamp: str
    notices: tuple[str, ...]
    front: tuple[Block, ...]
    sections: tuple[Section, ...]
    units: tuple[UnitSheet, ...]
    status: tuple[str, ...] = ()

    @property
    def tables(self) -> Iterator[Table]:
        """Every table of the province's part, in order."""
        for blocks in (self.front, *(section.blocks for section in self.sections)):
            yield from (block for block in blocks if isinstance(block, Table))

    @property
    def pictures(self) -> Iterator[Picture]:
        """Every chart of the province's part, in order."""
        for blocks in (self.front, *(section.blocks for section in self.sections)):
            yield from (block for block in blocks if isinstance(block, Picture))


def runs(sentence: Sentence) -> list[tuple[str, bool]]:
    """The pieces of a sentence, each with whether it is strong."""
    if not isinstance(sentence, Markup):
        return [(sentence, False)]
    pieces = re.split(r"(</?b>)", str(sentence))
    made, strong = [], False
    for piece in pieces:
        if piece in ("<b>", "</b>"):
            strong = piece == "<b>"
        elif piece:
            made.append((html.unescape(piece), strong))
    return made


def plain(sentence: Sentence) -> str:
    """The sentence without emphasis."""
    return "".join(text for text, _ in runs(sentence))

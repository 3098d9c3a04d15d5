"""How far the cells of a packed workbook reach, found before anything lays them out in memory.

A reader of spreadsheets keeps a rectangle: two cells in opposite corners of a sheet, or one that is said to be
repeated, would need more memory than any machine has, out of a file of a few hundred bytes. It also reads a formula
whose result was never saved as an empty cell, without a word: those are found here too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat  # never expands entities here: a document type is refused

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
LONGEST_CELL = 32_767  # characters: Excel's own limit
_ESCAPED = 10  # bytes that one character may take: &#x1F600; and its like
MOST_UNSAVED = 1_000  # cells that are remembered


class Unsound(ValueError):
    """A part that is no part of a workbook."""


class Extent:
    """The farthest row and column of a part of a workbook, fed piece by piece.

    ``unsaved``: the first cells whose formula has no saved result.
    """

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self.unsaved: list[str] = []
        self._row = self._column = 0
        self._holds = self._long = False
        self._run = 0
        self._type = self._inside = ""
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype

    @property
    def cells(self) -> int:
        """Cells of the rectangle from the first corner."""
        return self.rows * self.columns

    @property
    def overlong(self) -> bool:
        """Whether a text of cells is longer than a cell may be; other parts may hold long texts."""
        return self._holds and self._long

    def feed(self, piece: bytes, last: bool = False) -> None:
        """Read on. Raises Unsound where it is not well-formed."""
        first, *others = piece.split(b"<")
        self._run += len(first)
        self._long = self._long or max(self._run, *map(len, others), 0) > LONGEST_CELL * _ESCAPED
        if others:
            self._run = len(others[-1])
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise Unsound(str(error)) from error

    def _doctype(self, *_: object) -> None:
        raise Unsound("a document type")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self._row = _number(attributes.get("r"), self._row + 1)
                self._column = 0
            case "c":
                self._holds = True
                self._type = attributes.get("t", "")
                self._reach(attributes.get("r"))
            case "f" if self._holds:
                self._await_result()
            case "si":
                self._holds = True
            case "table":  # the next sheet of an .ods
                self._row = 0
            case "table-row":
                self._row += _number(attributes.get("table:number-rows-repeated"), 1)
                self._column = 0
            case "table-cell" | "covered-table-cell":
                self._column += _number(attributes.get("table:number-columns-repeated"), 1)
                self._holds = True
                valued = any(key.endswith("value-type") for key in attributes)
                formula = any(key.endswith(":formula") for key in attributes)
                if valued or formula:
                    self._keep(self._row, self._column)
                if formula and not valued:
                    self._miss()

    def _await_result(self) -> None:
        """Listen to what stands in this cell: only for formulas, which are few, for listening takes its time."""
        found = self._type == "str"  # an empty result is one

        def start(name: str, attributes: Mapping[str, str]) -> None:
            self._inside = name.rpartition(":")[2]

        def text(said: str) -> None:
            nonlocal found
            found = found or (self._inside == "v" and bool(said.strip()))

        def end(name: str) -> None:
            self._inside = ""
            if name.rpartition(":")[2] == "c":
                self._parser.StartElementHandler = self._start
                self._parser.CharacterDataHandler = self._parser.EndElementHandler = None
                if not found:
                    self._miss()

        self._inside = ""
        self._parser.StartElementHandler, self._parser.CharacterDataHandler = start, text
        self._parser.EndElementHandler = end

    def _miss(self) -> None:
        if len(self.unsaved) < MOST_UNSAVED:
            self.unsaved.append(f"{_letters(self._column)}{self._row}")

    def _reach(self, reference: str | None) -> None:
        match = _REFERENCE.fullmatch(reference or "")
        if match is None:
            self._column += 1
            self._keep(self._row, self._column)
            return
        column = 0
        for letter in match[1]:
            column = 26 * column + ord(letter) - 64
        self._row, self._column = int(match[2]), column
        self._keep(self._row, column)

    def _keep(self, row: int, column: int) -> None:
        if row > self.rows:
            self.rows = row
        if column > self.columns:
            self.columns = column


def _letters(column: int) -> str:
    """What a spreadsheet calls a column, from 1."""
    return (_letters((column - 1) // 26) if column > 26 else "") + chr(65 + (column - 1) % 26)


def _number(text: str | None, usual: int) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 8 else usual


def looked_into(name: str, start: bytes) -> bool:
    """Whether a part may hold cells: it is XML, however it is called. Raises Unsound for binary sheets (.xlsb).

    Old drawings (.vml) are often not well-formed and never sheets.
    """
    lower = name.casefold()
    if lower.endswith(".bin") and "sheet" in lower:
        raise Unsound("a binary sheet")
    if lower.endswith(".vml"):
        if b"sheetData" in start:
            raise Unsound("a sheet called a drawing")
        return False
    return lower.endswith((".xml", ".rels")) or b"<" in start.lstrip()[:8]

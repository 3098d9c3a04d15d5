"""How far the cells of a packed workbook reach, found before anything lays them out in memory.

A reader of spreadsheets keeps a rectangle: two cells in opposite corners of a sheet, or one that is said to be
repeated, would need more memory than any machine has, out of a file of a few hundred bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat  # never expands entities here: a document type is refused

_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


class Unsound(ValueError):
    """A part that is no part of a workbook."""


class Extent:
    """The farthest row and column of a part of a workbook, fed piece by piece."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._row = self._column = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype

    @property
    def cells(self) -> int:
        """Cells of the rectangle from the first corner."""
        return self.rows * self.columns

    def feed(self, piece: bytes, last: bool = False) -> None:
        """Read on. Raises Unsound where it is not well-formed."""
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
                self._reach(attributes.get("r"))
            case "table":  # the next sheet of an .ods
                self._row = 0
            case "table-row":
                self._row += _number(attributes.get("table:number-rows-repeated"), 1)
                self._column = 0
            case "table-cell" | "covered-table-cell":
                self._column += _number(attributes.get("table:number-columns-repeated"), 1)
                if any(key.endswith(("value-type", "formula")) for key in attributes):
                    self._keep(self._row, self._column)

    def _reach(self, reference: str | None) -> None:
        match = _REFERENCE.fullmatch(reference or "")
        if match is None:
            self._column += 1
            self._keep(self._row, self._column)
            return
        column = 0
        for letter in match[1]:
            column = 26 * column + ord(letter) - 64
        self._column = column
        self._keep(int(match[2]), column)

    def _keep(self, row: int, column: int) -> None:
        if row > self.rows:
            self.rows = row
        if column > self.columns:
            self.columns = column


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

"""Reads a pack back: the tables of a page, the text of a PDF, and what a table of the content should be there."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2

from analysis import numbers
from analysis.report.blocks import Table
from analysis.report.cells import Cell


def told(cell: Cell) -> str:
    return squeezed(cell.text + cell.sign + cell.note)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\u00ad]+", "", unicodedata.normalize("NFC", text))


class Tables(HTMLParser):
    """The tables of a page by id: bodies and feet as texts, with what a drawn cell says to those who cannot see it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.rows: list[list[str]] = []
        self.cell: list[str] | None = None
        self.skip = 0
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "table":
            self.rows = self.tables.setdefault(values.get("id") or "", [])
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = []
        elif tag == "svg" and self.cell is not None:
            self.cell.append((values["aria-label"] or "").replace(" đến ", numbers.DASH))
        elif tag == "small" and "phone" in (values.get("class") or ""):
            self.skip += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self.cell is not None:
            self.rows[-1].append(squeezed("".join(self.cell)))
            self.cell = None
        elif tag == "small" and self.skip:
            self.skip -= 1

    def handle_data(self, text: str) -> None:
        if self.cell is not None and not self.skip:
            self.cell.append(text)


def expected(table: Table) -> list[list[str]]:
    return [[told(cell) for cell in line] for line in table.lines]


def text_of(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = [sheet.get_textpage().get_text_bounded() for sheet in document]
    document.close()
    return squeezed(" ".join(pages))


def missing(table: Table, text: str) -> list[list[str]]:
    """Rows of a table that a text does not have, cell after cell."""
    return [row for row in expected(table) if "".join(row) not in text]

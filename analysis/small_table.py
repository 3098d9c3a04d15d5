"""Small tables that offices type: a heading row whose words may vary, then a line a unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forms import tables
from forms.faults import Fault, Faults
from forms.names import bare
from forms.tables import Cell, Sheet


@dataclass(frozen=True, slots=True)
class SmallTable:
    """The first sheet of a file, and which column holds what."""

    sheet: Sheet
    columns: Mapping[str, int]

    @property
    def rows(self) -> Iterator[tuple[int, dict[str, Cell]]]:
        """Number and cells by key of each row that has any; a column that is not there is empty."""
        for number, row in enumerate(self.sheet.rows[1:], 2):
            cells = {key: row[place] if place < len(row) else "" for key, place in self.columns.items()}
            if any(cell != "" for cell in cells.values()):
                yield number, cells

    def fault(self, message: str, number: int, key: str) -> Fault:
        """A fault of one cell."""
        return Fault(message, self.sheet.place, number, key)


def read(path: Path, headings: Mapping[str, Sequence[str]], needed: Sequence[str]) -> SmallTable:
    """Read a table by ``headings``: key → words without marks that stand for it. Raises Faults for what is missing."""
    sheet = tables.read(tables.content_of(path), str(path))[0]
    first = sheet.rows[0] if sheet.rows else ()
    columns = {
        key: place for place, cell in enumerate(first) for key, words in headings.items() if bare(str(cell)) in words
    }
    if lacking := [key for key in needed if key not in columns]:
        raise Faults(Fault("this column is missing", sheet.place, 1, key) for key in lacking)
    return SmallTable(sheet, columns)

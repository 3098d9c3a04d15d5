"""All sheets of the files that were given: which are tables with criteria as rows, and what they hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from analysis.office import headings
from analysis.office.reader import Asked, Found, SheetReader
from analysis.office.whose import Units
from analysis.wanted import Wanted
from forms.tables import Sheet


def _composed(sheet: Sheet) -> Sheet:
    """The sheet with letters and marks as one character each: some programs write them apart."""
    rows = [
        [unicodedata.normalize("NFC", cell) if isinstance(cell, str) else cell for cell in row] for row in sheet.rows
    ]
    return replace(sheet, name=unicodedata.normalize("NFC", sheet.name), rows=rows)


def read(
    sheets: Sequence[Sheet],
    table: Wanted,
    *,
    own_counts: bool = False,
    chosen: str | None = None,
    partial: bool = False,
) -> tuple[Found, set[int]]:
    """Read those of the sheets that are tables with criteria as rows; which they are, by place in ``sheets``."""
    sheets = [_composed(sheet) for sheet in sheets]
    units = Units({unit.id: unit.name for unit in table.units.values()})
    layouts = {at: layout for at, sheet in enumerate(sheets) if (layout := headings.find(sheet, units.known))}
    found = Found()
    for at, layout in layouts.items():
        alike = sum(sheets[other].file == sheets[at].file for other in layouts)
        SheetReader(sheets[at], layout, table, found, Asked(own_counts, chosen, partial)).read(units, alike > 1)
    return found, set(layouts)

"""What commands print: JSON with 12 significant digits, CSV, and tables for people."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from forms.faults import Fault, Faults
from forms.harmless import harmless_cell


def lines_of(file: Path) -> list[str]:
    """The lines of a text file that are not empty. Raises Faults."""
    try:
        return [line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise Faults([Fault("cannot be read as a text file", str(file))]) from error


def json_text(document: Any) -> str:
    """One JSON document; numbers have 12 significant digits, what is not a number is null."""
    return json.dumps(_plain(document), ensure_ascii=False, indent=1, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, float):
        return float(f"{value:.12g}") if math.isfinite(value) else None
    if isinstance(value, str | int | bool) or value is None:
        return value
    if isinstance(value, set | frozenset):
        return [_plain(each) for each in sorted(value)]
    return [_plain(each) for each in value]


def csv_text(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Comma-separated lines without a final one; numbers with 12 significant digits, nothing for None.

    Text that a spreadsheet would run is made harmless.
    """
    out = io.StringIO()
    plain = csv.writer(out, lineterminator="\n")
    # The module leaves a lone return unquoted, where every reader begins a new line.
    quoted = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in (headings, *rows):
        cells = [_cell(cell) for cell in row]
        (quoted if any("\r" in cell for cell in cells if isinstance(cell, str)) else plain).writerow(cells)
    return out.getvalue().removesuffix("\n")


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.12g}"
    return harmless_cell(value) if isinstance(value, str) else value


def table_text(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns for a terminal: the first to the left, the others to the right."""
    # Not above: the server prints no tables, and what each of its processes carries is counted.
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console(width=200, no_color=True, highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n"))

"""Read a small delimited text file, as spreadsheets write it, with all its faults at once."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forms.faults import Fault, Faults

DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number as an editor shows it (the heading is 1), and its cells by heading, stripped."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Delimited:
    """A file's headings and rows; ``decimal_comma`` where cells are not separated by commas."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    decimal_comma: bool

    def number(self, row: Row, heading: str, faults: list[Fault]) -> float | None:
        """The cell as a finite number; ``None`` when empty or, with a fault added, when it is none."""
        text = row.cells[heading]
        if not text:
            return None
        try:
            value = float(text.replace(",", ".") if self.decimal_comma else text)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
        faults.append(Fault(f"“{text}” is not a number", self.name, row.number, heading))
        return None

    def require(self, headings: Iterable[str]) -> None:
        """Raise ``Faults`` naming every heading that is missing."""
        known = ", ".join(self.headings)
        missing = [heading for heading in headings if heading not in self.headings]
        if missing:
            raise Faults([Fault(f"there is no column “{each}” (found: {known})", self.name, 1) for each in missing])


def read(path: Path) -> Delimited:
    """Read a UTF-8 file with a heading line; comma, semicolon or tab, whichever the heading holds most of.

    Raises ``Faults``: missing, empty, not text, an empty or repeated heading, a line with too many or too few cells.
    """
    text = _text(path)
    heading_line = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=heading_line.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    lines = [(number, cells) for number, cells in lines if any(cells)]
    if not lines:
        raise Faults([Fault("the file is empty", path.name)])
    headings = lines[0][1]
    faults = _heading_faults(path.name, headings)
    rows = []
    for number, cells in lines[1:]:
        if len(cells) != len(headings):
            faults.append(Fault(f"the line has {len(cells)} cells, the heading {len(headings)}", path.name, number))
        else:
            rows.append(Row(number, dict(zip(headings, cells, strict=True))))
    if faults:
        raise Faults(faults)
    return Delimited(path.name, tuple(headings), tuple(rows), delimiter != ",")


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(path))]) from error
    except UnicodeDecodeError as error:
        raise Faults([Fault("is not UTF-8 text; save it as CSV (UTF-8)", path.name)]) from error
    if "\0" in text:
        raise Faults([Fault("is not a text file", path.name)])
    return text


def _heading_faults(name: str, headings: Sequence[str]) -> list[Fault]:
    faults = [Fault(f"column {place} has no heading", name, 1) for place, each in enumerate(headings, 1) if not each]
    repeated = sorted({each for each in headings if each and headings.count(each) > 1})
    return faults + [Fault("the heading is there twice", name, 1, each) for each in repeated]

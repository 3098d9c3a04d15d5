"""Appraised points: the table that the offices fill in, and its reader, which says every fault by its cell."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from forms import tables
from forms.faults import Fault, Faults
from forms.framework import Framework
from forms.names import NameFault, Names
from forms.tables import Cell, Sheet

UNIT_HEADINGS = frozenset({"unit", "cơ quan", "đơn vị", "địa phương", "cơ quan, đơn vị", "cơ quan, địa phương"})
SELF = "__self"
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,]\d+)?")
_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class Unit:
    """An assessed office as the wave names it."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a complete table holds."""

    units: Mapping[str, Unit]
    maxima: Mapping[str, Mapping[str, float]]
    """Appraised maximum by unit and subcriterion; only what applies to the unit."""
    names: Mapping[str, str]
    """Vietnamese name by appraised subcriterion, in the framework's order."""
    surveyed: frozenset[str] = frozenset()
    """Subcriteria that take no appraised points."""


@dataclass(frozen=True, slots=True)
class Appraised:
    """Points by unit and subcriterion; ``own`` are the units' own scores (``<id>__self``); hash of the file read."""

    points: Mapping[str, Mapping[str, float]]
    own: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    file: str = ""
    hash: str = ""


def wanted(framework: Framework, units: Sequence[Unit]) -> Wanted:
    """Return the units of the framework's kinds and what is appraised for each."""
    names: dict[str, str] = {}
    surveyed: set[str] = set()
    for kind in framework.kinds.values():
        for sub in kind.subcriteria:
            if sub.appraised_points > 0:
                names.setdefault(sub.id, sub.name.of("vi"))
            else:
                surveyed.add(sub.id)
    assessed = {unit.id: unit for unit in units if unit.kind in framework.kinds}
    maxima = {
        unit.id: {
            sub.id: sub.appraised_points
            for sub in framework.kinds[unit.kind].subcriteria
            if sub.appraised_points > 0 and sub.id not in framework.excluded(unit.id)
        }
        for unit in assessed.values()
    }
    return Wanted(assessed, maxima, names, frozenset(surveyed - names.keys()))


def read(path: Path, table: Wanted) -> Appraised:
    """Read appraised points from XLSX (any of its sheets with a unit column) or CSV.

    Raises Faults: every wrong cell, unknown or missing unit and subcriterion at once.
    """
    reader = _Reader(table)
    sheets = tables.read(content := tables.content_of(path), str(path))
    headed = [(sheet, row) for sheet in sheets if (row := _heading_row(sheet)) is not None]
    if not headed:
        raise Faults([Fault("has no heading row with a column “unit” (or “Cơ quan”)", str(path))])
    for sheet, row in headed:
        reader.read(sheet, row)
    reader.complete(str(path))
    if reader.faults:
        raise Faults(reader.faults)
    return Appraised(reader.points, reader.own, path.name, hashlib.sha256(content).hexdigest())


def _heading_row(sheet: Sheet) -> int | None:
    """Index of the first row with a unit column; titles and notices may stand above it."""
    for index, row in enumerate(sheet.rows):
        if any(_plain(cell) in UNIT_HEADINGS for cell in row):
            return index
    return None


def _plain(cell: Cell) -> str:
    return unicodedata.normalize("NFC", cell).casefold() if isinstance(cell, str) else ""


class _Reader:
    """Gathers points and faults over the sheets of one file."""

    def __init__(self, table: Wanted) -> None:
        self.table = table
        self.known = Names({unit.id: unit.name for unit in table.units.values()})
        self.faults: list[Fault] = []
        self.points: dict[str, dict[str, float]] = {}
        self.own: dict[str, dict[str, float]] = {}
        self._seen: dict[str, str] = {}
        self._columns: set[str] = set()

    def read(self, sheet: Sheet, heading: int) -> None:
        headings = [str(cell) for cell in sheet.rows[heading]]
        unit_column = next(index for index, cell in enumerate(headings) if _plain(cell) in UNIT_HEADINGS)
        columns = self._headings(sheet, heading, unit_column)
        self._columns.update(columns.values())
        for number, row in enumerate(sheet.rows[heading + 1 :], heading + 2):
            cells = dict(enumerate(row))
            if all(cell == "" for cell in row):
                continue
            unit = self._unit(sheet.place, number, headings[unit_column], cells.get(unit_column, ""))
            if unit is not None:
                self._row(sheet.place, number, unit, {name: cells.get(i, "") for i, name in columns.items()})

    def _headings(self, sheet: Sheet, heading: int, unit_column: int) -> dict[int, str]:
        """Index → subcriterion id (with ``__self``), for the columns that are right."""
        columns: dict[int, str] = {}
        for index, cell in enumerate(sheet.rows[heading]):
            name = str(cell)
            message = ""
            if index == unit_column:
                continue
            if not name:
                used = any(index < len(row) and row[index] != "" for row in sheet.rows[heading + 1 :])
                message = "a column with values has no heading" if used else ""
            elif name in columns.values():
                message = "this column comes twice"
            elif name.removesuffix(SELF) in self.table.surveyed:
                message = "this subcriterion is scored by the survey and takes no appraised points"
            elif name.removesuffix(SELF) not in self.table.names:
                message = "the framework has no such subcriterion"
            else:
                columns[index] = name
            if message:
                self.faults.append(Fault(message, sheet.place, heading + 1, name or f"number {index + 1}"))
        return columns

    def _unit(self, place: str, number: int, heading: str, cell: Cell) -> Unit | None:
        if cell == "":
            self.faults.append(Fault("a row with points names no unit", place, number, heading))
            return None
        try:
            unit = self.table.units[self.known.find(str(cell))]
        except NameFault as fault:
            message = str(fault) if fault.found else f"“{cell}” is no unit that this framework assesses"
            self.faults.append(Fault(message, place, number, heading))
            return None
        if unit.id in self._seen:
            message = f"“{unit.name}” comes twice; it already stands in {self._seen[unit.id]}"
            self.faults.append(Fault(message, place, number, heading))
            return None
        self._seen[unit.id] = f"row {number}"
        return unit

    def _row(self, place: str, number: int, unit: Unit, cells: Mapping[str, Cell]) -> None:
        maxima = self.table.maxima[unit.id]
        for column, cell in cells.items():
            sub = column.removesuffix(SELF)
            value, message = _checked(cell, maxima.get(sub))
            if sub not in maxima and message:
                message = f"does not apply to “{unit.name}”: leave the cell empty"
            elif column == sub and sub in maxima and cell == "":
                message = f"is empty, but “{unit.name}” needs points here (0 to {maxima[sub]:g})"
            if message:
                self.faults.append(Fault(message, place, number, column))
            elif value is not None:
                target = self.points if column == sub else self.own
                target.setdefault(unit.id, {})[sub] = value

    def complete(self, file: str) -> None:
        """Add the columns and units that are nowhere."""
        needed = {sub for maxima in self.table.maxima.values() for sub in maxima}
        for sub in self.table.names:
            if sub in needed and sub not in self._columns:
                self.faults.append(Fault("this column is missing", file, column=sub))
        for unit in self.table.units.values():
            if self.table.maxima[unit.id] and unit.id not in self._seen:
                self.faults.append(Fault(f"“{unit.name}” is missing: every assessed unit needs a row", file))


def _checked(cell: Cell, maximum: float | None) -> tuple[float | None, str]:
    """A cell's points and what is wrong with them; ``maximum`` None: no value may stand here."""
    if cell == "":
        return None, ""
    value = _number(cell)
    if maximum is None:
        return None, "no value may stand here"
    if value is None:
        return None, f"“{cell}” is not a number of points"
    if value < 0:
        return None, f"{cell} is negative"
    if value > maximum + _NOISE:
        return None, f"{cell} is above the maximum of {maximum:g}"
    return value, ""


def _number(cell: Cell) -> float | None:
    """Points from a number or from text like ``8,5``; None for anything else (dates and yes/no included)."""
    if isinstance(cell, str):
        return float(cell.replace(",", ".").replace("−", "-")) if _NUMBER.fullmatch(cell) else None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    return float(cell)


def columns(table: Wanted) -> Iterator[tuple[str, str, float]]:
    """Each appraised subcriterion that some unit needs: id, name, greatest maximum; in the framework's order."""
    for sub, name in table.names.items():
        highest = [maxima[sub] for maxima in table.maxima.values() if sub in maxima]
        if highest:
            yield sub, name, max(highest)

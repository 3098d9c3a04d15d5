"""Appraised points: the table that the offices fill in, and its reader, which says every fault by its cell."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from analysis.office import book
from analysis.office.reader import Found
from analysis.wanted import Appraised as Appraised
from analysis.wanted import Unit as Unit
from analysis.wanted import Wanted as Wanted
from analysis.wanted import checked
from analysis.wanted import columns as columns
from analysis.wanted import wanted as wanted
from forms import tables
from forms.faults import Fault, Faults
from forms.names import NameFault, Names, bare
from forms.tables import Cell, Sheet

UNIT_HEADINGS = frozenset({"unit", "cơ quan", "đơn vị", "địa phương", "cơ quan, đơn vị", "cơ quan, địa phương"})
SELF = "__self"
TABLES = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".txt")


def read(
    path: Path | Sequence[Path], table: Wanted, *, own_counts: bool = False, chosen: str | None = None,
    partial: bool = False,
) -> Appraised:  # fmt: skip
    """Read appraised points from a workbook or CSV, or from every such file of a folder; or from several.

    Two layouts are known: one row a unit with a column a subcriterion; and the offices' own, criteria as rows, of one
    unit a sheet, of units as columns, or with a column of units. ``own_counts``: self-assessed points are the ones
    asked for. ``chosen``: the heading of the column of points, where several may be meant. ``partial``: what is empty
    or not there is left as it was.
    Raises Faults: every wrong cell, unknown or missing unit and subcriterion at once.
    """
    paths = [path] if isinstance(path, Path) else list(path)
    files = [file for each in paths for file in files_of(each)]
    told = ", ".join(map(str, paths))
    contents = [tables.content_of(file) for file in files]
    sheets = [sheet for file, content in zip(files, contents, strict=True) for sheet in tables.read(content, str(file))]
    found, rows = book.read(sheets, table, own_counts=own_counts, chosen=chosen, partial=partial)
    reader = _Reader(table, found, partial)
    others = [sheet for at, sheet in enumerate(sheets) if at not in rows]
    headed = [(sheet, row) for sheet in others if (row := _heading_row(sheet)) is not None]
    if rows:  # beside such sheets, a list of units without any subcriterion is a summary of theirs
        headed = [(sheet, row) for sheet, row in headed if reader.knows_any(sheet.rows[row])]
    if not headed and not rows:
        said = "has no heading row with a column “unit” (or “Cơ quan”), nor one of criteria with points"
        raise Faults([Fault(said, told)])
    for sheet, row in headed:
        reader.read(sheet, row)
    if not partial:
        reader.complete(told, bool(headed))
    if reader.faults:
        raise Faults(reader.faults)
    read_from = {sheet.place for sheet, _ in headed} | {sheets[at].place for at in rows}
    skipped = tuple(sheet.place for sheet in sheets if sheet.place not in read_from)
    named = ", ".join(each.name for each in paths)
    digest = _hash(files, contents)
    return Appraised(found.points, found.own, named, digest, found.documents, found.reasons, skipped)


def files_of(path: Path) -> list[Path]:
    """The file, or the tables of a folder by name. Raises Faults for a folder without any."""
    if not path.is_dir():
        return [path]
    files = sorted(
        file for file in path.iterdir() if file.suffix.lower() in TABLES and not file.name.startswith((".", "~$"))
    )
    if not files:
        raise Faults([Fault("has no workbook and no CSV file", str(path))])
    return files


def hash_of(path: Path) -> str:
    """The hash that ``read`` gives of a file or a folder of tables. Raises Faults."""
    files = files_of(path)
    return _hash(files, [tables.content_of(file) for file in files])


def _hash(files: Sequence[Path], contents: Iterable[bytes]) -> str:
    """SHA-256 of the file; of the names and hashes of several."""
    digests = [hashlib.sha256(content).hexdigest() for content in contents]
    if len(digests) == 1:
        return digests[0]
    listed = "".join(f"{digest}  {file.name}\n" for digest, file in zip(digests, files, strict=True))
    return hashlib.sha256(listed.encode()).hexdigest()


def _heading_row(sheet: Sheet) -> int | None:
    """Index of the first row with a unit column; titles and notices may stand above it."""
    for index, row in enumerate(sheet.rows):
        if any(_plain(cell) in UNIT_HEADINGS for cell in row):
            return index
    return None


def _plain(cell: Cell) -> str:
    return unicodedata.normalize("NFC", cell).casefold() if isinstance(cell, str) else ""


class _Reader:
    """Gathers points and faults over the sheets with a row a unit; adds to what the others gave."""

    def __init__(self, table: Wanted, found: Found, partial: bool) -> None:
        self.table, self.partial = table, partial
        self.known = Names({unit.id: unit.name for unit in table.units.values()})
        self.faults, self.points, self.own = found.faults, found.points, found.own
        self._seen: dict[str, str] = dict(found.places) | {unit: "rows of a sheet" for unit in found.seen}
        self._columns: set[str] = set()
        self._named: dict[str, list[str]] = {}
        for sub, name in table.names.items():
            self._named.setdefault(bare(name), []).append(sub)

    def knows_any(self, headings: Sequence[Cell]) -> bool:
        """Whether some heading is a subcriterion."""
        return any(self._column(str(cell)).removesuffix(SELF) in self.table.names for cell in headings)

    def _column(self, heading: str) -> str:
        """The id that a heading means: its own, or that of the one subcriterion of this name."""
        found = self._named.get(bare(heading), []) if heading not in self.table.names else []
        return found[0] if len(found) == 1 else heading

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
            name = self._column(str(cell))
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
            value, message = checked(cell, maxima.get(sub))
            if sub not in maxima and message:
                message = f"does not apply to “{unit.name}”: leave the cell empty"
            elif column == sub and sub in maxima and cell == "" and not self.partial:
                message = f"is empty, but “{unit.name}” needs points here (0 to {maxima[sub]:g})"
            if message:
                self.faults.append(Fault(message, place, number, column))
            elif value is not None:
                target = self.points if column == sub else self.own
                target.setdefault(unit.id, {})[sub] = value

    def complete(self, file: str, headed: bool) -> None:
        """Add the units that are nowhere, and the columns, where any sheet has a row a unit."""
        needed = {sub for maxima in self.table.maxima.values() for sub in maxima}
        for sub in self.table.names if headed else ():
            if sub in needed and sub not in self._columns:
                self.faults.append(Fault("this column is missing", file, column=sub))
        for unit in self.table.units.values():
            if self.table.maxima[unit.id] and unit.id not in self._seen:
                self.faults.append(Fault(f"“{unit.name}” is missing: every assessed unit needs a row", file))

"""From the rows of a file to dossiers and posts: every fault by row and column, nothing guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from forms.faults import Fault, Faults
from forms.names import NameFault, Names
from forms.tables import Cell, Sheet
from survey.cell_values import READERS, plain
from survey.frame_columns import CONTACT, Header, find_header, required
from survey.wave_spec import Group, WaveSpec

MOST_FAULTS = 1000  # of one file; the rest are counted
UNDECIDED = "not decided yet (no date of return)"
_KEPT = ("channel", "level", "field", "position", "received", "due", "returned")


@dataclass(frozen=True, slots=True)
class FrameRow:
    """A dossier, or an official's post. ``identity`` is '' where the file gives none."""

    reference: str
    identity: str
    unit: str
    place: str
    units: tuple[str, ...]
    fields: dict[str, str]
    contact: dict[str, str]


@dataclass(slots=True)
class RowsRead:
    """What a file came to."""

    kept: list[FrameRow] = field(default_factory=list)
    rows_in: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    unused: tuple[str, ...] = ()
    skipped_sheets: tuple[str, ...] = ()
    heading: dict[str, str] = field(default_factory=dict)


class RowReader:
    """Reads the rows of one group's files."""

    def __init__(self, spec: WaveSpec, group: Group) -> None:
        self.spec, self.group = spec, group
        units = {unit.id: [*unit.name.values(), unit.id] for unit in spec.units}
        self.units = Names(units)
        self.places = Names({place.id: [*place.name.values(), place.id] for place in spec.places} | units)
        self.needed = required(group)
        self.only_place = spec.places[0].id if len(spec.places) == 1 else ""
        self.faults: list[Fault] = []
        self.more_faults = 0
        self.first_row: dict[str, int] = {}

    def read(self, sheets: Sequence[Sheet], mapping: dict[str, str]) -> RowsRead:
        """All sheets that hold such a table. Raises Faults, all of the file at once."""
        result = RowsRead()
        headers = list(self._headers(sheets, mapping))
        for sheet, header in headers:
            result.heading |= header.heading
            result.unused += tuple(name for name in header.unused if name not in result.unused)
            for number, row in enumerate(sheet.rows[header.row :], start=header.row + 1):
                if any(plain(cell) for cell in row):
                    result.rows_in += 1
                    self._add(result, _Line(self, sheet, header, number, row))
        result.skipped_sheets = tuple(sheet.name for sheet in sheets if sheet not in [each for each, _ in headers])
        if not self.faults and not result.rows_in:
            self.faults.append(Fault("has a header but no rows", sheets[0].file))
        if self.more_faults:
            self.faults.append(Fault(f"and {self.more_faults} more faults", sheets[0].file))
        if self.faults:
            raise Faults(self.faults)
        return result

    def _headers(self, sheets: Sequence[Sheet], mapping: dict[str, str]) -> Iterator[tuple[Sheet, Header]]:
        found = 0
        for sheet in sheets:
            header = find_header(sheet, self.group, mapping, alone=len(sheets) == 1)
            if header is not None:
                found += 1
                yield sheet, header
        if not found:
            find_header(sheets[0], self.group, mapping)  # says what a table would need

    def _add(self, result: RowsRead, line: _Line) -> None:
        row = line.parse()
        if line.dropped:
            result.dropped[line.dropped] += 1
        elif row is not None:
            result.kept.append(row)

    def fault(self, fault: Fault) -> None:
        """Remember a fault; after the first thousand only their number."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)
        else:
            self.more_faults += 1


class _Line:
    """One row of a file."""

    def __init__(self, reader: RowReader, sheet: Sheet, header: Header, number: int, row: Sequence[Cell]) -> None:
        self.reader, self.sheet, self.header, self.number, self.row = reader, sheet, header, number, row
        self.dropped = ""
        self.whole = True

    def cell(self, name: str) -> Cell:
        """The cell of a field; '' where the row is short or the file has no such column."""
        column = self.header.column.get(name)
        return "" if column is None or column >= len(self.row) else self.row[column]

    def fault(self, name: str, message: str) -> None:
        """Remember a fault in the cell of a field."""
        self.whole = False
        self.reader.fault(Fault(message, self.sheet.place, self.number, self.header.heading[name]))

    def parse(self) -> FrameRow | None:
        """The row; None after a fault, or when it does not belong to the population (``dropped``)."""
        group = self.reader.group
        values = {name: self.value(name) for name in self.header.column if name not in ("unit", "units", "place")}
        if "due" in values and "returned" in values:
            values["overdue"] = "yes" if values["due"] and values["returned"] > values["due"] else "no"
        reference = self.reference(values["reference"])
        unit, place, units = self.unit(), self.place(), self.units()
        if group.assesses == "dossier" and "returned" in values and not plain(self.cell("returned")):
            self.dropped = UNDECIDED
        if not self.whole or self.dropped:
            return None
        own = (*group.design.by, *group.margins, *(group.classes or ()))
        kept = dict.fromkeys((*_KEPT, "overdue", *own))
        return FrameRow(
            reference, values.get("identity", ""), unit, place, units,
            {name: values[name] for name in kept if values.get(name)},
            {name: values[name] for name in CONTACT if values.get(name)},
        )  # fmt: skip

    def value(self, name: str) -> str:
        """The meaning of a cell; an empty one is a fault where the design needs it."""
        cell = self.cell(name)
        if not plain(cell):
            # An undecided dossier has no date of return and leaves; what else it lacks is no fault of it.
            if name in self.reader.needed and name != "returned":
                self.fault(name, "is empty")
            return ""
        try:
            return READERS.get(name, plain)(cell)
        except ValueError as error:
            self.fault(name, str(error))
            return ""

    def reference(self, value: str) -> str:
        """The dossier or post number, once in the file."""
        if value:
            first = self.reader.first_row.setdefault(value, self.number)
            if first != self.number:
                self.fault("reference", f"“{value}” stands already in row {first}")
        return value

    def unit(self) -> str:
        """The deciding or own office. An official's may be none of the assessed: then it stays as written."""
        text = plain(self.cell("unit"))
        if not text:
            self.fault("unit", "is empty")
            return ""
        try:
            return self.reader.units.find(text)
        except NameFault as error:
            if self.reader.group.assesses in ("dossier", "own") or error.found:
                self.fault("unit", f"unknown unit: {error}" if not error.found else str(error))
            return text

    def place(self) -> str:
        """Where the slip is handed over: a place of the wave or a unit; '' where the file does not say."""
        text = plain(self.cell("place"))
        if not text:
            return self.reader.only_place
        try:
            return self.reader.places.find(text)
        except NameFault as error:
            self.fault("place", f"unknown place: {error}" if not error.found else str(error))
            return ""

    def units(self) -> tuple[str, ...]:
        """The offices to assess, where the list says so."""
        if self.reader.group.assesses != "list":
            return ()
        found: list[str] = []
        for text in filter(None, (part.strip() for part in plain(self.cell("units")).split(";"))):
            try:
                found.append(self.reader.units.find(text))
            except NameFault as error:
                self.fault("units", f"unknown unit: {error}" if not error.found else str(error))
        if self.whole and not found:
            self.fault("units", "is empty")
        if len(set(found)) < len(found):
            self.fault("units", "names a unit twice")
        if len(found) > self.reader.group.max_units:
            self.fault("units", f"names {len(found)} units, more than max_units = {self.reader.group.max_units}")
        order = [unit.id for unit in self.reader.spec.units]
        return tuple(sorted(found, key=order.index))

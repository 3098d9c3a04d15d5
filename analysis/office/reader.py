"""One sheet in the offices' own layout → points by unit and subcriterion, with every fault by its cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from analysis.office import criteria
from analysis.office.criteria import Criteria, Numbering, Position
from analysis.office.headings import Column, Layout
from analysis.office.whose import Units
from analysis.office.words import Role
from analysis.wanted import Unit, Wanted, checked, number
from forms.faults import Fault
from forms.names import NameFault, bare
from forms.tables import Cell, Sheet

_TOTAL = re.compile(r"(diem )?(tong|cong)( (cong|diem|so|linh vuc|tieu chi|phan|muc|[ivx]+|\d+))*")
_NONE_HERE = ("khong ap dung", "khong", "x")  # as offices write it where nothing is to be given


@dataclass(slots=True)
class Found:
    """What sheets in the offices' layout gave, unit by unit; ``seen``: where each unit and subcriterion stands."""

    points: dict[str, dict[str, float]] = field(default_factory=dict)
    own: dict[str, dict[str, float]] = field(default_factory=dict)
    documents: dict[str, dict[str, str]] = field(default_factory=dict)
    reasons: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: dict[str, dict[str, str]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    kinds: dict[str, Criteria] = field(default_factory=dict)

    def criteria(self, table: Wanted, kind: str) -> Criteria:
        """The criteria of a kind, indexed once for all sheets."""
        if kind not in self.kinds:
            self.kinds[kind] = Criteria(table.kinds[kind])
        return self.kinds[kind]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row below the headings, its cells by column; ``at`` its index."""

    at: int
    cells: Mapping[int, Cell]
    id: str
    number: Numbering
    name: str

    def text(self, columns: Sequence[Column]) -> str:
        return "; ".join(str(self.cells[c.place]) for c in columns if self.cells.get(c.place, "") != "")


@dataclass(frozen=True, slots=True)
class Asked:
    """``own_counts``: the self-assessed points are the ones that are asked for (round of tự chấm); ``chosen``: the
    heading of the column of points; ``partial``: what is empty or not there is left as it was."""

    own_counts: bool = False
    chosen: str | None = None
    partial: bool = False


class SheetReader:
    """Reads one sheet."""

    def __init__(self, sheet: Sheet, layout: Layout, table: Wanted, found: Found, asked: Asked) -> None:
        self.sheet, self.layout, self.table, self.found = sheet, layout, table, found
        self.asked = asked
        self.covered: dict[tuple[str, int], str] = {}

    def read(self, units: Units, several: bool) -> None:
        """Read every row; a sheet whose unit or columns are not known is a fault."""
        whose = self._columns_by_unit(units, several)
        if whose is None:
            return
        rows = list(self._rows())
        depth = criteria.depth(row.number for row in rows)
        places = {kind: Position() for kind in self.table.kinds}
        for row in rows:
            for unit, columns in self._of_row(row, whose, units):
                self._read_row(row, unit, columns, depth, places[unit.kind])
        for unit in {unit.id: unit for unit, _ in self._told(rows, whose, units)}.values():
            self._complete(unit)

    def _told(
        self, rows: Sequence[_Row], whose: Mapping[str | None, dict[Role, Column]], units: Units
    ) -> Iterator[tuple[Unit, dict[Role, Column]]]:
        for row in rows:
            yield from self._of_row(row, whose, units, quiet=True)

    def _columns_by_unit(self, units: Units, several: bool) -> dict[str | None, dict[Role, Column]] | None:
        """Score columns by unit: of the one unit of the sheet, of each where units are columns, or of None where a
        column names the unit row by row. None after a fault."""
        if self.layout.by_unit:
            return self._unit_columns()
        columns = self._score_columns([c for c in self.layout.columns if c.unit is None], "")
        if columns is None:
            return None
        if self.layout.of(Role.UNIT):
            return {None: columns}
        unit, fault = units.of(self.sheet, self.layout.top, several)
        if unit is None:
            self._fault(fault, self.layout.top)
            return None
        return {unit: columns} if self._first_time(unit) else None

    def _unit_columns(self) -> dict[str | None, dict[Role, Column]] | None:
        found: dict[str | None, dict[Role, Column]] = {}
        right = True
        for unit in dict.fromkeys(column.unit for column in self.layout.by_unit):
            mine = [column for column in self.layout.by_unit if column.unit == unit]
            plain = [Column(c.place, c.heading, c.role or Role.POINTS, c.unit) for c in mine]
            columns = self._score_columns(plain, f" of “{self.table.units[str(unit)].name}”")
            right &= columns is not None and self._first_time(str(unit))
            found[unit] = columns or {}
        return found if right else None

    def _first_time(self, unit: str) -> bool:
        if unit in self.found.places:
            name = self.table.units[unit].name
            self._fault(f"“{name}” comes twice; it already stands in {self.found.places[unit]}", self.layout.top)
            return False
        self.found.places[unit] = self.sheet.place
        return True

    def _score_columns(self, columns: Sequence[Column], whose: str) -> dict[Role, Column] | None:
        """The column of appraised points and that of the unit's own; None after a fault that names what is unclear."""
        own = [column for column in columns if column.role is Role.SELF]
        given = [column for column in columns if column.role is Role.APPRAISED]
        given = given or [column for column in columns if column.role is Role.POINTS]
        if self.asked.chosen is not None:
            given = [column for column in columns if column.called(self.asked.chosen)]
            own = [column for column in own if column not in given]
        elif self.asked.own_counts:
            given, own = own or given, []
        for what, some in (("appraised points", given), ("self-assessed points", own)):
            if len(some) > 1:
                listed = " or ".join(map(str, some))
                self._fault(f"the {what}{whose} may be {listed}: choose one with --points HEADING", self.layout.top)
                return None
        if not given:
            there = ", ".join(str(column) for column in columns)
            told = f"has no column of appraised points{whose} (điểm thẩm định); the columns are {there}"
            self._fault(told, self.layout.top)
            return None
        return {Role.APPRAISED: given[0]} | ({Role.SELF: own[0]} if own else {})

    def _rows(self) -> Iterator[_Row]:
        names = self.layout.of(Role.CRITERION)
        numbers, ids = self.layout.of(Role.NUMBER)[:1], self.layout.of(Role.ID)[:1]
        for at in range(self.layout.body, len(self.sheet.rows)):
            cells = dict(enumerate(self.sheet.rows[at]))
            told = [str(cells[c.place]) for c in names if cells.get(c.place, "") != ""]
            number = criteria.numbering(cells.get(numbers[0].place, "")) if numbers else Numbering()
            id = str(cells.get(ids[0].place, "")) if ids else ""
            if _counts_columns(cells) or not any(cell != "" for cell in cells.values()):
                continue
            if id and not number.parts and not number.roman:
                number = criteria.numbering(cells.get(ids[0].place, ""))
            name = told[-1] if told else ""
            if not numbers and not id:
                number = criteria.numbering(criteria.taken_apart(name)[0])
            yield _Row(at, cells, id, number, name)

    def _of_row(
        self, row: _Row, whose: Mapping[str | None, dict[Role, Column]], units: Units, *, quiet: bool = False
    ) -> Iterator[tuple[Unit, dict[Role, Column]]]:
        for id, columns in whose.items():
            if id is not None:
                yield self.table.units[id], columns
                continue
            column = self.layout.of(Role.UNIT)[0]
            text = str(self._reaching(row.at, column.place))
            if not text:
                continue
            try:
                yield self.table.units[units.known.find(text)], columns
            except NameFault as fault:
                message = str(fault) if fault.found else f"“{text}” is no unit that this framework assesses"
                if not quiet:
                    self._fault(message, row.at, column)

    def _reaching(self, at: int, place: int) -> Cell:
        """A cell, or the merged one that reaches over it."""
        for (first, left), (last, right) in self.sheet.merged:
            if first <= at <= last and left <= place <= right:
                at, place = first, left
                break
        row = self.sheet.rows[at]
        return row[place] if place < len(row) else ""

    def _read_row(self, row: _Row, unit: Unit, columns: Mapping[Role, Column], depth: int, place: Position) -> None:
        values = {role: row.cells.get(column.place, "") for role, column in columns.items()}
        numbers = any(number(value) is not None for value in values.values())
        meant = self.found.criteria(self.table, unit.kind).meant(row.id, row.number, row.name, depth, place)
        if meant.sub is None:
            if numbers and not meant.heading and not _TOTAL.fullmatch(bare(row.name)):
                told = meant.fault or "a row with points names no criterion"
                self._fault(told, row.at, columns[Role.APPRAISED])
            return
        before = self.found.seen.setdefault(unit.id, {}).get(meant.sub.id)
        if before is not None:
            self._fault(
                f"“{meant.sub.name.of('vi')}” comes twice for “{unit.name}”; it already stands in {before}", row.at
            )
            return
        self.found.seen[unit.id][meant.sub.id] = f"row {row.at + 1}"
        self._check_maximum(row, unit, meant.sub.id, (meant.sub.appraised_points, meant.sub.points))
        for role, column in columns.items():
            self._value(row, unit, meant.sub.id, meant.sub.name.of("vi"), role, column)
        for kept, role in ((self.found.documents, Role.DOCUMENT), (self.found.reasons, Role.REASON)):
            if text := row.text(self.layout.of(role)):
                kept.setdefault(unit.id, {})[meant.sub.id] = text

    def _check_maximum(self, row: _Row, unit: Unit, sub: str, allowed: tuple[float, float]) -> None:
        for column in self.layout.of(Role.MAXIMUM)[:1]:
            told = number(row.cells.get(column.place, ""))
            if told is None or sub not in self.table.maxima[unit.id]:
                continue
            if not any(abs(told - most) < 1e-9 for most in allowed):
                self._fault(f"the maximum is {told:g} here, but {allowed[0]:g} in the framework", row.at, column)

    def _value(self, row: _Row, unit: Unit, sub: str, name: str, role: Role, column: Column) -> None:
        cell = row.cells.get(column.place, "")
        most = self.table.maxima[unit.id].get(sub)
        if most is None:
            if number(cell) is not None:
                surveyed = sub in self.table.surveyed
                why = "is scored by the survey and takes no appraised points" if surveyed else "does not apply"
                self._fault(f"“{name}” {why} (“{unit.name}”): leave the cell empty", row.at, column)
            return
        if isinstance(cell, str) and bare(cell) in _NONE_HERE:
            self._fault(
                f"“{cell}”: “{name}” applies to “{unit.name}” by the framework and needs points", row.at, column
            )
            return
        if self._merged_over_others(row, unit, sub, column):
            return
        value, message = checked(cell, most)
        if cell == "" and role is Role.APPRAISED and not self.asked.partial:
            message = f"is empty, but “{name}” of “{unit.name}” needs points here (0 to {most:g})"
        if message:
            self._fault(message, row.at, column)
        elif value is not None:
            target = self.found.points if role is Role.APPRAISED else self.found.own
            target.setdefault(unit.id, {})[sub] = value

    def _merged_over_others(self, row: _Row, unit: Unit, sub: str, column: Column) -> bool:
        """A cell of points that reaches over several subcriteria: nobody can say whose points they are."""
        for (first, left), (last, right) in self.sheet.merged:
            if not (first <= row.at <= last and left <= column.place <= right and last > first):
                continue
            key = (f"{unit.id} {column.place}", first)
            if key in self.covered:
                told = f"one merged cell holds the points of {self.covered[key]} and of {sub}: unmerge it"
                self._fault(told, row.at, column)
                return True
            self.covered[key] = sub
        return False

    def _complete(self, unit: Unit) -> None:
        if self.asked.partial:
            return
        seen = self.found.seen.get(unit.id, {})
        for sub in self.table.maxima[unit.id]:
            if sub not in seen:
                told = f"“{unit.name}” has no row for “{self.table.names[sub]}” ({sub})"
                self.found.faults.append(Fault(told, self.sheet.place))

    def _fault(self, message: str, at: int, column: Column | None = None) -> None:
        if column is not None:
            message = f"{column.letter}{at + 1}: {message}"
        heading = column.heading if column is not None else None
        self.found.faults.append(Fault(message, self.sheet.place, at + 1, heading))


def _counts_columns(cells: Mapping[int, Cell]) -> bool:
    """A row below the headings that numbers the columns: 1 2 3, (1) (2) (3), A B 1 2 3=1+2."""
    texts = [f"{c:g}" if isinstance(c, int | float) else str(c) for c in cells.values() if c != ""]
    plain = [text.strip("() ").split("=")[0] for text in texts]
    if len(plain) < 3 or not all(len(text) <= 2 and text.isalnum() for text in plain):
        return False
    digits = [int(text) for text in plain if text.isdigit()]
    rising = all(later - earlier == 1 for earlier, later in pairwise(digits))
    return rising and len(digits) >= 2 and digits[0] in (1, 2, 3) and len(plain) - len(digits) <= 2

"""From batches of a file's rows to dossiers and posts: every fault by row and column, nothing guessed.

Columns are read one at a time and every spelling once: a list repeats its offices, days and channels a million times.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat

from forms.faults import Fault, Faults
from forms.tables import Cell
from survey.frames.cell_values import MANIFOLD, READERS, clean_column, plain, written
from survey.frames.columns import Header
from survey.frames.headings import CONTACT, required
from survey.frames.names import Followed, Offices
from survey.plan.wave_spec import Group

MOST_FAULTS = 1000  # of one file; the rest are counted
UNDECIDED = "not decided yet (no date of return)"
ABOLISHED = "its office was abolished and has no successor in the wave file"
_KEPT = ("channel", "level", "field", "position", "received", "due", "returned")
_MOST_KNOWN = 65_536  # spellings of a column; beyond that it is one of names and numbers, which do not repeat


class Unread(str):
    """What is wrong with a cell, in the place of its meaning."""

    __slots__ = ()


@dataclass(slots=True)
class Rows:
    """What a batch came to: columns of one length, of the rows that stay or that have a fault."""

    numbers: list[int] = field(default_factory=list)
    reference: list[str] = field(default_factory=list)
    identity: list[str] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    place: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)  # JSON, '' where the list does not say
    fields: list[str] = field(default_factory=list)  # JSON
    contact: dict[str, list[str]] = field(default_factory=dict)
    expected: list[str] = field(default_factory=list)


class FaultList:
    """The first thousand faults of a file, and how many more there are."""

    def __init__(self, file: str, most: int = MOST_FAULTS) -> None:
        self.file, self.most = file, most
        self.found: list[Fault] = []
        self.more = 0

    def add(self, faults: Iterable[Fault]) -> None:
        """Remember faults in the order of the file."""
        for fault in faults:
            if len(self.found) < self.most:
                self.found.append(fault)
            else:
                self.more += 1

    def merge(self, others: Sequence[Fault], total: int, order: Callable[[Fault], tuple[int, int]]) -> None:
        """Put in the first ``others`` of ``total``, found later, at their places in the file."""
        together = sorted([*self.found, *others], key=order)
        self.more += total - len(others) + max(0, len(together) - self.most)
        self.found = together[: self.most]

    def all(self) -> list[Fault]:
        """The faults, the last of them saying how many there are besides."""
        return [*self.found, *([Fault(f"and {self.more} more faults", self.file)] if self.more else [])]

    def check(self) -> None:
        """Raise Faults when there are any."""
        if self.found:
            raise Faults(self.all())


class _Column(dict[Cell, str]):
    """The meaning of each spelling in a column; ``faulty`` once a batch has one without."""

    def __init__(self, read: Callable[[Cell], str]) -> None:
        super().__init__()
        self.read, self.faulty = read, False
        self._wrong: dict[Cell, Unread] = {}

    def __missing__(self, cell: Cell) -> str:
        try:
            value = self.read(cell) if type(cell) is not str or cell else ""
        except ValueError as error:
            # Never remembered, so that every batch that meets it is marked.
            self.faulty = True
            return Unread(error)
        # 1 and 1.0 and True are one key but not one cell: only texts are remembered.
        if type(cell) is str and len(self) < _MOST_KNOWN:
            self[cell] = value
        return value


class RowReader:
    """Reads the rows of one sheet of a group's list; counts and faults go to its owner's."""

    def __init__(self, group: Group, offices: Offices, place: str, header: Header, faults: FaultList) -> None:
        self.group, self.header, self.place, self.faults = group, header, place, faults
        self.needed = required(group)
        self.dropped: Counter[str] = Counter()
        self.moved: Counter[str] = Counter()
        self.rows_in = 0
        self._offices = offices
        self._width = max(header.column.values()) + 1
        own = group.columns
        self._fields = sorted({*_KEPT, "overdue", *own} - {"unit", "units", "place"})
        used = {"reference", "identity", "unit", "place", "expected", *CONTACT, *self._fields}
        readers: dict[str, Callable[[Cell], str]] = {
            "unit": offices.unit, "place": offices.place, "units": offices.units,
        }  # fmt: skip
        self._columns = {
            name: _Column(readers.get(name) or READERS.get(name, written))
            for name in header.column
            if name in used or (name == "units" and group.assesses == "list")
        }
        self._written = {name: _Column(_fragment(name)) for name in self._fields}

    def read(self, numbers: Sequence[int], rows: Sequence[Sequence[Cell]]) -> Rows:
        """One batch."""
        here = [bool(any(row)) and (bool(row[0]) or any(map(plain, row))) for row in rows]
        if not all(here):
            numbers, rows = list(compress(numbers, here)), list(compress(rows, here))
        self.rows_in += len(rows)
        if not rows:
            return Rows()
        if min(map(len, rows)) < self._width:
            rows = [row if len(row) >= self._width else [*row, *repeat("", self._width - len(row))] for row in rows]
        values = self._values(rows)
        self._find_faults(numbers, values)
        stays = self._staying(values)
        if not all(stays):
            numbers = list(compress(numbers, stays))
            values = {name: list(compress(column, stays)) for name, column in values.items()}
        return self._rows(list(numbers), values) if numbers else Rows()

    def _values(self, rows: Sequence[Sequence[Cell]]) -> dict[str, list[str]]:
        values = {}
        cells = list(zip(*rows, strict=False))
        for name, column in self._columns.items():
            column.faulty = False
            here = cells[self.header.column[name]]
            quick = clean_column(name, here) if name in MANIFOLD else None
            values[name] = [column[cell] for cell in here] if quick is None else quick
        return values

    def _find_faults(self, numbers: Sequence[int], values: Mapping[str, list[str]]) -> None:
        found: list[tuple[int, int, Fault]] = []
        for name, column in values.items():
            # An undecided dossier has no date of return and leaves; that is no fault.
            empty = name in self.needed and name != "returned"
            if not self._columns[name].faulty and not (empty and "" in column):
                continue
            position = self.header.column[name]
            for number, value in zip(numbers, column, strict=True):
                if type(value) is Unread or (empty and not value):
                    fault = Fault(str(value) or "is empty", self.place, number, self.header.heading[name])
                    found.append((number, position, fault))
        self.faults.add(fault for _, _, fault in sorted(found, key=lambda each: each[:2]))

    def _staying(self, values: Mapping[str, list[str]]) -> list[bool]:
        """Which rows belong to the population; the others are counted by their reason."""
        gone = self._offices.gone
        stays = [unit not in gone for unit in values["unit"]]
        if not all(stays):
            self.dropped[ABOLISHED] += stays.count(False)
        # At counters, what falls due counts.
        decided_only = self.group.assesses == "dossier" and self.group.counter is None
        if decided_only and "returned" in values and "" in values["returned"]:
            undecided = [here and not day for here, day in zip(stays, values["returned"], strict=True)]
            self.dropped[UNDECIDED] += sum(undecided)
            stays = [here and not leaves for here, leaves in zip(stays, undecided, strict=True)]
        return stays

    def _rows(self, numbers: list[int], values: dict[str, list[str]]) -> Rows:
        none = [""] * len(numbers)
        if "due" in values and "returned" in values:
            pairs = zip(values["due"], values["returned"], strict=True)
            values["overdue"] = ["yes" if due and back > due else "no" for due, back in pairs]
        unit = values["unit"]
        self.moved.update(f"{each.was} → {each}" for each in unit if type(each) is Followed)
        only = self._offices.only_place
        place = values.get("place", none)
        return Rows(
            numbers,
            values["reference"],
            values.get("identity", none),
            unit,
            [each or only for each in place] if only else place,
            values.get("units", none),
            self._json(values, len(numbers)),
            {name: values.get(name, none) for name in CONTACT},
            values.get("expected", []),
        )

    def _json(self, values: Mapping[str, list[str]], n: int) -> list[str]:
        parts = []
        for name in self._fields:
            if name in values:
                known = self._written[name]
                parts.append([known[value] for value in values[name]])
        if not parts:
            return ["{}"] * n
        return ["{" + row[:-2] + "}" for row in map("".join, zip(*parts, strict=True))]


def _fragment(name: str) -> Callable[[Cell], str]:
    """A field of the JSON with the comma after it."""
    return lambda value: f'"{name}": {json.dumps(value, ensure_ascii=False)}, '

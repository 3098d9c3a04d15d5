"""From a group's frame to the person-free list that is drawn from. Pure: rows in, list out."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from forms.faults import Fault, Faults
from survey.cells import Traits
from survey.sampling import Levels, ListRow, Strata, list_text, stratify
from survey.wave_spec import Group, WaveSpec

PERSON_DIGITS = 24


@dataclass(frozen=True, slots=True)
class FrameEntry:
    """A row of the frame as the store holds it; ``person`` is the hashed identity, or the row itself without one."""

    id: bytes
    person: bytes
    unit: str
    place: str
    units: tuple[str, ...]
    fields: Mapping[str, str]

    def get(self, column: str) -> str | None:
        """The level of a column of the design."""
        return {"unit": self.unit, "place": self.place}.get(column) or self.fields.get(column)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, before any number is known. ``entry`` and ``traits`` are by row id."""

    rows: tuple[ListRow, ...]
    strata: Strata
    entry: Mapping[str, FrameEntry]
    traits: Mapping[str, Traits]

    @property
    def text(self) -> str:
        """What is published."""
        return list_text(self.rows, self.strata.take)

    @property
    def hash(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return sha256(self.text.encode()).hexdigest()


def entry(row: Mapping[str, Any]) -> FrameEntry:
    """Read a row of the store's query ``frame_rows``."""
    units = tuple(json.loads(row["units"])) if row["units"] else ()
    return FrameEntry(row["id"], row["identity"] or row["id"], row["unit"], row["place"], units,
                      json.loads(row["fields"]))  # fmt: skip


def make(spec: WaveSpec, group: Group, entries: Iterable[FrameEntry], salt: bytes) -> Listing:
    """The list of a group. Several dossiers of a person at one unit are one row, about the latest.

    Raises Faults when the frame is empty or lacks a column of the design.
    """
    persons = _persons(group, entries)
    by_row: dict[str, FrameEntry] = {}
    size: dict[str, int] = {}
    for person, own in persons.items():
        salted = sha256(salt + person).hexdigest()[:PERSON_DIGITS]
        for number, each in enumerate(own, start=1):
            by_row[f"{salted}-{number}"] = each
            size[f"{salted}-{number}"] = len(own)
    if not by_row:
        raise Faults(f"group {group.id}: its list is empty; import one with `phieu frame import`")
    _check_columns(group, by_row.values())
    levels = {row_id: _levels(each, group.design.by) for row_id, each in by_row.items()}
    try:
        strata = stratify(group.design, Counter(levels.values()))
    except Faults as faults:
        raise Faults(Fault(f"group {group.id}: {fault}") for fault in faults.faults) from None
    rows = tuple(ListRow(row_id, strata.of[levels[row_id]], size[row_id]) for row_id in sorted(by_row))
    traits = {row.row_id: _traits(spec, group, by_row[row.row_id], row) for row in rows}
    return Listing(rows, strata, by_row, traits)


def _persons(group: Group, entries: Iterable[FrameEntry]) -> dict[bytes, list[FrameEntry]]:
    """Person → their rows, one a unit, the latest dossier of each."""
    latest: dict[tuple[bytes, str], FrameEntry] = {}
    for each in entries:
        # A post is its own row, whoever holds it.
        key = (each.person, each.unit) if group.assesses == "dossier" else (each.id, "")
        other = latest.get(key)
        if other is None or (_received(each), each.id) > (_received(other), other.id):
            latest[key] = each
    persons: dict[bytes, list[FrameEntry]] = defaultdict(list)
    for (person, _), each in sorted(latest.items()):
        persons[person].append(each)
    return persons


def _received(each: FrameEntry) -> str:
    return each.fields.get("received", "")


def _levels(each: FrameEntry, columns: Iterable[str]) -> Levels:
    return tuple(each.get(column) or "" for column in columns)


def _check_columns(group: Group, entries: Iterable[FrameEntry]) -> None:
    needed = dict.fromkeys((*group.design.by, *group.margins, *(group.classes or ())))
    lacking = Counter(column for each in entries for column in needed if not each.get(column))
    if lacking:
        raise Faults(
            Fault(f"group {group.id}: {number} rows of its list have no “{column}”; import it again with that column")
            for column, number in lacking.items()
        )


def _traits(spec: WaveSpec, group: Group, each: FrameEntry, row: ListRow) -> Traits:
    by = group.design.by
    classes = [(column, each.get(column) or "") for column in group.classes or ()]
    return Traits(
        strata=tuple(zip(by, row.stratum.split("/"), strict=True)) if by else (),
        classes=tuple(classes) if group.classes is None or classes else (("", "all"),),
        margins=tuple((column, each.get(column) or "") for column in group.margins),
        multiplicity=str(min(row.size, group.multiplicity_cap)),
        units=assessed(spec, group, each),
    )


def assessed(spec: WaveSpec, group: Group, each: FrameEntry) -> tuple[str, ...]:
    """The units this person is asked about; empty where blocks decide."""
    if group.assesses == "list":
        return each.units
    if not group.kinds:
        return (each.unit,)
    units = spec.units_of(group.kinds)
    return units if len(units) <= group.max_units else ()

"""From a group's frame to the person-free list that is drawn from. Pure: rows in, list out."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite, nan
from typing import Any

from forms.faults import Fault, Faults
from survey.plan.wave_file import STRATUM_PREFIX
from survey.plan.wave_spec import FirstStage, Group, Method, WaveSpec
from survey.sample import blocks
from survey.sample.cells import Traits
from survey.sample.sampling import How, Levels, ListRow, level_name, list_text
from survey.sample.strata import Strata, stratify

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
    """A list, before any number is known. ``entry`` and ``traits`` are by row id; ``how``: what the design adds.

    ``own``: by row id, the office of an official whose group could assess it; nobody is asked about that one.
    """

    rows: tuple[ListRow, ...]
    strata: Strata
    entry: Mapping[str, FrameEntry]
    traits: Mapping[str, Traits]
    how: How
    own: Mapping[str, str]

    @property
    def text(self) -> str:
        """What is published."""
        return list_text(self.rows, self.strata.take, self.how)

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
    strata = _stratified(group, by_row, levels)
    position = _positions(group, by_row)
    psu = group.design.psu
    rows = tuple(
        ListRow(
            row_id, strata.of[levels[row_id]], size[row_id], position.get(row_id, 0),
            level_name(by_row[row_id].get(psu) or "") if psu else "",
        )
        for row_id in sorted(by_row)
    )  # fmt: skip
    offices = _own_offices(spec, group, by_row)
    traits = _all_traits(spec, group, by_row, rows, bool(offices))
    return Listing(rows, strata, by_row, traits, _how(spec, group, strata), offices)


def _stratified(group: Group, by_row: Mapping[str, FrameEntry], levels: Mapping[str, Levels]) -> Strata:
    design = group.design
    values: dict[Levels, list[float]] = defaultdict(list)
    psus: dict[Levels, Counter[str]] = defaultdict(Counter)
    for row_id, each in by_row.items():
        if design.deviation:
            values[levels[row_id]].append(_number(group, design.deviation, each.get(design.deviation) or ""))
        if design.psu:
            psus[levels[row_id]][level_name(each.get(design.psu) or "")] += 1
    try:
        return stratify(design, Counter(levels.values()), values, psus)
    except Faults as faults:
        raise Faults(Fault(f"group {group.id}: {fault}") for fault in faults.faults) from None


def _number(group: Group, column: str, text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = nan
    if not isfinite(value):
        raise Faults(f"group {group.id}: “{text}” in “{column}” is no number, so that its spread cannot be found")
    return value


def _positions(group: Group, by_row: Mapping[str, FrameEntry]) -> dict[str, int]:
    """The order that a systematic sample walks: by the declared columns, then by the salted row id."""
    sort = group.design.sort
    if not sort:
        return {}
    walk = sorted(by_row, key=lambda row_id: (*(by_row[row_id].get(column) or "" for column in sort), row_id))
    return {row_id: place for place, row_id in enumerate(walk, start=1)}


def _how(spec: WaveSpec, group: Group, strata: Strata) -> How:
    design = group.design
    zone = 0
    if design.zones:
        # Pairs, joined until the respondents of a zone are unlikely to be fewer than k: no cell may name its people.
        zone = 2 * -(-blocks.least(spec.k, design.response) // 2)
    return How(
        strata.reserve, strata.psus, design.first is FirstStage.PPS, design.method is Method.SYSTEMATIC, zone,
    )  # fmt: skip


def _own_offices(spec: WaveSpec, group: Group, by_row: Mapping[str, FrameEntry]) -> dict[str, str]:
    """Self-assessment is kept apart (docs/decisions/0011): who works in an office is not asked about it."""
    units = set(spec.units_of(group.kinds))
    return {row_id: each.unit for row_id, each in by_row.items() if each.unit in units}


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
    columns = group.columns
    lacking = Counter(column for each in entries for column in columns if not each.get(column))
    if lacking:
        raise Faults(
            Fault(f"group {group.id}: {number} rows of its list have no “{column}”; import it again with that column")
            for column, number in lacking.items()
        )


def _all_traits(
    spec: WaveSpec, group: Group, by_row: Mapping[str, FrameEntry], rows: Iterable[ListRow], own: bool
) -> dict[str, Traits]:
    """By row id; rows that are alike share one, for there are far fewer sorts of people than people."""
    columns = (*group.margins, *(group.classes or ()))
    known: dict[tuple[object, ...], Traits] = {}
    found: dict[str, Traits] = {}
    for row in rows:
        each = by_row[row.row_id]
        alike = (row.stratum, row.psu, row.size, each.unit, each.units, *map(each.get, columns))
        if alike not in known:
            known[alike] = _traits(spec, group, each, row, own)
        found[row.row_id] = known[alike]
    return found


def _traits(spec: WaveSpec, group: Group, each: FrameEntry, row: ListRow, own: bool) -> Traits:
    design = group.design
    levels = tuple(zip(design.by, row.stratum.split("/"), strict=True)) if design.by else ()
    strata = (*levels, (design.psu, row.psu)) if design.psu else levels
    return Traits(
        strata=strata,
        classes=_classes(group, each, levels),
        margins=tuple((column, each.get(column) or "") for column in group.margins),
        multiplicity=str(min(row.size, group.multiplicity_cap)),
        units=() if own else assessed(spec, group, each),
    )


def _classes(group: Group, each: FrameEntry, levels: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The response class; empty where it is the stratum. Zones and first-stage units are too small to be classes."""
    if group.classes is not None:
        return tuple((column, each.get(column) or "") for column in group.classes) or (("", "all"),)
    if group.design.told == group.design.by:
        return ()
    return tuple((STRATUM_PREFIX + column, level) for column, level in levels) or (("", "all"),)


def assessed(spec: WaveSpec, group: Group, each: FrameEntry) -> tuple[str, ...]:
    """The units this person is asked about; empty where blocks decide."""
    if group.assesses == "list":
        return each.units
    if not group.kinds:
        return (each.unit,)
    units = spec.units_of(group.kinds)
    return units if len(units) <= group.max_units else ()

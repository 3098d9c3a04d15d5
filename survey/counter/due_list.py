"""The list behind a counter draw: dossiers whose results fall due in the wave, added to day by day."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from forms import tables
from forms.faults import Fault, Faults
from survey import audit
from survey.clock import Clock
from survey.counter import selection as counter
from survey.counter.secret import group_of, plan_of, reference, refresh_design
from survey.counter.selection import CounterPlan
from survey.frames.columns import Told, find_header
from survey.frames.names import Offices
from survey.frames.rows import FaultList, RowReader, Rows
from survey.keys import Keyring
from survey.store import Store, Transaction
from survey.wave import RegisteredWave


@dataclass(frozen=True, slots=True)
class Listed:
    """What an import did, or with ``dry`` would do; ``outside``: due in no period, hence not of the population."""

    file: str
    dry: bool
    rows: int
    added: int
    updated: int
    outside: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier as its list has it; ``returned`` is '' while it is not handed over; ``row`` is where it stands."""

    number: str
    unit: str
    place: str
    due: str
    returned: str
    contact: Mapping[str, str]
    row: int = 0


def read_file(wave: RegisteredWave, group: str, file: Path, mapping: Mapping[str, str] | None = None) -> list[Dossier]:
    """The dossiers of a file as the dossier system exports it. Raises Faults, all of the file at once."""
    asked = group_of(wave, group)
    sheets = tables.read(tables.content_of(file), file.name, tables.OFFICE)
    told, offices, faults = Told(mapping or {}, {}, False), Offices(wave.spec, asked), FaultList(file.name)
    found: list[Dossier] = []
    headings = []
    for sheet in sheets:
        header = find_header(sheet, asked, told, alone=len(sheets) == 1)
        if header is None:
            continue
        place = f"{sheet.file} [{sheet.name}]" if sheet.name else sheet.file
        reader = RowReader(asked, offices, place, header, faults)
        numbers = list(range(header.row + 1, len(sheet.rows) + 1))
        found += _dossiers(reader.read(numbers, sheet.rows[header.row :]))
        headings.append(header.heading["reference"])
    if not headings:
        find_header(sheets[0], asked, told)  # says what a list would need
    first: dict[str, int] = {}
    for each in found:
        if first.setdefault(counter.dossier_number(each.number), each.row) != each.row:
            faults.add([Fault(f"“{each.number}” stands twice", file.name, each.row, headings[0])])
    faults.check()
    return found


def _dossiers(rows: Rows) -> list[Dossier]:
    fields = [json.loads(each) for each in rows.fields]
    return [
        Dossier(
            rows.reference[at], str(rows.unit[at]), str(rows.place[at]), fields[at].get("due", ""),
            fields[at].get("returned", ""), {name: column[at] for name, column in rows.contact.items()}, number,
        )
        for at, number in enumerate(rows.numbers)
    ]  # fmt: skip


def add(
    store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, group: str, dossiers: Sequence[Dossier],
    *, file: str = "", dry: bool = False, who: str,
) -> Listed:  # fmt: skip
    """Add dossiers to the list; of those known, take over when they were handed over.

    A dossier keeps the office and due date it was listed with: they decide whether it is selected. Raises Faults for
    every dossier whose office or due date changed, and for a wave that is frozen, having changed nothing.
    """
    asked, plan = group_of(wave, group), plan_of(wave)
    if wave.state == "frozen":
        raise Faults(f"wave “{wave.spec.id}” is frozen: its list can no longer be changed")
    keys = keyring.wave_keys(wave.spec.id)
    with store.write() as tx:
        known = {row["reference"]: dict(row) for row in tx.counter_known(wave=wave.spec.id, grp=asked.id)}
        hashed = [reference(keys.frame, asked.id, counter.dossier_number(each.number)) for each in dossiers]
        pairs = list(zip(dossiers, hashed, strict=True))
        faults = [fault for each, one in pairs for fault in _changed(known.get(one), each, file)]
        if faults:
            raise Faults(faults)
        outside = sum(plan.period_of(date.fromisoformat(each.due)) is None for each in dossiers)
        updated = sum(one in known for one in hashed)
        told = Listed(file, dry, len(dossiers), len(dossiers) - updated, updated, outside)
        if dry:
            return told
        for each, one in pairs:
            if one in known:
                row = known[one]
                tx.counter_returned(id=row["id"], returned=each.returned or row["returned"],
                                    place=each.place or row["place"])  # fmt: skip
            else:
                _put(tx, wave.spec.id, asked.id, plan, each, one)
        detail = {"group": group, "file": file, "added": told.added, "updated": told.updated}
        audit.append(tx, clock, who, "counter list imported", wave.spec.id, detail)
        refresh_design(tx, wave, keys)
    return told


def _put(tx: Transaction, wave: str, group: str, plan: CounterPlan, each: Dossier, hashed: bytes) -> None:
    identity = secrets.token_bytes(16)
    period = plan.period_of(date.fromisoformat(each.due))
    tx.counter_put(
        id=identity, wave=wave, grp=group, reference=hashed, unit=each.unit, place=each.place, due=each.due,
        returned=each.returned or None, period=period.id if period else None,
    )  # fmt: skip
    contact = {name: each.contact.get(name) or None for name in ("name", "phone", "email", "address")}
    tx.counter_contact(frame_row=identity, wave=wave, reference=counter.dossier_number(each.number), **contact)


def _changed(row: Mapping[str, Any] | None, each: Dossier, file: str) -> list[Fault]:
    now = {"unit": each.unit, "due": each.due}
    changed = [name for name, value in now.items() if row is not None and row[name] != value]
    if not changed:
        return []
    message = f"“{each.number}” was listed with another {' and '.join(changed)}, on which its selection rests"
    return [Fault(message, file, each.row or None)]

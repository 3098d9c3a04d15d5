"""Who has not finished: contacts and how far each is, never an answer, and no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forms.faults import Faults
from survey import audit
from survey.clock import Clock
from survey.dispositions import State
from survey.invitations import stated
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

PAGE = 50
MOST = 1_000_000_000  # more than any serial list holds
# Who can still be asked again. Refusals are asked nothing more unless somebody looks for them on purpose.
USUAL = (State.ISSUED, State.DELIVERED, State.STARTED, State.NO_CONTACT)
CHOICES = (*USUAL, State.REFUSED, State.UNDELIVERABLE)


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose list it is; an empty field is all of them. ``state``: one of CHOICES, or "" for USUAL."""

    unit: str = ""
    group: str = ""
    place: str = ""
    state: str = ""
    serial: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """One invitation that is not finished. ``flag``: "staff" or "shared" where the contact is not the person's own."""

    serial: int
    state: State
    group: str
    mode: str
    units: tuple[str, ...]
    place: str
    visits: int
    name: str
    phone: str
    email: str
    address: str
    flag: str


def sought(told: Mapping[str, str]) -> Sought:
    """Read it from the parameters of an address; what is not known is left out."""
    state, serial = told.get("state", ""), told.get("serial", "")
    known = serial.isascii() and serial.isdecimal() and len(serial) < 10
    return Sought(
        unit=told.get("unit", "")[:100],
        group=told.get("group", "")[:100],
        place=told.get("place", "")[:100],
        state=state if state in CHOICES else "",
        serial=int(serial) if known else 0,
    )


def page(store: Store, wave: RegisteredWave, whom: Sought, *, after: int = 0, most: int = PAGE) -> list[Person]:
    """Those after a serial, by serial; one more than ``most`` says that there are others."""
    with store.read() as tx:
        return _found(tx, wave, whom, after, most + 1)


def person(store: Store, wave: RegisteredWave, serial: int) -> Person | None:
    """One of them, finished or not; None when no such invitation was made."""
    with store.read() as tx:
        rows = [dict(row) for row in tx.followup_one(wave=wave.spec.id, serial=serial)]
    return _person(rows[0]) if rows else None


def export(
    store: Store, clock: Clock, wave: RegisteredWave, whom: Sought, *, who: str, reason: str
) -> list[Person]:  # fmt: skip
    """The whole list; contacts leave, so it is logged with its reason. Raises Faults without one."""
    with store.write() as tx:
        found = _found(tx, wave, whom, 0, MOST)
        told = {name: value for name in ("unit", "group", "place", "state") if (value := getattr(whom, name))}
        detail = {"n": len(found), "list": "unfinished", "reason": stated(reason), **told}
        audit.append(tx, clock, who, "contacts exported", wave.spec.id, detail)
    return found


def serials(store: Store, wave: RegisteredWave, whom: Sought) -> list[int]:
    """The invitations of a list, for printing."""
    with store.read() as tx:
        return [each.serial for each in _found(tx, wave, whom, 0, MOST)]


def assessed(store: Store, wave: RegisteredWave, serial: int) -> tuple[str, ...]:
    """The units that an invitation assesses. Raises Faults when there is none of this number."""
    found = person(store, wave, serial)
    if found is None:
        raise Faults(f"wave “{wave.spec.id}” has no invitation with the serial {serial}")
    return found.units


def _found(tx: Transaction, wave: RegisteredWave, whom: Sought, after: int, most: int) -> list[Person]:
    if whom.serial:
        rows = [dict(row) for row in tx.followup_one(wave=wave.spec.id, serial=whom.serial)]
        return [_person(row) for row in rows if row["serial"] > after and row["state"] in CHOICES]
    states = [whom.state] if whom.state else [str(state) for state in USUAL]
    cells = [
        row["id"]
        for row in tx.followup_cells(wave=wave.spec.id)
        if whom.group in ("", row["grp"]) and (not whom.unit or whom.unit in _units(row["units"]))
    ]
    rows = tx.followup_list(
        wave=wave.spec.id, states=json.dumps(states), cells=json.dumps(cells), place=whom.place, after=after, most=most
    )
    return [_person(row) for row in rows]


def _person(row: Mapping[str, Any]) -> Person:
    return Person(
        serial=row["serial"],
        state=State(row["state"]),
        group=row["grp"],
        mode=row["mode"],
        units=_units(row["units"]),
        place=row["place"],
        visits=row["visits"],
        name=row["name"] or "",
        phone=row["phone"] or "",
        email=row["email"] or "",
        address=row["address"] or "",
        flag="staff" if row["staff"] else "shared" if row["shared"] else "",
    )


def _units(text: str) -> tuple[str, ...]:
    return tuple(unit for unit, _ in json.loads(text))

"""Officials' posts: how many there should be, which are missing, and whose holder changed.

A frame of officials lists posts on a reference date. The invitation belongs to the post: the successor answers if
appointed before the wave opens, else whoever held it on the reference date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from forms import tables
from forms.faults import Fault, Faults
from forms.names import NameFault, Names, fold
from survey import audit
from survey.clock import Clock
from survey.frames import contacts as frame_contacts
from survey.frames.cell_values import count, email, phone, plain, unmarked, written
from survey.frames.staging import keyed_hashes
from survey.invitations import stated
from survey.keys import Keyring
from survey.store import Store, Transaction
from survey.wave import Group, RegisteredWave

# the columns of an appointment list: field → headings
EXPECTED = {
    "unit": ("Cơ quan", "Đơn vị", "Tên cơ quan", "Cơ quan, đơn vị"),
    "expected": ("Số vị trí theo quyết định", "Số vị trí của cơ quan", "Số lượng bổ nhiệm", "Số lượng", "Số người"),
    "supplier": ("Cơ quan cung cấp", "Cơ quan cung cấp danh sách"),
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Posts of a unit: how many are listed, and how many an appointment list tells (None when none does)."""

    supplier: str
    group: str
    unit: str
    on: str
    listed: int
    expected: int | None

    @property
    def said(self) -> str:
        """The gap in words; empty when there is none."""
        if self.expected is None:
            return "no appointment list"
        if self.listed == self.expected:
            return ""
        missing = self.expected - self.listed
        return f"{missing} missing" if missing > 0 else f"{-missing} too many"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a post now."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A move as recorded."""

    number: int
    successor_answers: bool


def officials(wave: RegisteredWave, group: str) -> Group:
    """A group that is drawn from a list of posts. Raises Faults for any other."""
    for each in wave.spec.groups:
        if each.id == group and each.assesses != "dossier":
            return each
    known = ", ".join(each.id for each in wave.spec.groups if each.assesses != "dossier")
    raise Faults(f"wave “{wave.spec.id}” has no group “{group}” with a list of posts; such are: {known or 'none'}")


def expect(
    store: Store, clock: Clock, wave: RegisteredWave, group: str, file: Path, *, supplier: str = "", who: str
) -> int:
    """Keep an appointment list, in place of an earlier one; return of how many units it tells.

    Raises Faults with every fault of the file.
    """
    officials(wave, group)
    rows = _read(tables.read(tables.content_of(file), file.name, tables.OFFICE), file.name)
    key = {"wave": wave.spec.id, "grp": group}
    with store.write() as tx:
        there = [row["unit"] for row in tx.post_supplied(**key)]
        names = _names(wave, there)
        tx.post_forget_expected(**key)
        told: dict[str, int] = {}
        for number, unit, posts, office in rows:
            identity = _found(names, unit)
            if identity in told:
                raise Faults([Fault(f"“{unit}” stands already in row {told[identity]}", file.name, number)])
            told[identity] = number
            tx.post_expect(**key, unit=identity, expected=posts, supplier=office or supplier)
        audit.append(tx, clock, who, "appointment list imported", wave.spec.id,
                     {"group": group, "file": file.name, "units": len(told), "supplier": supplier})  # fmt: skip
    return len(told)


def _names(wave: RegisteredWave, there: list[str]) -> Names:
    """Offices of the wave, and those that the list of posts has beside them."""
    known = {unit.id: [*unit.name.values(), unit.id] for unit in wave.spec.units}
    return Names(known | {unit: [unit] for unit in there if unit not in known})


def _found(names: Names, unit: str) -> str:
    try:
        return names.find(unit)
    except NameFault:
        return unit


def _read(sheets: tuple[tables.Sheet, ...], file: str) -> list[tuple[int, str, int, str]]:
    """Row number, unit, posts and supplier. Raises Faults."""
    field_of = {unmarked(heading): name for name, headings in EXPECTED.items() for heading in (name, *headings)}
    rows: list[tuple[int, str, int, str]] = []
    faults: list[Fault] = []
    column: dict[str, int] = {}
    for sheet in sheets:
        column = {}
        for number, row in enumerate(sheet.rows, start=1):
            cells = dict(enumerate(row))
            if not column:
                here = {field_of[key]: at for at, cell in cells.items() if (key := unmarked(plain(cell))) in field_of}
                column = here if {"unit", "expected"} <= here.keys() else {}
            elif any(map(plain, row)):
                try:
                    unit, posts = written(cells.get(column["unit"], "")), count(cells.get(column["expected"], ""))
                    rows.append((number, unit, int(posts), written(cells.get(column.get("supplier", -1), ""))))
                except ValueError as error:
                    faults.append(Fault(str(error), sheet.place, number))
    if not rows and not faults:
        needed = " and ".join(f"“{EXPECTED[name][0]}”" for name in ("unit", "expected"))
        raise Faults([Fault(f"has no columns {needed} with rows below", file)])
    if faults:
        raise Faults(faults)
    return rows


def gaps(store: Store, wave: RegisteredWave, group: str | None = None) -> list[Gap]:
    """Posts listed against posts expected, by the office that supplied the list. Raises Faults for a wrong group."""
    asked = [officials(wave, group)] if group else [each for each in wave.spec.groups if each.assesses != "dossier"]
    with store.read() as tx:
        found = [gap for each in asked for gap in _gaps(tx, wave, each.id)]
    return sorted(found, key=lambda gap: (gap.supplier, gap.group, gap.unit))


def _gaps(tx: Transaction, wave: RegisteredWave, group: str) -> list[Gap]:
    key = {"wave": wave.spec.id, "grp": group}
    expected = {_key(row["unit"]): row for row in tx.post_expected(**key)}
    listed: dict[str, list[Mapping[str, Any]]] = {}
    for row in tx.post_supplied(**key):
        listed.setdefault(_key(row["unit"]), []).append(row)
    found = []
    for unit in {**expected, **listed}:
        rows, told = listed.get(unit, []), expected.get(unit)
        suppliers = dict.fromkeys(row["supplier"] for row in rows if row["supplier"])
        office = ", ".join(suppliers) or (told["supplier"] if told else "")
        on = ", ".join(dict.fromkeys(row["reference_date"] for row in rows if row["reference_date"]))
        name = rows[0]["unit"] if rows else told["unit"] if told else unit
        listed_here = sum(row["n"] for row in rows)
        found.append(Gap(office, group, name, on, listed_here, told["expected"] if told else None))
    return found


def _key(unit: str) -> str:
    """Two spellings of an office outside the wave are one."""
    return fold(unit)


def move(
    store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, group: str, post: str, appointed: date,
    successor: Holder, *, reason: str, who: str,
) -> Moved:  # fmt: skip
    """Record that a post has a new holder. Raises Faults for an unknown post, an empty reason, a wave that is over.

    Appointed before the wave opens, the successor's contact takes the place of the former holder's; later, nothing
    changes but the record.
    """
    officials(wave, group)
    if wave.state in ("closed", "frozen"):
        raise Faults(f"wave “{wave.spec.id}” is {wave.state}: nobody answers any more")
    told = stated(reason)
    answers = appointed < wave.spec.opens
    (reference,) = keyed_hashes(keyring.wave_keys(wave.spec.id).frame, f"reference/{group}")([written(post)])
    key = {"wave": wave.spec.id, "grp": group}
    with store.write() as tx:
        row = tx.contact_of_post(**key, reference=reference)
        if row is None:
            raise Faults(f"group “{group}” has no post “{post}”")
        if answers:
            tx.contact_replace(
                frame_row=row["id"], name=written(successor.name) or None, phone=phone(successor.phone) or None,
                email=email(successor.email) or None, address=written(successor.address) or None,
            )  # fmt: skip
        number = tx.post_last_move(**key) + 1
        chosen = "successor" if answers else "holder"
        tx.post_add_move(**key, number=number, frame_row=row["id"], unit=row["unit"], appointed=appointed.isoformat(),
                         answers=chosen, reason=told, who=who, at=clock().isoformat(timespec="seconds"))  # fmt: skip
        detail = {"group": group, "unit": row["unit"], "number": number, "appointed": appointed.isoformat(),
                  "answers": chosen, "reason": told}  # fmt: skip
        audit.append(tx, clock, who, "post moved", wave.spec.id, detail)
    if answers:
        frame_contacts.flag_again(store, wave.spec.id)
    return Moved(number, answers)


def moves(store: Store, wave: RegisteredWave, group: str) -> list[Mapping[str, Any]]:
    """The recorded moves of a group, in their order. Raises Faults for a group without posts."""
    officials(wave, group)
    with store.read() as tx:
        return [dict(row) for row in tx.post_moves(wave=wave.spec.id, grp=group)]

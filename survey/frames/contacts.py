"""Contacts that are not a person's own: the number of a go-between (nộp hộ), or of somebody on the staff.

They are counted by unit, and never used for merging persons or for electronic delivery.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forms import tables
from forms.faults import Fault, Faults
from survey import audit
from survey.clock import Clock
from survey.frames.cell_values import email, phone, plain, unmarked
from survey.frames.headings import POST
from survey.store import Store, Transaction
from survey.wave import RegisteredWave

_READ = {"phone": phone, "email": email}


@dataclass(frozen=True, slots=True)
class Flagged:
    """Rows of a unit whose telephone or e-mail is shared by more than three persons, or a staff member's."""

    shared: int
    staff: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Rows of a unit that have a telephone or e-mail, and how many of them are flagged."""

    group: str
    unit: str
    reachable: int
    shared: int
    staff: int
    flagged: int


def staged(tx: Transaction, wave: str) -> dict[str, Flagged]:
    """The flagged rows of the list in the scratch database, by unit."""
    return {row["unit"]: Flagged(row["shared"] or 0, row["staff"] or 0) for row in tx.contact_staged_flags(wave=wave)}


def flag(tx: Transaction, wave: str) -> None:
    """Flag the contacts of a wave anew; which are shared stands in the scratch database."""
    tx.contact_forget_flags(wave=wave)
    tx.contact_flag_all(wave=wave)


def flag_again(store: Store, wave: str) -> None:
    """Flag the contacts of a wave anew after one of them changed."""
    with store.staging(), store.write() as tx:
        tx.frame_stage_rows()
        tx.frame_stage_shared()
        tx.frame_stage_suspects()
        tx.frame_find_shared(wave=wave, grp="", replace=0)
        flag(tx, wave)


def forget_group(tx: Transaction, wave: str, group: str) -> None:
    """Forget the contacts of a group, whose list is replaced."""
    tx.contact_forget_group(wave=wave, grp=group)


def by_unit(store: Store, wave: str) -> list[Reach]:
    """How many contacts of each group and unit may be used for electronic delivery, and how many not."""
    with store.read() as tx:
        return [
            Reach(row["grp"], row["unit"], row["n"], row["shared"], row["staff"], row["flagged"])
            for row in tx.contact_flags(wave=wave)
        ]


def add_staff(store: Store, clock: Clock, wave: RegisteredWave, file: Path, *, who: str) -> int:
    """Read a list of staff (telephones, e-mails) and flag the contacts found in it; return how many values it has.

    Raises Faults when no column holds either.
    """
    values = _staff_values(tables.read(tables.content_of(file), file.name, tables.OFFICE), file.name)
    with store.write() as tx:
        tx.contact_add_staff({"wave": wave.spec.id, "value": value} for value in sorted(values))
        detail = {"file": file.name, "values": len(values)}
        audit.append(tx, clock, who, "staff list imported", wave.spec.id, detail)
    flag_again(store, wave.spec.id)
    return len(values)


def _staff_values(sheets: tuple[tables.Sheet, ...], file: str) -> set[str]:
    field_of = {unmarked(heading): name for name in _READ for heading in (name, *POST[name])}
    values: set[str] = set()
    found = False
    for sheet in sheets:
        columns: dict[int, str] = {}
        for row in sheet.rows:
            here = {at: field_of[key] for at, cell in enumerate(row) if (key := unmarked(plain(cell))) in field_of}
            if here:
                columns, found = here, True
                continue
            values |= {_READ[name](row[at]) for at, name in columns.items() if at < len(row) and plain(row[at])}
    if not found:
        raise Faults([Fault("has no column “Số điện thoại” or “Thư điện tử”", file)])
    return values

"""Draws in the store: the list's hash is recorded first, then the public number; anybody may repeat what follows."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from forms.faults import Fault, Faults
from survey import audit, drawing, listing
from survey.clock import Clock
from survey.drawing import Drawn
from survey.listing import Listing
from survey.sampling import ALGORITHM, ListRow, effective_seed, list_text
from survey.store import Store, Transaction
from survey.wave import Group, RegisteredWave

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Listed:
    """A recorded list; ``again`` when it had been recorded before."""

    group: str
    number: int
    rows: int
    hash: str
    again: bool


@dataclass(frozen=True, slots=True)
class Made:
    """A draw as recorded."""

    group: str
    number: int
    list_hash: str
    public_number: str
    seed: str
    drawn: int
    cells: int
    note: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """What repeating a recorded draw came to; it agrees when there are no ``differences``."""

    group: str
    number: int
    list_hash: str
    seed: str
    drawn: int
    differences: tuple[str, ...]


def group_of(wave: RegisteredWave, identity: str) -> Group:
    """The group of this id. Raises Faults naming those there are."""
    try:
        return wave.spec.group(identity)
    except KeyError:
        known = ", ".join(group.id for group in wave.spec.groups)
        raise Faults(f"wave “{wave.spec.id}” has no group “{identity}”; it has {known}") from None


def read_list(tx: Transaction, wave: RegisteredWave, group: Group, salt: bytes) -> Listing:
    """The list of a group's frame as it is now. Raises Faults."""
    rows = tx.frame_rows(wave=wave.spec.id, grp=group.id)
    return listing.make(wave.spec, group, map(listing.entry, rows), salt)


def waiting(store: Store, wave: RegisteredWave) -> list[str]:
    """The groups that are not drawn yet."""
    with store.read() as tx:
        return [group.id for group in wave.spec.groups if not _drawn(tx.draw_last(wave=wave.spec.id, grp=group.id))]


def _drawn(row: Mapping[str, Any] | None) -> bool:
    return row is not None and row["drawn_at"] is not None


def record_lists(
    store: Store, clock: Clock, wave: RegisteredWave, groups: Iterable[str], *, reason: str = "", who: str = ""
) -> list[Listed]:
    """Record each group's list and its hash, before any number. A list recorded and still true is kept.

    Raises Faults for every group at once, having changed nothing: an empty frame, a frame without a column of the
    design, a group with invitations, a group drawn before when no ``reason`` is given.
    """
    faults: list[Fault] = []
    done = []
    with store.write() as tx:
        for identity in groups:
            try:
                done.append(_record(tx, clock, wave, group_of(wave, identity), reason.strip(), who))
            except Faults as found:
                faults += found.faults
        if faults:
            raise Faults(faults)
    return done


def _record(tx: Transaction, clock: Clock, wave: RegisteredWave, group: Group, reason: str, who: str) -> Listed:
    key = {"wave": wave.spec.id, "grp": group.id}
    if tx.draw_issued(**key):
        raise Faults(f"group {group.id}: its invitations are issued; it cannot be drawn again")
    last = tx.draw_last(**key)
    if _drawn(last) and not reason:
        raise Faults(f"group {group.id}: drawn already, at {last['drawn_at']}; a second draw needs --reason")
    if last is not None and not _drawn(last):
        now = read_list(tx, wave, group, last["salt"])
        if now.hash == last["list_hash"]:
            return Listed(group.id, last["number"], len(now.rows), now.hash, True)
    salt = secrets.token_bytes(SALT_BYTES)
    made = read_list(tx, wave, group, salt)
    number = last["number"] + 1 if last else 1
    design = {"method": str(group.design.method), "take": dict(sorted(made.strata.take.items()))}
    tx.draw_add(**key, number=number, salt=salt, list_hash=made.hash, design=_json(design), listed_at=_now(clock),
                reason=reason or None)  # fmt: skip
    tx.draw_add_rows(
        {
            **key, "number": number, "row_id": row.row_id, "frame_row": made.entry[row.row_id].id,
            "stratum": row.stratum, "size": row.size,
        }
        for row in made.rows
    )  # fmt: skip
    detail = {"group": group.id, "number": number, "rows": len(made.rows), "list_sha256": made.hash, "reason": reason}
    audit.append(tx, clock, who, "list recorded", wave.spec.id, detail)
    return Listed(group.id, number, len(made.rows), made.hash, False)


def draw(
    store: Store, clock: Clock, wave: RegisteredWave, groups: Iterable[str], public_number: str, *, who: str = ""
) -> list[Made]:
    """Draw each group from its recorded list with the public number, and fill the cells.

    Raises Faults for every group at once, having changed nothing: no recorded list, a frame changed since, a cell
    under k.
    """
    number = checked_number(public_number)
    faults: list[Fault] = []
    made = []
    with store.write() as tx:
        for identity in groups:
            try:
                made.append(_draw(tx, clock, wave, group_of(wave, identity), number, who))
            except Faults as found:
                faults += found.faults
        if faults:
            raise Faults(faults)
    return made


def checked_number(text: str) -> str:
    """A public number as announced, leading zeros kept. Raises Faults for anything but digits."""
    number = text.strip()
    if not (number.isascii() and number.isdecimal()):
        raise Faults(f"“{text}” is no public number: digits only, as they were announced")
    return number


def _draw(tx: Transaction, clock: Clock, wave: RegisteredWave, group: Group, public: str, who: str) -> Made:
    key = {"wave": wave.spec.id, "grp": group.id}
    last = tx.draw_last(**key)
    if last is None or _drawn(last):
        raise Faults(f"group {group.id}: no list is recorded that waits for its number")
    made = read_list(tx, wave, group, last["salt"])
    if made.hash != last["list_hash"]:
        raise Faults(f"group {group.id}: its list changed after it was recorded; record it again")
    seed = effective_seed(made.hash, public)
    drawn = drawing.draw(wave.spec, group, made, seed)
    at = {**key, "number": last["number"]}
    first = _store_cells(tx, key, group, drawn)
    cell_of = {row_id: first + position for position, cell in enumerate(drawn.cells) for row_id in cell.rows}
    tx.draw_mark_rows(
        {**at, "row_id": row_id, "probability": chance, "cell": cell_of.get(row_id)}
        for row_id, chance in drawn.probability.items()
    )
    tx.draw_finish(**at, public_number=public, effective_seed=seed, algorithm=ALGORITHM, drawn_at=_now(clock),
                   design=_json(drawn.note))  # fmt: skip
    detail = {"group": group.id, "number": last["number"], "public_number": public, "effective_seed": seed,
              "drawn": drawn.drawn}  # fmt: skip
    audit.append(tx, clock, who, "sample drawn", wave.spec.id, detail)
    return Made(group.id, last["number"], made.hash, public, seed, drawn.drawn, len(drawn.cells), drawn.note)


def _store_cells(tx: Transaction, key: Mapping[str, str], group: Group, drawn: Drawn) -> int:
    """Replace the group's cells; return the first new id."""
    tx.draw_forget_cells(**key)
    tx.draw_forget_design(**key)
    first: int = tx.draw_next_cell(wave=key["wave"])
    tx.draw_add_cells(
        {
            **key, "id": first + position, "stratum": cell.stratum, "wclass": cell.wclass, "margins": cell.margins,
            "mode": cell.mode, "units": cell.units,
        }
        for position, cell in enumerate(drawn.cells)
    )  # fmt: skip
    tx.draw_add_design(
        {
            **key, "stratum": row.stratum, "wclass": row.wclass, "margins": row.margins,
            "method": str(group.design.method), "population": row.population, "drawn": row.drawn,
        }
        for row in drawn.design
    )  # fmt: skip
    return first


def verify(store: Store, wave: RegisteredWave) -> list[Check]:
    """Repeat the last draw of every group from the frame, and compare list, hash, seed, selection and cells."""
    with store.read() as tx:
        rows = [tx.draw_last(wave=wave.spec.id, grp=group.id) for group in wave.spec.groups]
        return [_check(tx, wave, row) for row in rows if row is not None]


def _check(tx: Transaction, wave: RegisteredWave, row: Mapping[str, Any]) -> Check:
    key = {"wave": wave.spec.id, "grp": row["grp"]}
    group = wave.spec.group(row["grp"])
    made = read_list(tx, wave, group, row["salt"])
    stored = list(tx.draw_rows(**key, number=row["number"]))
    differences = []
    if made.hash != row["list_hash"]:
        differences.append("the list made from the frame has another hash than the one recorded")
    if [(each["row_id"], each["stratum"], each["size"]) for each in stored] != [
        (each.row_id, each.stratum, each.size) for each in made.rows
    ]:
        differences.append("the rows stored with the draw are not those of the frame")
    if not _drawn(row):
        return Check(group.id, row["number"], row["list_hash"], "", 0, tuple(differences))
    seed = effective_seed(row["list_hash"], row["public_number"])
    if seed != row["effective_seed"]:
        differences.append("the effective seed does not follow from the list's hash and the public number")
    differences += _redrawn(tx, wave, group, made, seed, stored)
    drawn = sum(each["cell"] is not None for each in stored)
    return Check(group.id, row["number"], row["list_hash"], seed, drawn, tuple(differences))


def _redrawn(
    tx: Transaction, wave: RegisteredWave, group: Group, made: Listing, seed: str, stored: list[Mapping[str, Any]]
) -> list[str]:
    key = {"wave": wave.spec.id, "grp": group.id}
    again = drawing.draw(wave.spec, group, made, seed)
    differences = []
    selected = {row_id for cell in again.cells for row_id in cell.rows}
    recorded = {each["row_id"] for each in stored if each["cell"] is not None}
    if selected != recorded:
        differences.append(
            f"{len(selected - recorded)} rows should be drawn and are not, "
            f"{len(recorded - selected)} are drawn and should not be"
        )
    if any(each["probability"] != again.probability.get(each["row_id"]) for each in stored):
        differences.append("inclusion probabilities differ")
    fields = ("stratum", "wclass", "margins", "mode", "units")
    told = [tuple(cell[name] for name in fields) for cell in tx.draw_cells(**key)]
    if told != [tuple(getattr(cell, name) for name in fields) for cell in again.cells]:
        differences.append("cells, or weights in them, differ")
    of_cell = Counter(each["cell"] for each in stored if each["cell"] is not None)
    ids = [cell["id"] for cell in tx.draw_cells(**key)]
    if [of_cell[identity] for identity in ids] != [len(cell.rows) for cell in again.cells]:
        differences.append("cells hold other numbers")
    return differences


def export_list(store: Store, wave: RegisteredWave, group: str) -> str:
    """The recorded person-free list of a group, as hashed. Raises Faults when none is recorded."""
    asked = group_of(wave, group)
    with store.read() as tx:
        last = tx.draw_last(wave=wave.spec.id, grp=asked.id)
        if last is None:
            raise Faults(f"group {group}: no list is recorded yet; `phieu sample list` records it")
        take = json.loads(last["design"])["take"]
        rows = tx.draw_rows(wave=wave.spec.id, grp=asked.id, number=last["number"])
        return list_text((_list_row(row) for row in rows), take)


def _list_row(row: Mapping[str, Any]) -> ListRow:
    return ListRow(row["row_id"], row["stratum"], int(row["size"]))


def _now(clock: Clock) -> str:
    return clock().isoformat(timespec="seconds")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)

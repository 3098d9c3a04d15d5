"""Draws in the store: the list's hash is recorded first, then the public number; anybody may repeat what follows."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from forms.faults import Fault, Faults
from survey import audit
from survey.clock import Clock
from survey.sample import drawing, listing
from survey.sample.drawing import Drawn
from survey.sample.listing import Listing
from survey.sample.sampling import ALGORITHM, How, ListRow, effective_seed, list_text
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
        return [
            each.id for each in wave.spec.listed_groups if not is_drawn(tx.draw_last(wave=wave.spec.id, grp=each.id))
        ]


def is_drawn(row: Mapping[str, Any] | None) -> bool:
    """Whether a recorded list got its number."""
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
    if group.counter is not None:
        raise Faults(f"group {group.id}: is selected at counters; there is no list to draw from beforehand")
    if tx.draw_issued(**key):
        raise Faults(f"group {group.id}: its invitations are issued; it cannot be drawn again")
    last = tx.draw_last(**key)
    if is_drawn(last) and not reason:
        raise Faults(f"group {group.id}: drawn already, at {last['drawn_at']}; a second draw needs --reason")
    if last is not None and not is_drawn(last):
        now = read_list(tx, wave, group, last["salt"])
        if now.hash == last["list_hash"]:
            return Listed(group.id, last["number"], len(now.rows), now.hash, True)
    salt = secrets.token_bytes(SALT_BYTES)
    made = read_list(tx, wave, group, salt)
    number = last["number"] + 1 if last else 1
    design = {"method": str(group.design.method), **_columns(made)}
    tx.draw_add(**key, number=number, salt=salt, list_hash=made.hash, design=_json(design), listed_at=_now(clock),
                reason=reason or None)  # fmt: skip
    tx.draw_add_rows(
        {
            **key, "number": number, "row_id": row.row_id, "frame_row": made.entry[row.row_id].id,
            "stratum": row.stratum, "size": row.size, "position": row.position, "psu": row.psu,
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
    if last is None or is_drawn(last):
        raise Faults(f"group {group.id}: no list is recorded that waits for its number")
    made = read_list(tx, wave, group, last["salt"])
    if made.hash != last["list_hash"]:
        raise Faults(f"group {group.id}: its list changed after it was recorded; record it again")
    seed = effective_seed(made.hash, public)
    drawn = drawing.draw(wave.spec, group, made, seed)
    at = {**key, "number": last["number"]}
    first = _store_cells(tx, key, group, drawn)
    mark_rows(tx, at, drawn, first)
    _store_psus(tx, key, drawn)
    tx.draw_finish(**at, public_number=public, effective_seed=seed, algorithm=ALGORITHM, drawn_at=_now(clock),
                   design=_json({**drawn.note, **_columns(made)}))  # fmt: skip
    detail = {"group": group.id, "number": last["number"], "public_number": public, "effective_seed": seed,
              "drawn": drawn.drawn}  # fmt: skip
    audit.append(tx, clock, who, "sample drawn", wave.spec.id, detail)
    return Made(group.id, last["number"], made.hash, public, seed, drawn.drawn, len(drawn.cells), drawn.note)


def _columns(made: Listing) -> dict[str, Any]:
    """What the list's own columns need to be written again."""
    how = made.how
    return {
        "take": dict(sorted(made.strata.take.items())),
        "reserve": dict(sorted(how.reserve.items())),
        "psus": dict(sorted(how.psus.items())),
        "systematic": how.systematic,
    }


def mark_rows(tx: Transaction, at: Mapping[str, Any], drawn: Drawn, first: int) -> None:
    """Record each row's probability, and its cell or its place in the reserve; ``first``: id of the first cell."""
    cell_of = {row_id: first + position for position, cell in enumerate(drawn.cells) for row_id in cell.rows}
    waits = {row_id: place for order in drawn.reserve.values() for place, row_id in enumerate(order, start=1)}
    tx.draw_mark_rows(
        {**at, "row_id": row_id, "probability": chance, "cell": cell_of.get(row_id), "waits": waits.get(row_id)}
        for row_id, chance in drawn.probability.items()
    )


def _store_psus(tx: Transaction, key: Mapping[str, str], drawn: Drawn) -> None:
    tx.draw_forget_psus(**key)
    tx.draw_add_psus(
        {
            **key, "stratum": psu.stratum, "psu": psu.name, "population": psu.population,
            "probability": psu.probability, "drawn": int(psu.drawn),
        }
        for psu in drawn.psus
    )  # fmt: skip


def store_design(tx: Transaction, key: Mapping[str, str], group: Group, drawn: Drawn) -> None:
    """Replace the group's rows of the design."""
    tx.draw_forget_design(**key)
    tx.draw_add_design(
        {
            **key, "stratum": row.stratum, "wclass": row.wclass, "margins": row.margins,
            "method": str(group.design.method), "population": row.population, "drawn": row.drawn,
        }
        for row in drawn.design
    )  # fmt: skip


def _store_cells(tx: Transaction, key: Mapping[str, str], group: Group, drawn: Drawn) -> int:
    """Replace the group's cells; return the first new id."""
    tx.draw_forget_cells(**key)
    first: int = tx.draw_next_cell(wave=key["wave"])
    tx.draw_add_cells(
        {
            **key, "id": first + position, "stratum": cell.stratum, "wclass": cell.wclass, "margins": cell.margins,
            "mode": cell.mode, "units": cell.units,
        }
        for position, cell in enumerate(drawn.cells)
    )  # fmt: skip
    store_design(tx, key, group, drawn)
    return first


def export_list(store: Store, wave: RegisteredWave, group: str) -> str:
    """The recorded person-free list of a group, as hashed. Raises Faults when none is recorded."""
    asked = group_of(wave, group)
    with store.read() as tx:
        last = tx.draw_last(wave=wave.spec.id, grp=asked.id)
        if last is None:
            raise Faults(f"group {group}: no list is recorded yet; `phieu sample list` records it")
        told = json.loads(last["design"])
        rows = tx.draw_rows(wave=wave.spec.id, grp=asked.id, number=last["number"])
        how = How(told.get("reserve", {}), told.get("psus", {}), systematic=told.get("systematic", False))
        return list_text(map(list_row, rows), told["take"], how)


def list_row(row: Mapping[str, Any]) -> ListRow:
    """A row of the list as it was recorded."""
    return ListRow(row["row_id"], row["stratum"], int(row["size"]), row["position"], row["psu"])


def _now(clock: Clock) -> str:
    return clock().isoformat(timespec="seconds")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)

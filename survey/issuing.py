"""Whatever makes or shows codes: issuing, reissuing, and the export for printing, which is logged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from forms.faults import Fault, Faults
from survey import audit, boxes, codes, drafts, seals
from survey.clock import Clock
from survey.counter import secret as counter_draw
from survey.dispositions import State
from survey.invitations import Invitation, by_serial, count_days, from_row, record_in, require_unspent, stated
from survey.keys import Keyring, WaveKeys
from survey.plan.wave_spec import AT_ONCE
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.config import Settings
    from survey.wave import RegisteredWave, WaveSpec

_Counted = tuple[tuple[int, int], dict[str, tuple[int, int]]]
_AT_PLACES: WeakKeyDictionary[Store, dict[tuple[str, str], _Counted]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One line of an export; ``code`` is grouped by dashes, ``url`` holds it without."""

    serial: int
    group: str
    units: tuple[str, ...]
    place: str
    code: str
    url: str


def issue(store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, *, who: str) -> int:
    """Make one invitation of every drawn row that has none; return how many.

    The first time this writes seal 0 and opens the wave; later times add a seal. Raises Faults, having changed
    nothing, when nothing was drawn, the wave is over, a cell holds fewer than k or does not fit the wave's boxes.
    """
    identity = wave.spec.id
    keys = keyring.wave_keys(identity)
    with store.moving(patient=True) as tx:  # a seal ends it
        state = tx.invitation_wave_state(wave=identity)
        if state not in ("draft", "open"):
            raise Faults(f"wave “{identity}” is {state}: no more invitations can be issued")
        _no_list_waits(tx, identity)
        drawn = list(tx.invitation_to_issue(wave=identity))
        if not drawn and (state == "open" or wave.spec.listed_groups):
            if state == "draft":
                raise Faults(f"wave “{identity}” has no drawn rows: run `phieu sample draw` first")
            return 0
        rows = _rows(keys, identity, tx.invitation_last_serial(wave=identity), drawn)
        tx.invitation_add(rows)
        made = {row["serial"] for row in rows}
        issued = [row for row in map(from_row, tx.invitation_all(wave=identity)) if row.serial in made]
        _check_cells(tx, wave, issued)
        count_days(tx, clock, wave, ((invitation, State.ISSUED) for invitation in issued))
        audit.append(tx, clock, who, "invitations issued", identity, {"n": len(issued)})
        tx.invitation_open_wave(wave=identity)
        counter_draw.prepare(tx, wave, keys)
        seals.write(tx, clock, wave)
    return len(issued)


def reissue(
    store: Store,
    draft_store: Store,
    keyring: Keyring,
    clock: Clock,
    wave: RegisteredWave,
    serial: int,
    *,
    who: str,
    reason: str,
) -> str:
    """Give an unspent invitation a new code, which is returned; the old one is revoked and its draft discarded.

    The draft goes because whoever holds the old slip could have written it. Raises Faults when the invitation was
    answered or revoked.
    """
    return reissue_all(store, draft_store, keyring, clock, wave, [serial], who=who, reason=reason)[0]


def reissue_all(
    store: Store, draft_store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, serials: Sequence[int],
    *, who: str, reason: str,
) -> list[str]:  # fmt: skip
    """The same for several: all of them, or none. Raises Faults naming the first that was answered or revoked."""
    keys, old, fresh = keyring.wave_keys(wave.spec.id), [], []
    with store.write() as tx:
        for serial in serials:
            invitation = by_serial(tx, wave.spec.id, serial)
            require_unspent(invitation)
            generation = invitation.generation + 1
            code = codes.derive(keys.code, serial, generation)
            tx.invitation_revoke_code(lookup=invitation.lookup, wave=wave.spec.id)
            tx.invitation_new_code(old=invitation.lookup, lookup=codes.lookup(keys.lookup, code), generation=generation)
            tx.message_forget(wave=wave.spec.id, serial=serial)  # what was sent leads to the old code
            detail = {"serial": serial, "generation": generation, "reason": stated(reason)}
            audit.append(tx, clock, who, "invitation reissued", wave.spec.id, detail)
            old.append(codes.derive(keys.code, serial, invitation.generation))
            fresh.append(code)
    for code in old:
        drafts.discard(draft_store, keys, code)
    return fresh


def unspent(store: Store, wave: RegisteredWave, serials: Sequence[int]) -> tuple[list[int], list[Fault]]:
    """Those that may be reissued or revoked now, and why not of the others. Raises Faults naming what is none."""
    fit: list[int] = []
    final: list[Fault] = []
    unknown: list[Fault] = []
    with store.read() as tx:
        for serial in serials:
            try:
                invitation = by_serial(tx, wave.spec.id, serial)
            except Faults as found:
                unknown += found.faults
                continue
            try:
                require_unspent(invitation)
                fit.append(serial)
            except Faults as found:
                final += found.faults
    if unknown:
        raise Faults([*final, *unknown])
    return fit, final


def record_all(
    store: Store, clock: Clock, wave: RegisteredWave, serials: Sequence[int], state: State, *, who: str, reason: str
) -> None:
    """Enter what became of several: all, or none. Raises Faults naming each that has no such move."""
    faults: list[Fault] = []
    with store.write() as tx:
        for serial in serials:
            try:
                record_in(tx, clock, wave, by_serial(tx, wave.spec.id, serial), state, who=who, reason=reason)
            except Faults as found:
                faults += found.faults
        if faults:
            raise Faults(faults)


def export_rows(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave,
    *, who: str, reason: str, unit: str | None = None, place: str | None = None, group: str | None = None,
    handed: bool | None = None, serials: Collection[int] | None = None,
) -> list[ExportRow]:  # fmt: skip
    """Codes for printing, by serial, without revoked invitations. That they left, to whom and why is in the log.

    ``handed``: places hand them over (the default when a ``place`` is asked for), so those that assess the office
    running their place are withheld; they go as sealed letters.
    """
    keys = keyring.wave_keys(wave.spec.id)
    careful = place is not None if handed is None else handed

    def wanted(invitation: Invitation) -> bool:
        return (
            invitation.state is not State.REVOKED
            and invitation.mode not in AT_ONCE  # shown or printed when they were made, and never again
            and (unit is None or unit in invitation.unit_ids)
            and place in (None, invitation.place)
            and group in (None, invitation.group)
            and (serials is None or invitation.serial in serials)
            and not (careful and assesses_its_place(wave.spec, invitation))
        )

    with store.write() as tx:
        chosen = (row for row in map(from_row, tx.invitation_all(wave=wave.spec.id)) if wanted(row))
        rows = [_line(keys, settings.base_url, invitation) for invitation in chosen]
        detail = {"n": len(rows), "unit": unit, "place": place, "group": group, "reason": stated(reason)}
        named = {} if serials is None else {"serials": [row.serial for row in rows]}
        audit.append(tx, clock, who, "codes exported", wave.spec.id, detail | named)
    return rows


def _line(keys: WaveKeys, base_url: str, invitation: Invitation) -> ExportRow:
    code = codes.derive(keys.code, invitation.serial, invitation.generation)
    url, shown = f"{base_url}/P/{code}", codes.grouped(code)
    return ExportRow(invitation.serial, invitation.group, invitation.unit_ids, invitation.place, shown, url)


def assesses_its_place(spec: WaveSpec, invitation: Invitation) -> bool:
    """Whether the office running its place would hold an invitation about itself; that of staff about their own may."""
    return _about_its_place(spec, invitation.group, invitation.place, invitation.unit_ids)


def _about_its_place(spec: WaveSpec, group: str, place: str, units: Collection[str]) -> bool:
    return spec.group(group).assesses != "own" and spec.office_of(place) in units


def at_places(store: Store, wave: RegisteredWave) -> dict[str, tuple[int, int]]:
    """Place → invitations that are not revoked, and those of them that no file for the place may hold.

    Kept until an invitation is made or revoked: nothing else moves one between these counts.
    """
    kept, key = _AT_PLACES.setdefault(store, {}), (wave.spec.id, wave.plan_hash)
    with store.read() as tx:
        row = tx.invitation_standing_counts(wave=wave.spec.id)
        stamp = (row["made"], row["revoked"])
        known = kept.get(key)
        if known is None or known[0] != stamp:
            known = kept[key] = stamp, _count_places(tx, wave)
    return known[1]


def _count_places(tx: Transaction, wave: RegisteredWave) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for row in tx.invitation_at_places(wave=wave.spec.id):
        units = [unit for unit, _weight in json.loads(row["units"])]
        about = row["mode"] not in AT_ONCE and _about_its_place(wave.spec, row["grp"], row["place"], units)
        n, kept = found.get(row["place"], (0, 0))
        found[row["place"]] = n + row["n"], kept + (row["n"] if about else 0)
    return found


def withheld(store: Store, wave: RegisteredWave, **chosen: str | None) -> Counter[str]:
    """By place: invitations that no file for it may hold. ``chosen``: unit, place and group, as of an export."""
    return Counter(withheld_serials(store, wave, **chosen).values())


def withheld_serials(store: Store, wave: RegisteredWave, **chosen: str | None) -> dict[int, str]:
    """Serial → place of the invitations that no file for their place may hold."""
    with store.read() as tx:
        rows = [from_row(row) for row in tx.invitation_all(wave=wave.spec.id)]
    return {
        row.serial: row.place
        for row in rows
        if row.state is not State.REVOKED
        and (chosen.get("unit") is None or chosen["unit"] in row.unit_ids)
        and chosen.get("place") in (None, row.place)
        and chosen.get("group") in (None, row.group)
        and row.mode not in AT_ONCE
        and assesses_its_place(wave.spec, row)
    }


def _rows(keys: WaveKeys, wave: str, last: int, drawn: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    taken: set[bytes] = set()
    rows = []
    for serial, row in enumerate(drawn, start=last + 1):
        generation = 0
        lookup = codes.lookup(keys.lookup, codes.derive(keys.code, serial, generation))
        while lookup in taken:  # two serials of one code: 1 wave of 86,000 in ten million
            generation += 1
            lookup = codes.lookup(keys.lookup, codes.derive(keys.code, serial, generation))
        taken.add(lookup)
        rows.append(
            {
                "lookup": lookup,
                "wave": wave,
                "serial": serial,
                "generation": generation,
                "cell": row["cell"],
                "place": row["place"],
                "frame_row": row["frame_row"],
            }
        )
    return rows


def _no_list_waits(tx: Transaction, wave: str) -> None:
    """A group whose second list waits for its number is neither the one sample nor the other. Raises Faults."""
    faults = [
        Fault(
            f"group {row['grp']}: list {row['number']} is recorded and waits for its number; draw it first: "
            f"`phieu sample draw --wave {wave} --group {row['grp']} --seed NUMBER --reason …`"
        )
        for row in tx.draw_waiting_lists(wave=wave)
    ]
    if faults:
        raise Faults(faults)


def _check_cells(tx: Transaction, wave: RegisteredWave, issued: Sequence[Invitation]) -> None:
    """Invariant 5b, once more at the door: a cell of fewer than k would name its people."""
    k = wave.spec.k
    faults = [
        Fault(f"cell {row['id']} ({row['grp']}, {row['stratum']}) holds {row['n']} invitations, fewer than {k}")
        for row in tx.invitation_small_cells(wave=wave.spec.id, k=k)
    ]
    for invitation in {invitation.cell: invitation for invitation in issued}.values():
        excess = boxes.frame_excess(invitation)
        if excess > 0:
            faults.append(Fault(f"cell {invitation.cell} is described in {excess} bytes too many for its boxes"))
    if faults:
        raise Faults(faults)

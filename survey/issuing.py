"""Whatever makes or shows codes: issuing, reissuing, and the export for printing, which is logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forms.faults import Fault, Faults
from survey import audit, boxes, codes, drafts, seals
from survey.clock import Clock
from survey.dispositions import State
from survey.invitations import Invitation, by_serial, count_days, from_row, require_unspent, stated
from survey.keys import Keyring, WaveKeys
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.config import Settings
    from survey.wave import RegisteredWave


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
    with store.write() as tx:
        state = tx.invitation_wave_state(wave=identity)
        if state not in ("draft", "open"):
            raise Faults(f"wave “{identity}” is {state}: no more invitations can be issued")
        drawn = list(tx.invitation_to_issue(wave=identity))
        if not drawn:
            if state == "draft":
                raise Faults(f"wave “{identity}” has no drawn rows: run `phieu sample draw` first")
            return 0
        last = tx.invitation_last_serial(wave=identity)
        tx.invitation_add(_rows(keys, identity, last, drawn))
        issued = [row for row in map(from_row, tx.invitation_all(wave=identity)) if row.serial > last]
        _check_cells(tx, wave, issued)
        count_days(tx, clock, wave, ((invitation, State.ISSUED) for invitation in issued))
        audit.append(tx, clock, who, "invitations issued", identity, {"n": len(issued)})
        tx.invitation_open_wave(wave=identity)
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
    keys = keyring.wave_keys(wave.spec.id)
    with store.write() as tx:
        invitation = by_serial(tx, wave.spec.id, serial)
        require_unspent(invitation)
        generation = invitation.generation + 1
        code = codes.derive(keys.code, serial, generation)
        tx.invitation_revoke_code(lookup=invitation.lookup, wave=wave.spec.id)
        tx.invitation_new_code(old=invitation.lookup, lookup=codes.lookup(keys.lookup, code), generation=generation)
        detail = {"serial": serial, "generation": generation, "reason": stated(reason)}
        audit.append(tx, clock, who, "invitation reissued", wave.spec.id, detail)
    drafts.discard(draft_store, keys, codes.derive(keys.code, serial, invitation.generation))
    return code


def export_rows(
    store: Store,
    keyring: Keyring,
    settings: Settings,
    clock: Clock,
    wave: RegisteredWave,
    *,
    who: str,
    reason: str,
    unit: str | None = None,
    place: str | None = None,
    group: str | None = None,
) -> list[ExportRow]:
    """Codes for printing, by serial, without revoked invitations. That they left, to whom and why is in the log."""
    keys = keyring.wave_keys(wave.spec.id)

    def wanted(invitation: Invitation) -> bool:
        return (
            invitation.state is not State.REVOKED
            and (unit is None or unit in invitation.unit_ids)
            and place in (None, invitation.place)
            and group in (None, invitation.group)
        )

    def line(invitation: Invitation) -> ExportRow:
        code = codes.derive(keys.code, invitation.serial, invitation.generation)
        url = f"{settings.base_url}/P/{code}"
        shown = codes.grouped(code)
        return ExportRow(invitation.serial, invitation.group, invitation.unit_ids, invitation.place, shown, url)

    with store.write() as tx:
        rows = [line(row) for row in map(from_row, tx.invitation_all(wave=wave.spec.id)) if wanted(row)]
        detail = {"n": len(rows), "unit": unit, "place": place, "group": group, "reason": stated(reason)}
        audit.append(tx, clock, who, "codes exported", wave.spec.id, detail)
    return rows


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

"""A selected dossier's questionnaire leaves: on a slip, or on a tablet; once, and once more where a printer failed.

The code exists from here to the printer or the tablet, and on no screen of the office. The log has what was done at
which office and place, without the dossier's or the invitation's number, which would date an answer.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forms.faults import Faults
from survey import audit, codes, invitations
from survey.clock import Clock
from survey.config import Settings
from survey.counter import desk, printers
from survey.dispositions import State
from survey.invitations import Door, Invitation
from survey.issuing import ExportRow
from survey.keys import Keyring, WaveKeys
from survey.plan.wave_spec import COUNTER, KIOSK
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

SERIALS = range(1_000_000, 10_000_000)  # random in here, so that a number tells no order of coming
_UNSEEN = frozenset({State.ISSUED, State.DELIVERED})


class NotLive(Faults):
    """No selection lives for this dossier: never selected, lapsed, or handed out."""


class NotAgain(Faults):
    """The slip cannot be printed once more."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What goes to the printer or the kiosk, and never to the clerk's screen."""

    row: ExportRow
    mode: str


def hand_out(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave, number: str,
    *, mode: str = COUNTER, place: str = "", who: str,
) -> Handed:  # fmt: skip
    """Make the invitation of a dossier selected within the last 15 minutes, once.

    Raises NotLive when it was not selected, has lapsed, or has its invitation; Faults when the wave takes no answers.
    """
    if mode not in (COUNTER, KIOSK):
        raise ValueError(mode)
    keys = keyring.wave_keys(wave.spec.id)
    desk.lapse(store, clock, wave, who=who)
    with store.write() as tx:
        row = desk.find(tx, wave, keys, number, place)
        if row is None:
            raise NotLive("no selection is live for this dossier: ask about it again")
        made = hand_in(tx, clock, wave, keys, row, mode, place or row["place"], secrets.choice(SERIALS), who=who)
    return Handed(_line(settings, keys, made), mode)


def hand_in(
    tx: Transaction, clock: Clock, wave: RegisteredWave, keys: WaveKeys, row: Mapping[str, Any], mode: str, place: str,
    serial: int, *, who: str,
) -> Invitation:  # fmt: skip
    """The same in the caller's transaction: under ``serial``, or another random number where that is taken."""
    if not tx.counter_hand(id=row["id"]):
        raise NotLive("no selection is live for this dossier: ask about it again; a slip is printed once")
    if tx.invitation_wave_state(wave=wave.spec.id) != "open" or invitations.door(wave, clock) is not Door.OPEN:
        raise desk.Closed(f"wave “{wave.spec.id}” takes no answers today")
    tx.counter_withdraw(dossier=row["id"])
    before = tx.counter_invitation(frame_row=row["id"])
    if before is None:
        made = add_invitation(tx, wave, keys, row, mode, State.ISSUED, place, serial)
        invitations.count_days(tx, clock, wave, [(made, State.ISSUED)])
    else:
        made = _renewed(tx, wave, keys, row, invitations.from_row(before), mode, place, serial)
    what = "counter slip printed" if mode == COUNTER else "kiosk opened"
    audit.append(tx, clock, who, what, wave.spec.id, {"unit": row["unit"], "place": made.place})
    return made


def print_slip(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave, number: str,
    *, place: str, printer: str = printers.ONLY, who: str,
) -> None:  # fmt: skip
    """The slip of a dossier selected within the last 15 minutes, straight to a printer of the place.

    Raises NoPrinter before anything is made; NotPrinted when the printer does not take it, and then the selection
    lives again and the code that was made is never good; and as ``hand_out``.
    """
    to = printers.chosen(settings.printers, place, printer)
    handed = hand_out(store, keyring, settings, clock, wave, number, place=place, who=who)
    # Imported here: fonts and QR codes are needed by this alone.
    from survey.paper import slips

    try:
        printers.send(to, slips.single(wave, handed.row))
    except printers.NotPrinted as fault:
        not_printed(store, keyring, clock, wave, number, who=who, reason=str(fault))
        raise


def ask_again(
    store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, number: str,
    *, reason: str, place: str = "", freely: bool = False, who: str,
) -> None:  # fmt: skip
    """The slip did not come out readable, or the tablet failed: for 15 minutes it may be handed out once more.

    The code that was made before is revoked when the new one is. Counted by office and published; a clerk may do it
    once a dossier, a coordinator ``freely``. Raises NotAgain for a dossier that was not handed out, was handed out
    twice, or whose code was opened meanwhile.
    """
    told = invitations.stated(reason)
    keys = keyring.wave_keys(wave.spec.id)
    with store.write() as tx:
        row = desk.find(tx, wave, keys, number, place)
        before = tx.counter_invitation(frame_row=row["id"]) if row is not None else None
        if row is None or before is None or not row["handed"]:
            raise NotAgain("nothing was handed out for this dossier")
        # One sentence for both: whether a code was opened is nobody's business at the counter.
        if (row["again"] and not freely) or State(before["state"]) not in _UNSEEN:
            raise NotAgain("this slip is not printed again: it was before, or its code was opened; ask the coordinator")
        tx.counter_reopen(id=row["id"], live_since=clock().isoformat(timespec="seconds"), again=1)
        tx.counter_count(wave=wave.spec.id, grp=row["grp"], unit=row["unit"], kind="again", n=1)
        detail = {"unit": row["unit"], "place": place or row["place"], "reason": told}
        audit.append(tx, clock, who, "counter slip asked for again", wave.spec.id, detail)


def not_printed(
    store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, number: str, *, who: str, reason: str
) -> None:
    """The printer refused the slip, so that nobody has its code: the selection lives again, and this counts nowhere."""
    keys = keyring.wave_keys(wave.spec.id)
    with store.write() as tx:
        row = desk.find(tx, wave, keys, number, "")
        if row is not None and tx.counter_reopen(
            id=row["id"], live_since=clock().isoformat(timespec="seconds"), again=row["again"]
        ):
            detail = {"unit": row["unit"], "place": row["place"], "reason": reason}
            audit.append(tx, clock, who, "counter slip not printed", wave.spec.id, detail)


def add_invitation(
    tx: Transaction, wave: RegisteredWave, keys: WaveKeys, row: Mapping[str, Any], mode: str, state: State, place: str,
    serial: int | None = None,
) -> Invitation:  # fmt: skip
    """An invitation for a selected dossier, in the cell of its office, period and mode."""
    serial = _free(tx, wave, serial)
    generation, lookup = _fresh(tx, keys, serial, 0)
    tx.invitation_add([{
        "lookup": lookup, "wave": wave.spec.id, "serial": serial, "generation": generation,
        "cell": _cell(tx, wave, row, mode), "place": place, "frame_row": row["id"],
    }])  # fmt: skip
    if state is not State.ISSUED:
        tx.invitation_move(lookup=lookup, before=State.ISSUED, state=state)
    return invitations.by_serial(tx, wave.spec.id, serial)


def _renewed(
    tx: Transaction, wave: RegisteredWave, keys: WaveKeys, row: Mapping[str, Any], before: Invitation, mode: str,
    place: str, serial: int,
) -> Invitation:  # fmt: skip
    """The invitation under a new number and code; the code before is revoked. Raises NotAgain once it was opened."""
    if before.state not in _UNSEEN:
        raise NotAgain("this slip is not printed again: it was before, or its code was opened; ask the coordinator")
    serial = _free(tx, wave, serial)
    generation, lookup = _fresh(tx, keys, serial, before.generation + 1)
    tx.invitation_revoke_code(lookup=before.lookup, wave=wave.spec.id)
    cell = _cell(tx, wave, row, mode)
    tx.counter_renew(old=before.lookup, lookup=lookup, serial=serial, generation=generation, cell=cell, place=place)
    return invitations.by_serial(tx, wave.spec.id, serial)


def _free(tx: Transaction, wave: RegisteredWave, serial: int | None) -> int:
    serial = secrets.choice(SERIALS) if serial is None else serial
    while tx.counter_serial_taken(wave=wave.spec.id, serial=serial):
        serial = secrets.choice(SERIALS)
    return serial


def _fresh(tx: Transaction, keys: WaveKeys, serial: int, generation: int) -> tuple[int, bytes]:
    """The first generation from here on whose code no other invitation has."""
    while True:
        lookup = codes.lookup(keys.lookup, codes.derive(keys.code, serial, generation))
        if invitations.by_lookup(tx, lookup) is None:
            return generation, lookup
        generation += 1


def _line(settings: Settings, keys: WaveKeys, made: Invitation) -> ExportRow:
    code = codes.derive(keys.code, made.serial, made.generation)
    url = f"{settings.base_url}/P/{code}"
    return ExportRow(made.serial, made.group, made.unit_ids, made.place, codes.grouped(code), url)


def _cell(tx: Transaction, wave: RegisteredWave, row: Mapping[str, Any], mode: str) -> int:
    """The cell of an office, a period and a mode, made when its first dossier comes."""
    shares = wave.spec.group(row["grp"]).counter
    if shares is None:
        raise ValueError(f"group {row['grp']} is not asked at counters")
    stratum = f"{row['unit']}/{row['period']}"
    found: int | None = tx.counter_cell(wave=wave.spec.id, grp=row["grp"], stratum=stratum, mode=mode)
    if found is not None:
        return found
    number = int(tx.draw_next_cell(wave=wave.spec.id))
    weight = 1.0 / shares.of(row["unit"], row["period"])
    cell = {"wave": wave.spec.id, "id": number, "grp": row["grp"], "stratum": stratum, "wclass": stratum}
    tx.draw_add_cells([cell | {"margins": "{}", "mode": mode, "units": json.dumps([[row["unit"], weight]])}])
    return number

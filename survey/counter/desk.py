"""At the counter: is this dossier selected? If so its slip is printed or the kiosk opens, there and then.

Nothing here is kept with a day: a selection is timed while it lives, and no longer. What a clerk does is counted by
office; the log has lapses and slips without the dossier's or the invitation's number, which would date an answer.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from forms.faults import Faults
from survey import audit, codes, invitations
from survey.clock import Clock, today
from survey.config import Settings
from survey.counter import selection as counter
from survey.counter.secret import key_of, reference, selects
from survey.dispositions import State
from survey.invitations import Door
from survey.issuing import ExportRow
from survey.keys import Keyring, WaveKeys
from survey.plan.wave_spec import COUNTER, KIOSK
from survey.store import Store, Transaction
from survey.wave import RegisteredWave

SERIALS = range(1_000_000, 10_000_000)  # random in here, so that a number tells no order of coming


class Answer(StrEnum):
    """What the clerk is told."""

    SELECTED = "selected"
    NOT_SELECTED = "not selected"
    EARLY = "not due and not handed over yet"
    UNLISTED = "not on the list"
    DONE = "selected before, its slip printed or its kiosk opened"


@dataclass(frozen=True, slots=True)
class Handed:
    """What goes to the printer or the kiosk, and never to the clerk's screen."""

    row: ExportRow
    mode: str


def ask(
    store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, number: str,
    *, handed_over: bool = False, place: str = "", who: str,
) -> Answer:  # fmt: skip
    """Whether a dossier is selected; asking again gives the same answer, and is counted.

    ``handed_over``: the clerk says that the result is being handed over now, which the list may not know yet. Raises
    Faults when the wave takes no answers, or the number is on the lists of two groups.
    """
    if invitations.door(wave, clock) is not Door.OPEN:
        raise Faults(f"wave “{wave.spec.id}” takes no answers today")
    keys = keyring.wave_keys(wave.spec.id)
    lapse(store, clock, wave, who=who)
    with store.write() as tx:
        key = key_of(tx, wave, keys)
        asked = counter.dossier_number(number)
        row = _find(tx, wave, keys, asked)
        if row is None or row["period"] is None:
            tx.counter_count(wave=wave.spec.id, grp="", unit=place, kind="unlisted", n=1)  # by place
            return Answer.UNLISTED
        day = today(clock, wave.spec.timezone).isoformat()
        listed_so = row["due"] <= day or (row["returned"] or "9999") <= day
        _count(tx, row, "asked")
        if not (listed_so or handed_over):
            _count(tx, row, "early")
            return Answer.EARLY
        if row["asked"]:
            _count(tx, row, "repeated")
        is_in = selects(wave, key, row, asked)
        if row["handed"]:
            return Answer.DONE
        # A day is kept of the clerk's word only where no answer can follow: it is held against the list at the close.
        tx.counter_asked(id=row["id"], live_since=clock().isoformat(timespec="seconds") if is_in else None,
                         declared_on=None if is_in or listed_so else day)  # fmt: skip
        return Answer.SELECTED if is_in else Answer.NOT_SELECTED


def hand_out(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave, number: str,
    *, mode: str = COUNTER, place: str = "", who: str,
) -> Handed:  # fmt: skip
    """Make the invitation of a dossier selected within the last 15 minutes, once.

    Raises Faults when it was not selected, has lapsed, or has its invitation.
    """
    if mode not in (COUNTER, KIOSK):
        raise ValueError(mode)
    keys = keyring.wave_keys(wave.spec.id)
    lapse(store, clock, wave, who=who)
    with store.write() as tx:
        row = _find(tx, wave, keys, counter.dossier_number(number))
        if row is None or not tx.counter_hand(id=row["id"]):
            raise Faults("no selection is live for this dossier: ask about it again; a slip is printed once")
        if tx.invitation_wave_state(wave=wave.spec.id) != "open" or invitations.door(wave, clock) is not Door.OPEN:
            raise Faults(f"wave “{wave.spec.id}” takes no answers today")
        made = add_invitation(tx, wave, keys, row, mode, State.ISSUED, place or row["place"])
        invitations.count_days(tx, clock, wave, [(made, State.ISSUED)])
        what = "counter slip printed" if mode == COUNTER else "kiosk opened"
        audit.append(tx, clock, who, what, wave.spec.id, {"unit": row["unit"], "place": made.place})
    code = codes.derive(keys.code, made.serial, made.generation)
    url = f"{settings.base_url}/P/{code}"
    return Handed(ExportRow(made.serial, made.group, made.unit_ids, made.place, codes.grouped(code), url), mode)


def add_invitation(
    tx: Transaction, wave: RegisteredWave, keys: WaveKeys, row: Mapping[str, Any], mode: str, state: State, place: str
) -> invitations.Invitation:
    """An invitation for a selected dossier, under a random number, in the cell of its office, period and mode."""
    serial = secrets.choice(SERIALS)
    while tx.counter_serial_taken(wave=wave.spec.id, serial=serial):
        serial = secrets.choice(SERIALS)
    generation = 0
    lookup = codes.lookup(keys.lookup, codes.derive(keys.code, serial, generation))
    while invitations.by_lookup(tx, lookup) is not None:
        generation += 1
        lookup = codes.lookup(keys.lookup, codes.derive(keys.code, serial, generation))
    tx.invitation_add([{
        "lookup": lookup, "wave": wave.spec.id, "serial": serial, "generation": generation,
        "cell": _cell(tx, wave, row, mode), "place": place, "frame_row": row["id"],
    }])  # fmt: skip
    if state is not State.ISSUED:
        tx.invitation_move(lookup=lookup, before=State.ISSUED, state=state)
    return invitations.by_serial(tx, wave.spec.id, serial)


def lapse(store: Store, clock: Clock, wave: RegisteredWave, *, who: str) -> int:
    """End the selections older than 15 minutes; each is counted and logged. Return how many."""
    now = clock()
    with store.read() as tx:
        over = [row for row in tx.counter_live(wave=wave.spec.id) if _over(row, now)]
    if not over:
        return 0
    with store.write() as tx:
        over = [row for row in tx.counter_live(wave=wave.spec.id) if _over(row, now)]
        for row in over:
            tx.counter_end(id=row["id"])
            _count(tx, {**row, "wave": wave.spec.id}, "lapsed")
            detail = {"unit": row["unit"], "place": row["place"]}
            audit.append(tx, clock, who, "counter selection lapsed", wave.spec.id, detail)
    return len(over)


def _over(row: Mapping[str, Any], now: datetime) -> bool:
    return now - datetime.fromisoformat(row["live_since"]) > counter.LAPSES_AFTER


def _count(tx: Transaction, row: Mapping[str, Any], kind: str) -> None:
    tx.counter_count(wave=row["wave"], grp=row["grp"], unit=row["unit"], kind=kind, n=1)


def _find(tx: Transaction, wave: RegisteredWave, keys: WaveKeys, number: str) -> Mapping[str, Any] | None:
    found = [
        dict(row)
        for group in wave.spec.counter_groups
        for row in [tx.counter_find(wave=wave.spec.id, grp=group.id, reference=reference(keys.frame, group.id, number))]
        if row is not None
    ]
    if len(found) > 1:
        raise Faults("this number is on the lists of two groups: ask the coordinator")
    return found[0] if found else None


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

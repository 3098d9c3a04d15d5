"""One sampled respondent's right to answer once: found by its code, moved from state to state.

No day is kept with an invitation: days are counters (``day_count``) of moves into a state, by unit, group and mode.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from forms.faults import Faults
from survey import audit, codes, drafts
from survey.clock import Clock, today
from survey.dispositions import OPEN, SPENT, STAFF_MAY_RECORD, State
from survey.keys import Keyring
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


VISITED = frozenset({"interview", "phone"})  # modes in which somebody comes or calls
LEAST_VISITS = 3  # before a person counts as not reached
COLUMNS = 13  # of an invitation with its cell
_STATES = {state.value: state for state in State}


class Invitation(msgspec.Struct, frozen=True):
    """An invitation with its cell: everything that a response of it may carry."""

    wave: str
    serial: int
    lookup: bytes
    generation: int
    state: State
    place: str
    cell: int
    group: str
    stratum: str
    wclass: str
    margins: Mapping[str, str]
    mode: str
    units: tuple[tuple[str, float], ...]  # (unit, base weight)

    @property
    def unit_ids(self) -> tuple[str, ...]:
        """The units to assess, in the cell's order (a respondent sees ``drafts.unit_order``)."""
        return tuple(unit for unit, _ in self.units)

    @property
    def spent(self) -> bool:
        """Whether a response of it is stored."""
        return self.state in SPENT

    @property
    def open(self) -> bool:
        """Whether a response may still come; the wave must be open too (``door``)."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Revoked:
    """A code that was printed and is no longer good: reissued, or taken back."""

    wave: str


class Door(StrEnum):
    """Whether a wave takes answers now."""

    OPEN = "open"
    NOT_YET = "not_yet"
    OVER = "over"


def door(wave: RegisteredWave, clock: Clock) -> Door:
    """Open from the first to the last day, both included, where the wave is held, unless closed before."""
    if wave.state in ("closed", "frozen"):
        return Door.OVER
    day = today(clock, wave.spec.timezone)
    if wave.state == "draft" or day < wave.spec.opens:
        return Door.NOT_YET
    return Door.OPEN if day <= wave.spec.closes else Door.OVER


def resolve(store: Store, keyring: Keyring, code: str) -> Invitation | Revoked | None:
    """The invitation of a normalised code. Every wave hashes codes with its own key, so every wave is asked."""
    if not codes.is_valid(code):
        return None
    with store.read() as tx:
        return found_by(tx, keyring, code)


def found_by(tx: Transaction, keyring: Keyring, code: str) -> Invitation | Revoked | None:
    """The same of a code that is well formed, in the caller's transaction."""
    for row in tx.invitation_waves():
        keys = keyring.wave(row["id"])
        found = by_lookup(tx, codes.lookup(keys.lookup, code)) if keys else None
        if found is not None:
            return found
    return None


def codes_forgotten(store: Store) -> bool:
    """Whether some wave's code key was destroyed: an unknown code may then be one of it, and nobody can tell."""
    with store.read() as tx:
        return bool(tx.contact_keys_gone())


def by_lookup(tx: Transaction, lookup: bytes) -> Invitation | Revoked | None:
    """The invitation of a code's keyed hash, in the caller's transaction."""
    row = tx.invitation_by_lookup(lookup=lookup)
    if row is None:
        wave = tx.invitation_was_revoked(lookup=lookup)
        return None if wave is None else Revoked(wave)
    invitation = from_row(row)
    return Revoked(invitation.wave) if invitation.state is State.REVOKED else invitation


def by_serial(tx: Transaction, wave: str, serial: int) -> Invitation:
    """The invitation with this number. Raises Faults when there is none."""
    row = tx.invitation_by_serial(wave=wave, serial=serial)
    if row is None:
        raise Faults(f"wave “{wave}” has no invitation with the serial {serial}")
    return from_row(row)


def start(store: Store, clock: Clock, wave: RegisteredWave, invitation: Invitation) -> bool:
    """The first section was posted: issued (or a refusal, undone by this) becomes started. False when it is not open.

    Not durable: a power cut costs at most the word "started".
    """
    if door(wave, clock) is not Door.OPEN or not invitation.open:
        return False
    if invitation.state is State.STARTED:  # nothing to change; whoever saves something looks again afterwards
        return True
    with store.write(durable=False, on=invitation.lookup) as tx:
        if tx.invitation_start(lookup=invitation.lookup):
            count_days(tx, clock, wave, [(invitation, State.STARTED)])
            return True
        return _stands_at(tx, invitation, State.STARTED)


def refuse(store: Store, clock: Clock, wave: RegisteredWave, invitation: Invitation) -> bool:
    """The respondent does not wish to take part; the draft stays. False when there is nothing open to refuse."""
    if door(wave, clock) is not Door.OPEN:
        return False
    with store.write(on=invitation.lookup) as tx:
        if tx.invitation_refuse(lookup=invitation.lookup):
            count_days(tx, clock, wave, [(invitation, State.REFUSED)])
            return True
        return _stands_at(tx, invitation, State.REFUSED)


def undo_refusal(store: Store, clock: Clock, wave: RegisteredWave, invitation: Invitation, *, begun: bool) -> bool:
    """Take a refusal back, to started where a draft was begun; False when it is not refused or the wave is not open."""
    if door(wave, clock) is not Door.OPEN:
        return False
    state = State.STARTED if begun else State.ISSUED
    with store.write(on=invitation.lookup) as tx:
        return bool(tx.invitation_undo(lookup=invitation.lookup, state=state))


def record(
    store: Store, clock: Clock, wave: RegisteredWave, serial: int, state: State, *, who: str, reason: str
) -> None:
    """Staff enter what became of an invitation. Raises Faults where the state machine has no such move."""
    with store.write() as tx:
        record_in(tx, clock, wave, by_serial(tx, wave.spec.id, serial), state, who=who, reason=reason)


def record_in(
    tx: Transaction, clock: Clock, wave: RegisteredWave, invitation: Invitation, state: State, *, who: str, reason: str
) -> None:
    """The same of one in the caller's transaction."""
    if state not in STAFF_MAY_RECORD.get(invitation.state, frozenset()):
        raise Faults(f"invitation {invitation.serial} is {invitation.state}: it cannot be recorded as {state}")
    if state is State.NO_CONTACT and invitation.mode in VISITED:
        _require_visits(tx, invitation)
    tx.invitation_move(lookup=invitation.lookup, before=invitation.state, state=state)
    count_days(tx, clock, wave, [(invitation, state)])
    detail = {"serial": invitation.serial, "from": invitation.state, "to": state, "reason": stated(reason)}
    audit.append(tx, clock, who, "disposition recorded", wave.spec.id, detail)


def _require_visits(tx: Transaction, invitation: Invitation) -> None:
    visits = tx.visit_count(wave=invitation.wave, serial=invitation.serial)
    if visits < LEAST_VISITS:
        told = f"visited or called {visits} of {LEAST_VISITS} times"
        raise Faults(f"invitation {invitation.serial} was {told}: it is no non-contact yet")


def revoke(
    store: Store, draft_store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, serials: Sequence[int],
    *, who: str, reason: str,
) -> None:  # fmt: skip
    """Take unspent invitations back for good, and discard their drafts: all of them, or none.

    Raises Faults naming the first that was answered or revoked before.
    """
    taken = []
    with store.write() as tx:
        for serial in serials:
            invitation = by_serial(tx, wave.spec.id, serial)
            require_unspent(invitation)
            tx.invitation_move(lookup=invitation.lookup, before=invitation.state, state=State.REVOKED)
            count_days(tx, clock, wave, [(invitation, State.REVOKED)])
            detail = {"serial": serial, "reason": stated(reason)}
            audit.append(tx, clock, who, "invitation revoked", wave.spec.id, detail)
            taken.append(invitation)
    keys = keyring.wave(wave.spec.id)
    if keys is not None:  # its destruction took the drafts along
        for invitation in taken:
            drafts.discard(draft_store, keys, codes.derive(keys.code, invitation.serial, invitation.generation))


def may_be_answered(tx: Transaction, lookup: bytes) -> bool:
    """Whether the store takes a response now: a wave or an invitation read before may have been closed since."""
    row = tx.invitation_standing(lookup=lookup)
    return row is not None and row["wave_state"] == "open" and row["state"] in OPEN


def count_days(tx: Transaction, clock: Clock, wave: RegisteredWave, moves: Iterable[tuple[Invitation, State]]) -> None:
    """Count today's moves into a state: each once for every unit it assesses, and once in the total (unit '')."""
    day = today(clock, wave.spec.timezone).isoformat()
    counts = Counter(
        (unit, invitation.group, invitation.mode, state)
        for invitation, state in moves
        for unit in ("", *invitation.unit_ids)
    )
    tx.invitation_count_days(
        {"wave": wave.spec.id, "day": day, "unit": unit, "grp": group, "mode": mode, "state": state, "n": n}
        for (unit, group, mode, state), n in sorted(counts.items())  # all in one order: nobody waits for each other
    )


def require_unspent(invitation: Invitation) -> None:
    """Raise Faults when an invitation was answered or revoked: both are final."""
    if invitation.spent or invitation.state is State.REVOKED:
        raise Faults(f"invitation {invitation.serial} is {invitation.state}, which is final")


def stated(reason: str) -> str:
    """A reason as the log keeps it. Raises Faults when it is empty."""
    if not reason.strip():
        raise Faults("a reason is needed, for the log")
    return reason.strip()


def from_row(row: Sequence[Any]) -> Invitation:
    """An invitation from its joined row, whose first ``COLUMNS`` are the same in every query that finds one."""
    lookup, wave, serial, generation, cell, place, state, group, stratum, wclass, margins, mode, units = row[:COLUMNS]
    return Invitation(
        wave=wave,
        serial=serial,
        lookup=lookup,
        generation=generation,
        state=_STATES[state],
        place=place,
        cell=cell,
        group=group,
        stratum=stratum,
        wclass=wclass,
        margins=_margins(margins),
        mode=mode,
        units=_units(units),
    )


@lru_cache(maxsize=4096)  # cells are few, and read with every invitation
def _margins(text: str) -> Mapping[str, str]:
    return MappingProxyType(json.loads(text))


@lru_cache(maxsize=4096)
def _units(text: str) -> tuple[tuple[str, float], ...]:
    return tuple((unit, float(weight)) for unit, weight in json.loads(text))


def _stands_at(tx: Transaction, invitation: Invitation, state: State) -> bool:
    row = tx.invitation_standing(lookup=invitation.lookup)
    return row is not None and row["wave_state"] == "open" and row["state"] == state

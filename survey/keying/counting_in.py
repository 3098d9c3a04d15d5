"""Forms that came back on paper: counted in by batch before any is keyed, and accounted for to the last one.

Whatever changes an account takes the drafts' write lock first and the store's inside it, so that forms waiting for a
second keying, which lie with the drafts, and forms keyed are never more together than were counted in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from forms.faults import Fault, Faults
from survey import audit, codes, invitations
from survey.clock import Clock, today
from survey.dispositions import STAFF_MAY_RECORD, State
from survey.invitations import Invitation, Revoked, stated
from survey.keys import Keyring, WaveKeys
from survey.plan.wave_spec import AT_ONCE
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

Lines = Sequence[tuple[int, str]]  # (line number, what was scanned or typed)
NO_CODE = "is no code: compare it with the strip, character by character"


@dataclass(frozen=True, slots=True)
class Batch:
    """Forms counted in together. ``held`` are keyed once and wait; ``waiting``: late, and not decided on."""

    number: int
    place: str
    arrived: str
    late: bool
    counted: int
    keyed: int
    damaged: int
    void: int
    excluded: int
    held: int
    unsettled: int  # of those held: keyed by two persons who differ
    admitted: bool | None  # the decision on late forms; None while there is none

    @property
    def left(self) -> int:
        """Forms that nobody has keyed or set aside yet."""
        # A power cut may leave the drafts of a form whose response is stored: it is then both keyed and held.
        return max(0, self.counted - self.keyed - self.damaged - self.void - self.excluded - self.held)

    @property
    def waiting(self) -> bool:
        """Whether its forms may not be keyed because they came late."""
        return self.late and not self.admitted


@contextmanager
def accounts(store: Store, draft_store: Store) -> Iterator[tuple[Transaction, Transaction]]:
    """Both write locks, the drafts' first: (store's transaction, drafts' transaction)."""
    with draft_store.write() as held, store.write() as tx:
        yield tx, held


def batches(tx: Transaction, held: Transaction, wave: str) -> dict[int, Batch]:
    """Every batch of a wave by its number."""
    decision = tx.paper_decision(wave=wave)
    admitted = bool(decision["admitted"]) if decision else None
    waiting = {row["batch"]: row for row in held.held_counts(wave=wave)}
    found = {}
    for row in tx.paper_batches(wave=wave):
        told: Mapping[str, Any] = waiting.get(row["number"], {"n": 0, "unsettled": 0})
        also = {"held": told["n"], "unsettled": told["unsettled"], "admitted": admitted}
        found[row["number"]] = Batch(**{**dict(row), "late": bool(row["late"]), **also})
    return found


def status(store: Store, draft_store: Store, wave: str) -> list[Batch]:
    """Every batch of a wave, in order."""
    with draft_store.read() as held, store.read() as tx:
        return list(batches(tx, held, wave).values())


def batch_of(tx: Transaction, held: Transaction, wave: str, number: int) -> Batch:
    """One batch. Raises Faults when there is none of this number."""
    found = batches(tx, held, wave).get(number)
    if found is None:
        raise Faults(f"wave “{wave}” has no batch {number}: forms are counted in first, with `phieu paper count`")
    return found


def count_in(
    store: Store, draft_store: Store, clock: Clock, wave: RegisteredWave, *, place: str, number: int,
    arrived: date | None = None, who: str,
) -> Batch:  # fmt: skip
    """Count in a batch of forms, before any of them is keyed. What arrived after the last day is late.

    Raises Faults for an unknown place, no forms, or a day that is not in the wave or not come yet.
    """
    spec, day = wave.spec, today(clock, wave.spec.timezone)
    arrived = arrived or day
    if place and place not in {*(each.id for each in spec.places), *(each.id for each in spec.units)}:
        raise Faults(f"wave “{spec.id}” has no place “{place}”")
    if number < 1:
        raise Faults("a batch holds at least one form")
    if not spec.opens <= arrived <= day:
        raise Faults(f"forms cannot have arrived on {arrived}: the wave opened on {spec.opens}, and today is {day}")
    with accounts(store, draft_store) as (tx, held):
        _require_open(tx, spec.id)
        next_one = max(batches(tx, held, spec.id), default=0) + 1
        late = arrived > spec.closes
        tx.paper_add_batch(
            wave=spec.id, number=next_one, place=place, arrived=arrived.isoformat(), late=int(late), counted=number
        )
        detail = {"batch": next_one, "place": place, "arrived": arrived.isoformat(), "late": late, "forms": number}
        audit.append(tx, clock, who, "paper counted in", spec.id, detail)
        return batch_of(tx, held, spec.id, next_one)


def recount(
    store: Store, draft_store: Store, clock: Clock, wave: RegisteredWave, number: int, counted: int,
    *, who: str, reason: str,
) -> Batch:  # fmt: skip
    """Correct a miscount. Raises Faults when more forms were keyed or set aside than would have come."""
    identity = wave.spec.id
    with accounts(store, draft_store) as (tx, held):
        _require_open(tx, identity)
        before = batch_of(tx, held, identity, number)
        if counted < before.counted - before.left:
            raise TooFew(number, before.counted - before.left)
        tx.paper_recount(wave=identity, number=number, counted=counted)
        detail = {"batch": number, "from": before.counted, "to": counted, "reason": stated(reason)}
        audit.append(tx, clock, who, "paper counted again", identity, detail)
        return batch_of(tx, held, identity, number)


def set_aside(
    store: Store, draft_store: Store, clock: Clock, wave: RegisteredWave, number: int, forms: int,
    *, who: str, reason: str,
) -> None:  # fmt: skip
    """Account for forms that will not be keyed: blank, or refused because a response was there. Raises Faults."""
    identity = wave.spec.id
    if forms < 1:
        raise Faults("say how many forms are set aside")
    with accounts(store, draft_store) as (tx, held):
        _require_open(tx, identity)
        account(tx, batch_of(tx, held, identity, number), identity, void=forms)
        detail = {"batch": number, "forms": forms, "reason": stated(reason)}
        audit.append(tx, clock, who, "paper set aside", identity, detail)


def damaged(
    store: Store, draft_store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, number: int,
    strips: Lines, unreadable: int = 0, *, who: str, reason: str,
) -> None:  # fmt: skip
    """Record forms too damaged to be keyed: the invitations of legible strips become ``damaged``, others only count.

    Raises Faults, having changed nothing, for every strip that is none of the wave's, or was answered.
    """
    identity = wave.spec.id
    if unreadable < 0 or not (strips or unreadable):
        raise Faults("name strips, or say how many forms have no legible one")
    keys = keyring.wave_keys(identity)
    with accounts(store, draft_store) as (tx, held):
        _require_open(tx, identity)
        found = of_strips(tx, keys, strips)
        answered = [
            Fault(f"invitation {each.serial} is {each.state}: it cannot be recorded as damaged", "strips", line)
            for line, each in found
            if State.DAMAGED not in STAFF_MAY_RECORD.get(each.state, frozenset())
        ]
        if answered:
            raise Faults(answered)
        account(tx, batch_of(tx, held, identity, number), identity, damaged=len(found) + unreadable)
        for _, each in found:
            invitations.record_in(tx, clock, wave, each, State.DAMAGED, who=who, reason=reason)
        detail = {"batch": number, "forms": len(found) + unreadable, "reason": stated(reason)}
        audit.append(tx, clock, who, "paper damaged", identity, detail)


def account(tx: Transaction, batch: Batch, wave: str, *, held: int | None = None, **became: int) -> None:
    """Add to a batch's account (``keyed``, ``damaged``, ``void``, ``excluded``), in the caller's locks.

    ``held``: how many of it wait once this is done. Raises Faults where it would be more than were counted in.
    """
    booked = {"keyed": 0, "damaged": 0, "void": 0, "excluded": 0, **became}
    waiting = batch.held if held is None else held
    if not tx.paper_account(wave=wave, number=batch.number, held=waiting, **booked):
        raise Full(
            f"batch {batch.number} holds {batch.counted} forms, and {batch.left} of them are not accounted for yet: "
            "no more are taken than were counted in"
        )


class Full(Faults):
    """More forms than were counted in."""


class TooFew(Faults):
    """A new count below what is keyed or set aside already (``booked``)."""

    def __init__(self, batch: int, booked: int) -> None:
        self.booked = booked
        super().__init__(f"{booked} forms of batch {batch} are keyed or set aside already")


def of_strips(tx: Transaction, keys: WaveKeys, strips: Lines) -> list[tuple[int, Invitation]]:
    """The invitations of strips, each with its line. Raises Faults for all that are unknown, revoked or twice there."""
    faults: list[Fault] = []
    found: dict[bytes, tuple[int, Invitation]] = {}
    for line, typed in strips:
        invitation = of_code(tx, keys, scanned(typed))
        if isinstance(invitation, str):
            faults.append(Fault(invitation, "strips", line))
        elif invitation.lookup in found:
            faults.append(Fault(f"the same strip is on line {found[invitation.lookup][0]}", "strips", line))
        else:
            found[invitation.lookup] = line, invitation
    if faults:
        raise Faults(faults)
    return list(found.values())


def scanned(text: str) -> str:
    """The code of a strip, whether it was typed or its QR code (a link) was scanned."""
    return codes.normalise(text[:500].upper().rpartition("/P/")[2].partition("?")[0])


def of_code(tx: Transaction, keys: WaveKeys, code: str) -> Invitation | str:
    """The invitation of a strip's code; else why it has none that could be on paper, in a sentence."""
    if not codes.is_valid(code):
        return NO_CODE
    found = invitations.by_lookup(tx, codes.lookup(keys.lookup, code))
    if found is None:
        return "is a code of no invitation of this wave"
    if isinstance(found, Revoked):
        return "is a code that was revoked: another strip took its place"
    return "belongs to an invitation that has no form on paper" if found.mode in AT_ONCE else found


def require_accounted(tx: Transaction, held: Transaction, wave: str) -> None:
    """Raise Faults for every batch with forms that nobody accounted for: the wave cannot be closed over them."""
    faults = []
    for batch in batches(tx, held, wave).values():
        if batch.held:
            faults.append(Fault(
                f"batch {batch.number}: {batch.held} forms wait for another person; let them be keyed again, or "
                f"`phieu paper finish --wave {wave} --reason TEXT`"
            ))  # fmt: skip
        if batch.left and batch.waiting:
            faults.append(Fault(
                f"batch {batch.number}: {batch.left} late forms wait; admit or exclude all late forms with "
                f"`phieu paper late --wave {wave}`"
            ))  # fmt: skip
        elif batch.left:
            faults.append(Fault(
                f"batch {batch.number}: {batch.left} forms were counted in, and neither keyed nor set aside"
            ))  # fmt: skip
    if faults:
        raise Faults(faults)


def _require_open(tx: Transaction, wave: str) -> None:
    state = tx.invitation_wave_state(wave=wave)
    if state != "open":
        raise Faults(f"wave “{wave}” is {state}: forms are counted and keyed while it is open")

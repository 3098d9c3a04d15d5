"""The three-visit rule: an interviewer comes, or calls, up to three times before a person counts as not reached."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from forms.faults import Faults
from survey import invitations
from survey.clock import Clock
from survey.dispositions import State
from survey.invitations import LEAST_VISITS
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

MOST = LEAST_VISITS


class Outcome(StrEnum):
    """What a visit came to."""

    MET = "met"  # the questionnaire was answered, or handed over
    LATER = "later"  # asked to come again
    ABSENT = "absent"
    REFUSED = "refused"
    UNABLE = "unable"  # dead, ill, another language
    GONE = "gone"  # moved away, unknown at the address


_FINAL = {Outcome.REFUSED: State.REFUSED, Outcome.UNABLE: State.OTHER, Outcome.GONE: State.UNDELIVERABLE}


def record(
    store: Store, clock: Clock, wave: RegisteredWave, serial: int, outcome: Outcome, *, who: str, reason: str
) -> State:
    """Enter the next visit, and the disposition that follows: after the third in vain, no_contact.

    No day is kept: the interviewer's sheet has it. Raises Faults for a fourth visit, or one to whom nobody visits.
    """
    told = invitations.stated(reason)
    with store.write() as tx:
        invitation = invitations.by_serial(tx, wave.spec.id, serial)
        if invitation.mode not in invitations.VISITED:
            raise Faults(f"invitation {serial} is of mode {invitation.mode}: nobody visits or calls")
        if not invitation.open:
            raise Faults(f"invitation {serial} is {invitation.state}: no visit follows")
        number = tx.visit_count(wave=wave.spec.id, serial=serial) + 1
        if number > MOST:
            raise Faults(f"invitation {serial} was visited {MOST} times")
        tx.visit_add(wave=wave.spec.id, serial=serial, number=number, outcome=outcome)
    state = _FINAL.get(outcome)
    if state is None and number == MOST and outcome is not Outcome.MET:
        state = State.NO_CONTACT
    if state is None or invitation.state in (State.STARTED, state):
        return invitation.state
    invitations.record(store, clock, wave, serial, state, who=who, reason=told)
    return state

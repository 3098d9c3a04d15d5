"""The states of an invitation, what a submit can be (METHOD §3), and the moves between states. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where an invitation stands."""

    ISSUED = "issued"
    DELIVERED = "delivered"
    STARTED = "started"
    ANSWERED = "answered"  # a response is stored; its box says what it was, and this must not
    REFUSED = "refused"
    INELIGIBLE = "ineligible"
    UNDELIVERABLE = "undeliverable"
    NO_CONTACT = "no_contact"
    OTHER = "other"
    DAMAGED = "damaged"
    LATE = "late"
    REVOKED = "revoked"


class Disposition(StrEnum):
    """What a submit was. Told by its box and by counts of cells, never of one invitation (docs/decisions/0009)."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    BROKE_OFF = "broke_off"
    SCREENED_OUT = "screened_out"


# What rates and datasets count, in METHOD's order: states, with the dispositions in place of "answered".
COUNTED = (
    State.ISSUED, State.DELIVERED, State.STARTED, Disposition.COMPLETE, Disposition.PARTIAL, Disposition.BROKE_OFF,
    State.REFUSED, Disposition.SCREENED_OUT, State.INELIGIBLE, State.UNDELIVERABLE, State.NO_CONTACT, State.OTHER,
    State.DAMAGED, State.LATE, State.REVOKED,
)  # fmt: skip

# A response is stored, and nothing moves the invitation any more.
SPENT = frozenset({State.ANSWERED})

# A response may still come: a slip thought undeliverable may reach its person, and who refused may think again.
OPEN = frozenset({State.ISSUED, State.DELIVERED, State.STARTED, State.REFUSED, State.UNDELIVERABLE, State.NO_CONTACT})

_OUT_OF_PLAY = frozenset({State.INELIGIBLE, State.OTHER, State.DAMAGED, State.LATE})
_BY_STAFF = _OUT_OF_PLAY | {
    State.ISSUED,  # takes a mistaken record back
    State.DELIVERED,
    State.REFUSED,
    State.UNDELIVERABLE,
    State.NO_CONTACT,
}

# What staff may record, by where the invitation stands. A started form was reached, so it cannot become a
# non-contact; spent and revoked are final.
STAFF_MAY_RECORD: Mapping[State, frozenset[State]] = {
    **{state: _BY_STAFF - {state} for state in (OPEN | _OUT_OF_PLAY) - {State.STARTED}},
    State.STARTED: _OUT_OF_PLAY | {State.REFUSED},
}


class Event(StrEnum):
    """What moves an invitation. The first four are the respondent's, the others are done by staff, with a reason."""

    START = "start"  # the first section is posted
    REFUSE = "refuse"
    UNDO = "undo"  # of a refusal, whoever recorded it
    SUBMIT = "submit"
    RECORD = "record"
    REVOKE = "revoke"
    REISSUE = "reissue"


_UNSPENT = frozenset(State) - SPENT - {State.REVOKED}

# Event → where it may find an invitation → where it may leave it. What is not here does not happen.
MOVES: Mapping[Event, Mapping[State, frozenset[State]]] = {
    Event.START: {state: frozenset({State.STARTED}) for state in OPEN},
    Event.REFUSE: {state: frozenset({State.REFUSED}) for state in OPEN},
    Event.UNDO: {State.REFUSED: frozenset({State.ISSUED, State.STARTED})},
    Event.SUBMIT: {state: SPENT for state in OPEN},
    Event.RECORD: STAFF_MAY_RECORD,
    Event.REVOKE: {state: frozenset({State.REVOKED}) for state in _UNSPENT},
    Event.REISSUE: {state: frozenset({State.ISSUED}) for state in _UNSPENT},
}


def of_submit(answered: int, applicable: int, *, complete: float, partial: float) -> Disposition:
    """The disposition of a submit, from how many of the applicable closed items it answers (METHOD §3)."""
    share = answered / applicable if applicable else 0.0
    if share >= complete:
        return Disposition.COMPLETE
    return Disposition.PARTIAL if share >= partial else Disposition.BROKE_OFF

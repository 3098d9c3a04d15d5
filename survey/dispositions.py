"""The states of an invitation (METHOD §3) and the moves between them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where an invitation stands; the values are what the store, the rates and the dataset say."""

    ISSUED = "issued"
    DELIVERED = "delivered"
    STARTED = "started"
    COMPLETE = "complete"
    PARTIAL = "partial"
    BROKE_OFF = "broke_off"
    REFUSED = "refused"
    SCREENED_OUT = "screened_out"
    INELIGIBLE = "ineligible"
    UNDELIVERABLE = "undeliverable"
    NO_CONTACT = "no_contact"
    OTHER = "other"
    DAMAGED = "damaged"
    LATE = "late"
    REVOKED = "revoked"


# A response is stored, and nothing moves the invitation any more.
SPENT = frozenset({State.COMPLETE, State.PARTIAL, State.BROKE_OFF, State.SCREENED_OUT})

# A response may still come: a slip thought undeliverable may reach its person, and who refused may think again.
OPEN = frozenset(
    {State.ISSUED, State.DELIVERED, State.STARTED, State.REFUSED, State.UNDELIVERABLE, State.NO_CONTACT}
)

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


def of_submit(answered: int, applicable: int, *, complete: float, partial: float) -> State:
    """The disposition of a submit, from how many of the applicable closed items it answers (METHOD §3)."""
    share = answered / applicable if applicable else 0.0
    if share >= complete:
        return State.COMPLETE
    return State.PARTIAL if share >= partial else State.BROKE_OFF

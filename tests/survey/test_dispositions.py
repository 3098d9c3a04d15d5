"""The state machine of METHOD §3."""

from __future__ import annotations

import pytest

from survey.dispositions import COUNTED, MOVES, OPEN, SPENT, STAFF_MAY_RECORD, Disposition, Event, State, of_submit


def test_the_states_are_those_of_the_method():
    assert COUNTED == tuple(
        "issued delivered started complete partial broke_off refused screened_out ineligible undeliverable no_contact "
        "other damaged late revoked".split()
    )


def test_an_invitation_knows_that_it_was_answered_and_not_what_the_answer_was():
    assert set(State) == set(COUNTED) - set(Disposition) | {"answered"}
    assert SPENT == {State.ANSWERED}


# One letter a state, in the order of the heading. METHOD §3 by hand: where each event may leave an invitation.
TABLE = """
from            start  refuse  undo  submit  record      revoke  reissue
issued          S      R       -     C       DRIUNOGL    V       A
delivered       S      R       -     C       ARIUNOGL    V       A
started         S      R       -     C       RIOGL       V       A
refused         S      R       AS    C       ADIUNOGL    V       A
undeliverable   S      R       -     C       ADRINOGL    V       A
no_contact      S      R       -     C       ADRIUOGL    V       A
ineligible      -      -       -     -       ADRUNOGL    V       A
other           -      -       -     -       ADRIUNGL    V       A
damaged         -      -       -     -       ADRIUNOL    V       A
late            -      -       -     -       ADRIUNOG    V       A
answered        -      -       -     -       -           -       -
revoked         -      -       -     -       -           -       -
"""
LETTERS = {
    "A": "issued", "D": "delivered", "S": "started", "R": "refused", "U": "undeliverable", "N": "no_contact",
    "I": "ineligible", "O": "other", "G": "damaged", "L": "late", "C": "answered", "V": "revoked",
}  # fmt: skip


def test_every_move_is_in_the_table_and_no_other():
    heading, *lines = (line.split() for line in TABLE.strip().splitlines())
    assert [line[0] for line in lines if line[0] not in tuple(State)] == []
    assert len(lines) == len(State)
    for line in lines:
        for event, letters in zip(heading[1:], line[1:], strict=True):
            told = {LETTERS[letter] for letter in letters if letter != "-"}
            assert set(MOVES[Event(event)].get(State(line[0]), ())) == told, (event, line[0])


def test_spent_and_revoked_are_final():
    assert SPENT & OPEN == set()
    assert not STAFF_MAY_RECORD.keys() & (SPENT | {State.REVOKED})
    targets = frozenset[State]().union(*STAFF_MAY_RECORD.values())
    assert not targets & (SPENT | {State.REVOKED, State.STARTED})


def test_every_record_of_staff_can_be_corrected():
    for source, targets in STAFF_MAY_RECORD.items():
        assert source not in targets
        for target in targets:
            assert target in STAFF_MAY_RECORD


def test_a_started_form_was_reached():
    assert not STAFF_MAY_RECORD[State.STARTED] & {
        State.ISSUED, State.DELIVERED, State.UNDELIVERABLE, State.NO_CONTACT
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answered", "applicable", "state"),
    [(10, 10, "complete"), (8, 10, "complete"), (79, 100, "partial"), (5, 10, "partial"), (4, 10, "broke_off"),
     (0, 10, "broke_off"), (0, 0, "broke_off")],
)  # fmt: skip
def test_a_submit_counts_by_the_share_it_answers(answered: int, applicable: int, state: str):
    assert of_submit(answered, applicable, complete=0.8, partial=0.5) == state


def test_the_thresholds_are_the_waves():
    assert of_submit(6, 10, complete=0.6, partial=0.1) is Disposition.COMPLETE
    assert of_submit(1, 10, complete=0.6, partial=0.1) is Disposition.PARTIAL

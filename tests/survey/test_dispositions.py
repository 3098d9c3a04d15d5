"""The state machine of METHOD §3."""

from __future__ import annotations

import pytest

from survey.dispositions import OPEN, SPENT, STAFF_MAY_RECORD, State, of_submit


def test_the_states_are_those_of_the_method():
    assert sorted(State) == sorted(
        "issued delivered started complete partial broke_off refused screened_out ineligible undeliverable no_contact "
        "other damaged late revoked".split()
    )


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
    assert of_submit(6, 10, complete=0.6, partial=0.1) is State.COMPLETE
    assert of_submit(1, 10, complete=0.6, partial=0.1) is State.PARTIAL

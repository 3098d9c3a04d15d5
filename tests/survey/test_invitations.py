"""Invitations: who finds them, what moves them, what staff may and may not do, and what is counted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from forms.faults import Faults
from survey import audit, codes, drafts, invitations, issuing, responses
from survey.dispositions import MOVES, OPEN, SPENT, STAFF_MAY_RECORD, Event, State
from survey.invitations import Door, Invitation, Revoked

pytestmark = pytest.mark.both_engines


def found(scene, serial: int) -> Invitation:
    invitation = invitations.resolve(scene.store, scene.keyring, scene.code(serial))
    assert isinstance(invitation, Invitation)
    return invitation


def put(scene, serial: int, state: str) -> None:
    with scene.store.write() as tx:
        tx.connection.execute("UPDATE invitation SET state = ? WHERE serial = ?", (state, serial))


def counts(scene) -> dict[tuple[str, str], int]:
    """Day counters by (unit, state)."""
    return {(row[2], row[5]): row[6] for row in scene.rows("day_count")}


def actions(scene) -> list[str]:
    return [row[3] for row in scene.rows("audit")]


def test_a_code_finds_its_invitation_with_its_cell(scene):
    invitation = found(scene, 6)
    assert (invitation.serial, invitation.group, invitation.place) == (6, "dan", "quay")
    assert invitation.units == (("so_a", 2.0),)
    assert invitation.margins == {"channel": "*"}
    assert invitation.open and not invitation.spent
    assert found(scene, 1).unit_ids == ("so_a", "so_b", "so_c")


def test_codes_that_were_never_issued_find_nothing(scene):
    assert invitations.resolve(scene.store, scene.keyring, scene.code(99)) is None
    assert invitations.resolve(scene.store, scene.keyring, "not a code") is None


def test_a_wave_whose_code_key_was_destroyed_is_passed_over(scene):
    code = scene.code(6)
    (scene.settings.keys / "nho.code").unlink()
    assert invitations.resolve(scene.store, scene.keyring, code) is None


@pytest.mark.sqlite_only
def test_the_database_holds_no_code(scene):
    content = scene.settings.database.read_bytes() + scene.settings.database.with_name("phieu.db-wal").read_bytes()
    for serial in range(1, 17):
        assert scene.code(serial).encode() not in content
        assert codes.grouped(scene.code(serial)).encode() not in content


@pytest.mark.parametrize(
    ("moment", "state", "door"),
    [
        ("2026-02-28T16:59:59", "open", Door.NOT_YET),
        ("2026-02-28T17:00:00", "open", Door.OPEN),  # midnight in Việt Nam
        ("2026-03-31T16:59:59", "open", Door.OPEN),
        ("2026-03-31T17:00:00", "open", Door.OVER),
        ("2026-03-10T02:00:00", "closed", Door.OVER),
        ("2026-03-10T02:00:00", "frozen", Door.OVER),
        ("2026-03-10T02:00:00", "draft", Door.NOT_YET),
    ],
)
def test_the_door_follows_the_day_where_the_wave_is_held(scene, moment: str, state: str, door: Door):
    with scene.store.write() as tx:
        tx.connection.execute("UPDATE wave SET state = ?", (state,))
    scene.clock.at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert invitations.door(scene.wave, scene.clock) is door


@pytest.mark.parametrize("state", sorted(State))
def test_each_statement_that_races_opens_just_the_open_states(scene, state: State):
    lookup = found(scene, 6).lookup
    for query, already in (("invitation_start", State.STARTED), ("invitation_refuse", State.REFUSED)):
        put(scene, 6, state)
        with scene.store.write() as tx:
            moved = getattr(tx, query)(lookup=lookup)
        assert bool(moved) == (state in OPEN - {already})
    put(scene, 6, state)
    with scene.store.write() as tx:
        assert bool(tx.invitation_spend(lookup=lookup)) == (state in OPEN)


@pytest.mark.parametrize("state", ["draft", "closed", "frozen"])
def test_nothing_moves_by_a_respondent_unless_the_wave_is_open(scene, state: str):
    lookup = found(scene, 6).lookup
    with scene.store.write() as tx:
        tx.connection.execute("UPDATE wave SET state = ?", (state,))
        assert not tx.invitation_start(lookup=lookup)
        assert not tx.invitation_refuse(lookup=lookup)
        assert not tx.invitation_spend(lookup=lookup)


def test_the_first_section_starts_it_once(scene):
    assert invitations.start(scene.store, scene.clock, scene.wave, found(scene, 1))
    assert scene.state(1) == "started"
    stale = found(scene, 1)
    assert invitations.start(scene.store, scene.clock, scene.wave, stale)
    n = counts(scene)
    assert [n[unit, "started"] for unit in ("", "so_a", "so_b", "so_c")] == [1, 1, 1, 1]


def test_starting_from_a_stale_view_counts_once_and_never_reopens(scene):
    before = found(scene, 6)
    assert invitations.start(scene.store, scene.clock, scene.wave, before)
    assert invitations.start(scene.store, scene.clock, scene.wave, before)
    assert counts(scene)["so_a", "started"] == 1
    put(scene, 6, "answered")
    assert not invitations.start(scene.store, scene.clock, scene.wave, before)
    assert scene.state(6) == "answered"


def test_nothing_starts_or_is_refused_before_opening_or_after_closing(scene):
    invitation = found(scene, 6)
    scene.clock.at = datetime(2026, 4, 2, tzinfo=UTC)
    assert not invitations.start(scene.store, scene.clock, scene.wave, invitation)
    assert not invitations.refuse(scene.store, scene.clock, scene.wave, invitation)
    assert not invitations.undo_refusal(scene.store, scene.clock, scene.wave, invitation, begun=False)
    assert scene.state(6) == "issued"


def test_a_refusal_is_recorded_undone_and_overtaken_by_a_post(scene):
    assert invitations.refuse(scene.store, scene.clock, scene.wave, found(scene, 6))
    assert invitations.refuse(scene.store, scene.clock, scene.wave, found(scene, 6))  # a double tap
    assert scene.state(6) == "refused"
    assert counts(scene)["so_a", "refused"] == 1
    assert invitations.undo_refusal(scene.store, scene.clock, scene.wave, found(scene, 6), begun=False)
    assert scene.state(6) == "issued"
    assert not invitations.undo_refusal(scene.store, scene.clock, scene.wave, found(scene, 6), begun=False)
    invitations.refuse(scene.store, scene.clock, scene.wave, found(scene, 6))
    assert invitations.undo_refusal(scene.store, scene.clock, scene.wave, found(scene, 6), begun=True)
    assert scene.state(6) == "started"
    invitations.refuse(scene.store, scene.clock, scene.wave, found(scene, 6))
    assert invitations.start(scene.store, scene.clock, scene.wave, found(scene, 6))
    assert scene.state(6) == "started"


def test_what_was_answered_cannot_be_refused(scene):
    put(scene, 6, "answered")
    assert not invitations.refuse(scene.store, scene.clock, scene.wave, found(scene, 6))
    assert scene.state(6) == "answered"


def does(scene, event: Event) -> bool:
    """Whether an event found invitation 6, whatever its code now is, where it may happen."""
    with scene.store.read() as tx:
        here = invitations.by_serial(tx, "nho", 6)
    args = scene.store, scene.clock, scene.wave
    staff = {"who": "lan", "reason": "thử"}
    match event:
        case Event.START:
            return invitations.start(*args, here)
        case Event.REFUSE:
            return invitations.refuse(*args, here)
        case Event.UNDO:
            return invitations.undo_refusal(*args, here, begun=False)
        case Event.SUBMIT:
            with scene.store.write() as tx:
                return bool(tx.invitation_spend(lookup=here.lookup))
        case Event.REVOKE:
            invitations.revoke(scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, [6], **staff)
        case Event.REISSUE:
            issuing.reissue(scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, 6, **staff)
    return True


@pytest.mark.parametrize("event", [event for event in Event if event is not Event.RECORD])
def test_every_event_in_every_state_does_what_the_state_machine_says(scene, event: Event):
    for before in State:
        put(scene, 6, before)
        try:
            happened = does(scene, event)
        except Faults:
            happened = False
        assert happened is (before in MOVES[event]), before
        after = State(scene.state(6))
        assert (after in MOVES[event][before]) if happened else (after is before)


def test_a_refusal_that_staff_recorded_is_undone_by_the_first_post(scene):
    invitations.record(scene.store, scene.clock, scene.wave, 6, State.REFUSED, who="lan", reason="từ chối")
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(6)
    responses.save_page(*args, {("so_a", "used"): "yes"}, seen=0)
    assert scene.state(6) == "started"


@pytest.mark.parametrize("before", sorted(State))
def test_staff_record_what_the_state_machine_allows_and_nothing_else(scene, before: State):
    for after in State:
        put(scene, 6, before)
        allowed = after in STAFF_MAY_RECORD.get(before, ())
        try:
            invitations.record(scene.store, scene.clock, scene.wave, 6, after, who="lan", reason="gọi điện")
        except Faults as faults:
            assert not allowed
            assert f"is {before}" in str(faults)
            assert scene.state(6) == before
        else:
            assert allowed
            assert scene.state(6) == after
    assert before in SPENT | {State.REVOKED} or "disposition recorded" in actions(scene)


def test_a_record_is_logged_with_its_reason_and_refused_without(scene):
    invitations.record(scene.store, scene.clock, scene.wave, 6, State.NO_CONTACT, who="lan", reason=" vắng nhà ")
    entry = scene.rows("audit")[-1]
    assert entry[2:4] == ("lan", "disposition recorded")
    assert '"reason": "vắng nhà"' in entry[5]
    with pytest.raises(Faults, match="a reason is needed"):
        invitations.record(scene.store, scene.clock, scene.wave, 6, State.REFUSED, who="lan", reason=" ")
    assert scene.state(6) == "no_contact"
    with pytest.raises(Faults, match="no invitation with the serial 99"):
        invitations.record(scene.store, scene.clock, scene.wave, 99, State.REFUSED, who="lan", reason="x")
    assert audit.verify(scene.store) == []


def test_a_revoked_code_is_known_as_such_and_final_and_its_draft_is_gone(scene):
    drafts.merge(scene.drafts, scene.keys, "nho", scene.code(6), {("so_a", "q1"): "v1"}, seen=0)
    invitations.revoke(
        scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, [6], who="lan", reason="gửi nhầm"
    )
    assert scene.rows("draft", scene.drafts) == []
    assert invitations.resolve(scene.store, scene.keyring, scene.code(6)) == Revoked("nho")
    for again in (
        lambda: invitations.revoke(
            scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, [6], who="lan", reason="x"
        ),
        lambda: issuing.reissue(
            scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, 6, who="lan", reason="x"
        ),
    ):
        with pytest.raises(Faults, match="is revoked, which is final"):
            again()


def test_what_was_answered_is_neither_revoked_nor_reissued(scene):
    put(scene, 6, "answered")
    with pytest.raises(Faults, match="is answered, which is final"):
        invitations.revoke(
            scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, [6], who="lan", reason="x"
        )


def test_reissuing_gives_a_new_code_revokes_the_old_and_discards_its_draft(scene):
    old = scene.code(6)
    drafts.merge(scene.drafts, scene.keys, "nho", old, {("so_a", "q1"): "v1"}, seen=0)
    put(scene, 6, "started")
    new = issuing.reissue(
        scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, 6, who="lan", reason="mất phiếu"
    )
    assert codes.is_valid(new) and new != old
    assert invitations.resolve(scene.store, scene.keyring, old) == Revoked("nho")
    invitation = invitations.resolve(scene.store, scene.keyring, new)
    assert isinstance(invitation, Invitation)
    assert (invitation.serial, invitation.generation, invitation.state) == (6, 1, "issued")
    assert drafts.load(scene.drafts, scene.keys, old).revision == 0
    third = issuing.reissue(
        scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, 6, who="lan", reason="lại mất"
    )
    assert len({old, new, third}) == 3
    assert invitations.resolve(scene.store, scene.keyring, new) == Revoked("nho")
    assert new not in str(scene.rows("audit")) and third not in str(scene.rows("audit"))

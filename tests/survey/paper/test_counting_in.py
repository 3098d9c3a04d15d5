"""Forms are counted in before they are keyed, and accounted for to the last one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from forms.faults import Faults
from survey import closing
from survey.keying import counting_in, late_forms
from survey.keying.keying import Result
from tests.survey.paper.conftest import GOOD

pytestmark = pytest.mark.both_engines

LATE = datetime(2026, 4, 3, 2, 0, tzinfo=UTC)


def close(desk) -> int:
    return closing.close(*desk.both, desk.scene.clock, desk.scene.wave, who="lan")


def test_no_more_forms_are_keyed_than_were_counted_in(keyed_once):
    keyed_once.count(2)
    assert [keyed_once.key(serial) for serial in (6, 7, 8)] == [Result.STORED, Result.STORED, Result.FULL]
    assert keyed_once.scene.state(8) == "issued"
    batch = keyed_once.batch()
    assert (batch.counted, batch.keyed, batch.left) == (2, 2, 0)


def test_a_form_of_a_batch_that_was_never_counted_in_is_refused(keyed_once):
    with pytest.raises(Faults, match="no batch 1: forms are counted in first"):
        keyed_once.key(6)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"place": "chợ", "number": 3}, "no place “chợ”"),
        ({"place": "quay", "number": 0}, "at least one form"),
        ({"place": "quay", "number": 3, "arrived": date(2026, 2, 1)}, "cannot have arrived on 2026-02-01"),
        ({"place": "quay", "number": 3, "arrived": date(2026, 3, 11)}, "today is 2026-03-10"),
    ],
)
def test_a_count_that_cannot_be_is_refused(keyed_once, more, said):
    scene = keyed_once.scene
    with pytest.raises(Faults, match=said):
        counting_in.count_in(*keyed_once.both, scene.clock, scene.wave, who="lan", **more)
    assert scene.rows("paper_batch") == []


def test_a_miscount_is_corrected_with_a_reason_and_never_below_what_was_done(keyed_once):
    keyed_once.count(5)
    keyed_once.key(6)
    keyed_once.key(7)
    scene = keyed_once.scene

    def recount(number: int, reason: str = "đếm nhầm"):
        return counting_in.recount(*keyed_once.both, scene.clock, scene.wave, 1, number, who="lan", reason=reason)

    with pytest.raises(Faults, match="2 forms of batch 1 are keyed"):
        recount(1)
    with pytest.raises(Faults, match="a reason is needed"):
        recount(3, " ")
    assert recount(2).left == 0
    assert '"from": 5, "reason": "đếm nhầm", "to": 2' in keyed_once.log("paper counted again")[0]


def test_damaged_forms_with_and_without_a_strip(keyed_once):
    keyed_once.count(3)
    scene = keyed_once.scene

    def damaged(strips, unreadable=0):
        counting_in.damaged(
            *keyed_once.both, scene.keyring, scene.clock, scene.wave, 1, strips, unreadable, who="lan", reason="ướt"
        )

    damaged([(1, scene.code(6))], 1)
    assert scene.state(6) == "damaged"
    assert (keyed_once.batch().damaged, keyed_once.batch().left) == (2, 1)
    assert keyed_once.key(6) is Result.OUT
    with pytest.raises(Faults, match="no more are taken than were counted in"):
        damaged([(1, scene.code(7)), (2, scene.code(8))])
    assert scene.state(7) == "issued"
    with pytest.raises(Faults, match="name strips"):
        damaged([])
    assert "ướt" in keyed_once.log("paper damaged")[0]


def test_every_strip_that_is_wrong_is_said_and_nothing_changes(keyed_once):
    keyed_once.count(9)
    keyed_once.online(7)
    scene = keyed_once.scene
    good, answered = scene.code(6), scene.code(7)
    wrong = [(1, good), (2, "XXXX"), (3, good.lower()), (4, "0000-0000-0000")]
    with pytest.raises(Faults) as raised:
        counting_in.damaged(*keyed_once.both, scene.keyring, scene.clock, scene.wave, 1, wrong, who="lan", reason="ướt")
    assert [fault.row for fault in raised.value.faults] == [2, 3, 4]
    assert "on line 1" in raised.value.faults[1].message
    with pytest.raises(Faults, match="invitation 7 is answered"):
        counting_in.damaged(
            *keyed_once.both, scene.keyring, scene.clock, scene.wave, 1, [(1, answered)], who="lan", reason="ướt"
        )
    assert keyed_once.batch().damaged == 0
    assert scene.state(6) == "issued"


def test_a_wave_is_not_closed_over_forms_that_nobody_accounted_for(keyed_once):
    keyed_once.count(2)
    keyed_once.key(6)
    with pytest.raises(Faults, match="batch 1: 1 forms were counted in, and neither keyed nor set aside"):
        close(keyed_once)
    scene = keyed_once.scene
    assert scene.wave.state == "open"
    counting_in.set_aside(*keyed_once.both, scene.clock, scene.wave, 1, 1, who="lan", reason="phiếu trắng")
    assert close(keyed_once) == 1
    assert keyed_once.key(7) is Result.CLOSED
    with pytest.raises(Faults, match="is closed"):
        keyed_once.count(1)


def test_more_cannot_be_set_aside_than_is_left(keyed_once):
    keyed_once.count(1)
    keyed_once.key(6)
    scene = keyed_once.scene
    with pytest.raises(Faults, match="no more are taken"):
        counting_in.set_aside(*keyed_once.both, scene.clock, scene.wave, 1, 1, who="lan", reason="mất")
    with pytest.raises(Faults, match="how many"):
        counting_in.set_aside(*keyed_once.both, scene.clock, scene.wave, 1, 0, who="lan", reason="mất")


def test_forms_that_came_in_time_may_be_keyed_after_the_last_day(keyed_once):
    keyed_once.scene.clock.at = LATE
    keyed_once.count(1, arrived=date(2026, 3, 31))
    assert not keyed_once.batch().late
    assert keyed_once.key(6) is Result.STORED


def test_late_forms_wait_until_all_are_admitted_at_once(keyed_once):
    keyed_once.scene.clock.at = LATE
    keyed_once.count(1)
    keyed_once.count(2)
    assert keyed_once.key(6) is Result.LATE
    with pytest.raises(Faults, match="batch 2: 2 late forms wait"):
        close(keyed_once)
    scene = keyed_once.scene
    assert late_forms.admit(*keyed_once.both, scene.clock, scene.wave, who="lan", reason="bão, bưu điện chậm") == 3
    assert [keyed_once.key(6), keyed_once.key(7, batch=2)] == [Result.STORED] * 2
    keyed_once.count(1)  # a later one follows the decision
    assert keyed_once.key(8, batch=3) is Result.STORED
    with pytest.raises(Faults, match="were admitted on 2026-04-03: there is one decision"):
        late_forms.exclude(*keyed_once.both, scene.keyring, scene.clock, scene.wave, [], who="lan", reason="đổi ý")
    assert late_forms.decision(scene.store, "nho")["reason"] == "bão, bưu điện chậm"
    assert late_forms.decision(scene.store, "khac") is None


def test_late_forms_are_excluded_all_at_once_and_their_invitations_are_late(keyed_once):
    keyed_once.online(8)
    scene = keyed_once.scene
    scene.clock.at = LATE
    keyed_once.count(2)
    keyed_once.count(1)

    def exclude(*serials: int) -> int:
        strips = [(line, scene.code(serial)) for line, serial in enumerate(serials, 1)]
        return late_forms.exclude(
            *keyed_once.both, scene.keyring, scene.clock, scene.wave, strips, who="lan", reason="quá hạn"
        )

    with pytest.raises(Faults, match="4 strips are more than the 3 late forms"):
        exclude(6, 7, 8, 9)
    assert late_forms.decision(scene.store, "nho") is None  # nothing was decided by a refused call
    assert exclude(6, 8) == 1  # 8 had answered online, one strip is not legible
    assert [scene.state(serial) for serial in (6, 7, 8)] == ["late", "issued", "answered"]
    assert sum(batch.excluded for batch in counting_in.status(*keyed_once.both, "nho")) == 3
    assert keyed_once.key(7) is Result.LATE
    keyed_once.count(1)
    assert exclude(7) == 1  # one that came later still follows the decision
    with pytest.raises(Faults, match="excluded"):
        late_forms.admit(*keyed_once.both, scene.clock, scene.wave, who="lan", reason="đổi ý")
    close(keyed_once)
    with pytest.raises(Faults, match="too late to decide"):
        late_forms.admit(*keyed_once.both, scene.clock, scene.wave, who="lan", reason="đổi ý")


def test_counting_says_who_and_when_and_no_invitation(keyed_once):
    keyed_once.count(2)
    keyed_once.key(6, GOOD)
    entry = next(row for row in keyed_once.scene.rows("audit") if row[3] == "paper counted in")
    assert entry[1:4] == ("2026-03-10T02:00:00+00:00", "lan", "paper counted in")
    tables = ("paper_batch", "paper_again", "audit")
    told = " ".join(str(row) for table in tables for row in keyed_once.scene.rows(table))
    assert keyed_once.scene.code(6) not in told
    assert '"serial": 6' not in told

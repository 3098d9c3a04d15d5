"""What an organiser that is rated does to invitations about itself waits for a second person of no rated office."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

import pytest

from forms.faults import Faults
from survey import invitations, wave
from survey.accounts.accounts import Account
from survey.accounts.roles import Role
from survey.approvals import approvals, deeds
from survey.approvals.approvals import Outcome
from survey.approvals.organiser import own_units
from survey.plan import wave_file
from tests.conftest import WAVE
from tests.survey import replanned

AUTHORITY = '[authority]\nname.vi = "{}"\nplan = "1/KH"\ndate = 2026-02-01\n'
ASKER = Account(1, "lan", "Lan", "Sở A", Role.COORDINATOR)
SECOND = Account(2, "hoa", "Hoa", "Trường Chính trị", Role.COORDINATOR)
THIRD = Account(3, "mai", "Mai", "Trường Chính trị", Role.ANALYST)


def spec_of(name: str, more: str = ""):
    return wave_file.load(WAVE.replace("[[unit]]", AUTHORITY.format(name) + more + "[[unit]]", 1), "wave.toml")


@dataclass
class Bench:
    store: object
    drafts: object
    keyring: object
    clock: object


@pytest.fixture
def bench(scene):
    """The wave whose organiser is Sở A itself."""
    text = WAVE.replace("[[unit]]", AUTHORITY.format("Sở A") + "[[unit]]", 1)
    with scene.store.write() as tx:
        replanned.put(tx.connection, text, "nho")
    return Bench(scene.store, scene.drafts, scene.keyring, scene.clock)


def ask(bench, kind=deeds.REISSUE, told=None, reason="mất phiếu", who=ASKER):
    return approvals.do_or_ask(bench, wave.get(bench.store, "nho"), who, kind, told or {"serials": [6]}, reason)


def generation(bench, serial):
    with bench.store.read() as tx:
        return tx.invitation_by_serial(wave="nho", serial=serial)["generation"]


def log(bench):
    with bench.store.read() as tx:
        return [(row["who"], row["action"], json.loads(row["detail"])) for row in tx.audit_all()]


def test_the_organisers_own_unit_is_declared_or_found_by_its_name():
    assert own_units(wave_file.load(WAVE, "wave.toml")) == frozenset()
    assert own_units(spec_of("Văn phòng Ủy ban")) == frozenset()
    assert own_units(spec_of("SỞ B tỉnh Đắk Lắk")) == {"so_b"}
    assert own_units(spec_of("Ban chỉ đạo", 'unit = "so_c"\n')) == {"so_c"}
    with pytest.raises(Faults, match="no unit has the id “so_x”"):
        spec_of("Ban chỉ đạo", 'unit = "so_x"\n')


def test_what_concerns_others_is_done_at_once(bench):
    assert ask(bench, told={"serials": [12]}) is Outcome.DONE  # about Sở B
    assert generation(bench, 12) == 1
    assert ask(bench, deeds.EXPORT_CODES, {"unit": "so_b", "place": None, "group": None}) is Outcome.GRANTED
    with pytest.raises(Faults, match="reason"):
        ask(bench, told={"serials": [12]}, reason=" ")


def test_what_concerns_itself_waits_and_is_done_when_approved(bench):
    assert ask(bench) is Outcome.ASKED
    assert generation(bench, 6) == 0
    (request,) = approvals.latest(bench)
    assert (request.state, request.shown, request.asker) == ("pending", {"serials": [6]}, "desk:lan")
    assert approvals.approve(bench, wave.get(bench.store, "nho"), request.number, SECOND) is Outcome.DONE
    assert generation(bench, 6) == 1
    assert approvals.get(bench, request.number).state == "done"
    told = [(who, action) for who, action, _ in log(bench)][-3:]
    assert told == [
        ("desk:lan", "second person asked"),
        ("desk:hoa", "request approved"),
        ("desk:lan", "invitation reissued"),
    ]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (ASKER, "a second person is needed"),
        (Account(4, "ba", "Bà B", "Phòng Một cửa Sở B", Role.ANALYST), "is an office that it rates"),
        (Account(5, "khong", "Không", "", Role.ANALYST), "which office"),
    ],
)
def test_who_may_not_approve(bench, who, said):
    ask(bench)
    for decide in (approvals.approve, lambda *args: approvals.refuse(*args, reason="x")):
        with pytest.raises(Faults, match=said):
            decide(bench, wave.get(bench.store, "nho"), 1, who)
    assert approvals.get(bench, 1).state == "pending"


def test_a_refusal_and_a_withdrawal_are_kept(bench):
    ask(bench), ask(bench, told={"serials": [7]})
    approvals.refuse(bench, wave.get(bench.store, "nho"), 1, SECOND, reason="chưa rõ vì sao")
    with pytest.raises(Faults, match="not yours"):
        approvals.withdraw(bench, 2, SECOND)
    approvals.withdraw(bench, 2, ASKER)
    assert [(one.state, one.note) for one in approvals.latest(bench)] == [
        ("withdrawn", ""),
        ("refused", "chưa rõ vì sao"),
    ]
    for number in (1, 2):
        with pytest.raises(Faults, match="does not wait"):
            approvals.approve(bench, wave.get(bench.store, "nho"), number, SECOND)
    with pytest.raises(Faults, match="no request 9"):
        approvals.get(bench, 9)
    assert generation(bench, 6) == generation(bench, 7) == 0


def test_the_same_is_asked_for_once(bench):
    ask(bench)
    with pytest.raises(Faults, match="request 1 asks for the same already"):
        ask(bench)


def test_of_two_who_approve_at_once_one_is_told(bench, monkeypatch):
    ask(bench)
    before = approvals.get(bench, 1)
    approvals.approve(bench, wave.get(bench.store, "nho"), 1, SECOND)
    monkeypatch.setattr(approvals, "get", lambda bench, number: before)
    with pytest.raises(Faults, match="somebody decided in between"):
        approvals.approve(bench, wave.get(bench.store, "nho"), 1, THIRD)
    assert generation(bench, 6) == 1


def test_a_request_ends_after_a_week(bench):
    ask(bench)
    bench.clock.at += timedelta(days=7, seconds=1)
    assert approvals.get(bench, 1).state == "expired"
    with pytest.raises(Faults, match="it is expired"):
        approvals.approve(bench, wave.get(bench.store, "nho"), 1, SECOND)
    assert ask(bench) is Outcome.ASKED


def test_what_the_domain_refuses_is_kept_with_the_request(bench):
    ask(bench, told={"serials": [6]})
    approvals.do_or_ask(bench, wave.get(bench.store, "nho"), SECOND, deeds.REVOKE, {"serials": [6]}, "nhầm")
    approvals.approve(bench, wave.get(bench.store, "nho"), 2, THIRD)
    with pytest.raises(Faults):
        approvals.approve(bench, wave.get(bench.store, "nho"), 1, SECOND)
    failed = approvals.get(bench, 1)
    assert failed.state == "failed" and failed.note
    assert log(bench)[-1][1] == "approved act failed"


def test_a_file_is_taken_once_and_only_as_it_was_approved(bench):
    told = {"unit": None, "place": None, "group": "can_bo", "contacts": False}
    assert ask(bench, deeds.EXPORT_CODES, told) is Outcome.ASKED
    assert approvals.approve(bench, wave.get(bench.store, "nho"), 1, SECOND) is Outcome.GRANTED
    assert ask(bench, deeds.EXPORT_CODES, told | {"contacts": True}) is Outcome.ASKED
    assert ask(bench, deeds.EXPORT_CODES, told, who=THIRD) is Outcome.ASKED
    assert ask(bench, deeds.EXPORT_CODES, told) is Outcome.GRANTED
    assert approvals.get(bench, 1).state == "used"
    assert ask(bench, deeds.EXPORT_CODES, told) is Outcome.ASKED


def test_late_forms_and_reserves_wait_too(bench):
    assert ask(bench, deeds.ADMIT_LATE, {}) is Outcome.ASKED
    assert ask(bench, deeds.RELEASE, {"group": "can_bo", "number": 1, "stratum": None}) is Outcome.ASKED
    assert ask(bench, deeds.SLIPS, {"unit": "so_a"}) is Outcome.ASKED
    code = bench.keyring.wave_keys("nho").code.hex()[:12]
    ask(bench, deeds.EXCLUDE_LATE, {"strips": [[1, code]]})
    assert code.encode() not in bench.store.path.read_bytes()
    assert code not in str(log(bench)) and approvals.get(bench, 4).shown == {"strips": 1}
    now = wave.get(bench.store, "nho")
    approvals.approve(bench, now, 1, SECOND)
    for number in (2, 4):  # there is no reserve; late forms were admitted
        with pytest.raises(Faults):
            approvals.approve(bench, now, number, SECOND)


def test_after_the_instance_key_rotated_a_request_is_asked_for_again(bench, settings):
    ask(bench)
    (settings.keys / "instance.key").write_bytes(b"k" * 32)
    with pytest.raises(Faults, match="another one by now"):
        approvals.approve(bench, wave.get(bench.store, "nho"), 1, SECOND)
    assert ask(bench) is Outcome.ASKED


@pytest.mark.parametrize("kind", [deeds.REISSUE, deeds.REVOKE])
def test_several_invitations_are_dealt_with_together_or_not_at_all(bench, kind):
    ask(bench, kind, {"serials": [6, 7, 8]})
    approvals.do_or_ask(bench, wave.get(bench.store, "nho"), SECOND, deeds.REVOKE, {"serials": [8]}, "nhầm")
    approvals.approve(bench, wave.get(bench.store, "nho"), 2, THIRD)
    before = [generation(bench, 6), generation(bench, 7)]
    with pytest.raises(Faults):
        approvals.approve(bench, wave.get(bench.store, "nho"), 1, SECOND)
    with bench.store.read() as tx:
        states = [invitations.by_serial(tx, "nho", serial).state for serial in (6, 7)]
    assert states == ["issued", "issued"] and [generation(bench, 6), generation(bench, 7)] == before
    assert not [entry for entry in log(bench) if entry[1] in ("invitation reissued",)]

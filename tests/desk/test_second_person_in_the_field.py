"""Late forms, second slips and lists to visit that concern a rated organiser wait for a second person."""

from __future__ import annotations

from survey import create_app
from survey.accounts import accounts
from survey.accounts.roles import Role
from survey.approvals import approvals
from survey.keying import late_forms
from tests.desk import staff
from tests.desk.desk import Desk
from tests.survey import replanned
from tests.survey.approvals.test_approvals import bench  # noqa: F401 - the wave whose organiser is Sở A
from tests.survey.counter.conftest import Counter, counter, sealed  # noqa: F401

WAITS = "cần người thứ hai duyệt"


def desk_of(settings, clock) -> Desk:
    app = create_app(settings, clock)
    app.testing, app.hasher = True, staff.CHEAP
    staff.hire(app, "lan", Role.COORDINATOR, office="Sở A")
    staff.hire(app, "hoa", Role.COORDINATOR)
    return Desk(app).sign_in("lan")


def approve(desk: Desk, wave: str) -> None:
    """Somebody of no rated office does."""
    approvals.approve(desk.app, desk.app.wave(wave), 1, accounts.get(desk.app.store, "hoa"))


def test_the_decision_on_late_forms_waits(bench, scene, clock):  # noqa: F811
    from survey.keying import counting_in

    counting_in.count_in(scene.store, scene.drafts, clock, scene.wave, place="quay", number=2, who="x")
    scene.store.connection.execute("UPDATE paper_batch SET late = 1")
    desk = desk_of(scene.settings, clock)
    desk.get("/desk/w/nho/paper/late")
    desk.submit("/late", decision="exclude", reason="quá hạn", strips=scene.code(6))
    assert WAITS in desk.arrive().tree.text
    assert late_forms.decision(scene.store, "nho") is None
    # What is asked shows how many strips, and none of their codes
    page = Desk(desk.app).sign_in("hoa").get("/desk/approvals")
    assert "Loại các phiếu về muộn" in page.text and scene.code(6) not in page.answer.text
    approve(desk, "nho")
    decision = late_forms.decision(scene.store, "nho")
    assert decision is not None and not decision["admitted"] and decision["who"] == "desk:lan"


def test_the_list_to_visit_waits(bench, scene, clock):  # noqa: F811
    scene.store.connection.execute("UPDATE cell SET mode = 'interview' WHERE grp = 'can_bo'")
    desk = desk_of(scene.settings, clock)
    desk.get("/desk/w/nho/handover")
    desk.submit("/handover", kind="interviewer", holder="An", serials="1-3")
    desk.arrive()
    desk.submit("/assignment")
    assert WAITS in desk.arrive().tree.text
    approve(desk, "nho")
    answer = desk.client.post("/desk/w/nho/handover/1/assignment", data={"csrf_token": desk.token()})
    assert answer.data.startswith(b"%PDF")
    desk.post("/desk/w/nho/handover/1/assignment", 303)  # an approval is good for once


def test_a_second_slip_about_the_organiser_waits_and_its_dossier_is_in_no_log(counter: Counter):  # noqa: F811
    authority = '[authority]\nname.vi = "Sở A"\nplan = "1/KH"\ndate = 2026-02-01\n'
    text = replanned.text_of(counter.store.connection, "quay").replace("[[unit]]", authority + "[[unit]]", 1)
    replanned.put(counter.store.connection, text, "quay")
    number = counter.first(selected=True)
    counter.asks(number)
    counter.hands(number)
    desk = desk_of(counter.settings, counter.clock)
    desk.get("/desk/w/quay/counters")
    desk.submit("/again", dossier=number, reason="kẹt giấy")
    assert WAITS in desk.arrive().tree.text
    assert counter.count("again") == 0
    approve(desk, "quay")
    assert counter.count("again") == 1
    assert not any(number in entry for entry in counter.logged("second person asked"))
    assert number not in str(counter.store.connection.execute("SELECT * FROM approval").fetchall())

"""Control calls at the desk: a list fixed, a number, calls by somebody of no rated office, and sums."""

from __future__ import annotations

from datetime import timedelta

import pytest

from survey import closing, control, create_app
from survey.accounts.roles import Role
from survey.web import Web
from tests.desk import staff
from tests.desk.desk import Desk
from tests.survey.paper.test_control import drawn, returned  # noqa: F401 - the same scenes

HOME = "/desk/w/nho/control"


def served(paper) -> Web:
    app = create_app(paper.scene.settings, paper.scene.clock)
    app.testing, app.hasher = True, staff.CHEAP
    staff.hire(app, "mai", Role.COORDINATOR)
    staff.hire(app, "gian", Role.COORDINATOR, office="Phòng Tổng hợp Sở A")
    staff.hire(app, "phan.tich", Role.ANALYST)
    return app


def test_the_list_is_fixed_before_the_number_is_known(returned):  # noqa: F811
    scene = returned.scene
    desk = Desk(served(returned)).sign_in("mai")
    assert "sau khi đóng đợt" in desk.get(HOME).text
    assert desk.post(f"{HOME}/list", 422).status == 422
    closing.close(*returned.both, scene.clock, scene.wave, who="lan")
    desk.get(HOME)
    desk.submit("/control/list")
    assert "Đã chốt danh sách 8 phiếu" in desk.arrive().tree.text
    assert desk.submit("/control/draw", status=422, number=" ").faults == ["Mục này chưa điền."]
    desk.submit("/control/draw", number="482913")
    assert "người để gọi" in desk.arrive().tree.text
    assert "chọn theo số 482913" in desk.page.text
    assert desk.post(f"{HOME}/draw", 422, number="1").faults  # there is one draw


def test_calls_are_recorded_and_kept_with_no_person(drawn):  # noqa: F811
    scene = drawn.scene
    desk = Desk(served(drawn)).sign_in("mai")
    left = control.open_calls(scene.store, "nho")
    desk.get(HOME)
    desk.submit("/control/open")
    rows = desk.arrive().table()
    assert len(rows) == left + 1 and rows[1][1].startswith("Người")
    assert any("control contacts exported" in row[3] for row in scene.rows("audit"))
    address = next(href for text, href in desk.page.links.items() if text == rows[1][0])
    desk.get(address)
    # Answers that are missing are told; what was chosen stays
    page = desk.submit("/calls/", status=422, outcome="answered", received="yes")
    assert page.faults == ["Mục này chưa điền.", "Mục này chưa điền."]
    assert page.typed("/calls/")["received"] == ["yes"]
    assert desk.submit("/calls/", status=422, outcome="answered", received=None).faults
    desk.submit("/calls/", outcome="answered", received="yes", himself="no", told_how="yes")
    desk.arrive()
    assert control.open_calls(scene.store, "nho") == left - 1
    # The same call is not entered twice
    desk.get(address, 303)
    assert "đã được ghi" in desk.arrive().tree.text
    whole = next(row for row in control.report(scene.store, "nho") if row["unit"] == "" and row["called"])
    assert (whole["not_self"], whole["told_how"]) == (1, 1)


def test_who_is_not_reached_is_tried_three_times_and_who_declines_is_left_alone(drawn):  # noqa: F811
    desk = Desk(served(drawn)).sign_in("mai")
    desk.get(HOME)
    desk.submit("/control/open")
    rows = desk.arrive().table()[1:]
    for _ in range(3):
        address = desk.page.links[rows[0][0]]
        desk.get(address)
        desk.submit("/calls/", outcome="missed")
        desk.arrive()
    assert rows[0][0] not in desk.page.links
    for row in rows[1:]:
        desk.get(desk.page.links[row[0]])
        desk.submit("/calls/", outcome="declined")
        desk.arrive()
    assert "Đã gọi hết" in desk.page.text
    assert "Đã gọi hết" in desk.get(HOME).text
    desk.post(f"{HOME}/open", 303)


def test_callers_of_rated_offices_and_lists_of_yesterday_are_refused(drawn):  # noqa: F811
    app = served(drawn)
    spy = Desk(app).sign_in("gian")
    spy.get(HOME)
    assert "Người gọi không được thuộc cơ quan được đánh giá" in spy.submit("/control/open", status=422).tree.text
    desk = Desk(app).sign_in("mai")
    desk.get(HOME)
    desk.submit("/control/open")
    there = desk.page.location
    assert spy.get(there, 303).location == HOME
    drawn.scene.clock.at += timedelta(hours=13)
    again = Desk(app).sign_in("mai")
    assert again.get(there, 303).location == HOME
    Desk(app).sign_in("phan.tich").get(HOME, 403)


@pytest.mark.parametrize("said", ["no"])
def test_who_received_nothing_is_asked_nothing_more(drawn, said: str):  # noqa: F811
    desk = Desk(served(drawn)).sign_in("mai")
    desk.get(HOME)
    desk.submit("/control/open")
    rows = desk.arrive().table()[1:]
    desk.get(desk.page.links[rows[0][0]])
    desk.submit("/calls/", outcome="answered", received=said)
    desk.arrive()
    assert any(row["not_received"] for row in control.report(drawn.scene.store, "nho"))

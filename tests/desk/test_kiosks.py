"""Tablets at the desk: a one-time link as a picture and in words, the list, unbinding."""

from __future__ import annotations

import re

from survey import kiosks
from survey.accounts.roles import Role
from tests.desk.staff import Staff


def test_a_link_is_made_shown_and_used_once(own_team: Staff) -> None:
    desk = own_team.as_(Role.COORDINATOR)
    assert "Các máy đã gắn" not in desk.get("/desk/kiosks").text
    desk.submit("/kiosks", place="trung_tam", label="máy cạnh cửa")
    page = desk.arrive()
    (link,) = re.findall(r"http://phieu\.test/kiosk/trung_tam/[\w-]{22}", page.text)
    assert page.tree.all("svg")
    # The address of the page and the log hold no token, and another person cannot show it
    token = link.rpartition("/")[2]
    assert token not in page.answer.request.full_path and token not in str(own_team.log())
    assert link not in own_team.as_(Role.ADMINISTRATOR).get(page.answer.request.full_path).text
    app = own_team.app
    assert kiosks.bind(app.store, app.clock, "trung_tam", token) is not None
    assert "Đang dùng" in desk.get("/desk/kiosks").text


def test_a_tablet_is_unbound_with_a_reason(own_team: Staff) -> None:
    desk, app = own_team.as_(Role.COORDINATOR), own_team.app
    desk.get("/desk/kiosks")
    desk.submit("/kiosks", place="trung_tam")
    desk.arrive()
    desk.follow("Gỡ máy 1")
    assert desk.submit("/revoke", status=422, reason=" ").faults == ["Mục này chưa điền."]
    desk.submit("/revoke", reason="mất máy")
    assert "Đã gỡ máy 1" in desk.arrive().tree.text
    assert [one.state for one in kiosks.listed(app.store, app.clock)] == ["revoked"]
    desk.post("/desk/kiosks/1/revoke", 303, reason="nữa")
    assert "đã được gỡ trước đó" in desk.arrive().tree.text
    desk.post(f"/desk/kiosks/{10**30}/revoke", 404, reason="nữa")


def test_a_place_that_no_wave_has_is_no_choice(own_team: Staff) -> None:
    desk = own_team.as_(Role.COORDINATOR)
    desk.get("/desk/kiosks")
    desk.submit("/kiosks", status=422, place="khac", label="x")
    with own_team.app.store.write() as tx:
        tx.connection.execute("UPDATE wave SET state = 'closed'")
    assert "Chưa có đợt điều tra nào có nơi tiếp nhận" in desk.get("/desk/kiosks").text


def test_clerks_bind_no_tablet(own_team: Staff) -> None:
    own_team.as_(Role.CLERK).get("/desk/kiosks", 403)

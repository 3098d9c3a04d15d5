"""Accounts at the desk, and the second step of one's own."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Browser

from survey.accounts.roles import Role
from tests.desk import looking
from tests.desk.desk import PASSWORD, Desk
from tests.desk.staff import Staff

NEW = {"name": "nguyen.lan", "full_name": "Nguyễn Thị Lan", "office": "Trường Chính trị", "role": "coordinator"}


def test_a_person_is_added_and_the_password_is_shown_once(own_team: Staff) -> None:
    admin = own_team.as_(Role.ADMINISTRATOR)
    admin.get("/desk/people")
    admin.follow("Thêm người")
    once = admin.submit(status=200, **NEW).element("once").text
    assert Desk(own_team.app).sign_in("nguyen.lan", once).page.location == "/desk/"
    listed = {row[1]: row for row in admin.get("/desk/people").table()}
    assert listed["nguyen.lan"][3:] == ["Điều phối khảo sát", "Tắt", "Chờ đổi mật khẩu"]
    assert once not in str(own_team.log()) and once not in admin.page.answer.text


def test_a_refused_person_keeps_what_was_typed_and_says_it_in_vietnamese(team: Staff) -> None:
    admin = team.as_(Role.ADMINISTRATOR)
    admin.get("/desk/people/new")
    page = admin.submit(status=422, **NEW | {"role": "clerk", "name": "Lân"})
    assert page.typed()["full_name"] == ["Nguyễn Thị Lan"] and page.typed()["role"] == ["clerk"]
    assert any("tên đăng nhập gồm 2 đến 40" in fault.lower() for fault in page.faults)
    assert any("hãy chọn nơi đó" in fault for fault in page.faults)
    admin.submit(status=422, role=None, **{"name": "a.b"})
    assert "Mục này chưa điền." in admin.page.faults
    admin.get("/desk/people/new")
    admin.submit(status=422, **NEW | {"role": "god"})
    admin.get("/desk/people/new")
    assert "already" not in " ".join(admin.submit(status=422, **NEW | {"name": "analyst"}).faults)


def test_disabling_enabling_and_a_new_password(own_team: Staff) -> None:
    admin = own_team.as_(Role.ADMINISTRATOR)
    victim = own_team.fresh(Role.ANALYST)
    page = admin.get("/desk/people/analyst")
    assert admin.submit("reset", reason=" ", status=422).faults
    again = admin.post("/desk/people/analyst/disable", 422)
    assert again.faults == ["Mục này chưa điền."]
    admin.post("/desk/people/analyst/disable", 303, reason="nghỉ việc")
    assert "không đăng nhập được nữa" in admin.arrive().text
    victim.get("/desk/", 303)
    assert "đã khóa rồi" in admin.post("/desk/people/analyst/disable", 422, reason="nghỉ việc").faults[0]
    admin.get("/desk/people/analyst")
    admin.post("/desk/people/analyst/enable", 303, reason="trở lại")
    assert admin.post("/desk/people/analyst/enable", 422, reason="trở lại").faults
    assert admin.post("/desk/people/analyst/enable", 422).faults
    once = admin.post("/desk/people/analyst/reset", 200, reason="quên").element("once").text
    assert Desk(own_team.app).sign_in("analyst", once)
    assert "cuối cùng" in admin.post("/desk/people/administrator/disable", 422, reason="?").faults[0]
    admin.get("/desk/people/nobody", 404)
    clerk = admin.get("/desk/people/clerk")
    assert "Trung tâm Phục vụ hành chính công" in clerk.text and page.status == 200
    assert "Sở Tư pháp" in admin.get("/desk/people/viewer").text


# The second step


def turned_on(team: Staff, role: Role) -> tuple[str, list[str]]:
    """Turn it on for a role; the secret and the recovery codes."""
    desk = team.as_(role)
    desk.get("/desk/account")
    desk.follow("Bật xác thực hai bước")
    assert desk.submit(password="sai", status=422).faults  # noqa: S106
    desk.submit(password=PASSWORD, status=200)
    secret = desk.page.typed()["secret"][0]
    assert secret in desk.page.answer.text.replace(" ", "") and desk.page.tree.all("svg")
    assert desk.submit(number="000000", status=422).faults
    assert desk.page.typed()["secret"] == [secret]
    desk.submit(number="", status=422)
    done = desk.submit(number=number(team, secret), status=200)
    return secret, [line.text for line in done.tree.all("li") if re.fullmatch("[0-9a-z]{5}-[0-9a-z]{5}", line.text)]


def number(team: Staff, secret: str) -> str:
    return pyotp.TOTP(secret).at(int(team.world.now.timestamp()))


def past_password(team: Staff, role: Role) -> Desk:
    desk = Desk(team.app)
    desk.get("/desk/sign-in?next=/desk/account")
    desk.submit(name=role.value, password=PASSWORD, status=303)
    assert desk.page.location == "/desk/sign-in/code"
    desk.arrive()
    return desk


def test_the_number_of_the_phone_opens_once(own_team: Staff) -> None:
    secret, codes = turned_on(own_team, Role.ANALYST)
    assert len(codes) == 10
    own_team.world.now += timedelta(seconds=60)
    desk = past_password(own_team, Role.ANALYST)
    desk.client.get("/desk/account")
    assert desk.submit(number="123 456", status=422).faults and desk.submit(status=422).faults
    shown = number(own_team, secret)
    desk.submit(number=f" {shown[:3]} {shown[3:]} ", status=303)
    assert desk.page.location == "/desk/account"
    assert "còn 10 mã" in desk.arrive().text
    assert past_password(own_team, Role.ANALYST).submit(number=shown, status=422).faults  # seen over a shoulder


def test_a_recovery_code_opens_once_and_an_administrator_helps(own_team: Staff) -> None:
    _, codes = turned_on(own_team, Role.ANALYST)
    desk = past_password(own_team, Role.ANALYST)
    desk.submit(number=codes[0].upper(), status=303)
    assert "còn 9 mã" in desk.arrive().text
    assert past_password(own_team, Role.ANALYST).submit(number=codes[0], status=422).faults
    assert [row["action"] for row in own_team.log()].count("recovery code used") == 1
    once = (
        own_team.as_(Role.ADMINISTRATOR).post("/desk/people/analyst/reset", 200, reason="mất máy").element("once").text
    )
    assert Desk(own_team.app).sign_in("analyst", once).page.location == "/desk/"


def test_the_second_step_waits_ten_minutes_and_is_no_way_in_by_itself(own_team: Staff) -> None:
    turned_on(own_team, Role.ANALYST)
    Desk(own_team.app).get("/desk/sign-in/code", 303)
    desk = past_password(own_team, Role.ANALYST)
    desk.get("/desk/", 303)
    own_team.world.now += timedelta(minutes=11)
    desk.get("/desk/sign-in/code", 303)


def test_guessing_numbers_is_slow_too(own_team: Staff) -> None:
    secret, _ = turned_on(own_team, Role.ANALYST)
    own_team.world.now += timedelta(seconds=60)
    desk = past_password(own_team, Role.ANALYST)
    for _ in range(6):
        desk.submit(number="000000", status=422)
    assert desk.submit(number=number(own_team, secret), status=422).faults


def test_turning_it_off_asks_for_the_password(own_team: Staff) -> None:
    turned_on(own_team, Role.ANALYST)
    desk = own_team.as_(Role.ANALYST)
    assert desk.post("/desk/account/second-step/off", 422, password="sai").faults  # noqa: S106
    desk.post("/desk/account/second-step/off", 303, password=PASSWORD)
    assert "Đang tắt" in desk.arrive().text
    Desk(own_team.app).sign_in("analyst")


def test_a_secret_that_nobody_was_shown_is_not_taken(own_team: Staff) -> None:
    desk = own_team.as_(Role.ANALYST)
    secret = "A" * 32
    sent = {"secret": secret, "number": number(own_team, secret)}
    assert desk.post("/desk/account/second-step/on", 303, **sent).location == "/desk/account/second-step"
    assert "Đang tắt" in desk.get("/desk/account").text


def test_after_the_instance_key_rotated_a_recovery_code_still_opens(own_team: Staff) -> None:
    secret, codes = turned_on(own_team, Role.ANALYST)
    (own_team.world.settings.keys / "instance.key").write_bytes(b"k" * 32)
    own_team.world.now += timedelta(seconds=60)
    desk = past_password(own_team, Role.ANALYST)
    desk.submit(number=number(own_team, secret), status=422)
    desk.submit(number=codes[3], status=303)


@pytest.mark.parametrize(("width", "scheme"), looking.VIEWS)
@looking.needs_chromium
def test_people_in_a_browser(chromium: Browser, team: Staff, width: int, scheme: str) -> None:
    with looking.signed_in(chromium, team, Role.ADMINISTRATOR, width, scheme) as window:
        for path in ("people", "people/new", "people/clerk", "account/second-step"):
            window.judge(f"/desk/{path}")
        window.page.fill("#password", PASSWORD)
        with window.page.expect_navigation():
            window.page.click("main .button")
        window.judge(picture="second-step-on")

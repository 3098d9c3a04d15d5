"""Signing in: by whom, how often, for how long; and that respondents' pages know nothing of it."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.accounts import accounts, sessions
from survey.accounts.roles import Role
from survey.desk import files, signing_in
from survey.publishing import register
from survey.publishing.register import Publication, Version
from survey.store import connections
from survey.web import HASHED_AT_ONCE
from tests.desk.desk import PASSWORD, Desk
from tests.desk.staff import CHEAP, Staff


def test_a_page_asked_for_is_shown_after_signing_in(team: Staff) -> None:
    desk = Desk(team.app)
    desk.get(desk.get("/desk/account?x=1", 303).location)
    desk.submit(name="  Coordinator ", password=PASSWORD)
    assert desk.page.location == "/desk/account?x=1"
    assert "coordinator" in desk.arrive().text


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "/desk/..//evil.test", "/results/", "\\evil"])
def test_nobody_is_sent_elsewhere_after_signing_in(team: Staff, target: str) -> None:
    desk = Desk(team.app)
    desk.get("/desk/sign-in")
    desk.submit(name="analyst", password=PASSWORD, next=target)
    assert desk.page.location == "/desk/"


def test_a_wrong_name_and_a_wrong_password_are_told_alike_and_the_name_stays(team: Staff) -> None:
    told = []
    for name in ("viewer", "nobody"):
        desk = Desk(team.app)
        desk.get("/desk/sign-in")
        page = desk.submit(name=name, password=WRONG, status=422)
        assert page.typed()["name"] == [name] and page.typed()["password"] == [""]
        told.append(page.faults)
    assert told[0] == told[1] and len(told[0]) == 1


def test_an_empty_form_says_what_is_missing(team: Staff) -> None:
    desk = Desk(team.app)
    desk.get("/desk/sign-in")
    page = desk.submit(status=422)
    assert page.faults == ["Mục này chưa điền."] * 2
    assert page.element("name").attributes["aria-invalid"] == "true"


def test_a_form_without_its_token_is_asked_again(team: Staff) -> None:
    desk = Desk(team.app)
    desk.get("/desk/sign-in")
    page = desk.submit(name="viewer", password=PASSWORD, csrf_token=STALE, status=422)
    assert page.typed()["name"] == ["viewer"]


def test_guessing_a_password_is_made_slow_and_the_owner_gets_in_later(own_team: Staff) -> None:
    desk = Desk(own_team.app)
    for _ in range(sessions.FREE_TRIES):
        desk.get("/desk/sign-in")
        desk.submit(name="analyst", password=WRONG, status=422)
    desk.get("/desk/sign-in")
    desk.submit(name="analyst", password=PASSWORD, status=422)
    assert [row["action"] for row in own_team.log()].count("sign-in slowed") == 1
    own_team.world.now += timedelta(seconds=40)
    desk.sign_in("analyst")


def test_many_at_once_from_one_address_wait(own_team: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import contextmanager

    from survey.guessing import Crowded

    @contextmanager
    def crowded(address):  # type: ignore[no-untyped-def]
        raise Crowded
        yield

    monkeypatch.setattr(own_team.app.sign_ins, "turn", crowded)
    desk = Desk(own_team.app)
    desk.get("/desk/sign-in")
    desk.submit(name="analyst", password=PASSWORD, status=429)


def test_the_cookie_is_for_the_desk_alone_and_changes_at_sign_in(team: Staff) -> None:
    desk = Desk(team.app)
    desk.get("/desk/sign-in")
    before = desk.client.get_cookie("desk", path="/desk")
    answer = Desk(team.app).client.get("/desk/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in answer.headers["Set-Cookie"]
    desk.submit(name="keyer", password=PASSWORD)
    told = desk.page.answer.headers["Set-Cookie"]
    assert all(word in told for word in ("HttpOnly", "Path=/desk", "SameSite=Lax"))
    after = desk.client.get_cookie("desk", path="/desk")
    assert before and after and before.value != after.value
    # A cookie planted before the sign-in opens nothing
    other = Desk(team.app)
    other.client.set_cookie("desk", before.value, path="/desk")
    other.get("/desk/", 303)


def test_respondents_pages_keep_no_cookie_even_for_staff(team: Staff) -> None:
    desk = team.fresh(Role.COORDINATOR)
    code = team.world.codes["nguoi_dan"][0]
    sheet = f"/desk/static/{files.FILES['desk.css'].digest}/desk.css"
    for path in ("/", f"/P/{code}", "/check", "/healthz", sheet):
        answer = desk.client.get(path)
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", ""), path
    assert desk.client.post(f"/P/{code}").status_code in (303, 422)


def test_signing_out_ends_a_session_that_was_copied(team: Staff) -> None:
    desk, thief = team.fresh(Role.ANALYST), Desk(team.app)
    kept = desk.client.get_cookie("desk", path="/desk")
    assert kept is not None
    thief.client.set_cookie("desk", kept.value, path="/desk")
    thief.get("/desk/account")
    desk.get("/desk/?lang=en")
    desk.post("/desk/sign-out", 303)
    assert "Sign in" in desk.arrive().text  # and the language is kept
    desk.get("/desk/", 303)
    thief.get("/desk/", 303)


def test_signing_out_everywhere(team: Staff) -> None:
    here, there = team.fresh(Role.KEYER), team.fresh(Role.KEYER)
    there.get("/desk/account")
    there.submit("everywhere", 303)
    here.get("/desk/", 303)
    assert team.log()[-1]["action"] == "signed out everywhere"


def test_a_session_idles_half_an_hour_and_lasts_ten(own_team: Staff) -> None:
    desk = own_team.fresh(Role.ANALYST)
    own_team.world.now += timedelta(minutes=31)
    desk.get("/desk/", 303)
    desk.sign_in("analyst")
    for _ in range(21):
        desk.get("/desk/")
        own_team.world.now += timedelta(minutes=29)
    desk.get("/desk/", 303)


def test_looking_writes_nothing(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    before = team.world.rows()
    desk.get("/desk/"), desk.get("/desk/account"), desk.get("/desk/account/password"), desk.get("/desk/xyz", 404)
    assert team.world.rows() == before


def test_a_disabled_account_is_out_at_once(own_team: Staff) -> None:
    desk = own_team.fresh(Role.ANALYST)
    accounts.disable(own_team.app.store, own_team.app.clock, "analyst", who="test", reason="nghỉ việc")
    desk.get("/desk/", 303)
    desk.get("/desk/sign-in")
    desk.submit(name="analyst", password=PASSWORD, status=422)


# The password

OURS = "một câu đủ dài để nhớ"
WRONG, STALE = "sai", "x"


def test_a_one_time_password_opens_the_page_that_replaces_it_and_nothing_else(own_team: Staff) -> None:
    app = own_team.app
    once = accounts.reset(app.store, app.clock, CHEAP, "analyst", who="test", reason="quên")
    desk = Desk(app).sign_in("analyst", once)
    for path in ("/desk/", "/desk/account"):
        assert desk.get(path, 303).location == "/desk/account/password"
    desk.get("/desk/account/password")
    assert desk.submit(old=once, password=OURS, again="khác", status=422).faults
    desk.submit(old=once, password=OURS, again=OURS, status=303)
    assert "Đã đổi mật khẩu" in desk.arrive().text
    Desk(app).sign_in("analyst", OURS)


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("ngắn quá", "ít nhất 15 ký tự"),
        ("x" * 300, "dài quá 256"),
        ("aaaabbbbaaaabbbb", "lặp lại quá ít"),
        ("password1234567!", "hay bị đoán"),
        ("em là viewer của tỉnh", "không được chứa tên"),
        (PASSWORD, "phải khác mật khẩu đang dùng"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(team: Staff, password: str, told: str) -> None:
    desk = team.as_(Role.VIEWER)
    desk.get("/desk/account/password")
    assert told in " ".join(desk.submit(old=PASSWORD, password=password, again=password, status=422).faults)


def test_the_old_password_is_asked_for_and_changing_it_ends_other_sessions(own_team: Staff) -> None:
    here, there = own_team.fresh(Role.ANALYST), own_team.fresh(Role.ANALYST)
    here.get("/desk/account/password")
    fresh = "chim sáo sang sông chiều nay"
    assert "đang dùng chưa đúng" in here.submit(old="sai", password=fresh, again=fresh, status=422).faults[0]
    here.submit(old=PASSWORD, password=fresh, again=fresh, status=303)
    here.arrive()
    there.get("/desk/", 303)


# Posting from elsewhere, or from a page that is too old


def test_a_post_from_another_site_is_refused(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    token = desk.token()
    sent = {"csrf_token": token}
    answer = desk.client.post("/desk/sign-out", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    desk.get("/desk/")


def test_what_was_typed_in_an_old_page_comes_back_to_be_sent_again(team: Staff) -> None:
    desk = team.fresh(Role.DISPATCHER)
    page = desk._see(desk.client.post("/desk/account/everywhere", data={"csrf_token": "x", "note": "một ghi chú dài",
                                                                     "password": "bí mật"}), 422)  # fmt: skip
    assert "một ghi chú dài" in page.text and "bí mật" not in page.answer.text
    assert page.form("everywhere").attributes["action"] == "/desk/account/everywhere"
    desk.submit("everywhere", 303)


def test_what_was_typed_after_the_session_ended_comes_back_too(own_team: Staff) -> None:
    desk = own_team.fresh(Role.COORDINATOR)
    own_team.world.now += timedelta(hours=1)
    old = desk._see(desk.client.post("/desk/account/everywhere", data={"csrf_token": "x", "note": "chưa mất"}), 401)
    assert "chưa mất" in old.text
    desk.sign_in("coordinator")
    desk.page = old
    again = desk.submit("everywhere", 422)  # the token was the old session's: shown once more, with a good one
    assert "chưa mất" in again.text
    desk.submit("everywhere", 303)


# Pages of every kind


def test_the_home_page_lists_waves_and_speaks_both_languages(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    page = desk.get("/desk/")
    assert "Khảo sát ý kiến về cải cách hành chính năm 2026" in page.text and "Đang thu phiếu" in page.text
    english = desk.get("/desk/" + page.links["English"])
    assert "Survey on public administration reform 2026" in english.text
    assert "Waves" in desk.get("/desk/").text
    desk.get("/desk/?lang=vi")
    desk.get("/desk/?lang=xx")
    assert "Các đợt điều tra" in desk.get("/desk/").text


def test_an_address_that_is_no_page_is_said_by_the_desk(team: Staff) -> None:
    page = team.as_(Role.COORDINATOR).get("/desk/nothing/here", 404)
    assert "Không có trang này" in page.text and page.links["Về trang đầu"] == "/desk/"


def test_files_are_kept_by_the_browser_for_good(team: Staff) -> None:
    desk = Desk(team.app)
    page = desk.get("/desk/sign-in")
    address = next(link.attributes["href"] for link in page.tree.all("link") if "stylesheet" in link.attributes["rel"])
    answer = desk.client.get(address)
    assert "immutable" in answer.headers["Cache-Control"] and answer.mimetype == "text/css"
    assert desk.client.get(re.sub("[0-9a-f]{16}", "0" * 16, address)).status_code == 404


def test_a_failure_is_a_page_of_the_desk(team: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = team.as_(Role.COORDINATOR)
    monkeypatch.setitem(team.app.view_functions, "desk.account", lambda: 1 / 0)
    monkeypatch.setattr(team.app, "testing", False)
    answer = desk.client.get("/desk/account")
    assert answer.status_code == 500 and "Hệ thống gặp lỗi" in answer.text


def test_faults_that_no_view_foresaw_are_said(team: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    from forms.faults import Faults

    def refuse() -> None:
        raise Faults("there is no kiosk <3> to revoke")

    desk = team.as_(Role.COORDINATOR)
    monkeypatch.setitem(team.app.view_functions, "desk.account", refuse)
    page = desk.get("/desk/account", 422)
    assert "Chưa có gì thay đổi" in page.text and "&lt;3&gt;" in page.answer.text


def test_behind_a_prefix_every_way_keeps_it(team: Staff) -> None:
    desk = Desk(team.app)
    under = "http://phieu.test/khao-sat"
    asked = desk.client.get("/desk/account", base_url=under)
    assert asked.headers["Location"] == "/khao-sat/desk/sign-in?next=/khao-sat/desk/account"
    page = desk.client.get("/desk/sign-in?next=/khao-sat/desk/account", base_url=under)
    assert 'action="/khao-sat/desk/sign-in"' in page.text and 'href="/khao-sat/desk/static/' in page.text
    assert "Path=/khao-sat/desk" in page.headers["Set-Cookie"]
    old = desk.client.post("/desk/account/everywhere", data={"note": "x"}, base_url=under)
    assert 'action="/khao-sat/desk/account/everywhere"' in old.text


@pytest.mark.parametrize("state", ["draft", "open", "closed", "frozen"])
def test_each_state_has_one_next_thing_for_whoever_has_work_in_it(own_team: Staff, state: str) -> None:
    with own_team.app.store.write() as tx:
        tx.connection.execute("UPDATE wave SET state = ?", (state,))
    for role in Role:
        page = own_team.as_(role).get("/desk/")
        buttons = [link for link in page.tree.all("main")[0].all("a") if "button" in link.attributes.get("class", "")]
        told = "Hiện không có việc nào" in page.text
        others = bool(page.tree.all("main")[0].all("li"))  # pages to look at, though nothing is to be done
        assert len(buttons) + (not buttons and told != others) == 1, (role, [button.text for button in buttons])
        for button in buttons:
            own_team.as_(role).get(button.attributes["href"])


def test_a_wave_that_is_not_there_is_no_page(team: Staff) -> None:
    team.as_(Role.COORDINATOR).get("/desk/w/nowhere/board", 404)


def test_the_menu_of_a_wave_leads_to_the_same_page_of_another(own_team: Staff) -> None:
    from tests.journeys import world as worlds

    worlds.add_wave(own_team.world, "khac", {})
    page = own_team.as_(Role.COORDINATOR).get("/desk/w/demo/board")
    assert any(href == "/desk/w/khac/board" for href in page.links.values())


def test_a_flood_of_sign_ins_takes_no_more_than_its_seats(own_team: Staff) -> None:
    seats = own_team.app.hashing
    taken = 0
    while seats.acquire(blocking=False):
        taken += 1
    desk = Desk(own_team.app)
    desk.get("/desk/sign-in")
    assert desk.submit(name="analyst", password=PASSWORD, status=429).typed()["name"] == ["analyst"]
    for _ in range(taken):
        seats.release()
    desk.sign_in("analyst")
    assert taken == 4 and desk.page.location == "/desk/"


@given(st.one_of(st.text(), st.text().map("/desk/{}".format)))
def test_whatever_is_asked_for_the_way_on_stays_at_the_desk(target: str) -> None:
    from flask import Flask
    from werkzeug.utils import redirect

    app = Flask("desk")
    app.add_url_rule("/desk/", "desk.home", lambda: "")
    with app.test_request_context("/desk/sign-in"):
        told = redirect(signing_in._safe(target), 303).headers["Location"]
    assert told.startswith("/desk/") and "//" not in told and "\\" not in told and told.isprintable()


def test_a_wave_is_published_while_a_version_of_its_results_stands(own_team: Staff) -> None:
    desk, folder = own_team.as_(Role.ANALYST), own_team.app.settings.instance / "published" / "demo"
    with own_team.app.store.write() as tx:
        tx.connection.execute("UPDATE wave SET state = 'frozen'")
    for states, shown in (
        ([], "Đã chốt số liệu"),
        (["published"], "Đã công bố"),
        (["published", "withdrawn"], "Đã chốt"),
    ):
        versions = tuple(
            Version(number, state, "1/QĐ", "2026-06-25", "A", "2026-06-25T09:00:00", True, "t", "h", {}, "", "", "d")
            for number, state in enumerate(states, start=1)
        )
        register.write(folder.parents[1], "demo", (Publication("all", (), versions),) if states else ())
        assert shown in desk.get("/desk/").text
    (folder / "register.json").write_text("broken", "utf-8")
    assert "Đã chốt số liệu" in desk.get("/desk/").text


def test_a_database_that_cannot_be_written_loses_nothing_typed(
    own_team: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given another program that holds the database
    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 50)
    desk = Desk(own_team.app)
    desk.get("/desk/sign-in")
    other = sqlite3.connect(own_team.app.settings.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    # When somebody signs in
    desk.submit("", 503, name="coordinator", password=PASSWORD)
    # Then the page says so, and brings what was typed, but for the password
    assert desk.page.status == 503 and "Máy chủ tạm thời không ghi được" in desk.page.text
    assert desk.page.typed()["name"] == ["coordinator"] and PASSWORD not in str(desk.page.typed())
    other.execute("ROLLBACK")
    other.close()
    desk.submit(password=PASSWORD)
    assert desk.page.status == 303


def test_a_page_that_cannot_be_read_is_said(own_team: Staff) -> None:
    desk = Desk(own_team.app).sign_in("viewer")
    own_team.app.store.close()
    own_team.app.settings.database.rename(own_team.app.settings.instance / "away.db")
    assert "Máy chủ tạm thời không đọc hoặc ghi được" in desk.get("/desk/", 503).text


def test_looking_at_the_head_of_a_page_is_no_attempt(team: Staff) -> None:
    client = team.app.test_client()
    assert client.head("/desk/sign-in").status_code == client.get("/desk/sign-in").status_code == 200
    assert client.head("/desk/sign-in/code").status_code == client.get("/desk/sign-in/code").status_code == 303
    pending = Desk(team.app)
    with pending.client.session_transaction("/desk/") as held:
        held[signing_in.PENDING] = ["viewer", int(team.world.clock().timestamp()), "/desk/"]
    assert pending.client.head("/desk/sign-in/code").status_code == 200


def test_a_browser_drops_what_it_holds_when_a_session_ends(team: Staff) -> None:
    """“Back” shows nothing of the desk after signing out; nothing of respondents' half-filled forms goes with it."""
    for ending in ("/desk/sign-out", "/desk/account/everywhere"):
        desk = team.fresh("viewer")
        desk.get("/desk/account")
        desk.post(ending)
        assert desk.page.status == 303 and desk.page.answer.headers["Clear-Site-Data"] == '"cache"'
    desk = team.fresh("viewer")
    with desk.client.session_transaction("/desk/") as held:
        held["seen"] = 0
    assert desk.get("/desk/account", 303).answer.headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in Desk(team.app).get("/desk/account", 303).answer.headers
    scripts = Path(str(files.__file__)).parent.rglob("*.js")
    assert [
        each.name for each in scripts if re.search(r"localStorage|sessionStorage|indexedDB", each.read_text())
    ] == []


def test_what_is_refused_is_a_line_of_the_log_by_number_and_right(
    team: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING", "phieu.desk"):
        team.fresh("viewer").get("/desk/people", 403)
    (said,) = [record for record in caplog.records if getattr(record, "event", "") == "desk.refused"]
    with team.app.store.read() as tx:
        number = next(row["id"] for row in tx.account_all() if row["name"] == "viewer")
    assert said.fields["account"] == number and said.fields["role"] == "viewer" and said.fields["right"] != "-"  # type: ignore[attr-defined]
    assert "viewer" not in said.fields["page"]  # type: ignore[attr-defined]


def test_a_crowd_is_not_laid_at_the_door_of_ones_own_network(team: Staff) -> None:
    """Passwords are hashed few at a time in the whole process: whoever is told to wait may be alone in the network."""
    seats = [team.app.hashing.acquire(blocking=False) for _ in range(HASHED_AT_ONCE)]
    try:
        desk = Desk(team.app)
        desk.get("/desk/sign-in")
        page = desk.submit(name="viewer", password=PASSWORD, status=429)
    finally:
        for _ in filter(None, seats):
            team.app.hashing.release()
    assert page.faults == ["Đang có quá nhiều lượt đăng nhập cùng lúc. Xin thử lại sau một phút."]

"""Requests that no honest member of the staff sends, signed in as each role: never a fault of ours, never a leak.

`make test` tries a hundred a role, `make torture` 50,000 in all and keeps how many of each answer came.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any

import pytest
from werkzeug.routing import Rule

from survey.accounts.roles import Role
from survey.guessing import Guesses
from survey.web import Web
from tests import hostile
from tests.desk import staff
from tests.desk.addresses import address
from tests.desk.desk import Desk
from tests.desk.staff import PASSWORD, PLACE, UNIT, Staff
from tests.hostile import Visitor
from tests.reliability import figures

FULL = bool(os.environ.get("PHIEU_TORTURE"))
REQUESTS = (50_000 if FULL else 700) // len(Role)
ENDING = ("desk.sign_out", "desk.account_everywhere")  # sessions go on
KNOWN = {
    "wave": ["demo"], "unit": [UNIT, "so_y_te"], "place": [PLACE], "group": ["nguoi_dan", "lanh_dao", "cong_chuc"],
    "serial": [str(n) for n in range(1, 19)], "name": ["spare", "citizen", "official"], "other": ["self"],
    "kind": ["csv", "xlsx", "toml", "pdf"],
}  # fmt: skip


class NoProcess(subprocess.Popen[bytes]):
    """Jobs are not what is attacked here, and would take their time."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.returncode = 0

    def poll(self) -> int:
        return 0

    def __del__(self) -> None:
        """There is nothing to wait for."""


def rules(app: Web) -> list[Rule]:
    """The desk's addresses, but those that would end the walk."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(("desk.", "looking.")) and rule.endpoint not in ENDING
    ]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """A team of its own: whatever the requests below do stays done."""
    team = staff.build(tmp_path_factory.mktemp("attacked"))
    staff.hire(team.app, "spare", Role.KEYER)
    team.app.sign_ins = Guesses(sleep=lambda seconds: None)
    return team


@pytest.mark.torture
@pytest.mark.parametrize("role", Role)
def test_no_request_of_a_signed_in_makes_us_fail(attacked: Staff, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.jobs.subprocess.Popen", NoProcess)
    desk = attacked.as_(role)
    (cookie,) = (f"{each.key}={each.value}" for each in desk.client._cookies.values())
    pages = [address(rule, UNIT, PLACE) for rule in rules(attacked.app) if "GET" in (rule.methods or ())]
    looked_at = re.findall(r"/desk/preview/([0-9a-f-]+)", desk.client.get("/desk/questionnaires/citizen").text)
    pages += [f"/desk/preview/{looked_at[0]}{page}" for page in ("", "/1", "/check")] if looked_at else []
    me = Visitor(
        KNOWN | {"code": looked_at or ["0"]},
        {"Cookie": cookie},
        (("csrf_token", desk.token()),),
        hostile.seen(attacked.app, desk.client, pages),
    )
    said = hostile.attack(attacked.app.test_client(use_cookies=False), rules(attacked.app), [me], REQUESTS)
    assert said.total() >= REQUESTS and len(said) > 3
    figures.note(f"hostile requests as {role.value}",
                 {"requests": said.total(), "5xx": 0, "answers": dict(sorted(said.items()))})  # fmt: skip


def test_a_session_is_new_at_each_sign_in_and_its_cookie_is_kept_from_scripts_and_other_sites(team: Staff) -> None:
    desk = Desk(team.app)
    desk.get("/desk/sign-in")
    before = {cookie.value for cookie in desk.client._cookies.values()}
    page = desk.submit(name=Role.ANALYST.value, password=PASSWORD)
    assert page.status == 303
    given = page.answer.headers.getlist("Set-Cookie")
    assert given
    for cookie in given:
        assert "HttpOnly" in cookie and ("SameSite=Lax" in cookie or "SameSite=Strict" in cookie), cookie
        assert cookie.split(";")[0].partition("=")[2] not in before, (
            "a session that was there before signing in goes on"
        )


def test_behind_tls_cookies_are_secure_and_the_browser_is_told_to_stay_on_tls(team: Staff) -> None:
    client = team.app.test_client()
    page = client.get("/desk/sign-in", base_url="https://phieu.test")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    assert all("Secure" in cookie for cookie in page.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(team: Staff, to: str) -> None:
    desk = Desk(team.app)
    desk.get("/desk/sign-in", query_string={"next": to, "back": to})
    page = desk.submit(name=Role.ANALYST.value, password=PASSWORD, next=to, back=to)
    assert page.status == 303 and "evil" not in page.location and not page.location.startswith(("//", "javascript:"))


@pytest.mark.parametrize("role", Role)
def test_no_deed_without_a_token_of_this_session(team: Staff, role: Role) -> None:
    """Every POST that the role may do, sent as a page of another site would send it."""
    desk = team.as_(role)
    for rule in rules(team.app):
        if "POST" not in (rule.methods or ()) or rule.endpoint.startswith(("looking.", "desk.sign_in")):
            continue  # a preview stores nothing; signing in has its own tests
        path = rule.rule
        for part in [each.split(">")[0] for each in path.split("<")[1:]]:
            path = path.replace(f"<{part}>", "demo" if part == "wave" else "1")
        assert desk.client.post(path, data={"reason": "x"}).status_code in (400, 401, 403, 404, 405, 422), path


@pytest.mark.parametrize("path", ["/desk/frameworks", "/desk/questionnaires"])
def test_a_files_name_posted_as_text_is_no_file(team: Staff, path: str) -> None:
    """Found by the requests above: no browser does it, and the page failed."""
    desk = team.as_(Role.COORDINATOR)
    assert desk.post(path, file="questionnaire.toml").status == 422


@pytest.mark.parametrize("number", ["9" * 19, "9" * 400, "\u0663", "-1"])
def test_a_number_that_no_database_holds_leads_nowhere(team: Staff, number: str) -> None:
    assert team.as_(Role.COORDINATOR).get(f"/desk/approvals/{number}/approve", None).status in (404, 405)

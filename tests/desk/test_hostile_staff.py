"""Requests that no honest member of the staff sends, signed in as each role: never a fault of ours, never a leak.

`make test` tries some hundred a role, `make torture` 50,000 in all and writes how many of each answer came.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest

from survey.accounts.roles import Role
from survey.web import Web
from tests.desk.desk import Desk
from tests.desk.staff import PASSWORD, Staff
from tests.journeys.test_hostile_requests import request

FULL = bool(os.environ.get("PHIEU_TORTURE"))
REQUESTS = (50_000 if FULL else 1_400) // len(Role)
ENDING = (
    "sign_out",
    "sign_in",
    "sign_in_code",
    "account_everywhere",
    "account_password",
    "people_disable",
    "people_reset",
)  # sessions go on
KNOWN = ("demo", "so_tu_phap", "so_y_te", "trung_tam", "1", "2", "0")


def rules(app: Web) -> list[object]:
    """The desk's addresses, but those that would end the walk."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and rule.endpoint.removeprefix("desk.") not in ENDING
    ]


@pytest.mark.torture
@pytest.mark.parametrize("role", Role)
def test_no_request_of_a_signed_in_makes_us_fail(own_team: Staff, role: Role) -> None:
    desk, chance = own_team.as_(role), random.Random(f"20260301 {role}")  # noqa: S311 - repeatable, not secret
    walked, said, token = rules(own_team.app), Counter[int](), desk.token()
    for number in range(REQUESTS):
        asked = request(own_team.app, walked[number % len(walked)], chance, list(KNOWN))
        if chance.random() < 0.7:  # real objects lead further than made-up ones
            rule = walked[number % len(walked)].rule  # type: ignore[attr-defined]
            for part in [each.split(">")[0] for each in rule.split("<")[1:]]:
                rule = rule.replace(f"<{part}>", "demo" if part == "wave" else chance.choice(KNOWN))
            asked["path"] = rule
        asked["headers"].pop("Cookie", None)
        asked["data"] = b"csrf_token=" + token.encode() + b"&" + asked["data"]
        answer = desk.client.open(**asked)
        said[answer.status_code] += 1
        assert answer.status_code < 500, (role, answer.status_code, asked)
        assert "X-Evil" not in answer.headers, (role, asked)
        answer.close()
    assert said.total() == REQUESTS and len(said) > 3
    if FULL:
        file = Path("instance/hostile.json")
        file.parent.mkdir(exist_ok=True)
        told = json.loads(file.read_text("utf-8")) if file.exists() else {}
        told[role.value] = {str(status): n for status, n in sorted(said.items())}
        file.write_text(json.dumps(told, indent=2) + "\n", "utf-8")


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
        if "POST" not in rule.methods:  # type: ignore[attr-defined]
            continue
        path = rule.rule  # type: ignore[attr-defined]
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

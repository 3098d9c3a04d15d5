"""One matrix of headers and cookies: every page × everything it can answer, by the short way and by the framework.

Each answer, whatever it is, forbids what is not ours, is kept by nobody who should not keep it, and names no server.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from survey import codes, kiosks
from survey.accounts.roles import Role
from survey.api import tokens
from survey.api.limits import PER_MINUTE
from survey.api.tokens import Scope
from survey.guessing import Crowded
from tests.desk import staff
from tests.desk.addresses import address
from tests.desk.staff import PLACE, UNIT, Staff

TLS = {"X-Forwarded-Proto": "https"}  # as our proxy on this machine says
SHOWN = frozenset({"text/html", "text/plain", "text/css", "text/javascript", "application/json", "image/svg+xml"})
UNKNOWN = f"/P/{codes.derive(b'x' * 32, 1, 0)}"
FIXED = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}
LEAKING = ("Server", "X-Powered-By", "Via", "X-Runtime", "X-AspNet-Version", "Access-Control-Allow-Origin")
COOKIE = re.compile(
    r"(?P<name>[\w-]+)=[^;]*(; Expires=[^;]+)?(; Max-Age=\d+)?(?P<secure>; Secure)?; HttpOnly; Path=(?P<path>[^;]+); "
    r"SameSite=(?P<site>Lax|Strict)"
)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    return staff.build(tmp_path_factory.mktemp("headers"))


def judge(answer: TestResponse, *, tls: bool, path: str, method: str) -> None:
    """What every answer is held to."""
    found, where = answer.headers, (method, path, answer.status_code)
    for name, value in FIXED.items():
        assert found.getlist(name) == [value], (name, where)
    assert not [name for name in LEAKING if name in found], where
    assert found.getlist("Strict-Transport-Security") == (["max-age=31536000"] if tls else []), where
    _policy(found, where)
    _kept(found, path, where)
    _kind(answer, where)
    _cookies(found, path, where, tls=tls)
    assert re.fullmatch(r"[^:/\\][^:\\]*|/(?![/\\])[^\\]*|\.\./[^\\]*|", found.get("Location", "")), where


def _policy(found: Headers, where: tuple[Any, ...]) -> None:
    (policy,) = found.getlist("Content-Security-Policy")
    told = dict(part.partition(" ")[::2] for part in policy.split("; "))
    assert told["default-src"] == "'none'" and told["base-uri"] == "'none'", where
    assert told["frame-ancestors"] == "'none'" and told["form-action"] == "'self'", where
    for source in " ".join(told.values()).split():
        assert source in ("'none'", "'self'", "data:") or re.fullmatch(r"'sha256-[\w+/]{43}='", source), (source, where)
    assert "data:" not in told.get("script-src", "") + told.get("style-src", ""), where


def _kept(found: Headers, path: str, where: tuple[Any, ...]) -> None:
    (kept,) = found.getlist("Cache-Control")
    if kept == "no-store":
        return
    assert "Set-Cookie" not in found, where
    assert (kept, path.split("/")[1]) in (("no-cache", "results"), ("public, max-age=31536000, immutable", "desk")), (
        where
    )
    assert path.startswith(("/results/", "/desk/static/")), where


def _kind(answer: TestResponse, where: tuple[Any, ...]) -> None:
    kind, body = answer.headers.get("Content-Type", ""), answer.get_data()
    assert kind or not body, where
    if kind.startswith("text/"):
        assert kind.endswith("; charset=utf-8"), (kind, where)
    sent = answer.headers.get("Content-Disposition", "")
    if body and answer.status_code == 200 and answer.mimetype not in SHOWN:
        assert re.fullmatch(r'attachment(; filename="[A-Za-z0-9._-]+")?', sent), (sent, kind, where)
    if answer.mimetype == "text/html":
        assert not sent, where


def _cookies(found: Headers, path: str, where: tuple[Any, ...], *, tls: bool) -> None:
    for given in found.getlist("Set-Cookie"):
        told = COOKIE.fullmatch(given)
        assert told is not None, (given, where)
        assert bool(told["secure"]) == tls, (given, where)
        desk = told["name"].endswith("desk")
        assert told["name"] == (("__Secure-desk" if desk else "__Host-kiosk") if tls else "desk" if desk else "kiosk")
        assert (told["path"], told["site"]) == (("/desk", "Lax") if desk else ("/", "Strict")), (given, where)
        assert path.startswith("/desk" if desk else "/kiosk/"), (given, where)


def _all_rules(team: Staff, prefixes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for rule in team.app.url_map.iter_rules():
        if rule.rule.startswith(prefixes) and not rule.endpoint.endswith((".sign_out", ".account_everywhere")):
            told = address(rule, UNIT, PLACE)
            for method in sorted(rule.methods or ()):
                yield method, told


@pytest.mark.parametrize(
    ("role", "tls"),
    [(None, False), (None, True), (Role.COORDINATOR, False), (Role.COORDINATOR, True), (Role.ANALYST, True),
     (Role.DISPATCHER, False), (Role.ADMINISTRATOR, True)],
)  # fmt: skip
def test_every_page_of_the_desk(team: Staff, role: Role | None, tls: bool) -> None:
    client = _signed_in(team, role, tls=tls)
    seen = set()
    for method, path in _all_rules(team, ("/desk",)):
        answer = client.open(path, method=method, headers=TLS if tls else {})
        judge(answer, tls=tls, path=path, method=method)
        seen.add(answer.status_code)
        answer.close()
    assert seen >= ({200, 303, 401, 404} if role is None else {200, 403, 404})


def _signed_in(team: Staff, role: Role | None, *, tls: bool) -> FlaskClient:
    client = team.app.test_client()
    if role is not None:
        headers = TLS if tls else {}
        page = client.get("/desk/sign-in", headers=headers).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token is not None
        sent = {"name": role.value, "password": staff.PASSWORD, "csrf_token": token[1]}
        assert client.post("/desk/sign-in", data=sent, headers=headers).status_code == 303
    return client


@pytest.mark.parametrize("tls", [False, True])
def test_every_public_page(team: Staff, *, tls: bool) -> None:
    """Of somebody without a cookie: none is given, whatever is asked."""
    client, headers = team.app.test_client(use_cookies=False), TLS if tls else {}
    code = team.world.codes["nguoi_dan"][0]
    for method, path in _all_rules(team, ("/",)):
        if path.startswith("/desk"):
            continue
        for told in {path, re.sub(r"^(/[Pp])/1", rf"\1/{code}", path)}:
            answer = client.open(told, method=method, headers=headers)
            judge(answer, tls=tls, path=told, method=method)
            assert "Set-Cookie" not in answer.headers, told
            answer.close()


@dataclass(frozen=True)
class Case:
    """How to come by an answer: the request, its status, and what has to be so meanwhile."""

    status: int
    path: str
    method: str = "GET"
    data: Any = None
    kind: str = "application/x-www-form-urlencoded"
    failing: str = ""
    with_: Callable[[], Exception] | None = None
    signed: bool = False


def _broken() -> Exception:
    return sqlite3.OperationalError("disk I/O error")


def _full() -> Exception:
    return Crowded()


BIG = b"code=" + b"x" * (5 << 20)
LOOK, PEOPLE = "survey.responses.counted", "survey.accounts.accounts.everybody"
TOKENS, WRITING = "survey.api.tokens.known", "survey.store.sqlite.SQLiteStore.check_writable"
CASES = {
    "not found": Case(404, "/nothing"),
    "not found at the desk": Case(303, "/desk/nothing"),
    "an unknown code": Case(404, UNKNOWN),
    "a wrong method": Case(405, "/", "PUT"),
    "a file that is gone": Case(404, "/desk/static/0123456789abcdef/desk.css"),
    "too much": Case(413, "/check", "POST", BIG),
    "too much for the desk": Case(413, "/desk/sign-in", "POST", BIG),
    "no form": Case(415, UNKNOWN, "POST", b"{}", "application/json"),
    "a wrong code typed": Case(422, "/", "POST", b"code=1"),
    "a receipt that is none": Case(200, "/check", "POST", b"receipt=1"),
    "an empty sign-in": Case(422, "/desk/sign-in", "POST", b""),
    "a program without a token": Case(401, "/api/v1/waves"),
    "nothing for programs": Case(404, "/api/v1/nothing"),
    "a failure of ours": Case(500, "/check", "POST", b"receipt=x", failing=LOOK, with_=lambda: ValueError("x")),
    "a database that fails": Case(503, "/check", "POST", b"receipt=x", failing=LOOK, with_=_broken),
    "a database that fails a program": Case(503, "/api/v1/waves", failing=TOKENS, with_=_broken, signed=True),
    "a database that fails the desk": Case(503, "/desk/people", failing=PEOPLE, with_=_broken),
    "not ready": Case(503, "/readyz", failing=WRITING, with_=_broken),
    "too many guesses": Case(503, UNKNOWN, failing="survey.guessing.Guesses.turn", with_=_full),
}  # fmt: skip


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_whatever_is_refused_or_fails(team: Staff, name: str, monkeypatch: pytest.MonkeyPatch, *, tls: bool) -> None:
    case = CASES[name]
    client = _signed_in(team, Role.ADMINISTRATOR, tls=tls) if case.path == "/desk/people" else team.app.test_client()
    monkeypatch.setattr(team.app, "testing", False)
    data = case.data
    if case.path == "/desk/sign-in" and data == b"":
        page = client.get(case.path, headers=TLS if tls else {}).text
        data = {"csrf_token": re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]}  # type: ignore[index]
    if case.with_ is not None:
        raised = case.with_()

        def fail(*_: object, **__: object) -> object:
            raise raised

        monkeypatch.setattr(case.failing, fail)
    kind = None if isinstance(data, dict) else case.kind
    headers = {**(TLS if tls else {}), **({"Authorization": "Bearer x"} if case.signed else {})}
    answer = client.open(case.path, method=case.method, data=data, content_type=kind, headers=headers)
    assert answer.status_code == case.status, (name, answer.status_code)
    judge(answer, tls=tls, path=case.path, method=case.method)
    if case.status in (429, 503):
        assert int(answer.headers["Retry-After"]) > 0
    if name == "too many guesses":
        assert "cùng lúc" in answer.text and "mạng" not in answer.text, "the crowd may be in any network"


@pytest.mark.parametrize("tls", [False, True])
def test_a_program_that_asks_too_often_and_the_crowd_at_the_sign_in(team: Staff, *, tls: bool) -> None:
    _, token = tokens.issue(team.app.store, team.app.clock, "x", Scope.FIELDWORK, None, who="test")
    headers = {"Authorization": f"Bearer {token}", **(TLS if tls else {})}
    client = team.app.test_client()
    for _ in range(PER_MINUTE):
        judge(client.get("/api/v1/waves", headers=headers), tls=tls, path="/api/v1/waves", method="GET")
    answer = client.get("/api/v1/waves", headers=headers)
    assert answer.status_code == 429
    judge(answer, tls=tls, path="/api/v1/waves", method="GET")


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("gzip", [False, True])
def test_the_short_way_and_the_framework_say_the_same(team: Staff, *, tls: bool, gzip: bool) -> None:
    """A cookie, which no respondent has, sends a request the framework's way: headers differ in nothing."""
    code = team.world.codes["lanh_dao"][0]
    client = team.app.test_client(use_cookies=False)
    headers = {**(TLS if tls else {}), **({"Accept-Encoding": "gzip"} if gzip else {})}
    for path, data in ((f"/P/{code}", None), (f"/P/{code}", {}), (f"/P/{code}/1", None), (f"/P/{code}/check", None)):
        told = []
        for more in ({}, {"Cookie": "other=1"}):
            send = client.get if data is None else client.post
            answer = send(path, headers={**headers, **more}, **({} if data is None else {"data": {"revision": "0"}}))
            judge(answer, tls=tls, path=path, method="GET")
            told.append({(name, value) for name, value in answer.headers if name not in ("Content-Length", "Date")})
        assert told[0] == told[1], (path, told[0] ^ told[1])


@pytest.mark.parametrize("tls", [False, True])
def test_the_one_cookie_outside_the_desk_is_a_bound_tablets(team: Staff, *, tls: bool) -> None:
    app, headers = team.app, TLS if tls else {}
    link = kiosks.make_link(app.store, app.clock, [app.wave("demo").spec], PLACE, "x", who="test")
    client = app.test_client(use_cookies=False)
    assert "Set-Cookie" not in client.get(f"/kiosk/{PLACE}/{link}", headers=headers).headers
    answer = client.post(f"/kiosk/{PLACE}/{link}", headers=headers)
    judge(answer, tls=tls, path=f"/kiosk/{PLACE}/{link}", method="POST")
    name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
    assert name == ("__Host-kiosk" if tls else "kiosk")
    for known in {name, kiosks.COOKIE}:  # bound before names were told apart
        page = client.get(f"/kiosk/{PLACE}", headers={**headers, "Cookie": f"{known}={value}"})
        assert page.status_code == 200 and page.headers["Set-Cookie"].startswith(f"{name}=")
        judge(page, tls=tls, path=f"/kiosk/{PLACE}", method="GET")
    planted = {**headers, "Cookie": f"{name}={value[:-1]}{'0' if value[-1] != '0' else '1'}"}
    assert client.get(f"/kiosk/{PLACE}", headers=planted).status_code == 403

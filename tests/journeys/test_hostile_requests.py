"""Requests that nobody honest sends, to every route: whatever comes, the answer is never a fault of ours.

`make test` tries some thousand, `make torture` 50,000.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.datastructures import Headers
from werkzeug.routing import Rule

from survey import create_app
from survey.guessing import Guesses
from survey.keys import Keyring
from survey.web import Web
from tests.journeys import world as worlds
from tests.journeys.world import World

REQUESTS = 50_000 if os.environ.get("PHIEU_TORTURE") else 1_500
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW")
TEXTS = (
    "", "0", "-1", "1", "9" * 400, "\0", "%00", "../../etc/passwd", "..%2f..%2f", "<script>alert(1)</script>", "'--",
    "\r\nX-Evil: 1", "\u202e\u0300đ", "\U0001f600", "a" * 3_000, "{{7*7}}", "${jndi:ldap://x}", "null", "[]", "1e999",
    "NaN", "\u0663", "\uff21",
)  # fmt: skip
FIELDS = (
    "code receipt as tag revision asked lang back csrf_token account password wave page q reason file unit so_tu_phap "
    "declined afresh next"
).split()
HEADERS = (
    "Host X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto Cookie Accept-Language Referer Range Accept-Encoding "
    "If-None-Match Content-Length Authorization Origin User-Agent"
).split()
TYPES = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/json",
    "text/xml",
    "",
    "application/x-www-form-urlencoded; charset=utf-7",
)


@pytest.fixture(scope="module")
def hostile_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return worlds.build(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def hostile_app(hostile_world: World) -> Web:
    Keyring(hostile_world.settings).create_instance_key()  # without it there is no desk to attack
    made = create_app(hostile_world.settings, hostile_world.clock)
    made.guesses = Guesses(sleep=lambda seconds: None)
    made.sign_ins = Guesses(sleep=lambda seconds: None)
    return made


def text(chance: random.Random) -> str:
    return chance.choice(TEXTS) if chance.random() < 0.7 else "".join(chance.choices("aZ0 -_/%.\t<>\"'đ", k=20))


def path(rule: Rule, chance: random.Random, codes: list[str]) -> str:
    """The route with anything in place of its parts; often with a code that exists, so that it leads further."""
    given = rule.rule
    for name in rule.arguments:
        part = chance.choice(codes) if name == "code" and chance.random() < 0.6 else text(chance)
        part = chance.choice(("1", "2", "999999999999999999999")) if chance.random() < 0.3 and name != "code" else part
        for kind in ("", "int:", "path:", "string:"):
            given = given.replace(f"<{kind}{name}>", part)
    return given if chance.random() < 0.9 else given + text(chance)


def body(chance: random.Random) -> bytes:
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(200))
    pairs = ((chance.choice(FIELDS), text(chance)) for _ in range(chance.randrange(6)))
    return "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "surrogatepass")


def headers(chance: random.Random) -> Headers:
    found = Headers()
    for name in chance.sample(HEADERS, chance.randrange(4)):
        value = "".join(letter for letter in text(chance) if letter not in "\r\n\0")  # a server takes no others
        found[name] = value.encode("utf-8", "replace").decode("latin-1")
    return found


def request(app: Web, rule: Rule, chance: random.Random, codes: list[str]) -> dict[str, Any]:
    return {
        "path": path(rule, chance, codes),
        "method": chance.choice(METHODS[:2]) if chance.random() < 0.8 else chance.choice(METHODS),
        "headers": headers(chance),
        "data": body(chance),
        "content_type": chance.choice(TYPES) if chance.random() < 0.5 else TYPES[0],
        "query_string": chance.choice(
            ("", "", f"lang={quote(text(chance))}", f"receipt={quote(text(chance))}", "page=-1")
        ),
    }


@pytest.mark.torture
def test_no_request_makes_us_fail(hostile_app: Web, hostile_world: World) -> None:
    chance = random.Random(20_260_301)  # noqa: S311 - repeatable, not secret
    rules = list(hostile_app.url_map.iter_rules())
    codes = [code for each in hostile_world.codes.values() for code in each]
    said: Counter[int] = Counter()
    client = hostile_app.test_client()
    for number in range(REQUESTS):
        asked = request(hostile_app, rules[number % len(rules)], chance, codes)
        answer = client.open(**asked)
        said[answer.status_code] += 1
        assert answer.status_code < 500, (answer.status_code, asked)
        if "X-Evil" in answer.headers:
            raise AssertionError(asked)
        answer.close()
    assert said.total() == REQUESTS and {200, 404, 405} <= set(said)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:99", "a b", "[::1", "", "x" * 300])
def test_no_host_header_reaches_a_page(hostile_app: Web, hostile_world: World, host: str) -> None:
    code = next(iter(hostile_world.codes.values()))[0]
    for where in ("/", "/check", f"/P/{code}", "/desk/"):
        answer = hostile_app.test_client().get(where, headers={"Host": host})
        assert answer.status_code < 500
        told = answer.text + "".join(f"{name}: {value}" for name, value in answer.headers)
        assert not host.strip() or "evil.example" not in told


def test_a_log_line_holds_nothing_that_was_sent(
    hostile_app: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("x\n2026-03-01 forged line")

    monkeypatch.setattr("survey.responses.counted", fail)
    hostile_app.test_client().post("/check", data={"receipt": "x\r\nforged line"})
    assert "forged" not in caplog.text and "ValueError while answering POST citizen.check_receipt" in caplog.text


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
@pytest.mark.parametrize(
    "rest", ["x", "x/y", "///", "0123456789abcdef/none.css", "0123456789abcdef/desk.css", "a/b/c/d"]
)
def test_beside_the_desks_files_there_is_nothing_and_no_fault(hostile_app: Web, method: str, rest: str) -> None:
    """They do without a session; an error page of the desk does not."""
    answer = hostile_app.test_client().open(f"/desk/static/{rest}", method=method)
    assert 300 <= answer.status_code < 500

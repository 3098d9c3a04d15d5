"""Requests that nobody honest sends, to every route: whatever comes, the answer is never a fault of ours.

`make test` tries some hundred, `make torture` 50,000 and keeps how many of each answer came.
"""

from __future__ import annotations

import itertools

import pytest

from survey import create_app, kiosks
from survey.api import tokens
from survey.api.limits import Limits
from survey.api.tokens import Scope
from survey.guessing import Guesses
from survey.keys import Keyring
from survey.walk_ins import Pace
from survey.web import Web
from tests import hostile
from tests.desk.staff import CHEAP
from tests.hostile import Visitor
from tests.journeys import world as worlds
from tests.journeys.world import World
from tests.reliability import figures

REQUESTS = 50_000 if figures.FULL else 600
PLACE = "trung_tam"
INSIDE = ("/desk/w/", "/desk/setup", "/desk/p", "/desk/a", "/desk/q")  # who is let in no further: test_hostile_staff.py
POSTER = f"""
[open]
group = "nguoi_dan"
most = 500
[[open.poster]]
place = "{PLACE}"
units = ["so_tu_phap"]
"""


@pytest.fixture(scope="module")
def hostile_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return worlds.build(tmp_path_factory.mktemp("hostile"), edits=(("[[place]]", POSTER + "[[place]]"),))


@pytest.fixture(scope="module")
def hostile_app(hostile_world: World) -> Web:
    Keyring(hostile_world.settings).create_instance_key()  # without it there is no desk to attack
    made = create_app(hostile_world.settings, hostile_world.clock)
    made.hasher = CHEAP
    made.guesses = Guesses(sleep=lambda seconds: None)
    made.sign_ins = Guesses(sleep=lambda seconds: None)
    minutes = itertools.count(step=100)
    made.extensions[Limits.NAME] = Limits(lambda: next(minutes))
    made.pace = Pace(lambda: 1000.0 * next(minutes))
    return made


@pytest.fixture(scope="module")
def visitors(hostile_app: Web, hostile_world: World) -> list[Visitor]:
    """Somebody with slips, a tablet that staff bound, and a program with a token; each knows what exists."""
    app, world = hostile_app, hostile_world
    codes = [code for each in world.codes.values() for code in each]
    known = {"code": codes[:6], "wave": ["demo"], "place": [PLACE], "number": ["1", "2", "3"], "unit": ["so_tu_phap"]}
    code = codes[0]
    paths = [
        f"/P/{code}",
        f"/P/{code}/1",
        f"/P/{code}/2",
        f"/P/{code}/check",
        "/",
        "/check",
        f"/P/{codes[-1]}/1",
        f"/open/demo/{PLACE}",
    ]
    pages = hostile.seen(app, app.test_client(), paths)
    spec = app.wave("demo").spec
    link = kiosks.make_link(app.store, app.clock, [spec], PLACE, "x", who="test")
    tablet = kiosks.bind(app.store, app.clock, PLACE, link)
    assert tablet is not None
    cookie = f"{kiosks.COOKIE}={kiosks.cookie(app.keyring, tablet)}"
    _, token = tokens.issue(app.store, app.clock, "x", Scope.FIELDWORK, None, who="test")
    return [
        Visitor(known, pages=pages),
        Visitor(known, headers={"Cookie": cookie}, pages=pages),
        Visitor(known, headers={"Authorization": f"Bearer {token}"}),
    ]


@pytest.mark.torture
def test_no_request_makes_us_fail(hostile_app: Web, visitors: list[Visitor]) -> None:
    client = hostile_app.test_client(use_cookies=False)
    rules = [rule for rule in hostile_app.url_map.iter_rules() if not rule.rule.startswith(INSIDE)]
    said = hostile.attack(client, rules, visitors, REQUESTS)
    assert said.total() >= REQUESTS and {200, 404, 405} <= set(said)
    figures.note(
        "hostile requests without an account",
        {"requests": said.total(), "5xx": 0, "answers": dict(sorted(said.items()))},
    )


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

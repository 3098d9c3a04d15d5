"""Who guesses is slowed, whatever the requests say of where they come from; nobody else is, and nothing is told."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from survey import codes, issuing
from survey.accounts import accounts, sessions
from survey.accounts.roles import Role
from survey.api.limits import PER_MINUTE as PER_TOKEN
from survey.api.limits import Limits
from survey.guessing import PER_MINUTE, Guesses
from tests.desk import staff
from tests.desk.desk import PASSWORD, Desk
from tests.desk.staff import Staff

WRONG = "một mật khẩu khác hẳn"
OUTSIDE, PROXY = "203.0.113.9", "127.0.0.1"


class Counting(PasswordHasher):
    """Counts what it is asked for."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.did: Counter[str] = Counter()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.did["hash"] += 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.did["verify"] += 1
        return super().verify(hash, password)


@pytest.fixture
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    return staff.build(tmp_path_factory.mktemp("throttling"))


def test_an_unknown_name_a_wrong_password_and_an_account_that_waits_are_the_same_work(team: Staff) -> None:
    """The first sign-in of a process too, which makes what nobody's password is compared with."""
    app, done = team.app, []
    accounts.disable(app.store, app.clock, "keyer", who="test", reason="x")
    for _ in range(sessions.FREE_TRIES):
        sessions.check(app.store, app.clock, Counting(), "viewer", WRONG)
    for name, password in (("nobody", WRONG), ("analyst", WRONG), ("analyst", PASSWORD), ("keyer", PASSWORD),
                           ("viewer", PASSWORD), ("", WRONG), ("x" * 10_000, "y" * 10_000)):  # fmt: skip
        hasher = Counting()
        for again in (1, 2):
            found = sessions.check(app.store, app.clock, hasher, name, password)
            assert (found is not None) == ((name, password) == ("analyst", PASSWORD)), name
            done.append((again, dict(hasher.did)))
    assert {tuple(sorted(did.items())) for again, did in done if again == 1} == {(("hash", 1), ("verify", 1))}
    assert {tuple(sorted(did.items())) for again, did in done if again == 2} == {(("hash", 1), ("verify", 2))}


def test_pages_tell_an_unknown_name_and_an_account_that_waits_alike(team: Staff) -> None:
    seen = set()
    for name in ("nobody", "viewer"):
        desk = Desk(team.app)
        for _ in range(sessions.FREE_TRIES + 1):
            desk.get("/desk/sign-in")
            desk.submit(name=name, password=WRONG)
            seen.add((desk.page.status, tuple(desk.page.faults)))
    assert len(seen) == 1


def test_an_account_that_is_guessed_at_keeps_nobody_else_out(team: Staff) -> None:
    guesser = Desk(team.app)
    for _ in range(sessions.FREE_TRIES):
        guesser.get("/desk/sign-in")
        guesser.submit(name="analyst", password=WRONG, status=422)
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR):
        Desk(team.app).sign_in(role)
    team.world.now += timedelta(seconds=2 ** (sessions.FREE_TRIES + 1))
    Desk(team.app).sign_in(Role.ANALYST)  # the owner, after the wait, whoever guessed


@pytest.fixture
def slept(team: Staff) -> Iterator[list[float]]:
    """The pauses that were made of those who guess."""
    pauses: list[float] = []
    team.app.sign_ins = Guesses(sleep=pauses.append)
    team.app.guesses = Guesses(sleep=pauses.append)
    yield pauses


def unknown() -> Iterator[str]:
    """Codes that are well-formed and nobody's."""
    return (codes.derive(b"somebody else's key, 32 bytes ..", serial, 0) for serial in itertools.count(1))


def ask(team: Staff, code: str, peer: str, noted: str | None) -> None:
    headers = {} if noted is None else {"X-Forwarded-For": noted, "X-Real-IP": noted, "Forwarded": f"for={noted}"}
    client = team.app.test_client(use_cookies=False)
    client.get(f"/P/{code}", headers=headers, environ_overrides={"REMOTE_ADDR": peer})


@pytest.mark.parametrize(
    ("peer", "noted"),
    [
        (OUTSIDE, "198.51.100.{n}"),  # no proxy: whatever a stranger writes is not read
        (PROXY, "198.51.100.{n}, 203.0.113.9"),  # our proxy's is the last
        (PROXY, "{n}, garbage, 203.0.113.9"),
        (PROXY, "2001:db8:1:{n:x}::1"),  # another /64 each time, of one household's /56
        ("2001:db8:2:{n:x}::{n:x}", None),
        ("::ffff:203.0.113.9", "198.51.100.{n}"),
    ],
)
def test_an_address_that_is_made_up_anew_each_time_is_still_one(
    team: Staff, slept: list[float], peer: str, noted: str | None
) -> None:
    for n, code in zip(range(PER_MINUTE + 3), unknown(), strict=False):
        ask(team, code, peer.format(n=n), noted.format(n=n) if noted else None)
    assert len(slept) == 2
    good = team.world.codes["nguoi_dan"][0]
    ask(team, good, "192.0.2.77", None)
    assert len(slept) == 2, "somebody else waits for a guesser"


def test_signing_in_is_slowed_by_address_whatever_the_name(team: Staff, slept: list[float]) -> None:
    desk = Desk(team.app)
    for n in range(PER_MINUTE + 2):
        desk.get("/desk/sign-in")
        desk.submit(name=f"nobody.{n}", password=WRONG, status=422)
    assert len(slept) == 1


def test_strangers_without_a_token_spend_no_turn_of_another_address(team: Staff) -> None:
    """Behind the proxy each counts for itself: one who floods the interface for programs blocks nobody."""
    team.app.extensions[Limits.NAME] = Limits(lambda: 0.0)
    client = team.app.test_client()
    statuses = [
        client.get("/api/v1/waves", headers={"X-Forwarded-For": "198.51.100.1"}).status_code
        for _ in range(PER_TOKEN + 1)
    ]
    assert statuses[-1] == 429
    assert client.get("/api/v1/waves", headers={"X-Forwarded-For": "198.51.100.2"}).status_code == 401


@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "X-Original-Host", "Forwarded"])
def test_no_link_that_leaves_the_house_is_made_of_what_a_request_says(team: Staff, name: str) -> None:
    """Slips, messages, tablets' links and receipts lead to the address of the configuration."""
    evil: dict[str, Any] = {"headers": {name: "host=evil.example" if name == "Forwarded" else "evil.example"}}
    app = team.app
    client = app.test_client(use_cookies=False)
    desk = team.fresh(Role.ADMINISTRATOR)
    sent = {"csrf_token": desk.token(), "place": "trung_tam", "label": "x"}
    evil["headers"]["Cookie"] = next(f"{each.key}={each.value}" for each in desk.client._cookies.values())
    made = client.post("/desk/kiosks", data=sent, **evil)
    assert made.status_code == 303 and made.location.startswith("/desk/")
    shown = client.get(made.location, **evil).text
    assert "http://phieu.test/kiosk/trung_tam/" in shown and "evil" not in shown
    reset = client.post("/desk/people/viewer/reset", data={"csrf_token": desk.token(), "reason": "x"}, **evil)
    assert reset.status_code in (200, 303) and "evil" not in reset.text + str(reset.headers)
    rows = issuing.export_rows(app.store, app.keyring, app.settings, app.clock, app.wave("demo"), who="test",
                               reason="x", serials=[1])  # fmt: skip
    assert rows[0].url.startswith("http://phieu.test/P/")
    code = team.world.codes["nguoi_dan"][-1]
    for path in (f"/P/{code}", f"/P/{code}/1", "/check", "/api/v1/openapi.json"):
        answer = client.get(path, headers={name: evil["headers"][name]})
        assert "evil" not in answer.text + str(answer.headers), path

"""Guessing codes: slowed by address and over all, right codes never refused, nothing written."""

from __future__ import annotations

import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice
from pathlib import Path

import pytest
from flask import Flask, request

from survey import codes, guessing, proxy
from survey.guessing import PAUSE, PER_MINUTE, PER_SECOND, QUEUE, WAITING, Crowded, Guesses
from survey.serving import THREADS


class Time:
    """A clock that only sleeping and the test move."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def guesses(time: Time) -> Guesses:
    return Guesses(time, time.sleep)


def test_twenty_wrong_codes_a_minute_are_free(guesses: Guesses, time: Time) -> None:
    for _ in range(PER_MINUTE):
        time.now += 2
        guesses.wrong("192.0.2.1")
    assert not guesses.slowed("192.0.2.1")
    guesses.wrong("192.0.2.1")
    assert guesses.slowed("192.0.2.1") and not guesses.slowed("192.0.2.2")
    with guesses.turn("192.0.2.1"):  # a right code is served all the same
        assert time.slept == [PAUSE]
    with guesses.turn("192.0.2.2"):
        assert time.slept == [PAUSE]
    time.now += 61
    assert not guesses.slowed("192.0.2.1")


def test_one_at_a_time(guesses: Guesses, time: Time) -> None:
    for _ in range(PER_MINUTE + 1):
        time.now += 1
        guesses.wrong("192.0.2.1")
    inside, most = [], []
    guard = threading.Lock()

    def ask() -> None:
        with guesses.turn("192.0.2.1"):
            with guard:
                inside.append(1)
                most.append(len(inside))
            with guard:
                inside.pop()

    threads = [threading.Thread(target=ask) for _ in range(QUEUE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * QUEUE and time.slept == [PAUSE] * QUEUE


def test_the_queue_of_one_address_is_short(guesses: Guesses, time: Time) -> None:
    for _ in range(PER_MINUTE + 1):
        time.now += 1
        guesses.wrong("192.0.2.1")
    guesses._addresses["192.0.2.1"].waiting = QUEUE
    with pytest.raises(Crowded), guesses.turn("192.0.2.1"):
        pass


def test_slowed_networks_together_leave_threads_to_others(time: Time) -> None:
    # Given a worker, and five networks that guess
    over = threading.Event()

    def sleep(seconds: float) -> None:
        over.wait()

    guesses = Guesses(time, sleep)
    networks = [f"192.0.2.{number}" for number in range(5)]
    for _ in range(PER_MINUTE + 1):
        time.now += 1
        for each in networks:
            guesses.wrong(each)

    def ask(address: str) -> bool:
        try:
            with guesses.turn(address):
                return True
        except Crowded:
            return False

    with ThreadPoolExecutor(THREADS) as worker:
        try:
            # When each asks as often as eight threads do
            asked = [worker.submit(ask, each) for each in networks for _ in range(8)]
            # Then others are served meanwhile
            assert worker.submit(ask, "198.51.100.1").result(timeout=30)
            refused = list(islice(as_completed(asked, timeout=30), len(asked) - WAITING))
            assert not any(each.result() for each in refused)
        finally:
            over.set()
        assert sum(each.result() for each in asked) == WAITING
    assert 4 * WAITING == THREADS and QUEUE < WAITING
    # And when they have been served there is room again
    assert ask(networks[0]) and ask(networks[4])


def test_a_flood_over_all_addresses_alarms_and_slows_those_who_failed(
    guesses: Guesses, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for number in range(2 * PER_SECOND):
            guesses.wrong(f"192.0.2.{number}")
    assert caplog.text.count("somebody is guessing") == 1 and "192.0.2" not in caplog.text
    assert guesses.slowed("192.0.2.3") and not guesses.slowed("198.51.100.1")
    time.now += 61
    assert not guesses.slowed("192.0.2.3")


def test_the_memory_is_bounded(guesses: Guesses, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "MEMORY", 3)
    for number in range(5):
        time.now += 1
        guesses.wrong(f"192.0.2.{number}")
    assert list(guesses._addresses) == ["192.0.2.2", "192.0.2.3", "192.0.2.4"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        (None, ""),
        ("socket", "socket"),
    ],
)
def test_what_counts_as_one_address(address: str | None, network: str) -> None:
    assert guessing.network(address) == network


@pytest.mark.parametrize(
    ("remote", "noted", "address"),
    [
        ("203.0.113.9", "192.0.2.1", "203.0.113.9"),  # a stranger's header is not believed
        ("127.0.0.1", "10.0.0.1, 192.0.2.1", "192.0.2.1"),
        ("::1", "", "::1"),
        (None, "192.0.2.1", None),
    ],
)
def test_who_asks_behind_a_proxy(remote: str | None, noted: str, address: str | None) -> None:
    headers = {"X-Forwarded-For": noted, "X-Forwarded-Proto": "https"}
    with Flask("x").test_request_context("/", headers=headers, environ_overrides={"REMOTE_ADDR": remote}):
        assert proxy.address(request) == address
        assert proxy.on_tls(request) is (remote in ("127.0.0.1", "::1"))


def test_the_odds_that_the_docs_give_are_those_of_the_code() -> None:
    docs = (Path(__file__).parents[2] / "docs/reference/guessing.md").read_text("utf-8")
    symbols = 32 ** (codes.LENGTH - 1)
    seconds, workers, full = 30 * 24 * 3600, 2, 3000
    assert f"Past {PER_MINUTE} unknown codes within a minute" in docs and f"after {PAUSE:.0f} seconds" in docs
    assert f"Past {PER_SECOND} unknown codes within a second" in docs and f"when {QUEUE} requests" in docs
    a_slowed_address = workers / PAUSE  # guesses a second: one at a time in each worker
    for addresses, row in ((1, "1 address"), (1000, "1,000 addresses"), (10_000, "10,000 addresses")):
        guesses = min(addresses * a_slowed_address, full) * seconds
        line = next(line for line in docs.splitlines() if line.startswith(f"| {row}"))
        for open_, told in zip((1600, 86_000), re.findall(r"1 in ([\d,.]+)( million)?", line), strict=True):
            odds = symbols / (guesses * open_)
            said = float(told[0].replace(",", "")) * (1e6 if told[1] else 1)
            assert said == pytest.approx(odds, rel=0.02), (row, open_, odds)

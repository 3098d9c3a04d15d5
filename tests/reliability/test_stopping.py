"""SIGTERM in the middle of a form: what is under way is answered and stored, and only then the server goes; and
workers that die again and again."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from granian.server.mp import MPServer

from survey import create_app, keeping, responses
from survey.keeping import Kept
from tests.journeys import world as worlds
from tests.journeys.markup import parse
from tests.journeys.respondent import Respondent
from tests.journeys.world import World
from tests.reliability.crowd import COUNTED, GROUPS, PatientWire
from tests.served import NOW, Wire, free_port, wait_for

PATIENCE = 60.0


class Running:
    """A server whose events are read as they come."""

    def __init__(self, world: World, port: int, workers: int) -> None:
        command = [sys.executable, "-m", "survey.cli", "--instance", str(world.settings.instance), "serve"]
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, "--workers", str(workers), "--port", str(port)], stderr=subprocess.PIPE, text=True
        )
        self.port = port
        self.events: list[dict[str, str]] = []
        self._came = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        assert wait_for(f"http://127.0.0.1:{port}/readyz", self.process) == 200

    def _read(self) -> None:
        for line in self.process.stderr or ():
            with self._came:
                self.events.append(json.loads(line))
                self._came.notify_all()

    def wait_for(self, text: str, times: int = 1) -> None:
        """Return when so many events said this."""
        with self._came:
            told = self._came.wait_for(lambda: self.said(text) >= times, PATIENCE)
        assert told, self.events

    def workers(self) -> list[int]:
        """The workers that live, as the server named them when it began them."""
        told = re.findall(
            r"Spawning worker-\d+ with PID: (\d+)", " ".join(each.get("text", "") for each in self.events)
        )
        return [pid for pid in map(int, told) if Path(f"/proc/{pid}/status").exists() and not _dead(pid)]

    def said(self, text: str) -> int:
        """How many events did."""
        return sum(text in event.get("text", "") for event in self.events)

    def end(self) -> int:
        """Its status, once it has ended by itself."""
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self._reader.join()
            if self.process.stderr:
                self.process.stderr.close()


def _dead(pid: int) -> bool:
    return "State:\tZ" in Path(f"/proc/{pid}/status").read_text("utf-8")


@contextmanager
def running(world: World, workers: int = 2) -> Iterator[Running]:
    server = Running(world, free_port(), workers)
    try:
        yield server
    finally:
        server.process.kill()
        server.end()


def begun(port: int, path: str, body: bytes) -> socket.socket:
    """A POST whose headers are read by the application, and nothing of its body sent yet."""
    wire = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    wire.sendall(
        f"POST {path} HTTP/1.1\r\nHost: phieu.test\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n".encode()
    )
    assert wire.recv(1000).startswith(b"HTTP/1.1 100")  # it waits for the body now
    return wire


@pytest.fixture
def world(tmp_path: Path) -> World:
    return worlds.build(tmp_path, edits=NOW, groups=GROUPS, each=5)


def test_a_submit_under_way_is_stored_and_answered_before_the_server_goes(world: World) -> None:
    with running(world) as server:
        people = []
        for _ in range(3):
            person = Respondent(create_app(world.settings), world.take("cong_chuc"))
            person.client = Wire(server.port)  # type: ignore[assignment]
            person.fill_to_check()
            body = urlencode(person.page.form.standing(), doseq=True).encode()
            people.append((begun(server.port, f"/P/{person.code}/submit", body), body))
        idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        idle.request("GET", "/healthz")
        assert idle.getresponse().read() == b"ok\n"
        # When the server is stopped while three forms are on their way, a few bytes at a time
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("Stopping worker", times=2)
        receipts = []
        for wire, body in people:
            for start in range(0, len(body), 16):
                wire.sendall(body[start : start + 16])
            answer = http.client.HTTPResponse(wire, method="POST")
            answer.begin()
            shown = parse(answer.read().decode())
            assert answer.status == 200
            receipts += [each.text for each in shown.below if each.attributes.get("id") == "receipt"]
            wire.close()
        idle.close()
        # Then each was answered, all are stored, and it ended well
        assert server.end() == 0
        assert server.said("refused to gracefully stop") == 0
    assert len(set(receipts)) == 3
    assert None not in [responses.counted(world.store, receipt) for receipt in receipts]
    with world.store.read() as tx:
        assert tuple(tx.connection.execute(COUNTED).fetchone()) == (3, 3, 3)


def test_a_worker_killed_again_and_again_is_followed_by_another_each_time(world: World) -> None:
    with running(world, workers=1) as server:
        person = Respondent(create_app(world.settings), world.take("cong_chuc"))
        person.client = PatientWire(server.port)  # type: ignore[assignment]
        person.begin()
        for times in range(2, 6):  # faster than the web server's own loop puts up with
            (worker,) = server.workers()
            os.kill(worker, signal.SIGKILL)
            server.wait_for("Spawning worker", times=times)
            for _ in range(3):
                assert person.client.open(f"/P/{person.code}/check", method="GET", headers={}).status_code == 200
        person.fill_to_check()
        assert person.fill().element("receipt") is not None
        # And what the dead ones counted is counted
        told = Wire(server.port).open("/metrics", method="GET", headers={}).get_data(as_text=True)
        assert "\nphieu_worker_starts_total 5\n" in told and "\nphieu_workers 1\n" in told
        seen = re.search(r'total{method="GET",route="/P/<code>/check",status="2xx"} (\d+)', told)
        assert seen and 10 <= int(seen[1]) <= 13  # of thirteen; told in steps of ten or more
        server.process.send_signal(signal.SIGTERM)
        assert server.end() == 0
    assert server.said("crash loop") == 0


class Worker:
    """In place of a process."""

    def __init__(self, alive: bool) -> None:
        self.alive, self.birth = alive, 0.0

    def is_alive(self) -> bool:
        return self.alive


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """A server of three workers that are no processes; whoever died is begun anew at once."""

    def begin(self: Kept, workers: list[int], *_: object) -> None:
        for number in workers:
            self.respawned_wrks[number] = 1.0
            self.wrks[number].alive = True  # type: ignore[attr-defined]

    monkeypatch.setattr(MPServer, "_respawn_workers", begin)
    made = Kept("nowhere:app", interface="wsgi")
    made.wrks = [Worker(True) for _ in range(3)]  # type: ignore[assignment]
    return made


def _die(kept: Kept, *numbers: int) -> None:
    for number in numbers:
        kept.wrks[number].alive = False  # type: ignore[attr-defined]


def test_who_dies_unseen_is_found_and_who_lives_is_left_alone(kept: Kept) -> None:
    _die(kept, 0, 2)
    kept._respawn_workers([0, 0, 1], print, print)
    assert kept.respawned_wrks == {} and list(kept.interrupt_children) == [2] and kept.main_loop_interrupt.is_set()
    kept.interrupt_children.clear()
    kept._respawn_workers([2], print, print)
    assert kept.interrupt_children == [] and all(worker.is_alive() for worker in kept.wrks)
    kept._respawn_workers([0, 1, 2], print, print, 1.0)  # all are exchanged, when asked to
    assert set(kept.respawned_wrks) == {0, 1, 2}


def test_what_dies_all_the_while_is_given_up(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = 1000.0, []
    monkeypatch.setattr(keeping.time, "monotonic", lambda: now)
    monkeypatch.setattr(keeping.time, "sleep", slept.append)
    for number in range(keeping.MOST):
        kept.wrks[0].birth = now - 1
        _die(kept, 0)
        assert kept.respawned_wrks == {}
        kept._respawn_workers([0], print, print)
        now += 1
        assert len(slept) == number + 1
    assert set(kept.respawned_wrks) == {0}  # by which the web server's own loop ends it
    now += keeping.WINDOW
    _die(kept, 0)
    kept._respawn_workers([0], print, print)
    assert kept.respawned_wrks == {} and len(slept) == keeping.MOST

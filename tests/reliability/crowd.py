"""People who answer all the while, several at once, and the server that they press upon."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from werkzeug.wrappers import Response

from survey import create_app, responses
from survey.store import Store
from tests.journeys.respondent import Respondent
from tests.journeys.world import World
from tests.served import Wire, wait_for

CLIENTS = 4
PATIENCE = 60.0
COUNTED = """
SELECT (SELECT count(*) FROM invitation WHERE state = 'answered'),
       (SELECT count(*) FROM box) + (SELECT count(*) FROM inbox_box),
       (SELECT count(*) FROM receipt) + (SELECT count(*) FROM inbox_receipt)
"""
GROUPS = (("cong_chuc", "self", "own", ("so_tu_phap",)),)


class PatientWire(Wire):
    """Presses the same button again until somebody answers, as a person on a bad line does."""

    def open(self, target: str, **asked: object) -> Response:  # type: ignore[override]
        """Ask until an answer comes whole."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return super().open(target, **asked)  # type: ignore[arg-type]
            except (OSError, http.client.HTTPException):
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)  # a dead server has no event to wait for


@dataclass
class Crowd:
    """People who answer one after the other, several at once, and the receipts that they were shown."""

    world: World
    port: int
    codes: list[str]
    wire: type[Wire] = PatientWire
    again: int = 0  # how often a form whose last page was lost is gone through once more
    receipts: list[str] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)
    moved: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        # Not in each thread: routes are made by Python's ast, which version 3.11 cannot do in two threads at once.
        self.app = create_app(self.world.settings)

    def answer(self) -> None:
        """Answer with one slip after the other until it is enough."""
        try:
            while self.codes and not self.enough.is_set():
                person = Respondent(self.app, self.codes.pop())
                person.client = self.wire(self.port)  # type: ignore[assignment]
                person.fill_to_check()
                receipt = person.fill().element("receipt")
                for _ in range(self.again):
                    if receipt is None:
                        person.fill_to_check()
                        receipt = person.fill().element("receipt")
                assert receipt is not None, f"no receipt was shown: {person.page.text}"
                with self.moved:
                    self.receipts.append(receipt.text)
                    self.moved.notify_all()
        except BaseException as fault:
            self.faults.append(fault)

    def wait_for(self, more: int) -> None:
        """Return when so many further receipts were shown."""
        with self.moved:
            goal = len(self.receipts) + more
            went = self.moved.wait_for(lambda: len(self.receipts) >= goal or self.faults, PATIENCE)
        assert not self.faults, self.faults
        assert went, "nobody was answered any more"


def start(world: World, port: int) -> subprocess.Popen[str]:
    """A server of two workers that is ready."""
    command = [sys.executable, "-m", "survey.cli", "--instance", str(world.settings.instance), "serve", "--workers"]
    process = subprocess.Popen(  # noqa: S603
        [*command, "2", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    assert wait_for(f"http://127.0.0.1:{port}/readyz", process) == 200
    return process


def dismiss(crowd: Crowd, crew: Iterable[threading.Thread], server: subprocess.Popen[str]) -> None:
    """Nobody answers any more, and the server is killed."""
    crowd.enough.set()
    for member in crew:
        member.join(PATIENCE)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def require_whole(store: Store, shown: list[str]) -> int:
    """Every receipt shown is stored; invitations spent, boxes and receipts are equally many. Returns how many."""
    assert [receipt for receipt in shown if responses.counted(store, receipt) is None] == []
    with store.read() as tx:
        spent, boxes, receipts = tx.connection.execute(COUNTED).fetchone()
    assert spent == boxes == receipts
    assert spent >= len(shown)
    return int(spent)

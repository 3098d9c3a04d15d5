"""The disk is full, read-only, slow or broken, another program holds the database, the clock jumps: what people see.

Never a receipt for what is not stored; what they sent comes back on a page that sends it again; and once the cause is
gone everything goes on by itself.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from werkzeug.wrappers import Response

from survey import create_app, responses, seals
from survey.api import tokens
from survey.store import Store, StoreError, connections
from survey.web import Web
from tests.bench.servers import Server
from tests.journeys import world as worlds
from tests.journeys.respondent import Page, Respondent
from tests.journeys.world import World
from tests.reliability.crowd import (
    CLIENTS,
    GROUPS,
    PATIENCE,
    Crowd,
    PatientWire,
    dismiss,
    require_whole,
    start,
)
from tests.reliability.figures import FULL, note
from tests.reliability.power import why_not
from tests.served import NOW, Wire, free_port, wait_for

UNTRACED = why_not()
traced = pytest.mark.skipif(bool(UNTRACED), reason=UNTRACED or "traced")
ROUNDS = 60 if FULL else 2
STORED = "SELECT (SELECT count(*) FROM inbox_box) + (SELECT count(*) FROM box)"
FAULTS = {
    "full": "pwrite64:error=ENOSPC",
    "read-only": "pwrite64,ftruncate:error=EROFS",
    "broken": "pwrite64:error=EIO",
    "never synced": "fdatasync,fsync:error=EIO",
}


def _stored(store: Store) -> int:
    return int(store.connection.execute(STORED).fetchone()[0])


class AnyStatus(Respondent):
    """Looks at pages of status 503 too, which the driver takes for a fault."""

    def _answer(self, method: str, url: str, posted: object = None, **more: object) -> Page:
        answered = self.client.open

        def as_page(target: str, **asked: object) -> object:
            response = answered(target, **asked)  # type: ignore[arg-type]
            self.status = response.status_code
            if response.status_code == 503:
                assert int(response.headers["Retry-After"]) > 0
                response.status_code = 200
            return response

        self.client.open = as_page  # type: ignore[method-assign, assignment]
        try:
            return super()._answer(method, url, posted, **more)
        finally:
            self.client.open = answered  # type: ignore[method-assign]


def _require_kept(person: AnyStatus) -> None:
    """The page that says so, with everything that was sent in it."""
    assert person.status == 503
    assert person.page.element("receipt") is None
    assert person.page.title == "Chưa lưu được" and "Gửi lại" in person.page.text


@contextmanager
def _suffering(processes: list[int], database: Path, what: str) -> Iterator[None]:
    """Have every write of these processes to the database and its log fail, or wait, for a while."""
    command = ["strace", "-f", "-qq", "-o", "/dev/null", *(f"-P{database}{end}" for end in ("", "-wal")), "-e",
               f"inject={what}", *(f"-p{process}" for process in processes)]  # fmt: skip
    tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        end = time.monotonic() + 30
        while not all(_traced(process) for process in processes) and time.monotonic() < end:
            time.sleep(0.02)  # nothing tells that a tracer has arrived
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(30)


def _traced(process: int) -> bool:
    tasks = Path(f"/proc/{process}/task").iterdir()
    return all("TracerPid:\t0\n" not in (task / "status").read_text("utf-8") for task in tasks)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, int, Web, list[int]]]:
    """A world, the port it is served on, an application for the driver, and the server's processes."""
    folder = tmp_path_factory.mktemp("served")
    world, port = worlds.build(folder, edits=NOW, groups=GROUPS, each=20), free_port()
    command = [sys.executable, "-m", "survey.cli", "--instance", str(folder), "serve", "--workers", "1"]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert wait_for(f"http://127.0.0.1:{port}/readyz", process) == 200
        yield world, port, create_app(world.settings), Server(process.pid, "").processes()[1:]
    finally:
        process.terminate()
        process.wait(60)


@traced
@pytest.mark.parametrize("what", FAULTS)
def test_a_disk_that_takes_nothing(served: tuple[World, int, Web, list[int]], what: str) -> None:
    # Given somebody who is about to send
    world, port, app, processes = served
    store, before = world.store, _stored(world.store)
    person = AnyStatus(app, world.take("cong_chuc"))
    person.client = Wire(port)  # type: ignore[assignment]
    person.fill_to_check()
    # When the disk takes nothing
    with _suffering(processes, world.settings.database, FAULTS[what]):
        person.fill()
        # Then no receipt is shown, and the page has all that is needed to send again
        _require_kept(person)
        if what != "never synced":  # whoever does not wait for the disk is not refused by it
            assert Wire(port).open("/readyz", method="GET", headers={}).status_code == 503
    # And when it does again, the same button stores it once
    person.fill()
    receipt = person.page.element("receipt")
    assert receipt is not None and person.status == 200
    assert responses.counted(store, receipt.text) == "received"
    assert _stored(store) == before + 1
    assert store.check_integrity() == []


@traced
def test_a_page_that_cannot_be_saved_comes_back_full(served: tuple[World, int, Web, list[int]]) -> None:
    world, port, app, processes = served
    person = AnyStatus(app, world.take("cong_chuc"))
    person.client = Wire(port)  # type: ignore[assignment]
    person.begin()
    with _suffering(processes, world.settings.drafts, FAULTS["full"]):
        person.fill_all()
        _require_kept(person)
        # What was chosen is shown in words, and travels in the form
        assert person.page.element("typed") is not None
    wanted = person.page.form.standing()
    person.fill()
    assert person.status == 200 and person.page.element("typed") is None
    person.open(f"/P/{person.code}/1")
    kept = person.page.form.standing()
    assert {
        name: value for name, value in wanted.items() if name != "revision" and value != [""]
    }.items() <= kept.items()


@traced
def test_a_slow_disk_makes_people_wait_and_nothing_else(served: tuple[World, int, Web, list[int]]) -> None:
    world, port, app, processes = served
    before = _stored(world.store)
    person = AnyStatus(app, world.take("cong_chuc"))
    person.client = Wire(port)  # type: ignore[assignment]
    person.fill_to_check()
    with _suffering(processes, world.settings.database, "fdatasync,fsync:delay_enter=500000"):
        person.fill()
        assert person.page.element("receipt") is not None
    assert _stored(world.store) == before + 1


class StubbornWire(PatientWire):
    """Sends the same again as long as it is told that it cannot be stored: as the button on that page does."""

    def open(self, target: str, **asked: object) -> Response:
        """Ask until it is stored."""
        end = time.monotonic() + PATIENCE
        while True:
            answer = super().open(target, **asked)
            if answer.status_code != 503 or time.monotonic() > end:
                return answer
            time.sleep(0.05)  # a disk that is mended tells nobody


@traced
@pytest.mark.torture
def test_a_disk_that_fails_again_and_again_while_people_answer(tmp_path: Path) -> None:
    # Given people who answer all the while
    world, port = worlds.build(tmp_path, edits=NOW, groups=GROUPS, each=60 * ROUNDS), free_port()
    crowd = Crowd(world, port, list(world.codes["cong_chuc"]), StubbornWire)
    chance, store = np.random.default_rng(20260310), world.store
    server = start(world, port)
    crew = [threading.Thread(target=crowd.answer) for _ in range(CLIENTS)]
    kinds = [*FAULTS.values(), "fdatasync,fsync:delay_enter=200000"]
    try:
        for member in crew:
            member.start()
        for number in range(ROUNDS):
            crowd.wait_for(1)
            database = (world.settings.database, world.settings.drafts)[int(chance.integers(2))]
            # When the disk fails for a while, in one way or another
            with _suffering(Server(server.pid, "").processes()[1:], database, kinds[number % len(kinds)]):
                time.sleep(float(chance.uniform(0.1, 0.6)))
                require_whole(store, list(crowd.receipts))
            # Then nobody has to mend anything, and every receipt shown is stored
            crowd.wait_for(2)
            require_whole(store, list(crowd.receipts))
    finally:
        dismiss(crowd, crew, server)
    assert crowd.faults == []
    stored = require_whole(store, crowd.receipts)
    assert stored == len(crowd.receipts) and store.check_integrity() == []
    note("failing_disk", {"rounds": ROUNDS, "kinds": len(kinds), "receipts_shown": stored, "stored": stored, "lost": 0})


def _world(folder: Path) -> tuple[World, Web]:
    world = worlds.build(folder, groups=GROUPS)
    return world, create_app(world.settings, world.clock)


def test_somebody_else_holds_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given another program that began to write and never ends
    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 50)
    world, app = _world(tmp_path)
    person = AnyStatus(app, world.take("cong_chuc"))
    person.fill_to_check()
    other = sqlite3.connect(world.settings.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    # When somebody sends
    person.fill()
    # Then it is said, and nothing is pretended
    _require_kept(person)
    assert app.test_client().get("/readyz").status_code == 503
    person.fill()
    _require_kept(person)
    other.execute("ROLLBACK")
    other.close()
    person.fill()
    assert person.page.element("receipt") is not None and _stored(world.store) == 1
    assert app.test_client().get("/readyz").status_code == 200


def test_a_database_opened_while_nothing_could_be_written(tmp_path: Path) -> None:
    # Given a writer that was opened on a disk that was read-only then
    world, _ = _world(tmp_path)
    store = world.store
    store._shared.writer = sqlite3.connect(  # type: ignore[assignment]
        f"file:{world.settings.database}?mode=ro", uri=True, isolation_level=None, factory=connections.Connection
    )
    with pytest.raises(StoreError, match="readonly"):
        store.check_writable()
    # Then the next one is opened anew
    store.check_writable()
    with store.write() as tx:
        tx.connection.execute("UPDATE wave SET id = id")


def test_pages_that_cannot_even_be_read(tmp_path: Path) -> None:
    world, app = _world(tmp_path)
    code = world.take("cong_chuc")
    app.store.close()
    away = world.settings.database.rename(tmp_path / "away.db")
    person = AnyStatus(app, code)
    assert person.open().title == "Tạm thời chưa mở được trang này" and person.status == 503
    sent = person.post(f"/P/{code}/1", {"used": "yes"})
    assert sent.form.standing() == {"used": ["yes"]} and person.status == 503
    told = {"Authorization": f"Bearer {tokens.PREFIX}x"}
    answer = app.test_client().get("/api/v1/waves", headers=told)
    assert answer.status_code == 503 and answer.is_json and answer.headers["Retry-After"]
    away.rename(world.settings.database)
    assert person.open().form and person.status == 200


@pytest.mark.parametrize("years", [-30, 30])
def test_the_clock_jumps_and_comes_back(tmp_path: Path, years: int) -> None:
    # Given somebody about to send, and somebody in the middle
    world, app = _world(tmp_path)
    right = world.now
    person, other = (AnyStatus(app, world.take("cong_chuc")) for _ in range(2))
    person.fill_to_check()
    ready = person.page
    other.begin()
    page = other.page
    # When the clock says another year
    world.now = right + timedelta(days=365 * years)
    assert person.fill().element("receipt") is None
    typed = other.fill_all()
    # Then nobody is told a lie, nothing is stored, and what was typed stands on the page
    assert typed.element("typed") is not None and _stored(world.store) == 0
    # And when it is right again, both go on where they were
    world.now = right
    person.page, other.page = ready, page
    receipt = person.fill().element("receipt")
    assert receipt is not None
    other.fill_all()
    other.fill_to_end()
    assert _stored(world.store) == 2
    # And a receipt shown before a jump stands after it: the same post shows the same one
    world.now = right + timedelta(days=365 * years)
    person.page = ready
    again = person.fill().element("receipt")
    assert again is not None and again.text == receipt.text
    seals.seal(world.store, world.clock, app.wave("demo"))
    assert seals.verify(world.store, "demo") == []

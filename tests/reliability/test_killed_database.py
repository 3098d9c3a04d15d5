"""The database server dies while people answer: all of it at once, or one of its processes by `kill -9`.

A server of PostgreSQL that loses a process so ends all others and mends itself from its log. The last page that was
saved may be lost then (never a submit): whoever wrote it is shown the form again.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import psycopg
import pytest
from werkzeug.wrappers import Response

from survey import closing, responses, wave
from survey.store import DRAFT_MIGRATIONS, Address, Store
from tests import postgresql
from tests.journeys import world as worlds
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
from tests.served import NOW, free_port

ROUNDS = 50 if FULL else 2
OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class StubbornWire(PatientWire):
    """Presses the button again, too, that a page shows while nothing can be stored (503)."""

    def open(self, target: str, **asked: object) -> Response:
        end = time.monotonic() + PATIENCE
        while (answer := super().open(target, **asked)).status_code == 503 and time.monotonic() < end:
            time.sleep(0.1)  # a database that is mending itself has no event to wait for
        return answer


def _kill_one(address: Address, chance: np.random.Generator) -> None:
    with psycopg.connect(address.url) as connection:
        found = [row[0] for row in connection.execute(OTHERS)]
    if found:
        os.kill(int(chance.choice(found)), signal.SIGKILL)


def _until_it_answers(address: Address) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(address.url).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.mark.torture
def test_nothing_acknowledged_is_lost_when_the_database_dies(tmp_path: Path) -> None:
    if postgresql.binaries() is None and os.environ.get("CI") != "true":
        pytest.skip("PostgreSQL is not on this machine")
    with postgresql.running(*postgresql.DURABLE) as database:
        # Given a server over it, and people who answer all the while
        address = database.empty()
        world = worlds.build(tmp_path, edits=NOW, groups=GROUPS, each=100 * ROUNDS, database=address.url)
        port, chance = free_port(), np.random.default_rng(20260310)
        crowd = Crowd(world, port, list(world.codes["cong_chuc"]), wire=StubbornWire, again=5)
        server = start(world, port)
        crew = [threading.Thread(target=crowd.answer) for _ in range(CLIENTS)]
        try:
            for member in crew:
                member.start()
            for number in range(ROUNDS):
                # When, at a moment that nobody chose, the database dies
                crowd.wait_for(1)
                time.sleep(float(chance.uniform(0, 0.5)))
                if number % 2:
                    _kill_one(address, chance)
                else:
                    database.crash()
                    database.begin()
                _until_it_answers(address)
                # Then people are answered again without anybody's hand on the server
                crowd.wait_for(2)
        finally:
            dismiss(crowd, crew, server)
        assert crowd.faults == []
        store, drafts = Store(address), Store(address, DRAFT_MIGRATIONS)
        stored = require_whole(store, crowd.receipts)
        assert stored == len(crowd.receipts) == len(set(crowd.receipts))
        closing.close(store, drafts, world.clock, wave.get(store, "demo"), who="x")
        assert {responses.counted(store, receipt) for receipt in crowd.receipts} == {"sealed"}
        for each in (store, drafts):
            each.close()
    note("database_killed", {"rounds": ROUNDS, "receipts_shown": len(crowd.receipts), "stored": stored, "lost": 0})

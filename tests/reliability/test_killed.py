"""`kill -9` of single processes and of the whole server while people answer: nothing that was acknowledged is lost.

`make test` kills a few times, `make torture` a hundred, on PostgreSQL 25, and writes its figures to
`instance/reliability.json`.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from survey import closing, responses, wave
from survey.store import DRAFT_MIGRATIONS, Store
from tests.bench.servers import Server
from tests.journeys import world as worlds
from tests.reliability.crowd import CLIENTS, GROUPS, Crowd, dismiss, require_whole, start
from tests.reliability.figures import FULL, note
from tests.served import NOW, free_port

ROUNDS = {"sqlite": 100 if FULL else 2, "postgresql": 25 if FULL else 2}


@pytest.mark.torture
def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path, database: str) -> None:
    # Given a server, and people who answer all the while
    rounds = ROUNDS["postgresql" if database else "sqlite"]
    world = worlds.build(tmp_path, edits=NOW, groups=GROUPS, each=150 * rounds, database=database)
    port = free_port()
    crowd = Crowd(world, port, list(world.codes["cong_chuc"]))
    chance, store = np.random.default_rng(20260310), world.store
    server = start(world, port)
    crew = [threading.Thread(target=crowd.answer) for _ in range(CLIENTS)]
    killed = {"server": 0, "process": 0}
    try:
        for member in crew:
            member.start()
        for number in range(rounds):
            # When, at a moment that nobody chose, one of its processes or all of them die
            crowd.wait_for(1)
            time.sleep(float(chance.uniform(0, 0.5)))
            if number % 2:
                below = Server(server.pid, "").processes()[1:]
                os.kill(int(chance.choice(below)), signal.SIGKILL)
                killed["process"] += 1
            else:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
                killed["server"] += 1
                require_whole(store, list(crowd.receipts))
                server = start(world, port)
            # Then it goes on without anybody's hand, and holds what it said it holds
            crowd.wait_for(2)
            require_whole(store, list(crowd.receipts))
    finally:
        dismiss(crowd, crew, server)
    assert crowd.faults == []
    stored = require_whole(store, crowd.receipts)
    assert stored == len(crowd.receipts) == len(set(crowd.receipts))
    # And the close seals all of them
    closing.close(store, Store(world.settings.drafts, DRAFT_MIGRATIONS), world.clock, wave.get(store, "demo"), who="x")
    assert {responses.counted(store, receipt) for receipt in crowd.receipts} == {"sealed"}
    assert store.check_integrity() == []
    note(
        f"kill_9{'_postgresql' if database else ''}",
        {"rounds": rounds, **killed, "receipts_shown": len(crowd.receipts), "stored": stored, "lost": 0},
    )

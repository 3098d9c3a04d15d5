"""The worker that mixes dies, and so does the one that mixes in its place: the next does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from survey import create_app
from survey.commands.serve import require_free
from tests.bench.servers import Server
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.reliability.crowd import GROUPS, PATIENCE, PatientWire
from tests.reliability.test_stopping import running
from tests.served import NOW, Wire, free_port, wait_for

K = 5


def _lives(process: int) -> bool:
    """Whether it runs; one that has ended may wait for whoever adopted it to ask how, and so does one whose last
    threads are still ending, and holding its port."""
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
        return state != "Z" or len(list(Path(f"/proc/{process}/task").iterdir())) > 1
    except OSError:
        return False


def test_a_worker_that_mixes_and_dies_is_followed_by_another_one(tmp_path: Path) -> None:
    # Given a server of two workers, one of which mixes
    world = worlds.build(tmp_path, edits=NOW, groups=GROUPS, each=2 * K)
    app, store = create_app(world.settings), world.store
    with running(world, workers=2) as server:
        for times, worker in enumerate(server.workers(), start=1):
            # When one dies, and then the other
            os.kill(worker, signal.SIGKILL)
            server.wait_for("Spawning worker", times=2 + times)
            for _ in range(K):
                person = Respondent(app, world.take("cong_chuc"))
                person.client = PatientWire(server.port)  # type: ignore[assignment]
                person.fill_to_check()
                person.fill()
            # Then what people answer is mixed all the same
            end = time.monotonic() + PATIENCE
            mixed = 0
            while mixed < times * K and time.monotonic() < end:
                (mixed,) = store.connection.execute("SELECT count(*) FROM box").fetchone()
                time.sleep(0.05)  # another process has no event to wait for
            assert mixed == times * K
        told = Wire(server.port).open("/metrics", method="GET", headers={}).get_data(as_text=True)
        begun = re.search(r"^phieu_mixer_starts_total (\d+)$", told, re.MULTILINE)
        assert begun and int(begun[1]) >= 2
        server.process.send_signal(signal.SIGTERM)
        assert server.end() == 0
    # And it ends with the server
    assert Server(server.process.pid, "").processes() == [server.process.pid]


def test_a_killed_server_leaves_its_port_free(tmp_path: Path) -> None:
    # Given a server of two workers
    worlds.build(tmp_path, edits=NOW, groups=GROUPS, each=K)
    port = free_port()
    command = [sys.executable, "-m", "survey.cli", "--instance", str(tmp_path), "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)  # noqa: S603
    assert wait_for(f"http://127.0.0.1:{port}/readyz", process) == 200
    below = Server(process.pid, "").processes()[1:]
    # When it alone is killed
    process.kill()
    process.wait()
    # Then its workers end by themselves, and it can be started again at once
    end = time.monotonic() + PATIENCE
    while any(map(_lives, below)) and time.monotonic() < end:
        time.sleep(0.05)  # nobody is told of the end of other processes' children
    assert len(below) == 2 and [one for one in below if _lives(one)] == []
    require_free("127.0.0.1", port)

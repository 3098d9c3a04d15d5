"""The mixer dies alone, and so does the one that follows it: the server itself brings the next."""

from __future__ import annotations

import os
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
from tests.journeys.test_logs_of_the_server import NOW
from tests.reliability.test_killed import GROUPS, PATIENCE, PatientWire
from tests.survey.test_serve_command import _free_port, _wait_for

K = 5


def _mixer_of(server: int) -> int:
    """The only process below a server that answers which has no threads."""
    (found,) = (
        one for one in Server(server, "").processes()[1:] if len(list(Path(f"/proc/{one}/task").iterdir())) == 1
    )
    return found


def _lives(process: int) -> bool:
    """Whether it runs; one that has ended may wait for whoever adopted it to ask how."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_mixer_that_dies_is_followed_by_another(tmp_path: Path) -> None:
    # Given a server
    world, port = worlds.build(tmp_path, edits=NOW, groups=GROUPS, each=2 * K), _free_port()
    app, store = create_app(world.settings), world.store
    command = [sys.executable, "-m", "survey.cli", "--instance", str(tmp_path), "serve", "--port", str(port)]
    process = subprocess.Popen([*command, "--workers", "1"], stderr=subprocess.PIPE, text=True)  # noqa: S603
    try:
        for times in (1, 2):
            assert _wait_for(f"http://127.0.0.1:{port}/readyz", process) == 200
            # When its mixer dies
            os.kill(_mixer_of(process.pid), signal.SIGKILL)
            for _ in range(K):
                person = Respondent(app, world.take("cong_chuc"))
                person.client = PatientWire(port)  # type: ignore[assignment]
                person.fill_to_check()
                person.fill()
            # Then what people answer is mixed all the same
            end = time.monotonic() + PATIENCE
            mixed = 0
            while mixed < times * K and time.monotonic() < end:
                (mixed,) = store.connection.execute("SELECT count(*) FROM box").fetchone()
                time.sleep(0.05)  # another process has no event to wait for
            assert mixed == times * K
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said.count('"mixer.died"') == 2
    # And it ends with the server
    assert Server(process.pid, "").processes() == [process.pid]


def test_a_killed_server_leaves_its_port_free(tmp_path: Path) -> None:
    # Given a server of two workers
    worlds.build(tmp_path, edits=NOW, groups=GROUPS, each=K)
    port = _free_port()
    command = [sys.executable, "-m", "survey.cli", "--instance", str(tmp_path), "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)  # noqa: S603
    assert _wait_for(f"http://127.0.0.1:{port}/readyz", process) == 200
    below = Server(process.pid, "").processes()[1:]
    # When it alone is killed
    process.kill()
    process.wait()
    # Then its workers and its mixer end by themselves, and it can be started again at once
    end = time.monotonic() + PATIENCE
    while any(map(_lives, below)) and time.monotonic() < end:
        time.sleep(0.05)  # nobody is told of the end of other processes' children
    assert len(below) == 3 and [one for one in below if _lives(one)] == []
    require_free("127.0.0.1", port)

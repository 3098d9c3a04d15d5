"""The mixer beside a server: a process of its own, and another one in its place whenever it dies."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from multiprocessing.process import BaseProcess
from pathlib import Path

from survey import job_record, jobs, logs, mixing, running, timed_seals, wave
from survey.arrivals import folding
from survey.clock import now
from survey.config import Settings, load
from survey.metrics import slots
from survey.sides import ONLY, Side
from survey.store import DRAFT_MIGRATIONS, Store

MIX_SECONDS = 5.0
PAUSE_SECONDS = 1.0  # before a dead mixer is followed by the next: one that dies at once shall not take a processor

_log = logging.getLogger("phieu.mixer")


class WavesFailed(Exception):
    """Of the open waves some; each was said, and the others were seen to."""


def mix_open_waves(store: Store) -> int:
    """Mix every open wave once; return how many boxes moved. Raises WavesFailed."""
    return _with_each_open(store, "wave.unmixed", lambda each: mixing.mix(store, each.spec.id, each.spec.k))


def fold_open_waves(store: Store, drafts: Store) -> int:
    """What came on days that are over becomes a few numbers; return how many days did. Raises WavesFailed."""
    return _with_each_open(store, "wave.unfolded", lambda each: folding.fold(store, drafts, now, each))


def _with_each_open(store: Store, failing: str, deed: Callable[[wave.RegisteredWave], int]) -> int:
    """One wave that cannot be dealt with, or not even be read, shall not keep the answers of others unmixed."""
    with store.read() as tx:
        names = [row["id"] for row in tx.waves_to_serve() if row["state"] == "open"]
    done, failed = 0, 0
    for name in names:
        try:
            done += deed(wave.get(store, name))
        except Exception as error:
            failed += 1
            kind, where = logs.name_of(error), logs.frames(error.__traceback__)
            _log.error("a wave failed", extra=logs.event(failing, wave=name, kind=kind, frames=where))
    if failed:
        raise WavesFailed
    return done


def mix_beside(settings: Settings, parent: int, seconds: float = MIX_SECONDS) -> None:
    """Mix every few seconds until the server is gone, killed without warning included."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server ends us when it is done
    running.served(settings)
    store, drafts = Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)
    beside, ended = timed_seals.Beside(settings, store, now), Ended(settings)
    figures = slots.server_cells(os.environ.get(slots.PLACE))
    figures[slots.MIXER_BEGAN] += 1
    steps: tuple[Callable[[], object], ...] = (
        lambda: mix_open_waves(store),
        beside.look,
        lambda: fold_open_waves(store, drafts),
        drafts.truncate_log,  # it still holds the drafts that submits deleted
    )
    while os.getppid() == parent:
        well = _went(lambda: _in_turn(store, steps))
        if _went(ended.look) and well:
            figures[slots.MIXED] = int(time.time())
        else:
            figures[slots.MIXER_WAITED] += 1
        time.sleep(seconds)


def _in_turn(store: Store, steps: Iterable[Callable[[], object]]) -> None:
    """Take every step, whatever becomes of the others. Raises WavesFailed."""
    with store.turn("mixer") as ours:  # else another host is at it, and comes by again as we do
        if store.keep_serving() and ours and not all([_went(step) for step in steps]):  # exchanged: later
            raise WavesFailed


def _went(step: Callable[[], object]) -> bool:
    """Whether a step went well; if not, it is met again at the next look."""
    try:
        step()
    except WavesFailed:  # said where it failed
        return False
    except Exception as error:
        _log.warning("the mixer waits", extra=logs.event("mixer.waits", kind=logs.name_of(error)))
        return False
    return True


class Ended:
    """Says when a job ended: who started it at the desk need not stay, and the job has no log of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._said = self._ended()

    def look(self) -> None:
        """Say it, once. Of two servers the one with respondents' pages alone has started none."""
        job = self._ended()
        if job is not None and job != self._said and os.environ.get(ONLY) != Side.PUBLIC:
            level = logging.WARNING if job[1] in (job_record.FAILED, job_record.INTERRUPTED) else logging.INFO
            _log.log(level, "a job ended", extra=logs.event("job.ended", job=job[0], state=job[1], command=job[2]))
        self._said = job or self._said

    def _ended(self) -> tuple[str, str, str] | None:
        job = jobs.status(self._settings)
        return None if job is None or job.running else (job.id, job.state, job.arguments[0])


class Mixer:
    """A mixer as long as this process lives. Begin it before there are threads: a fork inherits their locks."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # Forked, the first one shares what the server has loaded. One that follows it cannot: threads run by then.
        first = multiprocessing.get_context("fork").Process(
            target=mix_beside, args=(settings, os.getpid()), name="phieu mixer", daemon=True
        )
        first.start()
        self._process: BaseProcess | subprocess.Popen[bytes] = first
        self._ended = threading.Event()
        self._turn = threading.Lock()
        self._keeper = threading.Thread(target=self._keep, name="phieu keeps its mixer", daemon=True)

    def keep(self) -> None:
        """From now on, let another one follow whenever it dies."""
        self._keeper.start()

    def end(self) -> None:
        """End it for good."""
        with self._turn:
            self._ended.set()
            self._process.terminate()
        self._keeper.join()

    def _keep(self) -> None:
        while True:
            _wait(self._process)
            if self._ended.wait(PAUSE_SECONDS):
                return
            with self._turn:
                if not self._ended.is_set():
                    _log.warning("the mixer died; another one follows", extra=logs.event("mixer.died"))
                    try:
                        self._process = self._follower()
                    except Exception as error:  # the machine has no memory or no files left: tried again after a pause
                        _log.warning("no mixer begins", extra=logs.event("mixer.waits", kind=logs.name_of(error)))

    def _follower(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "survey.mixer", str(self._settings.instance), str(os.getpid())]
        return subprocess.Popen(command)  # noqa: S603 - our own interpreter and module


def _wait(process: BaseProcess | subprocess.Popen[bytes]) -> None:
    if isinstance(process, BaseProcess):
        process.join()
    else:
        process.wait()


if __name__ == "__main__":
    logs.begin()
    mix_beside(load(Path(sys.argv[1])), int(sys.argv[2]))

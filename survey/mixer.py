"""The mixer beside a server: a thread of one of its workers, and of another one when that dies.

A process of its own took 12 MB more, which is what a worker needs to answer; and nobody had to follow it when it died.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from survey import afresh, job_record, jobs, logs, mixing, timed_seals, wave
from survey.arrivals import folding
from survey.clock import now
from survey.config import Settings
from survey.metrics import slots
from survey.sides import ONLY, Side
from survey.store import Store

MIX_SECONDS = 5.0

_log = logging.getLogger("phieu.mixer")


class Looking(Protocol):
    """What keeps in mind what it saw, from one look to the next."""

    def look(self) -> object:
        """See to whatever is to be seen to now."""


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


def begin(settings: Settings, store: Store, drafts: Store, rows: slots.Rows) -> threading.Thread:
    """Mix beside the requests of this worker, from now or from when no other worker does, until it ends."""
    whole = (settings, store, drafts, rows, threading.Event())
    thread = threading.Thread(target=mix_beside, args=whole, name="phieu mixes", daemon=True)
    thread.start()
    return thread


def mix_beside(settings: Settings, store: Store, drafts: Store, rows: slots.Rows, over: threading.Event,
               seconds: float = MIX_SECONDS) -> None:  # fmt: skip
    """Mix every few seconds until it is over, once it is this process's to do."""
    while not rows.mixes():
        if over.wait(seconds):
            return
    try:
        _rounds(settings, store, drafts, rows.server, over, seconds)
    finally:  # this process goes on answering: while it held on to mixing, nobody would mix
        rows.leaves_mixing()


def _rounds(settings: Settings, store: Store, drafts: Store, figures: memoryview, over: threading.Event,
            seconds: float) -> None:  # fmt: skip
    ended = _looking(lambda: Ended(settings))
    steps: tuple[Callable[[], object], ...] = (
        lambda: mix_open_waves(store),
        _looking(lambda: timed_seals.Beside(settings, store, now)),
        lambda: fold_open_waves(store, drafts),
        _looking(lambda: afresh.Later(store, drafts, now)),
        drafts.truncate_log,  # it still holds the drafts that submits deleted
    )
    figures[slots.MIXER_BEGAN] += 1
    while True:
        said = _went(ended)  # first: a job that ends while the others take their time is said at the next look
        mixed = _went(lambda: _in_turn(store, steps))
        if mixed:
            figures[slots.MIXED] = int(time.time())
        if not (said and mixed):
            figures[slots.MIXER_WAITED] += 1
        if over.wait(seconds):
            return


def _looking(make: Callable[[], Looking]) -> Callable[[], object]:
    """A step of what is made at the first look that it can be made at: a file that cannot be read stops no other."""
    made: list[Looking] = []

    def look() -> None:
        if not made:
            made.append(make())
        made[0].look()

    return look


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

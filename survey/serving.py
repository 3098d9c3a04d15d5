"""The production server: Granian workers, one of which mixes (``mixer``)."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from granian.constants import Interfaces

from survey import create_app, failures, heap, logs, mixer, running, sealing
from survey.config import Settings, load
from survey.keeping import Kept
from survey.metrics import slots
from survey.sides import ONLY, Side
from survey.store import StoreError
from survey.web import Web

STOP_SECONDS = 20  # a worker that has not finished its requests by then is ended
THREADS = 32  # a worker: a submit waits for the disk and a guesser for its turn, others go on meanwhile

_PR_SET_PDEATHSIG = 1
_SERVER = "PHIEU_SERVER"  # in the environment of workers: the process that they belong to


_MADE: list[Web] = []  # the application, made before the processes part


def app() -> Web:
    """What each worker serves: what its server made for all; where it inherited nothing, what the environment says."""
    _end_with_the_server()
    made = _MADE[0] if _MADE else create_app(load(Path(os.environ["PHIEU_INSTANCE"])), only=side_told())
    running.served(made.settings)
    if slots.PLACE in os.environ:
        made.counts.join(os.environ[slots.PLACE])
    for each in (made.store, made.drafts):
        with suppress(StoreError), each.look():
            pass  # what a process begins at its first use is begun before there are threads
    mixer.begin(made.settings, made.store, made.drafts, made.counts.rows)
    made.wsgi_app = failures.last(made.wsgi_app)  # type: ignore[assignment,method-assign]
    return made


def side_told() -> Side | None:
    """Which side the environment names."""
    told = os.environ.get(ONLY, "")
    return Side(told) if told else None


def _end_with_the_server() -> None:
    """Have the kernel kill this worker when the server is killed without warning: else its port would stay taken, and
    nobody could start the server again. (Other systems than Linux know no such thing.) Until a worker has its own
    answer to SIGTERM it has the server's, which waits for workers: hence SIGKILL, by which nothing stored is lost."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(os.environ[_SERVER]):  # killed before the kernel was asked
        raise SystemExit("the server is gone")


def load_once(settings: Settings) -> Web:
    """Make everything before the processes part: what they only read, they then have in common."""
    heap.share_arenas()
    made = create_app(settings, only=side_told())
    made.store.sparing = made.drafts.sparing = True
    if side_told() is not Side.DESK:
        _answer_ahead(made)
    _MADE[:] = [made]
    gc.collect()
    gc.freeze()  # else each process's own collector would write into what they share
    heap.fill_holes()
    return made


def _answer_ahead(made: Web) -> None:
    """What respondents' pages are made of, and what is settled when something is sealed for the first time."""
    from survey.citizen import ahead

    for page in made.jinja_env.list_templates(filter_func=lambda name: "/" not in name):  # the respondents'
        made.jinja_env.get_template(page)
    ahead.print_open_waves(made)
    sealing.settle()
    for each in (made.store, made.drafts):
        each.close()  # no connection is inherited


def count_together(made: Web, workers: int) -> None:
    """Let all processes of this server count in one memory."""
    os.environ.pop(slots.PLACE, None)
    place = slots.make(made.counts.width, workers)
    if place is not None:
        os.environ[slots.PLACE] = place
        slots.server_cells(place)[slots.STARTED] = int(time.time())


def serve(settings: Settings, host: str, port: int, workers: int, only: Side | None = None) -> None:
    """Serve until SIGTERM or SIGINT: requests under way are answered first.

    Each of two servers mixes: forms are keyed at the desk too, and whichever comes second finds nothing to move.
    """
    os.environ["PHIEU_INSTANCE"] = str(settings.instance)
    os.environ[_SERVER] = str(os.getpid())
    os.environ[ONLY] = only or ""
    running.served(settings)
    logs.begin()
    server = Kept(
        "survey.serving:app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        websockets=False,
        log_access=False,  # a path holds a code
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        log_dictconfig=logs.configuration(),
    )
    # That waiting threads outnumber the processors is meant (THREADS), so the server need not wonder about it.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    running.require_whole(settings)
    count_together(load_once(settings), workers)
    server.serve()

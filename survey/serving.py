"""The production server: Granian workers, and the mixer beside them in a process of its own."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

from survey import create_app, mixing, running, wave
from survey.config import Settings, load
from survey.sides import Side
from survey.store import DRAFT_MIGRATIONS, Store, StoreError
from survey.web import Web

MIX_SECONDS = 5.0
STOP_SECONDS = 20  # a worker that has not finished its requests by then is ended
ONLY = "PHIEU_ONLY"  # in the environment of workers: which side they serve
THREADS = 32  # a worker: a submit waits for the disk and a guesser for its turn, others go on meanwhile


def app() -> Web:
    """What each worker loads; the instance comes from the environment because workers are processes of their own."""
    settings = load(Path(os.environ["PHIEU_INSTANCE"]))
    running.served(settings.instance)
    return create_app(settings, only=side_told())


def side_told() -> Side | None:
    """Which side the environment names."""
    told = os.environ.get(ONLY, "")
    return Side(told) if told else None


def mix_open_waves(store: Store) -> int:
    """Mix every open wave once; return how many boxes moved."""
    with store.read() as tx:
        names = [row["id"] for row in tx.waves_to_serve() if row["state"] == "open"]
    return sum(mixing.mix(store, name, wave.get(store, name).spec.k) for name in names)


def mix_beside(settings: Settings, parent: int, seconds: float = MIX_SECONDS) -> None:
    """Mix every few seconds until the server is gone, killed without warning included."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server ends us when it is done
    running.served(settings.instance)
    store, drafts = Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)
    while os.getppid() == parent:
        try:
            mix_open_waves(store)
            drafts.truncate_log()  # it still holds the drafts that submits deleted
        except StoreError as error:
            print(f"phieu: the mixer waits: {error}", file=sys.stderr)
        time.sleep(seconds)


def _start_mixer(settings: Settings) -> BaseProcess:
    process = multiprocessing.get_context("fork").Process(
        target=mix_beside, args=(settings, os.getpid()), name="phieu mixer", daemon=True
    )
    process.start()
    return process


def load_once(settings: Settings) -> None:
    """Load everything before the processes part: what they only read, they then have in common."""
    create_app(settings, only=side_told())
    gc.collect()
    gc.freeze()  # else each process's own collector would write into what they share


def serve(settings: Settings, host: str, port: int, workers: int, only: Side | None = None) -> None:
    """Serve until SIGTERM or SIGINT: requests under way are answered, then the mixer is stopped.

    Each of two servers mixes: forms are keyed at the desk too, and whichever comes second finds nothing to move.
    """
    os.environ["PHIEU_INSTANCE"] = str(settings.instance)
    os.environ[ONLY] = only or ""
    running.served(settings.instance)
    server = Granian(
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
    )
    # That waiting threads outnumber the processors is meant (THREADS), so the server need not wonder about it.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    load_once(settings)
    # Before the server has threads: a process that is made with some under way inherits their locks.
    mixer = _start_mixer(settings)

    @server.on_shutdown
    def end() -> None:
        mixer.terminate()
        mixer.join()

    server.serve()

"""Whether an instance is being served: the server and every worker hold one lock as long as they live.

The lock is of the folder. Where the answers are in a server, other folders and hosts have the same: there the database
tells who serves it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forms.faults import Faults
from survey.config import Settings
from survey.store import Place, Store

LOCK = "serve.lock"
_HELD: list[int] = []  # until the process ends, however it ends


def served(settings: Settings) -> None:
    """Say that this process serves the instance. Raises Faults while the database is being exchanged from here."""
    descriptor = _open(settings.instance)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise _exchanged(settings.instance) from None
    _HELD.append(descriptor)


def require_whole(settings: Settings) -> None:
    """Raise Faults while the database is being exchanged from anywhere."""
    store = Store(settings.database)
    try:
        if not store.may_be_served():
            raise _exchanged(settings.database)
    finally:
        store.close()


def _exchanged(what: Place) -> Faults:
    return Faults(f"{what} is being restored or upgraded: serve it when that has ended")


@contextmanager
def stopped(instance: Path, place: Place, what: str) -> Iterator[None]:
    """Nobody serves the instance, or the database at ``place``, meanwhile. Raises Faults when somebody does: ``what``
    could lose answers."""
    descriptor = _open(instance)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Faults(f"{instance} is being served: stop the server first, {what} could lose answers") from None
    store = Store(place)
    try:
        with store.unserved() as is_so:
            if not is_so:
                raise Faults(f"{place} is being served, from this folder or another, on this host or another: "
                             f"stop every server first, {what} could lose answers")  # fmt: skip
            yield
    finally:
        store.close()
        os.close(descriptor)


def _open(instance: Path) -> int:
    return os.open(instance / LOCK, os.O_RDWR | os.O_CREAT, 0o600)

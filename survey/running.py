"""Whether an instance is being served: every worker and the mixer hold one lock as long as they live."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forms.faults import Faults

LOCK = "serve.lock"
_HELD: list[int] = []  # until the process ends, however it ends


def served(instance: Path) -> None:
    """Say that this process serves the instance. Raises Faults while the database is being exchanged."""
    descriptor = _open(instance)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Faults(f"{instance} is being restored or upgraded: serve it when that has ended") from None
    _HELD.append(descriptor)


@contextmanager
def stopped(instance: Path, what: str) -> Iterator[None]:
    """Nobody serves the instance meanwhile. Raises Faults when somebody does: ``what`` could lose answers."""
    descriptor = _open(instance)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Faults(f"{instance} is being served: stop the server first, {what} could lose answers") from None
    try:
        yield
    finally:
        os.close(descriptor)


def _open(instance: Path) -> int:
    return os.open(instance / LOCK, os.O_RDWR | os.O_CREAT, 0o600)

"""Work of a library that writes on the process's standard output, where a command's own result belongs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_TURN = threading.Lock()  # the descriptor is the whole process's


@contextmanager
def silenced() -> Iterator[None]:
    """Standard output leads nowhere meanwhile, below Python too; a process without one is left as it is."""
    with _TURN:
        try:
            kept = os.dup(1)
        except OSError:
            yield
            return
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.close(nowhere)
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)

"""Connections of SQLite: how each is set up, and which ones a process shares."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

BUSY_MILLISECONDS = 15_000

# A connection that a fork copied may be neither used nor closed in the child (sqlite.org/howtocorrupt.html §2.6);
# held here, it is not even collected.
_LEFT_TO_PARENTS: list[sqlite3.Connection] = []


def leave(inherited: Iterable[sqlite3.Connection]) -> None:
    """Never touch these again: they are another process's."""
    _LEFT_TO_PARENTS.extend(inherited)


class Shared:
    """What the threads of one process share: the readers that are free, and one writer with its turn.

    SQLite lets one write at a time; whoever waits for a turn here sleeps until it comes, whereas SQLite would ask
    again and again. Readers never write: to switch that off and on again would make SQLite read every statement anew.
    """

    def __init__(self) -> None:
        self.process = os.getpid()
        self.readers: list[sqlite3.Connection] = []
        self.writer: sqlite3.Connection | None = None
        self.turn = threading.RLock()

    def all(self) -> list[sqlite3.Connection]:
        """Those that nobody uses now, and the writer."""
        return [*self.readers, *([self.writer] if self.writer else [])]

    def close(self) -> None:
        """Close what nobody uses now; who comes later opens anew."""
        with suppress(IndexError):  # others may take them meanwhile
            while True:
                self.readers.pop().close()
        with self.turn:
            if self.writer is not None:
                self.writer.close()
                self.writer = None


class _Connection(sqlite3.Connection):
    """Closes itself with its thread: from Python 3.13 on, leaving that to the collector is a warning."""

    def __del__(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # it was never opened
            self.close()


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing database; autocommit, so that transactions are only ours."""
    uri = f"file:{quote(str(path))}?mode=rw"
    connection = sqlite3.connect(
        uri,
        uri=True,
        isolation_level=None,
        timeout=BUSY_MILLISECONDS / 1000,
        factory=_Connection,
        check_same_thread=False,  # one at a time has it, which need not be the one before
    )
    connection.row_factory = sqlite3.Row
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "temp_store = MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
    return connection

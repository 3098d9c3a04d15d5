"""Connections of SQLite: how each is set up, and which ones a process shares."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from survey.store.base import Transaction

BUSY_MILLISECONDS = 15_000
READING_KIBIBYTES = 512
MOST_READERS = 4  # kept for whoever comes next: each has the schema, its statements and such a cache, half a megabyte
SPARING_KIBIBYTES = 256
_STEPS = 10_000  # of SQLite's machine, between two looks at the clock

# A connection that a fork copied may be neither used nor closed in the child (sqlite.org/howtocorrupt.html §2.6);
# held here, it is not even collected.
_LEFT_TO_PARENTS: list[sqlite3.Connection] = []


def leave(inherited: Iterable[sqlite3.Connection]) -> None:
    """Never touch these again: they are another process's."""
    _LEFT_TO_PARENTS.extend(inherited)


class Connection(sqlite3.Connection):
    """Closes itself with its owner: from Python 3.13 on, leaving that to the collector is a warning."""

    _level = ""

    def sync(self, *, durable: bool) -> None:
        """Whether commits from now on wait for the disk; said to SQLite only when it changes."""
        level = "FULL" if durable else "NORMAL"
        if level != self._level:
            self._level = ""  # unknown, should SQLite refuse
            self.execute(f"PRAGMA synchronous = {level}").close()
            self._level = level

    def __del__(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # it was never opened
            self.close()


class Shared:
    """What the threads of one process share: the readers that are free, and one writer with its turn.

    SQLite lets one write at a time; whoever waits for a turn here sleeps until it comes, whereas SQLite would ask
    again and again. Readers never write: to switch that off and on again would make SQLite read every statement anew.
    """

    def __init__(self) -> None:
        self.process = os.getpid()
        self.readers: list[Transaction] = []
        self.writer: Connection | None = None
        self.turn = threading.RLock()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Have the turn. Raises StoreError when it does not come for as long as SQLite would wait for its lock."""
        if not self.turn.acquire(timeout=BUSY_MILLISECONDS / 1000):
            raise sqlite3.OperationalError("database is locked: another thread has been writing all the while")
        try:
            yield
        except sqlite3.Error:
            if self.writer is not None and not self.writer.in_transaction:
                self.writer.close()  # one that was opened while the disk could not be written would never write
                self.writer = None
            raise
        finally:
            self.turn.release()

    def all(self) -> list[Connection]:
        """Those that nobody uses now, and the writer."""
        return [*(free.connection for free in self.readers), *([self.writer] if self.writer else [])]

    def close(self) -> None:
        """Close what nobody uses now; who comes later opens anew."""
        with suppress(IndexError):  # others may take them meanwhile
            while True:
                self.readers.pop().connection.close()
        with self.turn:
            if self.writer is not None:
                self.writer.close()
                self.writer = None


def connect(path: Path) -> Connection:
    """Open an existing database; autocommit, so that transactions are only ours."""
    uri = f"file:{quote(str(path))}?mode=rw"
    connection = sqlite3.connect(
        uri,
        uri=True,
        isolation_level=None,
        timeout=BUSY_MILLISECONDS / 1000,
        factory=Connection,
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


def connect_writer(path: Path, *, sparing: bool) -> Connection:
    """The same for the one that writes, with a small cache where requests write a few pages each."""
    connection = connect(path)
    if sparing:
        connection.execute(f"PRAGMA cache_size = -{SPARING_KIBIBYTES}").close()
    return connection


def connect_reader(path: Path) -> Connection:
    """The same for reading alone."""
    connection = connect(path)
    connection.execute("PRAGMA query_only = ON").close()
    # Any commit empties it anyway, and the system keeps the file's pages for all.
    connection.execute(f"PRAGMA cache_size = -{READING_KIBIBYTES}").close()
    return connection


def vacuumed(connection: sqlite3.Connection, hold: float | None) -> bool:
    """Write the whole file anew; False, and nothing is changed, where a copy of it takes longer than ``hold`` seconds.

    As long again it takes to put the copy in place, which cannot be stopped; all the while nobody else writes.
    """
    if hold is not None:
        end = time.monotonic() + hold
        connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return False
    finally:
        if hold is not None:
            connection.set_progress_handler(None, 0)
    return True

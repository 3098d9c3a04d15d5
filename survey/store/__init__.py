"""The only place with SQL: named queries in ``*.sql``, ordered migrations, connections.

A :class:`Store` gives two kinds of transaction. ``read()`` sees one consistent state and changes nothing;
``write()`` begins IMMEDIATE, so that what it reads is what it changes, and is on the disk when it returns unless
``durable=False`` was asked for. Inside, ``tx.name(arg=…)`` runs the query called ``name`` in any of the ``*.sql`` files.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiosql
from aiosql.queries import Queries

_HERE = Path(__file__).parent
MIGRATIONS = tuple(sorted(_HERE.glob("[0-9]*.sql")))
DRAFT_MIGRATIONS = tuple(sorted((_HERE / "drafts_schema").glob("[0-9]*.sql")))
_QUERIES: Queries = aiosql.from_path(_HERE / "queries", "sqlite3")

BUSY_MILLISECONDS = 15_000


class Transaction:
    """One open transaction; every named query is a method of it (see ``queries/*.sql``)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __getattr__(self, name: str) -> Any:
        query = getattr(_QUERIES, name)

        def run(*args: Any, **named: Any) -> Any:
            return query(self.connection, *args, **named)

        return run


class Store:
    """One SQLite database (WAL, STRICT tables), one connection a thread."""

    def __init__(self, path: Path, migrations: tuple[Path, ...] = MIGRATIONS) -> None:
        self.path = path
        self._migrations = migrations
        self._local = threading.local()

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, opened at first use; autocommit, so that transactions are only ours."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000)
            connection.row_factory = sqlite3.Row
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "secure_delete = ON",
                "foreign_keys = ON",
                "trusted_schema = OFF",
                "temp_store = MEMORY",
            ):
                connection.execute(f"PRAGMA {pragma}")
            self._local.connection = connection
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent state; anything written inside is undone."""
        connection = self.connection
        connection.execute("BEGIN DEFERRED")
        try:
            yield Transaction(connection)
        finally:
            connection.execute("ROLLBACK")

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Transaction]:
        """All or nothing. ``durable=False`` may lose the last commit in a power cut, never the file's integrity."""
        connection = self.connection
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield Transaction(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def migrate(self) -> int:
        """Apply what is missing, each migration in a transaction of its own; return how many were applied."""
        applied = 0
        for number, file in enumerate(self._migrations, start=1):
            with self.write() as tx:
                if tx.connection.execute("PRAGMA user_version").fetchone()[0] >= number:
                    continue
                for statement in _statements(file.read_text("utf-8")):
                    tx.connection.execute(statement)
                tx.connection.execute(f"PRAGMA user_version = {number}")
                applied += 1
        return applied

    def truncate_log(self) -> bool:
        """Fold the write-ahead log into the database and cut it to nothing; False when a reader was in the way."""
        busy, _, _ = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


def _statements(script: str) -> Iterator[str]:
    """Split a script at the semicolons that end statements, so that a migration stays in one transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        yield pending

"""The store in SQLite: one file (WAL, STRICT tables), its connections shared by the threads of a process."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiosql
from aiosql.adapters.sqlite3 import SQLite3Adapter
from aiosql.queries import Queries

from survey.store import connections
from survey.store.base import MIGRATIONS, QUERIES, Address, Place, Store, Transaction, refuse_losses
from survey.store.connections import BUSY_MILLISECONDS, Connection, Shared
from survey.store.migrating import applying


class _Adapter(SQLite3Adapter):
    """aiosql's own takes the one value of a ``$`` query out of tuples only, and our rows have names.

    A cursor that nobody keeps is closed when it is let go.
    """

    def select_one(
        self, conn: sqlite3.Connection, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> Any:
        return conn.execute(sql, parameters).fetchone()

    def insert_update_delete(self, conn: sqlite3.Connection, query_name: str, sql: str, parameters: Any) -> int:
        return conn.execute(sql, parameters).rowcount

    def select_value(self, conn: sqlite3.Connection, query_name: str, sql: str, parameters: Any) -> Any:
        row = conn.execute(sql, parameters).fetchone()
        return None if row is None else row[0]


_QUERIES: Queries = aiosql.from_path(QUERIES, _Adapter)

STAGING_KIBIBYTES = 131_072
SORTING_KIBIBYTES = 65_536
_CHECKPOINT_MILLISECONDS = 1_000  # writers wait while a log is cut: better to try again at the next call


class _Look:
    """A reader lent for a statement; a class, since every page looks several times and a generator takes longer."""

    __slots__ = ("_free", "_lent", "_path")

    def __init__(self, free: list[Transaction], path: Path) -> None:
        self._free, self._path = free, path

    def __enter__(self) -> Transaction:
        try:
            self._lent = self._free.pop()
        except IndexError:
            self._lent = Transaction(connections.connect_reader(self._path), _QUERIES)
        return self._lent

    def __exit__(self, *_: object) -> None:
        if self._lent.connection.in_transaction or len(self._free) >= connections.MOST_READERS:
            self._lent.connection.close()  # nobody else gets one that still sees an old state
        else:
            self._free.append(self._lent)


class SQLiteStore(Store):
    """One SQLite database (WAL, STRICT tables)."""

    queries = _QUERIES

    def __init__(self, place: Place, migrations: tuple[Path, ...] = MIGRATIONS) -> None:
        super().__init__(place, migrations)
        if isinstance(place, Address):
            raise TypeError("a file is a path")
        self.path = place
        self._local = threading.local()
        self._everyones = Shared()

    @property
    def connection(self) -> Connection:
        """This thread's own connection, opened at first use: for what is neither of the two transactions.

        Raises StoreError when the database was never made.
        """
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None and self._local.process == os.getpid():
            return connection
        if connection is not None:
            connections.leave([connection])
        self._local.connection = connections.connect(self.path)
        self._local.process = os.getpid()
        return self.connection

    @property
    def _shared(self) -> Shared:
        if self._everyones.process != os.getpid():
            connections.leave(self._everyones.all())
            self._everyones = Shared()
        return self._everyones

    def close(self) -> None:
        """Close this thread's connection, and those of the process that are free."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None
        self._shared.close()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent state; a statement that would change it raises StoreError."""
        with self.look() as tx:
            tx.connection.execute("BEGIN DEFERRED")
            try:
                yield tx
            finally:
                tx.connection.execute("ROLLBACK")

    def look(self) -> _Look:
        """The same for a single statement, which sees one state by itself."""
        return _Look(self._shared.readers, self.path)

    @contextmanager
    def write(self, *, durable: bool = True, on: bytes | None = None) -> Iterator[Transaction]:
        """All or nothing; SQLite lets one write at a time, whatever it is on."""
        with (shared := self._shared).writing():
            connection = self._writer(shared)
            connection.sync(durable=durable)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(connection, _QUERIES)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk makes SQLite roll back by itself
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def change(self, *, on: bytes) -> Iterator[Transaction]:
        """A single statement, which SQLite commits by itself."""
        with (shared := self._shared).writing():
            connection = self._writer(shared)
            connection.sync(durable=False)
            yield Transaction(connection, _QUERIES)

    def _writer(self, shared: Shared) -> Connection:
        """The process's, or inside ``staging()`` the thread's own, which sees the scratch database."""
        if getattr(self._local, "staging", False):
            return self.connection
        if shared.writer is None:
            shared.writer = connections.connect_writer(self.path, sparing=self.sparing)
        return shared.writer

    @contextmanager
    def staging(self) -> Iterator[None]:
        """A scratch database called ``staging``, on the disk and gone at the end; ``write()`` inside sees it too."""
        connection, self._local.staging = self.connection, True
        usual = connection.execute("PRAGMA main.cache_size").fetchone()[0]
        self._keep_scratch_here()  # a million rows would not always fit the memory
        connection.execute("ATTACH '' AS staging")
        try:
            connection.execute("PRAGMA staging.journal_mode = OFF").close()
            connection.execute(f"PRAGMA staging.cache_size = -{STAGING_KIBIBYTES}")
            connection.execute(f"PRAGMA main.cache_size = -{SORTING_KIBIBYTES}")  # sorting takes its room from this
            yield
        finally:
            connection.execute(f"PRAGMA main.cache_size = {usual}")
            connection.execute("DETACH staging")
            self._local.staging = False
            self._keep_scratch_in_memory()

    @contextmanager
    def filling(self) -> Iterator[Transaction]:
        """Inside ``staging()``: change the scratch database and read the store, keeping no writer waiting."""
        connection = self.connection
        connection.execute("BEGIN DEFERRED")
        try:
            yield Transaction(connection, _QUERIES)
        finally:
            if connection.in_transaction:
                connection.execute("COMMIT")

    def migrate(self, keeping: Collection[str] = ()) -> int:
        """Make the file (mode 0600, and so its logs) and apply what is missing, all of it or nothing.

        Returns how many were applied. sqlite-utils keeps the record of them, by name, in ``_sqlite_migrations``.
        Raises Faults, and changes nothing, when a table in ``keeping`` would not have as many rows as before.
        """
        # Not above: a web worker never migrates, and need not carry what this brings along.
        from sqlite_utils import Database
        from sqlite_utils.migrations import Migrations

        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        migrations = Migrations("phieu")
        for file in self._migrations:
            migrations(name=file.stem)(applying(file))
        with self.write() as tx:
            database = Database(tx.connection, strict=True)
            missing = len(migrations.pending(database))
            before = row_counts(tx.connection)
            migrations.apply(database)
            after = row_counts(tx.connection)
            refuse_losses(before, after, keeping)
        return missing

    def row_counts(self) -> dict[str, int]:
        """How many rows each table has, by name."""
        return row_counts(self.connection)

    def copy_to(self, file: Path) -> None:
        """Write one state of the database to a new file, in key order: no free page and no log comes along."""
        self.connection.execute("VACUUM INTO ?", (str(file),))
        file.chmod(0o600)

    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def version(self) -> int:
        """How many migrations the database has; 0 when it is not one of ours."""
        known = self.connection.execute("SELECT 1 FROM sqlite_schema WHERE name = '_sqlite_migrations'").fetchone()
        return int(self.connection.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()[0]) if known else 0

    def check_writable(self) -> None:
        """Write to the disk and take back; raises StoreError when a response could not be stored now."""
        shared = self._shared
        with shared.writing():
            connection = self._writer(shared)
            (usual,) = connection.execute("PRAGMA cache_size").fetchone()
            connection.execute("PRAGMA cache_size = 1")  # what is more goes to the log before any commit
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("CREATE TABLE writable (x BLOB) STRICT")
                connection.execute("INSERT INTO writable VALUES (zeroblob(65536))")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                connection.execute(f"PRAGMA cache_size = {usual}")

    def check_integrity(self) -> list[str]:
        """What SQLite finds wrong with the file; empty when nothing."""
        try:
            rows = self.connection.execute("PRAGMA integrity_check").fetchall()
        except sqlite3.DatabaseError as error:  # too broken to be checked, or locked
            return [str(error)]
        return [row[0] for row in rows if row[0] != "ok"]

    def rebuild(self, wave: str | None = None, hold: float | None = None) -> bool:
        """Write the file anew in key order, so that no page tells when its rows came; all of it, whatever the wave."""
        self._keep_scratch_here()  # a copy of everything would not always fit the memory
        try:
            return connections.vacuumed(self.connection, hold)
        finally:
            self._keep_scratch_in_memory()

    def _keep_scratch_here(self) -> None:
        """SQLite's temporary files (mode 0600, without a name) beside the database, not in the system's folder.

        They hold what the database holds, contacts too. The folder is one for the whole process and SQLite has long
        meant to drop the choice: a build without it keeps everything in memory.
        """
        folder = str(self.path.parent.resolve())
        self.connection.execute("PRAGMA temp_store_directory = '{}'".format(folder.replace("'", "''")))
        if self._scratch_folder() == folder:
            self.connection.execute("PRAGMA temp_store = FILE")

    def _keep_scratch_in_memory(self) -> None:
        self.connection.execute("PRAGMA temp_store = MEMORY")
        self.connection.execute("PRAGMA temp_store_directory = ''")

    def _scratch_folder(self) -> str:
        row = self.connection.execute("PRAGMA temp_store_directory").fetchone()
        return str(row[0]) if row else ""

    def truncate_log(self) -> bool:
        """Fold the write-ahead log into the database and cut it to nothing; False when a reader was in the way."""
        connection = self.connection
        connection.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_MILLISECONDS}")
        try:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        return not busy


def row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has, by name, as one connection sees it."""
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY name"
    ).fetchall()
    return {
        name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 - our own
        for (name,) in tables
    }

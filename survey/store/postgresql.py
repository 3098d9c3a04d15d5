"""The store in PostgreSQL, for waves that outgrow one machine: the same queries, the same promises.

Who writes alone in SQLite (``write()``) writes alone here: it holds a lock of the whole store until its commit. Writes
``on`` one row share that lock and hold one of that row, so that respondents do not wait for each other.
"""

from __future__ import annotations

import hashlib
import math
import os
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from survey.store import carrying, dialect, rewriting, server
from survey.store.base import MIGRATIONS, Address, Place, Store, Transaction, refuse_losses
from survey.store.connections import BUSY_MILLISECONDS
from survey.store.migrating import tables_of
from survey.store.named import NAMED
from survey.store.sessions import Pool, ServerError, Session

MAIN = MIGRATIONS[0].parent.name
WRITABLE_SECONDS = 1.0  # whoever asks again within it is told the same
CUT_SECONDS = 60.0  # each cut begins a new file of 16 MB
_APPLIED = "phieu_migration"
# Whatever the server does by default: in another kind of transaction what is deleted would stay as long as it is open.
_OPEN = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 0"


class PostgreSQLStore(Store):
    """One PostgreSQL database; main tables and drafts each are a store of their own in it."""

    queries = NAMED

    def __init__(self, place: Place, migrations: tuple[Path, ...] = MIGRATIONS) -> None:
        super().__init__(place, migrations)
        if not isinstance(place, Address):
            raise TypeError("a server has an address")
        self.address = place
        self.kind = migrations[0].parent.name  # the main tables', or the drafts'
        self._everyone = _number(f"phieu {self.kind}".encode())
        self._unpacked = set(rewriting.INBOXES)  # what another process left is not known here
        self._put_in: dict[str, str] = {}  # table → transaction by which this process put its rows in again
        self._local = threading.local()
        self._pool = Pool.of(place)
        self._serving: Session | None = None
        self._tried = -math.inf  # when it was last found that something can be stored
        self._cut, self._owed = -math.inf, False  # when the server's log was cut, and whether it has to be

    @property
    def connection(self) -> Session:
        """This thread's own, outside any transaction."""
        own: Session | None = getattr(self._local, "own", None)
        if own is None or own.process != os.getpid() or not own.alive:
            self._local.own = own = Session(self.address)
        return own

    def close(self) -> None:
        """Close this thread's connection, and those of the process that are free."""
        own: Session | None = getattr(self._local, "own", None)
        if own is not None:
            own.close()
            self._local.own = None
        if self._serving is not None:
            self._serving.close()
            self._serving = None
        self._pool.close()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent state."""
        with self._pool.taken() as session:
            session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield Transaction(session, NAMED)
            finally:
                session.run("ROLLBACK")

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        """A single statement, looked at before it goes out: asking the server to watch would be two further ways."""
        with self._pool.taken() as session:
            session.looking = True
            try:
                yield Transaction(session, NAMED)
            finally:
                session.looking = False

    @contextmanager
    def write(self, *, durable: bool = True, on: bytes | None = None) -> Iterator[Transaction]:
        """All or nothing; without ``on`` nobody else writes meanwhile."""
        staged: Session | None = getattr(self._local, "staged", None)
        if staged is not None:
            staged.run(self._alone(durable=durable, on=on))
            with _committing(staged):
                yield Transaction(staged, NAMED)
            return
        with self._pool.taken() as session:
            with _committing(session):
                session.run(f"BEGIN; {self._alone(durable=durable, on=on)}")
                yield Transaction(session, NAMED)

    @contextmanager
    def moving(self, *, patient: bool = False) -> Iterator[Transaction]:
        """The turn at the boxes comes before the lock of the whole store, which would keep respondents waiting too."""
        with self._pool.taken() as session, _committing(session):
            rewriting.begin_at_boxes(session, patient=patient)
            session.run(self._alone(durable=True, on=None))
            yield Transaction(session, NAMED)

    @contextmanager
    def sealing(self) -> Iterator[Transaction]:
        """With the turn at the boxes alone."""
        with self._pool.taken() as session, _committing(session):
            rewriting.begin_at_boxes(session, patient=True)
            session.run("SET LOCAL synchronous_commit = on")
            yield Transaction(session, NAMED)

    def _alone(self, *, durable: bool, on: bytes | None) -> str:
        """What a write says first: how its commit is kept, how long it waits, and its locks."""
        said = [
            f"SET LOCAL synchronous_commit = {'on' if durable else 'off'}",
            f"SET LOCAL lock_timeout = {BUSY_MILLISECONDS}",
        ]
        if on is None:
            said.append(f"SELECT pg_advisory_xact_lock({self._everyone})")
        else:
            said.append(f"SELECT pg_advisory_xact_lock_shared({self._everyone})")
            said.append(f"SELECT pg_advisory_xact_lock({_number(self.kind.encode() + on)})")
        return "; ".join(said)

    @contextmanager
    def turn(self, deed: str) -> Iterator[bool]:
        """By a lock of the database, as long as a transaction that reads nothing is open: it goes with its process."""
        with self._pool.beside() as session:
            session.run("BEGIN")
            try:
                lock = _number(f"phieu turn {deed}".encode())
                yield bool(session.run(f"SELECT pg_try_advisory_xact_lock({lock})").fetchone()[0])
            finally:
                if not session.raw.closed:
                    session.run("ROLLBACK")

    def may_be_served(self) -> bool:
        """By the lock that ``unserved`` holds."""
        return server.may_serve(self.connection)

    def keep_serving(self) -> bool:
        """By the same lock, shared, in a transaction that reads nothing and stays open: a pooler leaves it alone, and
        it goes with its process."""
        if self._serving is None or not (self._serving.alive and self._serving.in_transaction):
            self._serving = None
            session = Session(self.address)
            session.run(_OPEN)
            if not server.may_serve(session):
                session.close()
                return False
            self._serving = session
        return True

    @contextmanager
    def unserved(self) -> Iterator[bool]:
        """By that lock, held alone."""
        with self._pool.taken() as session:
            session.run(_OPEN)
            try:
                yield server.may_exchange(session)
            finally:
                if not session.raw.closed:
                    session.run("ROLLBACK")

    @contextmanager
    def staging(self) -> Iterator[None]:
        """Scratch tables of one transaction, which the one ``write()`` inside commits."""
        with self._pool.taken() as session:
            session.run("BEGIN")
            self._local.staged = session
            try:
                yield
            finally:
                self._local.staged = None
                if session.in_transaction:
                    session.run("ROLLBACK")

    @contextmanager
    def filling(self) -> Iterator[Transaction]:
        """Inside ``staging()``: the same transaction, which holds no lock yet."""
        yield Transaction(self._local.staged, NAMED)

    def migrate(self, keeping: Collection[str] = ()) -> int:
        """Apply what is missing, in one transaction. Raises Faults where the database would sort texts another way."""
        server.require_usable(self.connection)
        with self.write() as tx:
            session: Session = tx.connection
            session.run(f"CREATE TABLE IF NOT EXISTS {_APPLIED} (kind text, name text, PRIMARY KEY (kind, name))")
            done = self._applied(session)
            before = self._counted(session)
            missing = [file for file in self._migrations if file.stem not in done]
            for file in missing:
                for statement in dialect.migration(file):
                    session.run(statement)
                session.run(f"INSERT INTO {_APPLIED} VALUES (%s, %s)", (self.kind, file.stem))  # noqa: S608 - our own
            refuse_losses(before, self._counted(session), keeping)
        return len(missing)

    def exists(self) -> bool:
        """Whether the server answers; raises StoreError when it does not."""
        self.connection.run("SELECT 1")
        return True

    def version(self) -> int:
        """How many migrations of this kind the database has."""
        return len(self._applied(self.connection))

    def _applied(self, session: Session) -> set[str]:
        if session.run(f"SELECT to_regclass('{_APPLIED}')").fetchone()[0] is None:
            return set()
        rows = session.run(f"SELECT name FROM {_APPLIED} WHERE kind = %s", (self.kind,))  # noqa: S608 - our own
        return {row[0] for row in rows}

    def row_counts(self) -> dict[str, int]:
        """How many rows each table of this kind has, by name."""
        return self._counted(self.connection)

    def _counted(self, session: Session) -> dict[str, int]:
        there = session.run("SELECT to_regclass(name) IS NOT NULL, name FROM unnest(%s::text[]) AS name",
                            (list(tables_of(self._migrations)),))  # fmt: skip
        return {
            name: int(session.run(f"SELECT count(*) FROM {name}").fetchone()[0])  # noqa: S608 - our own
            for is_there, name in there.fetchall()
            if is_there
        }

    def copy_to(self, file: Path) -> None:
        """One state of the main tables, or of the drafts, as an SQLite file."""
        with self.read() as tx:
            carrying.to_file(tx.connection, file, self._migrations[: len(self._applied(tx.connection))])

    def load_from(self, file: Path) -> None:
        """Put what such a file holds in place of everything that stands here, all of it or nothing."""
        with self.write() as tx:
            carrying.from_file(tx.connection, file, tables_of(self._migrations))

    def check_writable(self) -> None:
        """Write as a submit does, once a second: rows that are taken back, and a commit that waits for the disk."""
        if time.monotonic() - self._tried < WRITABLE_SECONDS:
            return
        with self._pool.taken() as session, _committing(session):
            session.run(f"BEGIN; {self._alone(durable=True, on=b'writable')}")
            session.run(server.TRIED)
        self._tried = time.monotonic()

    def check_integrity(self) -> list[str]:
        """Nothing that a client could see: a server checks its pages as it reads them, and says so then."""
        return []

    def check_server(self, needed: int) -> list[server.Concern]:
        """Settings of the server that break a promise, each with what to do; those that are well without a fault."""
        return server.concerns(self.connection, needed)

    def rebuild(self, wave: str | None = None, hold: float | None = None) -> bool:
        """Write each table anew in key order, by one transaction, so that neither place nor transaction tells."""
        whole = rewriting.rewrite(self.connection, tables_of(self._migrations), self._everyone, wave, hold)
        server.cut_log(self.connection)
        return whole

    def truncate_log(self) -> bool:
        """Write the inboxes anew where rows came or went; drafts are left to the server, and the close."""
        if self.kind != MAIN:
            return True
        clean, wrote = rewriting.forget(self.connection, self._everyone, self._unpacked, self._put_in)
        self._owed |= wrote
        if self._owed and time.monotonic() - self._cut > CUT_SECONDS:
            server.cut_log(self.connection)
            self._cut, self._owed = time.monotonic(), False
        return clean


@contextmanager
def _committing(session: Session) -> Iterator[None]:
    try:
        yield
        if session.broken:  # its COMMIT would be a rollback that says nothing
            raise ServerError("a statement of this transaction failed before: nothing was stored")
        session.run("COMMIT")
    except BaseException:
        if not session.raw.closed and session.in_transaction:
            session.run("ROLLBACK")
        raise


def _number(key: bytes) -> int:
    """A lock's number, of 64 bits with a sign."""
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big", signed=True)

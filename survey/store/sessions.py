"""Connections of PostgreSQL: how each is set up, what it answers, and which ones a process shares.

Nothing is kept in a session (no setting, prepared statement, temporary table or lock outlives a transaction), so that a
pooler may hand its connections on between transactions.
"""

from __future__ import annotations

import os
import re
import select
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

import psycopg
from psycopg import pq
from psycopg.adapt import Dumper, Loader
from psycopg.types.string import StrDumperUnknown

from forms.faults import Faults
from survey.store.base import Address, StoreError
from survey.store.connections import BUSY_MILLISECONDS
from survey.store.dialect import translated

_LEFT_TO_PARENTS: list[Session] = []  # a connection that a fork copied is the parent's; here it is not even collected

_ONLY_LOOKS = re.compile(r"\s*(?:SELECT|WITH|SHOW)\b(?!.*\b(?:INSERT|UPDATE|DELETE)\b)", re.DOTALL | re.IGNORECASE)

Parameters = Mapping[str, Any] | Sequence[Any]


class ServerError(StoreError):
    """What PostgreSQL, or the way to it, says is wrong."""


class Unreachable(ServerError):
    """No connection is to be had: nothing of ours is wrong."""


class Delayed(ServerError):
    """Others held what was asked for, for longer than was waited; or it took longer than it may (``stopped``)."""

    stopped = False


class Row(tuple[Any, ...]):
    """A row whose values are found by place and by name, as those of SQLite are."""

    __slots__ = ()
    places: Mapping[str, int] = {}

    def __getitem__(self, key: Any) -> Any:
        """A value by its place or its column's name."""
        return tuple.__getitem__(self, self.places[key] if type(key) is str else key)

    def keys(self) -> list[str]:
        """The columns' names."""
        return list(self.places)


@lru_cache(maxsize=1024)
def _row_of(names: tuple[str, ...]) -> type[Row]:
    return type("Row", (Row,), {"__slots__": (), "places": {name: at for at, name in enumerate(names)}})


def _rows(cursor: Any) -> Any:
    described = cursor.description
    return _row_of(tuple(column.name for column in described)) if described else tuple


class _Flag(Dumper):
    """True is 1: there are no booleans in our tables."""

    oid = psycopg.adapters.types["int2"].oid

    def dump(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"


class _Truth(Loader):
    def load(self, data: Any) -> int:
        return int(bytes(data) == b"t")


class _Number(Loader):
    """Sums of whole numbers are whole numbers."""

    def load(self, data: Any) -> int | float:
        text = bytes(data)
        return int(text) if text.lstrip(b"-").isdigit() else float(text)


class Session:
    """One connection; it takes our SQL and raises our errors."""

    def __init__(self, address: Address) -> None:
        self.process, self._streams = os.getpid(), 0
        self.looking = False  # then what would change anything is refused
        try:
            with _told():
                self.raw = psycopg.connect(
                    address.url, autocommit=True, prepare_threshold=None, row_factory=_rows, client_encoding="UTF8"
                )
        except ServerError as error:
            raise Unreachable(str(error)) from error
        self.raw.adapters.register_dumper(bool, _Flag)
        self.raw.adapters.register_dumper(StrEnum, StrDumperUnknown)
        self.raw.adapters.register_loader("bool", _Truth)
        self.raw.adapters.register_loader("numeric", _Number)

    def execute(self, sql: str, parameters: Parameters = ()) -> Any:
        """Run one statement of our SQL; returns a cursor with all its rows."""
        return self.run(translated(sql), parameters)

    def executemany(self, sql: str, parameters: Iterable[Parameters]) -> int:
        """Run one statement of our SQL for each set of parameters; returns how many rows it touched."""
        return self.many(translated(sql), parameters)

    def many(self, sql: str, parameters: Iterable[Parameters]) -> int:
        """The same of one that is translated."""
        self._require_look(sql)
        with _told(), self.raw.cursor() as cursor:
            cursor.executemany(sql, parameters)
            return int(cursor.rowcount)

    def run(self, sql: str, parameters: Parameters | None = None) -> Any:
        """Run PostgreSQL's own; without parameters it may be several statements."""
        self._require_look(sql)
        with _told():
            return self.raw.execute(sql, parameters)

    def stream(self, sql: str, parameters: Parameters) -> Iterator[Any]:
        """The rows of a translated query a thousand at a time, where there is a transaction to hold them."""
        if not self.in_transaction:
            yield from self.run(sql, parameters)
            return
        self._streams += 1
        with _told(), self.raw.cursor(f"phieu_{self._streams}") as cursor:
            cursor.itersize = 1000
            cursor.execute(sql, parameters)
            yield from cursor

    def copy(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Write many rows at once; returns how many."""
        self._require_look(sql)
        number = 0
        with _told(), self.raw.cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)
                number += 1
        return number

    def _require_look(self, sql: str) -> None:
        if self.looking and not _looks(sql):
            raise ServerError("a look is read-only: nothing was changed")

    @property
    def in_transaction(self) -> bool:
        """Whether one was begun and not ended."""
        return self.raw.info.transaction_status != pq.TransactionStatus.IDLE

    @property
    def broken(self) -> bool:
        """Whether a statement of the transaction failed: it can only be taken back."""
        return self.raw.info.transaction_status != pq.TransactionStatus.INTRANS

    @property
    def alive(self) -> bool:
        """Whether the server has said nothing unasked: what it says to a connection at rest is that it ends it."""
        if self.raw.closed:
            return False
        poll = select.poll()
        poll.register(self.raw.fileno(), select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        """Close it; one that a fork brought along stays open for the parent."""
        if self.process == os.getpid():
            self.raw.close()
        else:
            _LEFT_TO_PARENTS.append(self)

    def __del__(self) -> None:
        with suppress(AttributeError):  # it was never opened
            self.close()


@lru_cache(maxsize=1024)
def _looks(sql: str) -> bool:
    return _ONLY_LOOKS.match(sql) is not None


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except psycopg.DataError as error:
        if "NUL" not in str(error):
            raise ServerError(" ".join(str(error).split())) from error
        raise Faults("a text holds the character U+0000, which the database does not keep: take it out") from error
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected, psycopg.errors.QueryCanceled) as error:
        delayed = Delayed(" ".join(str(error).split()))
        delayed.stopped = isinstance(error, psycopg.errors.QueryCanceled)
        raise delayed from error
    except psycopg.Error as error:
        raise ServerError(" ".join(str(error).split())) from error


class Pool:
    """The connections of one process to one server, shared by all its stores: no more than the address says.

    Threads that come when all are in use wait for one. A thread that has one gets another at once, as where one store
    is read while the other is written: to wait for itself would be to wait for ever.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._begin()

    @classmethod
    def of(cls, address: Address) -> Pool:
        """The process's own."""
        pool = _POOLS.get((os.getpid(), address))
        if pool is None:
            _POOLS[os.getpid(), address] = pool = cls(address)
        return pool

    def _begin(self) -> None:
        self.process = os.getpid()
        self.free: list[Session] = []
        self._places = threading.Semaphore(self.address.connections)
        self._own = threading.local()

    @contextmanager
    def taken(self) -> Iterator[Session]:
        """One for a while; one that comes back inside a transaction is nobody's any more."""
        self._be_of_this_process()
        places, depth = self._places, getattr(self._own, "depth", 0)
        if not depth and not places.acquire(timeout=BUSY_MILLISECONDS / 1000):
            raise ServerError(f"all {self.address.connections} connections to {self.address} are in use")
        self._own.depth = depth + 1
        try:
            yield from self._lent()
        finally:
            self._own.depth = depth
            if not depth:
                places.release()

    @contextmanager
    def beside(self) -> Iterator[Session]:
        """One that takes no place, nor does what this thread takes meanwhile: for whoever works beside requests."""
        self._be_of_this_process()
        depth = getattr(self._own, "depth", 0)
        self._own.depth = depth + 1
        try:
            yield from self._lent()
        finally:
            self._own.depth = depth

    def _be_of_this_process(self) -> None:
        if self.process != os.getpid():
            _LEFT_TO_PARENTS.extend(self.free)
            self._begin()

    def _lent(self) -> Iterator[Session]:
        session = self._alive()
        try:
            yield session
        finally:
            if session.in_transaction:
                session.close()
            else:
                self.free.append(session)

    def _alive(self) -> Session:
        with suppress(IndexError):
            while True:
                session = self.free.pop()
                if session.alive:
                    return session
                session.close()
        return Session(self.address)

    def close(self) -> None:
        """Close what nobody uses now."""
        with suppress(IndexError):
            while True:
                self.free.pop().close()


_POOLS: WeakValueDictionary[tuple[int, Address], Pool] = WeakValueDictionary()  # by process: a fork has none yet

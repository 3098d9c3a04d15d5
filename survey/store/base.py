"""What a store promises, whichever engine keeps it."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiosql.queries import Queries

from forms.faults import Faults

HERE = Path(__file__).parent
QUERIES = HERE / "queries"
MIGRATIONS = tuple(sorted(HERE.glob("[0-9]*.sql")))
DRAFT_MIGRATIONS = tuple(sorted((HERE / "drafts_schema").glob("[0-9]*.sql")))

StoreError = sqlite3.Error  # PostgreSQL's are raised as a subclass of it, so that no caller asks which engine it was
CONNECTIONS = 8  # of a process to a server, unless it is told otherwise


class Occupied(StoreError):
    """Mixed boxes are being sealed or written anew: they can be moved later."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a PostgreSQL database is (a libpq URL); said without its password.

    ``connections``: how many of them a process opens at most for what it serves; who comes when all are in use waits.
    """

    url: str
    connections: int = CONNECTIONS

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        who = f"{parts.username}@" if parts.username else ""
        return f"{parts.scheme}://{who}{parts.netloc.rpartition('@')[2]}{parts.path}"

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"


Place = Path | Address


class Transaction:
    """One open transaction; every named query is a method of it (see ``queries/*.sql``)."""

    def __init__(self, connection: Any, queries: Queries) -> None:
        self.connection = connection
        self._queries = queries

    def __getattr__(self, name: str) -> Any:
        query = self.__dict__[name] = partial(getattr(self._queries, name), self.connection)
        return query


class Store:
    """One database: SQLite where it is a file, PostgreSQL where it is an address.

    ``Store(place)`` makes the kind that the place asks for, as ``pathlib.Path`` does.
    """

    queries: Queries  # every named one, as this engine runs it
    sparing = False  # of memory, in a process that serves: whoever writes much at once does so in one of its own

    def __new__(cls, place: Place, migrations: tuple[Path, ...] = MIGRATIONS) -> Store:
        """Choose the engine; what speaks to PostgreSQL is loaded only where it is used."""
        if cls is not Store:
            return object.__new__(cls)
        if isinstance(place, Address):
            from survey.store.postgresql import PostgreSQLStore

            return object.__new__(PostgreSQLStore)
        from survey.store.sqlite import SQLiteStore

        return object.__new__(SQLiteStore)

    def __init__(self, place: Place, migrations: tuple[Path, ...] = MIGRATIONS) -> None:
        self.place = place
        self._migrations = migrations

    @property
    def connection(self) -> Any:
        """This thread's own connection, opened at first use: for what is neither of the two transactions.

        Raises StoreError when the database was never made.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close this thread's connection, and those of the process that are free."""
        raise NotImplementedError

    def read(self) -> AbstractContextManager[Transaction]:
        """One consistent state; a statement that would change it raises StoreError."""
        raise NotImplementedError

    def look(self) -> AbstractContextManager[Transaction]:
        """The same for a single statement, which sees one state by itself."""
        raise NotImplementedError

    def write(self, *, durable: bool = True, on: bytes | None = None) -> AbstractContextManager[Transaction]:
        """All or nothing. ``durable=False`` may lose the last commit in a power cut, never the database's integrity.

        Nobody else writes meanwhile. With ``on``, the key of the one row that is decided on (a code's keyed hash, a
        draft's id), others may write about other rows where the engine can: whatever else the transaction touches
        then has to be safe from races by itself, as an insert and an addition to a counter are.
        """
        raise NotImplementedError

    def change(self, *, on: bytes) -> AbstractContextManager[Transaction]:
        """``write(durable=False)`` for a single statement, which is all or nothing by itself."""
        return self.write(durable=False, on=on)

    def moving(self, *, patient: bool = False) -> AbstractContextManager[Transaction]:
        """``write()`` for what moves mixed boxes: while they are written anew, it waits without keeping others waiting.

        ``patient``: for as long as that takes; else it gives up at once and raises Occupied.
        """
        return self.write()

    def sealing(self) -> AbstractContextManager[Transaction]:
        """A write that reads all mixed boxes of a wave, and marks them: nobody moves any, while others go on writing
        where the engine can.
        """
        return self.write()

    def turn(self, deed: str) -> AbstractContextManager[bool]:
        """Whether ``deed`` is ours to do meanwhile, and no other host's; of a file there is one host only."""
        return nullcontext(True)

    def may_be_served(self) -> bool:
        """Whether nobody exchanges what the store holds; of a file its folder's lock says so."""
        return True

    def keep_serving(self) -> bool:
        """Say, again and again, that this process serves it; False while it is being exchanged."""
        return True

    def unserved(self) -> AbstractContextManager[bool]:
        """Whether no server is at work on it, on whatever host; as long as this lasts none begins."""
        return nullcontext(True)

    def staging(self) -> AbstractContextManager[None]:
        """Scratch tables that are gone at the end; ``write()`` inside, once, sees them too."""
        raise NotImplementedError

    def filling(self) -> AbstractContextManager[Transaction]:
        """Inside ``staging()``: change the scratch tables and read the store, keeping no writer waiting."""
        raise NotImplementedError

    def migrate(self, keeping: Collection[str] = ()) -> int:
        """Apply what is missing of the schema, all of it or nothing; return how many migrations were applied.

        Raises Faults, and changes nothing, when a table in ``keeping`` would not have as many rows as before.
        """
        raise NotImplementedError

    def exists(self) -> bool:
        """Whether there is a database to look at, ours or not."""
        raise NotImplementedError

    def version(self) -> int:
        """How many migrations the database has; 0 when it is not one of ours."""
        raise NotImplementedError

    def row_counts(self) -> dict[str, int]:
        """How many rows each table has, by name."""
        raise NotImplementedError

    def copy_to(self, file: Path) -> None:
        """Write one state of the database to a new SQLite file, in key order: no free page and no log comes along."""
        raise NotImplementedError

    def load_from(self, file: Path) -> None:
        """Put what an SQLite file of this schema holds in place of what stands here; where the store is no file."""
        raise NotImplementedError

    def check_writable(self) -> None:
        """Write and take back; raises StoreError when a response could not be stored now."""
        raise NotImplementedError

    def check_integrity(self) -> list[str]:
        """What the engine finds wrong with the database; empty when nothing."""
        raise NotImplementedError

    def check_server(self, needed: int) -> Sequence[tuple[str, str, str]]:
        """Of each setting of a server: what it is, what is wrong (or ''), how to mend it; nothing of a file.

        ``needed``: how many connections this host may open at once.
        """
        return ()

    def rebuild(self, wave: str | None = None, hold: float | None = None) -> bool:
        """Write anew in key order, so that nothing tells when its rows came: those of one wave that is over, or all.

        ``hold``: seconds for which others may be kept waiting by any step (a file has one, of which the second half
        cannot be stopped); what would take longer is left as it is. Returns whether nothing was left.
        """
        raise NotImplementedError

    def truncate_log(self) -> bool:
        """Leave nothing of what was mixed or deleted in logs and free pages; False when somebody was in the way."""
        raise NotImplementedError


def refuse_losses(before: dict[str, int], after: dict[str, int], keeping: Collection[str]) -> None:
    """Raise Faults when a table of ``keeping`` has not as many rows as before."""
    lost = [f"{name} ({before[name]} → {after.get(name, 0)})" for name in keeping
            if name in before and before[name] != after.get(name, 0)]  # fmt: skip
    if lost:
        raise Faults(f"the new schema would change how many rows stand in {', '.join(lost)}: nothing was done")

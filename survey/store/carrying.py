"""A PostgreSQL store as an SQLite file, and back: what backups are made of, and how an instance moves.

A backup is the same file whatever engine the instance had, so that it is looked at, brought on to a later schema and
put back without a server.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from survey.store import connections
from survey.store.base import Store
from survey.store.migrating import tables_of
from survey.store.sessions import Session

_AT_ONCE = 1000


def to_file(session: Session, file: Path, migrations: tuple[Path, ...]) -> None:
    """Write the tables of these migrations, as the session's transaction sees them, to a new file, in key order."""
    store = Store(file, migrations)
    try:
        store.migrate()
        with store.write() as tx:
            for table in tables_of(migrations):
                names = _columns(tx.connection, table)
                # Counters that triggers have moved while others were filled are replaced with those that were read.
                tx.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
                marks = ", ".join("?" * len(names))
                # S608: names of our own schema
                rows = session.stream(f"SELECT {', '.join(names)} FROM {table} ORDER BY {_key(session, table)}", ())  # noqa: S608
                tx.connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)  # noqa: S608
        store.truncate_log()
    finally:
        store.close()


def from_file(session: Session, file: Path, tables: Collection[str]) -> None:
    """Put what a file holds in place of what the database holds in these tables, in the session's transaction."""
    connection = connections.connect(file)
    try:
        session.run(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
        for table in tables:
            names = ", ".join(_columns(connection, table))
            session.run(f"DELETE FROM {table}")  # noqa: S608 - as above: counters that triggers have moved
            rows = connection.execute(f"SELECT {names} FROM {table}")  # noqa: S608 - our own names
            session.copy(f"COPY {table} ({names}) FROM STDIN", rows)
            _go_on_counting(session, table)
    finally:
        connection.close()


def _columns(connection: Any, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _key(session: Session, table: str) -> str:
    rows = session.run(
        "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)"
        " WHERE indrelid = to_regclass(%s) AND indisprimary ORDER BY array_position(indkey::int2[], attnum)",
        (table,),
    )
    return ", ".join(row[0] for row in rows)


def _go_on_counting(session: Session, table: str) -> None:
    """Numbers that the database gives go on after the last that was given."""
    for (name,) in session.run(
        "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attidentity <> ''", (table,)
    ).fetchall():
        # S608: names of our own schema
        session.run(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{name}'), max({name})) FROM {table}"  # noqa: S608
            f" HAVING max({name}) IS NOT NULL"
        )

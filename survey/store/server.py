"""What Phiếu asks of a PostgreSQL server beside its queries: that it sorts as we do, keeps what it says it kept, and
leaves nothing behind that tells which answer came with which invitation.
"""

from __future__ import annotations

from contextlib import suppress

from forms.faults import Faults
from survey.store.connections import BUSY_MILLISECONDS
from survey.store.sessions import ServerError, Session

INBOXES = ("inbox_box", "inbox_receipt")
NEVER_CHANGED = frozenset({"correction"})  # a trigger holds its rows; they have times of their own

_WAIT = f"SET LOCAL lock_timeout = {BUSY_MILLISECONDS}"
_BYTEWISE = ("C", "POSIX", "C.UTF-8", "C.utf8")


def require_usable(session: Session) -> None:
    """Raise Faults unless the database stores UTF-8 and sorts texts byte by byte, as SQLite does.

    A dataset is the same to the byte whatever engine kept the answers.
    """
    row = session.run(
        "SELECT pg_encoding_to_char(encoding), datcollate, current_setting('server_version_num')::int"
        " FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if row[0] != "UTF8" or row[1] not in _BYTEWISE:
        raise Faults(
            f"the database has the encoding {row[0]} and sorts by {row[1]}: make one that has UTF8 and sorts by C: "
            "`createdb --template template0 --encoding UTF8 --locale C phieu`"
        )
    if row[2] < 140000:
        raise Faults("PostgreSQL 14 or later is needed")


def damage(session: Session) -> list[str]:
    """Settings under which a receipt could be shown for an answer that a power cut then takes."""
    said = {
        "fsync": "the server does not wait for the disk (fsync = off): a power cut can take answers and the database",
        "full_page_writes": "the server cannot mend half-written pages (full_page_writes = off)",
    }
    return [fault for name, fault in said.items() if session.run(f"SHOW {name}").fetchone()[0] == "off"]


def rewrite(session: Session, table: str) -> None:
    """Write a table anew: every row by one transaction, in the order of its key, without the rows that are gone."""
    column = session.run(
        "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
        " WHERE indrelid = to_regclass(%s) AND indisprimary",
        (table,),
    ).fetchone()[0]
    if table not in NEVER_CHANGED:
        _alone(session, f"UPDATE {table} SET {column} = {column}")  # noqa: S608 - our own names
    _alone(session, f"CLUSTER {table} USING {table}_pkey")


def forget(session: Session) -> tuple[bool, bool]:
    """Write the inboxes anew if rows came or went.

    A row that waits was stored by the transaction that spent its invitation, which both still name (``xmin``), and a
    deleted one lies in its page until a vacuum. Truncating would be quicker, and a reader who began before would find
    a mixed receipt in neither table. Returns whether nothing is left (somebody's old snapshot may be in the way), and
    whether anything was written.
    """
    clean, wrote = True, False
    for table in INBOXES:
        came, waiting, size = session.run(
            f"SELECT count(DISTINCT xmin::text), count(*), pg_relation_size('{table}') FROM {table}"  # noqa: S608
        ).fetchone()
        if came > 1 or (not waiting and size):
            rewrite(session, table)
            wrote = True
            clean = clean and bool(waiting or not session.run(f"SELECT pg_relation_size('{table}')").fetchone()[0])
    return clean, wrote


def cut_log(session: Session) -> bool:
    """Have the server begin a new file of its log and drop those before; False where the role may not."""
    with suppress(ServerError):
        session.run("SELECT pg_switch_wal()")
        session.run("CHECKPOINT")
        return True
    return False


def _alone(session: Session, statement: str) -> None:
    try:
        session.run(f"BEGIN; {_WAIT}; {statement}; COMMIT")
    except BaseException:
        if not session.raw.closed and session.in_transaction:
            session.run("ROLLBACK")
        raise

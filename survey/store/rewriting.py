"""Rows of PostgreSQL written anew, so that neither their place nor the transaction that wrote them tells how they came.

Two steps: the rows are put in again by one transaction in the order of their key, and the table is packed, since what
is gone lies in its pages until then. The first is done for one wave that is over, whose rows nobody moves, and keeps
nobody waiting. The second (CLUSTER) holds the table: whoever waits for a lock that it waits for waits too, so it gives
up soon, comes again, and may be told for how long it may hold.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from survey.store.base import Occupied
from survey.store.connections import BUSY_MILLISECONDS
from survey.store.sessions import Delayed, Session

INBOXES = ("inbox_box", "inbox_receipt")
APART = ("box", "contact", "contact_flag", "staff_contact")  # no respondent's page needs them: held as long as it takes
BOXES = "box"  # respondents never touch it; who moves or seals boxes takes a turn, and waits for nobody's lock in it
AFRESH = {"inbox_box": "id", "inbox_receipt": "hash", BOXES: "id"}  # put in again, in the order of a random key
NEVER_CHANGED = frozenset({"correction"})  # a trigger holds its rows; they have times of their own
_TURN = 5_734_982_103  # a lock: two who put rows of an inbox in again would wait for each other's
_RENEWING = 5_734_982_106  # the same for rows of a wave that is over, which takes longer
_AT_BOXES = 5_734_982_105  # a lock of whoever moves boxes, seals them or writes them anew
TRIES = 20
_PAUSE = 0.5  # seconds between two

# Everybody who submits queues behind whoever waits for a table: it gives up soon, and comes again.
_SOON_MILLISECONDS = 200


def turn_at_boxes(*, patient: bool) -> str:
    """What a transaction says first that is to move or read all boxes."""
    wait = 0 if patient else _SOON_MILLISECONDS  # 0: for ever
    return (f"SET LOCAL lock_timeout = {wait}; SELECT pg_advisory_xact_lock({_AT_BOXES});"
            f" SET LOCAL lock_timeout = {BUSY_MILLISECONDS}")  # fmt: skip


def begin_at_boxes(session: Session, *, patient: bool) -> None:
    """Begin a transaction that has the turn. Raises Occupied."""
    try:
        session.run(f"BEGIN; {turn_at_boxes(patient=patient)}")
    except Delayed as error:
        raise Occupied(str(error)) from error


def rewrite(session: Session, tables: Iterable[str], everyone: int, wave: str | None, hold: float | None) -> bool:
    """Write tables anew: rows of a wave that is over, or all, in the order of their key, and nothing of what is gone.

    ``everyone``: the number of the lock that whoever writes alone holds; ``hold``: seconds for which packing may keep
    others from a table, where not as long as it takes. Returns whether all was done; one who is in the way of a table
    (a backup) is in the way of the others, too, and is not waited for again.
    """
    whole = True
    for table in tables:
        whole &= _rewrite(session, table, everyone, wave, hold, TRIES if whole else 1)
    return whole


def _rewrite(session: Session, table: str, everyone: int, wave: str | None, hold: float | None, tries: int) -> bool:
    if table in INBOXES:
        if not _again(lambda: _put_in_again(session, table, everyone), tries):
            return False
    elif table not in NEVER_CHANGED and not _again(lambda: _renew(session, table, wave), tries):
        return False
    return _again(lambda: _pack(session, table, hold=None if table in APART else hold), tries)


def _again(deed: Callable[[], None], tries: int) -> bool:
    """Try until nobody is in the way, so often; whether it was done."""
    for number in range(tries):
        if number:
            time.sleep(_PAUSE)
        try:
            deed()
            return True
        except Delayed as error:
            if error.stopped:
                return False
    return False


def _renew(session: Session, table: str, wave: str | None) -> None:
    """All rows of a wave by one transaction. Nobody waits: what is over is not answered, mixed or sealed any more."""
    key, of_wave = session.run(
        "SELECT (SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]"
        " WHERE indrelid = to_regclass(%s) AND indisprimary),"
        " (SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = 'wave')",
        (table, table),
    ).fetchone()
    only = " WHERE wave = %s" if of_wave and wave is not None else ""
    given = (wave,) if only else None
    with _transaction(session, BUSY_MILLISECONDS):
        session.run(f"SELECT pg_advisory_xact_lock({_RENEWING})")
        if table == BOXES and wave is None:
            session.run(turn_at_boxes(patient=True))
        if table in AFRESH:
            session.run(_afresh(table, only), given)
        else:
            session.run(f"UPDATE {table} SET {key} = {key}{only}", given)  # noqa: S608 - our own names


def _afresh(table: str, only: str = "") -> str:
    """Which a change of the rows would not do: a long value keeps a number that tells its turn."""
    return (
        f"WITH gone AS (DELETE FROM {table}{only} RETURNING *)"  # noqa: S608 - our own
        f" INSERT INTO {table} SELECT * FROM gone ORDER BY {AFRESH[table]}"
    )


def _put_in_again(session: Session, table: str, everyone: int) -> None:
    """What waits in an inbox, of all waves. The lock of who writes alone is shared, so that no mixing misses rows."""
    with _transaction(session, _SOON_MILLISECONDS):
        session.run(f"SELECT pg_advisory_xact_lock_shared({everyone}); SELECT pg_advisory_xact_lock({_TURN})")
        session.run(_afresh(table))


def _pack(session: Session, table: str, hold: float | None = None) -> None:
    """Without the rows that are gone. Raises Delayed where others are in the way, or where it takes too long."""
    with _transaction(session, _SOON_MILLISECONDS):
        if table == BOXES:
            session.run(f"{turn_at_boxes(patient=True)}; SET LOCAL lock_timeout = {_SOON_MILLISECONDS}")
        if hold is not None:
            session.run(f"SET LOCAL statement_timeout = {round(hold * 1000)}")
        session.run(f"CLUSTER {table} USING {table}_pkey")


def forget(session: Session, everyone: int, owed: set[str], last: dict[str, str]) -> tuple[bool, bool]:
    """Write the inboxes anew if rows came or went.

    A row that waits was stored by the transaction that spent its invitation, which both still name (``xmin``), a long
    value of it has a number that counts upwards, and a deleted one lies in its page until a vacuum. So what waits is
    put in again by one transaction in the order of its random ids, and the table written without what is gone.
    Truncating would be quicker, and a reader who began before would find a mixed receipt in neither table.
    ``everyone`` as in ``rewrite``; ``owed``: tables that a reader who takes long (a backup) kept from being written
    anew the last time; ``last``: the transactions that put a table's rows in again; both are changed here. Returns
    whether nothing is left (somebody's old snapshot may be in the way, or such a reader), and whether anything was
    written.
    """
    clean, wrote = True, False
    for table in INBOXES:
        came, waiting, size = _standing(session, table)
        new = bool(came) and came != last.get(table)
        if new or (size and (not waiting or table in owed)):
            owed.add(table)
            try:
                if new:
                    _put_in_again(session, table, everyone)
                    last[table] = _standing(session, table)[0]
                    wrote = True
                seen = _seen(session, last.get(table, ""))
                _pack(session, table)
                if seen:
                    raise Delayed("what is gone is kept for somebody who began before")
            except Delayed:
                clean = False
                continue
            owed.discard(table)
            wrote = True
            clean = clean and bool(waiting or not session.run(f"SELECT pg_relation_size('{table}')").fetchone()[0])
    return clean, wrote


def _seen(session: Session, anew: str) -> bool:
    """Whether somebody's snapshot is older than the transaction that put rows in again: packing keeps the old ones."""
    old = "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND age(backend_xmin) >= age(%s::xid)"
    return anew.isdigit() and bool(session.run(old, (anew,)).fetchone()[0])


def _standing(session: Session, table: str) -> tuple[str, int, int]:
    """The transactions that wrote what waits, how many rows wait, and bytes."""
    row = session.run(
        f"SELECT coalesce(string_agg(DISTINCT xmin::text, ' '), ''), count(*), pg_relation_size('{table}') FROM {table}"  # noqa: S608 - our own names
    ).fetchone()
    return row[0], row[1], row[2]


@contextmanager
def _transaction(session: Session, patience: int) -> Iterator[None]:
    """Raises Delayed where others are in the way for longer than ``patience`` milliseconds."""
    try:
        session.run(f"BEGIN; SET LOCAL lock_timeout = {patience}")
        yield
        session.run("COMMIT")
    except BaseException:
        if not session.raw.closed and session.in_transaction:
            session.run("ROLLBACK")
        raise

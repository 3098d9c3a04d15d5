"""One wave is closed while another is answered: whoever answers waits for none of it, however large the tables are."""

from __future__ import annotations

from typing import Any

import pytest

from survey import mixing, responses
from survey.responses import Outcome
from survey.store import Occupied, Store, rewriting
from survey.store.sessions import Session
from tests.conftest import Scene

# What takes long where a wave was large, in the order in which it is done.
LONG = ("UPDATE invitation ", "WITH gone AS (DELETE FROM box ", "CLUSTER box ", "UPDATE receipt ")
OVER = "cu"  # a wave that is over, beside the one that is answered


@pytest.fixture
def engine() -> str:
    """Only this one here."""
    return "postgresql"


@pytest.fixture
def closed(scene: Scene) -> Scene:
    """Beside the open wave another one that is over, whose rows came one by one."""
    run = scene.store.connection.run
    run("BEGIN; CREATE TEMP TABLE copied ON COMMIT DROP AS SELECT * FROM wave;"
        " UPDATE copied SET id = 'cu', state = 'closed'; INSERT INTO wave SELECT * FROM copied; COMMIT")  # fmt: skip
    for number in (9, 4, 7):
        run("INSERT INTO box (id, wave, box, seal) VALUES (%s, 'cu', %s, 1)", (bytes([number]) * 16, b"x" * 3000))
        run("INSERT INTO receipt (hash, wave, seal) VALUES (%s, 'cu', 1)", (bytes([number]) * 32,))
        run("INSERT INTO invitation (lookup, wave, serial, cell, place, state)"
            " VALUES (%s, 'cu', %s, 1, 'p', 'answered')", (bytes([number]) * 32, number))  # fmt: skip
    return scene


def submitted(scene: Scene, serial: int) -> Outcome:
    keys, code = scene.keys, scene.code(serial)
    page = {("so_a", "used"): "yes", ("so_a", "q1"): "v3"}
    at = (scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, code)
    responses.save_page(*at, page, seen=0)
    return responses.submit(*at, *responses.fresh_receipt(keys, code)).outcome


def transactions(scene: Scene, table: str, wave: str) -> set[str]:
    rows = scene.store.connection.run(f"SELECT xmin::text FROM {table} WHERE wave = %s", (wave,))  # noqa: S608
    return {row[0] for row in rows}


def test_who_answers_beside_a_close_waits_for_nothing_that_grows(closed: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("survey.store.postgresql.BUSY_MILLISECONDS", 2_000)  # who waited would be told soon
    before = transactions(closed, "invitation", "nho")
    real, people, closing, seen = Session.run, iter(range(6, 17)), closed.store.connection, []

    def run(session: Session, sql: str, parameters: Any = None) -> Any:
        done = real(session, sql, parameters)
        if session is closing and sql.startswith(LONG):  # not committed yet: what it holds it holds, as for minutes
            seen.append(sql)
            assert submitted(closed, next(people)) is Outcome.RECEIVED
        return done

    with monkeypatch.context() as watched:
        watched.setattr(Session, "run", run)
        assert closed.store.rebuild(OVER, 60.0)
    assert [sql.startswith(start) for sql, start in zip(seen, LONG, strict=True)] == [True] * 4
    # What tells how the rows of the wave that is over came is gone; those of the open one wait for its own close.
    assert [len(transactions(closed, table, OVER)) for table in ("invitation", "receipt", "box")] == [1, 1, 1]
    places = closed.store.connection.run("SELECT id FROM box WHERE wave = 'cu' ORDER BY ctid").fetchall()
    assert [row[0][0] for row in places] == [4, 7, 9]
    assert before & transactions(closed, "invitation", "nho")


def test_boxes_are_not_moved_beside_who_seals_them_and_submits_go_on(closed: Scene):
    other = Store(closed.store.address)  # type: ignore[attr-defined]
    assert submitted(closed, 6) is Outcome.RECEIVED
    try:
        with other.sealing():
            assert mixing.mix(closed.store, "nho", 1) == 0
            with pytest.raises(Occupied), closed.store.moving():
                pass
            assert submitted(closed, 7) is Outcome.RECEIVED
    finally:
        other.close()
    assert mixing.mix(closed.store, "nho", 1) == 2


def test_what_would_hold_a_table_too_long_is_left_and_the_rest_is_done(closed: Scene, monkeypatch: pytest.MonkeyPatch):
    real = rewriting._pack
    held: list[str] = []

    def pack(session: Session, table: str, hold: float | None = None) -> None:
        if table == "invitation":
            held.append(table)
            with rewriting._transaction(session, 200):
                session.run(f"SET LOCAL statement_timeout = {round((hold or 0) * 1000)}")
                session.run("SELECT pg_sleep(60)")  # a table that takes a minute
        real(session, table, hold)

    monkeypatch.setattr(rewriting, "_pack", pack)
    assert not closed.store.rebuild(OVER, 0.05)
    assert held == ["invitation"], "it is not tried again at once"
    assert len(transactions(closed, "invitation", OVER)) == 1, "the order of answering is gone all the same"
    monkeypatch.undo()
    assert closed.store.rebuild(OVER, None)


def test_somebody_in_the_way_is_not_waited_for_table_by_table(closed: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rewriting, "TRIES", 2)
    monkeypatch.setattr(rewriting, "_PAUSE", 0.0)
    monkeypatch.setattr(rewriting, "_SOON_MILLISECONDS", 1)
    other = Store(closed.store.address)  # type: ignore[attr-defined]
    try:
        with other.read() as backup:
            for table in ("invitation", "receipt"):
                backup.connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
            assert not closed.store.rebuild(OVER, 60.0)
    finally:
        other.close()
    assert closed.store.rebuild(OVER, 60.0)


def test_what_is_gone_is_packed_again_when_nobody_can_see_it_any_more(closed: Scene):
    """A seal reads the boxes for long, in a snapshot that keeps deleted rows of the inbox too."""
    store, other = closed.store, Store(closed.store.address)  # type: ignore[attr-defined]
    assert store.truncate_log()
    try:
        with other.read() as seal:
            seal.connection.execute("SELECT count(*) FROM box").fetchone()
            assert submitted(closed, 6) is Outcome.RECEIVED
            assert not store.truncate_log(), "the row as it was stored, which names who stored it, is still in its page"
    finally:
        other.close()
    assert store.truncate_log()


def test_whether_it_can_store_waits_for_the_disk_and_is_asked_once_a_second(closed: Scene):
    store, run = closed.store, closed.store.connection.run

    def kept() -> int:
        """How far the log is on the disk."""
        return int(run("SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn").fetchone()[0])

    store.check_writable()
    began = int(run("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()[0])
    store.check_writable()
    store._tried -= 2.0  # type: ignore[attr-defined]
    store.check_writable()
    assert kept() > began
    assert run("SELECT to_regclass('writable')").fetchone()[0] is None

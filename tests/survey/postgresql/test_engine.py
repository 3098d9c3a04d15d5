"""PostgreSQL as the store: the same queries, the same promises, kept by another engine."""

from __future__ import annotations

import multiprocessing
import os
import re
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forms.faults import Faults
from survey import drafts, mixing, responses
from survey.responses import Outcome, Submission
from survey.store import DRAFT_MIGRATIONS, MIGRATIONS, Address, Store, StoreError, dialect, rewriting
from survey.store.base import QUERIES
from survey.store.named import LARGE, NAMED
from survey.store.sessions import Delayed, Row, Session
from survey.store.sqlite import _QUERIES
from tests.conftest import Scene
from tests.postgresql import Server


@pytest.fixture
def engine() -> str:
    """Only this one here."""
    return "postgresql"


@pytest.fixture
def own(server: Server) -> Iterator[Store]:
    """A database with the schema and no rows."""
    address = server.made()
    made = Store(address)
    yield made
    made.close()
    server.give_back(address)


def add(store: Store, name: str, **how: object) -> None:
    with store.write(**how) as tx:  # type: ignore[arg-type]
        tx.invitation_revoke_code(lookup=name.encode(), wave="w")


def names(store: Store) -> set[str]:
    with store.read() as tx:
        return {bytes(row["lookup"]).decode() for row in tx.connection.execute("SELECT lookup FROM revoked_code")}


def test_both_engines_have_every_query_and_the_server_understands_each(own: Store):
    assert sorted(NAMED.available_queries) == sorted(_QUERIES.available_queries)
    assert LARGE < set(NAMED.available_queries)
    with own.staging(), own.filling() as tx:
        for made in (tx.frame_stage_rows, tx.frame_stage_shared, tx.frame_stage_suspects):
            made()
        tried = 0
        for name in NAMED.available_queries:
            sql = getattr(NAMED, name).sql
            if not sql.startswith("CREATE"):
                tx.connection.run(f"PREPARE tried AS {_numbered(sql)}")
                tx.connection.run("DEALLOCATE tried")
                tried += 1
    assert tried > 200


def _numbered(sql: str) -> str:
    seen: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found[1] or f" {len(seen)}"
        if name not in seen:
            seen.append(name)
        return f"${seen.index(name) + 1}"

    return re.sub(r"%\((\w+)\)s|%s", number, sql).replace("%%", "%")


def test_what_is_exchanged_is_used_and_nothing_else_differs():
    text = "".join(file.read_text("utf-8") for file in (*MIGRATIONS, *DRAFT_MIGRATIONS, *sorted(QUERIES.glob("*.sql"))))
    for found, _ in dialect._WORDS:
        if found.pattern not in ("%", r"\bx'([0-9a-f]*)'"):  # for what is asked by hand
            assert found.search(text), found.pattern


def test_every_trigger_is_there_for_both_engines():
    def made(files: list[Path]) -> Counter[str]:
        text = "".join(file.read_text("utf-8") for file in files)
        return Counter(re.findall(r"^CREATE TRIGGER (\w+)", text, re.MULTILINE))

    ours = sorted((MIGRATIONS[0].parent / dialect.TRIGGERS).glob("*.sql"))
    assert made(ours) == made([*MIGRATIONS, *DRAFT_MIGRATIONS])
    assert {file.name for file in ours} <= {file.name for file in MIGRATIONS}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SELECT ':x', :x -- it's, :y\n;", "SELECT ':x', %(x)s"),
        ("SELECT a::text FROM b WHERE c = ? AND d LIKE 'e%'", "SELECT a::text FROM b WHERE c = %s AND d LIKE 'e%%'"),
        ("CREATE TABLE t (a BLOB, b REAL) STRICT, WITHOUT ROWID", "CREATE TABLE t (a bytea, b double precision)"),
        ("SELECT min(a, b), min(c)", "SELECT least(a, b), min(c)"),
    ],
)
def test_statements_as_the_server_reads_them(ours: str, theirs: str):
    assert dialect.translated(ours) == theirs


def test_a_row_is_read_by_name_by_place_and_whole(own: Store):
    row = own.connection.execute("SELECT 1 AS one, 'zwei' AS two, true AS yes, sum(9000000000) AS many, 0.5 AS half")
    found = row.fetchone()
    assert isinstance(found, Row)
    assert (found["one"], found[1], found[0:2], len(found)) == (1, "zwei", (1, "zwei"), 5)
    assert dict(found) == {"one": 1, "two": "zwei", "yes": 1, "many": 9_000_000_000, "half": 0.5}
    assert [type(value) for value in found] == [int, str, int, int, float]
    with pytest.raises(KeyError):
        _ = found["three"]


def test_the_schema_is_made_once_and_both_kinds_stand_side_by_side(server: Server):
    address = server.empty()
    main, held = Store(address), Store(address, DRAFT_MIGRATIONS)
    assert main.version() == 0
    assert (main.migrate(), main.migrate(), main.version()) == (len(MIGRATIONS), 0, len(MIGRATIONS))
    assert (held.version(), held.migrate()) == (0, len(DRAFT_MIGRATIONS))
    assert "draft" in held.row_counts() and "draft" not in main.row_counts()
    main.check_writable()
    main.close()
    held.close()


def test_a_migration_that_fails_changes_nothing(server: Server, tmp_path: Path):
    good, bad = tmp_path / "0001.sql", tmp_path / "0002.sql"
    good.write_text("CREATE TABLE a (x INTEGER) STRICT;\nINSERT INTO a VALUES (1);")
    bad.write_text("CREATE TABLE c (x INTEGER) STRICT;\nCREATE TABLE a (x INTEGER) STRICT;\n")
    address = server.empty()
    first = Store(address, (good,))
    first.migrate()
    later = Store(address, (good, bad))
    with pytest.raises(StoreError, match="already exists"):
        later.migrate()
    assert (later.version(), list(later.row_counts())) == (1, ["a"])
    bad.write_text("DELETE FROM a;")
    with pytest.raises(Faults, match=r"a \(1 → 0\)"):
        later.migrate(keeping=("a",))
    assert later.row_counts() == {"a": 1}
    for store in (first, later):
        store.close()


def test_a_database_that_sorts_another_way_is_refused_with_the_command_that_helps(server: Server):
    store = Store(server.empty("TEMPLATE template0 ENCODING 'SQL_ASCII'"))
    with pytest.raises(Faults, match="createdb --template template0 --encoding UTF8 --locale C"):
        store.migrate()
    assert store.version() == 0
    store.close()


def test_a_server_that_is_not_there_is_an_error_without_a_password(tmp_path: Path):
    address = Address(f"postgresql://phieu:geheim@/none?host={tmp_path}")
    assert "geheim" not in f"{address} {address!r}"
    store = Store(address)
    with pytest.raises(StoreError) as error:
        store.version()
    assert "geheim" not in str(error.value)


def test_a_write_is_all_or_nothing_and_a_read_changes_nothing(own: Store):
    with pytest.raises(ZeroDivisionError), own.write() as tx:
        tx.invitation_revoke_code(lookup=b"x", wave="w")
        _ = 1 / 0
    with pytest.raises(StoreError, match="read-only"), own.read() as tx:
        tx.invitation_revoke_code(lookup=b"x", wave="w")
    assert names(own) == set()
    add(own, "next")
    assert names(own) == {"next"}


def test_a_failure_that_somebody_swallowed_is_no_success(own: Store):
    add(own, "known")
    with pytest.raises(StoreError, match="nothing was stored"), own.write() as tx:
        tx.invitation_revoke_code(lookup=b"first", wave="w")
        with pytest.raises(StoreError, match="duplicate key"):
            tx.invitation_revoke_code(lookup=b"known", wave="w")
    assert names(own) == {"known"}


def test_durable_writes_wait_for_the_disk_and_the_others_do_not(own: Store):
    def level(durable: bool) -> object:
        with own.write(durable=durable) as tx:
            return tx.connection.run("SHOW synchronous_commit").fetchone()[0]

    assert [level(durable) for durable in (True, False, True)] == ["on", "off", "on"]


def test_staff_write_alone_and_respondents_beside_each_other(own: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("survey.store.postgresql.BUSY_MILLISECONDS", 50)
    told: dict[str, str] = {}

    def other(name: str, on: bytes | None) -> None:
        try:
            add(own, name, on=on)
        except StoreError as error:
            told[name] = str(error)

    def beside(*others: tuple[str, bytes | None]) -> None:
        threads = [threading.Thread(target=other, args=each) for each in others]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with own.write(on=b"6"):
        beside(("same row", b"6"), ("another row", b"7"))
        beside(("staff", None))  # by itself: whoever comes behind one who waits to write alone waits too
    with own.write():
        beside(("respondent", b"8"))
    assert names(own) == {"another row"}
    assert sorted(told) == ["respondent", "same row", "staff"]
    assert all("lock timeout" in each for each in told.values())


def test_a_connection_that_the_server_ended_is_not_used_again(own: Store):
    add(own, "before")
    own.connection.run(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    add(own, "after")
    assert names(own) == {"before", "after"}


def test_a_threads_own_connection_that_the_server_ended_is_opened_again(own: Store):
    number = own.connection.run("SELECT pg_backend_pid()").fetchone()[0]
    with own.look() as tx:
        tx.connection.run(f"SELECT pg_terminate_backend({number}, 10000)")
    assert own.connection.run("SELECT pg_backend_pid()").fetchone()[0] != number


def test_a_connection_lost_in_the_middle_is_an_error_and_the_next_write_goes(own: Store):
    with pytest.raises(StoreError), own.write() as tx:
        tx.invitation_revoke_code(lookup=b"lost", wave="w")
        with pytest.raises(StoreError):
            tx.connection.run("SELECT pg_terminate_backend(pg_backend_pid())")
        tx.invitation_revoke_code(lookup=b"too late", wave="w")
    add(own, "next")
    assert names(own) == {"next"}


def test_many_rows_come_in_pieces_and_others_may_be_read_meanwhile(own: Store):
    with own.write() as tx:
        tx.connection.copy(
            "COPY box (id, wave, box) FROM STDIN", ((n.to_bytes(2, "big"), "w", b"x") for n in range(2500))
        )
    with own.read() as tx:
        rows = tx.seal_boxes(wave="w")
        again = tx.seal_boxes(wave="w")
        assert next(rows)["box"] == next(again)["box"] == b"x"
        assert tx.mix_waiting(wave="w") == 0
        assert (1 + sum(1 for _ in rows), 1 + sum(1 for _ in again)) == (2500, 2500)


def submit(scene: Scene, receipt: str, tag: str) -> Submission:
    return responses.submit(
        scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(6), receipt, tag
    )


def save(scene: Scene) -> None:
    page = {("so_a", "used"): "yes", ("so_a", "q1"): "v3"}
    responses.save_page(scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(6), page, seen=0)


def test_eight_processes_race_for_one_invitation_and_one_wins(scene: Scene):
    save(scene)
    pages = [responses.fresh_receipt(scene.keys, scene.code(6)) for _ in range(8)]
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(8), context.SimpleQueue()

    def run(page: tuple[str, str]) -> None:
        start.wait()
        results.put(submit(scene, *page).outcome)

    racers = [context.Process(target=run, args=(page,)) for page in pages]
    for racer in racers:
        racer.start()
    outcomes = Counter(results.get() for _ in racers)
    for racer in racers:
        racer.join()
    assert outcomes == {Outcome.RECEIVED: 1, Outcome.ALREADY: 7}
    assert (len(scene.rows("inbox_box")), len(scene.rows("inbox_receipt")), scene.state(6)) == (1, 1, "answered")


def test_two_tabs_that_save_at_once_lose_nothing(scene: Scene):
    def tab(number: int) -> None:
        page = {("so_a", f"q{number}"): "v1"}
        args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(6), page
        responses.save_page(*args, seen=0)

    threads = [threading.Thread(target=tab, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(drafts.load(scene.drafts, scene.keys, scene.code(6)).answers("so_a")) == {f"q{n}" for n in range(12)}


def test_who_began_to_look_before_the_mixing_still_finds_the_receipt(scene: Scene):
    save(scene)
    receipt, tag = responses.fresh_receipt(scene.keys, scene.code(6))
    submit(scene, receipt, tag)
    hash = responses.receipt_hash(receipt)
    with scene.store.read() as tx:
        tx.mix_waves()  # its state is of this moment
        assert mixing.mix(scene.store, "nho", 1) == 1
        assert tx.response_receipt(hash=hash) is not None
    assert responses.counted(scene.store, receipt) == "received"
    assert mixing.mix(scene.store, "nho", 1) == 0
    assert scene.store.connection.run("SELECT pg_relation_size('inbox_receipt')").fetchone()[0] == 0


def test_what_goes_on_waiting_tells_no_order(scene: Scene):
    """Three of a cell wait, fewer than k: they are put in again together, in the order of their ids."""
    box = os.urandom(3000)  # a long value, in a table of its own
    for number in (9, 4, 7):
        with scene.store.write() as tx:
            tx.response_add_box(id=bytes([number]) * 16, wave="nho", cell=1, state="complete", box=box)
            tx.response_add_receipt(hash=bytes([number]) * 32, wave="nho", cell=1)
    assert len(_waiting(scene, "xmin::text::bigint")) == 3
    assert mixing.mix(scene.store, "nho", 5) == 0
    assert len(set(_waiting(scene, "xmin::text::bigint"))) == 1
    assert [bytes(id)[0] for id in _waiting(scene, "id", "ORDER BY ctid")] == [4, 7, 9]
    toast = scene.store.connection.run(
        "SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'inbox_box'"
    ).fetchone()[0]
    rows = scene.store.connection.run(f"SELECT count(DISTINCT chunk_id), count(DISTINCT xmin::text) FROM {toast}")  # noqa: S608
    assert tuple(rows.fetchone()) == (3, 1)
    before = _waiting(scene, "xmin::text::bigint")
    assert mixing.mix(scene.store, "nho", 5) == 0
    assert _waiting(scene, "xmin::text::bigint") == before, "nothing came: nothing is written"


def _waiting(scene: Scene, what: str, order: str = "") -> list[Any]:
    return [row[0] for row in scene.store.connection.run(f"SELECT {what} FROM inbox_box {order}")]  # noqa: S608


def test_one_who_waits_alone_is_put_in_again_once(scene: Scene):
    _wait(scene, 9)
    first = _waiting(scene, "xmin::text")
    assert scene.store.truncate_log()
    again = _waiting(scene, "xmin::text")
    assert again != first, "its invitation still names the transaction that wrote it"
    assert scene.store.truncate_log() and _waiting(scene, "xmin::text") == again


def _wait(scene: Scene, *numbers: int) -> None:
    for number in numbers:
        with scene.store.write() as tx:
            tx.response_add_box(id=bytes([number]) * 16, wave="nho", cell=1, state="complete", box=b"x")
            tx.response_add_receipt(hash=bytes([number]) * 32, wave="nho", cell=1)


def test_a_reader_who_takes_long_keeps_nobody_from_submitting(scene: Scene):
    """The inboxes are written anew when a backup has ended; until then the mixer gives up soon, look after look."""
    assert scene.store.truncate_log()
    _wait(scene, 9, 4)
    other = Store(scene.store.address)  # type: ignore[attr-defined]
    try:
        with other.read() as backup:
            assert len(backup.connection.execute("SELECT id FROM inbox_box").fetchall()) == 2
            backup.connection.execute("SELECT hash FROM inbox_receipt").fetchall()
            assert not scene.store.truncate_log()
            save(scene)
            receipt, tag = responses.fresh_receipt(scene.keys, scene.code(6))
            assert submit(scene, receipt, tag).outcome is Outcome.RECEIVED
    finally:
        other.close()
    assert scene.store.truncate_log()
    assert len(set(_waiting(scene, "xmin::text::bigint"))) == 1
    before = _waiting(scene, "ctid::text")
    assert scene.store.truncate_log() and _waiting(scene, "ctid::text") == before


def test_what_a_reader_kept_from_being_packed_is_packed_later(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    assert scene.store.truncate_log()
    _wait(scene, 9, 4)
    packed: list[str] = []
    real = rewriting._pack

    def held(session: Session, table: str, *how: int) -> None:
        packed.append(table)
        if len(packed) < 3:
            raise Delayed("a reader is in the way")
        real(session, table, *how)

    monkeypatch.setattr(rewriting, "_pack", held)
    assert not scene.store.truncate_log()
    assert len(set(_waiting(scene, "xmin::text::bigint"))) == 1, "put in again, and the old rows still in their pages"
    assert scene.store.truncate_log() and packed == ["inbox_box", "inbox_receipt"] * 2
    assert scene.store.truncate_log() and len(packed) == 4


def test_rows_are_not_put_in_again_beside_who_writes_alone(scene: Scene):
    """A mixing that began meanwhile would not see the new rows, and a seal would mark none of them."""
    _wait(scene, 9, 4)
    before = _waiting(scene, "xmin::text::bigint")
    other = Store(scene.store.address)  # type: ignore[attr-defined]
    try:
        with other.write():
            assert not scene.store.truncate_log()
            assert _waiting(scene, "xmin::text::bigint") == before
    finally:
        other.close()
    assert scene.store.truncate_log() and len(set(_waiting(scene, "xmin::text::bigint"))) == 1


def test_a_log_that_was_not_cut_in_time_is_cut_later(own: Store, monkeypatch: pytest.MonkeyPatch):
    cuts, wrote = [], iter([True, True, False, False])
    monkeypatch.setattr("survey.store.postgresql.server.cut_log", lambda session: cuts.append(True))
    monkeypatch.setattr("survey.store.postgresql.rewriting.forget", lambda *given: (True, next(wrote)))
    seen = []
    for least in (60.0, 60.0, -1.0, -1.0):
        monkeypatch.setattr("survey.store.postgresql.CUT_SECONDS", least)
        own.truncate_log()
        seen.append(len(cuts))
    assert seen == [1, 1, 2, 2]


def test_corrections_are_never_changed_and_counters_follow_every_move(scene: Scene):
    run = scene.store.connection.execute
    run("INSERT INTO correction VALUES ('nho', 1, '{}', 'h')")
    with pytest.raises(StoreError, match="never changed"):
        run("UPDATE correction SET body = 'x'")
    with pytest.raises(StoreError, match="never removed"):
        run("DELETE FROM correction")
    run("UPDATE invitation SET state = 'refused' WHERE serial < 4")
    run("UPDATE invitation SET state = 'issued', cell = 1 WHERE serial = 2")
    run("DELETE FROM invitation WHERE serial = 3")
    with scene.store.read() as tx:
        assert tx.board_drift(wave="nho") == 0

"""The store: what its transactions promise, on every connection, in every thread and process."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from survey import mixing
from survey.store import DRAFT_MIGRATIONS, MIGRATIONS, Store, StoreError
from survey.store.base import QUERIES
from survey.store.connections import MOST_READERS, SPARING_KIBIBYTES
from survey.store.migrating import statements
from survey.store.sqlite import SQLiteStore


@pytest.fixture
def any_store(fresh_store: Callable[[str], Store]) -> Store:
    return fresh_store("any.db")


def add(store: Store, name: str, *, durable: bool = True) -> None:
    with store.write(durable=durable) as tx:
        tx.invitation_revoke_code(lookup=name.encode(), wave="w")


def names(store: Store) -> set[str]:
    with store.read() as tx:
        return {bytes(row[0]).decode() for row in tx.connection.execute("SELECT lookup FROM revoked_code")}


def pragma(store: Store, name: str) -> object:
    return store.connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_every_connection_has_its_guards(any_store: Store):
    seen: list[tuple[object, ...]] = []

    def look() -> None:
        guards = ("journal_mode", "secure_delete", "foreign_keys", "trusted_schema", "temp_store", "synchronous")
        seen.append(tuple(pragma(any_store, name) for name in guards))
        any_store.close()

    look()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [("wal", 1, 1, 0, 2, 2)] * 2


def test_deleted_content_leaves_the_file_and_its_log(any_store: Store):
    secret = b"the answer nobody may find again" * 40
    with any_store.write() as tx:
        for row in range(50):
            tx.response_add_box(id=bytes([row]), wave="w", cell=1, state="complete", box=secret)
    any_store.truncate_log()
    assert secret[:32] in any_store.path.read_bytes()
    with any_store.write() as tx:
        tx.mix_clear_boxes(wave="w", k=1)
    assert any_store.truncate_log()
    assert secret[:32] not in any_store.path.read_bytes()
    assert Path(f"{any_store.path}-wal").stat().st_size == 0


def test_a_read_cannot_change_anything(any_store: Store):
    with pytest.raises(StoreError, match="readonly"), any_store.read() as tx:
        tx.invitation_revoke_code(lookup=b"x", wave="w")
    assert names(any_store) == set()
    add(any_store, "after")  # the guard is off again
    assert names(any_store) == {"after"}


def test_a_read_sees_one_state(any_store: Store):
    add(any_store, "before")
    with any_store.read() as tx:
        first = [bytes(row[0]) for row in tx.connection.execute("SELECT lookup FROM revoked_code")]
        thread = threading.Thread(target=add, args=(any_store, "meanwhile"))
        thread.start()
        thread.join()
        again = [bytes(row[0]) for row in tx.connection.execute("SELECT lookup FROM revoked_code")]
    assert first == again == [b"before"]
    assert names(any_store) == {"before", "meanwhile"}


def test_a_write_is_all_or_nothing(any_store: Store):
    with pytest.raises(ZeroDivisionError), any_store.write() as tx:
        tx.invitation_revoke_code(lookup=b"x", wave="w")
        _ = 1 / 0
    assert names(any_store) == set()
    add(any_store, "next")


def test_a_write_that_sqlite_rolled_back_itself_says_its_own_error(any_store: Store):
    with pytest.raises(StoreError, match="UNIQUE"), any_store.write() as tx:
        tx.invitation_revoke_code(lookup=b"x", wave="w")
        tx.connection.execute("INSERT OR ROLLBACK INTO revoked_code VALUES (?, 'w')", (b"x",))
    assert names(any_store) == set()


def test_durable_writes_sync_and_the_others_do_not(any_store: Store):
    def level(durable: bool) -> object:
        with any_store.write(durable=durable) as tx:
            return tx.connection.execute("PRAGMA synchronous").fetchone()[0]

    assert [level(durable) for durable in (True, False, True, True, False, True)] == [2, 1, 2, 2, 1, 2]


def test_threads_share_one_writer_and_the_readers_that_are_free(any_store: Store):
    seen: dict[str, list[object]] = {"write": [], "read": []}

    def use(name: str) -> None:
        with any_store.write(durable=False) as tx:
            seen["write"].append(tx.connection)
            tx.invitation_revoke_code(lookup=name.encode(), wave="w")
        with any_store.read() as tx:
            seen["read"].append(tx.connection)

    for name in "abc":
        thread = threading.Thread(target=use, args=(name,))
        thread.start()
        thread.join()
    assert len(set(map(id, seen["write"]))) == len(set(map(id, seen["read"]))) == 1
    with any_store.read() as one, any_store.read() as other:
        assert one.connection is not other.connection
    assert names(any_store) == {"a", "b", "c"}


def test_of_many_readers_at_once_a_few_are_kept(any_store: Store):
    with ExitStack() as stack:
        lent = [stack.enter_context(any_store.read()).connection for _ in range(MOST_READERS + 2)]
        assert len(set(map(id, lent))) == len(lent)
    with ExitStack() as stack:
        again = [stack.enter_context(any_store.read()).connection for _ in range(MOST_READERS + 1)]
    closed = [each for each in lent if each not in again]
    assert len(closed) == 2
    for each in closed:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            each.execute("SELECT 1")


def test_a_process_that_serves_writes_with_a_small_cache(any_store: Store):
    def cache() -> object:
        with any_store.write(durable=False) as tx:
            return tx.connection.execute("PRAGMA cache_size").fetchone()[0]

    usual = cache()
    any_store.close()
    any_store.sparing = True
    assert cache() == -SPARING_KIBIBYTES and cache() != usual


def test_a_turn_that_never_comes_is_an_error(any_store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("survey.store.connections.BUSY_MILLISECONDS", 1)
    told: list[str] = []

    def late() -> None:
        try:
            add(any_store, "late")
        except StoreError as error:
            told.append(str(error))

    with any_store.write():
        thread = threading.Thread(target=late)
        thread.start()
        thread.join()
    assert told == ["database is locked: another thread has been writing all the while"]
    add(any_store, "next")
    assert names(any_store) == {"next"}


def test_writers_of_many_threads_take_turns_and_all_get_theirs(any_store: Store):
    def fill(first: int) -> None:
        for n in range(first, first + 50):
            add(any_store, str(n), durable=False)

    threads = [threading.Thread(target=fill, args=(100 * n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(any_store)) == 400


def test_a_fork_opens_connections_of_its_own(any_store: Store):
    add(any_store, "parent")
    mine = any_store.connection
    with any_store.write(durable=False) as tx:
        writes = tx.connection
    child = os.fork()
    if child == 0:
        try:
            with any_store.write() as tx:
                tx.invitation_revoke_code(lookup=b"child", wave="w")
                shared = tx.connection is writes
            os._exit(0 if any_store.connection is not mine and not shared and "child" in names(any_store) else 2)
        except BaseException:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    add(any_store, "parent again")
    assert any_store.connection is mine
    assert names(any_store) == {"parent", "child", "parent again"}
    assert any_store.check_integrity() == []


def test_a_fork_leaves_the_parents_connection_alone(any_store: Store, monkeypatch: pytest.MonkeyPatch):
    mine = any_store.connection
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert any_store.connection is not mine
    assert mine.execute("SELECT 1").fetchone()[0] == 1  # neither closed nor collected


def test_the_file_and_its_logs_are_the_owners_alone(tmp_path: Path):
    before = os.umask(0)
    try:
        store = Store(tmp_path / "modes.db")
        store.migrate()
        add(store, "x")
    finally:
        os.umask(before)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {"modes.db": 0o600, "modes.db-wal": 0o600, "modes.db-shm": 0o600}
    store.close()


def test_a_database_that_was_never_made_is_not_made_by_looking(tmp_path: Path):
    store = Store(tmp_path / "none with spaces ?#%.db")
    with pytest.raises(StoreError, match="unable to open"), store.read():
        pass
    assert list(tmp_path.iterdir()) == []
    assert store.migrate() == len(MIGRATIONS)
    assert store.version() == len(MIGRATIONS)
    assert store.migrate() == 0


def test_a_migration_that_fails_changes_nothing(tmp_path: Path):
    good, bad = tmp_path / "0001.sql", tmp_path / "0002.sql"
    good.write_text("CREATE TABLE a (x INTEGER) STRICT;\n-- with a semicolon;\nCREATE TABLE b (x INTEGER) STRICT")
    bad.write_text("CREATE TABLE c (x INTEGER) STRICT;\nCREATE TABLE a (x INTEGER) STRICT;\n")
    store = Store(tmp_path / "m.db", (good,))
    assert store.migrate() == 1
    later = Store(store.path, (good, bad))
    with pytest.raises(StoreError, match="already exists"):
        later.migrate()
    assert later.version() == 1
    tables = {row[0] for row in later.connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert tables == {"a", "b", "_sqlite_migrations"}


def teststatements_keep_their_order_and_their_semicolons():
    script = "CREATE TABLE a (x TEXT DEFAULT ';') STRICT;\n\nCREATE TABLE b (x INTEGER) STRICT;\n"
    assert [one.strip() for one in statements(script)] == [
        "CREATE TABLE a (x TEXT DEFAULT ';') STRICT;",
        "CREATE TABLE b (x INTEGER) STRICT;",
    ]


@pytest.mark.parametrize("migrations", [MIGRATIONS, DRAFT_MIGRATIONS], ids=["main", "drafts"])
def test_every_table_is_strict(tmp_path: Path, migrations: tuple[Path, ...]):
    store = Store(tmp_path / "s.db", migrations)
    store.migrate()
    tables = store.connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
    assert tables
    assert [row["name"] for row in tables if "STRICT" not in row["sql"].splitlines()[-1]] == []


def test_no_query_name_is_used_twice():
    # aiosql lets a later file replace an earlier one's query without a word.
    found: Counter[str] = Counter()
    for file in sorted(QUERIES.glob("*.sql")):
        found.update(re.findall(r"^-- name: (\w+)", file.read_text("utf-8"), re.MULTILINE))
    assert [name for name, n in found.items() if n > 1] == []


def test_an_unknown_query_is_an_error(any_store: Store):
    with any_store.read() as tx, pytest.raises(AttributeError):
        _ = tx.no_such_query


def test_whether_it_can_store_is_tried_and_leaves_nothing(any_store: Store):
    any_store.check_writable()
    assert any_store.version() == len(MIGRATIONS)
    assert names(any_store) == set()
    other = sqlite3.connect(any_store.path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        any_store.connection.execute("PRAGMA busy_timeout = 1")
        with pytest.raises(StoreError, match="locked"):
            any_store.check_writable()
    finally:
        other.close()


def test_whether_it_can_store_is_no_on_a_full_disk(any_store: Store):
    pages = pragma(any_store, "page_count")
    with any_store.write() as tx:
        tx.connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="full"):
        any_store.check_writable()
    any_store.connection.execute("PRAGMA max_page_count = 1000000")
    add(any_store, "room again")


def test_the_log_is_not_cut_under_a_reader_and_is_at_the_next_call(any_store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("survey.store.sqlite._CHECKPOINT_MILLISECONDS", 1)
    add(any_store, "one")
    reader = sqlite3.connect(any_store.path, isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM revoked_code").fetchall()
        add(any_store, "two")
        assert not any_store.truncate_log()
        assert names(any_store) == {"one", "two"}
    finally:
        reader.close()
    assert any_store.truncate_log()
    assert pragma(any_store, "busy_timeout") == 15_000


def test_rebuilding_keeps_the_rows(any_store: Store):
    add(any_store, "kept")
    any_store.rebuild()
    assert names(any_store) == {"kept"}
    assert pragma(any_store, "temp_store") == 2


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are looked up in /proc")
@pytest.mark.parametrize("room", ["rebuild", "staging"])
def test_temporary_files_stay_beside_the_database_and_are_the_owners_alone(tmp_path: Path, room: str):
    folder = tmp_path / "of whom? 'ours'"
    folder.mkdir()
    store = Store(folder / "s.db")
    store.migrate()
    with store.write() as tx:
        tx.connection.executemany(
            "INSERT INTO contact (frame_row, wave, name) VALUES (?, 'w', ?)",
            ((n.to_bytes(4, "big"), "Người " * 400) for n in range(2000)),
        )
    found: dict[str, int] = {}

    def look() -> int:
        for entry in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                if "etilqs" in (target := str(entry.readlink())):
                    found[target] = entry.stat().st_mode & 0o777
        return 0

    store.connection.set_progress_handler(look, 1000)
    if room == "rebuild":
        store.rebuild()
    else:
        with store.staging(), store.filling() as tx:
            tx.connection.execute("PRAGMA staging.cache_size = 10")
            tx.connection.execute("CREATE TABLE staging.copy AS SELECT * FROM contact")
            look()
    store.connection.set_progress_handler(None, 0)
    assert found, "nothing was large enough to be written"
    assert {Path(name).parent for name in found} == {folder}
    assert set(found.values()) == {0o600}
    assert pragma(store, "temp_store") == 2
    assert store.connection.execute("PRAGMA temp_store_directory").fetchone() is None
    assert [each.name for each in folder.iterdir() if "etilqs" in each.name] == []


def test_where_sqlite_takes_no_folder_everything_stays_in_memory(any_store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(SQLiteStore, "_scratch_folder", lambda self: "")
    add(any_store, "kept")
    with any_store.staging():
        assert pragma(any_store, "temp_store") == 2
    any_store.rebuild()
    assert names(any_store) == {"kept"}


def test_older_answers_become_counts_by_cell(tmp_path: Path):
    older = tuple(file for file in MIGRATIONS if file.name < "0007")
    store = Store(tmp_path / "s.db", older)
    store.migrate()
    with store.write() as tx:
        run = tx.connection.execute
        run("INSERT INTO wave VALUES ('w', '', '{}', '', 0, x'00', 'server', 512, 'open')")
        run("INSERT INTO inbox_box (id, wave, cell, box) VALUES (x'01', 'w', 1, x'02')")  # it is the partial one
        for serial, state in enumerate(("complete", "complete", "partial", "issued"), start=1):
            run("INSERT INTO invitation VALUES (?, 'w', ?, 0, 1, 'p', NULL, ?)", (bytes([serial]), serial, state))
            run("INSERT INTO day_count VALUES ('w', '2026-03-10', '', 'g', 'qr', ?, 1)"
                " ON CONFLICT DO UPDATE SET n = n + 1", (state,))  # fmt: skip
    store.close()
    store = Store(tmp_path / "s.db")
    store.migrate()

    def rows(table: str) -> list[tuple[object, ...]]:
        return sorted(tuple(row) for row in store.connection.execute(f"SELECT * FROM {table}"))  # noqa: S608

    assert [row[-1] for row in rows("invitation")] == ["answered"] * 3 + ["issued"]
    assert rows("answered_count") == [("w", 1, "complete", 2), ("w", 1, "partial", 1)]
    assert rows("disposition") == [*rows("answered_count")[:1], ("w", 1, "issued", 1), *rows("answered_count")[1:]]
    assert [row[-2:] for row in rows("day_count")] == [("answered", 3), ("issued", 1)]
    assert mixing.mix(store, "w", 5) == 0
    with store.write() as tx:
        tx.connection.execute("INSERT INTO inbox_receipt VALUES (x'03', 'w', 1)")
    assert mixing.mix(store, "w", 5, final=True) == 1
    assert rows("answered_count") == [("w", 1, "complete", 2), ("w", 1, "partial", 1)], "counted once"


def test_damage_is_found(any_store: Store):
    assert any_store.check_integrity() == []
    with any_store.write() as tx:
        for n in range(3000):
            tx.invitation_revoke_code(lookup=n.to_bytes(16, "big"), wave="w")
    any_store.truncate_log()
    any_store.close()
    with any_store.path.open("r+b") as file:
        file.seek(-4096 * 3, os.SEEK_END)
        file.write(b"\xff" * 4096)
    assert any_store.check_integrity() != []


def test_closing_twice_is_fine(any_store: Store):
    any_store.close()
    any_store.close()
    assert names(any_store) == set()

"""How many connections a process opens, who waits for one, and whose turn it is among hosts."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from forms.faults import Faults
from survey import cli, config, jobs, mixer
from survey.commands.instance import make_instance
from survey.metrics import slots
from survey.store import DRAFT_MIGRATIONS, Address, Store, StoreError
from tests.postgresql import Server


@pytest.fixture
def address(server: Server) -> Iterator[Address]:
    """A database with the schema, to which a process may have three connections."""
    made = server.made()
    yield replace(made, connections=3)
    server.give_back(made)


def test_a_server_that_cannot_be_reached_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PHIEU_DATABASE", "postgresql://phieu@127.0.0.1:9/phieu")
    monkeypatch.setattr(sys, "argv", ["phieu", "--instance", str(tmp_path), "init"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr().err
    assert ended.value.code == 1 and said.startswith("phieu: the database server cannot be reached: ")
    assert "127.0.0.1" in said and "Traceback" not in said
    monkeypatch.setattr(cli, "phieu", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_thirty_two_threads_and_two_stores_share_a_few_connections(address: Address) -> None:
    store, held = Store(address), Store(address, DRAFT_MIGRATIONS)
    counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    start, seen = threading.Barrier(32), []

    def work(number: int) -> None:
        start.wait()
        with store.write(on=bytes([number])) as tx:
            tx.invitation_revoke_code(lookup=bytes([number]), wave="w")
        with held.look() as tx:
            seen.append(tx.connection.run(counted).fetchone()[0])

    crew = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    assert len(seen) == 32 and max(seen) <= 3
    assert store.row_counts()["revoked_code"] == 32
    for each in (store, held):
        each.close()


def test_who_waits_too_long_is_told_and_who_has_one_gets_another(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.store.sessions.BUSY_MILLISECONDS", 50)
    store, told = Store(replace(address, connections=1)), []

    def other() -> None:
        with pytest.raises(StoreError, match="all 1 connections to postgresql://phieu@/made_") as error, store.look():
            raise AssertionError("nobody may come in")
        told.append(error.value)

    with store.read(), store.look() as tx:  # the same thread, twice
        assert tx.connection.run("SELECT 1").fetchone()[0] == 1
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(told) == 1
    with store.look():
        pass  # and it is free again
    store.close()


def test_who_has_a_turn_takes_no_connection_from_those_who_ask(
    address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mixer is a thread of a worker: it holds its turn all through a mixing."""
    monkeypatch.setattr("survey.store.sessions.BUSY_MILLISECONDS", 50)
    store, told = Store(replace(address, connections=1)), []

    def asks() -> None:
        with store.look() as tx:
            told.append(tx.connection.run("SELECT 1").fetchone()[0])

    with store.turn("mixer") as ours, store.write() as tx:
        tx.invitation_revoke_code(lookup=b"x", wave="w")
        thread = threading.Thread(target=asks)
        thread.start()
        thread.join()
    assert (ours, told) == (True, [1])
    store.close()


def test_a_look_changes_nothing(address: Address) -> None:
    store = Store(address)
    for change in (
        lambda tx: tx.invitation_revoke_code(lookup=b"x", wave="w"),
        lambda tx: tx.connection.execute("DELETE FROM revoked_code"),
        lambda tx: tx.connection.execute("WITH gone AS (DELETE FROM revoked_code RETURNING 1) SELECT * FROM gone"),
        lambda tx: tx.connection.executemany("UPDATE revoked_code SET wave = ?", [("x",)]),
        lambda tx: tx.connection.copy("COPY revoked_code FROM STDIN", []),
    ):
        with pytest.raises(StoreError, match="a look is read-only"), store.look() as tx:
            change(tx)
    with store.write() as tx:  # the same connection, and nothing is left of the look
        tx.invitation_revoke_code(lookup=b"x", wave="w")
    store.close()


def test_one_host_at_a_time_has_its_turn(address: Address) -> None:
    one, other = Store(address), Store(replace(address, connections=2))
    with one.turn("mixer") as ours:
        with other.turn("mixer") as theirs, other.turn("job") as something_else:
            assert (ours, theirs, something_else) == (True, False, True)
        with other.write() as tx:  # others may write meanwhile
            tx.invitation_revoke_code(lookup=b"x", wave="w")
    with other.turn("mixer") as theirs:
        assert theirs
    for store in (one, other):
        store.close()


def test_a_mixer_leaves_everything_to_the_host_that_has_the_turn(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_instance(tmp_path / "instance", address.url)
    mixed: list[str] = []
    monkeypatch.setattr(mixer, "mix_open_waves", lambda store: mixed.append("here"))
    other = Store(address)
    held = [other.turn("mixer")]
    held[0].__enter__()

    class Looks(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert mixed == ([] if held else ["here"])
            if held:
                held.pop().__exit__(None, None, None)
                return False
            return True

    drafts = Store(settings.drafts, DRAFT_MIGRATIONS)
    mixer.mix_beside(settings, Store(settings.database), drafts, slots.alone(8), Looks())
    assert mixed == ["here"]
    drafts.close()
    other.close()


def test_a_job_of_another_host_is_waited_for(address: Address, tmp_path: Path) -> None:
    instances = [make_instance(tmp_path / name, address.url).instance for name in ("one", "other")]
    store = Store(config.load(instances[0]).database)
    with store.turn("job"), pytest.raises(Faults, match="a job is running on another host of postgresql://"):
        jobs.run(instances[1], "rates", "--wave", "x")
    with pytest.raises(Faults, match="x"):  # now it runs, and there is no such wave
        jobs.run(instances[1], "rates", "--wave", "x")
    store.close()


def test_a_bound_that_is_none_is_refused_and_too_many_are_said(address: Address, tmp_path: Path) -> None:
    made = make_instance(tmp_path / "instance", address.url)
    file = tmp_path / "instance" / "phieu.toml"
    whole = file.read_text("utf-8")
    assert made.server is not None and made.server.connections == 8
    for wrong in ("0", '"x"'):
        file.write_text(f"connections = {wrong}\n{whole}", "utf-8")
        with pytest.raises(Faults, match="“connections” must be"):
            config.load(tmp_path / "instance")
    file.write_text(f"connections = 5\n{whole}", "utf-8")
    told = config.load(tmp_path / "instance").server
    assert told is not None and told.connections == 5
    store = Store(told)
    said = {what: fault for what, fault, _ in store.check_server(1_000)}
    assert "this host alone opens up to 1000" in said["max_connections"]
    assert not {what: fault for what, fault, _ in store.check_server(20)}["max_connections"]
    store.close()

"""The audit chain: an entry altered, removed, added or moved is found."""

from __future__ import annotations

import getpass
from collections.abc import Callable

import pytest

from survey import audit
from survey.store import Store

pytestmark = pytest.mark.both_engines


@pytest.fixture
def logged(store: Store, clock: Callable) -> Store:
    with store.write() as tx:
        assert audit.head(tx) == ""
        for number in range(4):
            audit.append(tx, clock, "ai đó", "did", "w", {"số": number})
    return store


def test_a_whole_chain_is_whole(logged: Store):
    assert audit.verify(logged) == []
    with logged.read() as tx:
        rows = [dict(row) for row in tx.audit_all()]
        assert audit.head(tx) == rows[-1]["hash"]
    assert [row["number"] for row in rows] == [1, 2, 3, 4]
    assert rows[0]["at"] == "2026-03-10T02:00:00+00:00"
    assert rows[0]["detail"] == '{"số": 0}'


@pytest.mark.parametrize("column", ["at", "who", "action", "wave", "detail", "previous", "hash"])
def test_any_altered_column_is_found(logged: Store, column: str):
    with logged.write() as tx:
        tx.connection.execute(f"UPDATE audit SET {column} = 'other' WHERE number = 2")  # noqa: S608
    assert audit.verify(logged) != []


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_removed_entry_is_found(logged: Store, number: int):
    with logged.write() as tx:
        tx.connection.execute("DELETE FROM audit WHERE number = ?", (number,))
    assert any("does not follow" in fault for fault in audit.verify(logged))


def test_the_entry_stands_or_falls_with_its_deed(logged: Store, clock: Callable):
    with pytest.raises(ZeroDivisionError), logged.write() as tx:
        audit.append(tx, clock, "x", "did", None, {})
        _ = 1 / 0
    assert audit.verify(logged) == []
    with logged.read() as tx:
        assert len(list(tx.audit_all())) == 4


def test_the_operator_is_the_account_or_just_the_command_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "lan")
    assert audit.operator() == "cli:lan"

    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert audit.operator() == "cli"

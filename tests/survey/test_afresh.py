"""Writing anew what a wave left is put off while others are open and it would take long, and made up for."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest

from survey import afresh, audit
from survey.store import connections
from tests.conftest import Scene

pytestmark = pytest.mark.both_engines


def entries(scene: Scene) -> list[str]:
    with scene.store.read() as tx:
        return [row["action"] for row in tx.audit_all() if row["action"] in (afresh.PUT_OFF, afresh.MADE_UP)]


def test_what_would_hold_others_up_is_put_off_until_night_or_until_no_wave_is_open(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    asked: list[tuple[str | None, float | None]] = []

    def rebuild(store: Any, wave: str | None = None, hold: float | None = None) -> bool:
        asked.append((wave, hold))
        return hold is None

    def look() -> None:
        afresh.Later(scene.store, scene.drafts, scene.clock).look()

    monkeypatch.setattr(type(scene.store), "rebuild", rebuild)
    # Given a wave that is open beside the one that is over, it is tried for some seconds and put off, once
    for _ in range(2):
        assert not afresh.write(scene.store, scene.drafts, scene.clock, "nho", who="x")
    assert asked == [("nho", afresh.HOLD_SECONDS)] * 4 and entries(scene) == [afresh.PUT_OFF]
    # At nine in the morning nothing more is tried
    look()
    assert len(asked) == 4
    # At half past two it is made up for, however long it takes
    scene.clock.at = datetime(2026, 3, 10, 19, 30, tzinfo=UTC)
    look()
    assert asked[4:] == [("nho", None)] * 2 and entries(scene) == [afresh.PUT_OFF, afresh.MADE_UP]
    look()
    assert len(asked) == 6
    # And by day as soon as no wave is open
    scene.clock.at = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
    with scene.store.write() as tx:
        audit.append(tx, scene.clock, "x", afresh.PUT_OFF, "nho", {})
        tx.collection_close(wave="nho")
    look()
    assert entries(scene)[2:] == [afresh.PUT_OFF, afresh.MADE_UP]


def test_it_is_looked_for_once_a_minute(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    later = afresh.Later(scene.store, scene.drafts, scene.clock)
    later.look()
    monkeypatch.setattr(scene.store, "read", None)  # nothing is asked
    later.look()


@pytest.mark.sqlite_only
def test_a_file_whose_copy_takes_too_long_is_left_as_it_is(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "_STEPS", 1)
    before = scene.rows("invitation")
    assert not scene.store.rebuild("nho", -1.0)
    assert scene.rows("invitation") == before and scene.store.check_integrity() == []
    assert scene.store.rebuild("nho", 60.0) and scene.store.rebuild()
    with pytest.raises(sqlite3.OperationalError, match="VACUUM from within"):
        scene.store.connection.execute("BEGIN")
        scene.store.rebuild("nho", 60.0)
    scene.store.connection.execute("ROLLBACK")

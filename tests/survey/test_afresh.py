"""Writing anew what a wave left is put off while others are open and it would take long, and made up for."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from forms.faults import Faults
from survey import afresh, audit, health, surroundings
from survey.cli import phieu
from survey.store import connections
from tests.conftest import Scene

pytestmark = pytest.mark.both_engines


def run(instance: Path, *arguments: str) -> Result:
    return CliRunner().invoke(phieu, ["--instance", str(instance), *arguments])


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


def told(scene: Scene) -> health.Finding:
    everything = surroundings.within(scene.settings, scene.store, scene.clock)
    (found,) = [each for each in everything if each.what == "writing anew after a close"]
    return found


def test_the_doctor_says_what_is_put_off_and_a_command_makes_up_for_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance, write, holds = scene.settings.instance, type(scene.store).rebuild, []

    def rebuild(store: Any, wave: str | None = None, hold: float | None = None) -> bool:
        holds.append(hold)
        return hold is None and write(store, wave, hold)

    monkeypatch.setattr(type(scene.store), "rebuild", rebuild)
    monkeypatch.setattr("survey.clock.now", scene.clock)
    assert told(scene) == health.Finding("writing anew after a close")
    assert run(instance, "close", "--rewrite").output == "Nothing was put off.\n"
    # Given a close that put something off while a wave is open: a warning, since the server will do it tonight
    afresh.write(scene.store, scene.drafts, scene.clock, "nho", who="x")
    since = f"{scene.clock():%Y-%m-%d %H:%M} UTC"
    found = told(scene)
    assert not found.fault and f"nho (since {since})" in found.warning
    assert "`phieu serve` does it between two and four" in found.mend and "phieu close --rewrite" in found.mend
    # When no server did in a night, or did once no wave was open: a fault
    scene.clock.at += afresh.ONE_NIGHT + timedelta(minutes=1)
    assert since in told(scene).fault and told(scene).mend.startswith("phieu close --rewrite does it now")
    scene.clock.at -= afresh.ONE_NIGHT
    assert told(scene).warning
    # Then the command does it at once, by day, though a wave is open, and the doctor is content
    done = run(instance, "close", "--rewrite")
    assert (done.exit_code, done.output) == (0, "Wave nho is written anew.\n") and holds[-2:] == [None] * 2
    assert entries(scene) == [afresh.PUT_OFF, afresh.MADE_UP] and told(scene) == health.Finding(found.what)


def test_what_is_in_the_way_of_writing_anew_is_said(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(scene.store), "rebuild", lambda *given: False)
    # Given a close whose rows could not be written anew: it says so, and where no wave is open the doctor at once
    done = run(scene.settings.instance, "close", "--wave", "nho")
    assert done.exit_code == 0 and "Where no server runs: phieu close --rewrite" in done.stderr
    assert told(scene).fault and entries(scene) == [afresh.PUT_OFF]
    # Then the command says that it was in vain
    done = run(scene.settings.instance, "close", "--rewrite")
    assert "not all of nho was written anew: a backup or another program" in str(done.exception)
    assert told(scene).fault and entries(scene) == [afresh.PUT_OFF]


def test_a_wave_is_closed_or_all_made_up_for(scene: Scene) -> None:
    for given in ((), ("--wave", "nho", "--rewrite")):
        done = run(scene.settings.instance, "close", *given)
        assert isinstance(done.exception, Faults) and "name one wave with --wave W, or say --rewrite" in str(
            done.exception
        )


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

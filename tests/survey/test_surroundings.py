"""What the doctor says of disk, log, clock, and of what ought to be gone or sent by now."""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from survey import audit, closing, health, surroundings, timed_seals
from survey.delivery.mail import MailSettings, Server
from survey.seal_times import SealTimes
from tests.conftest import Scene
from tests.journeys import world as worlds
from tests.survey.sending.mail_server import serving

Usage = namedtuple("Usage", "total used free")


def said(scene: Scene, what: str) -> health.Finding:
    """What is said of one thing now."""
    found = [each for each in health.examine(scene.settings, scene.clock) if each.what.startswith(what)]
    assert len(found) == 1
    assert bool(found[0].fault) == bool(found[0].mend), "whatever is wrong can be mended"
    return found[0]


def test_a_sound_instance_has_nothing_to_mend(scene: Scene) -> None:
    assert [each for each in health.examine(scene.settings, scene.clock) if each.fault] == []


def test_a_disk_too_full_to_close_on(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(1 << 40, 0, 100 << 20))
    assert said(scene, "disk of").fault.startswith("100 MB are free, 500 MB should be")


def test_a_log_that_is_copied_elsewhere_or_never_cut(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    log = f"log of {scene.settings.database}"
    assert said(scene, log).fault == ""
    monkeypatch.setattr(surroundings, "LONGEST_LOG", -1)
    scene.store.check_writable()
    assert "it is not being cut" in said(scene, log).fault
    copies = scene.settings.instance / ".phieu.db-litestream"
    copies.mkdir(mode=0o700)
    assert "can join who answered" in said(scene, log).fault and str(copies) in said(scene, log).mend


def test_databases_put_aside_and_forgotten(scene: Scene) -> None:
    kept = scene.settings.instance / "before-restore-1"
    kept.mkdir(mode=0o700)
    assert said(scene, "databases put aside").fault == ""
    old = (scene.clock() - timedelta(days=31)).timestamp()
    os.utime(kept, (old, old))
    assert said(scene, "databases put aside").mend.endswith(f"rm -r {kept}")


def test_a_clock_that_fell_behind(scene: Scene) -> None:
    scene.clock.at -= timedelta(days=400)
    found = said(scene, "clock")
    assert "but the log was written at 2026-03-10 02:00 UTC" in found.fault and "timedatectl" in found.mend


def test_contacts_that_ought_to_be_gone(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    monkeypatch.setattr(surroundings.purging, "due", lambda store, clock: [scene.wave])
    assert said(scene, "contacts to be purged").fault == "the declared day of nho has passed"


def test_a_password_that_is_missing_or_open_to_others(scene: Scene) -> None:
    scene.settings = replace(scene.settings, smtp=MailSettings("h", "a@b.vn", password_file="keys/smtp.password"))  # noqa: S106
    assert said(scene, "password of [smtp]").fault == "is not there"
    file = scene.settings.keys / "smtp.password"
    file.write_text("x")
    file.chmod(0o644)
    modes = [each.fault for each in health.examine(scene.settings, scene.clock) if each.what == f"mode of {file}"]
    assert any("others can read it" in fault for fault in modes)


def test_a_wave_that_nothing_seals(tmp_path: Path) -> None:
    world = worlds.build(tmp_path)
    told = replace(world.settings, seals=SealTimes(at=(time(10, 30),)))
    for minutes, late in ((25, False), (35, False), (41, True)):  # after 10:00 there, where it was sealed
        world.now = datetime(2026, 3, 10, 3, 0, tzinfo=UTC) + timedelta(minutes=minutes)
        (found,) = [each for each in health.examine(told, world.clock) if each.what == "seals at set times"]
        assert bool(found.fault) is late, minutes
    assert found.fault.startswith("demo was not sealed") and found.mend.startswith("phieu seal --due")
    timed_seals.seal_due(world.store, world.clock, told)
    assert timed_seals.overdue(world.store, world.clock, told) == []


def test_witnesses_who_were_not_reached(tmp_path: Path) -> None:
    world = worlds.build(tmp_path)
    told = replace(world.settings, seals=SealTimes(witnesses=("a@b.vn",)))

    def letters() -> health.Finding:
        return next(each for each in health.examine(told, world.clock) if each.what == "letters to witnesses")

    assert letters().fault == "the last seal was not sent to a@b.vn (demo)" and "[smtp]" in letters().mend
    with serving() as box:
        told = replace(told, smtp=MailSettings("127.0.0.1", "ks@tinh.vn", box.port, "none"))
        assert letters().mend == "phieu seal --due says why"
        timed_seals.send(world.store, world.clock, told, Server(told.smtp, tmp_path), who="test")  # type: ignore[arg-type]
    assert letters().fault == ""


def test_the_latest_of_log_and_seals_counts(scene: Scene) -> None:
    with scene.store.write() as tx:
        audit.append(tx, lambda: datetime(2031, 1, 1, tzinfo=UTC), "test", "one", None, {})
    assert "2031-01-01 00:00 UTC" in said(scene, "clock").fault

"""The mixer beside a server: what fails is met again, and stops nothing else."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from survey import logs, mixer
from survey.metrics import slots
from survey.store import DRAFT_MIGRATIONS, Store
from tests.journeys import world as worlds
from tests.journeys.world import World


class Looks(threading.Event):
    """Over after so many looks; nobody waits between them."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.left = number

    def wait(self, timeout: float | None = None) -> bool:
        """One more is over."""
        self.left -= 1
        return self.left <= 0


def mix(world: World, rows: slots.Rows, looks: int) -> None:
    """Be a worker's mixer for so many looks."""
    settings = world.settings
    drafts = Store(settings.drafts, DRAFT_MIGRATIONS)
    mixer.mix_beside(settings, world.store, drafts, rows, Looks(looks))
    drafts.close()


def test_a_wave_that_fails_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Given three open waves: one cannot be mixed, one not even be read
    world = worlds.build(tmp_path)
    for name in ("hai", "ba"):
        worlds.add_wave(world, name, {}, each=1)
    mixed, folded, read = [], [], mixer.wave.found_by

    def move(store: Store, wave: str, k: int) -> int:
        if wave == "demo":
            raise RuntimeError("the inbox of ABCD-EFGH-JKMN holds an answer")
        mixed.append(wave)
        return 2

    def found_by(tx: Any, wave: str) -> Any:
        if wave == "hai":
            raise KeyError("documents")
        return read(tx, wave)

    monkeypatch.setattr(mixer.mixing, "mix", move)
    monkeypatch.setattr(mixer.wave, "found_by", found_by)
    monkeypatch.setattr(mixer.folding, "fold", lambda *args: folded.append(args[-1].spec.id) or 0)
    monkeypatch.setattr(mixer.timed_seals.Beside, "look", lambda self: 1 / 0)
    rows = slots.alone(8)
    # When the mixer looks twice, and the seals fail as well
    with caplog.at_level(logging.WARNING):
        mix(world, rows, 2)
    # Then the third is mixed both times, the days of both that can be read are folded
    assert mixed == ["ba"] * 2 and sorted(folded) == ["ba", "ba", "demo", "demo"]
    # And the log says which and why, and nothing else; the rounds count as failed
    told = [(record.event, record.fields.get("wave"), record.fields["kind"]) for record in caplog.records]
    once = [("wave.unmixed", "demo", "RuntimeError"), ("wave.unmixed", "hai", "KeyError")]
    assert sorted(told[:2]) == once and told[2:4] == [
        ("mixer.waits", None, "ZeroDivisionError"),
        ("wave.unfolded", "hai", "KeyError"),
    ]
    assert len(told) == 8 and not any("ABCD" in logs.Lines(plain=False).format(each) for each in caplog.records)
    assert (rows.server[slots.MIXED], rows.server[slots.MIXER_WAITED]) == (0, 2)


def test_rounds_that_go_well_are_told(tmp_path: Path) -> None:
    rows = slots.alone(8)
    mix(worlds.build(tmp_path), rows, 1)
    assert rows.server[slots.MIXED] > 0 and rows.server[slots.MIXER_WAITED] == 0
    assert rows.server[slots.MIXER_BEGAN] == 1


def refused(settings: Any) -> Any:
    """What a job file of somebody else's does."""
    raise PermissionError(13, "Permission denied", "job.lock")


def test_what_cannot_begin_stops_nothing_and_begins_when_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Given job files that cannot be read, and no descriptor left for the seals, for three looks
    world, rows, looks = worlds.build(tmp_path), slots.alone(8), []
    mixed: list[str] = []
    monkeypatch.setattr(mixer.mixing, "mix", lambda store, wave, k: mixed.append(wave) or 0)
    honest, real = mixer.jobs.status, mixer.timed_seals.Beside

    def status(settings: Any) -> Any:
        looks.append("job")
        return refused(settings) if len(looks) <= 3 else honest(settings)

    def beside(*given: Any) -> Any:
        if len(looks) <= 2:
            raise OSError(24, "Too many open files")
        return real(*given)

    monkeypatch.setattr(mixer.jobs, "status", status)
    monkeypatch.setattr(mixer.timed_seals, "Beside", beside)
    with caplog.at_level(logging.WARNING):
        mix(world, rows, 3)
        # Then it mixed all the while, and every look that failed is said and counted
        told = [(record.event, record.fields["kind"]) for record in caplog.records]
        assert told == [("mixer.waits", "PermissionError"), ("mixer.waits", "OSError")] * 2 + [
            ("mixer.waits", "PermissionError")
        ]
        assert mixed == ["demo"] * 3 and rows.server[slots.MIXED] > 0
        assert (rows.server[slots.MIXER_BEGAN], rows.server[slots.MIXER_WAITED]) == (1, 3)
        # And once they can be read nothing fails any more
        mix(world, rows, 2)
    assert mixed == ["demo"] * 5 and rows.server[slots.MIXER_WAITED] == 3 and len(caplog.records) == 5


def test_a_job_that_ends_while_its_file_cannot_be_read_is_said_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world, looks = worlds.build(tmp_path), []

    def status(settings: Any) -> Any:
        looks.append("job")
        if len(looks) in (3, 4):  # the first look makes it and looks
            refused(settings)
        return None if len(looks) <= 2 else mixer.job_record.JobStatus("1", ("freeze",), "x", "", state="failed")

    monkeypatch.setattr(mixer.jobs, "status", status)
    with caplog.at_level(logging.INFO):
        mix(world, slots.alone(8), 5)
    told = [record.event for record in caplog.records if record.name == "phieu.mixer"]
    assert told == ["mixer.waits", "mixer.waits", "job.ended"]


def test_a_thread_that_ends_lets_another_worker_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a worker of a server whose mixer meets what nobody foresaw
    place = slots.make(8, 2)
    assert place is not None
    rows = slots.joined(place, 8)
    assert rows is not None
    asks = "import sys; from survey.metrics import slots; print(slots.joined(sys.argv[1], 8).mixes())"

    def another_may() -> str:
        return subprocess.check_output([sys.executable, "-c", asks, place], text=True).strip()  # noqa: S603 - our own

    world, seen = worlds.build(tmp_path), []

    def unforeseen(deed: Any) -> bool:
        seen.append(another_may())
        raise SystemExit

    monkeypatch.setattr(mixer, "_went", unforeseen)
    with pytest.raises(SystemExit):
        mix(world, rows, 9)
    # Then another worker mixes, though this one goes on answering
    assert seen == ["False"] and another_may() == "True"
    # And where there is one process alone there is nothing to leave
    with pytest.raises(SystemExit):
        mix(world, slots.alone(8), 9)


def test_of_a_servers_workers_one_mixes_and_the_next_when_it_dies(tmp_path: Path) -> None:
    # Given a server's memory, and another process that mixes
    place = slots.make(8, 2)
    assert place is not None
    rows = slots.joined(place, 8)
    assert rows is not None
    held = (
        "import sys; from survey.metrics import slots; rows = slots.joined(sys.argv[1], 8);"
        "print(rows.mixes(), flush=True); input()"
    )
    other = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", held, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout and other.stdout.readline() == "True\n"
    # When this one looks, it leaves it to that one
    world = worlds.build(tmp_path)
    mix(world, rows, 3)
    other.kill()
    other.communicate()
    assert rows.server[slots.MIXER_BEGAN] == 0 and rows.server[slots.MIXED] == 0
    # Then, when that one was killed, it takes over
    mix(world, rows, 1)
    assert rows.server[slots.MIXER_BEGAN] == 1 and rows.server[slots.MIXED] > 0


def test_a_worker_mixes_beside_its_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, came = worlds.build(tmp_path), threading.Event()
    monkeypatch.setattr(mixer, "mix_beside", lambda *_: came.set())
    thread = mixer.begin(world.settings, world.store, Store(world.settings.drafts, DRAFT_MIGRATIONS), slots.alone(8))
    thread.join(60)
    assert came.is_set() and thread.daemon  # a worker that ends does not wait for it

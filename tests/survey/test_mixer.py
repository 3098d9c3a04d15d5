"""The mixer beside a server: what fails is met again, and stops nothing else."""

from __future__ import annotations

import logging
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from survey import logs, mixer
from survey.metrics import slots
from survey.store import Store
from tests.journeys import world as worlds


def _looks(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let ``mix_beside`` look so many times."""
    parents = iter([1] * number + [2])
    monkeypatch.setattr(mixer.signal, "signal", lambda *_: None)
    monkeypatch.setattr(mixer.os, "getppid", lambda: next(parents))


def test_a_wave_that_fails_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Given three open waves: one cannot be mixed, one not even be read
    world = worlds.build(tmp_path)
    for name in ("hai", "ba"):
        worlds.add_wave(world, name, {}, each=1)
    mixed, folded, read = [], [], mixer.wave.found_by

    def mix(store: Store, wave: str, k: int) -> int:
        if wave == "demo":
            raise RuntimeError("the inbox of ABCD-EFGH-JKMN holds an answer")
        mixed.append(wave)
        return 2

    def found_by(tx: Any, wave: str) -> Any:
        if wave == "hai":
            raise KeyError("documents")
        return read(tx, wave)

    monkeypatch.setattr(mixer.mixing, "mix", mix)
    monkeypatch.setattr(mixer.wave, "found_by", found_by)
    monkeypatch.setattr(mixer.folding, "fold", lambda *args: folded.append(args[-1].spec.id) or 0)
    monkeypatch.setattr(mixer.timed_seals.Beside, "look", lambda self: 1 / 0)
    figures = slots.server_cells(None)
    monkeypatch.setattr(slots, "server_cells", lambda place: figures)
    _looks(monkeypatch, 2)
    # When the mixer looks twice, and the seals fail as well
    with caplog.at_level(logging.WARNING):
        mixer.mix_beside(world.settings, parent=1, seconds=0)
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
    assert (figures[slots.MIXED], figures[slots.MIXER_WAITED]) == (0, 2)


def test_rounds_that_go_well_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, figures = worlds.build(tmp_path), slots.server_cells(None)
    monkeypatch.setattr(slots, "server_cells", lambda place: figures)
    _looks(monkeypatch, 1)
    mixer.mix_beside(world.settings, parent=1, seconds=0)
    assert figures[slots.MIXED] > 0 and figures[slots.MIXER_WAITED] == 0


def test_a_machine_that_can_begin_no_mixer_begins_one_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # Given a server whose mixer dies at once, on a machine without memory
    class Follower:
        def __init__(self) -> None:
            self._ended = threading.Event()

        def wait(self) -> None:
            self._ended.wait()

        terminate = property(lambda self: self._ended.set)

    refused, begun = [OSError(12, "Cannot allocate memory")] * 2, threading.Event()

    def popen(command: list[str]) -> Follower:
        if refused:
            raise refused.pop()
        begun.set()
        return Follower()

    settings = worlds.build(tmp_path).settings
    monkeypatch.setattr(mixer, "mix_beside", lambda *_: None)
    monkeypatch.setattr(mixer, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(subprocess, "Popen", popen)
    beside = mixer.Mixer(settings)
    # When there is memory again
    with caplog.at_level(logging.WARNING):
        beside.keep()
        came = begun.wait(30)
        beside.end()
    # Then a mixer follows
    assert came
    assert [record.fields["kind"] for record in caplog.records if record.event == "mixer.waits"] == ["OSError"] * 2

"""Fieldwork numbers are computed beside the worker, seldom, and whoever asks meanwhile gets the last ones."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from survey import create_app
from survey.api import apart, tokens
from survey.api.apart import Apart, NotComputed, child
from survey.api.numbers import answered, main
from survey.api.tokens import Scope
from tests.conftest import Scene

NAMES = {"group": {"g": "Nhóm"}, "unit": {"u": "Sở Một", "v": "Sở Hai"}}
CELLS = [{"grp": "g", "units": '[["u", 1.0]]', "state": "complete", "n": 3, "mode": "qr"},
         {"grp": "g", "units": '[["v", 1.0]]', "state": "complete", "n": 30, "mode": "qr"}]  # fmt: skip
REQUEST = {"cells": CELLS, "names": NAMES, "k": 5, "silent": False, "folder": None}


class Bench:
    """Numbers that count how often they were made, and a clock that is moved."""

    def __init__(self) -> None:
        self.now, self.made, self.broken = datetime(2026, 3, 1, tzinfo=UTC), 0, False
        self.apart = Apart(lambda: self.now, self.compute)

    def compute(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if self.broken:
            raise NotComputed("killed")
        self.made += 1
        return {"n": self.made}

    def ask(self, wave: str = "w", source: object = None) -> int:
        return int(self.apart.numbers(wave, source, dict).document["n"])


def test_numbers_are_made_once_a_minute_and_anew_for_another_source() -> None:
    bench = Bench()
    assert [bench.ask(), bench.ask(), bench.ask("other")] == [1, 1, 2]
    bench.now += timedelta(seconds=59)
    assert bench.ask() == 1
    bench.now += timedelta(seconds=1)
    assert bench.ask() == 3 and bench.apart.numbers("w", None, dict).at == bench.now
    assert bench.ask(source="frozen") == 4
    bench.now -= timedelta(hours=1)  # a clock that was set back does not keep numbers for an hour
    assert bench.ask(source="frozen") == 5


def test_while_new_numbers_are_made_the_last_are_told_and_the_first_wait() -> None:
    bench = Bench()
    begun, go, told = threading.Event(), threading.Event(), list[int]()

    def slowly(request: Mapping[str, Any]) -> dict[str, Any]:
        begun.set()
        assert go.wait(30)
        return Bench.compute(bench, request)

    assert bench.ask() == 1
    bench.now += apart.AGE
    bench.apart._compute = slowly
    maker = threading.Thread(target=lambda: told.append(bench.ask()))
    maker.start()
    assert begun.wait(30)
    assert bench.ask() == 1
    first = [threading.Thread(target=lambda: told.append(bench.ask("new"))) for _ in range(3)]
    for each in first:
        each.start()
    go.set()
    for each in (maker, *first):
        each.join(30)
    assert sorted(told) == [2, 3, 3, 3]


def test_what_cannot_be_computed_is_said_or_the_last_is_told(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.broken = True
    with pytest.raises(NotComputed):
        bench.ask()
    bench.broken = False
    assert bench.ask() == 1
    bench.broken, bench.now = True, bench.now + apart.AGE
    with caplog.at_level(logging.WARNING, "phieu.api"):
        assert bench.ask() == 1
    assert "not computed" in caplog.text


def test_a_child_computes_what_the_worker_would_have(monkeypatch: pytest.MonkeyPatch) -> None:
    told = child(REQUEST)
    assert told == answered(REQUEST)
    assert [row["returned"] for row in told["units"]] == [None, None] and told["total"]["returned"] == 33
    monkeypatch.setattr(apart, "PATIENCE", 0.0)
    with pytest.raises(NotComputed):
        child(REQUEST)


def test_the_child_reads_a_request_and_writes_its_document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(REQUEST)))
    main()
    assert json.loads(capsys.readouterr().out) == answered(REQUEST)


def test_a_dataset_that_is_not_at_hand_tells_nothing_that_came_back(tmp_path: Path) -> None:
    told = answered({**REQUEST, "silent": True, "folder": str(tmp_path / "none")})
    assert {row["returned"] for row in (*told["units"], *told["groups"], told["total"])} == {None}


def test_an_answer_says_of_which_moment_it_is(scene: Scene) -> None:
    app = create_app(scene.settings, scene.clock)
    token = tokens.issue(scene.store, scene.clock, "Bảng", Scope.FIELDWORK, None, who="test")[1]
    ask = {"path": "/api/v1/waves/nho/fieldwork", "headers": {"Authorization": f"Bearer {token}"}}
    client = app.test_client()
    first = client.get(**ask)
    assert first.status_code == 200 and datetime.fromisoformat(first.json["as_of"]) == scene.clock()
    assert client.get(**ask).json == first.json

    def broken(request: Mapping[str, Any]) -> dict[str, Any]:
        raise NotComputed("killed")

    app.extensions[Apart.NAME] = Apart(scene.clock, broken)
    refused = client.get(**ask)
    assert refused.status_code == 503 and "come again" in refused.json["error"]["message"]

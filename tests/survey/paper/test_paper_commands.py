"""``phieu paper`` from the first batch to the close."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import wave
from survey.cli import phieu
from survey.keying import keyed_file
from survey.keying.keying import selected
from tests.survey.paper.conftest import GOOD


@pytest.fixture
def today(monkeypatch, clock):
    """The commands' own clock stands where the scene's does."""
    monkeypatch.setattr("survey.clock.now", clock)


def run(desk, *arguments: object):
    head, *rest = map(str, arguments)
    return CliRunner().invoke(
        phieu, ["--instance", str(desk.scene.settings.instance), "paper", head, "--wave", "nho", *rest]
    )


def said(desk, *arguments: object) -> str:
    done = run(desk, *arguments)
    assert done.exit_code == 0, done.exception
    return done.stdout + done.stderr


def refused(desk, *arguments: object) -> str:
    error = run(desk, *arguments).exception
    assert isinstance(error, Faults)
    return str(error)


def table(desk, tmp_path, serials, **told) -> str:
    file = tmp_path / "nhap.csv"
    headings = keyed_file.headings(desk.scene.wave, "dan")
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, headings)
        writer.writeheader()
        for serial in serials:
            writer.writerow({**dict.fromkeys(headings, ""), **GOOD, **told, "code": desk.scene.code(serial)})
    return str(file)


def test_a_batch_from_the_count_to_the_close(keyed_once, tmp_path, today):
    desk = keyed_once
    assert "Trần Bình may key" in said(desk, "keyer", "Trần Bình", "--office", "Trường Đại học")
    assert "an office that it rates" in refused(desk, "keyer", "Cúc", "--office", "Sở A")
    assert said(desk, "count", "--place", "quay", "--number", 3) == "Batch 1: 3 forms.\n"
    template = tmp_path / "mau.xlsx"
    assert "key 1, 2, …" in said(desk, "template", "--group", "dan", "-o", template)
    assert template.read_bytes()[:2] == b"PK"
    assert "no group “x”" in refused(desk, "template", "--group", "x", "-o", template)

    key = ("key", "--batch", 1, "--keyer", "Trần Bình")
    file = table(desk, tmp_path, (6, 7))
    assert "Dry run: nothing was stored" in said(desk, *key, "--dry-run", file)
    assert desk.scene.rows("inbox_box") == []
    assert "“Cúc” keys no forms" in refused(desk, "key", "--batch", 1, "--keyer", "Cúc", file)
    done = said(desk, *key, file)
    assert "2 stored: destroy the strip" in done
    assert "xáo các tờ phiếu" in done

    desk.online(8)
    again = run(desk, *key, table(desk, tmp_path, (6, 8, 9)))
    assert "1 stored" in again.stdout
    assert str(again.exception).splitlines() == [
        "nhap.csv:2: a response to it is stored already, keyed before or given online",
        "nhap.csv:3: a response to it is stored already, keyed before or given online",
    ]
    assert desk.scene.code(6) not in again.output
    assert "no more forms are keyed than were counted in" in refused(desk, *key, table(desk, tmp_path, (10,)))

    said(desk, "count", "--batch", 1, "--number", 4, "--reason", "đếm nhầm")
    assert "1 forms set aside" in said(desk, "void", "--batch", 1, "--number", 1, "--reason", "đã trả lời qua mạng")
    told = json.loads(said(desk, "status", "--format", "json"))
    assert told["batches"][0] | {"place": ""} == {
        "batch": 1, "place": "", "arrived": "2026-03-10", "late": "", "counted": 4, "keyed": 3, "again": 0,
        "unsettled": 0, "damaged": 0, "void": 1, "excluded": 0, "left": 0,
    }  # fmt: skip
    assert told["keyers"] == [{"name": "Trần Bình", "office": "Trường Đại học"}]
    assert told["forms"]["keyed"] == 3
    assert said(desk, "keyer", "Trần Bình", "--remove", "--reason", "xong việc").startswith("Trần Bình keys no more")
    assert "warning: wave “nho” takes forms on paper" in said(desk, "status")
    entries = [row[3] for row in desk.scene.rows("audit")]
    assert entries.count("paper keyed") == entries.count("paper keying begun") == 3


def test_a_fault_anywhere_in_a_file_stores_nothing_of_it(keyed_once, tmp_path, today):
    said(keyed_once, "keyer", "Bình", "--office", "Trường")
    said(keyed_once, "count", "--number", 3)
    file = table(keyed_once, tmp_path, (6, 7), q1="7")
    assert "nhap.csv:2, column “q1”: “7” is no box" in refused(keyed_once, "key", "--batch", 1, "--keyer", "Bình", file)
    assert keyed_once.scene.rows("inbox_box") == []
    assert "cannot be read" in refused(keyed_once, "key", "--batch", 1, "--keyer", "Bình", tmp_path / "khong.csv")
    assert "no batch 9" in refused(
        keyed_once, "key", "--batch", 9, "--keyer", "Bình", table(keyed_once, tmp_path, (6,))
    )


def test_forms_to_be_keyed_again_are_named_by_row_and_finished_before_the_close(compared, tmp_path, today):
    for name in ("Bình", "Cúc"):
        said(compared, "keyer", name, "--office", "Trường")
    said(compared, "count", "--number", 2)
    assert selected(compared.scene.keys, compared.scene.code(6), 1.0)
    file = table(compared, tmp_path, (6, 7))
    assert "2 keep sheet and strip together" in said(compared, "key", "--batch", 1, "--keyer", "Bình", file)
    one = table(compared, tmp_path, (6,), visits="7")
    assert "1 stored" in said(compared, "key", "--batch", 1, "--keyer", "Cúc", one)
    assert "two persons keyed 1 forms: 1 of 4 cells differ (25.00 %)" in said(compared, "status")
    closing = CliRunner().invoke(phieu, ["--instance", str(compared.scene.settings.instance), "close", "--wave", "nho"])
    assert "1 forms wait for another person" in str(closing.exception)
    finish = ("finish", "--reason", "hết thời gian")
    assert "Dry run" in said(compared, *finish, "--dry-run")
    assert said(compared, *finish) == "1 stored, 0 invalid.\n"
    assert wave.get(compared.scene.store, "nho").state == "open"


def test_damaged_and_late_forms_by_their_strips(keyed_once, tmp_path, today):
    strips = tmp_path / "cuong.txt"
    strips.write_text(f"\n{keyed_once.scene.code(6)}\r\n\n", "utf-8")
    said(keyed_once, "count", "--number", 2)
    assert "recorded as damaged" in said(
        keyed_once, "damaged", "--batch", 1, "--strips", strips, "--unreadable", 1, "--reason", "ướt"
    )
    assert keyed_once.scene.state(6) == "damaged"
    keyed_once.scene.clock.at = keyed_once.scene.clock.at.replace(month=4)
    assert "late: they wait" in said(keyed_once, "count", "--number", 2)
    assert "say --admit or --exclude" in refused(keyed_once, "late", "--reason", "x")
    assert "belongs to --exclude" in refused(keyed_once, "late", "--admit", "--strips", strips, "--reason", "x")
    assert "cannot be read" in refused(
        keyed_once, "late", "--exclude", "--strips", tmp_path / "khong.txt", "--reason", "x"
    )
    strips.write_text(keyed_once.scene.code(7), "utf-8")
    excluded = said(keyed_once, "late", "--exclude", "--strips", strips, "--reason", "quá hạn")
    assert "1 invitations are recorded as late" in excluded
    assert "excluded" in said(keyed_once, "status", "--format", "csv")


def test_late_forms_are_admitted_in_one_word(keyed_once, today):
    keyed_once.scene.clock.at = keyed_once.scene.clock.at.replace(month=4)
    said(keyed_once, "count", "--number", 2, "--arrived", "2026-04-02")
    assert "2 wait to be keyed" in said(keyed_once, "late", "--admit", "--reason", "bão")
    assert "admitted" in said(keyed_once, "status")


def test_the_status_of_a_wave_without_forms_is_empty(keyed_once, today):
    assert json.loads(said(keyed_once, "status", "--format", "json"))["batches"] == []
    assert "batch" in said(keyed_once, "status")

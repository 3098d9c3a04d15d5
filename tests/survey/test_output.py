"""What commands print."""

from __future__ import annotations

import errno
import json
import math

import pytest

from survey import cli
from survey.output import csv_text, json_text, table_text


def test_json_has_twelve_significant_digits_and_no_nan() -> None:
    text = json_text({"a": [1 / 3, math.nan, 1, True, None, "Sở"], "b": {"y", "x"}})
    assert json.loads(text) == {"a": [0.333333333333, None, 1, True, None, "Sở"], "b": ["x", "y"]}
    assert "Sở" in text


def test_csv_leaves_missing_cells_empty() -> None:
    assert csv_text(["unit", "x"], [["Sở A, B", 2 / 3], ["C", None]]) == 'unit,x\n"Sở A, B",0.666666666667\nC,'


def test_tables_align_numbers_to_the_right() -> None:
    assert table_text(["unit", "x"], [["Sở Tư pháp", "1"], ["B", "22"]]).splitlines() == [
        "unit         x",
        "Sở Tư pháp   1",
        "B           22",
    ]


def test_a_full_disk_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(prog_name: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(cli, "phieu", full)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert (stopped.value.code, capsys.readouterr().err) == (1, "phieu: no space is left on the disk\n")

"""phieu questionnaire check and phieu framework check, as typed in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey import cli


def phieu(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command; its exit status."""
    monkeypatch.setattr("sys.argv", ["phieu", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)


def test_good_questionnaires_get_a_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, small_text: str
) -> None:
    file = tmp_path / "small.toml"
    file.write_text(small_text, "utf-8")
    assert phieu(monkeypatch, "questionnaire", "check", "official", str(file)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "official: good. Questionnaire official, version 1: 2 sections, 18 items, 16 of them on a scale",
        f"{file}: good. Questionnaire small, version 1: 4 sections, 10 items, 1 of them on a scale",
    ]


def test_every_fault_of_every_file_is_said_and_the_status_is_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, small_text: str
) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(small_text.replace("many == 'papers'", "mani == 'papers'").replace("min = 0", "min = 99"), "utf-8")
    lines = [n for n, line in enumerate(file.read_text("utf-8").split("\n"), 1) if "min = 99" in line or "mani" in line]
    assert phieu(monkeypatch, "questionnaire", "check", str(file), "citizen", "nothing.toml") == 2
    out, err = capsys.readouterr()
    assert out.startswith("citizen: good.")
    assert [line.split(": ")[1] for line in err.splitlines()] == [
        f"{file}:{lines[0]}",
        f"{file}:{lines[1]}",
        "nothing.toml",
    ]
    assert "Traceback" not in err


def test_good_frameworks_tell_their_points(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert phieu(monkeypatch, "framework", "check", "daklak_2019") == 0
    assert capsys.readouterr().out == (
        "daklak_2019: good. Framework daklak_2019, illustrative. "
        "department: 8 domains, 67 subcriteria, 26 of them scored by the survey (31.5 of 100 points); "
        "district: 8 domains, 63 subcriteria, 22 of them scored by the survey (31.5 of 100 points)\n"
    )


def test_a_framework_is_checked_against_the_questionnaires_in_use(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    small_text: str,
    framework_text: str,
) -> None:
    questionnaire, framework = tmp_path / "q.toml", tmp_path / "f.toml"
    questionnaire.write_text(small_text, "utf-8")
    framework.write_text(framework_text.replace('["v2", "v3"]', '["v2", "v9"]'), "utf-8")
    assert phieu(monkeypatch, "framework", "check", str(framework), "--questionnaire", str(questionnaire)) == 2
    assert "“v9” counts as favourable" in capsys.readouterr().err
    framework.write_text(framework_text, "utf-8")
    assert phieu(monkeypatch, "framework", "check", str(framework), "--questionnaire", str(questionnaire)) == 0


def test_no_file_named_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert phieu(monkeypatch, "questionnaire", "check") == 2
    assert "Missing argument" in capsys.readouterr().err

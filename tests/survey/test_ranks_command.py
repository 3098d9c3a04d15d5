"""``phieu ranks``: CONTRACT's JSON, CSV and table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey.commands.ranks import ranks


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "units.csv"
    path.write_text("unit,index,se\nA,80,1\nB,79,1\nC,60,0\nD,60,0\nE,,\n", encoding="utf-8")
    return str(path)


def run(*arguments: str) -> tuple[str, str]:
    result = CliRunner().invoke(ranks, [*arguments, "--estimate", "index", "--se", "se", "--unit", "unit"])
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def test_json_is_as_contracted(file: str) -> None:
    document = json.loads(run(file, "--format", "json")[0])
    assert list(document) == ["rows", "coverage", "simultaneous", "stepdown", "possible_best", "notes"]
    assert document["rows"][0] == {"unit": "A", "estimate": 80.0, "se": 1.0, "rank": 1, "lower": 1, "upper": 2}
    assert [(row["rank"], row["lower"], row["upper"]) for row in document["rows"][2:]] == [(3, 3, 4), (3, 3, 4)]
    assert (document["coverage"], document["simultaneous"], document["stepdown"]) == (0.95, True, True)
    assert document["possible_best"] == ["A", "B"]
    assert [note.split(":")[0] for note in document["notes"][:1]] == ["No covariance was given"]
    assert "E" in document["notes"][1] and "sign" in document["notes"][2]


def test_options_are_said_in_the_output(file: str) -> None:
    document = json.loads(run(file, "--format", "json", "--marginal", "--no-stepdown", "--coverage", "0.9")[0])
    assert (document["coverage"], document["simultaneous"], document["stepdown"]) == (0.9, False, False)


def test_csv_and_table_hold_the_same_rows(file: str) -> None:
    csv, _ = run(file, "--format", "csv")
    assert csv.splitlines()[:2] == ["unit,estimate,se,rank,lower,upper", "A,80,1,1,1,2"]
    table, notes = run(file)
    assert table.splitlines()[1].split() == ["A", "80", "1", "1", "1", "2"]
    assert table.splitlines()[-1] == "possible best: A, B"
    assert "independent" in notes


def test_the_same_seed_prints_the_same_bytes(file: str) -> None:
    assert run(file, "--seed", "7", "--format", "json") == run(file, "--seed", "7", "--format", "json")


def test_a_plain_file_with_a_covariance_needs_no_remark(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("unit,index\nA,80\nB,70\n", encoding="utf-8")
    (tmp_path / "covariance.csv").write_text("A,B\n1,0.5\n0.5,1\n", encoding="utf-8")
    arguments = [str(tmp_path / "units.csv"), "--estimate", "index", "--unit", "unit", "--format", "json"]
    result = CliRunner().invoke(ranks, [*arguments, "--covariance", str(tmp_path / "covariance.csv")])
    document = json.loads(result.stdout)
    assert document["notes"] == []
    assert [row["lower"] for row in document["rows"]] == [1, 2]

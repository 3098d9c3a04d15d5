"""``phieu estimate``: CONTRACT's options and JSON, tables, and one sentence for what is wrong."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forms.faults import Faults
from survey.commands.estimate import estimate

API = str(Path(__file__).parents[1] / "oracle" / "apistrat.csv")
STRATIFIED = ("--weight", "pw", "--stratum", "stype", "--fpc", "fpc")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(estimate, [API, *STRATIFIED, *arguments])
    assert result.exit_code == 0, result.output
    return result


def test_json_is_as_contracted() -> None:
    result = run("--mean", "api00, enroll", "--proportion", "stype=E", "--by", "sch.wide", "--covariance",
                 "--format", "json")  # fmt: skip
    document = json.loads(result.stdout)
    assert list(document) == ["rows", "design", "covariance", "notes"]
    first = document["rows"][0]
    assert first["statistic"] == "mean" and first["variable"] == "api00" and first["by"] == {"sch.wide": "No"}
    assert first["estimate"] == float(f"{593.746858214589:.12g}")
    assert first["se"] == pytest.approx(18.6191675056143, rel=1e-10)
    assert (first["n"], first["missing"], first["df"]) == (48, 0, 197)
    assert "value" not in first and document["rows"][-1]["value"] == "E"
    assert len(document["covariance"]) == len(document["rows"]) == 6
    assert document["covariance"][0][0] == pytest.approx(first["se"] ** 2)
    assert document["design"]["psus"] == 200 and document["design"]["strata"] == 3
    assert "NaN" not in result.stdout


def test_csv_and_table() -> None:
    result = run("--ratio", "api00/api99", "--total", "enroll", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["statistic"] for row in rows] == ["total", "ratio"]
    assert float(rows[1]["se"]) == pytest.approx(0.00364392223084347, rel=1e-8)
    assert result.stdout.endswith("\n")
    table = run("--proportion", "sch.wide=Yes", "--by", "sch.wide", "--ci", "beta").stdout.splitlines()
    assert table[0].split() == "statistic variable value sch.wide estimate ci_low ci_high df n missing".split()
    assert table[2].split()[:5] == ["proportion", "sch.wide", "Yes", "Yes", "1"]


def test_notes_go_to_standard_error() -> None:
    assert "note: every answer is the same" in run("--proportion", "sch.wide=Yes", "--by", "sch.wide").stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "nothing was asked"),
        (("--proportion", "stype"), "--proportion stype: it should read COL=VALUE"),
        (("--ratio", "api00"), "--ratio api00: it should read NUM/DEN"),
        (("--mean", "api00", "--where", "=E"), "--where =E: it should read COL=VALUE"),
        (("--mean", "api00", "--covariance"), "--covariance needs --format json"),
        (("--quantile", "api00=2"), "--quantile api00=2: P must be a number between 0 and 1"),
        (("--quantile", "api00=half"), "P must be a number between 0 and 1"),
        (("--chisq", "api00"), "--chisq api00: it should read COL,COL"),
        (("--mean", "api00", "--bounds", "1"), "--bounds 1: it should read LOW,HIGH"),
        (("--mean", "api00", "--bounds", "a,b"), "it should read LOW,HIGH, two numbers"),
        (("--mean", "api00", "--rake", "stype"), "--rake stype: it should read COL=FILE.csv"),
        (("--mean", "stype"), "“E”, where a number should be"),
    ],
)
def test_wrong_input(arguments: tuple[str, ...], told: str) -> None:
    result = CliRunner().invoke(estimate, [API, *arguments])
    assert isinstance(result.exception, Faults)
    assert told in str(result.exception)


def test_the_process_ends_with_status_2_and_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "lone.csv"
    file.write_text("y,s\n1,a\n2,a\n3,b\n", "utf-8")
    command = [sys.executable, "-m", "survey.cli", "estimate", str(file), "--mean", "y", "--stratum", "s"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("phieu: stratum “b” with a single primary sampling unit")
    assert len(done.stderr.splitlines()) == 1


def test_quantiles_tests_and_margins(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("level,count\nNo,1072\nYes,5122\n", "utf-8")
    arguments = ("--quantile", "api00=0.5", "--chisq", "stype,sch.wide", "--poststratify", f"sch.wide={tmp_path}/m.csv")
    document = json.loads(run(*arguments, "--format", "json").stdout)
    quantile, test = document["rows"]
    assert (quantile["statistic"], quantile["variable"], quantile["p"]) == ("quantile", "api00", 0.5)
    assert quantile["ci_low"] <= quantile["estimate"] <= quantile["ci_high"]
    assert (test["statistic"], test["variable"]) == ("chisq", "stype,sch.wide")
    assert 0 < test["p_value"] < 1e-4 and test["ndf"] < 2 and test["df"] > 300
    assert document["design"]["weight_sum"] == 6194
    assert document["design"]["calibration"]["misfit"] < 1e-10


def test_the_r_script_is_printed_instead() -> None:
    script = run("--mean", "api00", "--r-script").stdout
    assert script.startswith("library(survey)\n") and script.endswith("\n") and "svymean(~`api00`" in script

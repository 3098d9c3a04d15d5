"""``phieu weights``: the file with its weights, and what each step did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.sheet import read_sheet
from forms.faults import Faults
from survey.commands.weights import weights

CLUSTERS = str(Path(__file__).parents[1] / "oracle" / "apiclus1.csv")


@pytest.fixture
def stype(tmp_path: Path) -> str:
    file = tmp_path / "stype.csv"
    file.write_text("level,count\nE,4421\nH,755\nM,1018\n", "utf-8")
    return f"stype={file}"


def run(*arguments: str) -> tuple[str, str]:
    result = CliRunner().invoke(weights, [CLUSTERS, *arguments])
    if result.exception is not None:
        raise result.exception
    return result.stdout, result.stderr


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_the_file_comes_back_with_its_weights(name: str, stype: str, tmp_path: Path) -> None:
    target = tmp_path / name
    told = json.loads(run("--weight", "pw", "--poststratify", stype, "-o", str(target), "--format", "json")[0])
    assert [step["step"] for step in told["steps"]] == ["base", "calibrated"]
    assert told["steps"][1]["sum"] == 6194 and told["steps"][0]["kish"] == 1
    assert told["calibration"]["greatest_factor"] > 1 > told["calibration"]["least_factor"]
    sheet = read_sheet(target)
    assert sheet.rows == 183 and list(sheet.columns)[-2:] == ["weight_base", "weight"]
    assert sheet.numbers("weight")[0] == pytest.approx(53.9285714285714)
    assert (sheet.numbers("weight_base") == sheet.numbers("pw")).all()
    assert sheet.levels("stype")[1] == ("E", "H", "M")


def test_a_table_of_steps(stype: str, tmp_path: Path) -> None:
    out, err = run("--fpc", "fpc", "--cluster", "dnum", "-o", str(tmp_path / "w.csv"))
    assert out.splitlines()[0].split() == ["step", "low", "high", "sum", "kish"]
    assert out.splitlines()[1].split() == ["base", "50.46667", "50.46667", "9235.4", "1"]
    assert "weights follow from the fpc" in err
    lines = run("--weight", "pw", "--rake", stype, "-o", str(tmp_path / "w.csv"), "--format", "csv")[0].splitlines()
    assert lines[2].startswith("calibrated,") and len(lines) == 3


def test_targets_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(Faults, match=r"must end in \.csv or \.parquet"):
        run("-o", str(tmp_path / "w.doc"))
    target = tmp_path / "w.csv"
    run("-o", str(target))
    result = CliRunner().invoke(weights, [str(target), "-o", str(tmp_path / "again.csv")])
    assert isinstance(result.exception, Faults)
    assert "column “weight”: the file has a column of this name already" in str(result.exception)

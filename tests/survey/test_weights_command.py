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
    assert told["steps"][1]["sum"] == 6194 and told["steps"][0]["weighting_deff"] == 1
    assert told["calibration"]["greatest_factor"] > 1 > told["calibration"]["least_factor"]
    sheet = read_sheet(target)
    assert sheet.rows == 183 and list(sheet.columns)[-2:] == ["weight_base", "weight"]
    assert sheet.numbers("weight")[0] == pytest.approx(53.9285714285714)
    assert (sheet.numbers("weight_base") == sheet.numbers("pw")).all()
    assert sheet.levels("stype")[1] == ("E", "H", "M")


def test_a_table_of_steps(stype: str, tmp_path: Path) -> None:
    out, err = run("--fpc", "fpc", "--cluster", "dnum", "-o", str(tmp_path / "w.csv"))
    assert out.splitlines()[0].split() == ["step", "n", "min", "max", "sum", "weighting_deff"]
    assert out.splitlines()[1].split() == ["base", "183", "50.46667", "50.46667", "9235.4", "1"]
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


SAMPLE = """id,st,disp,sex,w
1,a,complete,f,10
2,a,complete,m,10
3,a,refused,,10
4,a,UH,,10
5,b,complete,f,20
6,b,complete,m,20
7,b,ineligible,m,20
8,b,partial,f,20
"""


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    (tmp_path / "sample.csv").write_text(SAMPLE, "utf-8")
    (tmp_path / "sex.csv").write_text("level,count\nf,70\nm,60\n", "utf-8")
    return tmp_path / "sample.csv"


def chain(sample: Path, *more: str) -> list[str]:
    margins = f"sex={sample.parent / 'sex.csv'}"
    return [str(sample), "--weight", "w", "--stratum", "st", "--disposition", "disp", "--response-class", "st",
            "--trim", "3", "--rake", margins, "-o", str(sample.parent / "out.csv"), *more]  # fmt: skip


def test_the_whole_cascade_with_its_tables_chart_and_replicates(sample: Path) -> None:
    chart = sample.parent / "weights.svg"
    result = CliRunner().invoke(weights, chain(sample, "--replicates", "6", "--seed", "4", "--chart", str(chart)))
    assert result.exit_code == 0, result.exception
    headings = [line.split()[0] for line in result.stdout.split("\n\n") if line]
    assert headings == ["step", "eligible", "class", "limit", "term", "round"]
    assert "6 replicates: the variance" in result.stderr and "svrepdesign" in result.stderr
    assert chart.read_text("utf-8").startswith("<?xml")
    sheet = read_sheet(sample.parent / "out.csv")
    assert list(sheet.columns)[5:10] == ["weight_base", "weight_eligibility", "weight_nonresponse", "weight_trimmed",
                                         "weight"]  # fmt: skip
    final = sheet.numbers("weight")
    females = sheet.levels("sex")[0] == 0
    assert final[females].sum() == pytest.approx(70) and final[2] == final[3] == final[6] == 0
    for number in range(1, 7):
        replicate = sheet.numbers(f"weight_{number}")
        assert replicate[females].sum() == pytest.approx(70) and not (replicate == final).all()


def test_the_same_seed_gives_the_same_replicates(sample: Path) -> None:
    texts = []
    for seed in ("4", "4", "5"):
        CliRunner().invoke(weights, chain(sample, "--replicates", "3", "--seed", seed))
        texts.append((sample.parent / "out.csv").read_text("utf-8"))
    assert texts[0] == texts[1] != texts[2]


def test_lonely_strata_and_draws_repeated_are_noted(tmp_path: Path) -> None:
    file = tmp_path / "lone.csv"
    file.write_text("s,d\na,I\na,I\na,I\na,I\na,I\na,R\nb,I\n", "utf-8")
    asked = [str(file), "--stratum", "s", "--disposition", "d", "--replicates", "40", "-o", str(tmp_path / "o.parquet")]
    result = CliRunner().invoke(weights, asked)
    assert result.exit_code == 0 and "strata with a single PSU show no variance: b" in result.stderr
    (tmp_path / "m.csv").write_text("level,count\nI,5\nR,1\n", "utf-8")
    file.write_text("s,d\na,I\na,I\na,I\na,I\na,R\na,R\na,R\na,R\n", "utf-8")
    asked = [str(file), "--rake", f"d={tmp_path / 'm.csv'}", "--replicates", "200", "-o", str(tmp_path / "o.parquet")]
    result = CliRunner().invoke(weights, asked)
    assert result.exit_code == 0 and "were drawn again" in result.stderr


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--response-class", "stype"), "--response-class and --eligible need --disposition"),
        (("--eligible", "0.5"), "need --disposition"),
        (("--trim", "0.9"), "--trim 0.9: the limit is so many times the median weight, and must be above 1"),
        (("--chart", "w.png"), "w.png: the chart is an .svg file"),
        (("--disposition", "stype"), "is no disposition"),
    ],
)
def test_options_that_do_not_go(more: tuple[str, ...], told: str, tmp_path: Path) -> None:
    with pytest.raises(Faults, match=told):
        run("-o", str(tmp_path / "w.csv"), *more)

"""``phieu index``: one wave, three layouts, the same figures; wrong names are said."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from forms import catalogue
from forms.faults import Faults
from survey.commands.index import framework, index

FRAMEWORK = """
id = "tiny"
title.vi = "Khung thử"
[[kind.department.domain]]
id = "service"
name.vi = "Phục vụ"
[[kind.department.domain.criterion]]
id = "service_all"
name.vi = "Phục vụ"
[[kind.department.domain.criterion.subcriterion]]
id = "access"
name.vi = "Tiếp cận"
points = 60
source = "survey"
rule = { kind = "mean" }
items = ["access_1"]
shares = { nguoi_dan = 1.0 }
[[kind.department.domain.criterion.subcriterion]]
id = "plan"
name.vi = "Kế hoạch"
points = 40
source = "appraised"
"""
UNITS = {"so_a": "Sở A", "so_b": "Sở B", "so_c": "Sở C"}
ANSWERS = {"so_a": [1, 2, 3, 4, 3, 2, 1, 4], "so_b": [4, 4, 3, 4, 3, 4, 4, 4], "so_c": [1, 1]}


@pytest.fixture
def wave(tmp_path: Path) -> list[str]:
    folder = tmp_path / "dataset"
    folder.mkdir()
    rows = [(unit, answer) for unit, answers in ANSWERS.items() for answer in answers]
    units, answers = [row[0] for row in rows], [row[1] for row in rows]
    labels = pa.array(units).dictionary_encode()
    number = pa.array(range(len(rows)), pa.int32())
    pq.write_table(
        pa.table({
            "respondent": number.cast(pa.int64()), "psu": number, "unit": labels,
            "group": pa.array(["nguoi_dan"] * len(rows)).dictionary_encode(), "stratum": labels, "wclass": labels,
            "base_weight": pa.array([5.0] * len(rows)), "access_1": pa.array(answers, pa.int8()),
        }),
        folder / "assessments.parquet",
    )  # fmt: skip
    pq.write_table(
        pa.table({
            "group": ["nguoi_dan"] * 3, "stratum": list(ANSWERS), "wclass": list(ANSWERS), "method": ["stratified"] * 3,
            "population": [50] * 3, "eligible_estimate": [50.0] * 3, "drawn": [10] * 3,
            "n_complete": [len(each) for each in ANSWERS.values()], "w_complete": [50.0] * 3,
        }),
        folder / "design.parquet",
    )  # fmt: skip
    choices = [
        {"id": f"v{place + 1}", "position": place, "value": place / 4, "text": {"vi": "…"}} for place in range(5)
    ]
    item = {"id": "access_1", "type": "scale", "questionnaires": ["citizen"], "text": {"vi": "…"}, "choices": choices}
    (folder / "codebook.json").write_text(json.dumps({"items": [item], "factors": {}, "columns": []}), encoding="utf-8")
    manifest = {
        "format": 1, "simulated": True, "interim": False, "departures": [], "framework": None,
        "wave": {"id": "w", "title": {"vi": "Đợt"}, "opens": "2026-03-01", "closes": "2026-03-31", "k": 5},
        "units": [{"id": unit, "name": {"vi": name}, "kind": "department"} for unit, name in UNITS.items()],
        "groups": [{"id": "nguoi_dan", "name": {"vi": "Người dân"}, "questionnaire": "citizen", "by": ["unit"]}],
        "estimation": {"lonely": "adjust", "collapse": [], "valid": ["complete"], "n_min": 5},
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "tiny.toml").write_text(FRAMEWORK, encoding="utf-8")
    (tmp_path / "points.csv").write_text("unit,plan\nSở A,30\nSở B,30.5\nSở C,20\n", encoding="utf-8")
    (tmp_path / "before.csv").write_text("unit,index,se,service\nSở A,60,4,61\nSở B,90,,\n", encoding="utf-8")
    return [
        "--dataset", str(folder), "--framework", str(tmp_path / "tiny.toml"),
        "--appraised", str(tmp_path / "points.csv"), "--previous", str(tmp_path / "before.csv"),
    ]  # fmt: skip


def run(wave: list[str], layout: str) -> tuple[str, str]:
    result = CliRunner().invoke(index, [*wave, "--format", layout], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def test_json_and_csv_hold_the_same_figures(wave: list[str]) -> None:
    units = json.loads(run(wave, "json")[0])["kinds"][0]["units"]
    lines = list(csv.DictReader(io.StringIO(run(wave, "csv")[0])))
    assert [unit["published"] for unit in units] == [86.75, 67.5]  # 30.5 + 60·7.5/8, 30 + 60·0.625
    assert [float(line["index"]) for line in lines[:2]] == [86.75, 67.5]
    assert [line["rank"] for line in lines] == ["1", "2", ""]
    assert [line["change"] for line in lines[:2]] == ["-3.25", "7.5"]
    assert [line["verdict"] for line in lines[:2]] == ["not assessable", "noise"]
    assert lines[2]["index"] == "" and "missing" in lines[2]["marks"]
    assert float(lines[0]["service"]) == pytest.approx(86.75)


def test_the_table_reads_as_vietnamese_offices_print(wave: list[str]) -> None:
    table, notes = run(wave, "table")
    first = table.splitlines()[1].split()
    assert first[:4] == ["Sở", "B", "1", "86,75"] and first[-1] == "−3,25"
    assert "Each figure is rounded once" in notes


def test_the_same_wave_prints_the_same_bytes(wave: list[str]) -> None:
    assert run(wave, "json") == run(wave, "json")


def test_a_first_year_has_no_change(wave: list[str]) -> None:
    lines = list(csv.DictReader(io.StringIO(run(wave[:-2], "csv")[0])))
    assert {line["change"] for line in lines} == {""}


def test_a_framework_is_named_by_id_or_file(tmp_path: Path) -> None:
    assert framework("daklak_2019").id == "daklak_2019"
    with pytest.raises(Faults):
        framework(str(tmp_path / "none.toml"))


def test_a_framework_that_is_neither_a_file_nor_bundled_is_told_which_are(tmp_path: Path) -> None:
    with pytest.raises(Faults, match=r"nope: there is no such file, and none bundled .*daklak_2019, province_2017"):
        framework("nope")
    (tmp_path / "own.toml").write_text(catalogue.framework("daklak_2019").text, "utf-8")
    assert framework(str(tmp_path / "own.toml")).id == framework("daklak_2019").id

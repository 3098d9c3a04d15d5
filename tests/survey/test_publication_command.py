"""``phieu appraised`` and ``phieu report``: a table out, a filled table in, the publication written, faults said."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from forms.faults import Faults
from survey.commands.appraised import appraised
from survey.commands.index import index
from survey.commands.publication import report

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
shares = { dan = 1.0 }
[[kind.department.domain.criterion.subcriterion]]
id = "plan"
name.vi = "Kế hoạch"
points = 40
source = "appraised"
"""
UNITS = {"so_a": "Sở A", "so_b": "Sở B", "so_c": "Sở C"}
ANSWERS = {"so_a": [1, 2, 3, 4, 3, 2, 1, 4], "so_b": [4, 4, 3, 4, 3, 4, 4, 4], "so_c": [1, 1, 0, 2, 1, 0]}


def write_dataset(folder: Path) -> None:
    rows = [(unit, answer) for unit, answers in ANSWERS.items() for answer in answers]
    units, places = pa.array([row[0] for row in rows]).dictionary_encode(), pa.array(range(len(rows)), pa.int32())
    columns = {
        "respondent": places.cast(pa.int64()), "psu": places, "unit": units,
        "group": pa.array(["dan"] * len(rows)).dictionary_encode(), "stratum": units, "wclass": units,
        "base_weight": pa.array([5.0] * len(rows)), "access_1": pa.array([row[1] for row in rows], pa.int8()),
    }  # fmt: skip
    pq.write_table(pa.table(columns), folder / "assessments.parquet")
    strata = {
        "group": ["dan"] * 3, "stratum": list(UNITS), "wclass": list(UNITS), "method": ["stratified"] * 3,
        "population": [50] * 3, "eligible_estimate": [50.0] * 3, "drawn": [10] * 3,
        "n_complete": [len(each) for each in ANSWERS.values()], "w_complete": [50.0] * 3,
        "n_issued": [10 - len(each) for each in ANSWERS.values()], "w_issued": [0.0] * 3,
    }  # fmt: skip
    pq.write_table(pa.table(strata), folder / "design.parquet")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "dataset"
    folder.mkdir()
    write_dataset(folder)
    choices = [{"id": f"v{at}", "position": at, "value": at / 4, "text": {"vi": "…"}} for at in range(5)]
    item = {"id": "access_1", "type": "scale", "questionnaires": ["citizen"], "text": {"vi": "…"}, "choices": choices}
    (folder / "codebook.json").write_text(json.dumps({"items": [item], "factors": {}, "columns": []}), "utf-8")
    manifest = {
        "format": 1, "simulated": True, "interim": False, "departures": [], "framework": None,
        "wave": {"id": "w", "title": {"vi": "Đợt"}, "opens": "2026-03-01", "closes": "2026-03-31", "k": 5},
        "units": [{"id": unit, "name": {"vi": name}, "kind": "department"} for unit, name in UNITS.items()],
        "groups": [{"id": "dan", "name": {"vi": "Người dân"}, "questionnaire": "citizen", "by": ["unit"],
                    "assesses": "dossier", "method": "stratified", "blocks": False}],
        "estimation": {"lonely": "adjust", "collapse": [], "valid": ["complete"], "n_min": 5},
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


@pytest.fixture
def framework(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(FRAMEWORK, "utf-8")
    return path


def run(*words: str | Path, instance: Path = Path("none")) -> Result:
    command = {"appraised": appraised, "report": report, "index": index}[str(words[0])]
    return CliRunner().invoke(command, [str(word) for word in words[1:]], obj=instance, catch_exceptions=False)


def filled(template: Path, points: dict[str, float], target: Path) -> Path:
    book = openpyxl.load_workbook(template)
    sheet = book["Điểm thẩm định"]
    for row in sheet.iter_rows(min_row=2):
        row[1].value = points[str(row[0].value)]
    book.save(target)
    return target


POINTS = {"Sở A": 30.5, "Sở B": 38, "Sở C": 20.25}


def test_an_office_fills_the_template_and_the_report_is_written(dataset: Path, framework: Path, tmp_path: Path) -> None:
    # Given the template of a frozen dataset, filled in
    template = tmp_path / "template.xlsx"
    told = run("appraised", "template", "--framework", framework, "--dataset", dataset, "-o", template)
    assert told.stdout == f"{template}: 3 units, 1 appraised subcriteria\n"
    points = filled(template, POINTS, tmp_path / "points.xlsx")
    # When it is checked
    checked = run("appraised", "import", points, "--framework", framework, "--dataset", dataset)
    # Then each unit's sum is printed
    assert [line.split()[:5] for line in checked.stdout.splitlines()[1:]] == [
        ["Sở", "A", "department", "30,50", "40,00"],
        ["Sở", "B", "department", "38,00", "40,00"],
        ["Sở", "C", "department", "20,25", "40,00"],
    ]
    assert "3 points of 3 units, no faults" in checked.stderr
    # And when the report is written, twice
    previous = tmp_path / "last.csv"
    previous.write_text("unit,index\nSở A,70\nSở B,80\n", "utf-8")
    given = ("--dataset", dataset, "--framework", framework, "--appraised", points, "--previous", previous)
    for name in ("one", "two"):
        written = run("report", *given, "-o", tmp_path / name)
        assert written.stdout.splitlines()[0] == str(tmp_path / name / "index.html")
        told = {Path(line).name for line in written.stdout.splitlines()}
        assert {
            "index.xlsx",
            "result.json",
            "bao-cao.pdf",
            "phieu-don-vi.pdf",
            "bao-cao.docx",
            "quyet-dinh.docx",
        } < told
    # Then it is the same bytes, tells the figures of `phieu index` and names what it is made of
    for file in ("index.html", "index.xlsx", "result.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert (tmp_path / "one" / "result.json").read_text("utf-8") == run("index", *given, "--format", "json").stdout
    page = (tmp_path / "one" / "index.html").read_text("utf-8")
    for file in (points, previous, dataset / "manifest.json"):
        assert hashlib.sha256(file.read_bytes()).hexdigest() in page
    assert "Sở B" in page and "chưa thể kết luận mức tăng, giảm có vượt sai số hay không" in page


def test_a_registered_wave_gives_the_units_too(scene: Any, framework: Path, tmp_path: Path) -> None:
    template = tmp_path / "template.xlsx"
    words = ("appraised", "template", "--framework", framework, "--wave", scene.identity, "-o", template)
    run(*words, instance=scene.settings.instance)
    sheet = openpyxl.load_workbook(template)["Điểm thẩm định"]
    assert [cell.value for cell in sheet["A"]] == ["unit", "Sở A", "Sở B", "Sở C"]


def test_wrong_points_are_said_and_nothing_is_written(dataset: Path, framework: Path, tmp_path: Path) -> None:
    points = tmp_path / "points.csv"
    points.write_text("unit;plan\nSở A;40,5\nSở B;x\n", "utf-8")
    with pytest.raises(Faults) as said:
        run("report", "--dataset", dataset, "--framework", framework, "--appraised", points, "-o", tmp_path / "out")
    assert [(fault.row, fault.column) for fault in said.value.faults] == [(2, "plan"), (3, "plan"), (None, None)]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("units", [[], ["--dataset", "a", "--wave", "b"]])
def test_the_units_come_from_one_place(framework: Path, tmp_path: Path, units: list[str]) -> None:
    with pytest.raises(Faults, match="either --dataset DIR or --wave W"):
        run("appraised", "template", "--framework", framework, *units, "-o", tmp_path / "t.xlsx")

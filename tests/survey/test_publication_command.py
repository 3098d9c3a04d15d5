"""``phieu appraised`` and ``phieu report``: a table out, a filled table in, the publication written, faults said."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from forms.faults import Faults
from survey.commands.appraised import appraised
from survey.commands.index import index
from survey.commands.publication import report
from tests.survey.small_dataset import FRAMEWORK, make_dataset

pytestmark = pytest.mark.usefixtures("drawn_once")  # none of it judges a chart


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return make_dataset(tmp_path / "dataset")


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

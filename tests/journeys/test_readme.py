"""What README says of a wave of one's own, command by command, as it is printed."""

from __future__ import annotations

import csv
import re
import shlex
from itertools import groupby, islice
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from survey import clock, config, create_app
from survey.cli import phieu
from tests.journeys.respondent import Respondent

ROOT = Path(__file__).parents[2]


def commands(block: int) -> list[list[str]]:
    """The ``phieu`` commands of one of the section's blocks, without their remarks."""
    section = (ROOT / "README.md").read_text("utf-8").split("## A wave of your own")[1].split("\n## ")[0]
    lines = re.findall(r"```\n(.*?)```", section, re.DOTALL)[block].splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True)) and words[0] == "phieu"]


class Reader:
    """Somebody who types what README says, in a copy of the repository's examples."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        examples = folder / "docs" / "examples"
        examples.mkdir(parents=True)
        for file in (ROOT / "docs" / "examples").iterdir():
            # Open from 2000 to 2199: the commands go by the system's clock, and this story must not.
            text = re.sub(r"(?m)^opens = .*", "opens = 2000-01-01", file.read_text("utf-8"))
            (examples / file.name).write_text(re.sub(r"(?m)^closes = .*", "closes = 2199-12-31", text), "utf-8")
        self.instance = folder / "instance" / "cchc_2026"

    def types(self, words: list[str]) -> str:
        done = CliRunner().invoke(phieu, words[1:], catch_exceptions=False, prog_name="phieu")
        assert done.exit_code == 0, (words, done.output)
        return done.stdout

    def fills_in_the_list(self) -> None:
        """Forty dossiers of each office, under the headings of the template."""
        book = openpyxl.load_workbook(self.folder / "dossiers.xlsx")
        sheet = book.worksheets[0]
        row = next(row for row in sheet.iter_rows() if any(cell.value == "Số hồ sơ" for cell in row))
        columns = {cell.value: cell.column for cell in row if cell.value}
        for number in range(80):
            dossier = {
                "Số hồ sơ": f"HS-{number}",
                "Mã định danh": f"{number:012}",
                "Cơ quan giải quyết": ("Sở Tư pháp", "Sở Y tế")[number % 2],
                "Nơi tiếp nhận": "Trung tâm Phục vụ hành chính công",
                "Kênh nộp": "Trực tiếp",
                "Ngày tiếp nhận": "03/02/2026",
                "Ngày trả kết quả": "10/02/2026",
            }
            for heading, value in dossier.items():
                sheet.cell(sheet.max_row + (heading == "Số hồ sơ"), columns[heading], value)
        book.save(self.folder / "dossiers.xlsx")

    def fills_in_the_points(self) -> None:
        book = openpyxl.load_workbook(self.folder / "points.xlsx")
        sheet = book.worksheets[0]
        cells = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value is not None}
        column = cells["documents_points"].column
        for name in ("Sở Tư pháp", "Sở Y tế"):
            unit = cells.get(name) or cells["so_tu_phap" if name == "Sở Tư pháp" else "so_y_te"]
            sheet.cell(unit.row, column, 61.5)
        book.save(self.folder / "points.xlsx")

    def lets_some_answer(self) -> None:
        """Twelve people of each office answer everything."""
        app = create_app(config.load(self.instance), clock.now)
        with open(self.folder / "codes.csv", encoding="utf-8-sig", newline="") as lines:
            rows = sorted(csv.DictReader(lines), key=lambda row: row["units"])
        for _, mates in groupby(rows, key=lambda row: row["units"]):
            for row in islice(mates, 12):
                someone = Respondent(app, row["code"].replace("-", ""))
                someone.begin()
                someone.fill_to_end()


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    someone = Reader(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHIEU_INSTANCE", str(someone.instance))
    monkeypatch.setenv("PHIEU_BASE_URL", "https://phieu.example.vn")
    return someone


def test_every_command_of_the_readme_works_as_printed(reader: Reader) -> None:
    for words in commands(0):
        if words[1:3] == ["frame", "import"] and "--dry-run" in words:
            reader.fills_in_the_list()
        if words[1] != "serve":
            reader.types(words)
    reader.types(shlex.split("phieu invitations export --wave cchc_2026 --reason thử -o codes.csv"))
    reader.lets_some_answer()

    for words in commands(1):
        if words[1] == "report":
            reader.fills_in_the_points()
        reader.types(words)

    page = (reader.folder / "report" / "index.html").read_text("utf-8")
    assert "Sở Tư pháp" in page and "Sở Y tế" in page
    assert (reader.folder / "slips.pdf").read_bytes().startswith(b"%PDF")

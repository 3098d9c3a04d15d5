"""A pack of a counted dataset, with everything that stands beside the index, read back section by section."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pytest

from analysis import report
from analysis.dataset import open_dataset
from analysis.report import annexes, content, xlsx
from analysis.report.blocks import Pack
from analysis.report.cells import Style, written
from analysis.report.content import Material
from survey.commands import counting
from survey.commands.counting import More
from tests.analysis.report.reading import Tables, expected, missing, squeezed, text_of
from tests.bench import pack_scene

pytestmark = pytest.mark.usefixtures("drawn_once")  # none of it judges a chart


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Three departments and three districts, with last year and targets."""
    given = pack_scene.write(tmp_path_factory.mktemp("scene"), 6, 600)
    dataset, framework = open_dataset(given.dataset), counting.framework(pack_scene.FRAMEWORK)
    more = More(before=given.previous, aims=given.targets)
    result = counting.count(dataset, framework, given.appraised, more=more)
    return Material(result, framework, dataset.manifest, annexes=annexes.of(dataset, result, framework))


@pytest.fixture(scope="module")
def everything(counted: Material) -> Pack:
    return content.pack(counted)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, counted: Material) -> Path:
    target = tmp_path_factory.mktemp("pack")
    report.write(target, counted.result, counted.framework, counted.manifest, annexes=counted.annexes)
    return target


def test_nothing_that_was_counted_is_left_out(counted: Material, everything: Pack) -> None:
    found = counted.annexes
    assert found.satisfaction.keys() == found.drivers.keys() == {"department", "district"}
    assert found.reliability and found.evidence.checks and found.evidence.evenness and found.evidence.weights
    assert found.evidence.frame and found.evidence.effects and found.evidence.days and found.evidence.repeated
    ids = {table.id for table in everything.tables}
    assert len(ids) == len(list(everything.tables))
    of_each = ("xep-hang", "sai-so", "do-nhay", "lua-chon", "muc-tieu", "muc", "yeu-to", "linh-vuc", "diem-mat")
    assert {f"{name}-{kind}" for name in of_each for kind in ("department", "district")} <= ids
    assert {"chi-so-r", "dau-hieu", "do-tin-cay", "trong-so", "thu-hoi", "nhom-doi-tuong"} <= ids
    assert {"so-voi-danh-sach", "cach-tra-loi", "sai-so-lap-lai", "theo-ngay"} <= ids
    names = {picture.wide.name for picture in everything.pictures}
    assert {"thu-ve-theo-ngay", "thu-hoi"} <= names
    assert "trong-so" not in names  # all of a group weigh the same here, but for rounding: a sentence says so


def test_every_figure_is_the_same_in_page_pdf_and_document(place: Path, everything: Pack) -> None:
    page = Tables((place / "index.html").read_text("utf-8")).tables
    text = text_of(place / "bao-cao.pdf")
    made = docx.Document(str(place / "bao-cao.docx"))
    read = [[[squeezed(cell.text) for cell in row.cells] for row in table.rows] for table in made.tables[1:]]
    document = [rows for rows in read if not rows[0][0].startswith("Nơinhận")]
    for table, rows in zip(everything.tables, document, strict=True):
        assert page[table.id][1:] == expected(table), table.id
        assert missing(table, text) == [], table.id
        assert rows[1:] == expected(table), table.id


def test_every_picture_fits_a_printed_page(everything: Pack) -> None:
    for picture in everything.pictures:
        box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture.wide.svg)
        assert box, picture.wide.name
        assert float(box[2]) / float(box[1]) < 1.35, picture.wide.name  # of A4, without margins, heading and caption


def test_every_figure_is_a_number_in_the_workbook(place: Path, counted: Material, everything: Pack) -> None:
    book = openpyxl.load_workbook(place / "index.xlsx")
    for table in (*everything.tables, *content.long(counted)):
        styles = [style for _, style in xlsx.pair_columns(table)]
        rows = [
            ["" if value is None else written(value, style or Style.TEXT)
             for value, style in zip(row, styles, strict=False)]
            for row in book[table.sheet[:31]].iter_rows(min_row=2, values_only=True)
        ]  # fmt: skip
        assert rows == xlsx.texts(table), table.id


def test_every_unit_has_its_page_and_one_page_of_the_fact_sheets(place: Path, everything: Pack) -> None:
    for sheet in everything.units:
        source = (place / "don-vi" / f"{sheet.id}.html").read_text("utf-8")
        assert squeezed(sheet.name) in squeezed(source)
    sheets = pypdfium2.PdfDocument(place / "phieu-don-vi.pdf")
    assert len(sheets) == len(everything.units) == 6
    sheets.close()

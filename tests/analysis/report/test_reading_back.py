"""Every figure of the pack, read back from the page, the workbook, the PDF and the document: they are the same."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pytest

from analysis import numbers, report
from analysis.report import content, opendata, xlsx
from analysis.report.blocks import Pack, Table
from analysis.report.cells import HIDDEN, SUPPRESSED, Style, written
from analysis.report.content import Material
from tests.analysis.report.reading import Tables, expected, missing, squeezed, text_of


def test_the_page_has_every_figure(folder: Path, pack: Pack) -> None:
    found = Tables((folder / "index.html").read_text("utf-8")).tables
    tables = list(pack.tables)
    assert len(tables) > 15
    for table in tables:
        assert found[table.id][1:] == expected(table), table.id


def test_the_units_pages_have_every_figure(folder: Path, pack: Pack) -> None:
    for sheet in pack.units:
        found = Tables((folder / "don-vi" / f"{sheet.id}.html").read_text("utf-8")).tables
        for block in (*sheet.blocks, *sheet.more):
            if isinstance(block, Table):
                assert found[block.id][1:] == expected(block), (sheet.id, block.id)


def test_the_workbook_has_every_figure_as_a_number(folder: Path, pack: Pack, material: Material) -> None:
    book = openpyxl.load_workbook(folder / "index.xlsx")
    for table in (*pack.tables, *content.long(material)):
        rows = list(book[table.sheet[:31]].iter_rows(min_row=2, values_only=True))
        styles = [style for _, style in xlsx.pair_columns(table)]
        read = [
            [
                "" if value is None else written(value, style or Style.TEXT)
                for value, style in zip(row, styles, strict=False)
            ]
            for row in rows
        ]
        assert read == xlsx.texts(table), table.id


def test_the_bound_report_has_every_figure(folder: Path, pack: Pack) -> None:
    text = text_of(folder / "bao-cao.pdf")
    for table in pack.tables:
        assert missing(table, text) == [], table.id


def test_every_unit_has_a_fact_sheet_of_one_page(folder: Path, pack: Pack) -> None:
    document = pypdfium2.PdfDocument(folder / "phieu-don-vi.pdf")
    assert len(document) == len(pack.units)
    for page, sheet in zip(document, pack.units, strict=True):
        text = squeezed(page.get_textpage().get_text_bounded())
        assert squeezed(sheet.name) in text and numbers.fold(pack.hash) in text and squeezed("DỰ THẢO") in text
        for block in sheet.blocks:
            if isinstance(block, Table):
                assert missing(block, text) == [], (sheet.id, block.id)
    document.close()


def test_the_document_has_every_figure(folder: Path, pack: Pack) -> None:
    made = docx.Document(str(folder / "bao-cao.docx"))
    found = [[[squeezed(cell.text) for cell in row.cells] for row in table.rows] for table in made.tables[1:]]
    found = [rows for rows in found if not rows[0][0].startswith("Nơinhận")]
    tables = list(pack.tables)
    assert len(found) == len(tables)
    for table, rows in zip(tables, found, strict=True):
        assert rows[1:] == expected(table), table.id


def test_open_data_has_every_figure_unrounded_and_says_what_is_hidden(
    folder: Path, pack: Pack, material: Material
) -> None:
    manifest = json.loads((folder / "du-lieu-mo" / opendata.MANIFEST).read_text("utf-8"))
    assert manifest["dataset_sha256"] == material.result.dataset_hash and manifest["simulated"] is True
    for table in (*pack.tables, *content.long(material)):
        lines = (folder / "du-lieu-mo" / f"{table.id}.csv").read_text("utf-8").splitlines()
        header, *rows = list(csv.reader(lines))
        assert len(set(header)) == len(header) and all(re.fullmatch("[a-z0-9_]+", name) for name in header)
        styles = [style or Style.TEXT for _, style in xlsx.pair_columns(table)]
        plain = [[_shown(value, style) for value, style in zip(row, styles, strict=True)] for row in rows]
        shown = [[cell for cell in line] for line in xlsx.texts(table)][: len(rows)]
        assert plain == [["c" if cell in (HIDDEN, SUPPRESSED) else cell for cell in line] for line in shown], table.id
    explained = list(csv.DictReader((folder / "du-lieu-mo" / opendata.DICTIONARY).read_text("utf-8").splitlines()))
    assert {line["tep"] for line in explained} == manifest["files"].keys() - {opendata.DICTIONARY}


def _shown(value: str, style: Style) -> str:
    if style is Style.TEXT or value in ("", "c") or not re.fullmatch(r"-?[\d.e-]+", value):
        return value
    return written(float(value), style)


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory, material: Material) -> Path:
    target = tmp_path_factory.mktemp("again")
    report.write(target, material.result, material.framework, material.manifest, material.sources)
    return target


def test_every_file_is_the_same_bytes_and_has_the_datasets_hash(folder: Path, again: Path) -> None:
    names = sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    assert names == sorted(file.relative_to(again) for file in again.rglob("*") if file.is_file())
    differing = [name for name in names if (folder / name).read_bytes() != (again / name).read_bytes()]
    assert differing == []


def test_the_decision_has_the_appendix_of_results(folder: Path, material: Material) -> None:
    made = docx.Document(str(folder / "quyet-dinh.docx"))
    text = "\n".join(line.text for line in made.paragraphs)
    assert "Điều 1. Phê duyệt, công bố kết quả và xếp hạng" in text and "PHỤ LỤC" in text
    assert "Độc lập - Tự do - Hạnh phúc" in made.tables[0].cell(0, 1).text
    appendix = made.tables[2]
    assert [cell.text for cell in appendix.rows[0].cells] == [
        "Xếp hạng", "Cơ quan", "Điểm đạt được", "Điểm tối đa", "Tỷ lệ (%)",
    ]  # fmt: skip
    first = material.result.kinds[0].units[0]
    assert [cell.text for cell in appendix.rows[1].cells] == [
        "1", material.unit(first.unit), numbers.number(first.index), "100,00", f"{numbers.number(first.index)}%",
    ]  # fmt: skip
    section = made.sections[0]
    sizes = [each.mm for each in (section.page_width, section.left_margin, section.right_margin)]
    assert sizes == pytest.approx([210, 30, 20], abs=0.1)
    assert made.styles["Normal"].font.name == "Times New Roman"


def test_letters_of_the_highlands_survive_everywhere(folder: Path, material: Material) -> None:
    squeeze = squeezed(material.unit("commune_0"))
    assert "ê̆" in squeeze and squeeze in squeezed((folder / "don-vi" / "commune_0.html").read_text("utf-8"))
    assert squeeze in text_of(folder / "bao-cao.pdf") and squeeze in text_of(folder / "phieu-don-vi.pdf")
    tables = docx.Document(str(folder / "bao-cao.docx")).tables
    assert any(squeeze == squeezed(cell.text) for table in tables for row in table.rows for cell in row.cells)
    book = openpyxl.load_workbook(folder / "index.xlsx")
    assert any(squeeze == squeezed(str(cell.value)) for cell in book["Sai số xã"]["A"])

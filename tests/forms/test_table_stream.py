"""Tables batch by batch: the same cells and row numbers as the reader of whole files, whatever the file."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import table_stream, tables
from forms.faults import Faults
from forms.tables import Cell

FEW = 3


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_stream, "BATCH", FEW)


def streamed(file: Path, encodings: tuple[str, ...] = tables.OFFICE) -> list[list[list[Cell]]]:
    """Each sheet's rows, every one at the place of its number; texts stripped."""
    found = []
    for sheet in table_stream.examine(file, encodings).sheets():
        rows: list[list[Cell]] = []
        shares = [0.0]
        for batch in sheet.batches:
            assert len(batch.rows) <= FEW
            shares.append(batch.share)
            for number, row in zip(batch.numbers, batch.rows, strict=True):
                rows.extend([] for _ in range(number - len(rows) - 1))
                rows.append([cell.strip() if isinstance(cell, str) else cell for cell in row])
        assert shares == sorted(shares)
        assert 0 <= shares[-1] <= 1
        found.append(rows)
    return found


def whole(content: bytes, file: str) -> list[list[list[Cell]]]:
    return [[list(row) for row in sheet.rows] for sheet in tables.read(content, file, tables.OFFICE)]


cells = st.text(st.sampled_from('aềổ\u0301,;"\n\r x1'), max_size=6)


@given(st.lists(st.lists(cells, min_size=2, max_size=3), min_size=1, max_size=12), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=150, deadline=None)
def test_a_csv_reads_alike_whole_and_in_batches(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], end: str
):
    table_stream.BATCH = FEW
    text = end.join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [["head", "x"], *rows])
    file = tmp_path_factory.mktemp("csv") / "a.csv"
    file.write_bytes(text.encode())
    assert streamed(file) == whole(text.encode(), "a.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = "Số;Cơ quan\r\n1;Huế\r\n" if encoding != "cp1258" else "So;Co quan\r\n1;Huê´\r\n"
    file = tmp_path / "a.csv"
    file.write_bytes(text.encode(encoding))
    assert streamed(file) == whole(file.read_bytes(), "a.csv")
    assert len(table_stream.examine(file, tables.OFFICE).sha256) == 64


def test_texts_are_composed_however_long_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_stream, "_CHUNK", 7)  # blocks end within letters, cells and line ends
    line = unicodedata.normalize("NFD", "Sở Tư pháp,huyện Lắk")
    file = tmp_path / "a.csv"
    file.write_bytes("\r\n".join([line] * 20).encode())
    assert streamed(file) == [[["Sở Tư pháp", "huyện Lắk"]] * 20]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "a.csv: is empty"),
        (b" \n\t\n", "a.csv: is empty"),
        (b"a,\0b\n", "is a binary file"),
        (b"\xff\xfea", "is broken utf-16 text at byte 2"),
        (b"\xef\xbb\xbfab\xff,", "is broken utf-8-sig text at byte"),
        (b"S\xd2\x81\xd5\n", "is not text in UTF-8 or Windows-1258"),
        (b"a,b\n" + b"x" * 300 + b"\n", "has a line of more than 100 characters"),
        (b'a,b\n"' + b"x\n" * 70_000 + b'",c\n', "a cell holds more than 131,072 characters"),
        (b'a,b\n1,2\n"x', "a.csv:3: is not a CSV table"),
    ],
)
def test_what_is_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str) -> None:
    monkeypatch.setattr(table_stream, "LONGEST_LINE", 100)
    monkeypatch.setattr(table_stream, "_CHUNK", 64)
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    with pytest.raises(Faults) as caught:
        streamed(file)
    assert said in str(caught.value)


def workbook(rows: list[list[object]], *, right: int = 0, down: int = 0) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Hồ sơ")
        for y, row in enumerate(rows):
            sheet.write_row(y + down, right, row)
        book.add_worksheet("Trống")
    return content.getvalue()


def test_a_workbook_reads_alike_even_where_its_table_does_not_begin_in_a_corner(tmp_path: Path) -> None:
    content = workbook([["Số", "Cơ quan"], *[[number, f"Sở {number}"] for number in range(10)]], right=2, down=3)
    file = tmp_path / "a.xlsx"
    file.write_bytes(content)
    assert streamed(file) == whole(content, "a.xlsx")
    assert streamed(file)[0][3] == ["", "", "Số", "Cơ quan"]


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(Faults, match="cannot be read"):
        table_stream.examine(tmp_path / "nowhere.csv")


def test_a_workbook_too_large_to_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_stream, "LARGEST_WORKBOOK", 100)
    (tmp_path / "a.xlsx").write_bytes(workbook([["x"]]))
    with pytest.raises(Faults, match="more than 256 MiB; give the rows as CSV"):
        table_stream.examine(tmp_path / "a.xlsx")


def _lying(content: bytes) -> bytes:
    """The archive with every directory entry saying that its part is one byte long."""
    told = bytearray(content)
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:
        struct.pack_into("<I", told, at + 24, 1)
        at += 4
    return bytes(told)


@pytest.mark.parametrize("lies", [False, True])
def test_a_bomb_is_found_by_unpacking_not_by_what_its_directory_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lies: bool
) -> None:
    monkeypatch.setattr(tables, "MOST_BYTES", 5 << 20)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/media/picture.png", b"\0" * (30 << 20))
    packed = _lying(content.getvalue()) if lies else content.getvalue()
    assert len(packed) < 100_000
    (tmp_path / "a.xlsx").write_bytes(packed)
    with pytest.raises(Faults, match="unpacks to more than 512 MiB"):
        table_stream.examine(tmp_path / "a.xlsx")


def test_an_archive_with_wrong_sums_is_no_workbook(tmp_path: Path) -> None:
    packed = bytearray(workbook([["x"]]))
    packed[60] ^= 0xFF
    (tmp_path / "a.xlsx").write_bytes(packed)
    with pytest.raises(Faults, match="is not a workbook that can be read"):
        table_stream.examine(tmp_path / "a.xlsx")


def _xlsx(sheet: str, *, part: str = "xl/worksheets/sheet1.xml", head: str = "") -> bytes:
    """The least that is a workbook, around the rows of one sheet."""
    main = "http://schemas.openxmlformats.org"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        of = f"{main}/officeDocument/2006/relationships"
        wrap = f'<Relationships xmlns="{main}/package/2006/relationships">'
        wrap += f'<Relationship Id="r1" Type="{of}/%s" Target="%s"/>'
        parts.writestr("_rels/.rels", wrap % ("officeDocument", "xl/workbook.xml") + "</Relationships>")
        parts.writestr("xl/_rels/workbook.xml.rels", wrap % ("worksheet", part[3:]) + "</Relationships>")
        parts.writestr("xl/workbook.xml", f'<workbook xmlns="{main}/spreadsheetml/2006/main" xmlns:r="{of}"><sheets>'
                       '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>')  # fmt: skip
        parts.writestr(part, f'{head}<worksheet xmlns="{main}/spreadsheetml/2006/main"><sheetData>{sheet}</sheetData>'
                       "</worksheet>")  # fmt: skip
    return content.getvalue()


def _cell(reference: str) -> str:
    at = f' r="{reference}"' if reference else ""
    return f'<c{at} t="inlineStr"><is><t>x</t></is></c>'


def test_the_least_workbook_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(_xlsx(f'<row r="2">{_cell("B2")}{_cell("")}</row>'))
    assert [row for row in streamed(file)[0] if any(row)] == [["", "x", "x"]]


ROWS = {
    "corners": f'<row r="1">{_cell("A1")}</row><row r="1048576">{_cell("XFD1048576")}</row>',
    "encoded": f'<row r="1">{_cell("A1")}</row><row r="1048576">{_cell("&#88;FD1048576")}</row>',
    "row alone": f'<row r="1">{_cell("XFD1")}</row><row r="1048576">{_cell("")}</row>',
}


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/other.dat"])
@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
def test_cells_in_far_corners_are_never_laid_out(tmp_path: Path, rows: str, part: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(_xlsx(rows, part=part))
    with pytest.raises(Faults, match="has more than 10 million cells"):
        table_stream.examine(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    "content",
    [
        _xlsx(ROWS["corners"], head='<!DOCTYPE a [<!ENTITY b "c">]>'),
        _xlsx("<row><c></row>"),
        _xlsx("", part="xl/worksheets/sheet1.bin"),
        _xlsx(ROWS["corners"], part="xl/drawings/a.vml"),
    ],
    ids=["entities", "not well-formed", "binary", "drawing"],
)
def test_what_cannot_be_looked_into_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(Faults, match="is not a workbook that can be read"):
        table_stream.examine(tmp_path / "a.xlsx")


def test_a_repeated_cell_is_counted_as_often_as_it_is_repeated(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16000"><text:p>x</text:p>'
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-cell></table:table-row>'
    name = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{each}="{name}:{each}:1.0"' for each in ("office", "table", "text"))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        parts.writestr("content.xml", f"<office:body {spaces}><table:table>{row}</table:table></office:body>")
    (tmp_path / "a.ods").write_bytes(content.getvalue())
    with pytest.raises(Faults, match="has more than 10 million cells"):
        table_stream.examine(tmp_path / "a.ods")

"""A workbook takes no more memory than is stated, and what is refused is said by what it is."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from forms import table_stream, tables
from forms.faults import Faults
from forms.table_extent import Extent

PER_CELL = 130  # bytes that a child process may take for a cell: 80 stated, and what the allocator keeps
PEAK = """
import resource, sys
from pathlib import Path
import analysis.sheet
from forms import table_stream
from forms.faults import Faults
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before, rows, said = peak(), 0, ""
try:
    if sys.argv[2] == "sheet":
        rows = analysis.sheet.read_sheet(Path(sys.argv[1])).rows
    else:
        for sheet in table_stream.examine(Path(sys.argv[1])).sheets():
            rows += sum(len(batch.rows) for batch in sheet.batches)
except Faults as faults:
    said = str(faults)
print(peak() - before, rows, said)
"""


def measured(file: Path, how: str) -> tuple[int, int, str]:
    """Bytes that a process grew by when it read a file, the rows that it found, and what it said."""
    line = [sys.executable, "-c", PEAK, str(file), how]
    done = subprocess.run(line, capture_output=True, text=True, check=True)  # noqa: S603
    grown, rows, *said = done.stdout.split(maxsplit=2)
    return int(grown), int(rows), said[0] if said else ""


def book(parts: dict[str, Iterator[bytes]]) -> bytes:
    """A least workbook whose sheet is given piece by piece, and whatever other parts."""
    made, word = io.BytesIO(), "http://schemas.openxmlformats.org"
    office = f"{word}/officeDocument/2006/relationships"
    wrap = f'<Relationships xmlns="{word}/package/2006/relationships">'
    wrap += f'<Relationship Id="r1" Type="{office}/%s" Target="%s"/></Relationships>'
    named = '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("_rels/.rels", wrap % ("officeDocument", "xl/workbook.xml"))
        archive.writestr("xl/_rels/workbook.xml.rels", wrap % ("worksheet", "worksheets/sheet1.xml"))
        space = f'xmlns="{word}/spreadsheetml/2006/main" xmlns:r="{office}"'
        archive.writestr("xl/workbook.xml", f"<workbook {space}>{named}</workbook>")
        for name, pieces in parts.items():
            with archive.open(name, "w", force_zip64=True) as part:
                for piece in pieces:
                    part.write(piece)
    return made.getvalue()


def sheet(rows: Iterator[bytes]) -> dict[str, Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        yield from rows
        yield b"</sheetData></worksheet>"

    return {"xl/worksheets/sheet1.xml": pieces()}


def numbers(rows: int, columns: int) -> Iterator[bytes]:
    for row in range(rows):
        cells = b"".join(b"<c><v>%d</v></c>" % (row * 7919 + column) for column in range(columns))
        yield b"<row>" + cells + b"</row>"


@pytest.mark.parametrize("how", ["sheet", "stream"])
def test_a_cell_costs_no_more_memory_than_is_stated(tmp_path: Path, how: str) -> None:
    (tmp_path / "t.xlsx").write_bytes(book(sheet(numbers(20_000, 10))))
    grown, rows, said = measured(tmp_path / "t.xlsx", how)
    assert not said and rows in (19_999, 20_000)
    file = (tmp_path / "t.xlsx").stat().st_size
    assert grown < 200_000 * PER_CELL + 2 * file + (16 << 20)
    assert tables.MOST_CELLS * 80 + tables.MOST_BYTES + table_stream.LARGEST_WORKBOOK <= 1.5 * (1 << 30)


def text(characters: int) -> Iterator[bytes]:
    yield b'<row><c t="inlineStr"><is><t>a</t></is></c></row><row><c t="inlineStr"><is><t>'
    for _ in range(characters >> 20):
        yield b"x" * (1 << 20)
    yield b"</t></is></c></row>"


@pytest.mark.parametrize("how", ["sheet", "stream"])
def test_a_bomb_is_refused_before_it_takes_memory(tmp_path: Path, how: str) -> None:
    (tmp_path / "cell.xlsx").write_bytes(book(sheet(text(100 << 20))))
    (tmp_path / "junk.xlsx").write_bytes(
        book(sheet(numbers(3, 3)) | {"xl/media/junk.bin": iter([b"\0" * (1 << 20)] * 100)})
    )
    for name, wanted in (("cell", "a cell of more than 32,767 characters"), ("junk", "more than 200 times its size")):
        grown, rows, said = measured(tmp_path / f"{name}.xlsx", how)
        assert wanted in said and f"{name}.xlsx" in said and not rows
        assert grown < 32 << 20


def test_cells_are_counted_over_all_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as workbook:
        for _ in range(3):
            workbook.add_worksheet().write_row(0, 0, range(10))
    assert len(tables.workbook(made.getvalue(), "t.xlsx")) == 3
    monkeypatch.setattr(tables, "MOST_AT_ONCE", 29)
    with pytest.raises(Faults, match=r"t\.xlsx: has more than 2 million cells"):
        tables.workbook(made.getvalue(), "t.xlsx")
    monkeypatch.setattr(tables, "MOST_CELLS", 29)
    with pytest.raises(Faults, match=r"t\.xlsx: has more than 10 million cells"):
        tables.opened(made.getvalue(), "t.xlsx")


def test_a_long_cell_that_a_spreadsheet_can_hold_is_read() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as workbook:
        workbook.add_worksheet().write_string(0, 0, "\N{GRINNING FACE}<" * 10_000)
    assert len(str(tables.workbook(made.getvalue(), "t.xlsx")[0].rows[0][0])) == 20_000


@pytest.mark.parametrize("name", ["t.xlsx", "t.xls"])
def test_a_workbook_with_a_password_is_called_so(name: str) -> None:
    container = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_024) + "EncryptedPackage".encode("utf-16-le") + bytes(4_096)
    )
    with pytest.raises(Faults, match=rf"{name}: has a password: open it in Excel"):
        tables.opened(container, name)


def test_an_archive_with_a_password_is_called_so() -> None:
    content = bytearray(book(sheet(numbers(1, 1))))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # as its directory says it
    with pytest.raises(Faults, match="has a password"):
        tables.opened(bytes(content), "t.xlsx")


def test_a_formula_whose_result_was_never_saved_is_named_by_its_cell() -> None:
    made = io.BytesIO()
    workbook = openpyxl.Workbook()
    page = workbook.active
    assert page is not None
    page["A1"], page["AB3"], page["B2"] = "a", '=IF(1,"Hài lòng")', "=1+1"
    workbook.save(made)
    with pytest.raises(Faults, match=r"results were not saved: .* they stand in: B2, AB3$"):
        tables.opened(made.getvalue(), "t.xlsx")


@pytest.mark.parametrize(
    ("cell", "unsaved"),
    [
        ('<c r="B2"><f>1+1</f><v>2</v></c>', []),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', []),  # an empty text is a result
        ('<c r="B2"><f>1+1</f><v> </v></c>', ["B2"]),
        ('<c r="B2"><f>1+1</f><v/></c><c r="C2"><v>1</v></c>', ["B2"]),
        ("<c><f>1</f></c>" * 7, ["A1", "B1", "C1", "D1", "E1", "F1", "G1"]),
        ('<c r="B2"><v>1</v></c><extLst><f>1</f></extLst>', []),
    ],
)
def test_which_formulas_have_no_result(cell: str, unsaved: list[str]) -> None:
    extent = Extent()
    extent.feed(f"<sheetData><row>{cell}</row></sheetData>".encode(), last=True)
    assert extent.unsaved == unsaved


def test_in_an_ods_too() -> None:
    extent = Extent()
    cells = (
        '<table:table-cell table:formula="of:=1"/><table:table-cell table:formula="of:=1" office:value-type="float"/>'
    )
    space = "urn:oasis:names:tc:opendocument:xmlns"
    extent.feed(
        f'<table:table xmlns:table="{space}:table" xmlns:office="{space}:office"><table:table-row>{cells}'
        "</table:table-row></table:table>".encode(),
        last=True,
    )
    assert extent.unsaved == ["A1"]

"""The one reader of tables: delimiters by what they cut, encodings by what is allowed, rows as people count them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from forms import tables
from forms.faults import Faults
from forms.tables import Cell, delimiter_of, read


def rows(content: str | bytes, encodings: tuple[str, ...] = tables.UTF8) -> list[list[Cell]]:
    (sheet,) = read(content.encode() if isinstance(content, str) else content, "t.csv", encodings)
    return [list(row) for row in sheet.rows]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a", ","),
        ("unit;a;b\nSở;8,5;9,5\nPhòng;7,5;6,25\n", ";"),  # as many commas as semicolons in most lines
        ("Báo cáo, quý, năm, tháng\n\na;b\n1;2\n3;4\n", ";"),  # a title above the heading
        ('a,units\n1,"x;y;z"\n2,"x;y;z"\n3,"x;y;z"\n', ","),  # a list in a quoted cell
        ("unit,units\n1,x;y\n2,x;y\n3,x;y\n", ","),  # … and in a bare one
        ("a\tb|c\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
    ],
)
def test_the_delimiter_is_what_cuts_lines_alike(text: str, delimiter: str) -> None:
    assert delimiter_of(text) == delimiter


def test_rows_keep_the_numbers_of_the_file_and_texts_lose_their_margins() -> None:
    assert rows(' a ,b\n"x\ny",1\n\nz,2\n') == [["a", "b"], [], ["x\ny", "1"], [], ["z", "2"]]


def test_texts_are_composed_whatever_wrote_them() -> None:
    assert rows("So\u031b\u0309,1\n") == [["Sở", "1"]]
    assert rows("Sở\n".encode("utf-16")) == [["Sở"]]
    assert rows("\ufeffSở\n") == [["Sở"]]
    windows = "Sơ\u0309,1\n".encode("cp1258")
    assert rows(windows, tables.OFFICE) == [["Sở", "1"]]
    with pytest.raises(Faults, match=r"t\.csv: is not text in UTF-8; save"):
        rows(windows)
    with pytest.raises(Faults, match=r"t\.csv: is not text in UTF-8 or Windows-1258; save"):
        rows(b"S\xd2\x81\xd5\n", tables.OFFICE)


def test_every_sheet_of_a_workbook_from_its_first_row(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "t.xlsx"), {"default_date_format": "dd/mm/yyyy"}) as book:
        book.add_worksheet("Trống")
        sheet = book.add_worksheet("Bảng")
        sheet.write_row(2, 1, [" Sở ", 1.5, True])
        sheet.write_datetime(3, 1, date(2026, 5, 8))
    empty, full = read(tables.content_of(tmp_path / "t.xlsx"), "t.xlsx")
    assert (empty.place, list(empty.rows)) == ("t.xlsx [Trống]", [])
    assert full.place == "t.xlsx [Bảng]"
    assert [list(row) for row in full.rows[2:]] == [["", "Sở", 1.5, True], ["", date(2026, 5, 8), "", ""]]


def test_a_table_of_nothing_has_no_rows() -> None:
    with pytest.raises(Faults, match=r"t\.csv: has no rows"):
        rows(" ,,\n,,\n")

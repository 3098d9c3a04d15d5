"""The heading of somebody's table is found under its titles, and every column has a name of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from analysis.headings import numbered, wanted
from analysis.sheet import read_sheet
from forms.faults import Faults

TABLE = (("",), ("UBND TỈNH, năm 2025",), ("", "", ""), ("Cơ quan", "Điểm", "Điểm", "", ""),
         ("Sở A", "1", "2", "x", ""), ("Sở B", "3", "4", "", ""))  # fmt: skip


@given(st.lists(st.sampled_from(["", "a", "a (1)", "a (2)", "(column 1)", "b"]), max_size=9))
def test_no_two_columns_are_alike_and_single_ones_keep_their_name(headings: list[str]) -> None:
    found = numbered(headings)
    assert len(found) == len(headings) == len(set(found))
    for heading, name in zip(headings, found, strict=True):
        assert name == heading or headings.count(heading) > 1 or not heading or heading == "(column 1)"


def csv(folder: Path) -> Path:
    file = folder / "t.csv"
    file.write_text(
        "\n".join(",".join([*(f'"{cell}"' for cell in row), *[""] * (5 - len(row))]) for row in TABLE), "utf-8"
    )
    return file


def xlsx(folder: Path) -> Path:
    file = folder / "t.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(TABLE):
            sheet.write_row(at, 2, row)
    return file


@pytest.mark.parametrize("made", [csv, xlsx])
@pytest.mark.parametrize("looked_for", [{"diem (2)"}, {"chẳng có"}])
def test_titles_above_are_no_rows_and_rows_keep_their_numbers(
    tmp_path: Path, made: object, looked_for: set[str]
) -> None:
    file: Path = made(tmp_path)  # type: ignore[operator]
    sheet = read_sheet(file, wanted(looked_for))
    assert [*sheet.columns][:4] == ["Cơ quan", "Điểm (1)", "Điểm (2)", "(column 4)"]
    assert (sheet.rows, sheet.number_of(0), sheet.number_of(1)) == (2, 5, 6)
    assert sheet.column("Điểm (2)").to_pylist() == ["2", "4"]
    with pytest.raises(Faults):
        read_sheet(file)  # a table for estimates has one heading, its first row


def test_a_row_of_another_length_under_titles_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Tiêu đề,\n\na,b\n1,2\n1,2,3\n", "utf-8")
    with pytest.raises(Faults, match=r"t\.csv:5: has 3 cells where the heading has 2"):
        read_sheet(tmp_path / "t.csv", wanted(["b"]))

"""Files of rows and columns: what is read, and what is said of what cannot be."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from analysis.assembly import Layout, design_of
from analysis.sheet import Sheet, read_sheet
from forms.faults import Faults


def written(tmp_path: Path, content: str | bytes, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,x\n2,y\n",
        "a;b\n1;x\n2;y\n",
        "a\tb\r\n1\tx\r\n2\ty\r\n",
        "\ufeffa,b\n1,x\n2,y",
        '"a","b"\n"1","x"\n"2","y"\n',
        " a , b \n1,x\n\n2,y\n",
        "a,b\n1,x\n2,y\n".encode("utf-16"),
    ],
)
def test_csv_as_people_save_it(tmp_path: Path, content: str | bytes) -> None:
    sheet = read_sheet(written(tmp_path, content))
    assert sheet.rows == 2
    assert sheet.numbers("a").tolist() == [1, 2]
    assert sheet.levels("b")[1] == ("x", "y")


def test_cells_may_hold_line_ends_and_vietnamese(tmp_path: Path) -> None:
    sheet = read_sheet(written(tmp_path, 'đơn vị,"hai\ndòng"\n"Sở\nTư pháp",3\n'))
    assert sheet.levels("đơn vị")[1] == ("Sở\nTư pháp",)
    assert sheet.numbers("hai\ndòng").tolist() == [3]


def test_workbooks_and_parquet_say_the_same(tmp_path: Path) -> None:
    with Workbook(tmp_path / "file.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["n", "word", "half", "empty", "day"])
        page.write_row(1, 0, [3, "a", 0.5, ""])
        page.write_row(2, 0, [10, "b", 1.5, ""])
        page.write_datetime(1, 4, date(2026, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    pq.write_table(
        pa.table(
            {
                "n": pa.array([3, 10], pa.int8()),
                "word": pa.array(["a", "b"]).dictionary_encode(),
                "half": [0.5, 1.5],
                "empty": pa.array([None, None], pa.float64()),
                "day": [date(2026, 3, 1), None],
            }
        ),
        tmp_path / "file.parquet",
    )
    for name in ("file.xlsx", "file.parquet"):
        sheet = read_sheet(tmp_path / name)
        assert sheet.numbers("n").tolist() == [3, 10]
        assert sheet.levels("n")[1] == ("3", "10")
        assert sheet.levels("word")[1] == ("a", "b")
        assert sheet.levels("half")[1] == ("0.5", "1.5")
        assert np.isnan(sheet.numbers("empty")).all()
        assert sheet.levels("empty")[0].tolist() == [-1, -1]
        assert sheet.levels("day")[1] == ("2026-03-01",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ("a,b\n", "has a heading and no rows"),
        ("a,b\n1\n1,2\n1,2,3\n", "file.csv:2: has 1 cells where the heading has 2\n.*file.csv:4: has 3 cells"),
        ("a,a\n1,2\n", "column “a”: two columns have this name"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "is a binary file"),
        ("a,b\n1,Sở\n".encode("utf-16-be"), "is a binary file"),
        (b"a,b\n1,S\xea\n", "is not text in UTF-8"),
        ("a,b\n1,\0\n", "is a binary file"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: str | bytes, told: str) -> None:
    with pytest.raises(Faults, match=f"(?s){told}"):
        read_sheet(written(tmp_path, content))


def test_other_formats_that_are_not_what_they_say(tmp_path: Path) -> None:
    for name, told in (("file.xlsx", "is not a workbook"), ("file.parquet", "is not a Parquet file")):
        with pytest.raises(Faults, match=told):
            read_sheet(written(tmp_path, "nothing", name))
    with pytest.raises(Faults, match="no such file"):
        read_sheet(tmp_path / "nowhere.csv")
    with Workbook(tmp_path / "empty.xlsx") as book:
        book.add_worksheet()
    with pytest.raises(Faults, match="is empty"):
        read_sheet(tmp_path / "empty.xlsx")
    with Workbook(tmp_path / "heading.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["a", "b"])
    with pytest.raises(Faults, match="no rows"):
        read_sheet(tmp_path / "heading.xlsx")


@pytest.mark.parametrize("text", ["x", "1,5", "1_000", "inf", "0x1F", "1.2.3", "--1", "1e", "12%"])
def test_text_where_numbers_should_be_is_named_with_its_row(tmp_path: Path, text: str) -> None:
    sheet = read_sheet(written(tmp_path, f'y;z\n1;1\nNA;1\n"{text}";1\n'))
    with pytest.raises(Faults) as raised:
        sheet.numbers("y")
    assert f"file.csv:4, column “y”: “{text}”, where a number should be" in str(raised.value)


def test_infinite_numbers_of_parquet_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"y": [1.0, np.inf]}), tmp_path / "file.parquet")
    with pytest.raises(Faults, match=r"file\.parquet:3, column “y”: “inf”, where a number should be"):
        read_sheet(tmp_path / "file.parquet").numbers("y")


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-1e100, 1e100)), min_size=1))
def test_numbers_survive_being_text(values: list[float | None]) -> None:
    texts = pa.chunked_array([pa.array(["NA" if value is None else repr(value) for value in values])])
    found = Sheet("file", {"y": texts}, len(values)).numbers("y")
    np.testing.assert_array_equal(found, [np.nan if value is None else value for value in values])


def test_a_table_may_stand_anywhere_on_its_page(tmp_path: Path) -> None:
    with Workbook(tmp_path / "file.xlsx") as book:
        page = book.add_worksheet()
        page.write_row(2, 1, ["a", "", "b"])
        page.write_row(3, 1, [1, "", "x"])
    sheet = read_sheet(tmp_path / "file.xlsx")
    assert list(sheet.columns) == ["a", "", "b"]
    assert sheet.numbers("a").tolist() == [1]


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("y,z\n1,1\n?,1\n", 3),
        ("y,z\n\n\n1,1\n\n?,1\n", 6),
        ("\n\ny,z\n1,1\n?,1\n", 5),
        (",\n , \ny,z\n1,1\n\n?,1\n", 6),
        ('"y","z\nand more"\n"1","a\n\nb"\n\n"?","c"\n', 7),
        ("y,z\r\n\r\n1,1\r\n?,1\r\n", 4),
    ],
)
def test_a_fault_names_the_row_that_an_editor_shows(tmp_path: Path, content: str, row: int) -> None:
    sheet = read_sheet(written(tmp_path, content))
    assert sheet.rows == 2
    with pytest.raises(Faults, match=rf"file\.csv:{row}, column “y”: “\?”"):
        sheet.numbers("y")


@pytest.mark.parametrize(
    ("content", "row"),
    [("\n\na,b\n1,2\n\n1\n", 6), ('a,"b\nb"\n1,"2\n3"\n1\n', 5), ("a,b\n\n1,2,3\n", 3)],
)
def test_so_does_that_of_a_row_of_another_length(tmp_path: Path, content: str, row: int) -> None:
    with pytest.raises(Faults, match=rf"file\.csv:{row}: has . cells where the heading has 2"):
        read_sheet(written(tmp_path, content))


def test_two_columns_of_one_name_under_blank_lines(tmp_path: Path) -> None:
    with pytest.raises(Faults, match=r"file\.csv:3, column “a”: two columns"):
        read_sheet(written(tmp_path, "\n\na,a\n1,2\n"))


def test_rows_of_a_workbook_are_those_of_the_sheet(tmp_path: Path) -> None:
    with Workbook(tmp_path / "file.xlsx") as book:
        page = book.add_worksheet()
        for row, cells in ((2, ["y", "s", "c"]), (3, [1, "a", "k"]), (6, ["?", "b", "k"])):
            page.write_row(row, 1, cells)
    sheet = read_sheet(tmp_path / "file.xlsx")
    assert sheet.rows == 2, "blank rows between are none"
    with pytest.raises(Faults, match=r"file\.xlsx:7, column “y”: “\?”"):
        sheet.numbers("y")
    with pytest.raises(Faults, match=r"file\.xlsx:4, column “c”: cluster “k” is in two strata"):
        design_of(sheet, Layout(stratum="s", clusters=("c",)))


@pytest.mark.parametrize("text", ["1e101", "-2e300", "1e400"])
def test_numbers_whose_squares_would_overflow_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Faults, match="which is too large to count with"):
        read_sheet(written(tmp_path, f"y\n1\n{text}\n")).numbers("y")


def test_levels_that_no_row_has_are_no_levels() -> None:
    words = pa.array(["a", "3", "b"]).dictionary_encode().filter(pa.array([False, True, False]))
    sheet = Sheet("file", {"y": pa.chunked_array([words])}, 1)
    assert sheet.levels("y")[1] == ("3",) and sheet.numbers("y").tolist() == [3]

"""Appraised points: what the offices type, and every way it goes wrong, said by its cell."""

from __future__ import annotations

import datetime
import hashlib
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from analysis import appraised, appraised_template
from analysis.appraised import Unit, Wanted
from forms import framework, tables
from forms.faults import Faults

FRAMEWORK = """
id = "mini"
title.vi = "Bộ tiêu chí thử"
[[kind.department.domain]]
id = "steering"
name.vi = "Chỉ đạo, điều hành"
[[kind.department.domain.criterion]]
id = "steering_plan"
name.vi = "Kế hoạch"
[[kind.department.domain.criterion.subcriterion]]
id = "plan_issued"
name.vi = "Ban hành kế hoạch"
points = 40
source = "appraised"
[[kind.department.domain.criterion.subcriterion]]
id = "plan_quality"
name.vi = "Chất lượng kế hoạch"
points = 40
source = "survey"
rule = { kind = "mean" }
items = ["steering_1"]
shares = { xa = 1.0 }
[[kind.department.domain.criterion.subcriterion]]
id = "plan_both"
name.vi = "Kết quả thực hiện"
source = "both"
points = 20
survey_points = 10
appraised_points = 10
rule = { kind = "mean" }
items = ["steering_1"]
shares = { xa = 1.0 }
[[kind.district.domain]]
id = "steering"
name.vi = "Chỉ đạo, điều hành"
[[kind.district.domain.criterion]]
id = "steering_plan"
name.vi = "Kế hoạch"
[[kind.district.domain.criterion.subcriterion]]
id = "plan_issued"
name.vi = "Ban hành kế hoạch"
points = 100
source = "appraised"
[[not_applicable]]
unit = "thanh_tra"
subcriteria = ["plan_both"]
reason.vi = "Không tiếp nhận hồ sơ"
"""
UNITS = (
    Unit("so_tu_phap", "Sở Tư pháp", "department"),
    Unit("thanh_tra", "Thanh tra tỉnh", "department"),
    Unit("huyen_lak", "Huyện Lắk", "district"),
    Unit("thue", "Thuế tỉnh", "vertical"),  # no framework: no points are asked of it
)
GOOD = 'unit,plan_issued,plan_both\nSở Tư pháp,"30,5",9.25\nThanh tra tỉnh,40,\nHUYỆN LẮK,0,\n'


@pytest.fixture
def wanted() -> Wanted:
    return appraised.wanted(framework.load(FRAMEWORK, "mini.toml"), UNITS)


def csv(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "points.csv"
    path.write_text(text, "utf-8")
    return path


def faults(path: Path, wanted: Wanted) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(Faults) as caught:
        appraised.read(path, wanted)
    assert all(fault.file.startswith(str(path)) for fault in caught.value.faults)
    return [(fault.message, fault.row, fault.column) for fault in caught.value.faults]


def test_points_are_read_by_unit_and_subcriterion(tmp_path: Path, wanted: Wanted) -> None:
    path = csv(tmp_path, GOOD)
    read = appraised.read(path, wanted)
    assert read.points == {
        "so_tu_phap": {"plan_issued": 30.5, "plan_both": 9.25},
        "thanh_tra": {"plan_issued": 40.0},
        "huyen_lak": {"plan_issued": 0.0},
    }
    assert read.own == {}
    assert (read.file, read.hash) == ("points.csv", hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_a_byte_order_mark_and_own_scores(tmp_path: Path, wanted: Wanted, delimiter: str) -> None:
    text = "\ufeffĐơn vị;plan_issued;plan_issued__self;plan_both\nso_tu_phap;30,5;40;10\nTHANH TRA TỈNH;1;;\nLắk;2;3;\n"
    read = appraised.read(csv(tmp_path, text.replace(";", delimiter)), wanted)
    assert read.points["so_tu_phap"] == {"plan_issued": 30.5, "plan_both": 10.0}
    assert read.own == {"so_tu_phap": {"plan_issued": 40.0}, "huyen_lak": {"plan_issued": 3.0}}


def test_every_fault_of_a_file_is_said_at_once_with_its_cell(tmp_path: Path, wanted: Wanted) -> None:
    text = (
        "unit;plan_issued;plan_both;plan_quality;plan_x;plan_issued;plan_both__self\n"
        "Sở Tư pháp;40,01;-1;;;;11\n"
        "\n"
        "Sở Tư pháp;1;1;;;;\n"
        "Sở Lạ;1;1;;;;\n"
        ";1;1;;;;\n"
        "Thanh tra tỉnh;;2;;;;\n"
        "Huyện Lắk;8/5;;;;;x\n"
    )
    assert faults(csv(tmp_path, text), wanted) == [
        ("this subcriterion is scored by the survey and takes no appraised points", 1, "plan_quality"),
        ("the framework has no such subcriterion", 1, "plan_x"),
        ("this column comes twice", 1, "plan_issued"),
        ("40,01 is above the maximum of 40", 2, "plan_issued"),
        ("-1 is negative", 2, "plan_both"),
        ("11 is above the maximum of 10", 2, "plan_both__self"),
        ("“Sở Tư pháp” comes twice; it already stands in row 2", 4, "unit"),
        ("“Sở Lạ” is no unit that this framework assesses", 5, "unit"),
        ("a row with points names no unit", 6, "unit"),
        ("is empty, but “Thanh tra tỉnh” needs points here (0 to 40)", 7, "plan_issued"),
        ("does not apply to “Thanh tra tỉnh”: leave the cell empty", 7, "plan_both"),
        ("“8/5” is not a number of points", 8, "plan_issued"),
        ("does not apply to “Huyện Lắk”: leave the cell empty", 8, "plan_both__self"),
    ]


def test_missing_columns_units_and_headings(tmp_path: Path, wanted: Wanted) -> None:
    text = "unit,plan_both,\nSở Tư pháp,1,7\nThanh tra tỉnh,,\n"
    assert faults(csv(tmp_path, text), wanted) == [
        ("a column with values has no heading", 1, "number 3"),
        ("this column is missing", None, "plan_issued"),
        ("“Huyện Lắk” is missing: every assessed unit needs a row", None, None),
    ]


def test_a_name_of_two_units_stops_with_both(tmp_path: Path) -> None:
    maxima = {"a": {"s": 1.0}, "b": {"s": 1.0}}
    units = {"a": Unit("a", "Xã Ea Kar", "commune"), "b": Unit("b", "Huyện Ea Kar", "district")}
    [first, *_] = faults(csv(tmp_path, "unit,s\nEa Kar,1\n"), Wanted(units, maxima, {"s": "S"}))
    assert "Xã Ea Kar" in first[0] and "Huyện Ea Kar" in first[0]
    assert first[1:] == (2, "unit")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n \n", "is empty"),
        (b"\x00\x01\x02\xff", "is a binary file, neither CSV nor a spreadsheet"),
        ("unit;x\nSở;1".encode("cp1258", "replace") + b"\xff\xfe", "is not text in UTF-8"),
        (b"PK\x03\x04 not a zip", "is not a workbook that can be read"),
        (b'unit,plan_issued\n"a', "is not a CSV table"),
        (b"name,points\na,1\n", "has no heading row"),
    ],
)
def test_files_that_are_no_table(tmp_path: Path, wanted: Wanted, data: bytes, message: str) -> None:
    path = tmp_path / "points.xlsx"
    path.write_bytes(data)
    [(said, row, column)] = faults(path, wanted)
    assert said.startswith(message)
    assert (row, column) == (2 if "CSV table" in message else None, None)


def test_a_file_that_is_not_there_or_a_zip_that_is_no_workbook(tmp_path: Path, wanted: Wanted) -> None:
    assert "cannot be read" in faults(tmp_path / "none.xlsx", wanted)[0][0]
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("a.txt", "a")
    assert "is not a workbook" in faults(path, wanted)[0][0]


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "points.xlsx"
    appraised_template.write(wanted, path)
    monkeypatch.setattr(tables, "MOST_CELLS", 3)
    assert "10 million cells" in faults(path, wanted)[0][0]
    monkeypatch.setattr(tables, "MOST_BYTES", 100)
    assert "512 MiB" in faults(path, wanted)[0][0]


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"}) as book:
        book.add_worksheet("Ghi chú").write(0, 0, "không có bảng ở đây")
        sheet = book.add_worksheet("Điểm")
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                sheet.write(y, x, value)
    return path


def test_a_workbook_with_titles_text_numbers_and_dates(tmp_path: Path, wanted: Wanted) -> None:
    rows = [
        ["SỐ LIỆU MÔ PHỎNG"],
        [],
        ["", "Cơ quan", "plan_issued", "plan_both"],
        ["", "Sở Tư pháp", "30,5", 9.25],
        ["", "Thanh tra tỉnh", 40],
        ["", "Lắk", "100"],
    ]
    read = appraised.read(workbook(tmp_path / "good.xlsx", rows), wanted)
    assert read.points["so_tu_phap"] == {"plan_issued": 30.5, "plan_both": 9.25}
    assert read.points["huyen_lak"] == {"plan_issued": 100.0}
    rows[3][2], rows[4][2] = datetime.date(2026, 5, 8), True  # 8,5 that a spreadsheet took for a day
    bad = faults(workbook(tmp_path / "bad.xlsx", rows), wanted)
    assert [(row, column) for _, row, column in bad] == [(4, "plan_issued"), (5, "plan_issued")]
    assert bad[0][0] == "“2026-05-08” is not a number of points: a spreadsheet made a date of it; type the points again"


def test_the_template_can_be_filled_in_and_read_back(tmp_path: Path, wanted: Wanted) -> None:
    empty, full = tmp_path / "empty.xlsx", tmp_path / "full.xlsx"
    appraised_template.write(wanted, empty)
    assert {row for _, row, _ in faults(empty, wanted)} == {2, 3, 4}
    points = appraised.read(csv(tmp_path, GOOD), wanted)
    appraised_template.write(wanted, full, filled=points, notice="SỐ LIỆU MINH HỌA")
    assert appraised.read(full, wanted).points == points.points
    again = tmp_path / "again.xlsx"
    appraised_template.write(wanted, again, filled=points, notice="SỐ LIỆU MINH HỌA")
    assert again.read_bytes() == full.read_bytes()


def test_the_template_names_and_limits_every_column(tmp_path: Path, wanted: Wanted) -> None:
    path = tmp_path / "empty.xlsx"
    appraised_template.write(wanted, path)
    book = openpyxl.load_workbook(path)
    sheet = book["Điểm thẩm định"]
    assert [cell.value for cell in sheet[1]] == ["unit", "plan_issued", "plan_both"]
    assert [cell.value for cell in sheet["A"]] == ["unit", "Sở Tư pháp", "Thanh tra tỉnh", "Huyện Lắk"]
    assert "Ban hành kế hoạch" in sheet["B1"].comment.text and "100,00" in sheet["B1"].comment.text
    limits = {str(rule.sqref): float(rule.formula2) for rule in sheet.data_validations.dataValidation}
    assert limits == {"B2": 40, "B3": 40, "B4": 100, "C2": 10}
    criteria = [[cell.value for cell in row] for row in book["Tiêu chí"].iter_rows()]
    assert criteria[1:] == [["plan_issued", "Ban hành kế hoạch", 40, 100], ["plan_both", "Kết quả thực hiện", 10, None]]


def test_the_template_writes_the_id_where_a_name_is_not_enough(tmp_path: Path) -> None:
    units = {"a": Unit("a", "Xã Một", "commune"), "b": Unit("b", "xã một", "commune")}
    table = Wanted(units, {"a": {"s": 1.0}, "b": {"s": 2.0}}, {"s": "S", "unused": "U"})
    appraised_template.write(table, tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Điểm thẩm định"]
    assert [cell.value for cell in sheet["A"]] == ["unit", "a", "b"]
    assert list(appraised.columns(table)) == [("s", "S", 2.0)]

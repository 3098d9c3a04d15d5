"""Appraised points as the offices keep them: criteria as rows, headings in many words, one sheet or file a unit."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import appraised
from analysis.appraised import Unit, Wanted
from analysis.office import sheets
from analysis.office.words import Role, role_of, role_of_all
from forms import framework
from forms.faults import Faults
from tests.analysis.office_table import EXPECTED, FRAMEWORK, UNITS

HEAD = [
    "STT",
    "Lĩnh vực/Tiêu chí/Tiêu chí thành phần",
    "Điểm tối đa",
    "Điểm tự chấm",
    "Điểm thẩm định",
    "Tài liệu kiểm chứng",
]
NAMES = {
    "plan_issue": "Ban hành kế hoạch đúng thời hạn",
    "plan_done": "Mức độ hoàn thành kế hoạch",
    "report_time": "Báo cáo đầy đủ, đúng thời hạn",
    "onestop_time": "Tỷ lệ hồ sơ đúng hạn",
}
Rows = list[list[Any]]


@pytest.fixture(scope="module")
def wanted() -> Wanted:
    return appraised.wanted(framework.load(FRAMEWORK, "tinh.toml"), UNITS[:1])


@pytest.fixture(scope="module")
def wanted_all() -> Wanted:
    return appraised.wanted(framework.load(FRAMEWORK, "tinh.toml"), UNITS)


def body(**cells: Any) -> Rows:
    """A sheet's rows below the headings; ``cells`` replace the appraised points of a subcriterion."""
    given = {"plan_issue": "8,5", "plan_done": 20, "report_time": 7.0, "onestop_time": "25 điểm", "pleased": ""} | cells
    return [
        ["I", "CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH CẢI CÁCH HÀNH CHÍNH", 40, 40, 35.5, ""],
        [1.1, "Kế hoạch cải cách hành chính", 30, 30, 28.5, ""],
        ["1.1.1", "Ban hành kế hoạch đúng thời hạn", 10, 10, given["plan_issue"], "QĐ số 12/QĐ-STP"],
        ["1.1.2", "Mức độ hoàn thành kế hoạch", 20, "20", given["plan_done"], "Báo cáo năm"],
        [1.2, "Thực hiện chế độ báo cáo", 10, 10, 7, ""],
        ["1.2.1", "Báo cáo đầy đủ, đúng thời hạn", 10, "9,25", given["report_time"], ""],
        ["II", "Cải cách thủ tục hành chính", 60, "", "", ""],
        ["2.1", "Thực hiện cơ chế một cửa", 60, "", "", ""],
        ["2.1.1", "Tỷ lệ hồ sơ đúng hạn", 40, "" if given["onestop_time"] == "" else 30, given["onestop_time"], ""],
        ["2.1.2", "Mức độ hài lòng của người dân", 20, "ĐTXHH", given["pleased"], ""],
        ["", "TỔNG CỘNG", 100, 79.25, 60.5, ""],
        ["", "", "", "", "Người lập biểu", ""],
    ]


def book(path: Path, *sheets: tuple[str, Rows], merged: Sequence[str] = ()) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
        for place in merged:
            sheet.merge_cells(place)
    made.save(path)
    return path


def titled(rows: Rows, unit: str = "Sở Tư pháp") -> Rows:
    return [["UBND TỈNH ĐẮK LẮK", "", "", "", "", ""], ["BẢNG CHẤM ĐIỂM CÁC TIÊU CHÍ NĂM 2026", "", "", "", "", ""],
            [f"Đơn vị: {unit}", "", "", "", "", ""], HEAD, *rows]  # fmt: skip


def said(path: Path, table: Wanted, **options: Any) -> list[str]:
    with pytest.raises(Faults) as caught:
        appraised.read(path, table, **options)
    return [fault.message for fault in caught.value.faults]


def test_an_office_sheet_is_read_with_its_own_scores_documents_and_text_numbers(tmp_path: Path, wanted: Wanted) -> None:
    read = appraised.read(book(tmp_path / "a.xlsx", ("Trang 1", titled(body()))), wanted)
    assert read.points == {"so_tu_phap": EXPECTED}
    assert read.own["so_tu_phap"] == {"plan_issue": 10, "plan_done": 20, "report_time": 9.25, "onestop_time": 30}
    assert read.documents["so_tu_phap"] == {"plan_issue": "QĐ số 12/QĐ-STP", "plan_done": "Báo cáo năm"}
    only_own = appraised.read(book(tmp_path / "b.xlsx", ("Trang 1", titled(body()))), wanted, own_counts=True)
    assert only_own.points["so_tu_phap"]["report_time"] == 9.25


@pytest.mark.parametrize(
    "head",
    [
        ["TT", "NỘI DUNG ĐÁNH GIÁ", "ĐIỂM CHUẨN", "ĐƠN VỊ TỰ CHẤM", "HỘI ĐỒNG THẨM ĐỊNH", "MINH CHỨNG"],
        ["Số TT", "Tên tiêu chí", "Thang điểm", "Tự đánh giá", "Điểm đạt được", "Ghi chú"],
        ["Mục", "Tieu chi, tieu chi thanh phan", "Diem toi da", "Diem tu danh gia", "Diem tham dinh", "Tai lieu"],
        ["stt", "Tiêu chí thành phần", "Điểm quy định", "Tự chấm điểm", "Kết quả thẩm định", "Căn cứ chấm điểm"],
        ["STT", "Các tiêu chí chấm điểm", "Điểm tối đa", "Kết quả tự chấm", "Điểm", "Ý kiến thẩm định"],
        ["STT", "Tiêu chí", "Tối đa", "Cơ quan tự chấm", "Sở Nội vụ chấm", "Lý do điểm thẩm định thấp hơn"],
    ],
)
def test_headings_are_known_by_what_they_mean(tmp_path: Path, wanted: Wanted, head: list[str]) -> None:
    rows = [*titled(body())[:3], head, *body()]
    assert appraised.read(book(tmp_path / "a.xlsx", ("x", rows)), wanted).points == {"so_tu_phap": EXPECTED}


def test_two_rows_of_headings_merged_or_not_and_a_row_that_numbers_the_columns(tmp_path: Path, wanted: Wanted) -> None:
    heads = [
        ["STT", "Tiêu chí", "Điểm tối đa", "Kết quả đánh giá", "", "Tài liệu kiểm chứng"],
        ["", "", "", "Đơn vị tự chấm", "Thẩm định", ""],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
    ]
    rows = [*titled(body())[:3], *heads, *body()]
    merged = ["A4:A5", "B4:B5", "C4:C5", "D4:E4", "F4:F5", "A1:F1"]
    assert (
        appraised.read(book(tmp_path / "a.xlsx", ("x", rows), merged=merged), wanted).points["so_tu_phap"] == EXPECTED
    )
    text = "\n".join(";".join(str(cell) for cell in row) for row in rows)
    (tmp_path / "a.csv").write_text(text, "utf-8")
    assert appraised.read(tmp_path / "a.csv", wanted).points["so_tu_phap"] == EXPECTED
    grouped = [["STT", "Tiêu chí", "Tối đa", "Đơn vị tự chấm", "Hội đồng thẩm định", "", ""],
               ["", "", "", "Điểm", "Điểm", "Tài liệu", "Lý do"], ["A", "B", 1, 2, 3, 4, 5]]  # fmt: skip
    rows = [*titled(body())[:3], *grouped, *body()]
    assert (
        appraised.read(book(tmp_path / "c.xlsx", ("x", rows), merged=["E4:G4"]), wanted).points["so_tu_phap"]
        == EXPECTED
    )


def test_number_and_name_in_one_cell_and_levels_in_columns_of_their_own(tmp_path: Path, wanted: Wanted) -> None:
    joined = [[f"{row[0]}. {row[1]}" if row[0] else row[1], *row[2:]] for row in body()]
    head = ["Tiêu chí", "Điểm tối đa", "Tự chấm", "Thẩm định", "Tài liệu"]
    rows = [["Đơn vị được đánh giá:", "Sở Tư pháp"], head, *joined]
    assert appraised.read(book(tmp_path / "a.xlsx", ("x", rows)), wanted).points["so_tu_phap"] == EXPECTED
    head = ["Lĩnh vực", "Tiêu chí", "Tiêu chí thành phần", "Thẩm định"]
    levels = [["Công tác chỉ đạo", "Kế hoạch", name, EXPECTED[sub]] for sub, name in NAMES.items()]
    levels[1][:2] = ["", ""]
    rows = [["Sở Tư pháp"], head, *levels]
    assert appraised.read(book(tmp_path / "b.xlsx", ("x", rows)), wanted).points["so_tu_phap"] == EXPECTED


def test_romans_above_numbers_of_two_parts_and_names_written_otherwise(tmp_path: Path, wanted: Wanted) -> None:
    rows = [
        ["I", "Chỉ đạo", "", "", "", ""],
        [1, "Kế hoạch", "", "", "", ""],
        ["1.1", "Ban hành kế hoạch (đúng thời hạn) (10 điểm)", 10, "", 8.5, ""],
        ["1.2", "Mức độ hoàn thành kế hoạch năm", 20, "", 20, ""],
        [2, "Báo cáo", "", "", "", ""],
        ["2.1", "Báo cáo đầy đủ đúng thời hạn", 10, "", 7, ""],
        ["II", "Thủ tục", "", "", "", ""],
        [1, "Một cửa", "", "", "", ""],
        ["1.1", "TY LE HO SO DUNG HAN", 30, "", 25, ""],
    ]
    assert appraised.read(book(tmp_path / "a.xlsx", ("x", titled(rows))), wanted).points["so_tu_phap"] == EXPECTED


@pytest.mark.parametrize(
    "name", ["Sở Tư pháp", "1. Sở Tư pháp", "SO TU PHAP", "Tư pháp", "so_tu_phap", "02-Sở Tư pháp (lần 2)"]
)
def test_a_sheet_is_found_by_its_name(tmp_path: Path, wanted_all: Wanted, name: str) -> None:
    sheets = [
        (name, [HEAD, *body()]),
        ("Sở Nông nghiệp và Phát triển nô", [HEAD, *body()]),
        ("Thanh tra tỉnh", [HEAD, *body(onestop_time="")]),
    ]
    read = appraised.read(book(tmp_path / "a.xlsx", *sheets, ("Hướng dẫn", [["Cách điền"]])), wanted_all)
    assert read.points["so_tu_phap"] == read.points["so_nn"] == EXPECTED
    assert read.points["thanh_tra"] == {sub: value for sub, value in EXPECTED.items() if sub != "onestop_time"}
    assert [place.rsplit("[")[-1] for place in read.skipped] == ["Hướng dẫn]"]


def test_initials_and_one_file_a_unit(tmp_path: Path, wanted_all: Wanted) -> None:
    folder = tmp_path / "nop"
    folder.mkdir()
    book(folder / "Bang diem So Tu phap 2026.xlsx", ("Sheet1", [HEAD, *body()]))
    book(folder / "b.xlsx", ("Sở NN&PTNT", [HEAD, *body()]))
    book(folder / "~$b.xlsx", ("Sheet1", [["khóa"]]))
    book(folder / "c.xlsx", ("Sheet1", titled(body(onestop_time=""), "Thanh tra Tỉnh")))
    read = appraised.read(folder, wanted_all)
    assert set(read.points) == {"so_tu_phap", "so_nn", "thanh_tra"}
    again = appraised.read(folder, wanted_all)
    assert read.hash == again.hash and read.file == "nop"
    (tmp_path / "leer").mkdir()
    assert "no workbook" in said(tmp_path / "leer", wanted_all)[0]


def test_units_as_columns_and_units_as_a_column(tmp_path: Path, wanted_all: Wanted) -> None:
    subs = list(NAMES)
    wide = [["STT", "Tiêu chí", "Tối đa", "Sở Tư pháp", "Sở Nông nghiệp và Phát triển nông thôn", "Thanh tra tỉnh"]]
    wide += [[at, NAMES[sub], "", EXPECTED[sub], EXPECTED[sub], "" if sub == "onestop_time" else EXPECTED[sub]]
             for at, sub in enumerate(subs, 1)]  # fmt: skip
    read = appraised.read(book(tmp_path / "a.xlsx", ("Tổng hợp", wide)), wanted_all)
    assert read.points["so_nn"] == EXPECTED and "onestop_time" not in read.points["thanh_tra"]
    long = [["Đơn vị", "Tiêu chí thành phần", "Điểm thẩm định"]]
    for unit in UNITS:
        for at, sub in enumerate(subs):
            if (unit.id, sub) != ("thanh_tra", "onestop_time"):
                long.append([unit.name if at == 0 else "", NAMES[sub], EXPECTED[sub]])
    merged = ["A2:A5", "A6:A9", "A10:A12"]
    read = appraised.read(book(tmp_path / "b.xlsx", ("x", long), merged=merged), wanted_all)
    assert read.points["so_tu_phap"] == EXPECTED and len(read.points["thanh_tra"]) == 3
    double = [["Tiêu chí", "Sở Tư pháp", "", "Sở NN", ""], ["", "Tự chấm", "Thẩm định", "Tự chấm", "Thẩm định"]]
    double += [[NAMES[sub], 1, EXPECTED[sub], 2, EXPECTED[sub]] for sub in subs]
    two = appraised.wanted(framework.load(FRAMEWORK, "t"), [UNITS[0], Unit("so_nn", "Sở NN", "department")])
    read = appraised.read(book(tmp_path / "c.xlsx", ("x", double), merged=["B1:C1", "D1:E1", "A1:A2"]), two)
    assert read.points == {"so_tu_phap": EXPECTED, "so_nn": EXPECTED}
    assert read.own["so_nn"] == dict.fromkeys(subs, 2.0)


def test_a_summary_beside_the_sheets_is_no_table_of_points(tmp_path: Path, wanted: Wanted) -> None:
    summary = [["STT", "Đơn vị", "Điểm tự chấm", "Điểm thẩm định"], [1, "Sở Tư pháp", 79.25, 60.5]]
    sheets = [("Tổng hợp", summary), ("Sở Tư pháp", [HEAD, *body()])]
    read = appraised.read(book(tmp_path / "a.xlsx", *sheets), wanted)
    assert read.points["so_tu_phap"] == EXPECTED and "Tổng hợp" in read.skipped[0]


CELLS: list[tuple[dict[str, Any], str]] = [
    ({"plan_issue": 10.5}, "E7: 10.5 is above the maximum of 10"),
    ({"plan_issue": "12,5 điểm"}, "E7: 12,5 điểm is above the maximum of 10"),
    ({"plan_issue": -1}, "E7: -1.0 is negative"),
    (
        {"plan_issue": ""},
        "E7: is empty, but “Ban hành kế hoạch đúng thời hạn” of “Sở Tư pháp” needs points here (0 to 10)",
    ),
    ({"plan_issue": "đạt"}, "E7: “đạt” is not a number of points"),
    ({"plan_issue": "8,5/10"}, "E7: “8,5/10” is not a number of points"),
    (
        {"plan_issue": datetime.date(2026, 5, 1)},
        "E7: “2026-05-01” is not a number of points: a spreadsheet made",
    ),
    ({"plan_issue": "Không áp dụng"}, "E7: “Không áp dụng”: “Ban hành kế hoạch đúng thời hạn” applies"),
    ({"pleased": 15}, "E14: “Mức độ hài lòng của người dân” is scored by the survey"),
]


@pytest.mark.parametrize(("cells", "message"), CELLS)
def test_a_wrong_cell_is_named_by_its_letter_and_row(
    tmp_path: Path, wanted: Wanted, cells: dict[str, Any], message: str
) -> None:
    (told,) = said(book(tmp_path / "a.xlsx", ("x", titled(body(**cells)))), wanted)
    assert told.startswith(message)


def broken(rows: Rows, change: Callable[[Rows], None]) -> Rows:
    change(rows)
    return rows


ROWS: list[tuple[Callable[[Rows], None], list[str]]] = [
    (lambda rows: rows[2].__setitem__(1, "Kế hoạch tuyên truyền"),
     ["E7: row 1.1.1 is called “Kế hoạch tuyên truyền”, but 1.1.1 of the framework is “Ban hành kế hoạch",
      "“Sở Tư pháp” has no row for “Ban hành kế hoạch đúng thời hạn” (plan_issue)"]),
    (lambda rows: rows[3].__setitem__(1, "Ban hành kế hoạch đúng thời hạn"),
     ["“Ban hành kế hoạch đúng thời hạn” comes twice for “Sở Tư pháp”; it already stands in row 7",
      "“Sở Tư pháp” has no row for “Mức độ hoàn thành kế hoạch” (plan_done)"]),
    (lambda rows: rows[2].__setitem__(2, 12), ["C7: the maximum is 12 here, but 10 in the framework"]),
    (lambda rows: rows.insert(3, ["", "", "", "", 2, "thêm"]), ["E8: a row with points names no criterion"]),
    (lambda rows: rows.insert(3, ["1.1.9", "Điểm thưởng đặc biệt", 5, "", 2, ""]),
     ["E8: “Điểm thưởng đặc biệt” is no subcriterion of the framework"]),
    (lambda rows: rows.pop(2), ["“Sở Tư pháp” has no row for “Ban hành kế hoạch đúng thời hạn” (plan_issue)"]),
]  # fmt: skip


@pytest.mark.parametrize(("change", "messages"), ROWS)
def test_a_row_that_is_not_the_framework_s_is_named(
    tmp_path: Path, wanted: Wanted, change: Callable[[Rows], None], messages: list[str]
) -> None:
    told = said(book(tmp_path / "a.xlsx", ("x", titled(broken(body(), change)))), wanted)
    assert len(told) == len(messages)
    for one, message in zip(told, messages, strict=True):
        assert one.startswith(message)


def test_every_ambiguity_is_named_and_none_is_guessed(tmp_path: Path, wanted: Wanted, wanted_all: Wanted) -> None:
    head = ["STT", "Tiêu chí", "Tối đa", "Thẩm định lần 1", "Thẩm định lần 2", "Tài liệu"]
    rows = [["Đơn vị: Sở Tư pháp"], head, *body()]
    path = book(tmp_path / "a.xlsx", ("x", rows))
    assert said(path, wanted)[0] == (
        "the appraised points may be D “Thẩm định lần 1” or E “Thẩm định lần 2”: choose one with --points HEADING"
    )
    assert appraised.read(path, wanted, chosen="Thẩm định lần 2").points["so_tu_phap"] == EXPECTED
    assert appraised.read(path, wanted, chosen="e").points["so_tu_phap"] == EXPECTED
    assert "has no column of appraised points" in said(path, wanted, chosen="lần 3")[0]
    head = ["STT", "Tiêu chí", "Tối đa", "Tự chấm", "", ""]
    told = said(book(tmp_path / "b.xlsx", ("x", [["Đơn vị: Sở Tư pháp"], head, *body()])), wanted)
    assert told[0].startswith("has no column of appraised points (điểm thẩm định); the columns are A “STT”")
    sheets = [("Sở Tư pháp", titled(body(), "Thanh tra tỉnh")), ("Bảng 2", [HEAD, *body()]), ("Sở", [HEAD, *body()])]
    told = said(book(tmp_path / "c.xlsx", *sheets), wanted_all)
    assert told[0].startswith("the sheet says “Thanh tra tỉnh”, but is called “Sở Tư pháp”")
    assert told[1].startswith("names no unit: call the sheet after it")
    both = [("Sở Tư pháp", [HEAD, *body()]), ("Sở Tư pháp (2)", titled(body()))]
    told = said(book(tmp_path / "d.xlsx", *both), wanted)
    assert told[0].startswith("“Sở Tư pháp” comes twice; it already stands in")


def test_one_merged_cell_of_points_over_several_criteria_is_a_fault(tmp_path: Path, wanted: Wanted) -> None:
    path = book(tmp_path / "a.xlsx", ("x", titled(body())), merged=["E7:E8"])
    assert said(path, wanted) == ["E8: one merged cell holds the points of plan_issue and of plan_done: unmerge it"]
    rows = titled(broken(body(), lambda rows: rows.insert(3, ["", "", "", "", "", "Phụ lục 2"])))
    path = book(tmp_path / "b.xlsx", ("x", rows), merged=["A7:A8", "B7:B8", "E7:E8"])
    assert appraised.read(path, wanted).points["so_tu_phap"] == EXPECTED


def test_one_name_of_two_subcriteria_needs_its_number(tmp_path: Path) -> None:
    twice = FRAMEWORK.replace("Báo cáo đầy đủ, đúng thời hạn", "Ban hành kế hoạch đúng thời hạn")
    table = appraised.wanted(framework.load(twice, "t"), UNITS[:1])
    rows = body()
    rows[5][1] = rows[2][1]
    assert appraised.read(book(tmp_path / "a.xlsx", ("x", titled(rows))), table).points["so_tu_phap"] == EXPECTED
    rows[5][0] = ""
    told = said(book(tmp_path / "b.xlsx", ("x", titled(rows))), table)
    assert told[0].startswith("E10: “Ban hành kế hoạch đúng thời hạn” may mean 1.1.1 “Ban hành")


def test_our_own_table_may_have_names_for_headings(tmp_path: Path, wanted: Wanted) -> None:
    rows = [["Cơ quan", *NAMES.values()], ["Sở Tư pháp", *EXPECTED.values()]]
    assert appraised.read(book(tmp_path / "a.xlsx", ("x", rows)), wanted).points == {"so_tu_phap": EXPECTED}


def test_ids_beside_the_rows_are_enough(tmp_path: Path, wanted: Wanted) -> None:
    rows = [["Mã tiêu chí", "Điểm thẩm định"], *[[sub, value] for sub, value in EXPECTED.items()]]
    assert appraised.read(book(tmp_path / "a.xlsx", ("Sở Tư pháp", rows)), wanted).points["so_tu_phap"] == EXPECTED


@given(st.text(max_size=40))
def test_any_heading_means_something_or_nothing(text: str) -> None:
    assert role_of(text) in {None, *Role}
    assert role_of_all([text, "Điểm"]) in Role


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.text(max_size=12), st.floats(allow_nan=False), st.sampled_from([*HEAD, "1.1.1", "Sở Tư pháp"])
            ),
            max_size=6,
        ),
        max_size=8,
    )
)
def test_any_sheet_is_read_or_refused_with_a_sentence(rows: Rows) -> None:
    from analysis.office import book as offices
    from forms.tables import Sheet

    table = appraised.wanted(framework.load(FRAMEWORK, "t"), UNITS)
    found, read = offices.read([Sheet("f.xlsx", "Sở Tư pháp", rows)], table)
    assert read in ({0}, set())
    assert all(fault.message for fault in found.faults)


def test_our_own_sheets_in_this_layout_come_back_as_they_were_filled(tmp_path: Path) -> None:
    units = [*UNITS, Unit("xa_1", "Sở Nông nghiệp và Phát triển nông sản", "department")]
    table = appraised.wanted(framework.load(FRAMEWORK, "t"), units)
    path = tmp_path / "mau.xlsx"
    sheets.write(table, path)
    made = openpyxl.load_workbook(path)
    assert len({name.casefold() for name in made.sheetnames}) == 4
    for sheet in made:
        for row in sheet.iter_rows(min_row=4):
            if str(row[0].value).count(".") == 2 and row[4].fill.fgColor.rgb in ("00000000", None):
                row[4].value = "0,5"
    made.save(path)
    read = appraised.read(path, table)
    assert {unit: len(points) for unit, points in read.points.items()} == {
        "so_tu_phap": 4, "so_nn": 4, "thanh_tra": 3, "xa_1": 4,
    }  # fmt: skip


def test_marks_written_apart_sums_and_ids_as_names_and_several_files(tmp_path: Path, wanted_all: Wanted) -> None:
    import unicodedata

    def apart(rows: Rows) -> Rows:
        return [[unicodedata.normalize("NFD", cell) if isinstance(cell, str) else cell for cell in row] for row in rows]

    rows = body()
    rows.insert(6, ["", "Cộng lĩnh vực I", "", "", 35.5, ""])
    one = book(tmp_path / "a.xlsx", ("x", apart(titled(rows))))
    two = book(
        tmp_path / "b.xlsx", ("Sở NN&PTNT", [["Tiêu chí", "Điểm"], *[[sub, at] for sub, at in EXPECTED.items()]])
    )
    three = book(tmp_path / "c.xlsx", ("Thanh tra tỉnh", [HEAD, *body(onestop_time="")]))
    read = appraised.read([one, two, three], wanted_all)
    assert read.points["so_tu_phap"] == read.points["so_nn"] == EXPECTED and read.file == "a.xlsx, b.xlsx, c.xlsx"


def test_a_gateway_is_no_sum(tmp_path: Path) -> None:
    text = FRAMEWORK.replace("Mức độ hoàn thành kế hoạch", "Cổng thông tin điện tử")
    table = appraised.wanted(framework.load(text, "t"), UNITS[:1])
    rows = body()
    rows[3][1] = "Cổng thông tin điện tử"
    assert appraised.read(book(tmp_path / "a.xlsx", ("x", titled(rows))), table).points["so_tu_phap"] == EXPECTED


@pytest.mark.parametrize(
    ("text", "words"),
    [("1.1.2. Kế hoạch (2,5 điểm)", ("1.1.2", "Kế hoạch")), ("Tiêu chí 3.1: Báo cáo", ("3.1", "Báo cáo")),
     ("II. Thủ tục", ("II", "Thủ tục")), ("Đào tạo", ("", "Đào tạo")), ("A lô", ("", "A lô"))],
)  # fmt: skip
def test_a_number_is_taken_from_the_front_of_a_name(text: str, words: tuple[str, str]) -> None:
    from analysis.office.criteria import taken_apart

    assert taken_apart(text) == words


@pytest.mark.parametrize(
    ("name", "units", "found"),
    [
        ("Xã Ea Kar", {"h": "Huyện Ea Kar", "x": "Xã Ea Kar"}, ["x"]),
        ("Ea Kar", {"h": "Huyện Ea Kar", "x": "Xã Ea Kar"}, ["h", "x"]),
        ("Sheet1", {"h": "Huyện Ea Kar"}, []),
        ("Sở TT&TT", {"a": "Sở Thông tin và Truyền thông", "b": "Sở Tư pháp"}, ["a"]),
    ],
)  # fmt: skip
def test_whose_sheet_it_is_by_its_name_alone(name: str, units: dict[str, str], found: list[str]) -> None:
    from analysis.office.whose import Units
    from forms.tables import Sheet

    unit, fault = Units(units).of(Sheet("f.xlsx", name, [["Tiêu chí"]]), 0, True)
    assert ([unit] if unit else []) == (found if len(found) == 1 else [])
    assert ("may be about" in fault) is (len(found) > 1)


def test_a_name_that_begins_like_a_formula_is_a_name(tmp_path: Path) -> None:
    text = FRAMEWORK.replace("Mức độ hoàn thành kế hoạch", "=1+1 kế hoạch")
    table = appraised.wanted(framework.load(text, "t"), UNITS[:1])
    sheets.write(table, tmp_path / "a.xlsx")
    cells = {cell.value: cell.data_type for row in openpyxl.load_workbook(tmp_path / "a.xlsx").active for cell in row}
    assert cells["=1+1 kế hoạch"] == "s" or cells["=1+1 kế hoạch"] == "inlineStr"

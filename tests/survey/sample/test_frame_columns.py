"""Columns: by heading, by what was said about an earlier file, by a likeness that is never silent."""

from __future__ import annotations

import csv
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from forms.faults import Faults
from survey.frames import cell_values
from survey.frames import template as frame_template
from survey.frames.cell_values import MANIFOLD, READERS, clean_column, written
from survey.frames.columns import alike
from survey.frames.frame import RefusedImport
from survey.frames.headings import IGATE, PORTAL
from tests.survey.sample.conftest import DOSSIERS, HEADING, Office, dossier, group_text, wave_text

CENSUS = '{ method = "census" }'
LIST = group_text("dan", "dossier", CENSUS)


def command(office: Office, file: Path, *more: str, group: str = "dan") -> str:
    return office.run("frame", "import", "--wave", "w", "--group", group, str(file), *more)


def test_what_was_said_about_a_file_is_remembered_for_the_next_with_its_headings(office: Office) -> None:
    office.register(wave_text(LIST))
    heading = ["Ký hiệu", "Nơi xử lý"]
    said = command(office, office.csv("thang_1.csv", [["HS-1", "Sở Y tế"]], heading),
                   "--map", "Ký hiệu=reference", "--map", "Nơi xử lý=unit")  # fmt: skip
    assert "earlier file" not in said
    said = command(office, office.csv("thang_2.csv", [["Sở Y tế", "HS-2"]], heading[::-1]))
    assert "2.csv: 1 rows in, 1 kept." in said
    assert "“KÝ HIỆU”" not in said
    assert "“Ký hiệu” was read as reference, as said about an earlier file" in said
    other = office.csv("khac.csv", [["HS-3", "Sở Y tế", "x"]], [*heading, "Thêm"])
    with pytest.raises(Faults, match="no header was found"):
        command(office, other)


def test_a_dry_run_remembers_nothing(office: Office) -> None:
    wave = office.register(wave_text(LIST))
    file = office.csv("a.csv", [["HS-1", "Sở Y tế"]], ["Ký hiệu", "Cơ quan thực hiện"])
    before = office.dump()
    office.load(wave, "dan", file, mapping={"Ký hiệu": "reference"}, dry=True)
    assert office.dump() == before
    assert "Ký hiệu" not in " ".join(office.faults(wave, "dan", file))


def test_what_is_said_now_goes_before_what_is_remembered(office: Office) -> None:
    wave = office.register(wave_text(LIST))
    heading = ["Số một", "Số hai", "Cơ quan giải quyết"]
    office.load(wave, "dan", office.csv("a.csv", [["HS-1", "x", "Sở Y tế"]], heading), mapping={"Số một": "reference"})
    done = office.load(
        wave, "dan", office.csv("b.csv", [["y", "HS-2", "Sở Y tế"]], heading), mapping={"Số hai": "reference"}
    )
    assert (done.first[0].reference, done.remembered) == ("HS-2", ())


def test_a_heading_like_a_missing_one_is_suggested_and_only_taken_when_asked(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    heading = ["Mã số hồ sơ TTHC", *HEADING[1:]]
    file = office.csv("hs.csv", [dossier(1, "Sở Tư pháp")], heading)
    assert office.faults(wave, "dan", file) == [
        "hs.csv:1: the column “Số hồ sơ” (reference) is missing; “Mã số hồ sơ TTHC” looks like it: say --map “Mã số hồ "
        "sơ TTHC=reference”, or --guess"
    ]
    said = command(office, file, "--guess")
    assert "“Mã số hồ sơ TTHC” was read as reference, guessed from its heading" in said


def test_an_unused_column_is_suggested_but_left_alone(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    file = office.csv("hs.csv", [[*dossier(1, "Sở Tư pháp"), "a@b.vn"]], [*HEADING, "Thư điện tử liên lạc"])
    done = office.load(wave, "dan", file, dry=True)
    assert done.suggested == {"Thư điện tử liên lạc": "email"}
    assert done.guessed == ()
    assert "email" not in done.heading
    assert office.load(wave, "dan", file, guess=True).guessed == ("email",)


def test_likeness() -> None:
    assert alike("Số hồ sơ", "số hồ sơ") == 1
    assert alike("Tên cơ quan giải quyết", "Cơ quan giải quyết") == 0.9
    assert alike("Ngay hen tra kqua", "Ngày hẹn trả kết quả") > 0.8
    assert alike("Ghi chú", "Số hồ sơ") < 0.5


def test_a_dry_run_of_a_faulty_file_shows_its_rows_and_every_fault(office: Office) -> None:
    office.register(wave_text(DOSSIERS))
    rows = [dossier(1, "Sở Tư pháp"), dossier(2, "Sở Lạ"), dossier(3, "Sở Y tế")]
    rows[2][5] = ""
    status, said = office.exit_code(
        "frame", "import", "--wave", "w", "--group", "dan", str(office.csv("hs.csv", rows)), "--dry-run"
    )
    assert status != 0
    assert "1 dropped: not decided yet" in said
    assert "first rows: HS-0001: so_tu_phap" in said


def test_several_sheets_with_other_orders_of_columns_are_one_list(office: Office) -> None:
    from tests.survey.sample.test_frame import workbook

    wave = office.register(wave_text(LIST))
    first = [["Số hồ sơ", "Cơ quan giải quyết"], ["HS-1", "Sở Y tế"], ["HS-2", "Sở Tư pháp"]]
    second = [["Danh sách quý II"], ["Cơ quan giải quyết", "Mã hồ sơ"], ["Sở Y tế", "HS-3"]]
    done = office.load(wave, "dan", office.write("hs.xlsx", workbook(("Quý I", first), ("Quý II", second))))
    assert (done.rows_kept, done.by_unit) == (3, {"so_tu_phap": 1, "so_y_te": 2})
    again = [["Số hồ sơ", "Cơ quan giải quyết"], ["HS-9", "Sở Y tế"], ["HS-3", "Sở Lạ"]]
    faults = office.faults(
        wave, "dan", office.write("b.xlsx", workbook(("I", again), ("II", [again[0], ["HS-9", "Sở Y tế"]])))
    )
    assert faults == [
        "b.xlsx [I]:3, column “Cơ quan giải quyết”: unknown unit: “Sở Lạ” is not known",
        "b.xlsx [I]:3, column “Số hồ sơ”: “HS-3” was imported before",
        "b.xlsx [II]:2, column “Số hồ sơ”: “HS-9” stands already in row 2 of b.xlsx [I]",
    ]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("=1+1", "“=1+1” is a formula; write its value"),
        ('=HYPERLINK("http://x")', "is a formula"),
        ("x" * 2_001, "holds 2,001 characters; no cell of a list needs more than 2,000"),
    ],
)
@pytest.mark.parametrize("column", [0, 1, 3, 6, 7])
def test_formulas_and_endless_cells_are_faults_in_every_column(
    office: Office, cell: str, said: str, column: int
) -> None:
    wave = office.register(wave_text(DOSSIERS))
    rows = [dossier(number, "Sở Tư pháp") for number in range(3)]
    rows[1][column] = '"' + cell.replace('"', '""') + '"'
    (found,) = office.faults(wave, "dan", office.csv("hs.csv", rows))
    assert found.startswith(f"hs.csv:3, column “{HEADING[column]}”")
    assert said in found
    assert len(found) < 250


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("x" * 10_000_000, "hs.csv: has a line of more than 1,048,576 characters"),
        ('"' + "x\n" * 5_000_000 + '"', "hs.csv:65538: is not a CSV table: a cell holds more than 131,072 characters"),
        ('"' + "x" * 10_000_000, "hs.csv: has a line of more than 1,048,576 characters"),
    ],
    ids=["plain", "of many lines", "never closed"],
)
def test_ten_megabytes_in_a_cell_of_a_csv(office: Office, cell: str, told: str) -> None:
    wave = office.register(wave_text(DOSSIERS))
    text = "\n".join([",".join(HEADING), ",".join([cell, *dossier(1, "Sở Tư pháp")[1:]])])
    assert office.faults(wave, "dan", office.write("hs.csv", text)) == [told]


def hostile_workbook(*, computed: bool = True) -> bytes:
    """A saved formula, one that no spreadsheet ever ``computed``, and a cell longer than any of a list."""
    plain, giant = BytesIO(), BytesIO()
    with xlsxwriter.Workbook(plain, {"in_memory": True}) as book:
        sheet = book.add_worksheet("a")
        for y, row in enumerate(
            [HEADING, *(dossier(number, "Sở Tư pháp") for number in range(3)), dossier(3, "Sở Lạ")]
        ):
            for x, cell in enumerate(row):
                sheet.write(y, x, cell)
        sheet.write_formula(2, 0, '=CONCATENATE("HS","-7")', None, "HS-7")
        if not computed:
            sheet.write_formula(3, 0, "=1+1", None, "")
    with zipfile.ZipFile(plain) as told, zipfile.ZipFile(giant, "w", zipfile.ZIP_DEFLATED) as made:
        for name in told.namelist():
            made.writestr(name, told.read(name).replace("Sở Lạ".encode(), b"x" * 30_000))
    return giant.getvalue()


def test_a_workbooks_formula_counts_for_what_was_saved_with_it_and_a_giant_cell_is_a_fault(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    with pytest.raises(RefusedImport) as refused:
        office.load(wave, "dan", office.write("hs.xlsx", hostile_workbook()))
    assert [str(fault) for fault in refused.value.faults] == [
        "hs.xlsx [a]:5, column “Cơ quan giải quyết”: holds 30,000 characters; no cell of a list needs more than 2,000",
    ]
    assert [row.reference for row in refused.value.found.first][:2] == ["HS-0000", "HS-7"]
    with pytest.raises(Faults, match=r"hs\.xlsx: has formulas whose results were not saved: .* they stand in: A4"):
        office.load(wave, "dan", office.write("hs.xlsx", hostile_workbook(computed=False)))


def test_a_zero_kept_by_a_formula_of_text_is_read(office: Office) -> None:
    assert written('="0123"') == "0123"
    assert READERS["identity"]('="066 012"') == "066012"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0912345678", "0912345678"),
        ("+84 912.345.678", "0912345678"),
        ("84912345678", "0912345678"),
        (912345678.0, "0912345678"),
        ("(0262) 3 800-800", "02623800800"),
        ("0912345678; 0987654321", "0912345678; 0987654321"),
        ("gọi cho con", "gọi cho con"),
        ("", ""),
    ],
)
def test_telephone_numbers_are_brought_to_one_form(cell: object, number: str) -> None:
    assert cell_values.phone(cell) == number  # type: ignore[arg-type]


letters = st.text(st.sampled_from("Aạ0123456789 =\u0301\u00a0¦@.\x07"), max_size=12)


@given(st.sampled_from(MANIFOLD), st.lists(st.one_of(letters, st.from_regex(r"0\d{9}", fullmatch=True)), min_size=1))
def test_a_column_read_as_a_whole_says_what_its_cells_say(name: str, cells: list[str]) -> None:
    quick = clean_column(name, cells)
    if quick is not None:
        assert quick == [READERS.get(name, written)(cell) for cell in cells]


@pytest.mark.parametrize("name", MANIFOLD)
def test_clean_columns_are_read_as_a_whole(name: str) -> None:
    assert clean_column(name, ["0912345678", "0987654321", ""]) == ["0912345678", "0987654321", ""]
    assert clean_column(name, [12.0, "x"]) is None


@pytest.mark.parametrize(("style", "headings"), [("igate", IGATE), ("portal", PORTAL)])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_list_in_the_style_of_a_system_is_recognised_whole(
    office: Office, style: str, headings: tuple[str, ...], ending: str
) -> None:
    wave = office.register(wave_text(DOSSIERS))
    file = office.folder / f"mau.{ending}"
    said = office.run("frame", "template", "--wave", "w", "--group", "dan", "--style", style, "-o", str(file))
    assert f"mau.{ending}" in said
    if ending == "csv":
        found = tuple(next(csv.reader(file.read_text("utf-8-sig").splitlines())))
    else:
        found = tuple(cell.value for cell in load_workbook(file)["Danh sách"][1])
    assert found == headings
    filled = {"Kênh nộp": "Trực tuyến", "Hình thức nộp hồ sơ": "Trực tuyến", "Cơ quan giải quyết": "Sở Y tế",
              "Cơ quan thực hiện": "Sở Y tế", "STT": "1", "Số hồ sơ": "HS-1", "Mã số hồ sơ": "HS-1"}  # fmt: skip
    row = [filled.get(heading, "02/03/2026" if heading.startswith("Ngày") else "") for heading in headings]
    done = office.load(wave, "dan", office.csv("hs.csv", [row], [f'"{heading}"' for heading in headings]))
    assert done.by_unit == {"so_y_te": 1}
    assert set(done.unused) <= {"STT", "Thủ tục hành chính", "Tên thủ tục hành chính"}


def test_templates_fit_the_group(office: Office) -> None:
    wave = office.register(wave_text(LIST + group_text("can_bo", "list", CENSUS, 'margins = ["vung"]')))
    officials, citizens = wave.spec.group("can_bo"), wave.spec.group("dan")
    posts = frame_template.columns(officials, "posts")
    assert ("Cơ quan được đánh giá", "units", True) in posts
    assert ("vung", "vung", True) in posts
    assert [name for _, name, needed in frame_template.columns(officials, "appointments") if needed] == [
        "unit",
        "expected",
    ]
    for group, style in ((citizens, "posts"), (officials, "portal")):
        with pytest.raises(Faults, match="no template of the style"):
            frame_template.columns(group, style)
    with pytest.raises(Faults, match=r"must end in \.csv or \.xlsx"):
        frame_template.write(office.folder / "mau.ods", wave.spec, citizens)
    stratified = group_text("x", "dossier", '{ method = "stratified", by = ["vung"], n = 60 }')
    (added,) = frame_template.columns(office.register(wave_text(stratified, head=HEAD2)).spec.group("x"), "igate")[13:]
    assert added == ("vung", "vung", True)


HEAD2 = 'id = "v"\ntitle.vi = "x"\nopens = 2026-03-01\ncloses = 2026-03-31\n'

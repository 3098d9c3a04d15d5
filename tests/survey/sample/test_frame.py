"""Importing lists: whole or not at all, every fault by row and column, contacts apart."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook

from forms.faults import Faults
from survey.cli import main
from survey.frames import frame
from survey.frames.cell_values import day, identity, plain
from survey.store import Store
from tests.survey.sample.conftest import DOSSIERS, HEADING, Office, dossier, group_text, wave_text

CENSUS = '{ method = "census" }'
Dossiers = Callable[[dict[str, tuple[int, int]]], list[list[str]]]


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    """An XLSX file; dates are date cells."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                for x, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(y, x, cell, day)  # type: ignore[arg-type]
                    else:
                        sheet.write(y, x, cell)
    return content.getvalue()


def stored(office: Office) -> list[tuple[str, str, dict[str, str]]]:
    rows = office.store.connection.execute("SELECT unit, place, fields FROM frame_row").fetchall()
    found = sorted((row["unit"], row["place"], row["fields"]) for row in rows)
    return [(unit, place, json.loads(fields)) for unit, place, fields in found]


def test_a_csv_list_is_imported(office: Office, dossiers: Dossiers) -> None:
    wave = office.register(wave_text(DOSSIERS))
    done = office.load(wave, "dan", office.csv("hs.csv", dossiers({"Sở Tư pháp": (2, 1), "sở y tế": (1, 0)})))
    assert (done.rows_in, done.rows_kept, done.by_unit) == (4, 4, {"so_tu_phap": 3, "so_y_te": 1})
    unit, place, fields = stored(office)[0]
    assert (unit, place) == ("so_tu_phap", "mot_cua")
    assert fields == {
        "channel": "counter", "received": "2026-01-01", "due": "2026-02-05", "returned": "2026-02-10", "overdue": "yes",
    }  # fmt: skip


def test_who_they_are_stands_only_with_the_contacts(office: Office, dossiers: Dossiers) -> None:
    wave = office.register(wave_text(DOSSIERS))
    office.load(wave, "dan", office.csv("hs.csv", dossiers({"Sở Tư pháp": (1, 0)})))
    rows = [str(tuple(row)) for row in office.store.connection.execute("SELECT * FROM frame_row")]
    for told in ("HS-0000", "066000000000", "Người số 0", "0900000000"):
        assert not any(told in row for row in rows)
    contact = tuple(office.store.connection.execute("SELECT name, phone, reference FROM contact").fetchone())
    assert contact == ("Người số 0", "0900000000", "HS-0000")


def test_an_xlsx_export_with_titles_above_its_header(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    rows: list[list[object]] = [
        ["UBND TỈNH"], ["SỐ LIỆU MÔ PHỎNG"], [],
        ["Số hồ sơ", "Cơ quan giải quyết", "Kênh nộp", "Mức độ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày trả kết quả"],
        [20260001, "Sở Tư pháp", "Trực tuyến", "Mức độ 4", date(2026, 1, 5), date(2026, 1, 9), date(2026, 1, 9)],
        [],
        [20260002, "UBND huyện Lắk", "Tại quầy", 3, "6/1/2026", "2026-01-09", "10-01-2026"],
        [20260003, "Sở Y tế", "BCCI", "Toàn trình", date(2026, 1, 5), date(2026, 1, 9), ""],
    ]  # fmt: skip
    file = office.write("hs.xlsx", workbook(("Ghi chú", [["Lập ngày 1/2"]]), ("Hồ sơ", rows)))
    done = office.load(wave, "dan", file)
    assert (done.rows_in, done.rows_kept, done.without_identity) == (3, 2, 2)
    assert done.dropped == {"not decided yet (no date of return)": 1}
    assert done.skipped_sheets == ("Ghi chú",)
    assert [(unit, fields["channel"], fields["level"], fields["overdue"]) for unit, _, fields in stored(office)] == [
        ("huyen_lak", "counter", "3", "yes"),
        ("so_tu_phap", "online", "4", "no"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_and_encoding_are_found(office: Office, delimiter: str, encoding: str) -> None:
    import unicodedata

    wave = office.register(wave_text(group_text("dan", "dossier", CENSUS)))
    text = "Số hồ sơ;Cơ quan giải quyết;Mã định danh\r\nHS-1;Sở Tư pháp;1\r\nHS-2;Huyện Lắk;2\r\n"
    if encoding == "cp1258":
        # Windows-1258 writes most tones as marks of their own.
        text = "".join(_cp1258(letter) for letter in unicodedata.normalize("NFC", text))
    done = office.load(wave, "dan", office.write("hs.csv", text.replace(";", delimiter).encode(encoding)))
    assert done.by_unit == {"huyen_lak": 1, "so_tu_phap": 1}


def _cp1258(letter: str) -> str:
    import unicodedata

    try:
        letter.encode("cp1258")
        return letter
    except UnicodeEncodeError:
        parts = unicodedata.normalize("NFD", letter)
        tone = next(mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323")
        return unicodedata.normalize("NFC", parts.replace(tone, "")) + tone


def test_a_dry_run_changes_nothing_and_counts_everything(office: Office, dossiers: Dossiers) -> None:
    wave = office.register(wave_text(DOSSIERS))
    file = office.csv("hs.csv", dossiers({"Sở Tư pháp": (7, 0)}))
    before = office.dump()
    done = office.load(wave, "dan", file, dry=True)
    assert (done.dry, done.rows_kept, len(done.first)) == (True, 7, 5)
    assert office.dump() == before


def test_headings_nobody_knows_are_mapped(office: Office) -> None:
    wave = office.register(wave_text(group_text("dan", "dossier", CENSUS, 'margins = ["khu_vuc"]')))
    heading = ["Ký hiệu", "Nơi xử lý", "Vùng", "Thừa"]
    file = office.csv("hs.csv", [["1", "Sở Tư pháp", "Đô thị", "x"]], heading)
    (said,) = office.faults(wave, "dan", file)
    assert said.startswith("hs.csv: no header was found in the first 30 rows; needed: “Số hồ sơ”, “Cơ quan giải quyết”")
    done = office.load(wave, "dan", file, mapping={"KÝ HIỆU": "reference", "Nơi xử lý": "unit", "Vùng": "khu_vuc"})
    assert done.unused == ("Thừa",)
    assert stored(office)[0][2] == {"khu_vuc": "Đô thị"}
    assert office.faults(wave, "dan", file, mapping={"Ký hiệu": "Số"}) == [
        "--map Số: a field is named with a–z, 0–9 and _, beginning with a letter"
    ]
    assert "there is no column “vung mien”, which --map names" in " ".join(
        office.faults(wave, "dan", file, mapping={"Vùng miền": "khu_vuc", "Ký hiệu": "reference"})
    )


def test_what_the_caller_maps_goes_before_what_is_recognised(office: Office) -> None:
    wave = office.register(wave_text(group_text("dan", "dossier", CENSUS)))
    heading = ["Số hồ sơ", "Mã hồ sơ", "Cơ quan giải quyết"]
    file = office.csv("hs.csv", [["x", "HS-1", "Sở Tư pháp"], ["x", "HS-2", "Sở Tư pháp"]], heading)
    assert office.faults(wave, "dan", file) == [
        "hs.csv:1, column “Mã hồ sơ”: stands for “reference” as “Số hồ sơ” does; choose with --map"
    ]
    assert office.load(wave, "dan", file, mapping={"Mã hồ sơ": "reference"}).rows_kept == 2


def test_a_missing_column_is_told_with_its_row(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    file = office.csv("hs.csv", [["HS-1", "Sở Tư pháp"]], HEADING[:2])
    assert office.faults(wave, "dan", file) == [
        "hs.csv:1: the column “Kênh nộp” (channel) is missing; if it has another heading, say --map HEADING=channel"
    ]


def test_every_fault_of_a_file_at_once_by_row_and_column(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    rows = [dossier(number, "Sở Tư pháp") for number in range(6)]
    rows[1][1] = "Sở Công Thương"
    rows[2][0] = rows[0][0]
    rows[3][3] = "31/02/2026"
    rows[3][5] = "hôm qua"
    rows[4][2] = "Bồ câu"
    rows[5][2], rows[5][0] = "", ""
    assert office.faults(wave, "dan", office.csv("hs.csv", rows)) == [
        "hs.csv:3, column “Cơ quan giải quyết”: unknown unit: “Sở Công Thương” is not known",
        "hs.csv:4, column “Số hồ sơ”: “HS-0000” stands already in row 2",
        "hs.csv:5, column “Ngày tiếp nhận”: “31/02/2026” is a date that does not exist",
        "hs.csv:5, column “Ngày trả kết quả”: “hôm qua” is no date such as 31/12/2025",
        "hs.csv:6, column “Kênh nộp”: “Bồ câu” is no known channel; write Trực tiếp, Trực tuyến or Bưu chính",
        "hs.csv:7, column “Số hồ sơ”: is empty",
        "hs.csv:7, column “Kênh nộp”: is empty",
    ]


@pytest.mark.parametrize(
    ("position", "value", "said"),
    [
        (1, "", "column “Cơ quan giải quyết”: is empty"),
        (1, "Krông", "unknown unit"),
        (3, "01/01/1876", "“01/01/1876” lies outside 1990–2100"),
    ],
)
def test_single_faults(office: Office, position: int, value: str, said: str) -> None:
    wave = office.register(wave_text(DOSSIERS))
    row = dossier(1, "Sở Tư pháp")
    row[position] = value
    (found,) = office.faults(wave, "dan", office.csv("hs.csv", [row]))
    assert said in found


def test_levels_and_places_have_to_be_known(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    heading = [*HEADING, "Mức độ", "Nơi tiếp nhận"]
    good = [*dossier(1, "Sở Tư pháp"), "Một phần", "Huyện Lắk"]
    bad = [*dossier(2, "Sở Tư pháp"), "cao", "Bưu cục 7"]
    assert office.faults(wave, "dan", office.csv("hs.csv", [good, bad], heading)) == [
        "hs.csv:3, column “Mức độ”: “cao” is no service level; write 1 to 4, Toàn trình or Một phần",
        "hs.csv:3, column “Nơi tiếp nhận”: unknown place: “Bưu cục 7” is not known",
    ]
    office.load(wave, "dan", office.csv("hs.csv", [good], heading))
    assert stored(office)[0][1:] == (
        "huyen_lak",
        {"channel": "counter", "level": "mot_phan", "received": "2026-01-02", "due": "2026-02-05",
         "returned": "2026-02-10", "overdue": "yes"},
    )  # fmt: skip


def test_two_units_that_may_be_meant_are_both_named(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS, units={"a": "Huyện Krông Búk", "b": "Xã Krông Búk"}))
    (said,) = office.faults(wave, "dan", office.csv("hs.csv", [dossier(1, "Krông Búk")]))
    assert said.endswith("“Krông Búk” may mean “Huyện Krông Búk” or “Xã Krông Búk”")


def test_a_second_file_adds_and_its_doubles_are_refused(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    first = office.csv("a.csv", [dossier(1, "Sở Tư pháp"), dossier(2, "Sở Tư pháp")])
    office.load(wave, "dan", first)
    assert office.faults(wave, "dan", office.csv("b.csv", [dossier(3, "Sở Y tế"), dossier(2, "Sở Y tế")])) == [
        "b.csv:3, column “Số hồ sơ”: “HS-0002” was imported before"
    ]
    office.load(wave, "dan", office.csv("b.csv", [dossier(3, "Sở Y tế")]))
    assert [unit for unit, _, _ in stored(office)] == ["so_tu_phap", "so_tu_phap", "so_y_te"]
    office.load(wave, "dan", first, replace=True)
    assert [unit for unit, _, _ in stored(office)] == ["so_tu_phap", "so_tu_phap"]
    assert office.store.connection.execute("SELECT count(*) FROM contact").fetchone()[0] == 2
    actions = [row[0] for row in office.store.connection.execute("SELECT action FROM audit ORDER BY number")]
    assert actions == ["wave created", "frame imported", "frame imported", "frame replaced"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "hs.csv: is empty"),
        (b" \r\n ", "hs.csv: is empty"),
        (b"\xef\xbb\xbf,,\n,,\n", "hs.csv: has no rows"),
        (b"\x7fELF\x02\x00\x00\x00", "hs.csv: is a binary file, neither CSV nor a spreadsheet"),
        (b"PK\x03\x04 broken", "hs.csv: is not a workbook that can be read"),
        (b"\xd0\xcf\x11\xe0 broken", "hs.csv: is not a workbook that can be read"),
        (b"\xff\xfea", "hs.csv: is broken utf-16 text at byte"),
        (b"S\xd2\x81\xd5\n", "hs.csv: "),
        (b'a,b\n"x', "hs.csv:2: is not a CSV table"),
        (",".join(HEADING).encode(), "hs.csv: has a header but no rows"),
    ],
)
def test_what_is_no_table_is_refused(office: Office, content: bytes, said: str) -> None:
    wave = office.register(wave_text(DOSSIERS))
    (found,) = office.faults(wave, "dan", office.write("hs.csv", content))
    assert found.startswith(said)


def test_a_spreadsheet_bomb_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    wave = office.register(wave_text(DOSSIERS))
    monkeypatch.setattr("forms.tables.MOST_BYTES", 1000)
    (found,) = office.faults(wave, "dan", office.write("hs.xlsx", workbook(("a", [["x"] * 50] * 50))))
    assert found == "hs.xlsx: unpacks to more than 512 MiB; give the rows as CSV"


def test_a_file_or_group_that_is_not_there(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    (found,) = office.faults(wave, "dan", Path("/nowhere/hs.csv"))
    assert "cannot be read" in found
    assert office.faults(wave, "ai", Path("hs.csv")) == ["wave “w” has no group “ai”; it has dan"]


def test_the_program_says_one_line_a_fault_and_ends_with_2(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office.register(wave_text(DOSSIERS))
    file = office.csv("hs.csv", [dossier(1, "Sở Lạ"), dossier(2, "Sở Xa")])
    told = ["phieu", "--instance", str(office.instance), "frame", "import", "--wave", "w", "--group", "dan", str(file)]
    monkeypatch.setattr("sys.argv", told)
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "phieu: hs.csv:2, column “Cơ quan giải quyết”: unknown unit: “Sở Lạ” is not known",
        "phieu: hs.csv:3, column “Cơ quan giải quyết”: unknown unit: “Sở Xa” is not known",
    ]


def test_a_thousand_faults_are_enough(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    found = office.faults(wave, "dan", office.csv("hs.csv", [dossier(n, "Sở Lạ") for n in range(1005)]))
    assert len(found) == 1001
    assert found[-1] == "hs.csv: and 5 more faults"


def test_a_quoted_line_end_keeps_row_numbers_of_the_file(office: Office) -> None:
    wave = office.register(wave_text(group_text("dan", "dossier", CENSUS)))
    file = office.write("hs.csv", 'Số hồ sơ,Cơ quan giải quyết\nHS-1,"Sở\nTư pháp"\nHS-2,Sở Lạ\n')
    assert office.faults(wave, "dan", file) == [
        "hs.csv:4, column “Cơ quan giải quyết”: unknown unit: “Sở Lạ” is not known"
    ]


def test_contacts_that_several_persons_share_are_counted(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    rows = [dossier(number, "Sở Tư pháp") for number in range(8)]
    for row in rows[:4]:
        row[8] = "0912345678"
    assert office.load(wave, "dan", office.csv("hs.csv", rows)).shared_contacts == 1


def test_officials_lists(office: Office) -> None:
    wave = office.register(wave_text(group_text("can_bo", "list", CENSUS, "max_units = 2")))
    heading = ["Mã vị trí", "Chức vụ", "Cơ quan", "Nơi nhận phiếu", "Cơ quan được đánh giá", "Thư điện tử"]
    good = ["VT-1", "Chủ tịch", "UBND xã Ea Tu", "mot_cua", "Huyện Lắk; Sở Tư pháp", "a@example.vn"]
    wrong = [
        ["VT-2", "Chủ tịch", "UBND xã Ea Tu", "", "", ""],
        ["VT-3", "Chủ tịch", "UBND xã Ea Tu", "", "Sở Tư pháp;Sở Lạ", ""],
        ["VT-4", "Chủ tịch", "UBND xã Ea Tu", "", "Sở Tư pháp;so_tu_phap", ""],
        ["VT-5", "Chủ tịch", "UBND xã Ea Tu", "", "Sở Tư pháp;Sở Y tế;Huyện Lắk", ""],
    ]
    column = "column “Cơ quan được đánh giá”"
    assert office.faults(wave, "can_bo", office.csv("vt.csv", wrong, heading)) == [
        f"vt.csv:2, {column}: is empty",
        f"vt.csv:3, {column}: unknown unit: “Sở Lạ” is not known",
        f"vt.csv:4, {column}: names a unit twice",
        f"vt.csv:5, {column}: names 3 units, more than max_units = 2",
    ]
    office.load(wave, "can_bo", office.csv("vt.csv", [good], heading))
    row = office.store.connection.execute("SELECT unit, units, fields FROM frame_row").fetchone()
    assert row["unit"] == "UBND xã Ea Tu"
    assert json.loads(row["units"]) == ["so_tu_phap", "huyen_lak"]
    assert json.loads(row["fields"]) == {"position": "Chủ tịch"}


def test_the_template_is_read_back_by_the_import(office: Office) -> None:
    office.register(wave_text(DOSSIERS))
    file = office.folder / "mau.xlsx"
    office.run("frame", "template", "--wave", "w", "--group", "dan", "-o", str(file))
    book = load_workbook(file)
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    assert headings[:2] == ["Số hồ sơ", "Thủ tục hành chính"]
    filled = {"Số hồ sơ": "HS-01", "Cơ quan giải quyết": "Sở Y tế", "Kênh nộp": "Trực tuyến"}
    for position, heading in enumerate(headings, start=1):
        sheet.cell(2, position, filled.get(heading, ""))
    sheet.cell(2, headings.index("Ngày trả kết quả") + 1, "02/03/2026")
    book.save(file)
    said = office.run("frame", "import", "--wave", "w", "--group", "dan", str(file))
    assert "mau.xlsx: 1 rows in, 1 kept." in said
    assert "by unit: so_y_te 1" in said


def test_the_command_says_what_it_read(office: Office) -> None:
    office.register(wave_text(DOSSIERS))
    rows = [dossier(number, "Sở Tư pháp", person="0123" if number else "") for number in range(3)]
    rows[2][5] = ""
    file = office.csv("hs.csv", [[*row, "?"] for row in rows], [*HEADING, "Ghi chú"])
    arguments = ["frame", "import", "--wave", "w", "--group", "dan", str(file), "--map", "Ghi chú=note"]
    said = office.run(*arguments, "--dry-run")
    assert "hs.csv: 3 rows in, 2 would be kept." in said
    assert "1 dropped: not decided yet" in said
    assert "first rows: HS-0000: so_tu_phap, channel counter" in said
    assert said.endswith("Dry run: nothing was changed.\n")
    assert "2 kept" in office.run(*arguments)
    with pytest.raises(Faults, match="write COLUMN=FIELD"):
        office.run(*arguments[:-1], "note")


def test_a_workbook_of_notes_alone_is_told_what_a_list_needs(office: Office) -> None:
    wave = office.register(wave_text(DOSSIERS))
    file = office.write("hs.xlsx", workbook(("Bìa", [["UBND tỉnh"]]), ("Phụ lục", [["Ghi chú"]])))
    (said,) = office.faults(wave, "dan", file)
    assert said.startswith("hs.xlsx [Bìa]: no header was found in the first 30 rows; needed: “Số hồ sơ”")


def test_the_command_names_what_a_coordinator_should_look_at(office: Office) -> None:
    office.register(wave_text(DOSSIERS))
    rows = [dossier(number, "Sở Tư pháp") for number in range(6)]
    for row in rows[:4]:
        row[8] = "0912345678"
    rows[5][6] = ""
    content = workbook(("Ghi chú", [["x"]]), ("Hồ sơ", [list(HEADING), *rows]))
    said = office.run("frame", "import", "--wave", "w", "--group", "dan", str(office.write("hs.xlsx", content)))
    assert "1 rows without an identity count as persons of their own" in said
    assert "1 telephone numbers or addresses are shared by more than three persons" in said
    assert "sheets without such a table: Ghi chú" in said


def test_control_characters_and_wide_spaces_leave_the_cells(office: Office) -> None:
    assert plain(" Sở\u00a0Tư \x00pháp\n") == "Sở Tư pháp"
    assert (plain(12.0), plain(1.5), plain(7)) == ("12", "1.5", "7")
    assert day(datetime(2026, 1, 5, 13, 30)) == "2026-01-05"
    assert identity(" 066 012-345 ") == "066012345"


def test_others_may_write_until_a_list_is_read_and_checked(office: Office, dossiers: Dossiers) -> None:
    wave = office.register(wave_text(DOSSIERS))
    other = Store(office.store.path)
    shares: list[float] = []

    def watch(share: float) -> None:
        shares.append(share)
        other.connection.execute("PRAGMA busy_timeout = 0")
        with other.write() as tx:
            tx.connection.execute("SELECT 1")

    office.load(wave, "dan", office.csv("hs.csv", dossiers({"Sở Tư pháp": (40, 2)})), progress=watch)
    other.close()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) >= 3


@pytest.mark.parametrize("unit", ["Sở Tư pháp", "Sở Lạ"])
def test_garbage_is_collected_again_after_a_list(office: Office, unit: str) -> None:
    wave, during = office.register(wave_text(DOSSIERS)), []
    with suppress(Faults):
        office.load(
            wave, "dan", office.csv("hs.csv", [dossier(1, unit)]), progress=lambda _: during.append(gc.isenabled())
        )
    assert during and not any(during) and gc.isenabled()


def test_a_refused_list_leaves_no_scratch_database_behind(office: Office, dossiers: Dossiers) -> None:
    wave = office.register(wave_text(DOSSIERS))
    before = office.store.connection.execute("PRAGMA cache_size").fetchone()[0]
    for _ in range(2):
        office.faults(wave, "dan", office.csv("hs.csv", [dossier(1, "Sở Lạ")]))
    attached = [row[1] for row in office.store.connection.execute("PRAGMA database_list")]
    assert "staging" not in attached
    assert office.store.connection.execute("PRAGMA cache_size").fetchone()[0] == before
    assert not office.store.connection.in_transaction


def test_two_imports_at_one_moment_do_not_double_a_number(
    office: Office, dossiers: Dossiers, monkeypatch: pytest.MonkeyPatch
) -> None:
    wave = office.register(wave_text(DOSSIERS))
    rows = dossiers({"Sở Tư pháp": (3, 1)})
    file = office.csv("hs.csv", rows)
    other = Store(office.store.path)
    done: list[int] = []

    def overtake(share: float) -> None:
        if share > 0.7 and not done:
            done.append(1)
            frame.import_file(other, office.keyring, office.clock, wave, "dan", file)

    with pytest.raises(Faults, match="another list with the same numbers was imported at this moment"):
        office.load(wave, "dan", file, progress=overtake)
    other.close()
    assert len(stored(office)) == 4

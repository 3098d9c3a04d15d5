"""What a file of keyed forms may say; every fault of it at once, by row and column."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
import xlsxwriter

from forms.faults import Faults
from survey import codes
from survey.drafts import DECLINED_UNIT
from survey.keying import keyed_file
from tests.survey.paper.conftest import GOOD

HEAD = ["code", "unit", "declined", "sex", "used", "q1", "q2", "why", "visits", "said"]


def read(desk, *rows: list[object], head=HEAD):
    """Rows as CSV, delimited by semicolons as a Vietnamese spreadsheet saves them."""
    lines = [";".join(str(cell) for cell in row) for row in (head, *rows)]
    scene = desk.scene
    return keyed_file.read(scene.store, scene.keys, scene.wave, "\n".join(lines).encode(), "nhap.csv")


def row(desk, serial: int, **told: object) -> list[object]:
    cells = {**dict.fromkeys(HEAD, ""), "code": desk.scene.code(serial), **GOOD, **told}
    return [cells[name] for name in HEAD]


def faults(desk, *rows, head=HEAD) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(Faults) as raised:
        read(desk, *rows, head=head)
    return [(fault.row, fault.column, fault.message) for fault in raised.value.faults]


def answers(form) -> dict[tuple[str, str], object]:
    return {key: entry.value for key, entry in form.draft.entries.items()}


def test_printed_numbers_and_ids_mean_the_same(keyed_once):
    one, other = read(
        keyed_once,
        row(keyed_once, 6, q1=3, q2=1, why="2,1", sex=2, said="Chờ lâu"),
        row(keyed_once, 7, q1="V3", q2="v1", why="rude slow", sex="no", said="Chờ lâu", used="yes"),
    )
    assert answers(one) == answers(other)
    assert answers(one)["so_a", "why"] == ("slow", "rude")
    assert answers(one)["", "sex"] == "no"
    assert (one.row, other.row) == (2, 3)


def test_the_strip_is_typed_or_scanned(keyed_once):
    code = keyed_once.scene.code(6)
    for strip in (
        code, codes.grouped(code).lower(), f"HTTPS://KHAOSAT.EXAMPLE.VN/P/{code}", f"http://x.vn/p/{code}?lang=en",
    ):  # fmt: skip
        (form,) = read(keyed_once, row(keyed_once, 6, code=strip))
        assert form.code == code


def test_dont_know_is_nine_where_the_form_has_that_box(keyed_once):
    (form,) = read(keyed_once, row(keyed_once, 6, q1=9))
    assert answers(form)["so_a", "q1"] == "na"
    assert faults(keyed_once, row(keyed_once, 6, sex=9))[0][:2] == (2, "sex")  # no such box there


def test_a_workbook_with_numbers_reads_like_text(keyed_once):
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        book.add_worksheet("trống")
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, [keyed_once.scene.code(6), "so_a", "", 1, 1, 2.0, 3, "", 12, ""])
    scene = keyed_once.scene
    (form,) = keyed_file.read(scene.store, scene.keys, scene.wave, content.getvalue(), "nhap.xlsx")
    assert answers(form)["so_a", "visits"] == 12
    assert answers(form)["so_a", "q1"] == "v2"
    assert keyed_file._text(date(2026, 3, 1)) == "2026-03"


def test_all_that_is_wrong_is_said_at_once_by_row_and_column(keyed_once):
    found = faults(
        keyed_once,
        row(keyed_once, 6, q1=4, visits="nhiều"),
        row(keyed_once, 7, visits=120, said="x" * 61),
        row(keyed_once, 8, code="ABCD-EFGH-JKMN"),
        row(keyed_once, 9, unit="Sở B"),
        [*row(keyed_once, 10)[:1], *[""] * 9],
        row(keyed_once, 6),
    )
    assert [each[:2] for each in found] == [
        (2, "q1"), (2, "visits"), (3, "visits"), (3, "said"), (4, "code"), (5, "unit"), (5, None), (6, None),
        (7, "code"),
    ]  # fmt: skip
    said = [each[2] for each in found]
    assert said[0] == "“4” is no box of this question: 1 to 3, 9 for “don't know”"
    assert said[1] == "“nhiều” is no whole number"
    assert said[2] == "120 is not from 0 to 99"
    assert said[3] == "has 61 characters where 60 are allowed"
    assert said[5] == "“Sở B” is not assessed by this invitation"
    assert "blank sheet" in said[7]
    assert keyed_once.scene.rows("inbox_box") == []


@pytest.mark.parametrize(
    ("head", "column", "said"),
    [
        ([*HEAD, "q3"], "q3", "neither an item"),
        ([*HEAD, "q1"], "q1", "stands twice"),
        (HEAD[1:], "code", "no such column"),
        (HEAD[:6] + HEAD[8:], None, "lacks columns that forms of group “dan” have: q2, why"),
    ],
)
def test_wrong_columns(keyed_once, head, column, said):
    (found,) = faults(keyed_once, ["x"] * len(head), head=head)
    assert found[:2] == (1, column)
    assert said in found[2]


def test_an_empty_column_is_nothing_and_a_file_without_rows_is_a_fault(keyed_once):
    assert len(read(keyed_once, [*row(keyed_once, 6), ""], head=[*HEAD, ""])) == 1
    assert "no rows" in faults(keyed_once)[0][2]
    with pytest.raises(Faults, match="is empty"):
        keyed_file.read(keyed_once.scene.store, keyed_once.scene.keys, keyed_once.scene.wave, b"", "nhap.csv")


def test_several_sheets_are_refused(keyed_once):
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        for _ in range(2):
            book.add_worksheet().write_row(0, 0, HEAD)
    with pytest.raises(Faults, match="several sheets"):
        keyed_file.read(
            keyed_once.scene.store, keyed_once.scene.keys, keyed_once.scene.wave, content.getvalue(), "nhap.xlsx"
        )


def test_a_form_about_several_units_has_a_row_for_each(keyed_once):
    official = {"q2": 3, "visits": ""}
    (form,) = read(
        keyed_once,
        row(keyed_once, 1, unit="so_a", sex=1, **official),
        row(keyed_once, 1, unit="Sở B", **{**dict.fromkeys(GOOD, ""), "declined": "x"}),
        ["", *[""] * 9],
        row(keyed_once, 1, unit="sở c", sex=1, **official),
    )
    assert {unit for unit, _ in form.draft.entries} == {"", "so_a", "so_b", "so_c"}
    assert form.draft.declined == {"so_b"}
    assert ("so_b", DECLINED_UNIT) in form.draft.entries
    found = faults(
        keyed_once,
        row(keyed_once, 1, unit="so_a", sex=1, **official),
        row(keyed_once, 1, unit="so_b", sex=2, declined="x", **official),
        row(keyed_once, 1, unit="", **official),
    )
    assert (3, "sex", "is asked once a respondent, and differs from row 2") in found
    assert (3, "q1", "is answered, but the unit is marked as declined") in found
    assert (4, "unit", "“” is not assessed by this invitation") in found


def test_a_template_has_every_column_that_the_reader_wants(keyed_once):
    assert list(keyed_file.headings(keyed_once.scene.wave, "dan")) == HEAD

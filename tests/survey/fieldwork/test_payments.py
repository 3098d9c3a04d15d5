"""Payment lists: from dispositions, named and logged, never more than was accepted."""

from __future__ import annotations

import io

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from forms.faults import Faults
from survey.cli import phieu
from survey.fieldwork import amounts, payments
from survey.fieldwork.payments import Payee
from tests.survey.fieldwork.answered import answer

PAID = (
    "[payment]\nbasis = 'Quyết định số 12/QĐ-SNV'\ninterviewer = 30000\nrespondent = { can_bo = 55000 }\n"
    "columns = ['Số tài khoản']\n"
)


@pytest.fixture
def paid(planned):
    """Officials 1 to 3 answered; citizens 6 to 8 and 12 too; Tâm carried 6, 7 and 9, Hoa 8 after Tâm."""
    scene = planned(PAID)
    run = scene.store.connection.execute
    for serial in (1, 2, 3, 6, 7, 8, 12):
        answer(scene, serial, "complete")
    for serial in range(1, 6):
        run("INSERT INTO contact (frame_row, wave, name, address) SELECT frame_row, 'nho', ?, 'Thôn 1' FROM invitation"
            " WHERE serial = ?", (f"=Người {serial}", serial))  # fmt: skip
    for number, holder, kind in [(1, "Tâm", "interviewer"), (2, "Hoa", "interviewer"), (3, "quay", "place")]:
        run("INSERT INTO batch VALUES ('nho', ?, ?, ?, '2026-03-02', NULL)", (number, kind, holder))
    for batch, serial, state in [(1, 6, "out"), (1, 7, "out"), (1, 8, "unused"), (1, 9, "out"), (2, 8, "out"),
                                 (3, 12, "out")]:  # fmt: skip
        run("INSERT INTO batch_row VALUES ('nho', ?, ?, ?)", (batch, serial, state))
    return scene


def made(scene, payee: Payee):
    return payments.make(scene.store, scene.clock, scene.wave, payee, who="lan", reason="thanh toán đợt 1")


def test_an_interviewer_is_paid_for_each_answered_invitation_of_the_last_batch(paid):
    found = made(paid, Payee.INTERVIEWER)
    assert [(line.name, line.about, line.forms, line.amount) for line in found.lines] == [
        ("Hoa", "Người dân", 1, 30000), ("Tâm", "Người dân", 2, 60000),
    ]  # fmt: skip
    assert (found.forms, found.total) == (3, 90000)
    assert found.total_in_words == "Chín mươi nghìn đồng"
    assert ("payment list made", "lan") in [(row[3], row[2]) for row in paid.rows("audit")]


def test_respondents_of_paid_groups_are_named_because_they_answered(paid):
    found = made(paid, Payee.RESPONDENT)
    assert [(line.name, line.about, line.rate) for line in found.lines] == [
        (f"=Người {serial}", "Thôn 1", 55000) for serial in (1, 2, 3)
    ]
    assert found.headings[-2:] == ("Số tài khoản", "Ký nhận")


def test_who_has_no_name_cannot_be_paid_by_a_list(paid):
    paid.store.connection.execute("DELETE FROM contact WHERE name = '=Người 2'")
    with pytest.raises(Faults, match="1 of 3 who answered have no name"):
        made(paid, Payee.RESPONDENT)


def test_a_wave_that_declares_no_payment_and_a_list_of_nobody(planned, paid):
    paid.store.connection.execute("UPDATE invitation SET state = 'issued'")
    for payee in Payee:
        with pytest.raises(Faults, match="nobody is to be paid yet"):
            made(paid, payee)
    with pytest.raises(Faults, match="a reason is needed"):
        paid.store.connection.execute("UPDATE invitation SET state = 'answered'")
        payments.make(paid.store, paid.clock, paid.wave, Payee.INTERVIEWER, who="lan", reason=" ")


def test_a_payment_that_is_not_declared(planned):
    scene = planned("[payment]\ninterviewer = 1\n")
    with pytest.raises(Faults, match="needs “respondent”"):
        made(scene, Payee.RESPONDENT)


def test_the_workbook_has_numbers_sums_and_no_formula_of_anybodys(paid):
    book = openpyxl.load_workbook(io.BytesIO(payments.xlsx(made(paid, Payee.RESPONDENT))))
    cells = [[cell.value for cell in row] for row in book.active.rows]
    (line,) = [row for row in cells if row[0] == 1]
    assert line[1:6] == ["=Người 1", "Thôn 1", 1, 55000, 55000]
    kinds = {cell.coordinate: cell.data_type for row in book.active.rows for cell in row if cell.value == "=Người 1"}
    assert set(kinds.values()) <= {"s", "f"}
    assert any("Một trăm sáu mươi lăm nghìn đồng" in str(cell) for row in cells for cell in row)
    cached = openpyxl.load_workbook(io.BytesIO(payments.xlsx(made(paid, Payee.RESPONDENT))), data_only=True)
    assert 165000 in [cell.value for row in cached.active.rows for cell in row]


def test_the_pdf_is_tagged_and_the_command_logs(paid, tmp_path):
    for name in ("ds.pdf", "ds.xlsx"):
        told = CliRunner().invoke(
            phieu, ["--instance", str(paid.settings.instance), "payments", "--wave", "nho", "--to", "interviewer",
                    "--reason", "quý I", "-o", str(tmp_path / name)], catch_exceptions=False,
        )  # fmt: skip
        assert "2 lines, 90000 đồng" in told.output
    reader = PdfReader(tmp_path / "ds.pdf")
    text = reader.pages[0].extract_text()
    assert "BẢNG KÊ CHI TRẢ" in text and "Chín mươi nghìn đồng" in text and "Quyết định số 12" in text
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    with pytest.raises(Faults, match="must end in"):
        CliRunner().invoke(
            phieu, ["--instance", str(paid.settings.instance), "payments", "--wave", "nho", "--to", "interviewer",
                    "--reason", "x", "-o", "a.doc"], catch_exceptions=False, standalone_mode=False,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "không"), (5, "năm"), (10, "mười"), (15, "mười lăm"), (21, "hai mươi mốt"), (25, "hai mươi lăm"),
        (11, "mười một"), (40, "bốn mươi"), (105, "một trăm linh năm"), (110, "một trăm mười"),
        (1005, "một nghìn không trăm linh năm"), (30000, "ba mươi nghìn"),
        (1205000, "một triệu hai trăm linh năm nghìn"), (1005000, "một triệu không trăm linh năm nghìn"),
        (10**9, "một tỷ"), (10**9 + 5, "một tỷ không trăm linh năm"), (2 * 10**12, "hai nghìn tỷ"),
        (1_234_567_891, "một tỷ hai trăm ba mươi bốn triệu năm trăm sáu mươi bảy nghìn tám trăm chín mươi mốt"),
    ],
)  # fmt: skip
def test_amounts_in_words(amount, words):
    assert amounts.in_words(amount) == f"{words} đồng"


@settings(deadline=None)
@given(st.integers(0, 10**15 - 1))
def test_words_read_back_as_the_same_amount(amount):
    assert _read(amounts.in_words(amount).removesuffix(" đồng")) == amount


@pytest.mark.parametrize("amount", [-1, 10**15])
def test_no_amount_that_a_list_states(amount):
    with pytest.raises(ValueError, match="no amount"):
        amounts.in_words(amount)


_ONES = {word: n for n, word in enumerate(("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"))}
_ONES |= {"mốt": 1, "lăm": 5}


def _read(words: str) -> int:
    """An independent reader of numbers in words."""
    head, _, tail = words.rpartition(" tỷ")
    if head:
        return _read(head) * 10**9 + (_read(tail.strip()) if tail.strip() else 0)
    total = three = last = 0
    for word in words.split():
        if word in _ONES:
            last = _ONES[word]
            three += last
        elif word == "trăm":
            three += last * 99
        elif word == "mươi":
            three += last * 9
        elif word == "mười":
            three += 10
        elif word in ("nghìn", "triệu"):
            total, three = total + three * {"nghìn": 1000, "triệu": 10**6}[word], 0
    return total + three

"""Proof of fieldwork and payment lists at the desk."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from survey.accounts.roles import Role
from survey.delivery import handover
from survey.keying import counting_in
from tests.desk import fieldwork_team, looking
from tests.desk.fieldwork_team import WAVE
from tests.desk.staff import Staff


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """Looked at, and payment lists made of it."""
    return fieldwork_team.build(tmp_path_factory.mktemp("instance"))


def test_the_proof_is_a_page_and_a_tagged_file(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    page = desk.get(f"{WAVE}/proof")
    assert "Hồ sơ chứng minh việc tổ chức điều tra" in page.text and "Sở Tài chính" in page.text
    article = page.tree.all("article")[0]
    assert article.attributes["lang"] == "vi"
    made = PdfReader(io.BytesIO(desk.client.get(page.links["Tải bản PDF để lưu hồ sơ"]).data))
    assert made.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_payment_lists_leave_logged(team: Staff) -> None:
    desk = team.as_(Role.COORDINATOR)
    desk.get(f"{WAVE}/payments")
    desk.submit("payments", 422, payee="respondent", reason="")
    desk.submit("payments", 422, payee=None, reason="quý I")
    desk.submit("payments", 422, payee="interviewer", reason="quý I")
    assert desk.page.faults == ["Chưa có phiếu nào để chi."]
    desk.submit("payments", 200, payee="respondent", reason="quý I", kind="xlsx")
    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(desk.page.answer.data)).active]
    assert ["Người thứ 1", "Người thứ 2"] == [row[1] for row in rows if row[0] in (1, 2)]
    entry = team.log()[-1]
    assert (entry["action"], entry["who"]) == ("payment list made", "desk:coordinator")
    desk.get(f"{WAVE}/payments")
    desk.submit("payments", 200, payee="respondent", reason="quý I", kind="pdf")
    assert "Một trăm nghìn đồng" in PdfReader(io.BytesIO(desk.page.answer.data)).pages[0].extract_text()


def test_who_has_no_name_stops_the_list(tmp_path: Path) -> None:
    own = fieldwork_team.build(tmp_path)
    own.app.store.connection.execute("DELETE FROM contact")
    desk = own.as_(Role.COORDINATOR)
    desk.get(f"{WAVE}/payments")
    desk.submit("payments", 422, payee="respondent", reason="quý I")
    assert "2 trong 2 người đã trả lời không có họ tên" in desk.page.faults[0]


def test_a_wave_that_pays_nobody_says_so(own_team: Staff) -> None:
    assert "không khai báo khoản chi nào" in own_team.as_(Role.COORDINATOR).get(f"{WAVE}/payments").text


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), looking.VIEWS)
def test_papers_in_a_browser(chromium: Browser, team: Staff, width: int, scheme: str) -> None:
    with looking.signed_in(chromium, team, Role.COORDINATOR, width, scheme) as window:
        window.judge(f"{WAVE}/proof")
        window.judge(f"{WAVE}/payments")


def test_lists_of_the_field_leave_as_files(own_team: Staff) -> None:
    app, desk = own_team.app, own_team.as_(Role.COORDINATOR)
    wave = app.wave("demo")
    handover.make(app.store, app.clock, wave, handover.Kind.POST, "Bưu điện tỉnh", [1, 2], who="test")
    counting_in.count_in(app.store, app.drafts, app.clock, wave, place="trung_tam", number=4, who="test")
    with app.store.write() as tx:
        tx.control_add_up([{"wave": "demo", "unit": "so_tu_phap", "mode": "qr", "interviewer": "", "outcome": "drawn",
                            "n": 2}])  # fmt: skip
    expected = {"control": "Sở Tư pháp,phiếu có mã QR,,2,0", "handover": "Bưu điện tỉnh,Bưu điện,2,,,,",
                "paper": ",4,0,0,0,0,4", "counters": "Cơ quan,Nhóm,Hồ sơ đến hạn"}  # fmt: skip
    for name, line in expected.items():
        assert line in desk.client.get(f"{WAVE}/{name}/table.csv").text, name
        assert desk.client.get(f"{WAVE}/{name}/table.xlsx").data[:2] == b"PK"
        desk.get(f"{WAVE}/{name}/table.ods", 404)
    for name in ("handover", "paper"):
        assert f"{WAVE}/{name}/table.csv" in desk.get(f"{WAVE}/{name}").links.values()

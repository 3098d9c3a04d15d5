"""Batches and visits at the desk: handed over, taken back, printed, and held against what is known."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from survey import create_app
from survey.accounts.roles import Role
from survey.desk import handover
from tests.desk import staff
from tests.desk.desk import Desk


@pytest.fixture
def coordinator(scene, clock) -> Desk:
    """A coordinator of the wave “nho”, whose group “can_bo” is interviewed."""
    scene.store.connection.execute("UPDATE cell SET mode = 'interview' WHERE grp = 'can_bo'")
    app = create_app(scene.settings, clock)
    app.testing, app.hasher = True, staff.CHEAP
    for role in (Role.COORDINATOR, Role.ANALYST):
        staff.hire(app, role.value, role)
    return Desk(app).sign_in("coordinator")


HOME = "/desk/w/nho/handover"


def test_a_batch_goes_out_and_comes_back(coordinator: Desk, scene):
    desk = coordinator
    desk.get(HOME)
    desk.submit("/handover", kind="interviewer", holder="Lê Văn An", serials="1-3, 5")
    assert "Điều tra viên: Lê Văn An" in desk.arrive().text
    # Its record, without contacts; and the list to visit, logged
    record = desk.client.get(f"{HOME}/1/record.pdf")
    assert "Lê Văn An" in " ".join(page.extract_text() for page in PdfReader(BytesIO(record.data)).pages)
    listed = desk.client.post(f"{HOME}/1/assignment", data={"csrf_token": desk.token()})
    assert listed.data.startswith(b"%PDF") and "attachment" in listed.headers["Content-Disposition"]
    assert any("danh sách cho điều tra viên Lê Văn An" in row[5] for row in scene.rows("audit"))
    # Back, once
    desk.get(f"{HOME}/1")
    page = desk.submit("/back", status=422, back="2", spoiled="x")
    assert "Chỉ ghi số phiếu" in page.faults[0] and page.typed("/back")["spoiled"] == ["x"]
    assert desk.submit("/back", status=422, back="2", spoiled="9", unused="").faults == ["Không có trong lô này: 9."]
    assert desk.submit("/back", status=422, back="4", spoiled="1").faults == ["Trả về nhiều hơn số phiếu đã giao (4)."]
    desk.submit("/back", back="2", spoiled="1", unused="5")
    assert "Biên bản không khớp với kết quả đã ghi: 1 phiếu" in desk.arrive().text
    assert desk.post(f"{HOME}/1/back", 422, back="1").faults
    assert desk.get(HOME).table()[1] == ["Lô 1", "Lê Văn An Điều tra viên", "4", "2", "1", "1", "0"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "interviewer"}, "Xin ghi ai nhận lô này."),
        ({"kind": "place"}, "Xin chọn nơi tiếp nhận."),
        ({"kind": "post", "holder": "Bưu cục", "serials": "a-b"}, "Chỉ ghi số phiếu, cách nhau bằng dấu phẩy; một dãy "
         "ghi như 120-150."),
        ({"holder": "Bưu cục"}, "Mục này chưa điền."),
    ],
)  # fmt: skip
def test_a_batch_with_faults_is_not_handed_over(coordinator: Desk, typed: dict[str, str], said: str):
    coordinator.get(HOME)
    assert said in coordinator.submit("/handover", status=422, **typed).faults


def test_a_place_takes_all_that_nobody_has(coordinator: Desk):
    desk = coordinator
    desk.get(HOME)
    desk.submit("/handover", kind="place", place="quay", group="dan")
    assert "Nơi tiếp nhận: Quầy tiếp nhận" in desk.arrive().text
    desk.post(f"{HOME}/1/assignment", 404)  # no interviewer
    desk.get(HOME)
    page = desk.submit("/handover", status=422, kind="place", place="quay", group="dan")
    assert page.faults == ["Không còn phiếu nào như vậy chưa giao cho ai."]
    assert desk.submit("/handover", status=422, kind="post", holder="Bưu cục", serials="6").faults  # out with batch 1
    for number in (9, 10**30):
        desk.get(f"{HOME}/{number}", 404)


def test_three_visits_in_vain_and_no_fourth(coordinator: Desk):
    desk = coordinator
    desk.get("/desk/w/nho/visits")
    for told in ("còn chờ trả lời", "còn chờ trả lời", "không gặp sau ba lần"):
        desk.submit("/visits", serial="1", outcome="absent", reason="đi vắng")
        assert told in desk.arrive().text
    assert desk.submit("/visits", status=422, serial="1", outcome="absent", reason="x").faults
    assert desk.submit("/visits", status=422, serial="", outcome="absent", reason="x").faults
    desk.submit("/visits", serial="2", outcome="refused", reason="không muốn")
    assert "từ chối" in desk.arrive().text


def test_cards_for_interviewers(coordinator: Desk):
    assert coordinator.client.get("/desk/w/nho/interview/dan.pdf").data.startswith(b"%PDF")
    coordinator.get("/desk/w/nho/interview/la.pdf", 404)


def test_dispatchers_print_the_forms_of_a_batch(coordinator: Desk, scene):
    desk = coordinator
    desk.get(HOME)
    desk.submit("/handover", kind="interviewer", holder="An", serials="1-2")
    desk.arrive()
    assert "phiếu giấy" not in desk.page.text  # a coordinator hands out no codes
    staff.hire(desk.app, "phat", Role.DISPATCHER)
    dispatcher = Desk(desk.app).sign_in("phat")
    page = dispatcher.get(f"{HOME}/1")
    assert "In 2 phiếu giấy: Cán bộ (PDF)" in page.text
    form = page.form("/forms/").attributes["action"]
    answer = dispatcher.client.post(form, data={"csrf_token": dispatcher.token()})
    pages = [each.extract_text() for each in PdfReader(BytesIO(answer.data)).pages]
    assert sum("Số phiếu" in each for each in pages) == 2
    assert any("in phiếu giấy cho lô 1, An" in row[5] for row in scene.rows("audit") if row[3] == "codes exported")
    dispatcher.post(f"{HOME}/1/forms/dan", 303)
    assert "không có phiếu nào của nhóm đó" in dispatcher.arrive().tree.text
    dispatcher.post(f"{HOME}/9/forms/dan", 303)
    coordinator.post(form, 403)


def test_analysts_hand_over_nothing(coordinator: Desk):
    analyst = Desk(coordinator.app).sign_in("analyst")
    for path in (HOME, "/desk/w/nho/visits"):
        analyst.get(path, 403)


def test_numbers_as_people_write_them():
    assert handover.numbers(" 12; 15,18–20\n12") == [12, 15, 18, 19, 20]
    assert handover.numbers(None) == handover.numbers("  ") == []
    for wrong in ("a", "1-", "1--2", "1-99999999", "9" * 20):
        assert handover.numbers(wrong) is None

"""Follow-up: contacts without answers or codes, deeds with a reason, lists that leave logged."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from survey import audit
from survey.accounts.roles import Role
from survey.desk import slip_prints
from tests.desk import fieldwork_team, looking, staff
from tests.desk.desk import Page
from tests.desk.fieldwork_team import WAVE
from tests.desk.staff import Staff

LIST = f"{WAVE}/follow-up"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """Looked at only."""
    return fieldwork_team.build(tmp_path_factory.mktemp("instance"))


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """For one test alone."""
    return fieldwork_team.build(tmp_path_factory.mktemp("instance"))


def state(team: Staff, serial: int) -> str:
    with team.app.store.read() as tx:
        return str(tx.invitation_by_serial(wave="demo", serial=serial)["state"])


def last(team: Staff) -> tuple[object, object, object]:
    entry = [row for row in team.log() if row["action"] != "contacts looked at"][-1]
    return entry["action"], entry["who"], entry["detail"]


def serials(page: Page) -> list[str]:
    return [row[0] for row in page.table()[1:]]


def codes(team: Staff) -> set[str]:
    return {code for group in team.world.codes.values() for code in group}


def test_who_has_not_finished(team: Staff) -> None:
    page = team.as_(Role.COORDINATOR).get(LIST)
    assert serials(page) == [str(n) for n in (*range(4, 7), *range(8, 19))]
    assert page.table()[1][1:3] == ["Người thứ 4", "0905000004, nguoi4@vi.du"]
    assert not any(code in page.answer.text.replace("-", "") for code in codes(team))


def test_filters_and_one_number(team: Staff) -> None:
    desk = team.as_(Role.DISPATCHER)
    assert serials(desk.get(f"{LIST}?group=lanh_dao&unit=so_y_te")) == ["8", "9", "10", "11", "12"]
    assert serials(desk.get(f"{LIST}?state=refused")) == ["3"]
    assert serials(desk.get(f"{LIST}?serial=5")) == ["5"]
    assert desk.get(f"{LIST}?serial=1").table()[1] == ["Không còn ai trong danh sách này."]


def test_a_wave_that_is_closed_says_so(own: Staff) -> None:
    own.app.store.connection.execute("UPDATE wave SET state = 'closed'")
    assert "hiện không nhận trả lời" in own.as_(Role.COORDINATOR).get(LIST).text


def test_pages_of_a_long_list(team: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.fieldwork.unfinished.PAGE", 5)
    desk = team.as_(Role.COORDINATOR)
    desk.get(f"{LIST}?unit=so_tu_phap")
    desk.follow("Trang sau")
    assert serials(desk.page)[0] == "10" and "Về đầu danh sách" in desk.page.links
    desk.follow("Về đầu danh sách")
    assert serials(desk.page)[0] == "4"


def test_the_list_leaves_with_a_reason_alone(own: Staff) -> None:
    desk = own.as_(Role.COORDINATOR)
    desk.get(f"{LIST}?group=lanh_dao")
    desk.submit("follow-up/list", 422, kind="csv")
    assert desk.page.faults == ["Mục này chưa điền."]
    desk.submit("follow-up/list", 200, reason="gọi nhắc", kind="csv")
    rows = list(csv.reader(io.StringIO(desk.page.answer.data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["8", "9", "10", "11", "12"] and rows[1][1] == "Người thứ 8"
    action, who, detail = last(own)
    assert (action, who) == ("contacts exported", "desk:coordinator") and "gọi nhắc" in str(detail)
    desk.get(LIST)
    desk.submit("follow-up/list", 200, reason="gọi nhắc", kind="xlsx")
    assert openpyxl.load_workbook(io.BytesIO(desk.page.answer.data)).active.max_row == 15


def test_what_a_call_came_to(own: Staff) -> None:
    desk = own.as_(Role.DISPATCHER)
    desk.get(f"{LIST}/8")
    assert "Người thứ 8" in desk.page.text
    desk.submit("record", 422, outcome="refused", reason="")
    assert desk.page.faults == ["Mục này chưa điền."]
    chosen = [one for one in desk.page.form("record").all("option") if "selected" in one.attributes]
    assert [one.attributes["value"] for one in chosen] == ["refused"]
    desk.submit("record", 303, outcome="refused", reason="bận")
    assert state(own, 8) == "refused" and last(own)[:2] == ("disposition recorded", "desk:dispatcher")
    assert "Đã ghi kết quả của phiếu số 8" in desk.arrive().text
    desk.submit("record", 422, outcome="complete", reason="thử")  # no such choice


def test_three_visits_in_vain_make_a_non_contact(own: Staff) -> None:
    desk = own.as_(Role.COORDINATOR)
    for outcome in ("absent", "later", "absent"):
        desk.get(f"{LIST}/4")
        desk.submit("record", 303, outcome=outcome, reason="đến nhà")
    page = desk.get(f"{LIST}/4")
    assert state(own, 4) == "no_contact" and "lần 3: không gặp" in page.text
    assert not [one for one in page.tree.all("form") if one.attributes["action"].endswith("/record")]
    assert desk.post(f"{LIST}/4/record", outcome="met", reason="x").status == 422


@pytest.mark.parametrize("deed", ["record", "reissue", "revoke"])
def test_a_respondent_who_is_quicker_is_not_overwritten(own: Staff, deed: str) -> None:
    desk = own.as_(Role.COORDINATOR)
    desk.get(f"{LIST}/9")
    own.app.store.connection.execute("UPDATE invitation SET state = 'answered' WHERE serial = 9")
    desk.submit(deed, 422, reason="gọi điện", **({"outcome": "refused"} if deed == "record" else {}))
    assert any("vừa đổi tình trạng" in fault for fault in desk.page.faults)
    assert state(own, 9) == "answered" and own.log()[-1]["action"] != "disposition recorded"


def test_a_deed_that_comes_between_is_not_undone(own: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page was right when it was asked, and the domain refuses a moment later."""
    from forms.faults import Faults

    def refuse(*_: object, **__: object) -> None:
        raise Faults("it was answered meanwhile")

    monkeypatch.setattr("survey.invitations.record", refuse)
    desk = own.as_(Role.COORDINATOR)
    desk.get(f"{LIST}/9")
    desk.submit("record", 422, outcome="refused", reason="gọi điện")
    assert any("vừa đổi tình trạng" in fault for fault in desk.page.faults)


def test_who_finished_is_shown_without_contact(team: Staff) -> None:
    page = team.as_(Role.COORDINATOR).get(f"{LIST}/1")
    assert "Phiếu này đã kết thúc" in page.text and "Người thứ 1" not in page.text
    team.as_(Role.COORDINATOR).get(f"{LIST}/99", 404)


def test_a_new_code_and_a_code_taken_back(own: Staff) -> None:
    desk = own.as_(Role.COORDINATOR)
    desk.get(f"{LIST}/10")
    desk.submit("reissue", 422, reason=" ")
    desk.submit("reissue", 303, reason="mất phiếu")
    page = desk.arrive()
    assert "mã cũ không dùng được nữa" in page.text and last(own)[0] == "invitation reissued"
    assert not re.search(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-", page.text)
    desk.submit("revoke", 303, reason="trùng người")
    assert state(own, 10) == "revoked"
    assert desk.arrive().status == 200
    assert own.as_(Role.DISPATCHER).get(f"{LIST}/11").text.count("Cấp mã mới") == 0  # a coordinator's deed


def test_slips_leave_as_a_file_and_never_on_the_screen(own: Staff) -> None:
    desk = own.as_(Role.DISPATCHER)
    desk.get(f"{LIST}/slips")
    desk.submit("slips", 422, serials="x", reason="in lại")
    assert "Ghi số phiếu như" in desk.page.faults[0]
    desk.submit("slips", 422, serials="999", reason="in lại")
    assert "Không phiếu nào" in desk.page.faults[0]
    own.app.store.connection.execute("UPDATE invitation SET state = 'revoked' WHERE serial = 18")
    desk.submit("slips", 422, serials="18", reason="in lại")
    assert "Không phiếu nào" in desk.page.faults[0]
    desk.submit("slips", 422, serials="8", reason="")
    desk.submit("slips", 200, serials="8, 10-12", reason="in lại")
    assert len(PdfReader(io.BytesIO(desk.page.answer.data)).pages) == 1
    assert '"serials": [8, 10, 11, 12]' in str(last(own)[2])


def test_a_real_wave_whose_links_lead_nowhere_prints_nothing(own: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setattr(own.app, "settings", replace(own.app.settings, base_url="http://localhost:8000"))
    desk = own.as_(Role.DISPATCHER)
    desk.get(f"{LIST}/slips")
    desk.submit("slips", 422, serials="8", reason="in lại")
    assert "Hãy đặt base_url" in desk.page.faults[0]
    desk.get(f"{LIST}/messages?purpose=invite&channel=zalo")
    desk.submit("gateway", 422, reason="gửi Zalo")
    assert "Hãy đặt base_url" in desk.page.faults[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [("12", [12]), ("3, 1;2 ,1", [3, 1, 2]), ("5–7", [5, 6, 7]), ("", None), ("a", None), ("0", None), ("7-5", None),
     ("1-3000", None), ("1-1500, 2000-3000", None), ("1-", None), ("-", None)],
)  # fmt: skip
def test_numbers_of_slips(text: str, found: list[int] | None) -> None:
    assert slip_prints.numbers(text) == found


def test_a_sending_is_looked_at_before_it_is_made(own: Staff) -> None:
    desk = own.as_(Role.COORDINATOR)
    page = desk.get(f"{LIST}/messages")
    assert "Xem trước: thư mời bằng Zalo" in page.links
    page = desk.follow("Xem trước: thư mời bằng thư điện tử")
    assert "4 người sẽ nhận" in page.text and "1: không có địa chỉ" in page.text
    assert "Chưa cài máy chủ thư" in page.text
    assert "XXXXXXXXXXXX" in page.text and not any(code in page.answer.text for code in codes(own))
    assert "Chưa gửi thư mời" in desk.get(f"{LIST}/messages?purpose=remind&channel=email").text
    assert "chỉ người phát phiếu" in desk.get(f"{LIST}/messages?purpose=invite&channel=zalo").text


def test_a_list_for_a_gateway_is_the_dispatchers(own: Staff) -> None:
    desk = own.as_(Role.DISPATCHER)
    desk.get(f"{LIST}/messages?purpose=invite&channel=zalo")
    desk.submit("gateway", 422, reason="")
    assert desk.page.faults == ["Mục này chưa điền."]
    desk.submit("gateway", 200, reason="gửi Zalo", kind="csv")
    rows = list(csv.reader(io.StringIO(desk.page.answer.data.decode("utf-8-sig"))))
    assert len(rows) == 7 and rows[1][0] == "0905000013"
    assert last(own)[:2] == ("list for a gateway exported", "desk:dispatcher")
    page = desk.get(f"{LIST}/messages?purpose=remind&channel=zalo")
    assert "có thể nhắc từ ngày 15/03/2026" in page.text and page.table()[1][:3] == ["1", "thư mời", "Zalo"]
    desk.post(f"{LIST}/gateway", 422, purpose="remind", channel="zalo", reason="nhắc", kind="csv")
    assert "có thể nhắc từ ngày" in desk.page.faults[0]
    desk.post(f"{LIST}/gateway", 400, purpose="invite", channel="email", reason="x", kind="csv")


def test_mail_is_sent_by_a_job_in_the_name_of_who_began_it(own: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from forms.faults import Faults

    begun: list[tuple[tuple[str, ...], str]] = []
    monkeypatch.setattr(own.app, "settings", replace(own.app.settings, smtp=object()))
    monkeypatch.setattr("survey.jobs.start", lambda settings, *told, who, clock: begun.append((told, who)))
    desk = own.as_(Role.COORDINATOR)
    desk.get(f"{LIST}/messages?purpose=invite&channel=email")
    desk.submit("messages", 303)
    assert begun == [(("send", "--wave", "demo"), "desk:coordinator")]
    assert "Đang gửi" in desk.arrive().text
    desk.post(f"{LIST}/messages", 422, purpose="remind")
    assert "Chưa gửi thư mời" in desk.page.faults[0]

    def busy(*_: object, **__: object) -> None:
        raise Faults("another job")

    monkeypatch.setattr("survey.jobs.start", busy)
    desk.post(f"{LIST}/messages", 422, purpose="invite")
    assert "Một việc khác đang chạy" in desk.page.faults[0]


def test_reserves_wait_for_a_preview_and_a_reason(own: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, asked = own.as_(Role.COORDINATOR), []
    assert "Không nhóm nào còn người dự phòng" in desk.get(f"{LIST}/reserve").text
    run = own.app.store.connection.execute
    run("INSERT INTO draw (wave, grp, number, salt, list_hash, design, listed_at, drawn_at) VALUES "
        "('demo', 'nguoi_dan', 1, x'00', 'h', '{}', '2026-02-01', '2026-02-02')")  # fmt: skip
    for place in range(1, 6):
        run("INSERT INTO draw_row (wave, grp, number, row_id, frame_row, stratum, waits) VALUES "
            "('demo', 'nguoi_dan', 1, ?, ?, 's', ?)", (str(place), bytes([place]), place))  # fmt: skip
    monkeypatch.setattr(
        "survey.sample.reserves.release",
        lambda store, clock, wave, group, n, *, reason, who, stratum: asked.append((group, n, reason, who)),
    )
    assert "5 người còn chờ" in desk.get(f"{LIST}/reserve").text
    for number, said in (("0", "từ 1 trở lên"), ("hai", "từ 1 trở lên"), ("9", "chỉ còn 5 người")):
        desk.submit("reserve", 422, group="nguoi_dan", number=number, reason="thiếu phiếu")
        assert said in desk.page.faults[0]
    desk.submit("reserve", 200, group="nguoi_dan", number="2", reason="thiếu phiếu")
    assert "sau đó nhóm còn 3 người dự phòng" in desk.page.text and asked == []
    desk.submit("reserve", 303)  # the preview's own form stands first
    assert asked == [("nguoi_dan", 2, "thiếu phiếu", "desk:coordinator")]
    assert "Đã bổ sung 2 người" in desk.arrive().text
    desk.post(f"{LIST}/reserve", 422, group="nguoi_dan", number="2", reason="x", sure="4")
    assert "Người khác vừa dùng" in desk.page.faults[0]


def test_who_was_released_gets_an_invitation(own: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    run = own.app.store.connection.execute
    run("INSERT INTO draw (wave, grp, number, salt, list_hash, design, listed_at, drawn_at) VALUES "
        "('demo', 'nguoi_dan', 1, x'00', 'h', '{}', '2026-02-01', '2026-02-02')")  # fmt: skip
    for row in range(50, 52):
        run("INSERT INTO frame_row (id, wave, grp, reference, unit, place, fields) VALUES "
            "(?, 'demo', 'nguoi_dan', ?, 'so_tu_phap', 'trung_tam', '{}')", (bytes([row]), bytes([row])))  # fmt: skip
        run("INSERT INTO draw_row (wave, grp, number, row_id, frame_row, stratum, cell) VALUES "
            "('demo', 'nguoi_dan', 1, ?, ?, 's', 0)", (str(row), bytes([row])))  # fmt: skip
    run("UPDATE invitation SET cell = 0 WHERE cell = 9")
    run("DELETE FROM cell WHERE id = 9")
    desk = own.as_(Role.COORDINATOR)
    assert "2 người đã được bổ sung nhưng chưa có phiếu" in desk.get(f"{LIST}/reserve").text
    desk.submit("reserve/issue", 303)
    page = desk.arrive()
    assert "Đã phát ra 2 phiếu" in page.text and "chưa có phiếu" not in page.text


def test_a_release_that_fails_changes_nothing(own: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    run = own.app.store.connection.execute
    run("INSERT INTO draw (wave, grp, number, salt, list_hash, design, listed_at, drawn_at) VALUES "
        "('demo', 'nguoi_dan', 1, x'00', 'h', '{}', '2026-02-01', '2026-02-02')")  # fmt: skip
    run("INSERT INTO draw_row (wave, grp, number, row_id, frame_row, stratum, waits) VALUES "
        "('demo', 'nguoi_dan', 1, 'a', x'01', 's', 1)")  # fmt: skip
    desk = own.as_(Role.COORDINATOR)
    desk.get(f"{LIST}/reserve")
    desk.post(f"{LIST}/reserve", 422, group="nguoi_dan", number="1", reason="x", sure="0")
    assert "Chưa bổ sung được" in desk.page.faults[0]


@pytest.fixture
def rated(tmp_path: Path) -> Staff:
    """The organiser is one of the offices that are assessed: Sở Y tế, which forms 7 to 12 are about."""
    made = fieldwork_team.build(tmp_path, own_unit="so_y_te")
    staff.hire(made.app, "second", Role.COORDINATOR)
    return made


@pytest.mark.parametrize("deed", ["reissue", "revoke"])
def test_what_concerns_the_organiser_waits_for_a_second_person(rated: Staff, deed: str) -> None:
    desk = rated.as_(Role.COORDINATOR)
    desk.get(f"{LIST}/8")
    desk.submit(deed, 303, reason="mất phiếu")
    assert "cần người thứ hai duyệt" in desk.arrive().text and state(rated, 8) == "issued"
    desk.get(f"{LIST}/8")
    desk.submit(deed, 422, reason="mất phiếu")
    assert desk.page.faults == ["Đề nghị này đã có và đang chờ duyệt."]
    desk.get(f"{LIST}/13")
    desk.submit(deed, 303, reason="mất phiếu")
    assert "cần người thứ hai duyệt" not in desk.arrive().text  # about another office
    second = rated.as_("second")
    second.get("/desk/approvals")
    second.submit("approve", 303)
    assert ("invitation reissued" if deed == "reissue" else "invitation revoked") in [
        row["action"] for row in rated.log()[-3:]
    ]


def test_lists_about_the_organiser_leave_once_a_second_person_agreed(rated: Staff) -> None:
    coordinator, dispatcher, second = rated.as_(Role.COORDINATOR), rated.as_(Role.DISPATCHER), rated.as_("second")
    coordinator.get(f"{LIST}?unit=so_y_te")
    coordinator.submit("follow-up/list", 303, reason="gọi nhắc")
    assert "cần người thứ hai duyệt" in coordinator.arrive().text
    dispatcher.get(f"{LIST}/slips")
    dispatcher.submit("slips", 303, serials="8", reason="in lại")
    dispatcher.get(f"{LIST}/slips")
    dispatcher.submit("slips", 422, serials="999", reason="in lại")
    assert "Có số phiếu không tồn tại" in dispatcher.page.faults[0]
    dispatcher.get(f"{LIST}/messages?purpose=invite&channel=zalo")
    dispatcher.submit("gateway", 303, reason="gửi Zalo", kind="csv")
    for _ in range(3):
        page = second.get("/desk/approvals")
        assert not any(code in page.answer.text for code in codes(rated))
        second.submit("approve", 303)
    coordinator.get(f"{LIST}?unit=so_y_te")
    coordinator.submit("follow-up/list", 200, reason="gọi nhắc", kind="csv")
    dispatcher.get(f"{LIST}/slips")
    dispatcher.submit("slips", 200, serials="8", reason="in lại")
    dispatcher.get(f"{LIST}/messages?purpose=invite&channel=zalo")
    dispatcher.submit("gateway", 200, reason="gửi Zalo", kind="csv")
    dispatcher.get(f"{LIST}/slips")
    dispatcher.submit("slips", 303, serials="8", reason="in lại")  # an approval is good for once


def test_contacts_are_nobody_elses(team: Staff) -> None:
    for role in (Role.ANALYST, Role.KEYER, Role.CLERK, Role.VIEWER, Role.ADMINISTRATOR):
        team.as_(role).get(LIST, 403)
    team.as_(Role.COORDINATOR).get(f"{LIST}/slips", 403)
    team.as_(Role.DISPATCHER).get(f"{LIST}/reserve", 403)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), looking.VIEWS)
def test_the_follow_up_in_a_browser(chromium: Browser, team: Staff, width: int, scheme: str) -> None:
    with looking.signed_in(chromium, team, Role.COORDINATOR, width, scheme) as window:
        for page in ("", "/4", "/8?lang=en", "/messages?purpose=invite&channel=email", "/reserve"):
            window.judge(LIST + page)
    with looking.signed_in(chromium, team, Role.DISPATCHER, width, scheme) as window:
        window.judge(f"{LIST}/slips?lang=vi")
        window.judge(f"{LIST}/messages?purpose=invite&channel=zalo")


def test_looking_at_contacts_is_in_the_log_by_list_and_by_no_person(own: Staff) -> None:
    desk, before = own.as_(Role.COORDINATOR), len(own.log())
    desk.get(LIST)
    desk.get(f"{LIST}/5")
    desk.get(f"{LIST}?serial=999")  # nobody is on it
    entries = own.log()[before:]
    assert [(row["action"], row["who"]) for row in entries] == [("contacts looked at", "desk:coordinator")] * 2
    assert "follow-up" in str(entries[0]["detail"]) and '"n": 1' in str(entries[1]["detail"])
    assert "5" not in str(entries[1]["detail"]), "an entry has a time, and must lead to nobody"
    assert audit.verify(own.app.store) == []

"""Paper at the coordinator's desk: counted in, accounted for, late ones decided on, and who keys."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from survey import create_app
from survey.accounts.roles import Role
from survey.keying import keyers
from survey.web import Web
from tests.desk import staff
from tests.desk.desk import Desk
from tests.survey.paper.conftest import BINH, CUC
from tests.survey.paper.conftest import Desk as Paper

HOME = "/desk/w/nho/paper"


def served(paper: Paper) -> Web:
    app = create_app(paper.scene.settings, paper.scene.clock)
    app.testing, app.hasher = True, staff.CHEAP
    for role in (Role.COORDINATOR, Role.DISPATCHER, Role.CLERK):
        staff.hire(app, role.value, role, place="quay" if role is Role.CLERK else "")
    return app


@pytest.fixture
def desk(keyed_once: Paper) -> Desk:
    """A coordinator."""
    return Desk(served(keyed_once)).sign_in("coordinator")


def test_a_batch_is_counted_in_and_listed(desk: Desk, keyed_once: Paper):
    assert "chưa có ai được nhập" in desk.get(HOME).text
    desk.submit("/paper", place="quay", number="120", arrived="09/03/2026")
    assert "Đã ghi lô 1: 120 phiếu." in desk.arrive().text
    assert desk.page.table()[1][:5] == ["Lô 1", "Quầy tiếp nhận", "09/03/2026", "120", "0"]
    assert '"forms": 120' in keyed_once.log("paper counted in")[0]
    desk.submit("/paper", place="", number="1.000", arrived="")
    assert desk.arrive().table()[2][1:4] == ["Gửi qua bưu điện", "10/03/2026", "1000"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": ""}, "Xin nhập một số từ 1 đến 100000."),
        ({"number": "0"}, "Xin nhập một số từ 1 đến 100000."),
        ({"number": "nhiều"}, "Xin nhập một số từ 1 đến 100000."),
        ({"arrived": "hôm qua"}, "Xin nhập ngày như 31/03/2026."),
        ({"arrived": "2026-02-01"}, "Ngày nhận phải từ ngày mở đợt (01/03/2026) đến hôm nay."),
    ],
)
def test_a_count_with_faults_keeps_what_was_typed(desk: Desk, keyed_once: Paper, typed: dict[str, str], said: str):
    desk.get(HOME)
    page = desk.submit("/paper", status=422, **{"place": "quay", "number": "7", **typed})
    assert page.faults == [said]
    assert page.typed("/paper")["place"] == ["quay"]
    assert keyed_once.log("paper counted in") == []


def test_forms_are_set_aside_recounted_and_recorded_as_damaged(desk: Desk, keyed_once: Paper):
    keyed_once.count(5)
    desk.get(f"{HOME}/1")
    desk.submit("/aside", **{"aside-forms": "2", "aside-reason": "phiếu trắng"})
    assert "Đã ghi phiếu để riêng" in desk.arrive().text
    desk.submit("/damaged", **{"damaged-strips": f"{keyed_once.scene.code(6)}\n\n", "damaged-unreadable": "1",
                               "damaged-reason": "ướt"})  # fmt: skip
    assert "Đã ghi phiếu hỏng" in desk.arrive().text
    batch = keyed_once.batch()
    assert (batch.void, batch.damaged, batch.left) == (2, 2, 1)
    # More than is there, and a strip that is none: refused, with what was typed
    page = desk.submit("/aside", status=422, **{"aside-forms": "9", "aside-reason": "x"})
    assert page.faults == ["Nhiều hơn số phiếu chưa có kết quả của lô này."]
    assert page.typed("/aside")["aside-forms"] == ["9"]
    page = desk.submit("/damaged", status=422, **{"damaged-strips": "ABCD", "damaged-reason": "x"})
    assert page.faults == ["Cuống phiếu, dòng 1: không phải mã trả lời: so lại từng ký tự với cuống phiếu"]
    assert page.typed("/damaged")["damaged-strips"] == ["ABCD"]
    page = desk.submit("/recount", status=422, **{"recount-counted": "1", "recount-reason": "đếm nhầm"})
    assert page.faults == ["4 phiếu của lô này đã nhập hoặc đã để riêng; số đếm không được nhỏ hơn."]
    desk.submit("/recount", **{"recount-counted": "6", "recount-reason": "đếm nhầm"})
    assert "Đã sửa số phiếu" in desk.arrive().text
    assert keyed_once.batch().counted == 6
    desk.get(f"{HOME}/9", 404)


def test_late_forms_are_decided_on_once_for_all(desk: Desk, keyed_once: Paper):
    keyed_once.count(2)
    desk.get(f"{HOME}/late")
    assert "0 lô đến muộn" in desk.page.text
    keyed_once.scene.store.connection.execute("UPDATE paper_batch SET late = 1")
    assert "Có phiếu đến muộn đang chờ quyết định" in desk.get(HOME).text
    desk.follow("Quyết định một lần cho tất cả")
    assert desk.submit("/late", status=422, reason="").faults
    page = desk.submit("/late", status=422, decision="admit", reason="lũ lụt", strips=keyed_once.scene.code(6))
    assert "không ghi cuống ở đây" in page.faults[0]
    desk.submit("/late", decision="exclude", reason="quá hạn", strips=keyed_once.scene.code(6))
    assert "cuống đã quét được ghi là đến muộn" in desk.arrive().text
    assert len(keyed_once.log("late forms excluded")) == 1
    assert "đến muộn, không nhận" in desk.page.text
    keyed_once.count(1)
    keyed_once.scene.store.connection.execute("UPDATE paper_batch SET late = 1")
    desk.get(f"{HOME}/late")
    page = desk.submit("/late", status=422, decision="admit", reason="x", strips="")
    assert "chỉ có một quyết định cho tất cả" in page.faults[0]
    desk.submit("/late", decision="exclude", reason="x", strips="")
    assert keyed_once.batch(2).excluded == 1


def test_late_forms_may_be_admitted(desk: Desk, keyed_once: Paper):
    keyed_once.count(2)
    keyed_once.scene.store.connection.execute("UPDATE paper_batch SET late = 1")
    desk.get(f"{HOME}/late")
    desk.submit("/late", decision="admit", reason="lũ lụt")
    assert "Đã nhận mọi phiếu đến muộn" in desk.arrive().text
    assert "Đã quyết định nhận mọi phiếu đến muộn: lũ lụt" in desk.get(f"{HOME}/late").text


def test_the_waiting_for_a_second_person_is_ended(double: Paper):
    double.count(2)
    double.key(6, keyer=BINH)
    double.key(7, keyer=BINH)
    double.key(7, {"used": "1", "q1": "1", "q2": "2", "visits": "4"}, keyer=CUC)
    desk = Desk(served(double)).sign_in("coordinator")
    assert "1 cần người thứ ba" in desk.get(HOME).text
    desk.follow("Kết thúc chờ nhập lần hai")
    assert desk.submit("/finish", status=422).faults == ["Mục này chưa điền."]
    desk.submit("/finish", reason="hết hạn")
    assert "Đã lưu 0 phiếu, 2 phiếu không hợp lệ." in desk.arrive().text
    double.scene.store.connection.execute("UPDATE wave SET state = 'closed'")
    desk.get(f"{HOME}/finish")
    assert desk.submit("/finish", status=422, reason="nữa").faults


def test_keyers_are_chosen_among_accounts_of_unrated_offices(desk: Desk, keyed_once: Paper):
    assert "Chưa có tài khoản nào" in desk.get(f"{HOME}/keyers").text
    staff.hire(desk.app, "binh", Role.KEYER, office="Trường Đại học")
    staff.hire(desk.app, "gian", Role.KEYER, office="Văn phòng Sở A")
    desk.get(f"{HOME}/keyers")
    desk.post(f"{HOME}/keyers", 303, account="binh")
    assert "Thôi nhập: Nguyễn Thị Binh" in desk.arrive().text
    page = desk.post(f"{HOME}/keyers", 422, account="gian")
    assert "Nguyễn Thị Gian không được nhập phiếu: cơ quan “Văn phòng Sở A” được đánh giá" in page.tree.text
    assert "Tên này đã có" in desk.post(f"{HOME}/keyers", 422, account="binh").tree.text
    desk.post(f"{HOME}/keyers", 303, account="binh", remove="1")
    assert "Cho nhập: Nguyễn Thị Binh" in desk.arrive().text
    desk.post(f"{HOME}/keyers", 404, account="nobody")
    assert len(keyed_once.log("keyer added")) == len(keyed_once.log("keyer removed")) == 1


def test_a_closed_wave_counts_nothing_in(desk: Desk, keyed_once: Paper):
    keyed_once.scene.store.connection.execute("UPDATE wave SET state = 'closed'")
    assert "Kiểm đếm một lô mới" not in desk.get(HOME).text
    assert desk.post(HOME, 422, place="quay", number="3").faults


def test_who_counts_and_who_decides(keyed_once: Paper):
    app = served(keyed_once)
    dispatcher = Desk(app).sign_in("dispatcher")
    dispatcher.get(HOME)
    dispatcher.get(f"{HOME}/late", 403)
    Desk(app).sign_in("clerk").get(HOME, 403)


def test_the_late_day_is_seen_by_the_calendar(desk: Desk, keyed_once: Paper):
    keyed_once.scene.clock.at = datetime(2026, 4, 2, 2, 0, tzinfo=UTC)
    late = Desk(desk.app).sign_in("coordinator")
    late.get(HOME)
    late.submit("/paper", place="quay", number="3")
    assert "đến muộn, chờ quyết định" in late.arrive().text


def test_two_accounts_of_one_name_are_two_keyers(desk: Desk, keyed_once: Paper):
    for name in ("binh", "binh2"):
        staff.hire(desk.app, name, Role.KEYER, office="Trường Đại học")
    with desk.app.store.write() as tx:
        tx.connection.execute("UPDATE account SET full_name = 'Nguyễn Thị Binh' WHERE name = 'binh2'")
    wave = keyed_once.scene.wave
    keyers.add(desk.app.store, desk.app.clock, wave, "Nguyễn Thị Binh", "Trường Đại học", who="cli")
    desk.get(f"{HOME}/keyers")
    assert desk.page.text.count("chưa được nhập") == 2, "a name that two accounts have is neither's"
    desk.post(f"{HOME}/keyers", 303, account="binh")
    desk.post(f"{HOME}/keyers", 303, account="binh2")
    named = [each.name for each in keyers.of_wave(desk.app.store, wave.spec.id)]
    assert named == ["Nguyễn Thị Binh", "Nguyễn Thị Binh (binh)", "Nguyễn Thị Binh (binh2)"]
    assert desk.arrive().text.count("được nhập") - desk.page.text.count("chưa được nhập") >= 2
    desk.post(f"{HOME}/keyers", 303, account="binh2", remove="1")
    assert [each.name for each in keyers.of_wave(desk.app.store, wave.spec.id)] == named[:2]

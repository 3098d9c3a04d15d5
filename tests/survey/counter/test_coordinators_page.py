"""Selection at counters as the coordinator has it, from the public number to the reconciliation."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest

from survey import closing, create_app
from survey.accounts.roles import Role
from tests.desk import staff
from tests.desk.desk import Desk
from tests.survey.counter.conftest import NUMBER, Counter
from tests.survey.counter.test_reconciling import answers

HOME = "/desk/w/quay/counters"
HEADING = "Số hồ sơ,Cơ quan giải quyết,Nơi tiếp nhận,Ngày hẹn trả"


def desk_of(counter: Counter) -> Desk:
    app = create_app(counter.settings, counter.clock)
    app.testing, app.hasher = True, staff.CHEAP
    for role in (Role.COORDINATOR, Role.DISPATCHER, Role.ANALYST):
        staff.hire(app, role.value, role)
    return Desk(app).sign_in("coordinator")


@pytest.fixture
def desk(counter: Counter) -> Desk:
    """The coordinator, on the tenth day."""
    return desk_of(counter)


def sends(desk: Desk, *lines: str, name: str = "hồ sơ.csv", status: int | None = None) -> None:
    content = BytesIO("\n".join([HEADING, *lines, ""]).encode())
    desk.get(HOME)
    desk.submit("/counters/list", status, file=(content, name))


def test_the_number_is_entered_once_it_exists(sealed: Counter):
    desk = desk_of(sealed)
    assert "Nhập số này khi đã công bố" in desk.get(HOME).text
    assert desk.post(f"{HOME}/number", 422, number=NUMBER).faults
    sealed.clock.at = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    desk = Desk(desk.app).sign_in("coordinator")
    desk.get(HOME)
    assert desk.submit("/number", status=422, number=" ").faults == ["Mục này chưa điền."]
    assert desk.submit("/number", status=422, number="bảy").faults
    desk.submit("/number", number=NUMBER)
    assert "Các quầy hỏi được hồ sơ" in desk.arrive().tree.text
    assert f"Số công khai: {NUMBER}" in desk.page.text


def test_the_daily_list_is_taken_whole_or_not_at_all(desk: Desk, counter: Counter):
    sends(desk, "HS-1,Sở A,Trung tâm,10/03/2026", "MOI-1,Sở B,Trung tâm,20/03/2026", "MOI-2,Sở B,Trung tâm,30/03/2026")
    assert "hồ sơ.csv: 2 hồ sơ mới, 1 hồ sơ đã có; 1 hồ sơ ngoài thời gian" in desk.arrive().tree.text
    before = list(counter.store.connection.iterdump())
    sends(desk, "MOI-3,Sở Lạ,Trung tâm,20/03/2026", "MOI-4,Sở B,Trung tâm,", status=422)
    assert len(desk.page.faults) >= 2 and all(each.startswith("hồ sơ.csv") for each in desk.page.faults)
    sends(desk, "HS-1,Sở B,Trung tâm,10/03/2026", status=422)
    assert "was listed with another" in desk.page.faults[0] or "HS-1" in desk.page.faults[0]
    desk.get(HOME)
    assert desk.submit("/counters/list", status=422).faults == ["Xin chọn tệp danh sách hồ sơ."]
    assert list(counter.store.connection.iterdump()) == before
    assert not [each for each in counter.settings.instance.iterdir() if each.name.startswith("tmp")]


def test_how_each_counter_asks_is_shown(desk: Desk, counter: Counter):
    for n in range(1, 51):
        counter.asks(f"HS-{n}")
    counter.asks("HS-1")
    row = desk.get(HOME).table()[1]
    assert row[:4] == ["Sở A", "200", "50", "25,0%"]
    assert row[-1] == "▾ hỏi dưới 90%"


def test_a_slip_beyond_the_counters_own_second_one(desk: Desk, counter: Counter):
    number = counter.first(selected=True)
    counter.asks(number)
    desk.get(HOME)
    page = desk.submit("/again", status=422, dossier=number, reason="kẹt giấy")
    assert page.faults == ["Hồ sơ này chưa được phát phiếu, hoặc mã trên phiếu đã được mở."]
    counter.hands(number)
    for _ in range(2):
        desk.get(HOME)
        desk.submit("/again", dossier=number, reason="kẹt giấy")
        assert "trong 15 phút" in desk.arrive().tree.text
        counter.hands(number)
    assert counter.count("again") == 2


def test_the_reconciliation_after_the_close(desk: Desk, counter: Counter):
    assert desk.post(f"{HOME}/reconcile", 422).status == 422
    for n in range(1, 31):
        answers(counter, f"HS-{n}")
    closing.close(counter.store, counter.drafts, counter.clock, counter.wave, who="x")
    desk.get(HOME)
    desk.submit("/reconcile")
    assert "được ghi là không tiếp xúc" in desk.arrive().tree.text
    assert "Đã đối chiếu" in desk.page.text
    chosen = sum(counter.selects(f"HS-{n}") for n in range(1, 31))
    assert desk.page.table()[1][:5] == ["Sở A", "200", "30", "15,0%", str(chosen)]


def test_who_may_not(desk: Desk):
    for name in ("dispatcher", "analyst"):
        Desk(desk.app).sign_in(name).get(HOME, 403)
    assert "Chọn mẫu tại quầy" in desk.get("/desk/").links


def test_waves_without_counters_have_nothing_of_it(scene, clock):
    app = create_app(scene.settings, clock)
    app.testing, app.hasher = True, staff.CHEAP
    staff.hire(app, "khac", Role.COORDINATOR)
    other = Desk(app).sign_in("khac")
    assert "không chọn hồ sơ tại quầy" in other.get("/desk/w/nho/counters").text
    other.post("/desk/w/nho/counters/number", 404, number="1")
    assert "Chọn mẫu tại quầy" not in other.get("/desk/").links

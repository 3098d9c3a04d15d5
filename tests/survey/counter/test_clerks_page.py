"""The clerk's page: a number in, an answer out, the slip past the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from survey import config, create_app, kiosks
from survey.accounts.roles import Role
from survey.desk import carrying
from tests.desk import staff
from tests.desk.desk import Desk
from tests.survey.counter.conftest import Counter, dossier
from tests.survey.counter.printer import FakePrinter

PAGE = "/desk/w/quay/counter"
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-?[0-9A-HJKMNP-TV-Z]{4}-?[0-9A-HJKMNP-TV-Z]{4}\b")


@pytest.fixture
def printer(tmp_path) -> FakePrinter:
    folder = tmp_path / "printer"
    folder.mkdir()
    return FakePrinter(folder)


@pytest.fixture
def at(counter: Counter, printer: FakePrinter) -> Callable[..., Desk]:
    """A clerk signed in at a counter; the one of Sở A has a printer and a tablet."""
    file = counter.settings.instance / "phieu.toml"
    file.write_text(f'{file.read_text("utf-8")}\n[counter]\nprinter = {{ cho_a = "{printer.line}" }}\n', "utf-8")
    token = kiosks.make_link(counter.store, counter.clock, [counter.wave.spec], "cho_a", "máy cạnh cửa", who="x")
    kiosks.bind(counter.store, counter.clock, "cho_a", token)
    app = create_app(config.load(counter.settings.instance, {}), counter.clock)
    app.testing, app.hasher = True, staff.CHEAP

    def sign_in(place: str = "cho_a", role: Role = Role.CLERK) -> Desk:
        name = f"{role.value}.{place.replace('_', '.')}"
        staff.hire(app, name, role, place=place if role is Role.CLERK else "")
        return Desk(app).sign_in(name)

    return sign_in


def asks(desk: Desk, number: str, **more: str) -> str:
    """Ask, and read the answer."""
    desk.get(PAGE)
    desk.submit("/counter", number=number, **more)
    return desk.arrive().text


def test_the_field_has_the_focus_and_the_answer_is_announced(at, counter: Counter):
    desk = at()
    page = desk.get(PAGE)
    assert "autofocus" in page.element("number").attributes
    text = asks(desk, counter.first(selected=False))
    assert "Không được chọn" in text and desk.page.element("result").all("div")[0].attributes["role"] == "status"
    assert "autofocus" in desk.page.element("number").attributes
    # Loading the page again asks nothing again
    before = list(counter.store.connection.iterdump())
    desk.get(desk.page.answer.request.full_path)
    assert list(counter.store.connection.iterdump()) == before
    assert counter.count("asked") == 1


def test_every_answer_of_the_draw_has_its_words(at, counter: Counter):
    desk = at()
    early = next(n for n in (f"E-{n}" for n in range(99)) if counter.selects(n, due="2026-03-14"))
    counter.lists(dossier(early, due="2026-03-14"), dossier("B-1", "so_b"))
    assert "Được chọn" in asks(desk, counter.first(selected=True))
    assert "Chưa đến hạn" in asks(desk, early)
    assert "Được chọn" in asks(desk, early, handed_over="1")
    assert "Không có trong danh sách" in asks(desk, "KHONG-CO")
    # A dossier that lies at another counter is none of this one's business
    assert "Không có trong danh sách" in asks(desk, "B-1")
    assert counter.count("early") == 1 and counter.count("unlisted") == 2


def test_the_slip_is_printed_and_no_code_is_ever_on_the_page(at, counter: Counter, printer: FakePrinter):
    desk, number = at(), counter.first(selected=True)
    asks(desk, number)
    seen = [desk.page.answer.text]
    desk.submit("/counter/print")
    seen.append(desk.arrive().answer.text)
    assert "Phiếu đã gửi tới máy in" in desk.page.text
    (code,) = printer.codes()
    assert not any(code in html or (CODE.search(html) and code in CODE.findall(html)) for html in seen)
    location = desk.page.answer.request.full_path
    assert number not in location and code not in location
    # Asked again, it is done; and a second print of the same page is refused
    desk.get(PAGE)
    assert "Đã phát phiếu" in asks(desk, number)


def test_a_page_left_open_prints_nothing_twice(at, counter: Counter, printer: FakePrinter):
    desk, number = at(), counter.first(selected=True)
    asks(desk, number)
    word = desk.page.typed("/counter/print")["t"][0]
    desk.submit("/counter/print")
    page = desk.post(f"{PAGE}/print", status=422, t=word, printer="")
    assert "đã phát, hoặc đã quá 15 phút" in page.text
    assert len(printer.codes()) == 1
    # And a selection that lapsed is printed no more
    other = next(f"HS-{n}" for n in range(1, 99) if counter.selects(f"HS-{n}") and f"HS-{n}" != number)
    asks(desk, other)
    counter.clock.at += timedelta(minutes=16)
    assert desk.submit("/counter/print", status=422)
    assert len(printer.codes()) == 1


def test_the_tablet_opens_and_may_be_given_up_for_a_slip(at, counter: Counter, printer: FakePrinter):
    desk, number = at(), counter.first(selected=True)
    asks(desk, number)
    assert "Mở trên máy trả lời 1 · máy cạnh cửa" in desk.page.text
    desk.submit("/counter/open")
    assert "Máy trả lời đang mở phiếu" in desk.arrive().text
    assert counter.store.connection.execute("SELECT count(*) FROM counter_waiting").fetchone()[0] == 1
    # Another person cannot be sent to the same tablet meanwhile
    other = next(f"HS-{n}" for n in range(1, 99) if counter.selects(f"HS-{n}") and f"HS-{n}" != number)
    sent = desk.page.answer.request.full_path
    asks(desk, other)
    assert "đang chờ mở phiếu của người khác" in desk.submit("/counter/open", status=422).text
    # The tablet fails: a slip instead
    desk.get(sent)
    desk.submit("/counter/print")
    assert "Phiếu đã gửi tới máy in" in desk.arrive().text
    assert counter.store.connection.execute("SELECT count(*) FROM counter_waiting").fetchone()[0] == 0
    assert len(printer.codes()) == 1


def test_a_jammed_slip_is_printed_once_more_with_a_reason(at, counter: Counter, printer: FakePrinter):
    desk, number = at(), counter.first(selected=True)
    asks(desk, number)
    desk.submit("/counter/print")
    desk.arrive()
    assert "Xin ghi lý do in lại" in desk.submit("/counter/again", status=422, reason=" ").text
    desk.submit("/counter/again", reason="kẹt giấy")
    assert "Phiếu được phát lại một lần" in desk.arrive().text
    desk.submit("/counter/print")
    assert len(printer.codes()) == 2
    desk.arrive()
    page = desk.submit("/counter/again", status=422, reason="kẹt nữa")
    assert "không in lại được ở quầy" in page.text
    assert page.typed("/counter/again")["reason"] == ["kẹt nữa"]  # nothing typed is lost


def test_a_printer_that_refuses_is_said_and_the_selection_lives(at, counter: Counter, printer: FakePrinter):
    desk, number = at(), counter.first(selected=True)
    asks(desk, number)
    printer.jam.touch()
    assert "Máy in không nhận phiếu" in desk.submit("/counter/print", status=422).text
    printer.jam.unlink()
    desk.submit("/counter/print")
    assert "Phiếu đã gửi tới máy in" in desk.arrive().text


def test_a_counter_without_printer_and_tablet_asks_nothing(at, counter: Counter):
    desk = at("trung_tam")
    assert "chưa có máy in và chưa có máy trả lời" in desk.get(PAGE).text
    desk.submit("/counter", status=422, number=counter.first(selected=True))
    assert counter.count("asked") == 0


def test_an_empty_field_and_a_closed_day_are_said(at, counter: Counter):
    desk = at()
    desk.get(PAGE)
    assert "Xin nhập hoặc quét mã hồ sơ" in desk.submit("/counter", status=422, number=" ").text
    desk.get(PAGE)
    counter.clock.at += timedelta(days=30)  # the session idles out meanwhile: a new one
    desk.client.delete_cookie("desk", path="/desk")
    desk.sign_in("clerk.cho.a")
    assert "hôm nay không nhận trả lời" in desk.get(PAGE).text
    assert "hôm nay không nhận trả lời" in desk.post(PAGE, status=422, number="HS-1").text


def test_a_word_of_another_account_wave_or_purpose_opens_nothing(at, counter: Counter):
    desk, number = at(), counter.first(selected=True)
    asks(desk, number)
    (word,) = parse_qs(urlsplit(desk.page.answer.request.full_path).query)["t"]
    other = Desk(desk.app)
    staff.hire(desk.app, "khac", Role.CLERK, place="cho_a")
    other.sign_in("khac")
    assert number not in other.get(f"{PAGE}?t={word}").text
    assert "Trang này đã cũ" in other.post(f"{PAGE}/print", status=422, t=word).text
    for path in ("open", "again"):
        assert "Trang này đã cũ" in other.post(f"{PAGE}/{path}", status=422, t="x", reason="x").text
    assert carrying.opened(counter.keyring, "clerk.cho.a", "counter quay", word) is not None
    for name, purpose, told in [("khac", "counter quay", word), ("clerk.cho.a", "counter demo", word), ("", "", "%%")]:
        assert carrying.opened(counter.keyring, name, purpose, told) is None


def test_a_tablet_of_another_place_cannot_be_chosen(at, counter: Counter):
    desk, number = at(), counter.first(selected=True)
    token = kiosks.make_link(counter.store, counter.clock, [counter.wave.spec], "trung_tam", "", who="x")
    kiosks.bind(counter.store, counter.clock, "trung_tam", token)
    asks(desk, number)
    for kiosk in ("2", "99", "x", "1e9", "9" * 5000):
        assert "Không thực hiện được" in desk.submit("/counter/open", status=422, kiosk=kiosk).text


def test_only_clerks_ask(at):
    coordinator = at(role=Role.COORDINATOR)
    coordinator.get(PAGE, 403)
    coordinator.post(PAGE, 403, number="HS-1")


def test_the_draw_is_not_ready_before_its_public_number(sealed: Counter):
    sealed.lists(dossier("HS-1", due="2026-03-01"))
    token = kiosks.make_link(sealed.store, sealed.clock, [sealed.wave.spec], "cho_a", "", who="x")
    kiosks.bind(sealed.store, sealed.clock, "cho_a", token)
    app = create_app(replace(sealed.settings), sealed.clock)
    app.testing, app.hasher = True, staff.CHEAP
    staff.hire(app, "quay", Role.CLERK, place="cho_a")
    desk = Desk(app).sign_in("quay")
    desk.get(PAGE)
    assert "Chưa có số công khai" in desk.submit("/counter", status=422, number="HS-1").text

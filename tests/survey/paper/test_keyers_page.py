"""The keyer's page: scan, key, next; counted in first, checked by a second person, with no code on any screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forms.answers import AnswerFault
from survey import codes, create_app
from survey.accounts.roles import Role
from survey.desk import keying_words
from survey.keying import keyers
from survey.keying.counting_in import NO_CODE
from survey.keying.keyed_page import Wrong
from survey.keying.keying import Result
from survey.web import Web
from tests.desk import staff
from tests.desk.desk import Desk
from tests.survey.paper.conftest import Desk as Paper

HOME = "/desk/w/nho/keying"
GOOD = {"a1-used": "1", "a1-q1": "3", "a1-q2": "2", "a1-visits": "4"}
UNRATED = "Trường Đại học"


def served(paper: Paper, *names: str) -> Web:
    """The application with keyers of these account names, chosen for the wave."""
    scene = paper.scene
    app = create_app(scene.settings, scene.clock)
    app.testing, app.hasher = True, staff.CHEAP
    for name in names:
        staff.hire(app, name, Role.KEYER, office=UNRATED)
        keyers.add(scene.store, scene.clock, scene.wave, f"Nguyễn Thị {name.capitalize()}", UNRATED, who="lan")
    return app


@pytest.fixture
def keys(keyed_once: Paper) -> Callable[..., Desk]:
    """A keyer who has begun with the first batch."""
    keyed_once.count(3)
    app = served(keyed_once, "binh")

    def begin() -> Desk:
        return begun(app, "binh")

    return begin


def begun(app: Web, name: str) -> Desk:
    desk = Desk(app).sign_in(name)
    desk.get(HOME)
    desk.submit("/1/begin")
    desk.arrive()
    return desk


def keyed(desk: Desk, code: str, **typed: str) -> str:
    """Scan a strip and key its form; what the page says then."""
    desk.submit("/keying/1", status=200, strip=code)
    desk.submit("/form", **{**GOOD, **typed})
    return desk.arrive().text


def test_scan_key_and_the_next(keys, keyed_once: Paper):
    desk, code = keys(), keyed_once.scene.code(6)
    assert "autofocus" in desk.page.element("strip").attributes
    page = desk.submit("/keying/1", status=200, strip=f"HTTPS://X.VN/P/{code}")
    # The form as on paper, and the code nowhere
    assert "Câu một" in page.text and "1 Kém 2 Vừa 3 Tốt" in page.text
    assert code not in page.answer.text and codes.grouped(code) not in page.answer.text
    desk.submit("/form", **GOOD)
    assert code not in desk.page.location
    assert "Đã lưu. Cắt cuống phiếu này và hủy ngay." in desk.arrive().text
    assert "đã nhập 1 trong 3 phiếu, còn 2" in desk.page.text
    # Keyed and kept as a paper answer
    (box,) = keyed_once.opened()
    assert box["answered"] == "paper"
    assert "autofocus" in desk.page.element("strip").attributes
    # The log has who and which batch, and no invitation
    (entry,) = keyed_once.log("paper keying begun")
    assert "Nguyễn Thị Binh" in entry and '"forms": 3' in entry
    assert not any("serial" in entry for entry in keyed_once.log("paper keyed"))


def test_what_is_wrong_is_told_by_its_field_and_nothing_typed_is_lost(keys, keyed_once: Paper):
    desk = keys()
    desk.submit("/keying/1", status=200, strip=keyed_once.scene.code(6))
    page = desk.submit("/form", status=422, **{**GOOD, "a1-q1": "4", "a1-visits": "100"})
    assert page.faults[0] == "Câu 3: Chỉ có ô từ 1 đến 3, hoặc 9."
    assert page.faults[1:] == ["Câu 6: Số phải từ 0 đến 99. Nếu phiếu ghi khác, để trống và báo điều phối."]
    assert page.typed("/form")["a1-q1"] == ["4"] and page.typed("/form")["a1-q2"] == ["2"]
    assert page.element("a1-q1").attributes["aria-invalid"] == "true"
    desk.submit("/form", **{"a1-q1": "1", "a1-visits": ""})
    assert "Đã lưu" in desk.arrive().text


def test_a_blank_form_is_no_answer(keys, keyed_once: Paper):
    desk = keys()
    desk.submit("/keying/1", status=200, strip=keyed_once.scene.code(6))
    assert "Phiếu trắng thì để riêng" in desk.submit("/form", status=422).text
    assert keyed_once.batch().keyed == 0


def test_strips_that_cannot_be_keyed_say_why(keys, keyed_once: Paper):
    desk, scene = keys(), keyed_once.scene
    for strip, told in [("", "Xin quét hoặc gõ mã"), ("ABCD-EFGH-JKMN", "Mã chưa đúng"),
                        (codes.derive(b"x" * 32, 1, 0), "không thuộc đợt điều tra này")]:  # fmt: skip
        assert told in desk.submit("/keying/1", status=422, strip=strip).text
    keyed_once.online(6)
    page = desk.submit("/keying/1", status=422, strip=scene.code(6))
    assert "đã có câu trả lời" in page.text
    desk.submit("/aside")
    assert "Đã ghi một phiếu để riêng" in desk.arrive().text
    assert keyed_once.batch().void == 1
    assert '"reason": "đã có câu trả lời"' in keyed_once.log("paper set aside")[0]


def test_no_more_are_keyed_or_set_aside_than_were_counted(keyed_once: Paper):
    keyed_once.count(1)
    desk = begun(served(keyed_once, "binh"), "binh")
    assert "Đã lưu" in keyed(desk, keyed_once.scene.code(6))
    assert "bằng số đã đếm" in keyed(desk, keyed_once.scene.code(7))
    keyed_once.online(8)
    desk.submit("/keying/1", status=422, strip=keyed_once.scene.code(8))
    assert "không còn phiếu nào" in desk.submit("/aside", status=422).text


def test_a_second_person_keys_again_and_a_third_settles(double: Paper):
    double.count(2)
    app, code = served(double, "binh", "cuc", "dung"), double.scene.code(6)
    binh, cuc, dung = (begun(app, name) for name in ("binh", "cuc", "dung"))
    assert "để người khác nhập lần hai" in keyed(binh, code)
    assert "Ông/Bà đã nhập phiếu này" in keyed(binh, code)
    assert "chuyển cho người thứ ba" in keyed(cuc, code, **{"a1-q1": "1"})
    assert "Đã lưu" in keyed(dung, code)
    assert double.batch().keyed == 1


def test_a_form_about_several_offices_may_decline_one(keyed_once: Paper):
    keyed_once.count(1)
    desk = begun(served(keyed_once, "binh"), "binh")
    page = desk.submit("/keying/1", status=200, strip=keyed_once.scene.code(1))
    assert "Sở B · Về cơ quan" in page.text
    desk.submit("/form", **{"a1-q1": "2", "a2-declined": "1", "a3-q1": "1"})
    assert "Đã lưu" in desk.arrive().text


def test_the_batch_ends_when_strips_are_destroyed(keys, keyed_once: Paper):
    desk = keys()
    assert "rồi đánh dấu trước khi kết thúc" in desk.submit("/end", status=422).text
    desk.submit("/end", destroyed="1")
    assert desk.page.location == HOME
    assert keyed_once.log("paper strips destroyed") == ['{"batch": 1, "keyer": "Nguyễn Thị Binh"}']


def test_who_is_not_chosen_or_has_not_begun_keys_nothing(keyed_once: Paper):
    keyed_once.count(2)
    app = served(keyed_once, "binh")
    staff.hire(app, "la", Role.KEYER, office=UNRATED)
    stranger = Desk(app).sign_in("la")
    assert "chưa được chọn để nhập phiếu" in stranger.get(HOME).text
    stranger.post(f"{HOME}/1/begin", 303)
    # A word of another person opens no batch
    word = begun(app, "binh").page.typed("/keying/1")["s"][0]
    for path in ("", "/form", "/aside", "/end"):
        assert stranger.post(f"{HOME}/1{path}", 303, s=word, strip=keyed_once.scene.code(6)).location == HOME
    assert stranger.get(f"{HOME}/1", 303).location == HOME
    assert keyed_once.batch().left == 2
    binh = Desk(app).sign_in("binh")
    binh.get(HOME)
    binh.post(f"{HOME}/9/begin", 404)


def test_a_page_with_a_strip_of_another_session_keys_nothing(keys, keyed_once: Paper):
    desk = keys()
    desk.submit("/keying/1", status=200, strip=keyed_once.scene.code(6))
    assert "Xin quét lại cuống phiếu" in desk.submit("/form", status=422, **{**GOOD, "t": "khác"}).text


def test_a_late_batch_waits_and_a_closed_wave_takes_nothing(keyed_once: Paper):
    app = served(keyed_once, "binh")
    desk = Desk(app).sign_in("binh")
    assert "Không còn phiếu nào phải nhập" in desk.get(HOME).text
    keyed_once.count(1)
    keyed_once.scene.store.connection.execute("UPDATE paper_batch SET late = 1")
    desk.post(f"{HOME}/1/begin", 404)
    keyed_once.scene.store.connection.execute("UPDATE wave SET state = 'closed'")
    assert "không nhận phiếu lúc này" in desk.get(HOME).text


def test_clerks_and_coordinators_see_nothing_of_it(keyed_once: Paper):
    app = served(keyed_once)
    for role in (Role.COORDINATOR, Role.DISPATCHER, Role.ANALYST):
        staff.hire(app, role.value, role)
        Desk(app).sign_in(role.value).get(HOME, 403)


def test_every_fault_of_a_field_and_every_end_of_a_form_has_its_words(keyed_once: Paper):
    questionnaire = keyed_once.scene.wave.questionnaire_of("dan")
    faults = [
        (AnswerFault("sex", "unknown_choice"), "Chỉ có ô từ 1 đến 2."),
        (AnswerFault("q1", "unknown_choice"), "Chỉ có ô từ 1 đến 3, hoặc 9."),
        (AnswerFault("visits", "not_a_number"), "Xin nhập số nguyên"),
        (AnswerFault("visits", "not_a_month"), "Xin nhập tháng và năm"),
        (AnswerFault("said", "too_long", {"length": 70, "maximum": 60}), "Dài 70 ký tự, nhiều nhất 60."),
        (AnswerFault("visits", "out_of_range", {"maximum": 9}), "từ … đến 9"),
        (None, "không đủ thông tin để đánh giá"),
    ]
    with served(keyed_once).test_request_context("/desk/"):
        for fault, told in faults:
            assert told in keying_words.fault_of(Wrong("a1-q1", fault), questionnaire)
        assert all(all(keying_words.result_of(result)) for result in Result)
        reasons = (NO_CODE, "is a code that was revoked: x", "has no form on paper", "is a code of no invitation")
        assert len({keying_words.refused(reason) for reason in reasons}) == 4

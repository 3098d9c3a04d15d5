"""Whatever is posted or opened: never a 500, never a loss."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey import create_app, wave
from survey.config import Settings
from survey.dispositions import State
from survey.invitations import record
from survey.issuing import reissue
from survey.keys import Keyring
from survey.store import DRAFT_MIGRATIONS, Store
from survey.web import Web
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.journeys.world import World

Hold = Callable[..., Respondent]


def test_a_pilot_says_that_it_is_one(tmp_path: Path) -> None:
    made = worlds.build(tmp_path, pilot=True)
    page = Respondent(create_app(made.settings, made.clock), made.take()).open()
    assert "chạy thử" in page.text and "chấm điểm" not in page.text


@pytest.fixture
def kinds(tmp_path: Path) -> Respondent:
    """Somebody whose form has every kind of question on its one page."""
    groups = (("nguoi_dan", "kinds", "dossier", ("so_tu_phap",)),)
    made = worlds.build(tmp_path, {"kinds": worlds.KINDS}, groups=groups)
    return Respondent(create_app(made.settings, made.clock), made.take())


def test_every_kind_of_answer_comes_back_as_it_was_given(kinds: Respondent) -> None:
    kinds.begin()
    answers = {"visits": "2", "least": "1", "most": "9", "free": "-3", "month": "3/2026", "ways": ["a", "c"]}
    check = kinds.fill({**answers, "remark": "Tốt lắm\nXin cảm ơn <i>", "must": "yes"})
    for shown in ("03/2026", "Điện thoại", "Đến nơi", "Tốt lắm", "Xin cảm ơn <i>", "-3"):
        assert shown in check.text
    assert "Thư điện tử" not in check.text
    again = kinds.open(f"/P/{kinds.code}/1")
    standing = again.form.standing()
    assert standing["ways"] == ["a", "c"] and standing["month"] == ["03/2026"]
    assert standing["remark"] == ["Tốt lắm\nXin cảm ơn <i>"]


def test_a_page_with_faults_comes_back_with_all_that_was_typed(kinds: Respondent) -> None:
    kinds.begin()
    wrong = {"visits": "hai", "least": "0", "most": "10", "free": "99999999999", "month": "13/2026", "ways": ["x"]}
    page = kinds.fill({**wrong, "remark": "d" * 50, "must": "maybe"})
    assert page.status == 422
    standing = page.form.standing()
    assert standing["visits"] == ["hai"] and standing["free"] == ["99999999999"] and standing["remark"] == ["d" * 50]
    summary = page.element("summary")
    assert summary and "autofocus" in summary.attributes
    anchors = [link.attributes["href"].removeprefix("#") for link in summary.all("a")]
    assert len(anchors) == 8 and all(page.element(anchor) for anchor in anchors)
    for sentence in ("một số nguyên", "từ 1 trở lên", "không quá 9", "quá lớn", "03/2026", "dài 50"):
        assert sentence in page.text
    # what was wrong is not saved, so that nothing unfit is ever submitted
    assert "chưa trả lời câu nào" in kinds.open(f"/P/{kinds.code}/check").text


def test_out_of_range_says_the_range(kinds: Respondent) -> None:
    kinds.begin()
    page = kinds.fill({"visits": "100", "must": "yes"})
    assert page.status == 422 and "từ 0 đến 99" in page.text
    # the right answers of the page were saved all the same
    assert "Có" in kinds.open(f"/P/{kinds.code}/check").text


def test_a_required_question_asks_once_and_can_be_passed(kinds: Respondent) -> None:
    kinds.begin()
    asked = kinds.fill({"visits": "1"})
    assert asked.status == 422 and "asked" in asked.form.names
    assert "declined" in asked.form.options("must")
    assert kinds.fill().url.endswith("/check")


def test_rather_not_answer_is_an_answer(kinds: Respondent) -> None:
    kinds.begin()
    kinds.fill()
    assert "Tôi không muốn trả lời" in kinds.fill({"must": "declined"}).text
    assert "declined" in kinds.open(f"/P/{kinds.code}/1").form.standing()["must"]


def test_a_question_that_an_answer_brings_up_is_shown_on_the_same_page(kinds: Respondent) -> None:
    kinds.begin()
    page = kinds.fill({"must": "no"})
    assert page.url.endswith("/1#why") and "why" in page.form.names
    assert kinds.fill({"why": "Chờ lâu"}).url.endswith("/check")
    # hidden again, it stays in the draft and is not submitted
    kinds.open(f"/P/{kinds.code}/1")
    check = kinds.fill({"must": "yes"})
    assert "Chờ lâu" not in check.text
    kinds.open(f"/P/{kinds.code}/1")
    assert "Chờ lâu" in kinds.fill({"must": "no"}).text


def test_two_tabs_lose_nothing(kinds: Respondent) -> None:
    kinds.begin()
    blank = kinds.page.form.standing()
    kinds.fill({"visits": "7", "must": "yes"})
    # the other tab was opened before, saw nothing, and posts an empty field for it
    kinds.post(f"/P/{kinds.code}/1", {**blank, "month": "01/2026", "asked": "1"})
    assert "7" in kinds.page.form.standing().get("visits", ["7"])
    standing = kinds.open(f"/P/{kinds.code}/1").form.standing()
    assert standing["visits"] == ["7"] and standing["month"] == ["01/2026"]
    # a page that did see it may clear it
    kinds.fill({"visits": "", "must": "yes"})
    assert kinds.open(f"/P/{kinds.code}/1").form.standing()["visits"] == [""]


FIELD = st.sampled_from(
    [
        "visits",
        "month",
        "ways",
        "remark",
        "must",
        "why",
        "hello",
        "revision",
        "asked",
        "declined",
        "tag",
        "receipt",
        "lạ",
        "",
    ]
)
TEXT = st.one_of(
    st.text(max_size=30), st.sampled_from(["na", "declined", "a", "yes", "-0", "٣", "\0", "9" * 40, "x" * 5000])
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    posted=st.dictionaries(FIELD, st.lists(TEXT, max_size=3), max_size=8),
    where=st.sampled_from(["1", "0", "2", "submit"]),
)
def test_any_fields_at_all(kinds: Respondent, posted: dict[str, list[str]], where: str) -> None:
    page = kinds.post(
        f"/P/{kinds.code}/{where}", {k: [v.encode("utf-8", "ignore").decode() for v in vs] for k, vs in posted.items()}
    )
    assert page.status in (200, 404, 422)


RAW = [
    (b"visits=1&must=yes&visits=%ff%fe", "application/x-www-form-urlencoded"),
    (b"\x00\x01\x02=&&==&%", "application/x-www-form-urlencoded"),
    (b"must=yes&remark=" + b"d" * 1_000_000, "application/x-www-form-urlencoded"),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"--x\r\nbroken", "multipart/form-data"),
    (b'{"must": "yes"}', "application/json"),
    (b"<a/>", "text/xml"),
    (b"must=yes", ""),
    (b"x=" + b"d" * 5_000_000, "application/x-www-form-urlencoded"),
    (b"&".join(b"f%d=1" % n for n in range(20_000)), "application/x-www-form-urlencoded"),
]


@pytest.mark.parametrize("case", range(len(RAW)))
def test_raw_bodies(kinds: Respondent, case: int) -> None:
    body, kind = RAW[case]
    kinds.post(f"/P/{kinds.code}/1", {"visits": "5", "asked": "1"})
    answer = kinds.client.post(f"/P/{kinds.code}/1", data=body, content_type=kind)
    assert answer.status_code in (303, 400, 413, 415, 422)
    # and what was saved before is still there
    assert kinds.open(f"/P/{kinds.code}/1").form.standing()["visits"] in (["5"], ["1"])


def test_a_megabyte_of_text_comes_back(kinds: Respondent) -> None:
    answer = kinds.client.post(f"/P/{kinds.code}/1", data={"must": "yes", "remark": "đ" * 500_000})
    assert answer.status_code == 422 and "đ" * 500_000 in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["/P/", "/P/%00", "/P/%ff%fe", "/P/ABCD/1", "/P/" + "A" * 3000, "/nothing", "/P/X/Y/Z"]
)
def test_addresses_that_lead_nowhere(kinds: Respondent, path: str) -> None:
    page = kinds.open(path)
    assert page.status == 404 and not page.forms
    assert "0262 000 000" in page.text  # whom to call, also on a page that belongs to no wave


@pytest.mark.parametrize("number", ["0", "2", "99", "999999999999", "-1", "x"])
def test_a_section_that_does_not_exist(kinds: Respondent, number: str) -> None:
    assert kinds.open(f"/P/{kinds.code}/{number}").status == 404
    assert kinds.post(f"/P/{kinds.code}/{number}", {"must": "yes"}).status in (404, 405)


def test_a_method_that_is_not_meant(kinds: Respondent) -> None:
    answer = kinds.client.delete(f"/P/{kinds.code}")
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]


def test_typed_codes(respondent: Hold) -> None:
    person = respondent()
    code = person.code
    spaced = f" {code[:4].lower()} – {code[4:8]}.{code[8:]} "
    assert person.post("/", {"code": spaced}).title.startswith("Xin ý kiến")
    for typed, said in (
        ("", "Xin nhập"),
        (code[:11], "12 chữ và số"),
        (code[:-1] + ("0" if code[-1] != "0" else "1"), "bị nhầm"),
    ):
        page = person.post("/", {"code": typed})
        assert page.status == 422 and said in page.text
        assert page.form.standing()["code"] == [typed]


def test_codes_that_open_nothing(respondent: Hold, world: World) -> None:
    person = respondent()
    code = person.code
    swapped = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert person.open(f"/P/{swapped}").title == "Mã trả lời chưa đúng"
    assert person.open("/P/000000000000").title == "Không tìm thấy phiếu có mã này"
    registered = wave.get(world.store, "demo")
    serial = {code: n for n, code in enumerate(_codes(world), 1)}[code]
    new = reissue(
        world.store, Store(world.settings.drafts, DRAFT_MIGRATIONS), Keyring(world.settings), world.clock, registered,
        serial, who="t", reason="mất phiếu",
    )  # fmt: skip
    gone = person.open()
    assert gone.status == 410 and gone.title == "Mã này không còn dùng được" and "0262" in gone.text
    assert person.open(f"/P/{new}").status == 200


def _codes(world: World) -> list[str]:
    from survey import codes

    keys = Keyring(world.settings).wave_keys("demo")
    return [codes.derive(keys.code, serial, 0) for serial in range(1, 19)]


def test_what_staff_took_out_of_play(respondent: Hold, world: World) -> None:
    person = respondent()
    serial = _codes(world).index(person.code) + 1
    record(world.store, world.clock, wave.get(world.store, "demo"), serial, State.INELIGIBLE, who="t", reason="r")
    assert person.open().status == 410


def test_before_and_after_the_wave(respondent: Hold, world: World) -> None:
    person = respondent()
    world.now = datetime(2026, 2, 27, 3, tzinfo=UTC)
    early = person.open()
    assert early.status == 403 and "01/03/2026" in early.text
    world.now = datetime(2026, 3, 31, 16, 59, tzinfo=UTC)  # a minute to midnight in Vietnam
    person.fill_to_check()
    posted = person.page.form.standing()
    world.now = datetime(2026, 3, 31, 17, 0, tzinfo=UTC)
    assert person.open().title == "Đợt điều tra đã kết thúc"
    # what is typed in vain is shown back
    late = person.post(f"/P/{person.code}/10", {"comment": "Cảm ơn các anh chị"})
    assert late.status == 422 and "Cảm ơn các anh chị" in late.text
    late = person.post(f"/P/{person.code}/1", {"used": "yes", "unknown": "x"})
    assert late.status == 422 and "Có" in late.element("typed").text  # type: ignore[union-attr]
    assert person.post(f"/P/{person.code}/submit", posted).status == 422


def test_a_receipt_shown_once_is_shown_again_after_the_close(respondent: Hold, world: World) -> None:
    person = respondent()
    posted = person.fill_to_check().form.standing()
    receipt = person.fill().element("receipt")
    world.now = datetime(2026, 5, 1, tzinfo=UTC)
    again = person.post(f"/P/{person.code}/submit", posted).element("receipt")
    assert receipt and again and receipt.text == again.text


def test_a_post_to_a_used_form_shows_the_words_back(respondent: Hold) -> None:
    person = respondent()
    person.fill_to_check()
    other = person.page.form.standing()
    person.fill()
    page = person.post(f"/P/{person.code}/1", {"used": "yes"})
    assert page.status == 422 and page.title == "Đã nhận được phiếu trả lời"
    # a submit with another receipt is "received" without one
    page = person.post(f"/P/{person.code}/submit", {**other, "receipt": "0" * 16})
    assert page.status == 422 and not page.element("receipt")


def test_a_receipt_moved_to_another_code_gets_a_fresh_check_page(respondent: Hold) -> None:
    one, two = respondent(), respondent()
    posted = one.fill_to_check().form.standing()
    one.fill()
    two.fill_to_check()
    page = two.post(f"/P/{two.code}/submit", posted)
    assert page.status == 422 and "chưa gửi được" in page.text
    assert two.fill().element("receipt")


def test_nothing_answered_is_nothing_to_send(respondent: Hold) -> None:
    person = respondent()
    person.open(f"/P/{person.code}/check")
    assert not person.page.forms
    page = person.post(f"/P/{person.code}/submit", {"receipt": "x", "tag": "y"})
    assert page.status == 422 and "chưa trả lời câu nào" in page.text


def test_check_knows_only_receipts(respondent: Hold) -> None:
    person = respondent()
    for typed in ("", "x", "0" * 16, "\0", "đ" * 500):
        person.open("/check")
        assert not person.fill({"receipt": typed}).element("counted")
    assert person.open("/check?receipt=0000000000000000").element("unknown")


def test_check_says_what_a_receipt_looks_like(respondent: Hold) -> None:
    person = respondent()
    assert "16 chữ và số" in person.open("/check").text
    for typed, said in (
        ("ABCD-EFGH", "có 16 chữ và số; Ông/Bà đã nhập 8"),
        (person.code, "Đây là mã trả lời in trên phiếu"),
        ("0" * 16, "Không có phiếu trả lời nào"),
    ):
        page = person.post("/check", {"receipt": typed})
        assert said in page.element("unknown").text  # type: ignore[union-attr]
        assert page.form.standing()["receipt"] == [typed]


def test_an_error_of_ours_is_a_page_and_no_secret_is_logged(
    respondent: Hold, app: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    person = respondent()
    person.open()

    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"secret {person.code}")

    monkeypatch.setattr("survey.citizen.sheets.key", fail)  # of both ways to a page
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.DEBUG):
        answer = person.client.get(f"/P/{person.code}")
    assert answer.status_code == 500
    text = answer.get_data(as_text=True)
    assert "trục trặc" in text and "0262 000 000" in text
    assert "style-src" in answer.headers["Content-Security-Policy"]
    assert "ValueError while answering GET citizen.start" in caplog.text
    assert person.code not in caplog.text and "secret" not in caplog.text


def test_a_journey_leaves_no_code_and_no_answer_in_the_log(respondent: Hold, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        person = respondent()
        person.fill_to_check()
        receipt = person.fill().element("receipt")
    assert receipt and person.code not in caplog.text and receipt.text not in caplog.text
    assert "Thái độ" not in caplog.text


def test_a_pilot_of_a_simulation_says_what_it_is_once(tmp_path: Path) -> None:
    edits = (("k = 5", "k = 5\nsimulated = true"),)
    made = worlds.build(tmp_path, pilot=True, edits=edits)
    page = Respondent(create_app(made.settings, made.clock), made.take()).open()
    # One note: what is only a simulation is said once, and that says enough.
    assert len([p for p in page.root.all("p") if p.attributes.get("class") == "note"]) == 1
    assert "mô phỏng" in page.text and "chạy thử" not in page.text
    # What is used for nothing is not said, a line below, to be used for points.
    assert "chấm điểm" not in page.text


def test_ready_only_when_it_can_store(app: Web, world: World) -> None:
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    app.store.close()
    world.settings.database.unlink()
    assert client.get("/readyz").status_code == 503


def test_a_database_that_cannot_be_read_is_an_error_page(tmp_path: Path) -> None:
    app = create_app(Settings(tmp_path / "nowhere"))
    assert app.test_client().get("/").status_code == 200
    assert app.test_client().get("/P/000000000000").status_code == 503


def test_transport_security_is_asked_for_on_tls(app: Web) -> None:
    client = app.test_client()
    assert "Strict-Transport-Security" in client.get("/", base_url="https://phieu.test").headers
    assert "Strict-Transport-Security" not in client.get("/").headers


def test_a_small_answer_and_an_old_browser_get_no_compression(app: Web) -> None:
    client = app.test_client()
    assert "Content-Encoding" not in client.get("/healthz", headers={"Accept-Encoding": "gzip"}).headers
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": "identity"}).headers

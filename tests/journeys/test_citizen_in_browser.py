"""The respondent's path in a real browser: every state on phone and desk, in both languages, and by keyboard."""

from __future__ import annotations

import gzip
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pypdf import PdfReader
from werkzeug.serving import make_server

from survey import codes, create_app, wave
from survey.citizen.rendering import SCRIPT
from survey.issuing import reissue
from survey.keys import Keyring
from survey.store import DRAFT_MIGRATIONS, Store
from tests.journeys import world as worlds
from tests.journeys.world import World

CHROMIUM = "/usr/bin/chromium"
ZALO = (
    "Mozilla/5.0 (Linux; Android 9; SM-J730G) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/110.0.0.0 Mobile Safari/537.36 Zalo android/12110555 ZaloTheme/light ZaloLanguage/vi"
)

pytestmark = [
    pytest.mark.browser,
    # Under CI=true a missing browser is a failure, never a silent skip.
    pytest.mark.skipif(
        shutil.which(CHROMIUM) is None and os.environ.get("CI") != "true", reason=f"{CHROMIUM} is not installed"
    ),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One instance for all pictures; each test takes slips of its own."""
    made: Path = tmp_path_factory.mktemp("instance")
    groups = (*worlds.GROUPS, ("moi_kieu", "kinds", "dossier", ("so_tu_phap",)))
    sent = (('questionnaire = "self"', 'questionnaire = "self"\nmode = "email"'),)
    return worlds.build(made, {"kinds": worlds.KINDS}, groups=groups, each=20, edits=sent)


@pytest.fixture(scope="module")
def site(world: World) -> Iterator[str]:
    """The instance, served."""
    server = make_server("127.0.0.1", 0, create_app(world.settings, world.clock), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Looking:
    """A browser window that judges every page it is shown."""

    def __init__(self, context: BrowserContext, site: str, lang: str) -> None:
        self.page: Page = context.new_page()
        self.site, self.lang = site, lang
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path: str) -> None:
        """Open a path and judge it."""
        self.page.goto(self.site + path + ("" if self.lang == "vi" else f"?lang={self.lang}"))
        self.judge()

    def press(self, button: str = "main form .button") -> None:
        """Press the one filled button and judge what comes."""
        with self.page.expect_navigation():
            self.page.click(button)
        self.judge()

    def judge(self) -> None:
        """Nothing beside the screen, nothing fetched but the page itself, no cookie; axe sees every state elsewhere."""
        page = self.page
        assert all(url.startswith(self.site) for url in self.asked)
        assert page.evaluate("performance.getEntriesByType('resource').length") == 0
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
        assert page.evaluate("document.documentElement.lang") == self.lang
        assert page.context.cookies() == []

    def answer_everything(self) -> None:
        """Check the first choice of every question on the page."""
        for fieldset in self.page.locator("fieldset.item:visible").all():
            fieldset.locator("input").first.check()

    def go_to_check(self) -> None:
        """Answer page after page until the check page."""
        while not self.page.locator("input[name=receipt]").count():
            self.answer_everything()
            self.press()


@pytest.fixture
def looking(browser: Browser, site: str) -> Iterator[Callable[..., Looking]]:
    """Windows that are closed afterwards."""
    contexts = []

    def look(width: int = 360, lang: str = "vi", **more: Any) -> Looking:
        contexts.append(browser.new_context(viewport={"width": width, "height": 740}, **more))
        contexts[-1].set_default_timeout(15_000)
        return Looking(contexts[-1], site, lang)

    yield look
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("width", "scheme", "lang"),
    [(360, "light", "vi"), (1280, "dark", "en")],
)
def test_every_state_of_a_citizens_form(
    looking: Callable[..., Looking], world: World, width: int, scheme: str, lang: str
) -> None:
    window = looking(width, lang, color_scheme=scheme)
    page = window.page
    code = world.take("nguoi_dan")
    window.open("/")
    page.fill("#code", "ABCD-EFGH-JKMN")
    window.press()
    assert page.evaluate("document.activeElement.id") == "code"  # focus is where the mistake is
    window.open(f"/P/{code}")
    page.locator("summary").click()
    window.judge()
    window.press("main form .button >> nth=0")
    window.press()  # nothing chosen: the required question asks once
    assert page.evaluate("document.activeElement.id") == "summary"
    page.locator("fieldset.item input").first.check()
    window.press()
    page.fill("input[inputmode=numeric]", "x")
    window.press()
    page.fill("input[inputmode=numeric]", "2")
    window.go_to_check()
    window.press()
    receipt = page.inner_text("#receipt")
    window.open(f"/P/{code}")
    window.open("/check")
    page.fill("#receipt", receipt)
    window.press()
    assert page.locator("#counted").count() == 1
    page.fill("#receipt", "0000")
    window.press()
    window.open("/nowhere")


@pytest.mark.parametrize(("width", "lang"), [(360, "en"), (1280, "vi")])
def test_every_state_of_an_officials_form(looking: Callable[..., Looking], world: World, width: int, lang: str) -> None:
    window = looking(width, lang, forced_colors="active" if width == 360 else "none")
    code = world.take("lanh_dao")
    window.open(f"/P/{code}")
    window.press("button.link")
    window.press("main form .button")
    window.press("main form .button >> nth=0")
    window.page.check("[name=declined]")
    window.press()
    window.go_to_check()
    window.press()
    assert window.page.locator("#receipt").count() == 1


def test_a_form_begun_earlier(looking: Callable[..., Looking], world: World) -> None:
    window = looking()
    code = world.take("cong_chuc")
    window.open(f"/P/{code}")
    window.press("main form .button >> nth=0")
    window.answer_everything()
    window.press()
    window.open(f"/P/{code}")  # another sitting: what was answered is not shown
    window.press("button.link")
    window.go_to_check()
    assert "Đã trả lời trước đó" in window.page.inner_text("main")


def test_large_letters_stay_on_the_page(looking: Callable[..., Looking], world: World) -> None:
    window = looking(360)
    page = window.page
    code = world.take("moi_kieu")
    for path in ("/", "/check", f"/P/{code}", f"/P/{code}/1", "/P/000000000000"):
        page.goto(window.site + path)
        size = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
        page.evaluate(f"document.documentElement.style.fontSize = '{2 * size}px'")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_the_journey_in_an_in_app_browser(looking: Callable[..., Looking], world: World, script: bool) -> None:
    window = looking(user_agent=ZALO, java_script_enabled=script, has_touch=True, is_mobile=True)
    page = window.page
    page.goto(f"{window.site}/P/{world.take('cong_chuc')}")
    with page.expect_navigation():
        page.locator("main form .button").first.tap()
    for _ in range(20):
        if page.locator("input[name=receipt]").count():
            break
        for fieldset in page.locator("fieldset.item:visible").all():
            fieldset.locator("label").nth(1).tap()
        with page.expect_navigation():
            page.locator("main form .button").tap()
    with page.expect_navigation():
        page.locator("main form .button").tap()
    assert len(page.inner_text("#receipt")) == 19


def test_the_journey_by_keyboard_alone(looking: Callable[..., Looking], world: World) -> None:
    window = looking(1280)
    page = window.page
    page.goto(f"{window.site}/P/{world.take('cong_chuc')}")
    for _ in range(200):
        if page.locator("#receipt").count():
            break
        page.keyboard.press("Tab")
        at = page.evaluate(
            "[document.activeElement.tagName, document.activeElement.type, document.activeElement.checked]"
        )
        if at[1] in ("radio", "checkbox") and not at[2]:
            page.keyboard.press("Space")
        elif at[0] == "BUTTON":
            with page.expect_navigation():
                page.keyboard.press("Enter")
    assert len(page.inner_text("#receipt")) == 19


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_back_forward_and_reload_at_every_step(looking: Callable[..., Looking], world: World, script: bool) -> None:
    window = looking(java_script_enabled=script)
    page = window.page
    answers: dict[str, list[str]] = {}

    def press() -> None:
        with page.expect_navigation():
            page.click("main form .button >> nth=0")

    def standing() -> list[str]:
        chosen = page.locator("main input:checked").evaluate_all("found => found.map(e => e.id)")
        typed = page.locator("main input.line, main textarea").evaluate_all("found => found.map(e => e.value)")
        return [*chosen, *typed]

    page.goto(f"{window.site}/P/{world.take('nguoi_dan')}")
    press()
    while not page.locator("input[name=receipt]").count():
        # Given a page that is filled in and saved
        for fieldset in page.locator("fieldset.item:visible").all():
            fieldset.locator("input").first.check()
        for box in page.locator("main input.line:visible, main textarea:visible").all():
            box.fill("4")
        answers[page.url] = standing()
        filled = page.url
        press()
        # When one goes back and forward and reloads at both ends
        after = page.url
        page.go_back()
        assert standing() == answers[filled]
        page.reload()
        assert standing() == answers[filled]
        page.go_forward()
        page.reload()
        # Then everything is where it was
        assert page.url == after
    assert len(answers) >= 9
    shown = page.inner_text("main")
    page.reload()
    assert page.inner_text("main") == shown
    # Reloading the receipt sends the same submit again: the same receipt
    press()
    receipt = page.inner_text("#receipt")
    page.reload()
    assert page.inner_text("#receipt") == receipt
    page.go_back()
    page.reload()
    assert "Đã nhận được phiếu trả lời" in page.inner_text("h1")


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_two_tabs(looking: Callable[..., Looking], world: World, script: bool) -> None:
    window = looking(java_script_enabled=script)
    url = f"{window.site}/P/{world.take('moi_kieu')}"
    one, other = window.page, window.page.context.new_page()

    def press(page: Page) -> None:
        with page.expect_navigation():
            page.click("main form .button")

    # Given two tabs that show the same empty page
    for page in (one, other):
        page.goto(f"{url}/1")
    # When each answers something else
    one.fill("#visits-in", "7")
    one.check("#must-yes")
    press(one)
    other.fill("#remark-in", "Chờ lâu")
    other.check("#ways-b")
    other.check("#must-no")
    press(other)
    # Then nothing of either is lost, and the later answer to the same question stands
    other.goto(f"{url}/check")
    shown = other.inner_text("main")
    assert "7" in shown and "Chờ lâu" in shown and "Thư điện tử" in shown and "Không" in shown
    # And when one tab has sent the form, the other is told so, with what was typed there
    one.goto(f"{url}/check")
    other.goto(f"{url}/1")
    press(one)
    receipt = one.inner_text("#receipt")
    other.fill("#remark-in", "Xin cảm ơn")
    press(other)
    assert "Đã nhận được phiếu trả lời" in other.inner_text("h1")
    assert "Xin cảm ơn" in other.inner_text("#typed")
    assert receipt not in other.content()


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
@pytest.mark.parametrize("state", ["revoked", "closed", "refused"])
def test_a_form_whose_door_closes_while_it_is_filled_in(
    looking: Callable[..., Looking], world: World, script: bool, state: str
) -> None:
    window = looking(java_script_enabled=script)
    page, code = window.page, world.take("moi_kieu")
    page.goto(f"{window.site}/P/{code}/1")
    page.fill("#remark-in", "Xin cảm ơn")
    page.check("#must-yes")
    before = world.now
    try:
        if state == "revoked":
            drafts = Store(world.settings.drafts, DRAFT_MIGRATIONS)
            reissue(world.store, drafts, Keyring(world.settings), world.clock, wave.get(world.store, "demo"),
                    serial_of(world, code), who="test", reason="in lại")  # fmt: skip
        elif state == "closed":
            world.now += timedelta(days=60)
        else:
            other = page.context.new_page()
            other.goto(f"{window.site}/P/{code}")
            other.click("main form:last-of-type .link")
            other.get_by_text("Ông/Bà đã chọn không tham gia").wait_for()
        with page.expect_navigation():
            page.click("main form .button")
        if state == "refused":  # a section sent later wins
            assert page.url.endswith("/check") and "Xin cảm ơn" in page.inner_text("main")
            return
        title = {"revoked": "Mã này không còn dùng được", "closed": "Đợt điều tra đã kết thúc"}[state]
        assert page.inner_text("h1") == title
        assert "0262 000 000" in page.inner_text("footer")
        if state == "closed":
            assert "Xin cảm ơn" in page.inner_text("#typed")
        if script:
            window.judge()
    finally:
        world.now = before


def serial_of(world: World, code: str) -> int:
    """The number of the slip with this code."""
    key = Keyring(world.settings).wave_keys("demo").code
    return next(serial for serial in range(1, 1000) if codes.derive(key, serial, 0) == code)


def test_what_a_screen_reader_hears_in_order(looking: Callable[..., Looking], world: World) -> None:
    window = looking()
    page = window.page
    page.goto(f"{window.site}/P/{world.take('lanh_dao')}")
    page.click("main form .button >> nth=0")
    heard = page.locator("main").aria_snapshot()
    unit = page.inner_text("h1")
    order = [
        "Phần 1/",
        f'heading "{unit}" [level=1]',
        "checkbox",
        'group "',
        'radio "Rất không tốt"',
        'button "Lưu và tiếp tục"',
    ]
    places = [heard.index(words) for words in order]
    assert places == sorted(places), heard[:1500]
    assert heard.count('group "') == page.locator("fieldset.item").count()


def test_a_network_that_fails_in_the_middle_of_a_section(looking: Callable[..., Looking], world: World) -> None:
    window = looking()
    page = window.page
    page.goto(f"{window.site}/P/{world.take('moi_kieu')}")
    page.click("main form .button >> nth=0")
    page.fill("#visits-in", "4")
    page.check("#must-yes")
    page.fill("#remark-in", "Chờ lâu")
    page.context.set_offline(True)
    page.click("main form .button")
    page.get_by_text("Mạng đang chập chờn").wait_for()
    assert page.input_value("#remark-in") == "Chờ lâu"
    with page.expect_navigation():
        page.context.set_offline(False)  # and it goes on by itself
    assert page.url.endswith("/check") and "Chờ lâu" in page.inner_text("main")


def test_a_network_that_fails_where_there_is_no_script(looking: Callable[..., Looking], world: World) -> None:
    window = looking(java_script_enabled=False)
    page = window.page
    page.goto(f"{window.site}/P/{world.take('moi_kieu')}/1")
    page.fill("#remark-in", "Chờ lâu")
    page.check("#must-yes")
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.click("main form .button", no_wait_after=True)
    # The browser says that there is no network; trying again, as it offers, sends what was typed
    page.context.set_offline(False)
    page.reload()
    assert page.url.endswith("/check") and "Chờ lâu" in page.inner_text("main")


def test_what_was_typed_survives_a_closed_tab_until_it_is_sent(looking: Callable[..., Looking], world: World) -> None:
    window = looking()
    page = window.page
    url = f"{window.site}/P/{world.take('moi_kieu')}/1"
    page.goto(url)
    page.fill("#remark-in", "Cảm ơn")
    page.check("#ways-b")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    assert page.input_value("#remark-in") == "Cảm ơn" and page.is_checked("#ways-b")
    assert "hiện lại" in page.inner_text("#status")
    page.check("#must-yes")
    with page.expect_navigation():
        page.click("main form .button")
    # what the server has, the phone forgets; what another device saved since is not overwritten
    assert page.evaluate("localStorage.length") == 0
    page.goto(url)
    page.fill("#visits-in", "5")
    older = "for (const key in localStorage) if (key.startsWith('phieu')) localStorage[key] = "
    page.evaluate(older + """localStorage[key].replace('"revision":"1"', '"revision":"0"')""")
    page.reload()
    assert page.input_value("#visits-in") == ""


def test_questions_come_and_go_at_once(looking: Callable[..., Looking], world: World) -> None:
    window = looking()
    page = window.page
    page.goto(f"{window.site}/P/{world.take('moi_kieu')}/1")
    assert not page.is_visible("#why-in")
    page.check("#must-no")
    assert page.is_visible("#why-in")
    window.judge()
    page.fill("#why-in", "Xa")
    page.check("#must-yes")
    assert not page.is_visible("#why-in")
    page.check("#must-no")
    assert page.input_value("#why-in") == "Xa"
    with page.expect_navigation():
        page.click("main form .button")
    assert "Xa" in page.inner_text("main")


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_a_slow_network(looking: Callable[..., Looking], world: World, script: bool) -> None:
    window = looking(java_script_enabled=script)
    page = window.page
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    network.send("Network.emulateNetworkConditions", slow)
    page.goto(f"{window.site}/P/{world.take('moi_kieu')}/1")
    page.check("#must-yes")
    # An impatient finger: the second tap may break off what the first began, so the page that comes is waited for
    page.dblclick("main form .button")
    page.wait_for_selector("main form[action$='submit'] .button")
    page.dblclick("main form .button")
    page.wait_for_selector("#receipt")
    assert len(page.inner_text("#receipt")) == 19


def heard_in_order(page: Page, *words: str) -> None:
    """Each of these is in the accessibility tree, after the one before."""
    heard, at = page.locator("body").aria_snapshot(), 0
    for said in words:
        found = heard.find(said, at)
        assert found >= 0, f"{said} is not heard after {words[: words.index(said)]}:\n{heard[:2000]}"
        at = found + len(said)


def test_every_kind_of_page_is_heard_in_order(looking: Callable[..., Looking], world: World) -> None:
    window = looking()
    page, url = window.page, f"{window.site}/P/{world.take('moi_kieu')}"
    page.goto(url)
    heard_in_order(page, "banner", 'link "English"', "main", "level=1", 'button "Bắt đầu trả lời"',
                   'heading "Không ai biết', 'button "Tôi không muốn tham gia"', "contentinfo")  # fmt: skip
    page.goto(f"{url}/1")
    page.fill("#visits-in", "x")
    with page.expect_navigation():
        page.click("main form .button")
    # What is wrong comes first, then the page; a fault stands with its question, which says so
    heard_in_order(page, "alert", 'heading "Còn 2 câu', 'link "Số lần"', 'link "Câu cần trả lời"', "level=1",
                   'textbox "Số lần"', 'group "Câu cần trả lời', 'radio "Có"', 'button "Lưu và tiếp tục"')  # fmt: skip
    described = page.evaluate("document.getElementById(document.getElementById('visits-in')"
                              ".getAttribute('aria-describedby').split(' ')[0]).textContent")  # fmt: skip
    assert "số nguyên" in described
    page.fill("#visits-in", "2")
    page.check("#must-yes")
    with page.expect_navigation():
        page.click("main form .button")
    heard_in_order(page, 'heading "Xem lại và gửi" [level=1]', 'link "Sửa phần 1', "term: Số lần", 'definition: "2"',
                   'button "Gửi phiếu trả lời"', "contentinfo")  # fmt: skip
    with page.expect_navigation():
        page.click("main form .button")
    heard_in_order(page, "level=1", page.inner_text("#receipt"), 'link "Lưu mã', 'link "Kiểm tra phiếu trả lời"')


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_a_receipt_can_be_saved_and_printed(
    looking: Callable[..., Looking], world: World, tmp_path: Path, script: bool
) -> None:
    window = looking(java_script_enabled=script, accept_downloads=True)
    page = window.page
    page.goto(f"{window.site}/P/{world.take('moi_kieu')}/1")
    page.check("#must-yes")
    for _ in range(2):
        with page.expect_navigation():
            page.click("main form .button")
    receipt = page.inner_text("#receipt")
    with page.expect_download() as saving:
        page.click("main a[download]")
    kept = tmp_path / "kept.txt"
    saving.value.save_as(kept)
    assert saving.value.suggested_filename == "bien-nhan.txt"
    assert receipt in kept.read_text("utf-8") and "Khảo sát ý kiến" in kept.read_text("utf-8")
    assert page.locator("#picture button").count() == script
    if script:
        page.click("#picture button")
        assert page.get_attribute("#picture img", "alt") == f"Mã biên nhận của Ông/Bà {receipt}"
        with page.expect_download() as saving:
            page.click("#picture a")
        saving.value.save_as(tmp_path / "kept.png")
        assert (tmp_path / "kept.png").read_bytes().startswith(b"\x89PNG")
        page.locator("#picture img").screenshot(path=str(tmp_path / "seen.png"))
    paper = PdfReader(BytesIO(page.pdf(format="A5")))
    printed = paper.pages[0].extract_text()
    assert len(paper.pages) == 1 and receipt in printed and "English" not in printed and "Lưu mã" not in printed


def test_the_script_is_small() -> None:
    assert len(gzip.compress(SCRIPT.encode())) <= 6 * 1024

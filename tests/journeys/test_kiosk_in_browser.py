"""The kiosk and the poster's page in a real browser: touch, keyboard, idleness, no script, and axe on every page."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Page
from werkzeug.serving import make_server

from survey import create_app, kiosks, wave
from tests.journeys import world as worlds
from tests.journeys.world import World

CHROMIUM = "/usr/bin/chromium"
TABLET = {"width": 800, "height": 1280}
OPEN = '[open]\ngroup = "nguoi_dan"\n[[open.poster]]\nplace = "trung_tam"\n[authority]'

pytestmark = [
    pytest.mark.browser,
    # Under CI=true a missing browser is a failure, never a silent skip.
    pytest.mark.skipif(
        shutil.which(CHROMIUM) is None and os.environ.get("CI") != "true", reason=f"{CHROMIUM} is not installed"
    ),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made: Path = tmp_path_factory.mktemp("instance")
    return worlds.build(made, each=12, edits=(("[authority]", OPEN),))


@pytest.fixture(scope="module")
def site(world: World) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, create_app(world.settings, world.clock), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    made = browser.new_context(
        viewport=TABLET, has_touch=True, java_script_enabled=getattr(request, "param", True)
    )  # fmt: skip
    yield made
    made.close()


@pytest.fixture
def tablet(context: BrowserContext, site: str, world: World) -> Page:
    """A tablet that staff bound, at its first page; its clock stands still until a test moves it."""
    token = kiosks.make_link(
        world.store, world.clock, [wave.get(world.store, "demo").spec], "trung_tam", "", who="test"
    )  # fmt: skip
    page = context.new_page()
    page.clock.install()
    page.goto(f"{site}/kiosk/trung_tam/{token}")
    judge(page)
    page.click(".button")
    page.wait_for_url("**/kiosk/trung_tam")
    return page


def judge(page: Page) -> None:
    """No finding of axe, nothing beside the screen, nothing fetched."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, json.dumps(found.response["violations"], ensure_ascii=False)[:3000]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0


def fill(page: Page) -> None:
    """Answer everything, to the receipt."""
    while not page.locator("#receipt").count():
        for fieldset in page.locator("fieldset.item:visible").all():
            fieldset.locator("input").first.check()
        with page.expect_navigation():
            page.click("main form .button")


def test_from_the_code_to_the_receipt_and_back(tablet: Page, world: World) -> None:
    judge(tablet)
    # A scanner types the link and Enter into the field that has the focus
    assert tablet.evaluate("document.activeElement.id") == "code"
    with tablet.expect_navigation():
        tablet.keyboard.type(f"HTTP://PHIEU.TEST/P/{world.take()}\n")
    judge(tablet)
    fill(tablet)
    judge(tablet)
    assert tablet.locator(".noprint:visible").count() == 0  # nothing is saved on a device of others
    with tablet.expect_navigation():
        tablet.click("#turn a")
    assert tablet.url.endswith("/kiosk/trung_tam")
    # The history shows nothing
    with suppress(Error):  # the browser asks before it posts again
        tablet.go_back()
    assert tablet.locator("#receipt").count() == 0


def test_touch_targets_are_large(tablet: Page, world: World) -> None:
    with tablet.expect_navigation():
        tablet.fill("#code", world.take())
        tablet.click(".button")
    with tablet.expect_navigation():
        tablet.click("main form .button")
    for target in tablet.locator("main button, .choices label").all():
        box = target.bounding_box()
        assert box and box["height"] >= 56
    small = tablet.locator("#turn a").bounding_box()
    assert small and small["height"] >= 44


def test_idle_for_a_minute_and_the_screen_is_cleared(tablet: Page, world: World) -> None:
    with tablet.expect_navigation():
        tablet.fill("#code", world.take())
        tablet.click(".button")
    with tablet.expect_navigation():
        tablet.click("main form .button")
    left = tablet.url
    timer, soon = tablet.locator("#turn [role=timer]"), tablet.locator("#turn [role=status]")
    # Somebody leaves; the seconds run, and after forty the page asks
    tablet.clock.run_for(30_000)
    assert "30 giây" in timer.inner_text() and soon.inner_text() == ""
    tablet.clock.run_for(11_000)
    assert "Xin chạm vào màn hình" in soon.inner_text()
    judge(tablet)
    # A touch gives a whole minute again
    tablet.touchscreen.tap(300, 300)
    assert "60 giây" in timer.inner_text() and soon.inner_text() == ""
    # A minute without one, and it is the first page
    with tablet.expect_navigation():
        tablet.clock.run_for(61_000)
    assert tablet.url.endswith("/kiosk/trung_tam")
    # Where the next person cannot come back to what was left
    tablet.goto(left)
    assert tablet.url.endswith("/kiosk/trung_tam")


def test_a_code_left_in_the_field_is_cleared(tablet: Page) -> None:
    tablet.fill("#code", "ABCD")
    with tablet.expect_navigation():
        tablet.clock.run_for(61_000)
    assert tablet.input_value("#code") == ""


def test_nothing_stays_in_the_browser(tablet: Page, world: World) -> None:
    with tablet.expect_navigation():
        tablet.fill("#code", world.take())
        tablet.click(".button")
    with tablet.expect_navigation():
        tablet.click("main form .button")
    tablet.locator("fieldset.item input").first.check()
    assert tablet.evaluate("localStorage.length + sessionStorage.length") == 0
    assert [cookie["name"] for cookie in tablet.context.cookies()] == ["kiosk"]


@pytest.mark.parametrize("context", [False], indirect=True)
def test_without_script_it_works_and_says_when_it_goes_home(context: BrowserContext, site: str, world: World) -> None:
    token = kiosks.make_link(
        world.store, world.clock, [wave.get(world.store, "demo").spec], "trung_tam", "", who="test"
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{site}/kiosk/trung_tam/{token}")
    page.click(".button")
    page.fill("#code", world.take())
    page.click(".button")
    assert "60 giây" in page.locator("#turn [role=timer]").inner_text()
    refresh = page.locator("meta[http-equiv=refresh]")
    assert refresh.get_attribute("content") == "60;url=../kiosk/trung_tam"


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_posters_page(context: BrowserContext, site: str, lang: str) -> None:
    page = context.new_page()
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{site}/open/demo/trung_tam?lang={lang}")
        judge(page)
        page.click("main form .button")  # without an office
        judge(page)
        assert page.evaluate("document.activeElement.id") == "summary"
    page.check("#unit-so_y_te")
    with page.expect_navigation():
        page.click("main form .button")
    assert "/P/" in page.url and page.context.cookies() == []

"""Looking at pages of the desk in Chromium: axe, nothing beside the screen, on a phone and on a desk, light and dark.

An area's test of its pages:

    pytestmark = looking.NEEDS_CHROMIUM

    @pytest.mark.parametrize(("width", "scheme"), looking.VIEWS)
    def test_pages_in_a_browser(chromium, team, width, scheme):
        with looking.signed_in(chromium, team, Role.COORDINATOR, width, scheme) as window:
            window.judge("/desk/w/demo/board")
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from survey.accounts.roles import Role
from survey.web import Web
from tests.desk.desk import PASSWORD
from tests.desk.staff import Staff

CHROMIUM = "/usr/bin/chromium"
# Each width and each scheme once: layouts depend on the width and contrasts on the scheme, not on both together.
VIEWS = [(360, "light"), (1440, "dark")]
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    # Under CI=true a missing browser is a failure, never a silent skip.
    pytest.mark.skipif(
        shutil.which(CHROMIUM) is None and os.environ.get("CI") != "true", reason=f"{CHROMIUM} is not installed"
    ),
]


def needs_chromium(test: Any) -> Any:
    """The same for one test."""
    for mark in NEEDS_CHROMIUM:
        test = mark(test)
    return test


@contextmanager
def served(app: Web) -> Iterator[str]:
    """The application behind a socket; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Window:
    """A browser window that judges what it is shown. With PHIEU_PICTURES=DIR it also keeps a picture of each page."""

    def __init__(self, page: Page, site: str, name: str) -> None:
        self.page, self.site, self.name = page, site, name
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path: str) -> None:
        """Open a page without judging it."""
        self.page.goto(self.site + path)

    def judge(self, path: str | None = None, picture: str = "") -> None:
        """Open a page, or take the one shown, and hold it to account; ``picture`` names it among pictures."""
        if path is not None:
            self.open(path)
        page = self.page
        assert all(url.startswith((self.site, "data:")) for url in self.asked), self.asked
        found = Axe().run(page, options={"resultTypes": ["violations"]})  # of all else nobody reads
        assert found.violations_count == 0, json.dumps(found.response["violations"], ensure_ascii=False)[:3000]
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
        if folder := os.environ.get("PHIEU_PICTURES"):
            told = picture or page.url.removeprefix(self.site + "/desk").strip("/").replace("/", "-") or "home"
            page.screenshot(path=Path(folder) / f"{told.partition('?')[0]}-{self.name}.png", full_page=True)


@contextmanager
def anybody(chromium: Browser, app: Web, width: int, scheme: str) -> Iterator[Window]:
    """A window in which nobody is signed in."""
    with served(app) as site:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        try:
            yield Window(context.new_page(), site, f"{width}-{scheme}")
        finally:
            context.close()


@contextmanager
def signed_in(chromium: Browser, team: Staff, name: Role | str, width: int, scheme: str) -> Iterator[Window]:
    """A window of this width and colour scheme, signed in by the form."""
    with anybody(chromium, team.app, width, scheme) as window:
        window.open("/desk/sign-in")
        window.page.fill("#name", str(name))
        window.page.fill("#password", PASSWORD)
        with window.page.expect_navigation():
            window.page.click("main .button")
        yield window

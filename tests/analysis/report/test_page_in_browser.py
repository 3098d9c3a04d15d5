"""The report as it is looked at: phone and desk, light and dark, on paper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from analysis.report import content, html
from analysis.report.content import Material
from analysis.result import IndexResult
from forms.framework import Framework

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, small: IndexResult, rules: Framework, manifest: dict[str, Any]
) -> str:
    file: Path = tmp_path_factory.mktemp("report") / "index.html"
    file.write_text(html.page(content.pack(Material(small, rules, manifest))), "utf-8")
    return file.as_uri()


def opened(browser: Browser, address: str, width: int, scheme: Any, *, scripts: bool = True) -> Page:
    page = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
    ).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert asked == [address]  # nothing is fetched
    return page


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])  # each width, each set of colours
def test_axe_finds_nothing_and_nothing_sticks_out(browser: Browser, address: str, width: int, scheme: str) -> None:
    page = opened(browser, address, width, scheme)
    for summary in page.locator("summary").all():
        summary.click()
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, json.dumps(found.response["violations"], ensure_ascii=False)[:3000]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.context.close()


def test_the_phone_shows_name_and_index_before_any_scrolling(browser: Browser, address: str) -> None:
    page = opened(browser, address, 360, "light", scripts=False)
    for cell in ("td.rank", "th.name", "td.figure"):
        box = page.locator(f"#xep-hang-department tbody tr >> nth=0 >> {cell}").bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360
    page.context.close()


def test_the_phone_cuts_no_figure_off(browser: Browser, address: str) -> None:
    page = opened(browser, address, 360, "light")
    for summary in page.locator("summary").all():
        summary.click()
    wider = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth).length"
    assert page.evaluate(wider) == 0
    row = page.locator("#xep-hang-department tbody tr").first
    assert "Khoảng thứ hạng" in row.locator("th.name").inner_text()
    assert not row.locator("td.desk").first.is_visible()
    page.context.close()


def test_it_prints_on_a4_with_the_dataset_on_every_page(browser: Browser, address: str) -> None:
    page = opened(browser, address, 1280, "dark")
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    assert 5 <= len(document) <= 20
    for sheet in document:
        text = sheet.get_textpage().get_text_bounded()
        assert "Bộ dữ liệu 9f2c…41ab" in text and "Số liệu mô phỏng" in text
        assert (sheet.get_width(), sheet.get_height()) == pytest.approx((595.3, 841.9), abs=1)
    document.close()
    page.context.close()

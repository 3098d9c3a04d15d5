"""A respondent with a browser that keeps no cookie and runs no script; every page that opens is checked."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from tests.journeys.markup import Element, parse

SITE = "http://phieu.test"
BUDGET = 10 * 1024


@dataclass(frozen=True)
class Form:
    """A form of a page: where it posts and what it would post."""

    action: str
    method: str
    fields: tuple[Element, ...]

    @property
    def names(self) -> list[str]:
        """The names of its fields in order, each once."""
        return list(dict.fromkeys(field.attributes["name"] for field in self.fields))

    def options(self, name: str) -> list[str]:
        """The values that a choice offers."""
        return [f.attributes.get("value", "") for f in self.fields if f.attributes["name"] == name]

    def kind(self, name: str) -> str:
        """The type of a field."""
        found = next(field for field in self.fields if field.attributes["name"] == name)
        return found.attributes.get("type", "text") if found.tag == "input" else found.tag

    def standing(self) -> dict[str, list[str]]:
        """What the form would post as it stands."""
        posted: dict[str, list[str]] = {}
        for element in self.fields:
            kind = element.attributes.get("type", "text")
            if kind in ("radio", "checkbox") and "checked" not in element.attributes:
                continue
            value = element.attributes.get("value", "")
            if element.tag == "textarea":
                value = "".join(element.words).removeprefix("\n")  # as a browser does
            posted.setdefault(element.attributes["name"], []).append(value)
        return posted


@dataclass(frozen=True)
class Page:
    """A page as it was answered."""

    url: str
    status: int
    html: str
    root: Element
    wire: int

    @property
    def title(self) -> str:
        """What stands largest on it."""
        return self.root.all("h1")[0].text

    @property
    def text(self) -> str:
        """All its words."""
        return self.root.all("body")[0].text

    @property
    def lang(self) -> str:
        """Its language."""
        return self.root.all("html")[0].attributes["lang"]

    @property
    def links(self) -> dict[str, str]:
        """Every link by its text."""
        return {link.text: link.attributes["href"] for link in self.root.all("a")}

    @property
    def links_all(self) -> list[str]:
        """Where its links lead, in order."""
        return [link.attributes["href"] for link in self.root.all("a")]

    @property
    def forms(self) -> list[Form]:
        """Its forms in order."""
        found = []
        for form in self.root.all("form"):
            asleep = {id(e) for box in form.all("fieldset") if "disabled" in box.attributes for e in box.below}
            named = (e for e in form.below if e.tag in ("input", "textarea", "select") and "name" in e.attributes)
            fields = tuple(e for e in named if id(e) not in asleep)
            found.append(Form(form.attributes.get("action", ""), form.attributes.get("method", "get"), fields))
        return found

    @property
    def form(self) -> Form:
        """The main form: the one with the most fields."""
        return max(self.forms, key=lambda form: len(form.fields))

    def element(self, id: str) -> Element | None:
        """The element with this id."""
        return next((e for e in self.root.below if e.attributes.get("id") == id), None)


class Respondent:
    """Opens pages, fills them in, presses buttons."""

    def __init__(self, app: Flask, code: str = "", lang: str = "vi") -> None:
        self.client = app.test_client(use_cookies=False)
        self.code, self.lang = code, lang
        self.page: Page
        self.seen: list[tuple[str, str, int]] = []

    # what a hand does

    def open(self, path: str | None = None) -> Page:
        """Open an address; the slip's own when none is given."""
        return self._answer("GET", self.address(f"/P/{self.code}" if path is None else path))

    def address(self, path: str) -> str:
        """A path of the site, in the respondent's language."""
        return urljoin(SITE, path) + ("" if self.lang == "vi" or "?" in path else f"?lang={self.lang}")

    def follow(self, text: str) -> Page:
        """Press the link with these words."""
        return self._answer("GET", urljoin(self.page.url, self.page.links[text]))

    def begin(self) -> Page:
        """Open the slip and press *Begin*."""
        self.open()
        return self.send(self.page.form)

    def fill(self, answers: Mapping[str, str | Iterable[str]] | None = None) -> Page:
        """Fill the main form, leave the rest as it stands, and press its button."""
        return self.send(self.page.form, answers or {})

    def fill_all(self, pick: int = 3) -> Page:
        """Answer every question of this page with its nth choice and press the button."""
        answers: dict[str, str] = {}
        form = self.page.form
        for name in form.names:
            kind = form.kind(name)
            if kind == "radio":
                options = [option for option in form.options(name) if option not in ("na", "declined")]
                answers[name] = options[pick] if pick < len(options) else options[0]
            elif kind == "textarea":
                answers[name] = "Thái độ phục vụ tốt."
            elif kind == "text":
                answers[name] = "2"
        return self.fill(answers)

    def fill_to_check(self, pick: int = 3) -> Page:
        """Begin, answer everything, and stop at the check page."""
        self.begin()
        return self.fill_to_check_from_here(pick)

    def fill_to_check_from_here(self, pick: int = 3) -> Page:
        """Answer everything from this page on, and stop at the check page."""
        for _ in range(60):
            if self.page.element("receipt") or "receipt" in self.page.form.names:
                return self.page
            self.fill_all(pick)
        raise AssertionError("the form never ends")

    def fill_to_end(self) -> Page:
        """Answer everything from this page on, and send."""
        self.fill_to_check_from_here()
        return self.fill()

    def send(self, form: Form, answers: Mapping[str, str | Iterable[str]] | None = None) -> Page:
        """Post a form of this page as a browser would."""
        posted: dict[str, list[str]] = form.standing()
        for name, value in (answers or {}).items():
            posted[name] = [value] if isinstance(value, str) else list(value)
        return self._answer("POST", urljoin(self.page.url, form.action), posted)

    def post(self, path: str, posted: Mapping[str, str | list[str]] | None = None, **more: object) -> Page:
        """Post by hand."""
        return self._answer("POST", self.address(path), posted or {}, **more)

    # what the browser does

    def _answer(self, method: str, url: str, posted: object = None, **more: object) -> Page:
        for _ in range(4):
            parts = urlsplit(url)
            assert f"{parts.scheme}://{parts.netloc}" == SITE, f"led away to {url}"
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            response = self.client.open(
                target, base_url=SITE, method=method, data=posted, headers={"Accept-Encoding": "gzip"}, **more
            )
            self.seen.append((method, target, response.status_code))
            if response.status_code not in (301, 302, 303, 307, 308):
                break
            assert response.status_code == 303 or method == "GET"
            where = response.headers["Location"]
            assert not where.startswith(("/", "http")), f"a redirect that is not relative: {where}"
            check_headers(response)
            url, method, posted, more = urljoin(url, where), "GET", None, {}
        self.page = check_page(url, response, self.lang)
        return self.page


def check_headers(response: TestResponse) -> None:
    """What every answer carries."""
    headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers


def check_page(url: str, response: TestResponse, lang: str) -> Page:
    """Every page: headers, valid markup, language, policy, links, weight. Returns what was read."""
    check_headers(response)
    assert response.status_code < 500, response.status_code
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    wire = len(response.data)
    html = _unpacked(response)
    root = parse(html)
    page = Page(url, response.status_code, html, root, wire)
    assert page.lang == lang, f"{url} is in {page.lang}"
    assert wire <= BUDGET, f"{url} weighs {wire} bytes"
    _check_policy(root, response.headers["Content-Security-Policy"])
    for element in root.below:
        for name in ("href", "action", "src"):
            _check_link(element.attributes.get(name), lang)
    return page


def _unpacked(response: TestResponse) -> str:
    if response.headers.get("Content-Encoding") == "gzip":
        import gzip

        return gzip.decompress(response.data).decode("utf-8")
    return response.get_data(as_text=True)


def _check_policy(root: Element, policy: str) -> None:
    for tag in ("style", "script"):
        for element in root.all(tag):
            digest = base64.b64encode(hashlib.sha256("".join(element.words).encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy, f"the policy does not allow this page's {tag}"


def _check_link(target: str | None, lang: str) -> None:
    if target is None or target.startswith(("#", "data:", "tel:")):
        return
    assert not re.match(r"[a-z]+:|/", target), f"not relative: {target}"
    if lang != "vi" and "lang=vi" not in target:
        assert f"lang={lang}" in target, f"forgets the language: {target}"

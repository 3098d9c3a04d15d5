"""Staff at the desk, as tests play them: a browser that judges every page it is shown."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from weakref import WeakKeyDictionary

from werkzeug.test import TestResponse

from survey.accounts.roles import Role
from survey.web import Web
from tests.journeys.markup import Element, parse

LARGEST = 100_000  # bytes of a first load: the page and every file it names
WORDS = "ba con gà trống ngoài sân"  # the password of every account here
PASSWORD = WORDS
REDIRECTS = (302, 303, 307, 308)
# Application → address, which has the hash of what is served → bytes
FETCHED: WeakKeyDictionary[Web, dict[str, int]] = WeakKeyDictionary()
CHOSEN_BY_LABEL = {"hidden", "submit", "button"}


class Page:
    """What came back: the answer, and the tree of the page when it is one."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.status: int = answer.status_code
        self.location: str = answer.headers.get("Location", "")
        self.html = answer.mimetype == "text/html" and self.status not in REDIRECTS
        self.tree: Element = parse(answer.text) if self.html else Element("", {})

    @property
    def text(self) -> str:
        """What a person reads in the main part, blanks folded."""
        return self.tree.all("main")[0].text

    @property
    def links(self) -> dict[str, str]:
        """Text → address of every link; the last of several with one text."""
        return {link.text: link.attributes["href"] for link in self.tree.all("a")}

    @property
    def faults(self) -> list[str]:
        """What the error summary lists."""
        boxes = [box for box in self.tree.all("div") if "summary" in box.attributes.get("class", "").split()]
        return [line.text for box in boxes for line in box.all("li")]

    def element(self, id: str) -> Element:
        """The element with an id."""
        return next(element for element in self.tree.below if element.attributes.get("id") == id)

    def table(self, number: int = 0) -> list[list[str]]:
        """The rows of a table, headings first."""
        rows = self.tree.all("table")[number].all("tr")
        return [[cell.text for cell in row.below if cell.tag in ("td", "th")] for row in rows]

    def form(self, action: str = "") -> Element:
        """The form of the main part whose action holds ``action``; the first when it is empty."""
        forms = self.tree.all("main")[0].all("form")
        return next(form for form in forms if action in form.attributes.get("action", ""))

    def typed(self, action: str = "") -> dict[str, list[str]]:
        """What a browser would send if this form were submitted untouched."""
        sent: dict[str, list[str]] = {}
        for field in self.form(action).below:
            name, kind = field.attributes.get("name"), field.attributes.get("type", "text")
            if not name or kind in ("submit", "button", "file"):
                continue
            if field.tag == "input" and (kind not in ("radio", "checkbox") or "checked" in field.attributes):
                sent.setdefault(name, []).append(field.attributes.get("value", "on" if kind == "checkbox" else ""))
            elif field.tag == "textarea":
                sent.setdefault(name, []).append("".join(field.words).lstrip("\r\n"))
            elif field.tag == "select":
                options = field.all("option")
                chosen = [one for one in options if "selected" in one.attributes] or options[:1]
                sent.setdefault(name, []).extend(one.attributes.get("value", one.text) for one in chosen)
        return sent


class Desk:
    """One browser of the staff. ``get`` and ``submit`` judge what they are shown; ``page`` is the last page."""

    def __init__(self, app: Web) -> None:
        self.app = app
        self.client = app.test_client()
        self.page: Page

    def sign_in(self, name: str | Role, password: str = PASSWORD) -> Desk:
        """Sign in by the form; the fixture's accounts are called as their roles."""
        self.get("/desk/sign-in")
        self.submit(name=str(name), password=password)
        assert self.page.status == 303, self.page.faults
        return self

    def get(self, path: str, status: int | None = 200, **more: Any) -> Page:
        """Open a page. ``status`` None: whatever comes."""
        return self._see(self.client.get(path, **more), status)

    def follow(self, text: str, status: int | None = 200) -> Page:
        """Open what a link of the last page leads to."""
        return self.get(self.page.links[text], status)

    def submit(self, form: str = "", status: int | None = None, **typed: Any) -> Page:
        """Fill in fields of the form whose action holds ``form`` and send it, the rest as it stands.

        A list types several values; a tuple (BytesIO, name) sends a file; None unticks.
        """
        action = self.page.form(form).attributes.get("action") or self._path
        sent: dict[str, Any] = dict(self.page.typed(form))
        for name, value in typed.items():
            sent[name] = value
        sent = {name: value for name, value in sent.items() if value is not None}
        return self._see(self.client.post(action, data=sent), status)

    def post(self, path: str, status: int | None = None, **typed: Any) -> Page:
        """Post what no form of the last page offers, with a good token: for whoever tries."""
        return self._see(self.client.post(path, data={"csrf_token": self.token(), **typed}), status)

    def token(self) -> str:
        """A CSRF token of this session."""
        fields = re.findall(r"<input[^>]*csrf_token[^>]*>", self.client.get("/desk/account").text)
        return unescape(fields[0].partition('value="')[2].partition('"')[0]) if fields else ""

    def arrive(self, status: int = 200) -> Page:
        """Follow the redirect that the last post answered."""
        assert self.page.status == 303, (self.page.status, self.page.faults)
        return self.get(self.page.location, status)

    def _see(self, answer: TestResponse, status: int | None) -> Page:
        self._path = answer.request.path
        self.page = Page(answer)
        if status is not None:
            assert self.page.status == status, (self._path, self.page.status, self.page.faults or self.page.location)
        assert self.page.status < 500 or self.page.status == status, self._path
        assert answer.headers["Cache-Control"] == "no-store" or "/static/" in self._path
        if self.page.html:
            self._judge()
        return self.page

    def _judge(self) -> None:
        """What is asked of every page: the policy, the size, words for every field, nothing fetched from elsewhere."""
        answer, tree = self.page.answer, self.page.tree
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        inline = [one for one in tree.all("script") if "src" not in one.attributes] + tree.all("style")
        assert not inline, "the policy forbids what is inline"
        size = len(answer.get_data())
        for named in [*tree.all("link"), *tree.all("script"), *tree.all("img")]:
            address = named.attributes.get("src") or named.attributes.get("href", "")
            if address.startswith("data:"):
                continue
            assert address.startswith("/desk/"), address
            known = FETCHED.setdefault(self.app, {})
            if address not in known or "/static/" not in address:
                known[address] = len(self.client.get(address).get_data())
            size += known[address]
        assert size <= LARGEST, (self._path, size)
        _labelled(tree)


def _labelled(tree: Element) -> None:
    """Every field has words, every button and link too, every table a caption, every post form a token."""
    fors = {label.attributes.get("for") for label in tree.all("label")}
    for field in [*tree.all("input"), *tree.all("textarea"), *tree.all("select")]:
        if field.attributes.get("type") in CHOSEN_BY_LABEL:
            continue
        spoken = field.attributes.keys() & {"aria-label", "aria-labelledby"}
        parent, inside = field.parent, False
        while parent is not None:
            inside, parent = inside or parent.tag == "label", parent.parent
        assert spoken or inside or field.attributes.get("id") in fors, f"a field without words: {field.attributes}"
    for pressed in [*tree.all("button"), *tree.all("a")]:
        assert pressed.text or "aria-label" in pressed.attributes, f"nothing to read on {pressed.attributes}"
    for table in tree.all("table"):
        assert table.all("caption") or table.attributes.keys() & {"aria-label", "aria-labelledby"}, "a nameless table"
    for form in tree.all("form"):
        if form.attributes.get("method") == "post":
            assert any(one.attributes.get("name") == "csrf_token" for one in form.all("input")), form.attributes

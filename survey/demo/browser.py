"""A browser as small as can be: one kept connection, forms read from the page, redirects followed.

It knows nothing of Phiếu beyond HTML, so that what it can do, a person without JavaScript can do.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

_RETRIES = 3
_TIMEOUT = 60.0


class Unexpected(RuntimeError):
    """The server answered something that no respondent should see."""


@dataclass(slots=True)
class Field:
    """One name in a form: its kind, the values to choose from, and those that are set already."""

    name: str
    kind: str
    options: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Form:
    """A form of a page; ``action`` as written."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it arrived."""

    status: int
    url: str
    forms: tuple[Form, ...]
    texts: Mapping[str, str]  # text of the elements that have an id
    text: str

    @property
    def main(self) -> Form:
        """The form with the most fields."""
        if not self.forms:
            raise Unexpected(f"no form on {self.status} {self.url}")
        return max(self.forms, key=lambda form: len(form.fields))


class _Reader(HTMLParser):
    """Collects forms, and the text of elements with an id."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.texts: dict[str, str] = {}
        self.words: list[str] = []
        self._form: Form | None = None
        self._area: Field | None = None
        self._open: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self._form = Form(told.get("action") or "", (told.get("method") or "get").lower())
            self.forms.append(self._form)
        elif tag == "input" and self._form is not None:
            self._input(self._form, told)
        elif tag == "textarea" and self._form is not None:
            self._area = self._field(told.get("name"), "textarea")
        if tag not in ("input", "meta", "link", "br", "img", "hr"):
            self._open.append((tag, told.get("id")))

    def _field(self, name: str | None, kind: str) -> Field:
        field = Field(name or "", kind)
        return self._form.fields.setdefault(field.name, field) if self._form is not None and name else field

    def _input(self, form: Form, told: Mapping[str, str | None]) -> None:
        kind = (told.get("type") or "text").lower()
        value = told.get("value") or ""
        field = self._field(told.get("name"), kind)
        if kind in ("radio", "checkbox"):
            field.options.append(value)
            if "checked" in told:
                field.filled.append(value)
        elif value:
            field.filled.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        while self._open and any(tag == name for name, _ in self._open):
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.filled = [data.removeprefix("\n")] if data.strip() else []
        if self._open and self._open[-1][0] in ("style", "script"):
            return
        self.words.append(data)
        for _, id in self._open:
            if id is not None:
                self.texts[id] = self.texts.get(id, "") + data


@lru_cache(maxsize=2000)
def read(body: bytes) -> tuple[tuple[Form, ...], Mapping[str, str], str]:
    """Forms, texts by id and the whole text of a page. Pages repeat between respondents, hence the cache.

    What is returned is shared: fill a copy of the values, never the form.
    """
    reader = _Reader()
    reader.feed(body.decode("utf-8"))
    texts = {id: " ".join(text.split()) for id, text in reader.texts.items()}
    return tuple(reader.forms), texts, " ".join(" ".join(reader.words).split())


class Browser:
    """One person's browser on ``base`` (``http://host:port``)."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self._base = base
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def get(self, path: str) -> Page:
        """Open a page, redirects followed."""
        return self._follow("GET", urljoin(self._base, path), None)

    def submit(self, page: Page, form: Form, values: Iterable[tuple[str, str]] = ()) -> Page:
        """Send a form with these values, and what is hidden in it."""
        hidden = [(each.name, value) for each in form.fields.values() if each.kind == "hidden" for value in each.filled]
        body = urlencode([*hidden, *values]).encode()
        return self._follow(form.method.upper(), urljoin(page.url, form.action), body)

    def _follow(self, method: str, url: str, body: bytes | None) -> Page:
        for _ in range(20):
            status, location, content = self._ask(method, url, body)
            if status not in (301, 302, 303, 307, 308) or location is None:
                forms, texts, text = read(content)
                return Page(status, url, forms, texts, text)
            url = urljoin(url, location)
            if status in (301, 302, 303):
                method, body = "GET", None
        raise Unexpected(f"redirects without end at {url}")

    def _ask(self, method: str, url: str, body: bytes | None) -> tuple[int, str | None, bytes]:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Accept": "text/html", "Accept-Language": "vi", "Host": parts.netloc}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        for attempt in range(_RETRIES):
            try:
                self._connection.request(method, path, body, headers)
                answer = self._connection.getresponse()
                return answer.status, answer.getheader("Location"), answer.read()
            except (http.client.HTTPException, OSError):
                # A kept connection may have been closed between two pages; every request of ours may be repeated.
                self._connection.close()
                if attempt == _RETRIES - 1:
                    raise
        raise AssertionError("unreachable")

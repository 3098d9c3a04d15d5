"""Requests that nobody honest sends, drawn by Hypothesis: any method, path, headers and body.

Where a page of ours has a form, half of the posts are that form as it stands with some fields spoiled: what is read at
all is reached that way, not only what is refused at the door.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any
from urllib.parse import quote_plus, urlsplit

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule
from werkzeug.test import Client, TestResponse

from tests.journeys.markup import Element, parse

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW")
TEXTS = (
    "", "0", "-1", "1", "9" * 19, "9" * 400, "\0", "%00", "../../etc/passwd", "..%2f..%2f", "<script>alert(1)</script>",
    "'--", "\r\nX-Evil: 1", "\u202e\u0300đ", "\U0001f600", "a" * 3_000, "{{7*7}}", "${jndi:ldap://x}", "null", "[]",
    "1e999", "NaN", "\u0663", "\uff21", "=cmd|' /C calc'!A1", "2026-02-31", "demo", "/dev/null", "x\n2026 forged line",
)  # fmt: skip
FIELDS = tuple(
    "code receipt as tag revision asked lang back csrf_token account password wave page q reason file unit so_tu_phap "
    "declined afresh next serial batch place group token name role must_change id".split()
)
NAMES = tuple(
    "Host X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Prefix Cookie Accept-Language Referer Range "
    "Accept-Encoding If-None-Match If-Modified-Since Content-Length Transfer-Encoding Authorization Origin User-Agent "
    "X-HTTP-Method-Override X-Original-URL Sec-Fetch-Site Expect".split()
)
PLAIN = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
TYPES = (
    PLAIN, "multipart/form-data", MULTIPART, "application/json", "text/xml", "", f"{PLAIN}; charset=utf-7",
    "multipart/form-data; boundary=" + "b" * 300,
)  # fmt: skip
CONTENTS = (
    b"", b"ma,ten\n1,\0\n", b"PK\x03\x04" + b"\0" * 99, b"\x89PNG\r\n\x1a\n", b"\xff\xfe\x00\xd8", b'id = "x"\n',
    b"[[[[",
    b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><l>&a;</l>",
)  # fmt: skip

TEXT: SearchStrategy[str] = st.sampled_from(TEXTS) | st.text(max_size=30)
_MOSTLY_GET_AND_POST = st.sampled_from(("GET", "POST", "POST", *METHODS))
_QUERIES = (b"",) * 4 + (
    b"page=-1",
    b"lang=xx",
    b"lang=en",
    b"receipt=%00",
    b"%",
    b"a[]=1&a[]=2",
    b"turn=%ff",
    b"s=" + b"A" * 16,
)

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Seen:
    """What the pages of one visitor offer: by endpoint the fields of the forms that lead there, as they stand."""

    forms: dict[str, list[Pairs]] = field(default_factory=dict)


def seen(app: Flask, client: Client, paths: Iterable[str], headers: Mapping[str, str] | None = None) -> Seen:
    """Open every page and note its forms by where they are sent to."""
    found, router = Seen(), app.url_map.bind("localhost")
    for path in paths:
        answer = client.get(path, headers=dict(headers or {}))
        if answer.mimetype == "text/html" and answer.status_code == 200:
            for form in parse(answer.text).all("form"):
                _note(found, router, path, form)
        answer.close()
    return found


def _note(found: Seen, router: Any, path: str, form: Element) -> None:
    told = urlsplit(form.attributes.get("action") or path).path or path
    there = told if told.startswith("/") else path.rsplit("/", 1)[0] + "/" + told
    try:
        endpoint, _ = router.match(there, method=form.attributes.get("method", "get").upper())
    except (HTTPException, RequestRedirect):
        return
    pairs = [
        (one.attributes["name"], one.attributes.get("value", ""))
        for one in form.below
        if one.tag in ("input", "select", "textarea", "button") and one.attributes.get("name")
    ]
    found.forms.setdefault(endpoint, []).append(pairs)


@dataclass(frozen=True)
class Visitor:
    """Who sends: parts of addresses that exist by name of the part, headers and fields that are always sent, forms."""

    known: Mapping[str, Sequence[str]]
    headers: Mapping[str, str] = field(default_factory=dict)
    always: tuple[tuple[str, str], ...] = ()
    pages: Seen = field(default_factory=Seen)


def attack(client: Client, rules: Sequence[Rule], visitors: Sequence[Visitor], number: int) -> Counter[int]:
    """Send so many requests to these rules, none of which may be answered by a fault; returns how often each status
    came."""
    said, reached = Counter[int](), set[str]()
    told = {rule.rule: rule for rule in rules}
    drawn = st.sampled_from(sorted(product(told, range(len(visitors)))))
    made = cache(lambda rule, visitor: _request_to(told[rule], visitors[visitor]))  # a strategy is dear to make

    @settings(max_examples=number, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.data())
    def send(data: st.DataObject) -> None:
        rule, visitor = data.draw(drawn)
        asked = data.draw(made(rule, visitor))
        answer = client.open(**asked)
        said[answer.status_code] += 1
        reached.add(rule)
        _refuse_failure(rule, asked, answer)
        answer.close()

    send()
    assert number < 40 * len(told) or reached == set(told), set(told) - reached
    return said


def _request_to(rule: Rule, visitor: Visitor) -> SearchStrategy[dict[str, Any]]:
    """Arguments of ``Client.open``."""
    return st.builds(_request, _path(rule, visitor), _method(rule), _headers(), _body(rule, visitor), _query(),
                     st.booleans(), st.just(visitor))  # fmt: skip


def _request(
    path: bytes, method: str, headers: Headers, body: tuple[str, bytes], query: bytes, short: bool, visitor: Visitor
) -> dict[str, Any]:
    kind, content = body
    for name, value in visitor.headers.items():
        headers[name] = value
    raw = {"PATH_INFO": path.decode("latin-1"), "QUERY_STRING": query.decode("latin-1")}
    if short and method == "BREW":
        raw["CONTENT_LENGTH"] = str(len(content) + 5)  # the rest never comes
    return {"path": "/", "method": method, "headers": headers, "data": content, "content_type": kind,
            "environ_overrides": raw}  # fmt: skip


def _method(rule: Rule) -> SearchStrategy[str]:
    return st.sampled_from(tuple(sorted(rule.methods or METHODS))) | _MOSTLY_GET_AND_POST


def _path(rule: Rule, visitor: Visitor) -> SearchStrategy[bytes]:
    """The rule with anything in place of its parts; mostly what exists, so that it leads further."""
    pieces: list[SearchStrategy[bytes]] = []
    rest = rule.rule
    while "<" in rest:
        literal, _, after = rest.partition("<")
        part, _, rest = after.partition(">")
        pieces += [st.just(literal.encode()), _part(part.rpartition(":")[2], visitor)]
    ending = st.sampled_from((b"",) * 9 + (b"/", b"//", b"%00", b"\xff"))
    return st.tuples(*pieces, st.just(rest.encode()), ending).map(b"".join)


def _part(name: str, visitor: Visitor) -> SearchStrategy[bytes]:
    known = st.sampled_from(tuple(visitor.known.get(name, ("1", "2", "999999999"))))
    anything = TEXT | st.sampled_from(FIELDS)
    texts = st.integers(0, 3).flatmap(lambda chance: anything if chance == 3 else known)
    return texts.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=6)


def _headers() -> SearchStrategy[Headers]:
    value = TEXT.map(lambda text: "".join(one for one in text if one >= " "))  # a server takes no others
    pairs = st.dictionaries(st.sampled_from(NAMES), value, max_size=3)
    return pairs.map(
        lambda told: Headers((name, text.encode("utf-8", "replace").decode("latin-1")) for name, text in told.items())
    )


def _query() -> SearchStrategy[bytes]:
    drawn = st.tuples(st.sampled_from(("lang", "receipt", "page", "q", "turn", "s", "wave", "unit", "state")), TEXT)
    return st.sampled_from(_QUERIES) | drawn.map(lambda pair: f"{pair[0]}={quote_plus(pair[1])}".encode())


def _body(rule: Rule, visitor: Visitor) -> SearchStrategy[tuple[str, bytes]]:
    names = st.sampled_from(
        FIELDS + tuple(name for form in visitor.pages.forms.get(rule.endpoint, ()) for name, _ in form)
    )
    pairs = st.lists(st.tuples(names, TEXT), max_size=5)
    if forms := visitor.pages.forms.get(rule.endpoint):
        pairs = pairs | st.builds(_spoiled, st.sampled_from(forms), st.lists(st.tuples(names, TEXT), max_size=3))
    pairs = pairs.map(lambda told: [*visitor.always, *told])
    bare = st.tuples(st.sampled_from(TYPES), st.binary(max_size=200))
    wrong = st.tuples(st.sampled_from(TYPES), pairs.map(_urlencoded))
    parts = st.builds(_multipart, pairs, names, TEXT, st.sampled_from(CONTENTS) | st.binary(max_size=200))
    good = pairs.map(lambda told: (PLAIN, _urlencoded(told)))
    return good | good | parts.map(lambda body: (MULTIPART, body)) | wrong | bare


def _spoiled(form: Pairs, spoiling: Pairs) -> Pairs:
    """A form with some of its fields replaced; a field that it lacks is added."""
    told = dict(spoiling)
    return [(name, told.pop(name, value)) for name, value in form] + list(told.items())


def _urlencoded(pairs: Pairs) -> bytes:
    return "&".join(
        f"{quote_plus(name)}={quote_plus(text.encode('utf-8', 'surrogatepass'))}" for name, text in pairs
    ).encode()


def _multipart(pairs: Pairs, field: str, file: str, content: bytes) -> bytes:
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode("utf-8", "surrogatepass")
             for name, text in pairs]  # fmt: skip
    name = "".join(one for one in file if one >= " " and one != '"').encode("utf-8", "surrogatepass")
    head = b'--x\r\nContent-Disposition: form-data; name="' + field.encode() + b'"; filename="' + name
    return b"".join([*parts, head, b'"\r\nContent-Type: text/csv\r\n\r\n', content, b"\r\n--x--\r\n"])


def _refuse_failure(rule: str, asked: Mapping[str, Any], answer: TestResponse) -> None:
    """What every answer is held to, whatever was asked."""
    assert answer.status_code < 500, (answer.status_code, rule, asked)
    told = {name.lower() for name, _ in answer.headers}
    assert "x-evil" not in told, (rule, asked)
    assert asked["method"] != "TRACE" or answer.status_code >= 300, (rule, asked)
    if answer.mimetype == "text/html":
        assert b"<script>alert(1)" not in answer.get_data(), (rule, asked)
    assert {"content-security-policy", "x-content-type-options", "cache-control"} <= told, (told, rule, asked)

"""Pages filled in from a sheet, and those answered before the framework, are what the slow way prints."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import pytest
from flask import Response
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from survey import create_app, invitations, responses
from survey.citizen import form as forms
from survey.citizen import quick, sheets
from survey.store import StoreError
from survey.web import Web
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.journeys.world import World

FRESH = re.compile(r'name="(receipt|tag)" value="\w*"')
TEXT = st.text(st.characters(codec="utf-8"), max_size=200)


@given(st.lists(st.tuples(TEXT, st.sampled_from(["code", "unit0", "revision"])), max_size=20), TEXT)
def test_a_sheet_says_the_same_packed_and_plain(parts: list[tuple[str, str]], end: str):
    said = {"code": "0MF6XKXJ5NR5", "unit0": "Sở “Tư pháp” & <b>", "revision": "12"}
    printed = "".join(text + sheets.blank(name) for text, name in parts) + end
    sheet = sheets.Sheet(Response(printed))
    whole = ("".join(text + str(escape(said[name])) for text, name in parts) + end).encode()
    assert sheet.plain(said) == whole
    assert gzip.decompress(sheet.gzipped(said)) == whole


@pytest.fixture
def slow(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """A page as Jinja prints it for this visitor alone."""
    app = create_app(world.settings, world.clock)

    def look(path: str) -> str:
        with monkeypatch.context() as patch:
            patch.setattr(sheets, "suits", lambda: False)
            patch.setattr("survey.citizen.quick.answer", lambda app, environ: None)
            answer = app.test_client().get(path)
        assert answer.status_code == 200
        return FRESH.sub("", answer.text)

    return look


def counted(app: Web, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The endpoints that the framework is asked for from now on."""
    asked: list[str] = []
    dispatch = app.full_dispatch_request

    def note(*args: Any) -> Any:
        asked.append("")
        return dispatch(*args)

    monkeypatch.setattr(app, "full_dispatch_request", note)
    return asked


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("group", ["nguoi_dan", "lanh_dao", "cong_chuc"])
def test_every_page_is_as_the_slow_way_prints_it(
    app: Web, world: World, slow: Callable[[str], str], group: str, lang: str
):
    before = Respondent(app, world.take(group), lang)
    before.fill_to_check(), before.fill()  # whatever is printed, is printed for this one
    person = Respondent(app, world.take(group), lang)
    query = "" if lang == "vi" else "?lang=en"

    def same(path: str) -> None:
        here = f"/P/{person.code}{path}{query}"
        answer = app.test_client().get(here)
        assert FRESH.sub("", answer.text) == slow(here)
        packed = app.test_client().get(here, headers={"Accept-Encoding": "gzip"})
        assert FRESH.sub("", gzip.decompress(packed.data).decode()) == slow(here)

    same("")
    person.begin()
    while not person.page.url.partition("?")[0].endswith("/check"):
        same("/" + person.page.url.partition("?")[0].rpartition("/")[2])
        person.fill_all(pick=1)
    same("/check")
    same("/1"), same("")


def test_fresh_pages_need_no_framework_and_carry_the_same_headers(
    app: Web, world: World, monkeypatch: pytest.MonkeyPatch
):
    first, second = world.take(), world.take()
    client = app.test_client()
    told = {path: dict(client.get(f"/P/{first}{path}").headers) for path in ("", "/1")}
    asked = counted(app, monkeypatch)
    for path, headers in told.items():
        answer = client.get(f"/P/{second}{path}")
        assert {**dict(answer.headers), "Content-Length": ""} == {**headers, "Content-Length": ""}
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        safe = client.get(f"/P/{second}{path}", base_url="https://localhost")
        assert "max-age" in safe.headers["Strict-Transport-Security"]
    assert asked == []


def test_everything_else_is_the_frameworks(app: Web, world: World, monkeypatch: pytest.MonkeyPatch):
    code, other, gone = world.take(), world.take(), world.take()
    client = app.test_client(use_cookies=False)
    for path in ("", "/1"):
        client.get(f"/P/{code}{path}")
    asked = counted(app, monkeypatch)
    wrong = "0" * 12

    def through(path: str, status: int, **more: Any) -> None:
        asked.clear()
        assert client.open(path, **more).status_code == status
        assert asked == [""], path

    through(f"/P/{code}?lang=en", 200)
    through(f"/P/{code.lower()}", 200)
    through(f"/P/{code}/99", 404)
    through(f"/P/{wrong}", 404)
    through(f"/P/{code}", 200, headers={"Cookie": "x=y"})
    through(f"/P/{code}", 200, method="HEAD")
    client.post(f"/P/{other}/refuse")
    through(f"/P/{other}", 200)
    with monkeypatch.context() as patch:
        patch.setattr(app.guesses, "slowed", lambda address: True)
        through(f"/P/{code}", 200)
    with monkeypatch.context() as patch:
        patch.setattr(app.keyring, "wave", lambda wave: None)
        asked.clear()
        client.get(f"/P/{code}")
        assert asked == [""]
    for failure, status in ((ValueError("what nobody thought of"), 200), (StoreError("disk I/O error"), 503)):
        with monkeypatch.context() as patch:
            from_row, calls = invitations.from_row, iter([True, False])

            def broken(*args: Any, failure: Exception = failure, calls: Any = calls, whole: Any = from_row) -> Any:
                if next(calls):
                    raise failure
                return whole(*args)

            patch.setattr(invitations, "from_row", broken)
            through(f"/P/{code}", status)  # a database that failed is not waited for twice
    spent = Respondent(app, gone)
    spent.fill_to_check(), spent.fill()
    through(f"/P/{gone}", 200)
    now = world.clock()
    monkeypatch.setattr(app, "clock", lambda: now.replace(year=now.year + 1))
    through(f"/P/{code}", 410)


def test_begin_and_save_need_no_framework(app: Web, world: World, monkeypatch: pytest.MonkeyPatch):
    code, client = world.take(), app.test_client(use_cookies=False)
    slow = create_app(world.settings, world.clock)
    monkeypatch.setattr("survey.citizen.quick.answer", lambda app, environ: None)
    told = slow.test_client().post(f"/P/{world.take()}", data={"begin": "1"})
    monkeypatch.undo()
    client.get(f"/P/{code}")  # the first one of all reads the wave
    asked = counted(app, monkeypatch)
    begun = client.post(f"/P/{code}", data={"begin": "1"})
    assert (begun.status_code, begun.headers["Location"]) == (303, f"{code}/1")
    names = sorted(name for name, _ in begun.headers)
    assert names == sorted(name for name, _ in told.headers)
    saved = client.post(f"/P/{code}/1", data={"revision": "0", "used": "yes"})
    assert (saved.status_code, saved.headers["Location"]) == (303, "2")
    assert asked == []
    assert 'value="yes" checked' in client.get(f"/P/{code}/1").text


def test_a_whole_response_needs_no_framework_and_is_stored(app: Web, world: World, monkeypatch: pytest.MonkeyPatch):
    first = Respondent(app, world.take())
    first.fill_to_check(), first.fill()  # whatever is printed, is printed for this one
    person = Respondent(app, world.take())
    asked = counted(app, monkeypatch)
    person.fill_to_check(pick=2)
    sent = person.page.form
    receipt = person.send(sent).element("receipt")
    assert receipt is not None and asked == []
    shown = "".join(receipt.words)
    assert responses.counted(app.store, shown) == "received"
    again = person.send(sent).element("receipt")
    assert again is not None and "".join(again.words) == shown  # a used code is the framework's to look at
    assert len(asked) == 1


def test_what_is_no_submit_is_the_frameworks(app: Web, world: World, monkeypatch: pytest.MonkeyPatch):
    person = Respondent(app, world.take())
    person.fill_to_check()
    asked, client = counted(app, monkeypatch), app.test_client(use_cookies=False)
    for sent, status in (({"receipt": "x", "tag": "y"}, 422), (b"\xff", 422)):
        asked.clear()
        form = "application/x-www-form-urlencoded"
        answer = client.post(f"/P/{person.code}/submit", data=sent, content_type=form)
        assert (answer.status_code, asked) == (status, [""])
    for method, path, status in (("GET", "submit", 303), ("POST", "check", 405)):
        asked.clear()
        assert client.open(f"/P/{person.code}/{path}", method=method).status_code == status
        assert asked == [""]
    asked.clear()
    left = Respondent(app, world.take())
    left.begin()
    assert left.open(f"/P/{left.code}/check") and asked[-1:] == [""]


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/1", {"data": {"used": "no such choice"}}, 422),
        ("/1", {"data": {"used": "yes", "pasted": "x" * 70_000}}, 303),
        ("/1", {"data": {"used": "yes"} | {f"f{n}": "1" for n in range(600)}}, 303),
        ("/1", {"data": b"used=%ff", "content_type": "application/x-www-form-urlencoded"}, 422),
        ("/1", {"data": {"used": "yes"}, "content_type": "multipart/form-data"}, 303),
        ("/1", {"data": b"{}", "content_type": "application/json"}, 415),
        ("/1?lang=en", {"data": {"used": "yes"}}, 303),
        ("/99", {"data": {"used": "yes"}}, 404),
    ],
)
def test_other_posts_are_the_frameworks(
    app: Web, world: World, monkeypatch: pytest.MonkeyPatch, path: str, sent: dict[str, Any], status: int
):
    asked = counted(app, monkeypatch)
    answer = app.test_client(use_cookies=False).post(f"/P/{world.take()}{path}", **sent)
    assert (answer.status_code, asked) == (status, [""])


def test_what_cannot_be_saved_any_more_is_said_by_the_framework(
    app: Web, world: World, monkeypatch: pytest.MonkeyPatch
):
    asked = counted(app, monkeypatch)
    monkeypatch.setattr(invitations, "may_be_answered", lambda tx, lookup: False)
    answer = app.test_client(use_cookies=False).post(f"/P/{world.take()}/1", data={"used": "yes"})
    assert (answer.status_code, asked) == (400, [""])


def test_sheets_and_forms_are_kept_up_to_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = worlds.build(tmp_path)
    app = create_app(made.settings, made.clock)
    monkeypatch.setattr(sheets, "MOST", 2)
    monkeypatch.setattr(forms, "_MOST", 1)
    for group in ("nguoi_dan", "lanh_dao"):
        person = Respondent(app, made.take(group))
        for path in ("", "/1", "/2"):
            assert person.open(f"/P/{person.code}{path}")
    assert len(app.sheets) <= 2
    assert len(app.forms) == 1


def begun(app: Web, world: World) -> str:
    """A code whose first page says yes."""
    code, client = world.take(), app.test_client(use_cookies=False)
    client.post(f"/P/{code}", data={"begin": "1"})
    assert client.post(f"/P/{code}/1", data={"revision": "0", "used": "yes"}).status_code == 303
    return code


@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_a_form_that_the_network_cut_off_is_refused_and_changes_nothing(app: Web, world: World, query: str):
    code, client = begun(app, world), app.test_client(use_cookies=False)
    before = client.get(f"/P/{code}/1{query}").text
    assert 'value="yes" checked' in before
    # As the server hands it over: the body ends by itself, though less came than the headers said.
    answer = client.post(
        f"/P/{code}/1{query}", input_stream=BytesIO(b"revision=1&us"), content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": "21"},
    )  # fmt: skip
    assert answer.status_code == 400
    assert client.get(f"/P/{code}/1{query}").text == before


def test_a_form_sent_in_pieces_without_a_length_is_refused(app: Web, world: World):
    code, client = begun(app, world), app.test_client(use_cookies=False)
    answer = client.post(
        f"/P/{code}/1", input_stream=BytesIO(b"revision=1&used=no"), headers={"Transfer-Encoding": "chunked"},
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )  # fmt: skip
    assert answer.status_code == 411
    assert 'value="yes" checked' in client.get(f"/P/{code}/1").text


def test_what_is_saved_while_a_submit_still_arrives_is_in_the_response(app: Web, world: World):
    person = Respondent(app, world.take())
    person.fill_to_check()
    sent = dict(person.page.form.standing())
    body = "&".join(f"{name}={quote(value if isinstance(value, str) else value[0])}" for name, value in sent.items())
    client = app.test_client(use_cookies=False)

    class Slow(BytesIO):
        """Half-way through the body, another tab saves the first page."""

        def read(self, size: int | None = -1) -> bytes:
            saved = client.post(f"/P/{person.code}/1", data={"revision": "99", "used": "no"})
            assert saved.status_code == 303
            return super().read(size)

    answer = client.post(
        f"/P/{person.code}/submit", input_stream=Slow(body.encode()), content_length=len(body),
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    # Whichever way it goes, the page that was acknowledged is not dropped for an older draft.
    assert answer.status_code == 422 or "receipt" in answer.text
    if answer.status_code == 422:
        assert 'value="no" checked' in client.get(f"/P/{person.code}/1").text


def test_long_parts_are_summed_as_a_whole():
    sheet = sheets.Sheet(Response(sheets.blank("code").join(("ô" * 9_000, "x" * 12_289, "", "y" * 4_096))))
    for said in ({"code": ""}, {"code": "0MF6XKXJ5NR5"}):
        assert gzip.decompress(sheet.gzipped(said)) == sheet.plain(said)


def test_a_long_word_is_packed_in_several_blocks():
    sheet = sheets.Sheet(Response("<p>" + sheets.blank("code") + "</p>"))
    for length in (0, 1, 65_535, 65_536, 200_000):
        said = {"code": "ô" * (length // 2) + "x" * (length % 2)}
        assert gzip.decompress(sheet.gzipped(said)) == sheet.plain(said)


@given(st.lists(st.text(alphabet="x2=&+%Ả", max_size=8)))
def test_a_plain_form_is_read_as_the_library_reads_it(pairs: list[str]):
    body = "&".join(pairs)
    assert quick._parsed(body) == parse_qs(body, keep_blank_values=True, errors="strict")


def test_a_form_of_too_many_fields_is_left_to_the_framework():
    assert len(quick._parsed("&".join(f"f{n}=1" for n in range(quick.MOST_FIELDS)))) == quick.MOST_FIELDS
    with pytest.raises(ValueError, match="fields"):
        quick._parsed("&".join(f"f{n}=1" for n in range(quick.MOST_FIELDS + 1)))

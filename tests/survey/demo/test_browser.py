"""The small browser: forms as HTML says them, redirects, and a connection that is kept or lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from survey.demo import browser
from survey.demo.browser import Browser, Unexpected

PAGE = """<!doctype html><html><head><title>t</title><style>main { color: red }</style></head><body>
<form method="post" action="P/refuse"><button>No</button></form>
<form method="post" action="next?lang=vi"><input type="hidden" name="revision" value="3">
<fieldset id="q1"><legend>Câu <b>một</b></legend>
<input type="radio" name="q1" value="v1"> <input type="radio" name="q1" value="v2" checked>
<input type="checkbox" name="why" value="a" checked><input type="checkbox" name="why" value="b"></fieldset>
<textarea name="said">
Chữ đã viết</textarea><textarea name="empty"></textarea><input name="visits" value="4"><input type="submit"></form>
<p id="receipt">AB<i>CD</i></p></body></html>"""


def test_forms_are_read_as_written():
    forms, texts, text = browser.read(PAGE.encode())
    page = browser.Page(200, "http://x/", forms, texts, text)
    main = page.main
    assert (main.action, main.method, list(main.fields)) == (
        "next?lang=vi", "post", ["revision", "q1", "why", "said", "empty", "visits"],
    )  # fmt: skip
    assert (main.fields["q1"].options, main.fields["q1"].filled) == (["v1", "v2"], ["v2"])
    assert (main.fields["why"].options, main.fields["why"].filled) == (["a", "b"], ["a"])
    assert (main.fields["said"].filled, main.fields["empty"].filled) == (["Chữ đã viết"], [])
    assert texts["receipt"] == "ABCD"
    assert texts["q1"].startswith("Câu một")
    assert "color" not in text


def test_a_page_without_forms_has_no_main_form():
    with pytest.raises(Unexpected, match="no form on 404"):
        _ = browser.Page(404, "http://x/", (), {}, "").main


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[tuple[str, str, bytes]]] = []
    drop = 0

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        type(self).seen.append((self.command, self.path, body))
        if type(self).drop:
            type(self).drop -= 1
            self.close_connection = True
            self.connection.close()
            return
        away = {"/a/next?lang=vi": "done", "/loop": "/loop"}.get(self.path)
        content = b"" if away else PAGE.encode()
        self.send_response(303 if away else 200)
        if away:
            self.send_header("Location", away)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def site() -> Iterator[str]:
    _Site.seen, _Site.drop = [], 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_form_is_sent_with_what_is_hidden_and_the_redirect_followed(site):
    someone = Browser(site)
    page = someone.get("/a/start")
    after = someone.submit(page, page.main, [("q1", "v1")])
    someone.close()
    assert after.url == f"{site}/a/done"
    assert _Site.seen == [
        ("GET", "/a/start", b""), ("POST", "/a/next?lang=vi", b"revision=3&q1=v1"), ("GET", "/a/done", b""),
    ]  # fmt: skip


def test_a_lost_connection_is_tried_again(site):
    _Site.drop = 2
    someone = Browser(site)
    assert someone.get("/a").status == 200
    someone.close()


def test_a_server_that_is_gone_is_said(site):
    _Site.drop = 99
    someone = Browser(site)
    with pytest.raises(OSError):
        someone.get("/a")
    someone.close()


def test_redirects_without_end_are_not_followed_forever(site):
    someone = Browser(site)
    with pytest.raises(Unexpected, match="without end"):
        someone.get("/loop")
    someone.close()

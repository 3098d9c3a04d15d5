"""What the response bench is held against: Flask, a constant page of 6 KB, and commits of SQLite of the same kinds.

It answers the addresses of a respondent's way, reads the forms that are posted, keeps nothing of them but their length,
and carries the product's headers. Nothing is looked up, checked, rendered, compressed or sealed.
"""

from __future__ import annotations

import os
import sqlite3
import threading

from flask import Flask, Response, request

PAGE = ("<!doctype html><title>x</title><p>" + "Nội dung trang. " * 500)[:6000].encode()[:6144]
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding",
}
app = Flask(__name__, static_folder=None)
_own = threading.local()


def _commit(level: str) -> None:
    connection = getattr(_own, "connection", None)
    if connection is None:
        connection = _own.connection = sqlite3.connect(os.environ["BARE_DATABASE"], timeout=15, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY, content BLOB)")
    connection.execute(f"PRAGMA synchronous = {level}")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO kept (content) VALUES (?)", (bytes(1024),))
    connection.execute("COMMIT")


@app.after_request
def _headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


@app.get("/P/<code>")
@app.get("/P/<code>/<page>")
def look(code: str, page: str = "") -> Response:
    """The constant page."""
    return Response(PAGE, mimetype="text/html")


@app.post("/P/<code>")
def begin(code: str) -> Response:
    """Nothing is stored yet."""
    return _onward()


@app.post("/P/<code>/<int:page>")
def save(code: str, page: int) -> Response:
    """One NORMAL commit; the first page also notes that the form was begun."""
    len(request.form)
    _commit("NORMAL")
    if page == 1:
        _commit("NORMAL")
    return _onward()


@app.post("/P/<code>/submit")
def submit(code: str) -> Response:
    """One FULL commit, and a NORMAL one that drops the draft."""
    len(request.form)
    _commit("FULL")
    _commit("NORMAL")
    return Response(PAGE, mimetype="text/html")


def _onward() -> Response:
    return Response(b"", 303, {"Location": "1"}, mimetype="text/html")

"""Headers on every answer, errors included, and compression of pages."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Iterable
from functools import lru_cache

from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from survey.proxy import on_tls

Header = tuple[str, str]

SMALL = 600  # bytes; below it compression saves nothing worth the time

LEVEL = 3  # of gzip: half the time of 6, for seven bytes in a hundred

_TEXTS = ("text/html", "text/css", "text/javascript")

_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}


def fingerprint(text: str) -> str:
    """The CSP source of an inline style or script."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def policy(*, style: str = "", script: str = "") -> str:
    """A content security policy that allows exactly this inline style and script, and posting to ourselves."""
    parts = ["default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "img-src data:"]
    parts += [f"style-src {fingerprint(style)}"] if style else []
    parts += [f"script-src {fingerprint(script)}", "connect-src 'self'"] if script else []
    return "; ".join(parts)


_HEADERS["Content-Security-Policy"] = policy()
_ALWAYS = {name.lower(): (name, value) for name, value in _HEADERS.items()}
_ON_TLS = _ALWAYS | {"strict-transport-security": ("Strict-Transport-Security", "max-age=31536000")}


def own_files() -> str:
    """The desk's policy: style sheets, scripts and pictures are files of this server, nothing is inline."""
    return (
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; "
        "style-src 'self'; script-src 'self'; connect-src 'self'"
    )


def missing(present: Iterable[tuple[str, str]], *, tls: bool) -> list[Header]:
    """What every answer carries and this one does not yet."""
    has = {name.lower() for name, _ in present}
    return [pair for name, pair in (_ON_TLS if tls else _ALWAYS).items() if name not in has]


def _protect(response: Response) -> Response:
    response.headers.extend(missing(response.headers, tls=on_tls(request)))
    return response


def takes_gzip() -> bool:
    """Whether this request's browser reads gzip."""
    return reads_gzip(request.headers.get("Accept-Encoding", ""))


@lru_cache(maxsize=256)
def reads_gzip(accepted: str) -> bool:
    """Whether gzip is among the encodings that a browser accepts."""
    return bool(parse_accept_header(accepted, Accept)["gzip"])


def _compress(response: Response) -> Response:
    if response.mimetype not in _TEXTS or response.direct_passthrough:
        return response
    if "Vary" in response.headers:
        response.vary.add("Accept-Encoding")
    else:
        response.headers["Vary"] = "Accept-Encoding"
    if "Content-Encoding" in response.headers or not takes_gzip():
        return response
    body = response.get_data()
    if len(body) >= SMALL:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def register(app: Flask) -> None:
    """Protect and compress every answer of ``app``."""
    app.after_request(_protect)
    app.after_request(_compress)

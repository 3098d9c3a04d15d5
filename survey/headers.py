"""Headers on every answer, errors included, and compression of pages."""

from __future__ import annotations

import base64
import gzip
import hashlib

from flask import Flask, Response, request

from survey.proxy import on_tls

SMALL = 600  # bytes; below it compression saves nothing worth the time

_TEXTS = ("text/html", "text/css", "text/javascript")

_ALWAYS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
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


def own_files() -> str:
    """The desk's policy: style sheets, scripts and pictures are files of this server, nothing is inline."""
    return (
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; "
        "style-src 'self'; script-src 'self'; connect-src 'self'"
    )


def _protect(response: Response) -> Response:
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", policy())
    response.headers.setdefault("Cache-Control", "no-store")
    if on_tls(request):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _compress(response: Response) -> Response:
    if response.mimetype not in _TEXTS or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or "Content-Encoding" in response.headers:
        return response
    body = response.get_data()
    if len(body) >= SMALL:
        response.set_data(gzip.compress(body, 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def register(app: Flask) -> None:
    """Protect and compress every answer of ``app``."""
    app.after_request(_protect)
    app.after_request(_compress)

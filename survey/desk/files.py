"""The desk's own style sheet and scripts, each under an address that holds the hash of what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Response, url_for

from survey.desk.blueprint import blueprint

FOLDER = Path(__file__).parent / "static"
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    digest: str
    kind: str


def _read() -> dict[str, _File]:
    return {
        file.name: _File(content, hashlib.sha256(content).hexdigest()[:16], _KINDS[file.suffix])
        for file in sorted(FOLDER.iterdir())
        if file.suffix in _KINDS
        for content in [file.read_bytes()]
    }


FILES: Mapping[str, _File] = _read()


def url(name: str) -> str:
    """The address of one of our files, which changes with its content."""
    return url_for("desk.static", digest=FILES[name].digest, name=name)


@blueprint.get("/static/<digest>/<name>", endpoint="static")
def static(digest: str, name: str) -> Response:
    """Serve a file for good: another content has another address."""
    file = FILES.get(name)
    if file is None or file.digest != digest:
        return Response("", 404, mimetype="text/plain")  # no page: one needs the session, which files do without
    response = Response(file.content, mimetype=file.kind)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response

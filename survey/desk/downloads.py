"""Tables that leave the desk as files: CSV or XLSX, no formula among their cells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from flask import Response

from survey import exports


def table(name: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Response:
    """A table as a file called ``name``, whose ending (.csv or .xlsx) says which kind."""
    suffix = PurePath(name).suffix
    return file(name, exports.table_bytes(suffix, headings, rows), exports.TABLES[suffix])


def file(name: str, content: bytes, kind: str) -> Response:
    """Any file; the browser is to keep it, never to show it as a page of ours."""
    response = Response(content, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

"""Workbooks that would like to do harm."""

from __future__ import annotations

import io
import zipfile


def bomb() -> bytes:
    """A workbook of a few kilobytes that unpacks to 30 MB of nothing."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as parts:
        with parts.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            piece = b" " * (1 << 20)
            for _ in range(30):
                part.write(piece)
    return content.getvalue()


def entities() -> bytes:
    """A workbook whose sheet would grow a billion laughs."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        parts.writestr("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;</worksheet>')
    return content.getvalue()

"""Paper that is read rather than cut: Typst templates of ``survey/paper``, as tagged PDF (PDF/UA-1).

The only fonts used are DejaVu's, which have every letter of Vietnamese and of the highlands' languages and come with
matplotlib (which is not imported for it). The same data give the same bytes.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

import typst
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

_TEMPLATES = Path(__file__).parent
QUIET_MODULES = 4
MASK = 2  # any mask is legal; choosing the best of eight costs seven times as long


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Typeset ``data`` by the template of that name."""
    made = typst.compile(
        _TEMPLATES / f"{template}.typ",
        root=_TEMPLATES,
        font_paths=[fonts()],
        ignore_system_fonts=True,
        sys_inputs={"data": unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False))},
        format="pdf",
        pdf_standards="ua-1",
        timestamp=0,
    )
    return bytes(made)


def fonts() -> Path:
    """The folder of DejaVu's fonts. Raises FileNotFoundError where matplotlib is not installed."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("matplotlib's fonts are not installed")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"


def qr_svg(text: str) -> str:
    """A QR code as SVG with its quiet zone, one unit a module."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    side = len(code.modules) + 2 * QUIET_MODULES
    path = []
    for y, line in enumerate(code.modules, start=QUIET_MODULES):
        x = QUIET_MODULES
        for dark, run in groupby(line):
            length = len(list(run))
            if dark:
                path.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path fill="#000" d="{"".join(path)}"/></svg>'
    )

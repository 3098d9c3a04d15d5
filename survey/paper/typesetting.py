"""Paper that is read rather than cut: Typst templates of ``survey/paper``, as tagged PDF (PDF/UA-1).

The only fonts used are DejaVu's, which have every letter of Vietnamese and of the highlands' languages and come with
matplotlib (which is not imported for it). The same data give the same bytes.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typst

_TEMPLATES = Path(__file__).parent


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

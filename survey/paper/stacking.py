"""Breves above letters that carry a mark already (ê̆, ô̆, ơ̆, ư̆ of the highlands' languages), for reportlab.

Neither reportlab nor DejaVu's own positions lift the second mark: it would be printed across the first. So it is
raised here, by what DejaVu Sans needs. The text stays in order, and is read back as it was.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_BREVE = "\u0306"
_LOW, _HIGH = 0.17, 0.21  # of the size: above a circumflex; above a capital
_RAISED = {"ê": _LOW, "ô": _LOW, "Ê": _LOW + _HIGH, "Ô": _LOW + _HIGH, "Ơ": _HIGH, "Ư": _HIGH, "B": _HIGH, "b": _HIGH}
_CLUSTER = re.compile(f"([{''.join(_RAISED)}]){_BREVE}")


def write(canvas: Any, x: float, y: float, text: str, font: str, size: float) -> None:
    """Write one line in the canvas's colour; as ``drawString`` where nothing is stacked."""
    text = unicodedata.normalize("NFC", text)
    if not _CLUSTER.search(text):
        canvas.drawString(x, y, text)
        return
    line = canvas.beginText(x, y)
    line.setFont(font, size)
    pieces = _CLUSTER.split(text)
    for plain, base in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        line.textOut(plain + base)
        if base:
            line.setRise(_RAISED[base] * size)
            line.textOut(_BREVE)
            line.setRise(0)
    canvas.drawText(line)

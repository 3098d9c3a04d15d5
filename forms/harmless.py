"""Text that a spreadsheet would take for a formula, made harmless, and read back as it was.

Spreadsheets run what begins with = + - @ (and after a tab or a return): a leading apostrophe makes it text
(OWASP, CSV Injection). What begins with apostrophes before such a sign gets one more, so that reading loses nothing.
"""

from __future__ import annotations

import re

_RISKY = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"''*[=+\-@\t\r]")

_NUMBER = re.compile(r"-(\d+([.,]\d+)*|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE)


def harmless(text: str) -> str:
    """``text``, with an apostrophe before it where a spreadsheet could run it."""
    return f"'{text}" if _RISKY.match(text) else text


def harmless_cell(text: str) -> str:
    """The same for a cell that may be a number's own text, which stays: ``-2``, ``-0.5``."""
    return text if _NUMBER.fullmatch(text) else harmless(text)


def as_it_was(text: str) -> str:
    """What ``harmless`` was given."""
    return text[1:] if _GUARDED.match(text) else text

"""Numbers as Vietnamese offices print them: 1.234,5 and 52,5% and 05/02/2026.

Rounding is METHOD §6: half away from zero on the decimal value, binary noise below 1e-9 removed first, once.
"""

from __future__ import annotations

import datetime
import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

MINUS = "−"
DASH = "–"
NOTHING = "—"

_NOISE = Decimal("1e-9")


def rounded(value: float, digits: int = 2) -> Decimal:
    """Round half away from zero after removing binary noise: 0.125 → 0.13, 2.675 → 2.68, −0.125 → −0.13."""
    clean = Decimal(value).quantize(_NOISE, rounding=ROUND_HALF_EVEN)
    result = clean.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def number(value: float | None, digits: int = 2) -> str:
    """``1234.5`` → ``1.234,50``; a missing or infinite value is an em dash."""
    if value is None or not math.isfinite(value):
        return NOTHING
    exact = rounded(value, digits)
    text = f"{abs(exact):,.{digits}f}".translate(str.maketrans(",.", ".,"))
    return MINUS + text if exact < 0 else text


def count(value: int | None) -> str:
    """``86000`` → ``86.000``."""
    return NOTHING if value is None else number(value, 0)


def percent(share: float | None, digits: int = 1) -> str:
    """A share in [0, 1] as ``52,5%``, without a space."""
    if share is None or not math.isfinite(share):
        return NOTHING
    return number(share * 100, digits) + "%"


def signed(value: float | None, digits: int = 2) -> str:
    """A change with its sign: ``+2,10``, ``−0,90``; what rounds to nothing has none."""
    text = number(value, digits)
    if value is None or text == NOTHING or rounded(value, digits) <= 0:
        return text
    return "+" + text


def ranks(lower: int, upper: int) -> str:
    """A set of ranks: ``1–3``, or ``4`` when it holds one."""
    return str(lower) if lower == upper else f"{lower}{DASH}{upper}"


def day(date: datetime.date) -> str:
    """Day/month/year; days under 10 and months 1 and 2 take a leading nought (Decree 30/2020, appendix I)."""
    month = f"{date.month:02d}" if date.month < 3 else str(date.month)
    return f"{date.day:02d}/{month}/{date.year}"


def fold(text: str, limit: int = 12) -> str:
    """A hash short enough to read out: its first and last four characters."""
    return text if len(text) <= limit else f"{text[:4]}…{text[-4:]}"

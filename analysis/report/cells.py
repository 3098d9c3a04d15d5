"""A figure as every writer lays it out: value, how it is written, how it is drawn. Formatted here, nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analysis import numbers

HIDDEN = "•"
SUPPRESSED = "không công bố"
Value = str | int | float | tuple[float | None, float | None] | None


class Style(StrEnum):
    """How a value is written."""

    TEXT = "text"
    POINTS = "points"
    """Two decimals."""
    COUNT = "count"
    SHARE = "share"
    """A share in [0, 1] as per cent with one decimal."""
    SIGNED = "signed"
    """A change with its sign."""
    SIGNED_SHARE = "signed_share"
    """A change of shares in percentage points, one decimal, with its sign."""
    PLACES = "places"
    """Places gained (+) or lost (−)."""
    ERROR = "error"
    """A standard error or a score: three decimals."""
    RANKS = "ranks"
    """A set of ranks, (best, worst)."""
    INTERVAL = "interval"
    """(low, high) in points."""
    SHARES = "shares"
    """(low, high) of shares."""


@dataclass(frozen=True, slots=True)
class Strip:
    """What is drawn on the table's scale: a bar, a dot on it and a tick for what it is compared with."""

    low: float
    high: float
    dot: float
    tick: float | None = None
    accent: bool = False
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure. ``tone`` 1–5 colours it; ``sign`` are letters of remarks; ``note`` a second, smaller line."""

    value: Value = None
    style: Style = Style.TEXT
    tone: int = 0
    sign: str = ""
    note: str = ""
    link: str = ""
    strip: Strip | None = None

    @property
    def text(self) -> str:
        """As it is printed, without sign and note."""
        return written(self.value, self.style)

    @property
    def plain(self) -> str:
        """As it is printed where there is no second line."""
        return " ".join(filter(None, (self.text, f"({self.sign})" if self.sign else "", self.note)))


def written(value: Value, style: Style) -> str:
    """The text of a value; what there is none of is an em dash, a text is itself."""
    if value is None or value == (None, None):
        return numbers.NOTHING
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return _pair(value, style)
    match style:
        case Style.COUNT:
            return numbers.count(round(value))
        case Style.SHARE:
            return numbers.percent(value)
        case Style.SIGNED:
            return numbers.signed(value)
        case Style.SIGNED_SHARE:
            return numbers.signed(value * 100, 1)
        case Style.PLACES:
            return "=" if not value else numbers.signed(value, 0)
        case Style.ERROR:
            return numbers.number(value, 3)
        case _:
            return numbers.number(value)


def _pair(value: tuple[float | None, float | None], style: Style) -> str:
    low, high = value
    if low is None or high is None:
        return numbers.NOTHING
    if style is Style.RANKS:
        return numbers.ranks(round(low), round(high))
    one = numbers.percent if style is Style.SHARES else numbers.number
    return f"{one(low)}{numbers.DASH}{one(high)}"


def words(text: str, **more: str) -> Cell:
    """A text."""
    return Cell(text, Style.TEXT, **more)  # type: ignore[arg-type]


def points(value: float | None, **more: str) -> Cell:
    """Points, with two decimals."""
    return Cell(value, Style.POINTS, **more)  # type: ignore[arg-type]


def count(value: int | None) -> Cell:
    """A count; one that must not be shown is a dot."""
    return Cell(HIDDEN if value is None else value, Style.COUNT)


def share(value: float | None, tone: int = 0) -> Cell:
    """A share in [0, 1]."""
    return Cell(value, Style.SHARE, tone=tone)


def signed(value: float | None, note: str = "") -> Cell:
    """A change in points."""
    return Cell(value, Style.SIGNED, note=note)


def error(value: float | None) -> Cell:
    """A standard error, or a score in [0, 1]."""
    return Cell(value, Style.ERROR)

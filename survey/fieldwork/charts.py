"""Where the board's curve and bars stand: coordinates for inline SVG, so that no web worker draws. Pure.

The page has a table of the same days below; a chart says nothing that the table does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from survey.fieldwork.projection import Projection
from survey.fieldwork.standing import Day

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 22, 12, 28
BARS_HEIGHT = 140


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis, with what stands at it."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class CurveChart:
    """Cumulative returns. Lines are lists of points as SVG takes them; "" where there is nothing to draw.

    ``projected``: heights of low, expected and high at the right edge; None without a projection.
    """

    back: str
    expected: str
    target: float | None
    end: tuple[float, float] | None
    projected: tuple[float, float, float] | None
    heights: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One day's bar; ``rest``: a rest day, drawn as a shade over the whole height; ``height`` 0 of days to come."""

    x: float
    y: float
    width: float
    height: float
    rest: bool


@dataclass(frozen=True, slots=True)
class BarChart:
    """Returns by day."""

    bars: tuple[Bar, ...]
    heights: tuple[Tick, ...]


def curve(days: Sequence[Day], issued: int, target: float | None, projected: Projection | None) -> CurveChart:
    """Cumulative returns by the end of each day, what was expected, and where it is going."""
    seen = [day for day in days if day.so_far is not None]
    tops = [float(issued and 1), target or 0.0, float(projected.high) if projected else 0.0]
    tops += [float(day.so_far or 0) for day in seen] + [day.expected or 0.0 for day in days]
    steps = _steps(max(tops))
    top = steps[-1]

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 1)

    def x(end_of: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (end_of + 1) / len(days), 1)

    back = [(x(at), y(day.so_far or 0)) for at, day in enumerate(days) if day.so_far is not None]
    wanted = [(x(at), y(day.expected)) for at, day in enumerate(days) if day.expected is not None]
    start = (float(LEFT), y(0))
    return CurveChart(
        _points([start, *back]) if back else "",
        _points([start, *wanted]) if wanted else "",
        None if target is None else y(target),
        back[-1] if back else None,
        (y(projected.low), y(projected.expected), y(projected.high)) if projected else None,
        tuple(Tick(y(value), value) for value in steps),
    )


def bars(days: Sequence[Day]) -> BarChart:
    """Returns by day."""
    steps = _steps(max([1.0, *(float(day.back or 0) for day in days)]))
    room, step = BARS_HEIGHT - TOP - BOTTOM, (WIDTH - LEFT - RIGHT) / len(days)
    drawn = []
    for at, day in enumerate(days):
        height = round(room * (day.back or 0) / steps[-1], 1)
        drawn.append(
            Bar(round(LEFT + step * at + step * 0.12, 1), round(TOP + room - height, 1), round(step * 0.76, 1), height,
                day.rest)
        )  # fmt: skip
    return BarChart(tuple(drawn), tuple(Tick(round(TOP + room * (1 - value / steps[-1]), 1), value) for value in steps))


def dates(days: Sequence[Day], most: int = 7) -> list[tuple[float, Day]]:
    """Which days are named below a chart, and where: the first, the last, and some between."""
    if len(days) == 1:
        return [(WIDTH / 2, days[0])]
    step = max(1, ceil((len(days) - 1) / (most - 1)))
    named = [at for at in range(0, len(days) - 1, step) if len(days) - 1 - at >= step * 0.6] + [len(days) - 1]
    width = (WIDTH - LEFT - RIGHT) / len(days)
    return [(round(LEFT + width * (at + 0.5), 1), days[at]) for at in named]


def _steps(highest: float) -> list[float]:
    """Heights at round numbers from 0 to at least ``highest``, three to six of them."""
    size = 10.0 ** floor(log10(max(highest, 1.0)))
    step = next(size * part for part in (0.2, 0.5, 1.0, 2.0, 5.0) if highest / (size * part) <= 5)
    step = max(1.0, step)
    return [step * number for number in range(max(1, ceil(highest / step - 1e-9)) + 1)]


def _points(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)

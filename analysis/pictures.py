"""More figures in the same style: change as arrows, answers as diverging bars, priorities as a quadrant, returns as
curves, weights as spans."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis import numbers
from analysis.canvas import PHONE, STYLE, WIDTH, Chart, beside, beside_width, canvas, drawn
from analysis.look import LIGHT

# Worst to best of five choices, told apart by colour-blind eyes; fewer choices take the outer ones.
_TONES = {5: (1, 2, 3, 4, 5), 4: (1, 2, 4, 5), 3: (1, 3, 5), 2: (1, 5)}


@dataclass(frozen=True, slots=True)
class Arrow:
    """A row: from the year before to this one; ``sure``: the change is more than sampling error."""

    label: str
    before: float
    after: float
    sure: bool


@matplotlib.rc_context(STYLE)
def arrows(
    name: str, rows: Sequence[Arrow], *, scale: tuple[float, float], axis: str, alternative: str, width: float = WIDTH
) -> Chart:
    """Changes from one year to the next; pale where they are within sampling error."""
    figure, axes = canvas([row.label for row in rows], width=width, right=beside_width(width))
    low, high = scale
    room = max(high - low, 1.0) * 0.04
    axes.set_xlim(low - room, high + room)
    for y, row in enumerate(rows):
        colour = LIGHT["ink-soft"] if not row.sure else LIGHT["brand"] if row.after >= row.before else LIGHT["accent"]
        axes.axhline(y, color=LIGHT["line"], linewidth=1, zorder=0)
        axes.plot([row.before, row.after], [y, y], color=colour, linewidth=3 if row.sure else 1.4, zorder=1)
        axes.plot([row.before], [y], "o", markersize=5, color=LIGHT["card"], markeredgecolor=colour, zorder=2)
        head = ">" if row.after >= row.before else "<"
        axes.plot([row.after], [y], head, markersize=9, color=colour, zorder=3)
        beside(axes, y, numbers.signed(row.after - row.before))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10 if width >= WIDTH else 4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace(".", ",")))
    axes.set_xlabel(axis)
    return drawn(name, figure, alternative)


@dataclass(frozen=True, slots=True)
class Answers:
    """A row: shares of the choices, worst first, with the sum 1, and how many answered."""

    label: str
    shares: tuple[float, ...]
    n: int


@matplotlib.rc_context(STYLE)
def diverging(name: str, rows: Sequence[Answers], *, axis: str, alternative: str, width: float = WIDTH) -> Chart:
    """Answers left and right of the middle of the scale; a middle choice is split in half."""
    figure, axes = canvas([row.label for row in rows], width=width, right=beside_width(width))
    sides = [_sides(row.shares) for row in rows]
    low, high = (_quarter(max(side[at] for side in sides)) for at in (0, 1))
    axes.set_xlim(-low, high)
    axes.axvline(0, color=LIGHT["line"], linewidth=1, zorder=0)
    for y, row in enumerate(rows):
        tones = _TONES.get(len(row.shares), tuple(1 + round(4 * at / (len(row.shares) - 1)) for at in
                                                  range(len(row.shares))))  # fmt: skip
        left = -_sides(row.shares)[0]
        for tone, share in zip(tones, row.shares, strict=True):
            axes.barh(y, share, left=left, height=0.62, color=LIGHT[f"heat-{tone}"])
            if share >= (0.09 if width >= WIDTH else 0.2):
                axes.text(left + share / 2, y, numbers.percent(share, 0), ha="center", va="center", fontsize=10)
            left += share
        beside(axes, y, numbers.count(row.n))
    axes.set_xticks([at / 4 for at in range(-round(4 * low), round(4 * high) + 1, 1 if width >= WIDTH else 2)])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):.0%}"))
    axes.set_xlabel(axis)
    return drawn(name, figure, alternative)


def _sides(shares: Sequence[float]) -> tuple[float, float]:
    """How much stands left and right of the middle."""
    half = len(shares) // 2
    middle = shares[half] / 2 if len(shares) % 2 else 0.0
    left = sum(shares[:half]) + middle
    return left, sum(shares) - left


def _quarter(share: float) -> float:
    return max(1, math.ceil(4 * share - 1e-9)) / 4


@dataclass(frozen=True, slots=True)
class Spot:
    """A factor: its share of importance and its satisfied share; ``first``: to be improved before others."""

    importance: float
    performance: float
    first: bool


@matplotlib.rc_context(STYLE)
def quadrant(
    name: str, spots: Sequence[Spot], *, lines: tuple[float, float], axes_named: tuple[str, str], alternative: str,
    width: float = WIDTH,
) -> Chart:  # fmt: skip
    """Importance upwards, performance to the right, both divided by a line; spots carry their numbers, from 1."""
    height = 360.0 if width >= WIDTH else 300.0
    figure = Figure(figsize=(width / 72, height / 72))
    FigureCanvasSVG(figure)
    axes = figure.add_axes((74.0 / width, 52.0 / height, (width - 98.0) / width, (height - 68.0) / height))
    _frame(axes, spots, lines)
    for number, spot in enumerate(spots, start=1):
        face = LIGHT["accent"] if spot.first else LIGHT["brand"]
        axes.plot([spot.performance], [spot.importance], "o", markersize=10, color=face, zorder=2)
        axes.annotate(str(number), (spot.performance, spot.importance), xytext=(9, 0), va="center",
                      textcoords="offset points", zorder=3)  # fmt: skip
    for side in (axes.xaxis, axes.yaxis):
        side.set_major_locator(MaxNLocator(nbins=4 if width <= PHONE else 6))
        side.set_major_formatter(FuncFormatter(lambda value, _: numbers.percent(value)))
    axes.set_xlabel(axes_named[0])
    axes.set_ylabel(axes_named[1])
    return drawn(name, figure, alternative)


def _frame(axes: Axes, spots: Sequence[Spot], lines: tuple[float, float]) -> None:
    """Limits with room for the spots, and the two lines."""
    for values, line, limit in (
        ([spot.performance for spot in spots], lines[0], axes.set_xlim),
        ([spot.importance for spot in spots], lines[1], axes.set_ylim),
    ):
        low, high = min(*values, line), max(*values, line)
        room = max(high - low, 0.05) * 0.16
        limit(low - room, high + room)
    axes.axvline(lines[0], color=LIGHT["ink-soft"], linewidth=1, zorder=0)
    axes.axhline(lines[1], color=LIGHT["ink-soft"], linewidth=1, zorder=0)


@dataclass(frozen=True, slots=True)
class Curve:
    """A row: how many of ``whole`` had come by the end of which day (days since the axis begins), in order."""

    label: str
    days: tuple[int, ...]
    sums: tuple[int, ...]
    whole: int


@matplotlib.rc_context(STYLE)
def curves(
    name: str, rows: Sequence[Curve], *, ticks: Sequence[tuple[int, str]], axis: str, alternative: str,
    width: float = WIDTH,
) -> Chart:  # fmt: skip
    """What had come back by day, a row a group, each from 0 to 100% of its own whole; ``ticks``: day and its name."""
    narrow = width < WIDTH
    figure, axes = canvas([row.label for row in rows], width=width, right=104.0 if narrow else 160.0, least=52.0)
    last = max(row.days[-1] for row in rows) + 1
    end = last + max(1, last // 20)  # what came on the last day stands for a while, else nobody sees its step
    axes.set_xlim(0, end)
    for y, row in enumerate(rows):
        foot = y + 0.42
        heights = [foot - 0.84 * n / row.whole for n in row.sums]
        axes.axhline(foot, color=LIGHT["ink-soft"], linewidth=0.8, zorder=0)
        axes.axhline(foot - 0.84, color=LIGHT["line"], linewidth=0.8, zorder=0)
        places = [0, *(day + 1 for day in row.days), end]
        line = [foot, *heights, heights[-1]]
        axes.fill_between(places, line, foot, step="post", color=LIGHT["brand-soft"], linewidth=0, zorder=0)
        axes.step(places, line, where="post", color=LIGHT["brand"], linewidth=2, zorder=1)
        base = f"{numbers.count(row.sums[-1])}/{numbers.count(row.whole)}"
        beside(axes, y, f"{numbers.percent(row.sums[-1] / row.whole)}{chr(10) if narrow else ' '}({base})")
    axes.set_xticks([day for day, _ in ticks], [text for _, text in ticks])
    axes.set_xlabel(axis)
    return drawn(name, figure, alternative)


@dataclass(frozen=True, slots=True)
class Span:
    """A row: least, first quartile, median, third quartile and greatest; ``beside`` is written at its right."""

    label: str
    places: tuple[float, float, float, float, float]
    beside: str


@matplotlib.rc_context(STYLE)
def spans(name: str, rows: Sequence[Span], *, axis: str, alternative: str, width: float = WIDTH) -> Chart:
    """How far values spread: a thin line from least to greatest, a thick one over the middle half, a dot in between."""
    figure, axes = canvas([row.label for row in rows], width=width, right=beside_width(width))
    axes.set_xlim(0, 1.04 * max(row.places[-1] for row in rows))
    for y, row in enumerate(rows):
        low, first, middle, third, high = row.places
        axes.axhline(y, color=LIGHT["line"], linewidth=1, zorder=0)
        axes.plot([low, high], [y, y], color=LIGHT["brand"], linewidth=2, solid_capstyle="round", zorder=1)
        axes.plot([first, third], [y, y], color=LIGHT["brand"], linewidth=8, solid_capstyle="butt", zorder=1)
        axes.plot([middle], [y], "o", markersize=7, color=LIGHT["card"], markeredgecolor=LIGHT["ink"], zorder=2)
        beside(axes, y, row.beside)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10 if width >= WIDTH else 4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace(".", ",")))
    axes.set_xlabel(axis)
    return drawn(name, figure, alternative)

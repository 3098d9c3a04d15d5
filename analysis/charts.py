"""Indices, ranks, shares and domains as figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis import numbers
from analysis.canvas import STYLE, WIDTH, Chart, beside, beside_width, canvas, drawn, name_width, wrapped
from analysis.look import LIGHT, heat_level


@dataclass(frozen=True, slots=True)
class Interval:
    """A row of a chart: an estimate and its interval (None where there is none); ``weak`` carries a quality mark."""

    label: str
    value: float
    low: float | None
    high: float | None
    accent: bool = False
    weak: bool = False


@matplotlib.rc_context(STYLE)
def caterpillar(
    name: str,
    rows: Sequence[Interval],
    *,
    scale: tuple[float, float],
    axis: str,
    alternative: str,
    width: float = WIDTH,
) -> Chart:
    """Estimates with their intervals, in the order given; ``scale`` is shared by the parts of a long list."""
    figure, axes = canvas([row.label for row in rows], width=width, right=beside_width(width))
    low, high = scale
    room = max(high - low, 1.0) * 0.04
    axes.set_xlim(low - room, high + room)
    for y, row in enumerate(rows):
        _interval(axes, y, row)
        beside(axes, y, numbers.number(row.value))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10 if width >= WIDTH else 4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace(".", ",")))
    axes.set_xlabel(axis)
    return drawn(name, figure, alternative)


@matplotlib.rc_context(STYLE)
def rank_sets(
    name: str, rows: Sequence[Interval], *, places: int, axis: str, alternative: str, width: float = WIDTH
) -> Chart:
    """Ranks with their sets, first place at the left, on a scale of all ``places``."""
    figure, axes = canvas([row.label for row in rows], width=width, right=beside_width(width))
    axes.set_xlim(0.5 if places > 1 else 0.0, places + 0.5)
    for y, row in enumerate(rows):
        _interval(axes, y, row)
        beside(axes, y, numbers.ranks(round(row.low or row.value), round(row.high or row.value)))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10 if width >= WIDTH else 5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}" if 1 <= value <= places else ""))
    axes.set_xlabel(axis)
    return drawn(name, figure, alternative)


@dataclass(frozen=True, slots=True)
class Share:
    """A row of a bar chart: numerator over denominator; None where it must not be shown."""

    label: str
    numerator: int | None
    denominator: int | None

    @property
    def value(self) -> float | None:
        """The share, or None where it is hidden or has no base."""
        if self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator


@matplotlib.rc_context(STYLE)
def bars(name: str, rows: Sequence[Share], *, axis: str, alternative: str, width: float = WIDTH) -> Chart:
    """Shares from 0 to 100% with their base beside them."""
    narrow = width < WIDTH
    figure, axes = canvas([row.label for row in rows], width=width, right=104.0 if narrow else 160.0)
    axes.set_xlim(0, 1)
    for y, row in enumerate(rows):
        axes.barh(y, 1, height=0.5, color=LIGHT["brand-soft"])
        if row.value is None:
            beside(axes, y, "không công bố" if row.denominator else numbers.NOTHING)
            continue
        axes.barh(y, min(row.value, 1.0), height=0.5, color=LIGHT["brand"])
        base = f"{numbers.count(row.numerator)}/{numbers.count(row.denominator)}"
        beside(axes, y, f"{numbers.percent(row.value)}{chr(10) if narrow else ' '}({base})")
    axes.set_xticks([0, 0.5, 1] if narrow else [0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    axes.set_xlabel(axis)
    return drawn(name, figure, alternative)


@matplotlib.rc_context(STYLE)
def heat(
    name: str,
    labels: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    alternative: str,
    width: float = WIDTH,
) -> Chart:
    """A grid of shares, (len(labels), len(columns)), coloured in five steps; None is left empty.

    A narrow one numbers its columns and leaves out decimals: the page says which number is what.
    """
    narrow = width < WIDTH
    room = (width - name_width(labels, width) - 8.0) / len(columns)
    titles = [str(at + 1) if narrow else wrapped(column, int(room / 5.4)) for at, column in enumerate(columns)]
    head = 16.0 + 11.5 * max(len(title.split("\n")) for title in titles)
    figure, axes = canvas(labels, width=width, right=8.0, head=head, foot=6.0)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    cells: dict[int, list[list[tuple[float, float]]]] = {}
    for y, line in enumerate(values):
        for x, share in enumerate(line):
            if share is not None:
                box = [(x - 0.48, y - 0.46), (x + 0.48, y - 0.46), (x + 0.48, y + 0.46), (x - 0.48, y + 0.46)]
                cells.setdefault(heat_level(share), []).append(box)
            text = numbers.NOTHING if share is None else numbers.number(share * 100, 0 if narrow else 1)
            axes.text(x, y, text, ha="center", va="center", fontsize=11)
    for level, boxes in sorted(cells.items()):
        axes.add_collection(PolyCollection(boxes, facecolor=LIGHT[f"heat-{level}"], edgecolor="none", zorder=0))
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(columns)), titles, fontsize=9)
    axes.tick_params(axis="x", length=0)
    axes.spines["bottom"].set_visible(False)
    return drawn(name, figure, alternative, tuple(columns) if narrow else ())


def _interval(axes: Axes, y: int, row: Interval) -> None:
    colour = LIGHT["accent"] if row.accent else LIGHT["brand"]
    axes.axhline(y, color=LIGHT["line"], linewidth=1, zorder=0)
    if row.low is not None and row.high is not None and math.isfinite(row.low + row.high):
        axes.plot([row.low, row.high], [y, y], color=colour, linewidth=4.5, solid_capstyle="round", zorder=1)
    face = LIGHT["card"] if row.weak else colour
    axes.plot([row.value], [y], "o", markersize=7.5, color=face, markeredgecolor=colour, markeredgewidth=1.8, zorder=2)

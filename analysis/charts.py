"""Every figure, in one style: SVG that reads in light and dark, the same bytes for the same numbers.

A chart is made by matplotlib in the light colours. ``Chart.svg`` is that file; ``Chart.inline`` is the same picture
for a page: its colours become the page's CSS variables and it carries its text alternative.
"""

from __future__ import annotations

import io
import math
import re
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis import numbers
from analysis.look import FONT, LIGHT, heat_level

WIDTH = 680.0  # points, which are the user units of the SVG
PHONE = 340.0  # the same for a narrow screen, where a scaled-down picture could not be read
PROJECTED = 200  # dots an inch of a picture that is projected or printed
ROWS = 36  # more rows than this go into a next chart, so that each fits a printed page
_RIGHT, _HEAD, _FOOT = 92.0, 8.0, 44.0
_WRAP, _PHONE_WRAP = 24, 15  # letters of a name before it goes on in a next line
_LETTER = 7.4  # width of an average letter of the labels, generous because pages use another font

_STYLE: Any = {
    "font.family": FONT,
    "font.size": 12,
    "svg.fonttype": "none",
    "svg.hashsalt": "phieu",
    "text.color": LIGHT["ink"],
    "axes.labelcolor": LIGHT["ink-soft"],
    "axes.edgecolor": LIGHT["line"],
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "xtick.color": LIGHT["ink-soft"],
    "ytick.color": LIGHT["ink"],
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "ytick.major.size": 0,
}


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture: ``svg`` a file of its own, ``inline`` an element for a page, ``alternative`` what it shows."""

    name: str
    svg: str
    alternative: str
    columns: tuple[str, ...] = ()
    """What numbered columns stand for, where the chart has no room for their names."""
    figure: Figure | None = field(default=None, repr=False, compare=False)

    @property
    def png(self) -> bytes:
        """The picture at conference size, on paper: 1,889 pixels across for a wide one."""
        if self.figure is None:
            raise ValueError(f"the chart {self.name} was read, not drawn")
        target = io.BytesIO()
        told = {"Software": None}
        self.figure.savefig(target, format="png", dpi=PROJECTED, facecolor=LIGHT["card"], metadata=told)
        return target.getvalue()

    @property
    def outlined(self) -> str:
        """The file with its letters as outlines, for typesetters that lose marks combined with a letter (ê̆, ơ̆)."""
        if self.figure is None or not any(map(unicodedata.combining, unicodedata.normalize("NFC", self.svg))):
            return self.svg
        with matplotlib.rc_context({"svg.fonttype": "path"}):
            return _svg(self.figure)

    @property
    def inline(self) -> str:
        """The ``<svg role="img">`` element: no id of another chart, no style attribute, colours by CSS variable."""
        text = self.svg[self.svg.index("<svg") :]
        text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<defs>\s*</defs>", "", text, flags=re.DOTALL)
        text = re.sub(r'<g id="[^"]*"', "<g", text)
        text = re.sub(r'( id="|"#|url\(#)', lambda found: f"{found.group(1)}{self.name}-", text)
        text = re.sub(r'style="([^"]*)"', _attributes, text)
        for name, colour in LIGHT.items():
            text = text.replace(f'"{colour}"', f'"var(--{name})"')
        label = f'<svg class="chart" role="img" aria-label="{escape(self.alternative)}"'
        text = re.sub(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', rf"{label} \1>", text, count=1)
        text = text.replace("xlink:href", "href").replace(' transform="rotate(-0', ' data-t="')
        text = re.sub(r' data-t="[^"]*"| id="[^"]*-$', "", text)
        return re.sub(r"\s*\n\s*", " ", text).replace("> <", "><").strip()


def _attributes(found: re.Match[str]) -> str:
    """CSS of a style attribute as presentation attributes: a strict content policy refuses the former."""
    pairs = (part.split(":", 1) for part in found.group(1).split(";") if ":" in part)
    return " ".join(f'{key.strip()}="{value.strip()}"' for key, value in pairs if key.strip() != "font-family")


@dataclass(frozen=True, slots=True)
class Interval:
    """A row of a chart: an estimate and its interval (None where there is none); ``weak`` carries a quality mark."""

    label: str
    value: float
    low: float | None
    high: float | None
    accent: bool = False
    weak: bool = False


@matplotlib.rc_context(_STYLE)
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
    figure, axes = _canvas([row.label for row in rows], width=width, right=_beside_width(width))
    low, high = scale
    room = max(high - low, 1.0) * 0.04
    axes.set_xlim(low - room, high + room)
    for y, row in enumerate(rows):
        _interval(axes, y, row)
        _beside(axes, y, numbers.number(row.value))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=10 if width >= WIDTH else 4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace(".", ",")))
    axes.set_xlabel(axis)
    return _drawn(name, figure, alternative)


@matplotlib.rc_context(_STYLE)
def rank_sets(
    name: str, rows: Sequence[Interval], *, places: int, axis: str, alternative: str, width: float = WIDTH
) -> Chart:
    """Ranks with their sets, first place at the left, on a scale of all ``places``."""
    figure, axes = _canvas([row.label for row in rows], width=width, right=_beside_width(width))
    axes.set_xlim(0.5 if places > 1 else 0.0, places + 0.5)
    for y, row in enumerate(rows):
        _interval(axes, y, row)
        _beside(axes, y, numbers.ranks(round(row.low or row.value), round(row.high or row.value)))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10 if width >= WIDTH else 5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}" if 1 <= value <= places else ""))
    axes.set_xlabel(axis)
    return _drawn(name, figure, alternative)


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


@matplotlib.rc_context(_STYLE)
def bars(name: str, rows: Sequence[Share], *, axis: str, alternative: str, width: float = WIDTH) -> Chart:
    """Shares from 0 to 100% with their base beside them."""
    narrow = width < WIDTH
    figure, axes = _canvas([row.label for row in rows], width=width, right=104.0 if narrow else 160.0)
    axes.set_xlim(0, 1)
    for y, row in enumerate(rows):
        axes.barh(y, 1, height=0.5, color=LIGHT["brand-soft"])
        if row.value is None:
            _beside(axes, y, "không công bố" if row.denominator else numbers.NOTHING)
            continue
        axes.barh(y, min(row.value, 1.0), height=0.5, color=LIGHT["brand"])
        base = f"{numbers.count(row.numerator)}/{numbers.count(row.denominator)}"
        _beside(axes, y, f"{numbers.percent(row.value)}{chr(10) if narrow else ' '}({base})")
    axes.set_xticks([0, 0.5, 1] if narrow else [0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    axes.set_xlabel(axis)
    return _drawn(name, figure, alternative)


@matplotlib.rc_context(_STYLE)
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
    room = (width - _name_width(labels, width) - 8.0) / len(columns)
    titles = [str(at + 1) if narrow else _wrapped(column, int(room / 5.4)) for at, column in enumerate(columns)]
    head = 16.0 + 11.5 * max(len(title.split("\n")) for title in titles)
    figure, axes = _canvas(labels, width=width, right=8.0, head=head, foot=6.0)
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
    return _drawn(name, figure, alternative, tuple(columns) if narrow else ())


def _wrapped(text: str, width: int = _WRAP) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)) or text


def _name_wrap(width: float) -> int:
    return _WRAP if width >= WIDTH else _PHONE_WRAP


def _name_width(labels: Sequence[str], width: float) -> float:
    lines = (line for label in labels for line in _wrapped(label, _name_wrap(width)).split("\n"))
    return 14.0 + _LETTER * max(map(len, lines))


def _beside_width(width: float) -> float:
    return _RIGHT if width >= WIDTH else 56.0


def _canvas(
    labels: Sequence[str], *, width: float, right: float, head: float = _HEAD, foot: float = _FOOT
) -> tuple[Figure, Axes]:
    """A figure with one row a label, first at the top."""
    wrapped = [_wrapped(label, _name_wrap(width)) for label in labels]
    pitch = 9.0 + 14.5 * max(len(label.split("\n")) for label in wrapped)
    name = _name_width(labels, width)
    height = head + pitch * len(labels) + foot
    figure = Figure(figsize=(width / 72, height / 72))
    FigureCanvasSVG(figure)
    box = (name / width, foot / height, (width - name - right) / width, pitch * len(labels) / height)
    axes = figure.add_axes(box)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), wrapped)
    return figure, axes


def _interval(axes: Axes, y: int, row: Interval) -> None:
    colour = LIGHT["accent"] if row.accent else LIGHT["brand"]
    axes.axhline(y, color=LIGHT["line"], linewidth=1, zorder=0)
    if row.low is not None and row.high is not None and math.isfinite(row.low + row.high):
        axes.plot([row.low, row.high], [y, y], color=colour, linewidth=4.5, solid_capstyle="round", zorder=1)
    face = LIGHT["card"] if row.weak else colour
    axes.plot([row.value], [y], "o", markersize=7.5, color=face, markeredgecolor=colour, markeredgewidth=1.8, zorder=2)


def _beside(axes: Axes, y: int, text: str) -> None:
    """Write at the right of the row, outside the axes."""
    place = axes.get_yaxis_transform()
    axes.annotate(text, (1, y), xytext=(10, 0), xycoords=place, textcoords="offset points", va="center")


def _drawn(name: str, figure: Figure, alternative: str, columns: tuple[str, ...] = ()) -> Chart:
    return Chart(name, _svg(figure), alternative, columns, figure)


def _svg(figure: Figure) -> str:
    target = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": _STYLE["svg.hashsalt"]}):
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return target.getvalue()

"""The look of every figure: one style, rows of names, and the finished picture (``Chart``).

A chart is made by matplotlib in the light colours: the same bytes for the same numbers. ``Chart.svg`` is that file;
``Chart.inline`` is the same picture for a page: its colours become the page's CSS variables and it carries its text
alternative.
"""

from __future__ import annotations

import io
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
from matplotlib.figure import Figure

from analysis.look import FONT, LIGHT

WIDTH = 680.0  # points, which are the user units of the SVG
PHONE = 340.0  # the same for a narrow screen, where a scaled-down picture could not be read
PROJECTED = 200  # dots an inch of a picture that is projected or printed
ROWS = 36  # more rows than this go into a next chart, so that each fits a printed page
_RIGHT, _HEAD, _FOOT = 92.0, 8.0, 44.0
_WRAP, _PHONE_WRAP = 24, 15  # letters of a name before it goes on in a next line
_LETTER = 7.4  # width of an average letter of the labels, generous because pages use another font

STYLE: Any = {
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


def wrapped(text: str, width: int = _WRAP) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)) or text


def _name_wrap(width: float) -> int:
    return _WRAP if width >= WIDTH else _PHONE_WRAP


def name_width(labels: Sequence[str], width: float) -> float:
    lines = (line for label in labels for line in wrapped(label, _name_wrap(width)).split("\n"))
    return 14.0 + _LETTER * max(map(len, lines))


def beside_width(width: float) -> float:
    return _RIGHT if width >= WIDTH else 56.0


def canvas(
    labels: Sequence[str], *, width: float, right: float, head: float = _HEAD, foot: float = _FOOT, least: float = 0.0
) -> tuple[Figure, Axes]:
    """A figure with one row a label, first at the top, each at least ``least`` points high."""
    named = [wrapped(label, _name_wrap(width)) for label in labels]
    pitch = max(least, 9.0 + 14.5 * max(len(label.split("\n")) for label in named))
    name = name_width(labels, width)
    height = head + pitch * len(labels) + foot
    figure = Figure(figsize=(width / 72, height / 72))
    FigureCanvasSVG(figure)
    box = (name / width, foot / height, (width - name - right) / width, pitch * len(labels) / height)
    axes = figure.add_axes(box)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), named)
    return figure, axes


def beside(axes: Axes, y: int, text: str) -> None:
    """Write at the right of the row, outside the axes."""
    place = axes.get_yaxis_transform()
    axes.annotate(text, (1, y), xytext=(10, 0), xycoords=place, textcoords="offset points", va="center")


def drawn(name: str, figure: Figure, alternative: str, columns: tuple[str, ...] = ()) -> Chart:
    return Chart(name, _svg(figure), alternative, columns, figure)


def _svg(figure: Figure) -> str:
    target = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": STYLE["svg.hashsalt"]}):
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return target.getvalue()

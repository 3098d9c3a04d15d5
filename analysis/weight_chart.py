"""A picture of weights: how far they spread after each step, and how the last ones are distributed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from analysis.canvas import WIDTH, Chart
from analysis.design import Floats
from analysis.look import FONT, LIGHT
from analysis.weights import kish

_STYLE: Any = {
    "font.family": FONT,
    "font.size": 11,
    "svg.fonttype": "none",
    "svg.hashsalt": "phieu",
    "text.color": LIGHT["ink"],
    "axes.labelcolor": LIGHT["ink-soft"],
    "axes.edgecolor": LIGHT["line"],
    "xtick.color": LIGHT["ink-soft"],
    "ytick.color": LIGHT["ink"],
    "figure.facecolor": LIGHT["card"],
    "axes.spines.right": False,
    "axes.spines.top": False,
}
_ROW, _HISTOGRAM = 34.0, 190.0


@matplotlib.rc_context(_STYLE)
def weight_chart(steps: Mapping[str, Floats]) -> Chart:
    """One row a step: least to greatest weight, the middle half, the median; below a histogram of the last weights."""
    kept = {name: weight[weight > 0] for name, weight in steps.items()}
    above = 34.0 + _ROW * len(kept)
    height = above + _HISTOGRAM + 96.0
    figure = Figure(figsize=(WIDTH / 72, height / 72))
    FigureCanvasSVG(figure)
    _ranges(figure.add_axes((0.17, 1 - above / height, 0.66, (above - 34.0) / height)), kept)
    name, last = list(kept.items())[-1]
    axes = figure.add_axes((0.17, 52.0 / height, 0.66, _HISTOGRAM / height))
    axes.hist(last, bins=min(40, max(8, round(len(last) ** 0.5))), color=LIGHT["brand"])
    axes.set_xlabel(f"weight after the last step ({name})")
    axes.set_ylabel("rows")
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    spans = "; ".join(
        f"{one}: {each.min():.4g} to {each.max():.4g}, deff {kish(each):.3g}" for one, each in kept.items()
    )
    return Chart("weights", target.getvalue(), f"Weights after each step. {spans}.")


def _ranges(axes: Axes, kept: Mapping[str, Floats]) -> None:
    for y, weight in enumerate(kept.values()):
        low, first, middle, third, high = np.quantile(weight, [0, 0.25, 0.5, 0.75, 1]).tolist()
        axes.plot([low, high], [y, y], color=LIGHT["brand"], linewidth=2, solid_capstyle="round")
        axes.plot([first, third], [y, y], color=LIGHT["brand"], linewidth=9, solid_capstyle="butt")
        axes.plot([middle], [y], "o", color=LIGHT["card"], markeredgecolor=LIGHT["ink"], markersize=7)
        axes.annotate(f"weighting deff {kish(weight):.3f}", (1, y), xytext=(8, 0), va="center", fontsize=9,
                      xycoords=axes.get_yaxis_transform(), textcoords="offset points")  # fmt: skip
    axes.set_yticks(range(len(kept)), list(kept))
    axes.set_ylim(len(kept) - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)

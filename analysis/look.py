"""The look of everything that is published: one set of colours for pages, charts and workbooks."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

FONT = "DejaVu Sans"  # comes with matplotlib and has every Vietnamese letter

LIGHT = MappingProxyType(
    {
        "ink": "#1b2422",
        "ink-soft": "#4a5753",
        "paper": "#fbfaf6",
        "card": "#ffffff",
        "line": "#d9d6cc",
        "brand": "#0a5a55",
        "brand-soft": "#e2efec",
        "accent": "#9a4a06",
        "accent-soft": "#f8e8d8",
        "bad": "#a4231d",
        "good": "#1d6b39",
        "focus": "#f2b705",
        # Shares of the attainable points, lowest to highest: orange to green, told apart by colour-blind eyes.
        "heat-1": "#eeb98a",
        "heat-2": "#f7dfc6",
        "heat-3": "#f3f1ea",
        "heat-4": "#cfe5e0",
        "heat-5": "#9accc3",
    }
)

DARK = MappingProxyType(
    {
        "ink": "#eceae3",
        "ink-soft": "#b5bdb8",
        "paper": "#121816",
        "card": "#1a2220",
        "line": "#3a4642",
        "brand": "#6cc9bd",
        "brand-soft": "#17332f",
        "accent": "#f0b27a",
        "accent-soft": "#3a2a1a",
        "bad": "#ff9d94",
        "good": "#8fd6a8",
        "focus": "#f2b705",
        "heat-1": "#7a4312",
        "heat-2": "#4a331d",
        "heat-3": "#232b28",
        "heat-4": "#1b443e",
        "heat-5": "#1f655c",
    }
)


HEAT_EDGES = (0.5, 0.65, 0.8, 0.9)  # shares of the attainable points where the next colour begins


def heat_level(share: float) -> int:
    """1 (under half of the points) to 5 (nine tenths and more)."""
    return 1 + sum(share >= edge for edge in HEAT_EDGES)


def declarations(colours: MappingProxyType[str, str]) -> str:
    """CSS custom properties: ``--ink: #1b2422; …``."""
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


def font_folder() -> Path:
    """Where matplotlib keeps DejaVu's fonts; it is not imported. Raises FileNotFoundError where it is missing."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("matplotlib's fonts are not installed")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"

"""Patterns of cells that are hidden."""

from __future__ import annotations

PATTERNS = {
    "one small group, absent elsewhere": {"so_a": (20, 7), "so_b": (20, 0), "so_c": (20, 12), "so_d": (20, 12)},
    "one small group everywhere": {unit: (20, 7) for unit in ("so_a", "so_b", "so_c", "so_d")},
    "both groups small": {"so_a": (8, 6), "so_b": (20, 12), "so_c": (20, 0), "so_d": (9, 12)},
    "small at every other unit": {"so_a": (20, 9), "so_b": (9, 20), "so_c": (20, 9), "so_d": (9, 20)},
}

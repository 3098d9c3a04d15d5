"""Charts drawn once a process, for tests that write reports again and again and judge something else in them.

What a chart function is told decides the picture to the byte (tests/analysis/report/test_same_bytes.py draws in two
processes), so the same words and figures need not be drawn again. Tests of drawing itself do not ask for this.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import lru_cache, wraps

import pytest

MOST = 256  # charts that are kept
FUNCTIONS = {
    "analysis.charts": ("caterpillar", "rank_sets", "bars", "heat"),
    "analysis.pictures": ("arrows", "diverging", "quadrant", "curves", "spans"),
}
_kept: dict[bytes, object] = {}


def _remembered(draw: Callable[..., object]) -> Callable[..., object]:
    @wraps(draw)
    def drawn(*given: object, **named: object) -> object:
        key = pickle.dumps((draw.__name__, given, sorted(named.items())))
        if key not in _kept:
            if len(_kept) >= MOST:
                _kept.clear()
            _kept[key] = draw(*given, **named)
        return _kept[key]

    return drawn


@lru_cache(MOST)
def _png(chart: object) -> object:
    return chart.png  # type: ignore[attr-defined]


def install(patch: pytest.MonkeyPatch) -> None:
    """Until the patch is undone."""
    import importlib

    for module, names in FUNCTIONS.items():
        there = importlib.import_module(module)
        for name in names:
            patch.setattr(there, name, _remembered(getattr(there, name)))
    patch.setattr("analysis.report._png", _png)

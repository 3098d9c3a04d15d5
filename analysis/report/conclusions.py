"""What the numbers of one kind allow to be said, before it is put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from analysis.result import KindResult, UnitIndex


@dataclass(frozen=True, slots=True)
class Conclusions:
    """Names in rank order.

    ``best`` may be the first, all units taken at once; ``alone`` may be the first by their own rank sets, which hold
    for each unit by itself and so are narrower. ``bottom`` are surely among the last ``bottom_size`` by their own rank
    sets. ``differing`` of ``pairs`` differ after Holm's adjustment over the pairs of the kind.
    """

    ranked: int
    best: tuple[str, ...]
    alone: tuple[str, ...]
    bottom: tuple[str, ...]
    bottom_size: int
    pairs: int
    differing: int


def conclude(result: KindResult, names: Mapping[str, str], level: float) -> Conclusions:
    """Draw the conclusions on a kind; ``names`` by unit id."""
    units = result.units
    best = tuple(names[unit.unit] for unit in units if unit.possible_best)
    bottom, size = _bottom(units)
    return Conclusions(
        ranked=len(units),
        best=best or tuple(names[unit.unit] for unit in units if unit.rank == 1),
        alone=tuple(names[unit.unit] for unit in units if unit.rank_lower == 1),
        bottom=tuple(names[unit.unit] for unit in bottom),
        bottom_size=size,
        pairs=len(units) * (len(units) - 1) // 2,
        differing=differing_pairs(result, level),
    )


def _bottom(units: tuple[UnitIndex, ...]) -> tuple[tuple[UnitIndex, ...], int]:
    """The units surely in the smallest telling group at the end: no more than a third of the kind."""
    lower = [unit.rank_lower or 1 for unit in units]
    if not lower or len(units) - max(lower) + 1 > len(units) / 3:
        return (), 0
    size = len(units) - max(lower) + 1
    if size > 1:  # a round number of places reads better than the tightest, and holds more units
        size = max(size, round(len(units) / 6))
    found = tuple(unit for unit, bound in zip(units, lower, strict=True) if bound > len(units) - size)
    return found, size


def differing_pairs(result: KindResult, level: float) -> int:
    """Pairs whose difference passes Holm's step-down at ``1 − level``; normal where the result has no pairs itself."""
    if result.pairs is not None:
        return int((np.triu(result.pairs.p_values <= 1 - level, 1)).sum())
    values = np.array([unit.index for unit in result.units], dtype=np.float64)
    first, second = np.triu_indices(len(values), 1)
    if not len(first):
        return 0
    gap = np.abs(values[first] - values[second])
    variances = np.diagonal(result.covariance)
    variance = variances[first] + variances[second] - 2 * result.covariance[first, second]
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 1e-18, gap / np.sqrt(np.maximum(variance, 0)), np.where(gap > 1e-9, np.inf, 0.0))
    p = np.sort(2 * ndtr(-z))
    passed = p <= (1 - level) / np.arange(len(p), 0, -1)
    return int(len(p) if passed.all() else np.argmin(passed))

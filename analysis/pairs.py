"""Which units of a kind differ: every pair, and each from the average, Holm-adjusted (METHOD §7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy import stats

from analysis import holm
from analysis.design import Floats
from analysis.findings import AverageGap, Pairs, Side

_SAME = 1e-12  # relative: what is left of a variance of exactly equal figures is binary noise


def p_values(gap: Floats, variance: Floats, scale: Floats, df: Floats) -> Floats:
    """Two-sided p-values of "no difference" by Student's t; without sampling error the sign decides, a tie gives 1.

    ``scale``: variances of the parts, against which a variance of the difference may be rounding; with less than one
    degree of freedom nothing can be said: 1.
    """
    error = np.sqrt(np.where(variance > _SAME * scale, variance, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        sampled = 2 * stats.t.sf(np.abs(gap) / error, df)
    certain = np.where(np.abs(gap) > _SAME * 100, 0.0, 1.0)
    return np.asarray(np.where(error == 0, certain, np.where(df >= 1, sampled, 1.0)))


def compared(names: Sequence[str], index: Floats, covariance: Floats, df: Floats, level: float) -> Pairs:
    """All pairs of p units in the order of rank; the degrees of freedom of a pair are the fewer of its two."""
    size = len(names)
    variance = np.diag(covariance)
    both = variance[:, None] + variance[None, :]
    above, below = np.triu_indices(size, 1)
    raw = p_values(
        (index[:, None] - index[None, :])[above, below],
        (both - 2 * covariance)[above, below],
        both[above, below],
        np.minimum(df[:, None], df[None, :])[above, below],
    )
    table = np.eye(size)
    table[above, below] = table[below, above] = holm.adjusted(raw)
    runs = tuple(tuple(names[start:end]) for start, end in _runs(table > 1 - level))
    return Pairs(table, runs)


def _runs(alike: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Iterator[tuple[int, int]]:
    """The longest runs of two or more neighbours that are all alike, none within another."""
    reached = 0
    for start in range(len(alike)):
        end = start + 1
        while end < len(alike) and alike[start : end + 1, end].all():
            end += 1
        if end > reached and end - start > 1:
            yield start, end
        reached = max(reached, end)


def from_average(index: Floats, covariance: Floats, df: Floats, level: float) -> tuple[AverageGap, ...]:
    """Each of p units against the mean of all p, of which it is one itself."""
    size = len(index)
    contrast = np.eye(size) - 1 / size
    variance = np.diag(contrast @ covariance @ contrast.T)
    gap = index - index.mean()
    told = holm.adjusted(p_values(gap, variance, np.full(size, np.trace(covariance)), df))
    error = np.sqrt(np.clip(variance, 0.0, None))
    return tuple(
        AverageGap(float(gap[place]), float(error[place]), float(told[place]), side(gap[place], told[place], level))
        for place in range(size)
    )


def side(gap: float, p_value: float, level: float) -> Side:
    """Above, below, or within sampling error."""
    if p_value > 1 - level:
        return Side.NOISE
    return Side.ABOVE if gap > 0 else Side.BELOW

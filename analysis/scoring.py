"""Rows → weighted sums by domain, and with the estimates from those sums the linearised score of every row.

Every estimate is a total Y or a ratio Y/X of two totals. Its score is the value itself for a total, (y − R x)/X for a
ratio (Woodruff, JASA 66, 1971; Särndal, Swensson and Wretman, Model Assisted Survey Sampling, 1992, eq. 5.6.9).
A mean is a ratio to the count. Sums of parts add up to those of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from analysis.design import Bools, Codes, Floats
from analysis.moments import Scores

# Scores whose mean square is below this share of their terms' are rounding: everybody gave the same answer.
_NOTHING = 1e-24


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """K statistics in each of D domains, in the order d·K + k.

    ``numerators`` (n, K); ``denominators`` (n, K), or None for totals; ``present`` (n, K) where a row is usable;
    ``domain`` (n,) from 0 to D − 1, −1 for rows in none. What is not present is never looked at.
    Denominators that are ``present`` itself say that rows are counted, as a mean does.
    """

    numerators: Floats
    denominators: Floats | Bools | None
    present: Bools
    domain: Codes
    domains: int

    @property
    def counted(self) -> bool:
        """Whether the denominator of a row is 1 where it is present."""
        return self.denominators is None or self.denominators is self.present


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Sums over the usable rows of each domain and statistic, (D, K) each.

    ``n`` rows of positive weight, ``mass`` Σ w, ``above`` Σ w y, ``below`` Σ w x (the mass for totals), and the sums of
    squares Σ w y², Σ w x².
    """

    n: Floats
    mass: Floats
    above: Floats
    below: Floats
    above_squared: Floats
    below_squared: Floats

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def value(self, *, total: bool) -> Floats:
        """Estimates (D, K), nan without rows or over a denominator of 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.n > 0, self.above, np.nan) if total else self.above / _unless_zero(self.below)


def _unless_zero(values: Floats) -> Floats:
    return np.where(values != 0, values, np.nan)


def tally(weight: Floats, block: Block) -> Tally:
    """Sums of a block; ``weight`` (n,)."""
    sums = np.zeros((6, block.domains, block.numerators.shape[1]))
    for domain, rows in _members(block):
        w, here = weight[rows], block.present[rows]
        whole = bool(here.all())
        above = block.numerators[rows] if whole else np.where(here, block.numerators[rows], 0.0)
        if whole:
            sums[0, domain], sums[1, domain] = (w > 0).sum(), w.sum()
        else:
            present = here.astype(np.float64)
            sums[0, domain], sums[1, domain] = (w > 0) @ present, w @ present
        sums[2, domain], sums[4, domain] = w @ above, _squared(w, above)
        if block.denominators is None or block.counted:
            sums[3, domain] = sums[5, domain] = sums[1, domain]
        else:
            below = np.where(here, block.denominators[rows], 0.0)
            sums[3, domain], sums[5, domain] = w @ below, _squared(w, below)
    return Tally(*sums)


def _squared(weight: Floats, values: Floats) -> Floats:
    """Σ w v² (K,) of (m,) and (m, K)."""
    found: Floats = np.einsum("i,ik,ik->k", weight, values, values)
    return found


def scored(weight: Floats, block: Block, whole: Tally) -> tuple[Scores, Floats]:
    """Scores of the rows of a block, given the sums of all blocks that belong together, and Σ w (z − z̄)² (D, K)."""
    everywhere = bool((block.domain >= 0).all())
    scores = np.empty_like(block.numerators) if everywhere else np.zeros_like(block.numerators)
    present = block.present if everywhere else block.present & (block.domain >= 0)[:, None]
    squares = np.zeros(whole.n.shape)
    value = np.nan_to_num(whole.value(total=block.denominators is None))
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.nan_to_num(whole.above / _unless_zero(whole.mass))
        inverse = np.nan_to_num(1 / _unless_zero(whole.below))
    for domain, rows in _members(block):
        here = block.present[rows]
        mine = scores[rows] if isinstance(rows, slice) else np.empty((len(rows), scores.shape[1]))
        _score(block, rows, value[domain], inverse[domain], mine)
        if not here.all():
            mine[~here] = 0.0
        apart = mine if block.denominators is not None else np.where(here, mine - centre[domain], 0.0)
        squares[domain] = _squared(weight[rows], apart)
        if not isinstance(rows, slice):
            scores[rows] = mine
    return Scores(scores, present, block.domain, block.domains), squares


def _score(block: Block, rows: Codes | slice, value: Floats, inverse: Floats, into: Floats) -> None:
    """Linearised scores (m, K) of some rows of one domain; anything where a row is not present."""
    numerators = block.numerators[rows]
    if block.denominators is None:
        into[:] = numerators
        return
    np.subtract(numerators, value if block.counted else block.denominators[rows] * value, out=into)
    into *= inverse


def alike(whole: Tally, squares: Floats, *, total: bool) -> Bools:
    """Where every score is the same but for rounding: (D, K)."""
    if total:
        return np.asarray(squares <= _NOTHING * whole.above_squared)
    ratio = np.nan_to_num(whole.value(total=False))
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = 2 * (whole.above_squared + ratio**2 * whole.below_squared) / _unless_zero(whole.below) ** 2
    return np.asarray(squares <= _NOTHING * np.nan_to_num(terms))


def simple_variance(whole: Tally, squares: Floats) -> Floats:
    """Variance (D, K) under simple random sampling without replacement of n from Ŵ = Σ w; nan when n ≥ Ŵ."""
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (1 - whole.n / whole.mass) / (whole.n - 1) * whole.mass * squares
    return np.where(whole.n < whole.mass, variance, np.nan)


def by_domain(domain: Codes, domains: int, held: Bools, rows: Codes) -> Codes:
    """How many of some rows hold, by domain and column: (D, K) of (n, K)."""
    counts = np.zeros((domains, held.shape[1]), np.int64)
    inside = rows[domain[rows] >= 0]
    np.add.at(counts, domain[inside], held[inside])
    return counts


def _members(block: Block) -> Iterator[tuple[int, Codes | slice]]:
    """Rows of each domain that has any, as a slice where they stand together."""
    codes, order = block.domain, None
    if (codes[1:] < codes[:-1]).any():
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
    starts = np.searchsorted(codes, np.arange(block.domains + 1))
    for domain, (start, end) in enumerate(pairwise(starts.tolist())):
        if end > start:
            yield domain, slice(start, end) if order is None else order[start:end]

"""Ranks and how far they may be trusted: marginal and simultaneous confidence sets, ties, published ranks.

Source: Mogstad, Romano, Shaikh and Wilhelm (2024), "Inference for Ranks with Applications to Mobility across
Neighbourhoods and Academic Achievement across Countries", Review of Economic Studies 91(1), section 3: the family
of one-sided hypotheses "j is not worse than k" over ordered pairs, tested with the studentised maximum and the
stepdown of Romano and Wolf (2005). A set starts after the units that are significantly better and ends before
those significantly worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.numbers import rounded
from forms.faults import Faults

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Drawn = NDArray[np.float32]
Ranks = NDArray[np.int64]
Decided = NDArray[np.bool_]

DRAWS = 20_000
_CHUNK = 2_000  # draws of all pairs held at once: as many as a processor keeps near
_SAME = 1e-12  # relative: what is left of a variance of exactly equal figures is binary noise


@dataclass(frozen=True, slots=True)
class RankSets:
    """Best and worst rank, (p,) each, that the data do not rule out, at ``coverage``."""

    lower: Ranks
    upper: Ranks
    coverage: float
    simultaneous: bool
    stepdown: bool


@dataclass(frozen=True, slots=True)
class Differences:
    """Estimates (p,), standard errors of all differences (p, p), and normal draws (p, draws) of the estimates.

    The draws are single-precision: quantiles of 20,000 are known to a hundredth, not to seven digits.
    """

    estimate: Vector
    se: Matrix
    draws: Drawn

    @property
    def size(self) -> int:
        """Number of units p."""
        return len(self.estimate)

    @property
    def certain(self) -> bool:
        """Whether some difference has a standard error of 0."""
        return bool((self.se[~np.eye(self.size, dtype=bool)] == 0).any())


def ranks(values: Vector) -> Ranks:
    """1 + the number strictly better, rank 1 the highest; ties share the best place and the next is skipped."""
    best_first = np.sort(values)[::-1]
    return np.asarray(np.searchsorted(-best_first, -values, side="left") + 1, dtype=np.int64)


def published(values: Sequence[float], digits: int = 2) -> tuple[Vector, Ranks]:
    """The values as printed (half away from zero, METHOD §6) and the ranks that follow from what is printed."""
    printed = np.array([float(rounded(value, digits)) for value in values])
    return printed, ranks(printed)


def differences(estimate: Vector, covariance: Matrix, *, draws: int = DRAWS, seed: int = 0) -> Differences:
    """Prepare the comparison of p estimates with covariance (p, p).

    Raises ``Faults`` when the covariance is not one: asymmetric, or with a negative variance.
    """
    root = symmetric_root(covariance)
    variance = np.diag(covariance)
    both = variance[:, None] + variance[None, :]
    squared = both - 2 * covariance
    se = np.sqrt(np.where(squared > _SAME * both, squared, 0.0))
    normal = np.random.Generator(np.random.PCG64(seed)).standard_normal((len(estimate), draws))
    return Differences(np.asarray(estimate, dtype=np.float64), se, (root @ normal).astype(np.float32))


def symmetric_root(covariance: Matrix) -> Matrix:
    """V √Λ Vᵀ, which unlike a Cholesky factor exists for singular matrices and is unique."""
    scale = float(np.abs(covariance).max(initial=0.0))
    if not np.isfinite(scale) or np.abs(covariance - covariance.T).max(initial=0.0) > 1e-8 * scale:
        raise Faults("the covariance matrix is not symmetric, or holds something that is not a number")
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    if values.min(initial=0.0) < -1e-8 * scale:
        raise Faults("the covariance matrix has a negative eigenvalue: no set of estimates can vary like that")
    return np.asarray((vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T)


def rank_sets(
    compared: Differences, *, coverage: float = 0.95, simultaneous: bool = False, stepdown: bool = True
) -> RankSets:
    """Two-sided confidence sets of all ranks; ``simultaneous`` sets hold all true ranks at once.

    A difference whose standard error is 0 is decided by its sign; an exact tie stays undecided.
    """
    if simultaneous:
        better = _better(compared, coverage, stepdown)
        worse_than, better_than = better.sum(axis=0), better.sum(axis=1)
    else:
        found = np.array([_beside(compared, unit, coverage, stepdown) for unit in range(compared.size)], np.int64)
        better_than, worse_than = found.reshape(-1, 2).T
    return RankSets(1 + worse_than, compared.size - better_than, coverage, simultaneous, stepdown)


def possible_best(compared: Differences, *, coverage: float = 0.95) -> Decided:
    """(p,) units whose lower rank bound is 1 in the one-sided (lower) simultaneous stepdown set.

    Over all units the one-sided family "j is not worse than k" is the same set of ordered pairs as the two-sided
    one, so both have the same lower bounds.
    """
    return np.asarray(rank_sets(compared, coverage=coverage, simultaneous=True).lower == 1)


def widened(sets: RankSets, rank: Ranks) -> RankSets:
    """The sets, widened where rounding put the published rank outside (METHOD §7)."""
    lower, upper = np.minimum(sets.lower, rank), np.maximum(sets.upper, rank)
    return RankSets(lower, upper, sets.coverage, sets.simultaneous, sets.stepdown)


def _better(compared: Differences, coverage: float, stepdown: bool) -> Decided:
    """(p, p) True where row is significantly better than column, over all ordered pairs."""
    difference = compared.estimate[:, None] - compared.estimate[None, :]
    better = (compared.se == 0) & (difference > _same(compared.estimate))
    open_pairs = compared.se > 0
    while open_pairs.any():
        critical = _critical(_largest(compared, open_pairs), coverage)
        rejected = open_pairs & (difference > critical * compared.se)
        better |= rejected
        open_pairs &= ~rejected
        if not (stepdown and rejected.any()):
            break
    return np.asarray(better)


def _same(estimate: Vector) -> Matrix:
    """(p, p) differences that are no more than rounding."""
    return np.asarray(_SAME * np.maximum(np.abs(estimate[:, None]), np.abs(estimate[None, :])))


def _beside(compared: Differences, unit: int, coverage: float, stepdown: bool) -> tuple[int, int]:
    """How many units this one is significantly better than, and how many are better than it, over its own pairs."""
    difference = compared.estimate[unit] - compared.estimate
    sure = (compared.se[unit] == 0) & (np.abs(difference) > _same(compared.estimate)[unit])
    below, above = int((sure & (difference > 0)).sum()), int((sure & (difference < 0)).sum())
    others = np.flatnonzero(compared.se[unit] > 0)
    gap = difference[others] / compared.se[unit, others]
    drawn = _studentised(compared, unit, others)
    better, worse = np.ones(len(others), bool), np.ones(len(others), bool)  # pairs that still stand, either way
    while better.any() or worse.any():
        critical = _critical(np.maximum(_highest(drawn, better), _highest(drawn, worse, -1)), coverage)
        up, down = better & (gap > critical), worse & (-gap > critical)
        below, above = below + int(up.sum()), above + int(down.sum())
        better, worse = better & ~up, worse & ~down
        if not (stepdown and (up.any() or down.any())):
            break
    return below, above


def _studentised(compared: Differences, unit: int, others: Ranks) -> Drawn:
    """(m, draws) studentised differences of the draws of a unit and others."""
    inverse = (1 / compared.se[unit, others]).astype(np.float32)
    return np.asarray((compared.draws[unit] - compared.draws[others]) * inverse[:, None])


def _highest(drawn: Drawn, rows: Decided, sign: int = 1) -> Drawn:
    """(draws,) the largest of the rows that stand, of themselves or turned round; −∞ without any."""
    some = drawn if rows.all() else drawn[rows]
    if not len(some):
        return np.full(drawn.shape[1], -np.inf, np.float32)
    return np.asarray(some.max(axis=0) if sign > 0 else -some.min(axis=0))


def _critical(largest: Drawn, coverage: float) -> float:
    """Quantile of the largest studentised difference of the draws."""
    return max(0.0, float(np.quantile(largest, coverage)))


def _largest(compared: Differences, pairs: Decided) -> Drawn:
    """(draws,) the largest studentised difference over the ordered pairs, unit by unit, some draws at a time."""
    either = np.triu(pairs | pairs.T)
    inverse = np.divide(1.0, compared.se, out=np.zeros_like(compared.se), where=compared.se > 0).astype(np.float32)
    largest = np.full(compared.draws.shape[1], -np.inf, np.float32)
    for start in range(0, len(largest), _CHUNK):
        part, drawn = largest[start : start + _CHUNK], compared.draws[:, start : start + _CHUNK]
        for j in range(compared.size):
            columns = np.flatnonzero(either[j])
            if not len(columns):
                continue
            studentised = (drawn[j] - drawn[columns]) * inverse[j, columns, None]
            forward, backward = pairs[j, columns], pairs[columns, j]
            np.negative(studentised, out=studentised, where=(~forward & backward)[:, None])
            np.abs(studentised, out=studentised, where=(forward & backward)[:, None])
            np.maximum(part, studentised.max(axis=0), out=part)
    return largest

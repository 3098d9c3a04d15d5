"""What goes with overall satisfaction: Johnson's relative weights, and where to improve first (METHOD §6).

Association, not cause: a factor that weighs much goes with satisfaction, which does not prove that changing it would
change satisfaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.design import Bools, Codes, Floats
from forms.faults import Faults

DRAWS = 2000
_CHUNK = 100
_SAME = 1e-12
# An eigenvalue below this share of the largest: two factors say the same, so that the halves cannot be told apart.
_FLAT = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Drivers:
    """Of k factors over n complete cases (``left_out`` were not complete).

    ``weight`` (k,) relative weights, not negative, with the sum ``r_squared``, the share of the outcome's variance that
    the factors account for together; ``share`` (k,) of that sum. ``low``, ``high`` (k,) percentile interval of
    ``share``; nan with fewer than two PSUs in every stratum. ``draws`` that the interval rests on.
    """

    factors: tuple[str, ...]
    n: int
    left_out: int
    r_squared: float
    weight: Floats
    share: Floats
    low: Floats
    high: Floats
    draws: int


def drivers(
    factors: Floats,
    outcome: Floats,
    names: Sequence[str],
    *,
    weight: Floats | None = None,
    cluster: Codes | None = None,
    stratum: Codes | None = None,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 1,
) -> Drivers:
    """Relative weights of ``factors`` (n, k) on ``outcome`` (n,), nan where missing; ``weight`` (n,) or all alike.

    Johnson, A heuristic method for estimating the relative weight of predictor variables in multiple regression,
    Multivariate Behavioral Research 35 (2000), eqs. 3–8. Intervals: a seeded bootstrap of PSUs (``cluster`` (n,);
    rows when None) within strata (``stratum`` (n,)), n_h − 1 of n_h drawn, weights × n_h/(n_h − 1) (Rao and Wu, JASA
    83, 1988). Raises Faults naming factors that are constant or say the same, or when there are too few cases.
    """
    complete, table = _complete_cases(factors, outcome, names)
    k = factors.shape[1]
    w = np.ones(len(table)) if weight is None else weight[complete]
    psu, home = _psus(len(table), None if cluster is None else cluster[complete],
                      None if stratum is None else stratum[complete])  # fmt: skip
    sums = _moments(table - table.mean(axis=0), w, psu, len(home))
    found = relative_weights(_correlation(sums.sum(axis=0), k + 1))
    if found is None:
        raise Faults(f"two of the factors {', '.join(names)} say exactly the same: leave one out")
    boot = _bootstrap(sums, home, k + 1, draws, np.random.default_rng(seed))
    low, high = np.full((2, k), np.nan)
    if len(boot):
        low, high = np.quantile(boot, [(1 - level) / 2, (1 + level) / 2], axis=0)
    total = float(found.sum())
    share = found / total if total > 0 else np.full(k, np.nan)
    return Drivers(
        tuple(names), len(table), int((~complete).sum()), total, found, share, low, high, len(boot)
    )  # fmt: skip


def _complete_cases(factors: Floats, outcome: Floats, names: Sequence[str]) -> tuple[Bools, Floats]:
    """Which rows (n,) miss nothing, and those rows (m, k + 1) with the outcome last. Raises Faults as ``drivers``."""
    complete = ~np.isnan(factors).any(axis=1) & ~np.isnan(outcome)
    table, k = np.column_stack([factors, outcome])[complete], factors.shape[1]
    if k < 2 or len(table) < k + 2:
        raise Faults(f"drivers need two factors and {k + 2} complete cases: there are {k} and {len(table)}")
    flat = [name for name, one in zip((*names, "the outcome"), np.ptp(table, axis=0).tolist(), strict=True)
            if one <= _SAME]  # fmt: skip
    if flat:
        raise Faults(f"every answer to {', '.join(flat)} is the same: what is constant goes with nothing")
    return complete, table


def relative_weights(correlation: Floats) -> Floats | None:
    """Relative weights (k,) from correlations (k + 1, k + 1) of k factors and, last, the outcome.

    The factors' nearest uncorrelated variables are regressed on (β), the factors on them (Λ = R^½): ε = Λ² β². None
    where factors determine each other.
    """
    between, with_outcome = correlation[:-1, :-1], correlation[:-1, -1]
    values, vectors = np.linalg.eigh(between)
    if not values[0] > _FLAT * values[-1]:
        return None
    root = (vectors * np.sqrt(values)) @ vectors.T
    slope = (vectors / np.sqrt(values)) @ vectors.T @ with_outcome
    return np.asarray(root**2 @ slope**2)


def _psus(n: int, cluster: Codes | None, stratum: Codes | None) -> tuple[Codes, Codes]:
    """PSU of each row (n,) from 0, and stratum of each PSU (P,) from 0."""
    strata = np.zeros(n, np.int64) if stratum is None else np.unique(stratum, return_inverse=True)[1].reshape(-1)
    inner = np.arange(n) if cluster is None else np.unique(cluster, return_inverse=True)[1].reshape(-1)
    _, first, psu = np.unique(strata * (int(inner.max()) + 1) + inner, return_index=True, return_inverse=True)
    return psu.reshape(-1), strata[first]


def _moments(table: Floats, weight: Floats, psu: Codes, psus: int) -> Floats:
    """Weighted count, sums and products of each PSU: (P, 1 + m + m²) of (n, m)."""
    m = table.shape[1]
    row = np.hstack([np.ones((len(table), 1)), table, (table[:, :, None] * table[:, None, :]).reshape(len(table), -1)])
    sums = np.zeros((psus, 1 + m + m * m))
    np.add.at(sums, psu, row * weight[:, None])
    return sums


def _correlation(sums: Floats, m: int) -> Floats:
    """Correlations (m, m) from summed moments; nan where something does not vary."""
    mean = sums[1 : m + 1] / sums[0]
    covariance = sums[m + 1 :].reshape(m, m) / sums[0] - np.outer(mean, mean)
    variance = np.diag(covariance)
    spread = np.sqrt(np.where(variance > _SAME * np.diag(sums[m + 1 :].reshape(m, m)) / sums[0], variance, np.nan))
    return np.asarray(covariance / np.outer(spread, spread))


def _bootstrap(sums: Floats, home: Codes, m: int, draws: int, rng: np.random.Generator) -> Floats:
    """Shares (≤ draws, k) of resampled PSUs; draws in which something is constant or the same are left out."""
    sizes = np.bincount(home)
    if (sizes < 2).all():
        return np.zeros((0, m - 1))
    found = []
    for start in range(0, draws, _CHUNK):
        times = resampled(home, sizes, min(_CHUNK, draws - start), rng)
        for drawn in times @ sums:
            correlation = _correlation(drawn, m)
            weights = relative_weights(correlation) if np.isfinite(correlation).all() else None
            if weights is not None and weights.sum() > 0:
                found.append(weights / weights.sum())
    return np.array(found).reshape(-1, m - 1)


def resampled(home: Codes, sizes: Codes, draws: int, rng: np.random.Generator) -> Floats:
    """Factors (draws, P) of PSUs drawn with replacement, n_h − 1 of the n_h of each stratum; 1 where n_h = 1."""
    factors = np.ones((draws, len(home)))
    for stratum in np.flatnonzero(sizes > 1).tolist():
        n = int(sizes[stratum])
        times = rng.multinomial(n - 1, np.full(n, 1 / n), size=draws)
        factors[:, home == stratum] = times * (n / (n - 1))
    return factors


class Quadrant(StrEnum):
    """Where a factor stands by how much it weighs and how well it does."""

    IMPROVE_FIRST = "improve_first"
    KEEP_UP = "keep_up"
    IMPROVE_LATER = "improve_later"
    MAINTAIN = "maintain"


@dataclass(frozen=True, slots=True)
class Priority:
    """One factor of a priority chart; ``unsure``: its interval of importance holds the dividing line."""

    factor: str
    importance: float
    performance: float
    quadrant: Quadrant
    unsure: bool


@dataclass(frozen=True, slots=True)
class Priorities:
    """A chart's points and its two dividing lines."""

    points: tuple[Priority, ...]
    importance: float
    performance: float


def priorities(found: Drivers, performance: Floats, *, line: float | None = None) -> Priorities:
    """Sort factors into quadrants: ``performance`` (k,) of a unit, nan where there is none (such factors are left out).

    The lines are an even share of importance, 1/k, and ``line``: the performance that divides, the mean of what is
    given when None. Martilla and James, Importance-performance analysis, Journal of Marketing 41 (1977). On a line
    counts as above it.
    """
    known = np.isfinite(performance) & np.isfinite(found.share)
    if not known.any():
        raise Faults("no factor has both an importance and a score")
    even = 1 / len(found.factors)
    middle = float(performance[known].mean()) if line is None else line
    points = [
        Priority(
            found.factors[at],
            float(found.share[at]),
            float(performance[at]),
            _quadrant(bool(found.share[at] >= even - _SAME), bool(performance[at] >= middle - _SAME)),
            bool(not (found.low[at] > even or found.high[at] < even)),
        )
        for at in np.flatnonzero(known).tolist()
    ]
    return Priorities(tuple(points), even, middle)


def _quadrant(weighs: bool, well: bool) -> Quadrant:
    if weighs:
        return Quadrant.KEEP_UP if well else Quadrant.IMPROVE_FIRST
    return Quadrant.MAINTAIN if well else Quadrant.IMPROVE_LATER

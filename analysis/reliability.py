"""How consistently the items of a factor measure: Cronbach's alpha, omega total, item-rest correlations (METHOD §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtri

from analysis.design import Codes, Floats
from forms.faults import Faults

DRAWS = 2000
_CHUNK = 200
_CLOSE = 1e-12
_ROUNDS = 10_000
_SAME = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Of k items over n complete cases (``left_out`` were not complete).

    ``alpha`` with its interval (``bootstrap``: of clusters, else Feldt's); ``standardised`` from correlations;
    ``mean_correlation`` between items; ``omega`` None under three items or in a Heywood case (``omega_note``);
    ``item_rest`` and ``without`` (k,): correlation of an item with the sum of the others, and alpha without it (nan
    where two items leave one).
    """

    items: tuple[str, ...]
    n: int
    left_out: int
    alpha: float
    low: float
    high: float
    bootstrap: bool
    standardised: float
    mean_correlation: float
    omega: float | None
    omega_note: str | None
    item_rest: Floats
    without: Floats


def reliability(
    answers: Floats,
    names: Sequence[str],
    *,
    weight: Floats | None = None,
    cluster: Codes | None = None,
    level: float = 0.95,
    seed: int = 1,
) -> Reliability:
    """``answers`` (n, k), nan where missing, all in one direction; unweighted unless ``weight`` (n,) is given.

    ``cluster`` (n,): whose row it is, where respondents have several; then the interval is a seeded bootstrap of
    respondents. Raises Faults naming an item that is constant, or when there are too few items or cases.
    """
    complete = ~np.isnan(answers).any(axis=1)
    x, k = answers[complete], answers.shape[1]
    if k < 2 or len(x) < 3:
        raise Faults(f"reliability needs two items and three complete cases: there are {k} and {len(x)}")
    w = np.ones(len(x)) if weight is None else weight[complete]
    covariance = np.cov(x, rowvar=False, aweights=w, ddof=0)
    flat = [name for name, spread in zip(names, np.ptp(x, axis=0).tolist(), strict=True) if spread <= _SAME]
    if flat:
        raise Faults(f"every answer to {', '.join(flat)} is the same: a constant item has no reliability")
    spread = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(spread, spread)
    mean = float((correlation.sum() - k) / (k * (k - 1)))
    alpha = _alpha(covariance)
    groups = None if cluster is None else np.unique(cluster[complete], return_inverse=True)[1]
    clustered = groups is not None and int(groups.max()) + 1 < len(x)
    if clustered and groups is not None:
        low, high = _bootstrap(x, w, groups, level, seed)
    else:
        low, high = feldt(alpha, len(x), k, level)
    omega, note = _omega(correlation)
    return Reliability(
        tuple(names), len(x), int((~complete).sum()), alpha, low, high, clustered, k * mean / (1 + (k - 1) * mean),
        mean, omega, note, _item_rest(covariance), _without(covariance),
    )  # fmt: skip


def _alpha(covariance: Floats) -> float:
    """k/(k − 1) (1 − Σ variances / variance of the sum) (Cronbach, Psychometrika 16, 1951, eq. 2)."""
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def feldt(alpha: float, n: int, k: int, level: float) -> tuple[float, float]:
    """(1 − alpha)/(1 − population's) follows F with n − 1 and (n − 1)(k − 1) df (Feldt, Psychometrika 30, 1965)."""
    tail = (1 - level) / 2
    high, low = (float(fdtri(n - 1, (n - 1) * (k - 1), share)) for share in (tail, 1 - tail))
    return 1 - (1 - alpha) * low, 1 - (1 - alpha) * high


def _bootstrap(x: Floats, w: Floats, groups: Codes, level: float, seed: int) -> tuple[float, float]:
    """Percentile interval of alpha over respondents drawn with replacement; sums by respondent are enough."""
    number, k = int(groups.max()) + 1, x.shape[1]
    sums = np.zeros((number, 1 + k + k * k))
    row = np.hstack([np.ones((len(x), 1)), x, (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)])
    np.add.at(sums, groups, row * w[:, None])
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(DRAWS // _CHUNK):
        times = rng.multinomial(number, np.full(number, 1 / number), size=_CHUNK)
        for mass, *rest in times @ sums:
            means = np.array(rest[:k]) / mass
            covariance = np.array(rest[k:]).reshape(k, k) / mass - np.outer(means, means)
            found.append(_alpha(covariance) if covariance.sum() > 0 else 0.0)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _omega(correlation: Floats) -> tuple[float | None, str | None]:
    """1 − Σ uniqueness / Σ R (McDonald, Test Theory, 1999), one factor by minimum residuals (Harman and Jones 1966).

    Each loading in turn minimises the squared off-diagonal residuals given the others, until none moves.
    """
    k = len(correlation)
    if k < 3:
        return None, "omega needs three items"
    loading = np.sqrt(np.clip((correlation.sum(axis=1) - 1) / (k - 1), 0.01, None))
    for _ in range(_ROUNDS):
        before = loading.copy()
        for item in range(k):
            others = np.arange(k) != item
            loading[item] = correlation[item, others] @ loading[others] / (loading[others] @ loading[others])
        if np.abs(loading - before).max() < _CLOSE:
            break
    if (np.abs(loading) >= 1).any():
        return None, "a Heywood case: an item would have no error of its own"
    return float(1 - (1 - loading**2).sum() / correlation.sum()), None


def _item_rest(covariance: Floats) -> Floats:
    own = np.diag(covariance)
    with_rest = covariance.sum(axis=1) - own
    rest = covariance.sum() - 2 * covariance.sum(axis=1) + own
    return np.asarray(with_rest / np.sqrt(own * rest))


def _without(covariance: Floats) -> Floats:
    k = len(covariance)
    if k < 3:
        return np.full(k, np.nan)
    left = [np.arange(k) != item for item in range(k)]
    return np.array([_alpha(covariance[np.ix_(kept, kept)]) for kept in left])

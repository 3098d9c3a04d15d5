"""Nobody looks certain because everybody agreed: pooled variances for degenerate domains (METHOD §5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.design import Bools, Codes, Floats
from analysis.estimates import Estimates


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """What pooling adds to the covariance of Q = D·K ratios, (Q, Q), and where it was used, (Q,)."""

    extra: Floats
    used: Bools


def pooled(estimated: Estimates, values: Floats, counts: Floats, domain: Codes, left: Floats, few: int) -> Pooled:
    """Raise the variance of unanimous domains, and of those with under ``few`` answers, to the group's pooled one.

    That is the within-unit variance / n · (1 − f). ``values``, ``counts`` (n, K) answer sums, ``domain`` (n,) unit
    codes or −1, ``left`` (n,) 1 − f of each row's stratum. What is added to two subcriteria of one unit is correlated
    as they are within units, so that a unit unanimous on everything does not gain from having been asked much. A
    variance never falls below its own.
    """
    items = values.shape[1]
    domains = len(estimated.value) // items
    residual = _residuals(estimated.value.reshape(domains, items), values, counts, domain)
    products = residual.T @ residual
    freedom = np.clip(estimated.n.reshape(domains, items) - 1, 0, None).sum(axis=0)
    variance = np.divide(np.diag(products), freedom, out=np.zeros(items), where=freedom > 0)
    variance = _lifted(variance, estimated.n.reshape(domains, items).sum(axis=0))
    spread = np.sqrt(np.diag(products))
    scale = np.outer(spread, spread)
    correlation = np.divide(products, scale, out=np.eye(items), where=scale > 0)
    flat = spread == 0
    correlation[np.ix_(flat, flat)] = 1.0  # unknown: as if the same persons would have differed on all of them
    extra = np.zeros_like(estimated.covariance)
    unknown = ~np.isfinite(np.diag(estimated.covariance))  # every stratum of the domain was lonely
    used = (estimated.n > 0) & (estimated.degenerate | unknown | (estimated.n < few))
    for unit in np.flatnonzero(used.reshape(domains, items).any(axis=1)):
        place = slice(unit * items, (unit + 1) * items)
        unsampled = left[domain == unit].mean()
        target = variance * unsampled / np.maximum(estimated.n[place], 1)
        own = np.nan_to_num(np.diag(estimated.covariance)[place])
        used[place] &= target > own
        missing = np.sqrt(np.where(used[place], target - own, 0.0))
        extra[place, place] = np.outer(missing, missing) * correlation
    return Pooled(extra, used)


def _lifted(variance: Floats, n: Floats | Codes) -> Floats:
    """(K,) pooled variances, none of them 0; ``n`` (K,) answers of the whole group.

    Where the whole group agrees on a subcriterion, the others' mean stands in; where it agrees on all, the variance of
    an answer that lies at the other end of the scale with the chance 1/(n + 2), Laplace's rule of succession.
    """
    varies = variance > 0
    if varies.any():
        return np.where(varies, variance, variance[varies].mean())
    chance = 1 / (n + 2)
    return np.asarray(chance * (1 - chance))


def _residuals(score: Floats, values: Floats, counts: Floats, domain: Codes) -> Floats:
    """(n, K) linearised residuals (Σ value − score · count) / mean count of each row; 0 without a usable answer."""
    residual = np.zeros_like(values)
    inside = domain >= 0
    here = domain[inside]
    rows = np.zeros_like(score)
    total = np.zeros_like(score)
    np.add.at(rows, here, counts[inside] > 0)
    np.add.at(total, here, counts[inside])
    mean = np.divide(total, rows, out=np.ones_like(score), where=rows > 0)
    usable = counts[inside] > 0
    own = np.where(usable, score[here], 0.0)
    residual[inside] = np.where(usable, (values[inside] - own * counts[inside]) / mean[here], 0.0)
    return residual

"""Quantiles of a weighted distribution with Woodruff's interval (METHOD §5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.calibration import Calibration
from analysis.design import Bools, Codes, Design, Df, Floats, Lonely
from analysis.estimates import Estimates, estimates
from analysis.intervals import t_quantile
from analysis.scoring import Block

# Shares of the weights are compared to within rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Quantiles:
    """One quantile in D domains: (D,) each. ``low``, ``high``, ``se`` nan where there is none; ``share``: F̂(value);
    ``alone`` where all values are one."""

    value: Floats
    low: Floats
    high: Floats
    se: Floats
    share: Estimates
    alone: Bools


def quantile(values: Floats, weight: Floats, p: float) -> float:
    """Smallest x whose share F reaches P, as R's `qrule = "math"` finds it; nan without rows of positive weight.

    Where P lies below the weight of the first row, R takes the second; so do we, for our figures are checked by R's.
    """
    kept = weight > 0
    if not kept.any():
        return float("nan")
    order = np.argsort(values[kept], kind="stable")
    mass = np.cumsum(weight[kept][order])
    at = int(np.searchsorted(mass, (p - _ROUNDING) * mass[-1], side="left"))
    at += at == 0 and mass[0] > (p + _ROUNDING) * mass[-1]
    return float(values[kept][order][min(at, len(order) - 1)])


def quantiles(
    design: Design,
    values: Floats,
    domain: Codes,
    domains: int,
    p: float,
    *,
    level: float,
    lonely: Lonely,
    df: Df,
    calibration: Calibration | None = None,
) -> Quantiles:
    """Quantile p of ``values`` (n,), nan where missing, in each domain (n,), −1 for none.

    The interval of F̂ at the quantile, p̂ ± t √V, is taken back by the rule of the quantile itself (Woodruff,
    JASA 47, 1952); se = width / 2t. A limit of F̂ outside 0 to 1 has no quantile. Raises Faults as ``covariance``.
    """
    present: Bools = ~np.isnan(values)
    members = [np.flatnonzero((domain == code) & present) for code in range(domains)]
    found = np.array([quantile(values[rows], design.weight[rows], p) for rows in members])
    below = np.where(present & (domain >= 0), values <= found[np.maximum(domain, 0)], 0.0)[:, None]
    block = Block(below.astype(np.float64), np.ones_like(below, np.float64), present[:, None], domain, domains)
    share = estimates(design, [block], lonely=lonely, df=df, calibration=calibration)
    # All are below the largest value, as R has it without error; where all values are one, nothing can be said.
    alone = np.array([len(np.unique(values[rows])) < 2 for rows in members])
    variance = np.where(share.degenerate & alone, np.nan, np.diag(share.covariance))
    low, high, se = (np.full(domains, np.nan) for _ in range(3))
    for code in np.flatnonzero(np.isfinite(variance) & (share.df >= 1) & (share.n > 0)):
        upper = t_quantile(float(share.df[code]), (1 + level) / 2)
        rows = members[code]
        for side, limits in ((-1, low), (1, high)):
            limit = float(share.value[code] + side * upper * np.sqrt(variance[code]))
            if 0 <= limit <= 1:
                limits[code] = quantile(values[rows], design.weight[rows], limit)
        se[code] = (high[code] - low[code]) / (2 * upper)
    return Quantiles(found, low, high, se, share, share.degenerate & alone)

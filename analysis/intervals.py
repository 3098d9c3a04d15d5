"""Confidence intervals: t for anything; beta, logit and Wilson for shares (METHOD §5)."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from scipy.special import betaincinv, ndtri, stdtrit


class Interval(StrEnum):
    """How the limits of a share are found; other statistics always get t."""

    T = "t"
    LOGIT = "logit"
    BETA = "beta"
    WILSON = "wilson"


def t_quantile(df: float, probability: float) -> float:
    """Quantile of Student's t; df may be infinite."""
    return float(ndtri(probability) if np.isinf(df) else stdtrit(df, probability))


def t_limits(value: float, variance: float, df: float, level: float) -> tuple[float, float]:
    """value ± t_df √variance; df at least 1."""
    half = t_quantile(df, (1 + level) / 2) * float(np.sqrt(variance))
    return value - half, value + half


def t_width(variance: float, df: float, level: float) -> float:
    """Width of value ± t_df √V; 0 where nothing varies, infinite where there is no interval (df under 1)."""
    if variance <= 0:
        return 0.0
    low, high = t_limits(0.0, variance, df, level) if df >= 1 else (-np.inf, np.inf)
    return float(high - low)


def beta_limits(share: float, size: float, level: float) -> tuple[float, float]:
    """Clopper–Pearson limits at an effective size (Korn and Graubard, Survey Methodology 24, 1998, p. 194)."""
    tail = (1 - level) / 2
    low = float(betaincinv(size * share, size * (1 - share) + 1, tail)) if share > 0 else 0.0
    high = float(betaincinv(size * share + 1, size * (1 - share), 1 - tail)) if share < 1 else 1.0
    return low, high


def effective_size(share: float, variance: float, n: int, df: float, level: float) -> float:
    """n* = p(1 − p)/V · (t_{n−1}/t_df)² (Korn and Graubard 1998)."""
    upper = (1 + level) / 2
    shrink = t_quantile(max(n - 1, 1), upper) / t_quantile(df, upper)
    return share * (1 - share) / variance * shrink**2


def wilson_limits(share: float, size: float, level: float) -> tuple[float, float]:
    """Score interval (Wilson, JASA 22, 1927) at an effective size."""
    z = float(ndtri((1 + level) / 2))
    ratio = z * z / size
    middle = (share + ratio / 2) / (1 + ratio)
    half = z / (1 + ratio) * float(np.sqrt(share * (1 - share) / size + ratio / (4 * size)))
    return max(0.0, middle - half), min(1.0, middle + half)


def logit_limits(share: float, variance: float, df: float, level: float) -> tuple[float, float]:
    """logit p ± t_df √V/(p(1 − p)), taken back; 0 < p < 1."""
    middle = np.log(share / (1 - share))
    half = t_quantile(df, (1 + level) / 2) * np.sqrt(variance) / (share * (1 - share))
    return float(1 / (1 + np.exp(half - middle))), float(1 / (1 + np.exp(-half - middle)))


def share_limits(
    share: float, variance: float, df: float, n: int, level: float, interval: Interval
) -> tuple[float, float]:
    """Limits of a share 0 < p < 1 with a variance that is not 0 and df of at least 1."""
    if interval is Interval.T:
        return t_limits(share, variance, df, level)
    if interval is Interval.LOGIT:
        return logit_limits(share, variance, df, level)
    size = effective_size(share, variance, n, df, level)
    return beta_limits(share, size, level) if interval is Interval.BETA else wilson_limits(share, size, level)

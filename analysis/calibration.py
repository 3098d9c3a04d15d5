"""Weights that meet known totals, and what that does to variances (METHOD §4).

Deville and Särndal, Calibration estimators in survey sampling, JASA 87 (1992): the weights g·d nearest to d, in the
distance of ``Distance``, with Σ g d a = T. The variance is that of g·d·e, e the residual of the score regressed on the
auxiliary variables with weights d.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.design import Floats
from forms.faults import Faults

ROUNDS = 50
CLOSE = 1e-10
_HALVINGS = 40


class Distance(StrEnum):
    """What ``g`` looks like as a function of u = a′λ: 1 + u, exp u, or logistic between two bounds."""

    LINEAR = "linear"
    RAKING = "raking"
    LOGIT = "logit"


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """``auxiliary`` (n, p) variables, ``before`` (n,) weights d before; ``g`` (n,); ``names`` and ``totals`` (p,) met.

    ``history``: the worst |misfit| / (1 + |total|) before the first round and after each.
    """

    auxiliary: Floats
    before: Floats
    g: Floats
    names: tuple[str, ...]
    totals: Floats
    history: tuple[float, ...]

    @property
    def rounds(self) -> int:
        """Of Newton's method."""
        return len(self.history) - 1

    @property
    def misfit(self) -> float:
        """The worst that is left."""
        return self.history[-1]

    @property
    def weight(self) -> Floats:
        """(n,) g·d."""
        return self.g * self.before

    def residuals(self, scores: Floats) -> Floats:
        """Residuals (n, Q) of scores (n, Q) on the auxiliary variables, regression weighted by d."""
        root = np.sqrt(self.before)[:, None]
        slope = np.linalg.lstsq(self.auxiliary * root, scores * root, rcond=None)[0]
        return np.asarray(scores - self.auxiliary @ slope)


def calibrate(
    auxiliary: Floats,
    before: Floats,
    totals: Floats,
    names: Sequence[str],
    distance: Distance = Distance.LINEAR,
    bounds: tuple[float, float] | None = None,
) -> Calibration:
    """Find g by Newton's method with step halving until |misfit| < 1e-10 (1 + |total|).

    ``auxiliary`` (n, p), ``before`` (n,), ``totals`` and ``names`` (p,). Bounds truncate linear and raking (logit needs
    them). Raises Faults naming the total that is not met, or saying that weights came out negative.
    """
    low, high = _limits(distance, bounds)
    scale = _scale(before @ auxiliary, totals) if distance is Distance.RAKING and bounds is None else 1.0
    start, size = before * scale, 1 + np.abs(totals)
    slope = np.zeros(len(totals))
    g, change = _weights(auxiliary @ slope, distance, low, high)
    misfit = totals - (start * g) @ auxiliary
    history = [float(np.abs(misfit / size).max())]
    while history[-1] >= CLOSE and len(history) <= ROUNDS:
        step = np.linalg.lstsq((auxiliary * (start * change)[:, None]).T @ auxiliary, misfit, rcond=None)[0]
        for _ in range(_HALVINGS):
            g, change = _weights(auxiliary @ (slope + step), distance, low, high)
            again = totals - (start * g) @ auxiliary
            if np.isfinite(again).all() and np.abs(again / size).max() < history[-1]:
                break
            step = step / 2
        slope, misfit = slope + step, again
        history.append(float(np.abs(misfit / size).max()))
    _must_meet(totals, misfit, names)
    if (g * before < 0).any():
        number = int((g * before < 0).sum())
        raise Faults(f"linear calibration makes {number} weights negative: use --bounds or --calibration raking")
    return Calibration(auxiliary, before, g * scale, tuple(names), totals, tuple(history))


def _limits(distance: Distance, bounds: tuple[float, float] | None) -> tuple[float, float]:
    if distance is Distance.LOGIT and bounds is None:
        raise Faults("--calibration logit needs --bounds LOW,HIGH")
    low, high = bounds or (-np.inf, np.inf)
    if not low < 1 < high:
        raise Faults(f"--bounds {low:g},{high:g}: the lower one must be below 1 and the upper one above")
    return low, high


def _scale(sums: Floats, totals: Floats) -> float:
    """Starts exp at the right order of magnitude; where totals fix the sum of weights it changes nothing else."""
    there = sums != 0
    ratio = float(np.median(totals[there] / sums[there])) if there.any() else 1.0
    return ratio if ratio > 0 else 1.0


def _must_meet(totals: Floats, misfit: Floats, names: Sequence[str]) -> None:
    lack = np.abs(misfit) / (1 + np.abs(totals))
    at = int(np.argmax(lack))
    if not lack[at] < CLOSE:
        reached = totals[at] - misfit[at]
        raise Faults(f"the weights cannot meet “{names[at]}”: it comes to {reached:.8g} and should be {totals[at]:.8g}")


def _weights(u: Floats, distance: Distance, low: float, high: float) -> tuple[Floats, Floats]:
    """g(u) and its derivative."""
    with np.errstate(over="ignore", invalid="ignore"):
        if distance is Distance.LOGIT:
            rate = (high - low) / ((high - 1) * (1 - low))
            power = np.exp(np.clip(rate * u, -700, 700))
            below = high - 1 + (1 - low) * power
            g = (low * (high - 1) + high * (1 - low) * power) / below
            return g, (g - low) * (high - g) / ((1 - low) * (high - 1))
        g = 1 + u if distance is Distance.LINEAR else np.exp(u)
        change = np.ones_like(u) if distance is Distance.LINEAR else g
        inside = (g >= low) & (g <= high)
        return np.clip(g, low, high), np.where(inside, change, 0.0)

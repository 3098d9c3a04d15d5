"""How many will be back on the closing day, with an interval. Pure.

Each of n invitations comes back by the close with an unknown chance p; of those that do, the share s is in by now
(``pace``). x are back, so q = p·s, the chance of being back by now, has the posterior Beta(x + ½, n − x + ½) (Jeffreys'
prior), and each of the n − x others still comes with chance r = (p − q) / (1 − q): the total is x + Binomial(n − x, r),
the posterior predictive distribution (Gelman et al., Bayesian Data Analysis, 3rd ed., 2013, §2.4). The curve is no law:
s ~ Beta(mF, m(1 − F)) around the curve's F, m = 50 where the curve is only the usual one and 150 where it was declared
or observed, given q ≤ s. Integrated over a grid; a binomial of the rest is taken as normal. ``tests`` hold the interval
against simulated waves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from survey.fieldwork.pace import Source

LEVEL = 0.95
CERTAINTY = {Source.USUAL: 50.0, Source.DECLARED: 150.0, Source.EARLIER: 150.0}
LEAST_RETURNS = 5
LEAST_SHARE = 0.05  # of all returns that the curve has in: before, anything is possible
_POINTS = 16
_WIDTH = 4.0  # standard deviations to each side


@dataclass(frozen=True, slots=True)
class Projection:
    """Returns on the closing day, and the limits of the interval, of ``issued``."""

    issued: int
    expected: float
    low: int
    high: int

    @property
    def rates(self) -> tuple[float, float, float]:
        """Expected, low and high as shares of what was issued."""
        return self.expected / self.issued, self.low / self.issued, self.high / self.issued


def project(issued: int, returned: int, share: float, source: Source) -> Projection | None:
    """The projection; None while there is too little to go by. ``share``: of all returns, what the curve has in now."""
    if not issued:
        return None
    if share >= 1 or returned == issued:
        return Projection(issued, returned, returned, returned)
    if returned < LEAST_RETURNS or share < LEAST_SHARE:
        return None
    parts = _mixture(issued, returned, share, CERTAINTY[source])
    rest = issued - returned
    expected = sum(weight * mean for weight, mean, _ in parts)
    low, high = (_quantile(parts, rest, level) for level in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Projection(issued, returned + expected, returned + low, returned + high)


def _mixture(n: int, x: int, share: float, certainty: float) -> list[tuple[float, float, float]]:
    """Weight, mean and standard deviation of what still comes, for each point of the grid."""
    found = []
    shares = _beta(certainty * share, certainty * (1 - share))
    for q, weight in _beta(x + 0.5, n - x + 0.5):
        for s, of_curve in shares:
            if q < s:
                r = q * (1 - s) / (s * (1 - q))
                found.append((weight * of_curve, (n - x) * r, math.sqrt((n - x) * r * (1 - r))))
    total = sum(weight for weight, _, _ in found)
    if not total:  # more is back than the curve could ever have in by now: everybody answers
        return [(1.0, float(n - x), 0.0)]
    return [(weight / total, mean, deviation) for weight, mean, deviation in found]


def _beta(a: float, b: float) -> list[tuple[float, float]]:
    """Points and weights of a beta distribution."""
    mean, deviation = a / (a + b), math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))
    low, high = max(1e-6, mean - _WIDTH * deviation), min(1 - 1e-6, mean + _WIDTH * deviation)
    points = [low + (high - low) * (number + 0.5) / _POINTS for number in range(_POINTS)]
    logs = [(a - 1) * math.log(point) + (b - 1) * math.log1p(-point) for point in points]
    highest = max(logs)
    return [(point, math.exp(log - highest)) for point, log in zip(points, logs, strict=True)]


def _quantile(parts: list[tuple[float, float, float]], most: int, level: float) -> int:
    """The smallest number of further returns that ``level`` of the mixture does not exceed."""
    low, high = -1, most
    while high - low > 1:
        middle = (low + high) // 2
        if _below(parts, middle) >= level:
            high = middle
        else:
            low = middle
    return high


def _below(parts: list[tuple[float, float, float]], number: int) -> float:
    """The chance of at most ``number`` more, by the normal law with continuity correction."""
    at = number + 0.5
    return sum(
        weight * (float(mean <= at) if deviation == 0 else 0.5 * math.erfc((mean - at) / (deviation * math.sqrt(2))))
        for weight, mean, deviation in parts
    )

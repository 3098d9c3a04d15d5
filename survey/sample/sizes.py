"""How many to ask: sample sizes by rule, and the error that a number of returns leaves. Pure.

Slovin's rule is what handbooks of Vietnamese offices use; it is Cochran's for z = 2, p = ½ and simple random sampling.
Both give *returns*, so what is asked is more by the expected response. Decimals are read as written, so that the same
plan gives the same number everywhere.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, sqrt
from statistics import NormalDist

from survey.plan.wave_spec import Rule, Size


def z_value(confidence: float) -> float:
    """The normal quantile of a two-sided interval."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def invitations(size: Size, population: int, response: float) -> int:
    """How many to ask of ``population`` so that the returns have the error ``size.e``; never more than there are.

    Slovin: n = N/(1 + N e²). Cochran (1977), Sampling Techniques, 3rd ed., eq. 4.1 and 4.2: n₀ = z² p(1−p) deff/e²,
    n = n₀/(1 + (n₀ − 1)/N). Divided by the expected response, rounded up once.
    """
    e = _exact(size.e)
    if size.rule is Rule.SLOVIN:
        returns = population / (1 + population * e * e)
    else:
        z, p = Fraction(z_value(size.confidence)), _exact(size.p)
        first = z * z * p * (1 - p) * _exact(size.deff) / (e * e)
        returns = first / (1 + (first - 1) / population)
    return max(1, min(population, ceil(returns / _exact(response))))


def _exact(number: float) -> Fraction:
    """0.05 as one twentieth, not as the nearest binary fraction."""
    return Fraction(repr(number))


def margin_of_error(
    returns: float, population: int | None = None, *, deff: float = 1.0, confidence: float = 0.95
) -> float | None:
    """Half the width of the interval of a share of one half, for ``returns`` of ``population`` answers.

    Cochran (1977), Sampling Techniques, 3rd ed., §3.3 with p = ½; without ``population``, no correction for it.
    """
    if returns <= 0:
        return None
    left = 1.0 if population is None else max(0.0, 1 - returns / population)
    return z_value(confidence) * sqrt(0.25 * deff / returns * left)

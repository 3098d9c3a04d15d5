"""Offices that stand apart from their kind: too many highest answers, or too little difference between people.

A funnel with a random effect (Spiegelhalter, Quality and Safety in Health Care 14, 2005; between-office variance after
DerSimonian and Laird, Controlled Clinical Trials 7, 1986): offices differ honestly, and only what lies outside that is
marked. How far outside is set by how many offices are looked at: of honest offices whose differences are normal, some
one of a kind is marked in one wave of twenty. A mark is a reason to look, not a verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, t

from analysis.design import Floats
from analysis.quality.answers import NONE, Answers

ALARM = 0.05  # chance that any of a kind's honest offices is marked, by either check
CHECKS = 2
_EDGE = 0.005  # of a share: nearer to 0 or 1 its log-odds say nothing more
_CALM = 0.1  # at each end of the offices is drawn in before their variance is taken
FEWEST_FORMS = 10
FEWEST_OFFICES = 5


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """Offices (U,) in the order of ``units``: a figure, its forms, and how far it lies from its kind.

    ``value`` and ``z`` are nan where an office has too few forms; ``centre`` is what its kind has; above ``limit``
    (deviations, as ``z``) an office is marked.
    """

    units: tuple[str, ...]
    n: Floats
    value: Floats
    z: Floats
    centre: float
    limit: float

    @property
    def apart(self) -> list[int]:
        """Places of the offices that stand apart."""
        return [int(code) for code in np.flatnonzero(np.nan_to_num(self.z) > self.limit)]


def highest(answers: Answers) -> Funnel | None:
    """Share of forms' answers that are the highest, compared as log-odds; None with too few offices.

    The error comes from the differences between people.
    """
    given = (answers.table != NONE).sum(axis=1)
    usable = given > 0
    share = np.where(usable, (answers.table == answers.levels - 1).sum(axis=1) / np.maximum(given, 1), np.nan)
    counts = np.bincount(answers.unit[usable], minlength=len(answers.units)).astype(np.float64)
    value, error = np.full((2, len(counts)), np.nan)
    pooled = float(np.nanvar(share, ddof=1)) if usable.sum() > 1 else 0.0
    for code in np.flatnonzero(counts >= FEWEST_FORMS).tolist():
        people = share[usable & (answers.unit == code)]
        mean = float(np.clip(people.mean(), _EDGE, 1 - _EDGE))
        value[code] = np.log(mean / (1 - mean))
        error[code] = np.sqrt(max(float(people.var(ddof=1)), pooled / 2) / len(people)) / (mean * (1 - mean))
    return _funnel(answers, counts, value, error, lambda odds: 1 / (1 + np.exp(-odds)))


def agreement(answers: Answers) -> Funnel | None:
    """Standard deviation of people's mean answers, as part of the most that the office's own mean allows (near the top
    of the scale nobody can differ much), compared as logarithms; None with too few offices.

    The sign is turned: an office whose people agree more than its kind lies above.
    """
    given = answers.table != NONE
    n = given.sum(axis=1)
    usable = n > 0
    mean = np.where(given, answers.table, 0).sum(axis=1) / np.maximum(n, 1) / (answers.levels - 1)
    counts = np.bincount(answers.unit[usable], minlength=len(answers.units)).astype(np.float64)
    value, error = np.full((2, len(counts)), np.nan)
    for code in np.flatnonzero(counts >= FEWEST_FORMS).tolist():
        people = mean[usable & (answers.unit == code)]
        centre = float(np.clip(people.mean(), _EDGE, 1 - _EDGE))
        deviation = max(float(people.std(ddof=1)), 1e-3) / np.sqrt(centre * (1 - centre))
        value[code], error[code] = -np.log(deviation), np.sqrt(0.5 / (len(people) - 1))
    return _funnel(answers, counts, value, error, lambda turned: np.exp(-turned))


def _funnel(
    answers: Answers, counts: Floats, value: Floats, error: Floats, back: Callable[[Floats], Floats]
) -> Funnel | None:
    """``back``: from the scale of the comparison to that of the figure."""
    found = _placed(value, error)
    if found is None:
        return None
    z, centre = found
    return Funnel(answers.units, counts, back(value), z, float(back(np.array(centre))), _limit(value))


def _limit(value: Floats) -> float:
    """Deviations that the farthest of so many offices exceeds with the chance ALARM / CHECKS; few offices know their
    own variance badly, hence Student's distribution with as many degrees of freedom as the others leave."""
    there = int(np.isfinite(value).sum())
    return float(t.isf(ALARM / CHECKS / there, there - 2))


def _placed(value: Floats, error: Floats) -> tuple[Floats, float] | None:
    """How far each figure lies above the centre (U,), and the centre; an office does not judge itself."""
    there = np.isfinite(value)
    if there.sum() < FEWEST_OFFICES:
        return None
    z = np.full(len(value), np.nan)
    for code in np.flatnonzero(there).tolist():
        others = there.copy()
        others[code] = False
        centre, between = _random_effect(value[others], error[others])
        z[code] = (value[code] - centre) / max(np.sqrt(error[code] ** 2 + between), 1e-9)
    return z, _random_effect(value[there], error[there])[0]


def _kept() -> float:
    """What winsorising leaves of a normal variance."""
    end = float(norm.isf(_CALM))
    return 1 - 2 * _CALM - 2 * end * float(norm.pdf(end)) + 2 * _CALM * end**2


_KEPT = _kept()


def _random_effect(value: Floats, error: Floats) -> tuple[float, float]:
    """Centre and between-office variance; a single wild office among the others does not widen the funnel.

    The centre is the median. Offices beyond the middle four fifths are drawn in to its ends (winsorised, as
    Spiegelhalter advises); what a normal distribution loses of its variance by that is given back.
    """
    low, high = np.quantile(value, [_CALM, 1 - _CALM])
    calm = np.clip(value, low, high)
    weight = 1 / np.maximum(error, 1e-9) ** 2
    centre = float((weight * calm).sum() / weight.sum())
    q = float((weight * (calm - centre) ** 2).sum()) / _KEPT
    spare = float(weight.sum() - (weight**2).sum() / weight.sum())
    return float(np.median(value)), max(0.0, (q - (len(value) - 1)) / spare) if spare > 0 else 0.0

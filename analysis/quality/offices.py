"""Offices that stand apart from their kind: too many highest answers, or too little difference between people.

A funnel with a random effect (Spiegelhalter, Quality and Safety in Health Care 14, 2005; between-office variance after
DerSimonian and Laird, Controlled Clinical Trials 7, 1986): offices differ honestly, and only what lies outside that is
marked. A mark is a reason to look, not a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.design import Floats
from analysis.quality.answers import NONE, Answers

LIMIT = 3.0  # standard deviations of the funnel
FEWEST_FORMS = 10
FEWEST_OFFICES = 5


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """Offices (U,) in the order of ``units``: a figure, its forms, and how far it lies from its kind.

    ``value`` and ``z`` are nan where an office has too few forms; ``centre`` is what its kind has.
    """

    units: tuple[str, ...]
    n: Floats
    value: Floats
    z: Floats
    centre: float


def highest(answers: Answers) -> Funnel | None:
    """Share of forms' answers that are the highest, on the arcsine scale; None with too few offices."""
    given = (answers.table != NONE).sum(axis=1)
    top = (answers.table == answers.levels - 1).sum(axis=1)
    usable = given > 0
    share = np.where(usable, top / np.maximum(given, 1), np.nan)
    return _funnel(answers, share, usable)


def agreement(answers: Answers) -> Funnel | None:
    """Standard deviation of people's mean answers, as its logarithm; None with too few offices.

    The sign is turned: an office whose people agree more than its kind lies above.
    """
    given = answers.table != NONE
    n = given.sum(axis=1)
    usable = n > 0
    mean = np.where(given, answers.table, 0).sum(axis=1) / np.maximum(n, 1)
    counts = np.bincount(answers.unit[usable], minlength=len(answers.units)).astype(np.float64)
    value, error = np.full((2, len(counts)), np.nan)
    for code in np.flatnonzero(counts >= FEWEST_FORMS).tolist():
        people = mean[usable & (answers.unit == code)]
        deviation = max(float(people.std(ddof=1)), 1e-3)
        value[code], error[code] = -np.log(deviation), np.sqrt(0.5 / (len(people) - 1))
    found = _placed(value, error)
    return None if found is None else Funnel(answers.units, counts, np.exp(-value), found[0], float(np.exp(-found[1])))


def _funnel(answers: Answers, share: Floats, usable: Floats) -> Funnel | None:
    """Mean of people's shares by office; the error comes from the differences between people."""
    counts = np.bincount(answers.unit[usable], minlength=len(answers.units)).astype(np.float64)
    value, error = np.full((2, len(counts)), np.nan)
    pooled = float(np.nanvar(share, ddof=1)) if usable.sum() > 1 else 0.0
    for code in np.flatnonzero(counts >= FEWEST_FORMS).tolist():
        people = share[usable & (answers.unit == code)]
        value[code] = people.mean()
        error[code] = np.sqrt(max(float(people.var(ddof=1)), pooled / 2) / len(people))
    found = _placed(value, error)
    return None if found is None else Funnel(answers.units, counts, value, found[0], found[1])


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


def _random_effect(value: Floats, error: Floats) -> tuple[float, float]:
    """Centre and between-office variance; a single wild office among the others does not widen the funnel.

    The centre is the median, and the variance that of the middle four fifths (winsorised, as Spiegelhalter advises).
    """
    low, high = np.quantile(value, [0.1, 0.9])
    calm = np.clip(value, low, high)
    weight = 1 / np.maximum(error, 1e-9) ** 2
    centre = float((weight * calm).sum() / weight.sum())
    q = float((weight * (calm - centre) ** 2).sum())
    spare = float(weight.sum() - (weight**2).sum() / weight.sum())
    return float(np.median(value)), max(0.0, (q - (len(value) - 1)) / spare) if spare > 0 else 0.0

"""What is known of the fieldwork behind a wave's figures: flags, evenness of response, weights (METHOD §9).

Counts of a whole group only, and none from which a small cell follows (``counted.of_dataset``); offices are named where
they stand apart, without their figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from analysis.beside_frame import BesideFrame, beside_frame
from analysis.counted import of_dataset
from analysis.dataset import Dataset
from analysis.days import Days, days
from analysis.effects import COLUMNS, Effect, effects
from analysis.quality.examined import Quality, examined
from analysis.replicate_check import KindCheck, replicate_check
from analysis.representativity import cells_of, representativity
from analysis.secrecy import Secrecy
from analysis.weights import wave_design
from forms.faults import Faults
from forms.framework import Framework

COARSE = 2  # decimals of what is computed of all numbers of a group, some of which are hidden
DRAWS = 100  # of the chain repeated: enough for a median over the units of a kind


@dataclass(frozen=True, slots=True)
class Flagged:
    """Forms of a group that a check names, of those it could look at; None where fewer than k could be, or the group is
    hidden."""

    flag: str
    group: str
    flagged: int | None
    base: int | None


@dataclass(frozen=True, slots=True)
class Apart:
    """An office that stands apart in a group: ``highest`` answers, ``agreement`` among them, or ``copied`` forms."""

    what: str
    group: str
    unit: str


@dataclass(frozen=True, slots=True)
class Evenness:
    """The R-indicator of a group: 1 when everybody is as likely to answer; None with the ``reason``. Of a group of
    which anything is hidden to two decimals.

    ``uneven``: the variable behind most of the unevenness, with its partial indicator.
    """

    group: str
    r: float | None = None
    se: float | None = None
    uneven: str | None = None
    partial: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Weighting:
    """One step of a group's weights: least, greatest, sum, ``quartiles`` and ``kish`` over respondents.

    Of a group of which anything is hidden ``kish`` alone, to two decimals.
    """

    group: str
    step: str
    low: float | None
    high: float | None
    sum: float | None
    kish: float
    quartiles: tuple[float, float, float] = (nan, nan, nan)


@dataclass(frozen=True, slots=True)
class Repeated:
    """Standard errors of the index of a kind's ``units``, medians over them: ``linearised``, and of the whole chain
    repeated ``draws`` times; ``ratio``: median of the second over the first; None without a unit that has both."""

    kind: str
    units: int
    draws: int
    linearised: float | None
    replicate: float | None
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything of one dataset."""

    checks: tuple[Flagged, ...] = ()
    apart: tuple[Apart, ...] = ()
    unchecked: tuple[str, ...] = ()
    evenness: tuple[Evenness, ...] = ()
    weights: tuple[Weighting, ...] = ()
    frame: tuple[BesideFrame, ...] = ()
    effects: tuple[Effect, ...] = ()
    days: tuple[Days, ...] = ()
    repeated: tuple[Repeated, ...] = ()


NONE = Evidence()


def evidence(dataset: Dataset, framework: Framework, level: float = 0.95) -> Evidence:
    """Everything of every group that answered, at a confidence ``level``. Takes seconds for ten thousand forms."""
    k = int(dataset.manifest["wave"]["k"])
    groups = [group["id"] for group in dataset.manifest["groups"]]
    found, secret = examined(dataset), of_dataset(dataset)
    return Evidence(
        tuple(_flagged(found, k, secret)),
        tuple(Apart(mark.what, mark.group, mark.unit) for mark in found.marks if mark.n >= k),
        found.unchecked,
        tuple(_evenness(dataset, group) for group in groups),
        tuple(step for group in groups for step in weights(dataset, group)),
        tuple(row for group in groups for row in beside_frame(dataset, group)),
        tuple(row for column in COLUMNS for group in groups for row in effects(dataset, group, column, level)),
        tuple(each for group in groups if (each := days(dataset, group)) is not None),
        tuple(_repeated(each) for each in replicate_check(dataset, framework, draws=DRAWS)),
    )


def _flagged(found: Quality, k: int, secret: Secrecy) -> list[Flagged]:
    """Few, or all but few, forms of a group are not counted out: they could be told apart."""
    rows = []
    for check in found.checks:
        enough = check.base >= k and not secret.assessed(check.group)
        told = enough and all(forms == 0 or forms >= k for forms in (check.flagged, check.base - check.flagged))
        rows.append(
            Flagged(str(check.flag), check.group, check.flagged if told else None, check.base if enough else None)
        )
    return rows


def _evenness(dataset: Dataset, group: str) -> Evenness:
    if of_dataset(dataset).group(group):
        return Evenness(group, reason="hidden")
    try:
        found = representativity(cells_of(dataset, group))
    except Faults as faults:
        return Evenness(group, reason=str(faults))
    most = max(found.partials, key=lambda each: each.unconditional, default=None)
    told = [found.r, found.se, most.unconditional if most else None]
    if of_dataset(dataset).weights(group):
        told = [value if value is None else round(value, COARSE) for value in told]
    r, error, partial = told
    return Evenness(group, r, error, most.variable if most else None, partial)


def _repeated(found: KindCheck) -> Repeated:
    both = found.known
    if not both.any():
        return Repeated(found.kind, len(found.units), found.draws, None, None, None)
    linear, made = (float(np.median(each[both])) for each in (found.linearised, found.replicate))
    return Repeated(found.kind, int(both.sum()), found.draws, linear, made, found.ratio)


def weights(dataset: Dataset, group: str) -> list[Weighting]:
    """The steps of a group's weights; none where nobody answered or it is hidden how many did."""
    secret = of_dataset(dataset)
    if secret.assessed(group):
        return []
    try:
        wave = wave_design(dataset, group, [])
    except Faults:
        return []
    if secret.weights(group):
        return [Weighting(group, step.name, None, None, None, round(step.kish, COARSE)) for step in wave.steps]
    return [Weighting(group, step.name, step.low, step.high, step.sum, step.kish, step.quartiles)
            for step in wave.steps]  # fmt: skip

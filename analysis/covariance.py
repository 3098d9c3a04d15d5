"""Moments → covariance of estimated totals, stratum by stratum, and what lonely units contribute (METHOD §5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.design import WHOLE, Design, Floats, Lonely
from analysis.moments import Moments, StratumMoments, Within
from forms.faults import Faults


def covariance(collected: Moments, design: Design, lonely: Lonely) -> Floats:
    """V = Σ_h (1 − f_h) n_h/(n_h − 1) Σ_i (t_hi − t̄_h)(t_hi − t̄_h)′ + Σ_h f_h · second stage: (C, C).

    The with-replacement and without-replacement estimator of Cochran, Sampling Techniques (1977), eqs. 5A.57, 10.15.
    Raises Faults naming the stratum when ``lonely`` is fail and a stratum has one PSU. A column all of whose strata
    are lonely is nan under average.
    """
    total = np.zeros((collected.columns, collected.columns))
    strata, lone = np.zeros(collected.columns), np.zeros(collected.columns)
    alone = []
    for code, part in collected.strata.items():
        fraction = float(design.fraction[code])
        held = part.columns[part.holders > 0]
        strata[held] += 1
        if part.psus == 1 and 1 - fraction >= WHOLE and len(held):
            lone[held] += 1
            alone.append(design.strata[code])
        total[np.ix_(part.columns, part.columns)] += _first_stage(part, fraction, lonely)
    if alone and lonely is Lonely.FAIL:
        raise Faults(_lonely_sentence(alone, "primary sampling unit"))
    if alone and lonely is Lonely.AVERAGE:
        _scale_up(total, strata, lone)
    for code, part in collected.strata.items():
        if part.within is not None and (fraction := float(design.fraction[code])) > 0:
            inner = _second_stage(part.within, lonely, design.strata[code])
            total[np.ix_(part.columns, part.columns)] += fraction * inner
    return total


def _first_stage(part: StratumMoments, fraction: float, lonely: Lonely) -> Floats:
    left = 1 - fraction
    if left < WHOLE:
        return np.zeros_like(part.products)
    if part.psus > 1:
        return part.products * (left * part.psus / (part.psus - 1))
    if lonely is Lonely.ADJUST:
        return np.outer(part.sums, part.sums) * left
    return np.zeros_like(part.products)


def _scale_up(total: Floats, strata: Floats, lone: Floats) -> None:
    """Lonely strata contribute what the others do on average, over the strata where a column has members."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.sqrt(np.where(strata > 0, strata / (strata - lone), 1.0))
    factor[~np.isfinite(factor)] = np.nan
    total *= np.outer(factor, factor)


def _second_stage(inner: Within, lonely: Lonely, stratum: str) -> Floats:
    if not inner.lonely:
        return inner.products
    match lonely:
        case Lonely.FAIL:
            raise Faults(_lonely_sentence([stratum], "second-stage unit in a primary sampling unit"))
        case Lonely.CERTAINTY:
            return inner.products
        case Lonely.ADJUST:
            return inner.products + inner.single
    several = inner.psus - inner.lonely
    return inner.products * (inner.psus / several if several else np.nan)


def _lonely_sentence(strata: Sequence[str], what: str) -> str:
    named = ", ".join(f"“{name}”" for name in strata[:5]) + (f" and {len(strata) - 5} more" if len(strata) > 5 else "")
    return (
        f"{'stratum' if len(strata) == 1 else 'strata'} {named} with a single {what}: "
        "no variance can be estimated; choose --lonely adjust, average or certainty, or merge strata"
    )

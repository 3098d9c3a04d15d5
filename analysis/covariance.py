"""Moments → covariance of estimated totals, stratum by stratum, and what lonely units contribute (METHOD §5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.design import WHOLE, Bools, Design, Floats, Lonely
from analysis.moments import Moments, StratumMoments, Within
from forms.faults import Faults


def covariance(collected: Moments, design: Design, lonely: Lonely, *, everywhere: bool = False) -> Floats:
    """V = Σ_h (1 − f_h) n_h/(n_h − 1) Σ_i (t_hi − t̄_h)(t_hi − t̄_h)′ + Σ_h f_h · second stage: (C, C).

    The with-replacement and without-replacement estimator of Cochran, Sampling Techniques (1977), eqs. 5A.57, 10.15.
    ``everywhere``: scores are not 0 outside their domain (residuals of a calibration), so that every stratum counts.
    Raises Faults naming the stratum when ``lonely`` is fail and a stratum has one PSU. A column all of whose strata
    are lonely is nan under average.
    """
    total = np.zeros((collected.columns, collected.columns))
    strata, lone = np.zeros(collected.columns), np.zeros(collected.columns)
    sums = np.zeros((len(collected.strata), collected.columns))
    factors = np.zeros(len(collected.strata))
    alone = []
    for at, (code, part) in enumerate(collected.strata.items()):
        left = 1 - float(design.fraction[code])
        held = np.ones(collected.columns, np.bool_) if everywhere else _held(part, collected.columns)
        strata += held
        for group in part.groups.values():
            sums[at, group.columns] += group.sums
        if left < WHOLE:
            continue
        if part.psus == 1 and held.any():
            lone += held
            alone.append(design.strata[code])
        factors[at] = _add_groups(total, part, left, lonely)
    total += (sums * factors[:, None]).T @ sums
    if alone and lonely is Lonely.FAIL:
        raise Faults(_lonely_sentence(alone, "primary sampling unit"))
    if alone and lonely is Lonely.AVERAGE:
        _scale_up(total, strata, lone)
    for code, part in collected.strata.items():
        if part.within is not None and (fraction := float(design.fraction[code])) > 0:
            inner = _second_stage(part.within, lonely, design.strata[code])
            total[np.ix_(part.within.columns, part.within.columns)] += fraction * inner
    return total


def _held(part: StratumMoments, columns: int) -> Bools:
    """Columns (C,) in which some PSU of the stratum is present."""
    held = np.zeros(columns, np.bool_)
    for group in part.groups.values():
        held[group.columns] |= group.holders > 0
    return held


def _add_groups(total: Floats, part: StratumMoments, left: float, lonely: Lonely) -> float:
    """Add a stratum's products about its groups' means; returns what its sums' outer product is to be multiplied by."""
    if part.psus == 1:
        return left if lonely is Lonely.ADJUST else 0.0
    factor = left * part.psus / (part.psus - 1)
    whole = next(iter(part.groups.values())) if len(part.groups) == 1 else None
    if whole is not None and whole.psus == part.psus:
        total[np.ix_(whole.columns, whole.columns)] += factor * whole.products
        return 0.0  # about the group's mean is about the stratum's
    for group in part.groups.values():
        mean = group.sums / group.psus
        total[np.ix_(group.columns, group.columns)] += factor * (group.products + np.outer(mean, mean) * group.psus)
    return -factor / part.psus


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

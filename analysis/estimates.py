"""Moments → means, totals, ratios, proportions over domains, with full covariance, df and design effects.

Every estimate is a total Y or a ratio Y/X of two totals. The variance is that of the total of its linearised score:
the value itself for a total, (y − R x)/X for a ratio (Woodruff, JASA 66, 1971; Särndal, Swensson and Wretman,
Model Assisted Survey Sampling, 1992, eq. 5.6.9). A mean is a ratio to the count; outside its domain a score is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.calibration import Calibration
from analysis.covariance import covariance
from analysis.design import WHOLE, Bools, Codes, Design, Df, Floats, Lonely, SecondStage
from analysis.moments import Moments, Scores
from analysis.passes import collect

# Scores whose mean square is below this share of their terms' are rounding: everybody gave the same answer.
_NOTHING = 1e-24


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """K statistics in each of D domains, in the order d·K + k.

    ``numerators`` (n, K); ``denominators`` (n, K), or None for totals; ``present`` (n, K) where a row is usable;
    ``domain`` (n,) from 0 to D − 1, −1 for rows in none. What is not present is never looked at.
    """

    numerators: Floats
    denominators: Floats | None
    present: Bools
    domain: Codes
    domains: int


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Q estimates with their covariance.

    ``value`` (Q,) nan where a domain has no rows or a denominator sums to 0; ``covariance`` (Q, Q), zero there and for
    degenerate estimates, nan where no stratum allows a variance; ``n`` (Q,) usable rows of positive weight;
    ``psus`` (Q,) PSUs that have one; ``df`` (Q,); ``deff`` (Q,) nan where not defined;
    ``degenerate`` (Q,) every score is equal although not everybody was asked, so that no variance can be seen.
    """

    value: Floats
    covariance: Floats
    n: Codes
    psus: Codes
    df: Codes
    deff: Floats
    degenerate: Bools


def ratios(
    design: Design,
    numerators: Floats,
    denominators: Floats,
    *,
    domain: Codes | None = None,
    domains: int = 1,
    lonely: Lonely = Lonely.FAIL,
    df: Df = Df.DOMAIN,
) -> Estimates:
    """Σ w·numerator / Σ w·denominator of each of K columns in each of D domains: Q = D·K, domain by domain.

    ``numerators`` and ``denominators`` (n, K), a row usable for column k where its denominator is not 0;
    ``domain`` (n,) codes from 0 to D − 1, −1 for none. Raises Faults as ``covariance`` does.
    """
    where = np.zeros(design.n, np.int64) if domain is None else domain
    block = Block(numerators, denominators, denominators != 0, where, domains)
    return estimates(design, [block], lonely=lonely, df=df)


def estimates(
    design: Design, blocks: Sequence[Block], *, lonely: Lonely, df: Df, calibration: Calibration | None = None
) -> Estimates:
    """All statistics of all blocks, in order, with one covariance over everything. Raises Faults as ``covariance``.

    With ``calibration``, ``design.weight`` is g·d and variances are those of g·d·e, e the scores' residuals.
    """
    sums = [_Sums.of(design, block) for block in blocks]
    scores = [part.scores for part in sums]
    if calibration is not None:
        scores = [_residuals(part, calibration) for part in scores]
    collected = collect(design, scores)
    matrix = covariance(collected, design, lonely)
    n, psus, strata, unsure = _counted(collected, design)
    variance = np.diag(matrix)
    degenerate = (n > 0) & unsure & np.hstack([part.equal for part in sums]) & ~(variance > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = variance / np.hstack([part.simple for part in sums])
    deff[degenerate | ~np.isfinite(deff)] = np.nan
    return Estimates(
        np.hstack([part.value for part in sums]),
        matrix,
        n,
        psus,
        psus - strata if df is Df.DOMAIN else np.hstack([_design_df(design, block) for block in blocks]),
        deff,
        degenerate,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """One block summed: estimates, scores, variance under simple random sampling; each (D·K,) but the scores."""

    value: Floats
    scores: Scores
    simple: Floats
    equal: Bools

    @classmethod
    def of(cls, design: Design, block: Block) -> _Sums:
        k = block.numerators.shape[1]
        scores, present = np.zeros(block.numerators.shape), np.zeros(block.numerators.shape, np.bool_)
        value, simple = np.full((2, block.domains, k), np.nan)
        equal = np.zeros((block.domains, k), np.bool_)
        for domain, rows in _members(block):
            part = _Domain.of(block, rows, design.weight[rows])
            scores[rows], present[rows] = part.scores, part.present
            value[domain], simple[domain], equal[domain] = part.value, part.simple, part.equal
        return cls(value.ravel(), Scores(scores, present, block.domain, block.domains), simple.ravel(), equal.ravel())


def _members(block: Block) -> Iterator[tuple[int, Codes | slice]]:
    """Rows of each domain that has any, as a slice where they stand together."""
    codes = block.domain
    if (codes[1:] < codes[:-1]).any():
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
    else:
        order = None
    starts = np.searchsorted(codes, np.arange(block.domains + 1))
    for domain, (start, end) in enumerate(pairwise(starts.tolist())):
        if end > start:
            yield domain, slice(start, end) if order is None else order[start:end]


@dataclass(frozen=True, slots=True, eq=False)
class _Domain:
    """One domain of a block: (K,) each but ``scores`` and ``present`` (m, K)."""

    value: Floats
    scores: Floats
    present: Bools
    simple: Floats
    equal: Bools

    @classmethod
    def of(cls, block: Block, rows: Codes | slice, weight: Floats) -> _Domain:
        present = block.present[rows]
        above = np.where(present, block.numerators[rows], 0.0)
        n, mass, total = (weight > 0) @ present.astype(np.float64), weight @ present, weight @ above
        with np.errstate(divide="ignore", invalid="ignore"):
            if block.denominators is None:
                value = np.where(n > 0, total, np.nan)
                scores, scale = above, weight @ above**2
                apart = np.where(present, above - np.where(n > 0, total / mass, 0.0), 0.0)
            else:
                below = np.where(present, block.denominators[rows], 0.0)
                base = weight @ below
                value = np.where(base != 0, total / base, np.nan)
                ratio = np.where(np.isfinite(value), value, 0.0)
                inverse = np.where(base != 0, 1 / base, 0.0)
                scale = 2 * (weight @ above**2 + ratio**2 * (weight @ below**2)) * inverse**2
                below *= ratio
                scores = np.subtract(above, below, out=above)
                scores *= inverse
                apart = scores
            squares = weight @ apart**2
            equal = squares <= _NOTHING * scale
            simple = np.where(n < mass, (1 - n / mass) / (n - 1) * mass * squares, np.nan)
        if block.denominators is not None and equal.any():
            scores[:, equal] = 0.0
        return cls(value, scores, present, simple, equal)


def _residuals(scores: Scores, calibration: Calibration) -> Scores:
    """Scores spread over all their columns, as what calibration does not explain; a row is present where it was."""
    n, k = scores.values.shape
    wide, present = np.zeros((n, scores.domains, k)), np.zeros((n, scores.domains, k), np.bool_)
    rows = np.flatnonzero(scores.domain >= 0)
    wide[rows, scores.domain[rows]] = scores.values[rows]
    present[rows, scores.domain[rows]] = scores.present[rows]
    residuals = calibration.residuals(wide.reshape(n, -1))
    return Scores(residuals, present.reshape(n, -1), np.zeros(n, np.int64), 1)


def _counted(collected: Moments, design: Design) -> tuple[Codes, Codes, Codes, Bools]:
    """By column: rows, PSUs and strata that have a member, and whether anything of those strata was left unsampled."""
    n, psus, strata = (np.zeros(collected.columns, np.int64) for _ in range(3))
    unsure = np.zeros(collected.columns, np.bool_)
    inside = set() if design.second is None else _open_inside(design, design.second)
    for code, part in collected.strata.items():
        held = np.zeros(collected.columns, np.bool_)
        for group in part.groups.values():
            n[group.columns] += group.rows
            psus[group.columns] += group.holders
            held[group.columns] |= group.holders > 0
        strata += held
        unsure[held] |= bool(1 - design.fraction[code] >= WHOLE) or code in inside
    return n, psus, strata, unsure


def _open_inside(design: Design, second: SecondStage) -> set[int]:
    """Strata with a PSU that was not taken whole."""
    return {int(code) for code in np.unique(design.stratum[second.fraction[design.psu] < 1])}


def _design_df(design: Design, block: Block) -> Codes:
    """PSUs − strata over rows with positive weight and the variable present, in whatever domain: (D·K,)."""
    counts = []
    for here in (block.present & (design.weight > 0)[:, None]).T:
        psus, strata = design.psu[here], design.stratum[here]
        counts.append((np.bincount(psus) > 0).sum() - (np.bincount(strata) > 0).sum())
    return np.tile(np.array(counts, np.int64), block.domains)

"""Moments → means, totals, ratios, proportions over domains, with full covariance, df and design effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.calibration import Calibration
from analysis.covariance import covariance
from analysis.design import WHOLE, Bools, Codes, Design, Df, Floats, Lonely, SecondStage
from analysis.moments import Moments, Scores
from analysis.passes import collect
from analysis.scoring import Block, Tally, alike, scored, simple_variance, tally


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
    tallies = [tally(design.weight, block) for block in blocks]
    made = [scored(design.weight, block, whole) for block, whole in zip(blocks, tallies, strict=True)]
    scores = [part for part, _ in made]
    if calibration is not None:
        scores = [_residuals(part, calibration) for part in scores]
    summed = [
        Summed(whole, squares, block.denominators is None)
        for whole, (_, squares), block in zip(tallies, made, blocks, strict=True)
    ]
    freedom = None if df is Df.DOMAIN else np.hstack([_design_df(design, block) for block in blocks])
    calibrated = calibration is not None
    return concluded(summed, collect(design, scores), design, lonely=lonely, freedom=freedom, everywhere=calibrated)


@dataclass(frozen=True, slots=True, eq=False)
class Summed:
    """One block after the passes: its sums, Σ w (z − z̄)² (D, K), and whether it holds totals."""

    whole: Tally
    squares: Floats
    total: bool


def concluded(
    blocks: Sequence[Summed],
    collected: Moments,
    design: Design,
    *,
    lonely: Lonely,
    freedom: Codes | None = None,
    everywhere: bool = False,
) -> Estimates:
    """Estimates from what the passes summed; of ``design`` only strata, fractions and second stage are looked at.

    ``freedom`` (Q,): degrees of freedom, those of the domains (PSUs − strata that hold it) when None.
    ``everywhere`` as in ``covariance``.
    """
    matrix = covariance(collected, design, lonely, everywhere=everywhere)
    n, psus, strata, unsure = _counted(collected, design)
    same = np.hstack([alike(part.whole, part.squares, total=part.total).ravel() for part in blocks])
    rounding = same & np.hstack([np.full(part.squares.size, not part.total) for part in blocks])
    matrix[rounding] = matrix[:, rounding] = 0.0
    variance = np.diag(matrix)
    degenerate = (n > 0) & unsure & same & ~(variance > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        deff = variance / np.hstack([simple_variance(part.whole, part.squares).ravel() for part in blocks])
    deff[degenerate | ~np.isfinite(deff)] = np.nan
    return Estimates(
        np.hstack([part.whole.value(total=part.total).ravel() for part in blocks]),
        matrix,
        n,
        psus,
        psus - strata if freedom is None else freedom,
        deff,
        degenerate,
    )


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

"""The units of one kind together: ranks and their sets, the index on shared groups, change on last year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from analysis import pairs, parts, ranking
from analysis import previous as past
from analysis.design import Codes, Floats
from analysis.figures import unit_index
from analysis.findings import Pairs
from analysis.index import Scale
from analysis.points import FULL, Points, rescaled
from analysis.result import USUAL, KindResult, Quality, UnitIndex

N_MIN = 5


@dataclass(frozen=True, slots=True)
class Options:
    """How a kind is counted and printed.

    A group needs ``n_min`` usable answers to count and ``k`` to be shown; ``level`` of intervals and rank sets;
    ``draws`` and their ``seed``; ``respondents`` by unit, None where the number would tell too much; ``covered``
    (unit, group) whose numbers are hidden for the same reason; last year; limits of publication ``quality``; ``own``
    points that the units gave themselves.
    """

    n_min: int = N_MIN
    k: int = N_MIN
    level: float = 0.95
    draws: int = ranking.DRAWS
    seed: int = 0
    respondents: Mapping[str, int | None] = field(default_factory=dict)
    covered: frozenset[tuple[str, str]] = frozenset()
    previous: Mapping[str, past.Previous] = field(default_factory=dict)
    quality: Quality = USUAL
    own: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def kind_result(points: Points, options: Options) -> KindResult:
    """Rank the units that have an index; the others are listed. Equal ranks keep the order of the wave."""
    scale = points.scale
    units = [unit_index(points, place, options.respondents.get(unit)) for place, unit in enumerate(scale.units)]
    ranked = np.flatnonzero([unit.index is not None for unit in units])
    unranked = tuple(unit for unit in units if unit.index is None)
    if not len(ranked):
        return KindResult(scale.kind.id, (), unranked, np.zeros((0, 0)), scheme=parts.scheme(scale.kind))
    factor = FULL / scale.maximum[ranked]
    covariance = points.sure.index[np.ix_(ranked, ranked)] * np.outer(factor, factor)
    standing = _ranked(units, ranked, points.index[ranked], covariance, options)
    common, groups = _common_index(points, ranked)
    common_rank = ranking.published(common.tolist())[1] if np.isfinite(common).all() else None
    for place, unit in enumerate(standing):
        if common_rank is not None:
            standing[place] = replace(unit, common_index=float(common[place]), common_rank=int(common_rank[place]))
    standing = parts.with_gains(_with_changes(standing, options), scale.kind)
    order = np.argsort([unit.rank or 0 for unit in standing], kind="stable")
    covariance = covariance[np.ix_(order, order)]
    by_rank, compared = _compared([standing[place] for place in order], covariance, points.sure.df, scale, options)
    return KindResult(
        kind=scale.kind.id,
        units=by_rank,
        unranked=unranked,
        covariance=covariance,
        common_groups=groups,
        ranks_moved=sum(unit.common_rank not in (None, unit.rank) for unit in by_rank),
        possible_best=tuple(unit.unit for unit in by_rank if unit.possible_best),
        scheme=parts.scheme(scale.kind),
        pairs=compared,
        improvers=past.improvers(by_rank, [domain.id for domain in scale.kind.domains]),
    )


def _compared(
    units: list[UnitIndex], covariance: Floats, freedom: Floats, scale: Scale, options: Options
) -> tuple[tuple[UnitIndex, ...], Pairs]:
    """Units in the order of rank with how far each is from the average, and every pair of them."""
    place = {unit: at for at, unit in enumerate(scale.units)}
    df = np.array([freedom[place[unit.unit]] for unit in units])
    index = np.array([unit.index for unit in units], dtype=np.float64)
    apart = pairs.from_average(index, covariance, df, options.level)
    told = tuple(replace(unit, average=gap) for unit, gap in zip(units, apart, strict=True))
    return told, pairs.compared([unit.unit for unit in units], index, covariance, df, options.level)


def _ranked(
    units: list[UnitIndex], ranked: Codes, index: Floats, covariance: Floats, options: Options
) -> list[UnitIndex]:
    """Published index, rank, marginal rank set and "possible best" of the units that have an index."""
    printed, rank = ranking.published(index.tolist())
    compared = ranking.differences(index, covariance, draws=options.draws, seed=options.seed)
    sets = ranking.widened(ranking.rank_sets(compared, coverage=options.level), rank)
    best = ranking.possible_best(compared, coverage=options.level)
    return [
        replace(
            units[unit],
            published=float(printed[place]),
            rank=int(rank[place]),
            rank_lower=int(sets.lower[place]),
            rank_upper=int(sets.upper[place]),
            possible_best=bool(best[place]),
        )
        for place, unit in enumerate(ranked)
    ]


def _common_index(points: Points, ranked: Codes) -> tuple[Floats, tuple[str, ...]]:
    """(R,) index on the groups that all ranked units share, subcriterion by subcriterion; and who is shared throughout.

    A subcriterion that no group answers for every unit leaves the survey part of this index.
    """
    scale, present = points.scale, points.present
    survey, counted = scale.survey[ranked], present.used[:, ranked] > 0
    everywhere = (counted | (survey == 0)).all(axis=1)
    shares = scale.shares * everywhere
    total = shares.sum(axis=0)
    shares = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    score = np.where(counted & everywhere[:, None, :], points.given.score[:, ranked], 0.0)
    earned = survey * (shares[:, None, :] * score).sum(axis=0) + points.appraised[ranked]
    maximum = (survey * (total > 0)).sum(axis=1) + scale.appraised[ranked].sum(axis=1)
    asked = (scale.shares > 0) & (survey > 0).any(axis=0)
    throughout = asked.any(axis=1) & (everywhere | ~asked).all(axis=1)
    shared = tuple(group for group, kept in zip(scale.groups, throughout, strict=True) if kept)
    return rescaled(earned.sum(axis=1), maximum), shared


def _with_changes(units: list[UnitIndex], options: Options) -> list[UnitIndex]:
    figures = {
        unit.unit: past.Figure(
            unit.published,
            unit.se,
            unit.df,
            {domain.id: domain.percent for domain in unit.domains if domain.percent is not None},
        )
        for unit in units
        if unit.published is not None
    }
    moved = past.changes(figures, options.previous, options.level)
    return [replace(unit, change=moved.get(unit.unit)) for unit in units]

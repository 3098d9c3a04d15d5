"""Points and their covariance → the figures of one unit: subcriteria, domains, index and interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis import parts
from analysis.index import membership
from analysis.intervals import t_limits
from analysis.points import FULL, Points
from analysis.result import DomainFigure, GroupScore, Mark, SubcriterionFigure, UnitIndex
from analysis.steps import stepped

FEW_DF = 8
APPROXIMATE = 0.05
# A subcriterion's, which its unit does not inherit.
OWN = frozenset({Mark.NOT_APPLICABLE, Mark.STEPPED, Mark.WIDE, Mark.WITHHELD})


def unit_index(points: Points, unit: int, respondents: int | None) -> UnitIndex:
    """One unit's figures, not yet ranked; without an index where one cannot be said or is withheld."""
    scale = points.scale
    maximum = float(scale.maximum[unit])
    subcriteria = tuple(_subcriterion(points, unit, column) for column in range(len(scale.subcriteria)))
    domains = _domains(points, unit)
    known = bool(np.isfinite(points.index[unit]))
    variance = float(points.sure.index[unit, unit]) * (FULL / maximum) ** 2 if known else np.nan
    limits = _limits(points, unit, variance) if known else None
    breadth = _breadth(points, unit, limits) if known else frozenset()
    shown = known and Mark.WITHHELD not in breadth
    df = float(points.sure.df[unit])
    marks = _unit_marks(points, unit, respondents, subcriteria, domains)
    return UnitIndex(
        unit=scale.units[unit],
        kind=scale.kind.id,
        index=float(points.index[unit]) if shown else None,
        published=None,
        se=float(np.sqrt(max(variance, 0.0))) if shown else None,
        ci_low=limits[0] if limits and shown else None,
        ci_high=limits[1] if limits and shown else None,
        rank=None,
        rank_lower=None,
        rank_upper=None,
        appraised_points=_number(points.appraised[unit].sum()),
        survey_points=_number(points.survey[unit].sum()) if shown or not known else None,
        maximum=maximum,
        domains=domains,
        subcriteria=subcriteria,
        respondents=respondents,
        df=df if known and np.isfinite(df) else None,
        marks=marks | breadth | _interval_marks(df, known, limits),
        criteria=parts.criteria(points, unit, subcriteria),
        groups=parts.groups(points, unit, subcriteria),
        self_gap=_self_gap(subcriteria),
        reason=None if shown else "too_wide" if known else _reason(points, unit),
    )


def _unit_marks(
    points: Points,
    unit: int,
    respondents: int | None,
    subcriteria: tuple[SubcriterionFigure, ...],
    domains: tuple[DomainFigure, ...],
) -> frozenset[Mark]:
    """What holds of any part, and what the index is marked with besides its interval."""
    scale, maximum = points.scale, points.scale.maximum[unit]
    parts = [each.marks for each in subcriteria] + [each.marks for each in domains]
    parts += [group.marks for figure in subcriteria for group in figure.groups]
    marks = frozenset[Mark]().union(*(figure.marks for figure in subcriteria)) - OWN
    if any(Mark.WITHHELD in part for part in parts):
        marks |= {Mark.WITHHELD}
    if abs(maximum - FULL) > 1e-9 and maximum > 0:
        marks |= {Mark.RESCALED}
    known = np.isfinite(points.index[unit])
    # Too few to be told (None) is few, too; who has no survey points has no such estimate.
    if known and scale.survey[unit].any() and (respondents is None or respondents < points.quality.few):
        marks |= {Mark.SMALL}
    if known and points.steps is not None and points.steps.part[unit] > APPROXIMATE:
        marks |= {Mark.APPROXIMATE}
    return marks


def _interval_marks(df: float, known: bool, limits: tuple[float, float] | None) -> frozenset[Mark]:
    if not known or df >= FEW_DF:
        return frozenset()
    return frozenset({Mark.NO_INTERVAL if limits is None else Mark.FEW_DF})


def _breadth(points: Points, unit: int, limits: tuple[float, float] | None) -> frozenset[Mark]:
    return points.quality.marks(np.inf if limits is None else limits[1] - limits[0])


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _reason(points: Points, unit: int) -> str:
    return "appraised" if np.isnan(points.appraised[unit]).any() else "missing"


def _limits(points: Points, unit: int, variance: float) -> tuple[float, float] | None:
    """t limits, or percentiles of the draws where a stepped rule counts; None with less than one degree of freedom."""
    df, index = float(points.sure.df[unit]), float(points.index[unit])
    if df < 1:
        return None
    if points.steps is not None and np.isfinite(points.steps.low[unit]):
        scale = FULL / float(points.scale.maximum[unit])
        moved = index - scale * float(points.steps.middle[unit])
        low, high = (moved + scale * float(limit[unit]) for limit in (points.steps.low, points.steps.high))
    else:
        low, high = t_limits(index, max(variance, 0.0), df, points.level)
    return max(0.0, low), min(FULL, high)


def _subcriterion(points: Points, unit: int, column: int) -> SubcriterionFigure:
    scale, present = points.scale, points.present
    groups = tuple(
        _group_score(points, group, unit, column)
        for group in range(len(scale.groups))
        if scale.shares[group, column] > 0 and scale.survey[unit, column] > 0
    )
    counted = [group for group in range(len(scale.groups)) if present.used[group, unit, column] > 0]
    marks = _subcriterion_marks(points, unit, column, counted, groups)
    shown = Mark.WITHHELD not in marks
    return SubcriterionFigure(
        id=scale.subcriteria[column].id,
        points=_number(points.total[unit, column]) if shown else None,
        maximum=float(scale.survey[unit, column] + scale.appraised[unit, column]),
        survey_points=_number(points.survey[unit, column]) if shown else None,
        survey_maximum=float(scale.survey[unit, column]),
        appraised_points=_number(points.appraised[unit, column]),
        appraised_maximum=float(scale.appraised[unit, column]),
        se=float(np.sqrt(max(points.sure.subcriteria[unit, column], 0.0))) if counted and shown else None,
        groups_present=tuple(scale.groups[group] for group in counted),
        groups=groups,
        marks=marks,
        own_points=points.own.get(scale.units[unit], {}).get(scale.subcriteria[column].id),
    )


def _self_gap(figures: Sequence[SubcriterionFigure]) -> float | None:
    """Self-assessed − appraised points where both are known; None where the unit gave itself none."""
    gaps = [
        figure.own_points - figure.appraised_points
        for figure in figures
        if figure.own_points is not None and figure.appraised_points is not None
    ]
    return sum(gaps) if gaps else None


def _subcriterion_marks(
    points: Points, unit: int, column: int, counted: Sequence[int], groups: Sequence[GroupScore]
) -> frozenset[Mark]:
    """``counted``: places of the groups that count."""
    present, cell = points.present, (unit, column)
    marks = {
        Mark.NOT_APPLICABLE: not points.scale.applies[cell],
        Mark.MISSING: present.missing[cell],
        Mark.REWEIGHTED: not present.missing[cell] and len(counted) < len(groups),
        Mark.POOLED: any(Mark.POOLED in group.marks and group.used > 0 for group in groups),
        Mark.SUPPRESSED: present.secret[cell],
        Mark.NO_APPRAISED: np.isnan(points.appraised[cell]),
        Mark.SMALL: bool(counted) and points.given.n[(counted, *cell)].sum() < points.quality.few,
        Mark.STEPPED: bool(counted) and stepped(points.scale.subcriteria[column].rule),
        Mark.NEAR_STEP: points.steps is not None and points.steps.near[cell],
    }
    told = frozenset(mark for mark, holds in marks.items() if holds)
    if not counted:
        return told
    sure = points.sure
    return told | points.breadth(sure.subcriteria[cell], sure.subcriteria_df[cell], points.scale.survey[cell])


def _group_score(points: Points, group: int, unit: int, column: int) -> GroupScore:
    given, present = points.given, points.present
    cell = (group, unit, column)
    hidden = bool(present.hidden[cell])
    score = _number(given.score[cell])
    known = score is not None and not hidden
    covered = (points.scale.units[unit], points.scale.groups[group]) in points.covered
    marks: frozenset[Mark] = frozenset()
    if known:
        marks = points.breadth(points.sure.groups[cell], given.df[group, unit], 1.0)
        marks |= {Mark.POOLED} if given.pooled[cell] else set()
        marks |= {Mark.SMALL} if given.n[cell] < points.quality.few else set()
    shown = known and Mark.WITHHELD not in marks
    return GroupScore(
        group=points.scale.groups[group],
        n=None if hidden or covered else int(given.n[cell]),
        share=float(points.scale.shares[group, column]),
        used=float(present.used[cell]),
        score=score if shown else None,
        se=float(np.sqrt(max(points.sure.groups[cell], 0.0))) if shown else None,
        hidden=hidden,
        marks=marks,
        bands=_bands(points, group, unit, column) if shown else None,
    )


def _bands(points: Points, group: int, unit: int, column: int) -> tuple[float, ...] | None:
    found = points.steps.bands.get((group, column)) if points.steps is not None else None
    return None if found is None else tuple(found[unit].tolist())


def _domains(points: Points, unit: int) -> tuple[DomainFigure, ...]:
    """Points, applicable maximum and percent by domain; a domain without anything applicable has no percent."""
    scale = points.scale
    figures = []
    for row, (domain, members) in enumerate(zip(scale.kind.domains, membership(scale.kind) > 0, strict=True)):
        earned = float(points.total[unit, members].sum())
        maximum = float((scale.survey + scale.appraised)[unit, members].sum())
        variance = float(points.sure.domains[unit, row])
        known = np.isfinite(earned) and maximum > 0
        marks: frozenset[Mark] = frozenset()
        if known:
            marks = points.breadth(variance, points.sure.domains_df[unit, row], maximum)
            known = Mark.WITHHELD not in marks
        figures.append(
            DomainFigure(
                id=domain.id,
                points=earned if known else None,
                maximum=maximum,
                percent=earned / maximum * FULL if known else None,
                lost=maximum - earned if known else None,
                se=float(np.sqrt(max(variance, 0.0)) * FULL / maximum) if known else None,
                marks=marks,
            )
        )
    return tuple(figures)

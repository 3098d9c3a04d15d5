"""Points and their covariance → the figures of one unit: subcriteria, domains, index and interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.design import Floats
from analysis.index import Answers, Presence, Scale, Uncertainty, membership
from analysis.intervals import t_limits
from analysis.result import SMALL_N, DomainFigure, GroupScore, Mark, SubcriterionFigure, UnitIndex
from analysis.stepping import Stepped
from analysis.steps import stepped

FULL = 100.0
FEW_DF = 8
APPROXIMATE = 0.05
OWN = frozenset({Mark.NOT_APPLICABLE, Mark.STEPPED})  # a subcriterion's, which its unit does not inherit


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """(U, S) ``survey`` and ``appraised`` points, 0 where there are none to earn, nan where missing."""

    scale: Scale
    given: Answers
    present: Presence
    survey: Floats
    appraised: Floats
    sure: Uncertainty
    steps: Stepped | None = None
    covered: frozenset[tuple[str, str]] = frozenset()

    @property
    def total(self) -> Floats:
        """(U, S) points of each subcriterion."""
        return np.asarray(self.survey + self.appraised)

    @property
    def index(self) -> Floats:
        """(U,) points ÷ applicable maximum × 100; nan where something is missing or nothing applies."""
        return rescaled(self.total.sum(axis=1), self.scale.maximum)


def rescaled(points: Floats, maximum: Floats) -> Floats:
    """Points on the scale to 100 (quy đổi về thang 100), kept from leaving it by the last bit."""
    share = np.divide(points, maximum, out=np.full_like(points, np.nan), where=maximum > 0)
    return np.asarray(np.clip(share * FULL, 0.0, FULL))


def appraised_points(scale: Scale, table: Mapping[str, Mapping[str, float]]) -> Floats:
    """(U, S) appraised points; 0 where none can be earned, nan where they can and none were given."""
    given = [[table.get(unit, {}).get(sub.id, np.nan) for sub in scale.subcriteria] for unit in scale.units]
    values = np.array(given, dtype=np.float64).reshape(scale.applies.shape)
    return np.where(scale.appraised > 0, values, 0.0)


def unit_index(points: Points, unit: int, level: float, respondents: int | None) -> UnitIndex:
    """One unit's figures, not yet ranked."""
    scale = points.scale
    index, maximum = float(points.index[unit]), float(scale.maximum[unit])
    subcriteria = tuple(_subcriterion(points, unit, column) for column in range(len(scale.subcriteria)))
    marks = frozenset().union(*(figure.marks for figure in subcriteria)) - OWN
    if abs(maximum - FULL) > 1e-9 and maximum > 0:
        marks |= {Mark.RESCALED}
    known = np.isfinite(index)
    # Too few to be told (None) is few, too; who has no survey points has no such estimate.
    if known and scale.survey[unit].any() and (respondents is None or respondents < SMALL_N):
        marks |= {Mark.SMALL}
    df = float(points.sure.df[unit])
    variance = float(points.sure.index[unit, unit]) * (FULL / maximum) ** 2 if known else np.nan
    limits = _limits(points, unit, index, variance, level) if known else None
    if known and points.steps is not None and points.steps.part[unit] > APPROXIMATE:
        marks |= {Mark.APPROXIMATE}
    if known and df < FEW_DF:
        marks |= {Mark.NO_INTERVAL} if limits is None else {Mark.FEW_DF}
    return UnitIndex(
        unit=scale.units[unit],
        kind=scale.kind.id,
        index=index if known else None,
        published=None,
        se=float(np.sqrt(max(variance, 0.0))) if known else None,
        ci_low=limits[0] if limits else None,
        ci_high=limits[1] if limits else None,
        rank=None,
        rank_lower=None,
        rank_upper=None,
        appraised_points=_number(points.appraised[unit].sum()),
        survey_points=_number(points.survey[unit].sum()),
        maximum=maximum,
        domains=_domains(points, unit),
        subcriteria=subcriteria,
        respondents=respondents,
        df=df if known and np.isfinite(df) else None,
        marks=marks,
        reason=None if known else _reason(points, unit),
    )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _reason(points: Points, unit: int) -> str:
    return "appraised" if np.isnan(points.appraised[unit]).any() else "missing"


def _limits(points: Points, unit: int, index: float, variance: float, level: float) -> tuple[float, float] | None:
    """t limits, or percentiles of the draws where a stepped rule counts; None with less than one degree of freedom."""
    df = float(points.sure.df[unit])
    if df < 1:
        return None
    if points.steps is not None and np.isfinite(points.steps.low[unit]):
        scale = FULL / float(points.scale.maximum[unit])
        moved = index - scale * float(points.steps.middle[unit])
        low, high = (moved + scale * float(limit[unit]) for limit in (points.steps.low, points.steps.high))
    else:
        low, high = t_limits(index, max(variance, 0.0), df, level)
    return max(0.0, low), min(FULL, high)


def _subcriterion(points: Points, unit: int, column: int) -> SubcriterionFigure:
    scale, present = points.scale, points.present
    sub = scale.subcriteria[column]
    groups = tuple(
        _group_score(points, group, unit, column)
        for group in range(len(scale.groups))
        if scale.shares[group, column] > 0 and scale.survey[unit, column] > 0
    )
    counted = [group for group in range(len(scale.groups)) if present.used[group, unit, column] > 0]
    marks: set[Mark] = set()
    if not scale.applies[unit, column]:
        marks.add(Mark.NOT_APPLICABLE)
    if present.missing[unit, column]:
        marks.add(Mark.MISSING)
    elif len(counted) < len(groups):
        marks.add(Mark.REWEIGHTED)
    if any(Mark.POOLED in group.marks and group.used > 0 for group in groups):
        marks.add(Mark.POOLED)
    if present.secret[unit, column]:
        marks.add(Mark.SUPPRESSED)
    if np.isnan(points.appraised[unit, column]):
        marks.add(Mark.NO_APPRAISED)
    if counted and points.given.n[counted, unit, column].sum() < SMALL_N:
        marks.add(Mark.SMALL)
    if stepped(sub.rule) and counted:
        marks.add(Mark.STEPPED)
    if points.steps is not None and points.steps.near[unit, column]:
        marks.add(Mark.NEAR_STEP)
    return SubcriterionFigure(
        id=sub.id,
        points=_number(points.total[unit, column]),
        maximum=float(scale.survey[unit, column] + scale.appraised[unit, column]),
        survey_points=_number(points.survey[unit, column]),
        survey_maximum=float(scale.survey[unit, column]),
        appraised_points=_number(points.appraised[unit, column]),
        appraised_maximum=float(scale.appraised[unit, column]),
        se=float(np.sqrt(max(points.sure.subcriteria[unit, column], 0.0))) if counted else None,
        groups_present=tuple(scale.groups[group] for group in counted),
        groups=groups,
        marks=frozenset(marks),
    )


def _group_score(points: Points, group: int, unit: int, column: int) -> GroupScore:
    given, present = points.given, points.present
    cell = (group, unit, column)
    hidden = bool(present.hidden[cell])
    score = _number(given.score[cell])
    shown = score is not None and not hidden
    covered = (points.scale.units[unit], points.scale.groups[group]) in points.covered
    marks = {Mark.POOLED} if given.pooled[cell] else set()
    if shown and given.n[cell] < SMALL_N:
        marks.add(Mark.SMALL)
    return GroupScore(
        group=points.scale.groups[group],
        n=None if hidden or covered else int(given.n[cell]),
        share=float(points.scale.shares[group, column]),
        used=float(present.used[cell]),
        score=score if shown else None,
        se=float(np.sqrt(max(points.sure.groups[cell], 0.0))) if shown else None,
        hidden=hidden,
        marks=frozenset(marks),
    )


def _domains(points: Points, unit: int) -> tuple[DomainFigure, ...]:
    """Points, applicable maximum and percent by domain; a domain without anything applicable has no percent."""
    scale = points.scale
    figures = []
    for row, (domain, members) in enumerate(zip(scale.kind.domains, membership(scale.kind) > 0, strict=True)):
        earned = float(points.total[unit, members].sum())
        maximum = float((scale.survey + scale.appraised)[unit, members].sum())
        known = np.isfinite(earned) and maximum > 0
        error = np.sqrt(max(points.sure.domains[unit, row], 0.0)) * FULL / maximum if known else None
        figures.append(
            DomainFigure(
                id=domain.id,
                points=earned if known else None,
                maximum=maximum,
                percent=earned / maximum * FULL if known else None,
                lost=maximum - earned if known else None,
                se=None if error is None else float(error),
            )
        )
    return tuple(figures)

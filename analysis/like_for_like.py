"""Change on what two years have in common: subcriteria, groups and rules, this year's weights held (METHOD §7)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from analysis import holm, index, stepping
from analysis.design import Bools, Codes, Floats
from analysis.findings import Common, LikeForLike, Verdict
from analysis.index import Presence, Scale, Uncertainty, membership
from analysis.intervals import t_limits
from analysis.kinds import Options
from analysis.mergers import Continued
from analysis.past import Past, PastKind
from analysis.points import FULL, Points
from analysis.shared import Shared, shared_by
from analysis.steps import stepped
from analysis.subscores import GroupScores

_SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class _Year:
    """One year on the common part: points (R, S), covariance of their sums (R, R), its df (R,), and whether the
    variance is an upper bound (R,)."""

    points: Floats
    covariance: Floats
    df: Floats
    bounded: Bools


def compared(
    points: Points, past: Past, old: PastKind, continued: Continued, options: Options
) -> tuple[Common, dict[str, LikeForLike]]:
    """Each unit that is continued, against its part or the weighted mean of its parts."""
    scale = points.scale
    shared = shared_by(scale, old)
    place = {unit: at for at, unit in enumerate(old.units)}
    parts = {
        at: {place[id]: weight for id, weight in continued.parts[unit].items()}
        for at, unit in enumerate(scale.units)
        if unit in continued.parts and all(id in place for id in continued.parts[unit])
    }
    held = _held(points, old, shared, parts)
    rows = [(at, row) for at, some in parts.items() for row in some]
    now = _now(points, held, options)
    then = _then(points, old, shared, held, rows, options)
    weights = np.zeros((len(scale.units), len(rows)))
    for at, (unit, row) in enumerate(rows):
        weights[unit, at] = parts[unit][row]
    figures = _figures(points, held, now, then, weights, list(parts), options.level)
    common = Common(
        tuple(sub.id for c, sub in enumerate(scale.subcriteria) if shared.survey[c] or shared.appraised[c]),
        tuple(group for g, group in enumerate(scale.groups) if held.used[g].any()),
        shared.dropped,
        past.hash,
        continued.ended,
    )
    return common, figures


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """The common part of each unit of this year: maxima (U, S) by source, and shares (G, U, S) that count in both."""

    survey: Floats
    appraised: Floats
    used: Floats

    @property
    def maximum(self) -> Floats:
        return np.asarray(self.survey + self.appraised)


def _held(points: Points, old: PastKind, shared: Shared, parts: Mapping[int, Mapping[int, float]]) -> _Held:
    scale = points.scale
    counts = np.zeros(points.present.used.shape, bool)
    appraised = np.zeros(scale.applies.shape, bool)
    for unit, some in parts.items():
        both = points.present.used[:, unit] > 0
        given = np.isfinite(points.appraised[unit]) & (scale.appraised[unit] > 0) & shared.appraised
        for row in some:
            score = old.score[:, row][np.ix_(shared.group, shared.column)]
            known = (shared.group[:, None] >= 0) & (shared.column >= 0) & np.isfinite(score)
            both &= known & shared.survey & (old.survey[row, shared.column] > 0)
            given &= np.isfinite(old.appraised[row, shared.column]) & (old.appraised_maximum[row, shared.column] > 0)
        counts[:, unit] = both
        appraised[unit] = given
    shares = np.where(counts, scale.shares[:, None, :], 0.0)
    total = shares.sum(axis=0)
    used = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    return _Held(scale.survey * (total > 0), scale.appraised * appraised, used)


def _presence(used: Floats) -> Presence:
    nothing = np.zeros(used.shape[1:], bool)
    return Presence(used, np.zeros(used.shape, bool), nothing, nothing)


def _sure(scale: Scale, given: index.Answers, present: Presence, options: Options) -> Uncertainty:
    sure = index.uncertainty(scale, given, present)
    if stepping.has_steps(scale):
        drawn = {"seed": options.seed, "draws": options.draws, "level": options.level}
        sure = stepping.with_steps(scale, given, present, sure, **drawn).uncertainty  # type: ignore[arg-type]
    return sure


def _now(points: Points, held: _Held, options: Options) -> _Year:
    scale = replace(points.scale, survey=held.survey, appraised=held.appraised)
    present = _presence(held.used)
    sure = _sure(scale, points.given, present, options)
    earned = index.survey_points(scale, points.given, present)
    earned = earned + np.where(held.appraised > 0, points.appraised, 0.0)
    return _Year(earned, sure.index, sure.df, np.zeros(len(earned), bool))


def _then(
    points: Points, old: PastKind, shared: Shared, held: _Held, rows: Sequence[tuple[int, int]], options: Options
) -> _Year:
    """The previous units in the order of ``rows`` (this year's unit, previous unit), on its unit's common part."""
    units = np.array([unit for unit, _ in rows], dtype=np.int64)
    before = np.array([row for _, row in rows], dtype=np.int64)
    used = held.used[:, units]
    score = old.score[np.ix_(shared.group, before, shared.column)]
    survey, most = held.survey[units], held.appraised[units]
    earned = survey * (used * np.where(used > 0, score, 0.0)).sum(axis=0)
    maximum = old.appraised_maximum[np.ix_(before, shared.column)]
    share = np.divide(
        old.appraised[np.ix_(before, shared.column)], maximum, out=np.zeros_like(maximum), where=maximum > 0
    )
    earned = earned + most * np.where(most > 0, share, 0.0)
    if old.scores is None:
        error, bounded = _bound(points, old, shared, held, rows)
        return _Year(earned, np.diag(error**2), old.df[before], bounded)
    names = tuple(old.units[row] for row in before)
    scale = replace(points.scale, units=names, survey=survey, appraised=most, applies=points.scale.applies[units])
    kept = [sub.id for sub in scale.subcriteria if sub.id in old.subs]
    given = {group: _restricted(old.scores[group], before, kept) for group in scale.groups if group in old.scores}
    sure = _sure(scale, index.answers(scale, given), _presence(used), options)
    return _Year(earned, sure.index, sure.df, np.zeros(len(rows), bool))


def _restricted(scores: GroupScores, rows: Codes, subs: Sequence[str]) -> GroupScores:
    """The scores of some units, in their order, and of the subcriteria that are still there."""
    columns = [at for at, sub in enumerate(scores.subcriteria) if sub in subs]
    flat = [row * len(scores.subcriteria) + column for row in rows for column in columns]
    return GroupScores(
        scores.group,
        tuple(scores.units[row] for row in rows),
        tuple(scores.subcriteria[column] for column in columns),
        scores.score[rows][:, columns],
        scores.n[rows][:, columns],
        scores.covariance[flat][:, flat],
        scores.pooled[rows][:, columns],
        scores.df[rows],
        scores.notes,
    )


def _bound(
    points: Points, old: PastKind, shared: Shared, held: _Held, rows: Sequence[tuple[int, int]]
) -> tuple[Floats, Bools]:
    """Errors of the previous units' sums, and where they are the most that can be, all scores moving together: the
    covariances are not known, but where all of that year is common, its index had the error that is asked for."""
    steps = np.array([stepped(sub.rule) for sub in points.scale.subcriteria])
    found, bounded = [], []
    for unit, row in rows:
        was = np.where(shared.column >= 0, old.survey[row, shared.column], 0.0)
        used = np.where(shared.group[:, None] >= 0, old.used[:, row][np.ix_(shared.group, shared.column)], 0.0)
        whole = abs(old.survey[row].sum() - was.sum()) < _SAME and np.allclose(held.survey[unit], was, atol=_SAME)
        if whole and np.allclose(np.where(was > 0, held.used[:, unit] - used, 0.0), 0.0, atol=_SAME):
            found.append(float(old.error[row]))
            bounded.append(False)
            continue
        error = np.nan_to_num(old.group_se[:, row][np.ix_(shared.group, shared.column)])
        smooth = held.survey[unit] * (held.used[:, unit] * error).sum(axis=0)
        one = np.nan_to_num(old.sub_se[row, shared.column])
        moved = held.survey[unit] * np.divide(one, was, out=np.zeros_like(one), where=was > 0)
        found.append(float(np.where(steps, moved, smooth).sum()))
        bounded.append(True)
    return np.nan_to_num(np.array(found, dtype=np.float64)), np.array(bounded, dtype=bool)


def _figures(
    points: Points, held: _Held, now: _Year, then: _Year, weights: Floats, units: Sequence[int], level: float
) -> dict[str, LikeForLike]:
    most = held.maximum.sum(axis=1)
    before = weights @ then.points
    variance = np.diag(weights @ then.covariance @ weights.T), np.diag(now.covariance)
    df = np.array([then.df[weights[unit] > 0].min(initial=np.inf) for unit in range(len(weights))])
    found: dict[str, LikeForLike] = {}
    for unit in units:
        if most[unit] <= 0:
            continue
        scale = FULL / most[unit]
        one = _one(
            float(before[unit].sum() * scale), float(now.points[unit].sum() * scale),
            (float(variance[0][unit] * scale**2), float(variance[1][unit] * scale**2)),
            (float(df[unit]), float(now.df[unit])), level,
        )  # fmt: skip
        found[points.scale.units[unit]] = replace(
            one,
            share=float(most[unit] / points.scale.maximum[unit] * FULL),
            conservative=bool((weights[unit] > 0) @ then.bounded),
            domains=_domains(points, held, before, now, unit),
        )
    return _judged(found, level)


def _one(
    before: float, now: float, variance: tuple[float, float], df: tuple[float, float], level: float
) -> LikeForLike:
    """One unit's change, not yet judged beside the others."""
    total = variance[0] + variance[1]
    change = now - before
    spread = sum(v**2 / d for v, d in zip(variance, df, strict=True) if v > 0 and d > 0)
    lost = any(v > 0 and d <= 0 for v, d in zip(variance, df, strict=True))
    freedom = 0.0 if lost else total**2 / spread if spread > 0 else math.inf
    p_value: float | None = None
    limits: tuple[float | None, float | None] = (None, None)
    if total <= 0:
        p_value = 1.0 if abs(change) < 1e-9 else 0.0
        limits = (change, change)
    elif freedom >= 1:
        p_value = float(2 * stats.t.sf(abs(change) / math.sqrt(total), freedom))
        limits = t_limits(change, total, freedom, level)
    told = None if math.isinf(freedom) else freedom
    return LikeForLike(
        before, now, change, math.sqrt(max(total, 0.0)), told, *limits, p_value, Verdict.NOT_ASSESSABLE, 0.0
    )


def _domains(points: Points, held: _Held, before: Floats, now: _Year, unit: int) -> dict[str, float]:
    kind = points.scale.kind
    members = membership(kind)
    most = members @ held.maximum[unit]
    moved = members @ (now.points[unit] - before[unit])
    return {domain.id: float(moved[at] / most[at] * FULL) for at, domain in enumerate(kind.domains) if most[at] > 0}


def _judged(found: Mapping[str, LikeForLike], level: float) -> dict[str, LikeForLike]:
    told = holm.adjusted_by_name({unit: each.p_value for unit, each in found.items() if each.p_value is not None})
    return {
        unit: replace(each, p_value=told[unit], verdict=Verdict.MORE if told[unit] <= 1 - level else Verdict.NOISE)
        if unit in told
        else each
        for unit, each in found.items()
    }

"""The parts of one unit's points, seen from its criteria and its groups, and where the most is still to be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.findings import CriterionFigure, Gain, GroupFigure, SchemeRow
from analysis.points import FULL, Points
from analysis.result import Mark, SubcriterionFigure, UnitIndex
from analysis.steps import stepped
from forms.framework import Kind, Rule, RuleKind

MOST_GAINS = 5


def criteria(points: Points, unit: int, figures: Sequence[SubcriterionFigure]) -> tuple[CriterionFigure, ...]:
    """Points, applicable maximum and percent by criterion; without numbers where a subcriterion has none."""
    found, column = [], 0
    for domain in points.scale.kind.domains:
        for criterion in domain.criteria:
            size = len(criterion.subcriteria)
            mine = figures[column : column + size]
            variance = _variance(points, unit, column, size)
            column += size
            maximum = sum(each.maximum for each in mine)
            earned = sum(each.points for each in mine if each.points is not None)
            known = maximum > 0 and all(each.points is not None for each in mine)
            found.append(
                CriterionFigure(
                    id=criterion.id,
                    domain=domain.id,
                    points=earned if known else None,
                    maximum=maximum,
                    percent=earned / maximum * FULL if known else None,
                    lost=maximum - earned if known else None,
                    se=float(np.sqrt(max(variance, 0.0))) * FULL / maximum if known else None,
                )
            )
    return tuple(found)


def _variance(points: Points, unit: int, start: int, size: int) -> float:
    """Variance of a criterion's points: by the delta method, stepped rules added as if all moved together."""
    columns = np.arange(start, start + size)
    steps = np.array([stepped(points.scale.subcriteria[column].rule) for column in columns])
    smooth = columns[~steps]
    part = points.sure.within[unit][np.ix_(smooth, smooth)].sum()
    errors = np.sqrt(np.clip(points.sure.subcriteria[unit, columns[steps]], 0.0, None)).sum()
    return float((np.sqrt(max(part, 0.0)) + errors) ** 2)


def groups(points: Points, unit: int, figures: Sequence[SubcriterionFigure]) -> tuple[GroupFigure, ...]:
    """Score of each group that counts somewhere; no number where one of its scores is not shown."""
    scale = points.scale
    found = []
    for row, group in enumerate(scale.groups):
        weight = scale.survey[unit] * points.present.used[row, unit]
        total = float(weight.sum())
        if total <= 0:
            continue
        counted = np.flatnonzero(weight > 0).tolist()
        shown = all(
            score.score is not None for column in counted for score in figures[column].groups if score.group == group
        )
        score = float((weight[counted] * points.given.score[row, unit, counted]).sum() / total)
        smooth = not any(stepped(scale.subcriteria[column].rule) for column in counted)
        error = float(np.sqrt(max(points.sure.by_group[row, unit], 0.0))) / total
        found.append(GroupFigure(group, score if shown else None, error if shown and smooth else None, total))
    return tuple(found)


def with_gains(units: Sequence[UnitIndex], kind: Kind) -> list[UnitIndex]:
    """Put in where each unit has the most points to gain, and how far the best unit of the kind is ahead there."""
    home = {sub.id: domain.id for domain in kind.domains for sub in domain.subcriteria}
    best: dict[str, float] = {}
    for unit in units:
        for each in unit.subcriteria:
            if each.points is not None and each.maximum > 0:
                best[each.id] = max(best.get(each.id, 0.0), each.points / each.maximum)
    return [replace(unit, gains=_gains(unit, home, best)) for unit in units]


def _gains(unit: UnitIndex, home: Mapping[str, str], best: Mapping[str, float]) -> tuple[Gain, ...]:
    found = [
        Gain(each.id, home[each.id], each.maximum - each.points, max(0.0, best[each.id] * each.maximum - each.points))
        for each in unit.subcriteria
        if each.points is not None and each.maximum > 0 and Mark.WITHHELD not in each.marks
    ]
    lost = [gain for gain in found if gain.lost > 1e-9]
    return tuple(sorted(lost, key=lambda gain: -gain.lost)[:MOST_GAINS])


def scheme(kind: Kind) -> tuple[SchemeRow, ...]:
    """The subcriteria of a kind as plain data."""
    return tuple(
        SchemeRow(
            sub.id, domain.id, criterion.id, dict(sub.name), sub.survey_points, sub.appraised_points,
            rule_document(sub.rule), sub.items, dict(sub.shares), str(sub.missing),
        )
        for domain in kind.domains
        for criterion in domain.criteria
        for sub in criterion.subcriteria
    )  # fmt: skip


def rule_document(rule: Rule | None) -> dict[str, object] | None:
    """A rule with the keys that a framework file gives it."""
    if rule is None:
        return None
    told: dict[str, object] = {"kind": str(rule.kind)}
    if rule.favourable:
        told["favourable"] = list(rule.favourable)
    if rule.target is not None:
        told["target"] = rule.target
    if rule.kind is RuleKind.BANDS:
        told |= {"of": rule.of, "table": [list(step) for step in rule.table]}
    return told

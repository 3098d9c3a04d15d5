"""Appraised points + survey points → domains → index, with the covariance over the units of a kind (METHOD §6).

Arrays over one kind: U units, S subcriteria of the kind in order, G groups. A group's scores come for the subcriteria
that it has a share in; the rest of its cells are nan with n = 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.design import Bools, Codes, Floats
from analysis.steps import applied, stepped
from analysis.subscores import GroupScores
from forms.framework import Framework, Kind, Missing, Subcriterion


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What the units of one kind can earn.

    ``applies`` (U, S); ``survey`` and ``appraised`` (U, S) maxima, 0 where not applicable; ``shares`` (G, S) nominal.
    """

    kind: Kind
    units: tuple[str, ...]
    groups: tuple[str, ...]
    applies: Bools
    survey: Floats
    appraised: Floats
    shares: Floats

    @property
    def subcriteria(self) -> tuple[Subcriterion, ...]:
        """The kind's subcriteria, in order."""
        return self.kind.subcriteria

    @property
    def maximum(self) -> Floats:
        """(U,) applicable maximum."""
        return np.asarray((self.survey + self.appraised).sum(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the groups gave: ``score`` after the rule, ``n`` and ``pooled`` (G, U, S), and ``df`` (G, U)."""

    groups: tuple[GroupScores, ...]
    base: Floats
    score: Floats
    n: Codes
    pooled: Bools
    df: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Presence:
    """Which groups count: ``used`` (G, U, S) shares after reweighting, 0 when absent, summing to 1 where any counts.

    ``hidden`` (G, U, S) scores that are not to be shown; ``secret`` (U, S) where a group was made absent for secrecy;
    ``missing`` (U, S) survey subcriteria that apply and have no score.
    """

    used: Floats
    hidden: Bools
    secret: Bools
    missing: Bools


def scale(framework: Framework, kind: Kind, units: Sequence[str]) -> Scale:
    """Maxima and shares of one kind's units."""
    groups = kind.groups
    subcriteria = kind.subcriteria
    applies = np.array([[sub.id not in framework.excluded(unit) for sub in subcriteria] for unit in units], dtype=bool)
    applies = applies.reshape(len(units), len(subcriteria))
    survey = np.array([sub.survey_points for sub in subcriteria])
    appraised = np.array([sub.appraised_points for sub in subcriteria])
    shares = np.array([[sub.shares.get(group, 0.0) for sub in subcriteria] for group in groups])
    shares = shares.reshape(len(groups), len(subcriteria))
    return Scale(kind, tuple(units), groups, applies, applies * survey, applies * appraised, shares)


def answers(scale: Scale, scores: Mapping[str, GroupScores]) -> Answers:
    """Lay the groups' scores side by side and apply the rules; groups without scores count as absent."""
    shape = (len(scale.groups), *scale.applies.shape)
    base, n, pooled = np.full(shape, np.nan), np.zeros(shape, np.int64), np.zeros(shape, bool)
    df = np.ones(shape[:2])
    place = {sub.id: column for column, sub in enumerate(scale.subcriteria)}
    for row, group in enumerate(scale.groups):
        if group in scores:
            columns = [place[sub] for sub in scores[group].subcriteria]
            base[row][:, columns] = scores[group].score
            n[row][:, columns] = scores[group].n
            pooled[row][:, columns] = scores[group].pooled
            df[row] = scores[group].df
    score = base.copy()
    for column, sub in enumerate(scale.subcriteria):
        if stepped(sub.rule):
            score[:, :, column] = applied(sub.rule, base[:, :, column])
    kept = tuple(scores[group] for group in scale.groups if group in scores)
    return Answers(kept, base, score, n, pooled, df)


def presence(scale: Scale, given: Answers, *, n_min: int, k: int) -> Presence:
    """Decide which groups count for each unit and subcriterion, and which scores stay hidden.

    A group of fewer than k never counts: points are published unrounded, and a score of so few answers takes so few
    values that even the sum of two hidden scores gives both away (METHOD §8: then it is absent in the computation).
    """
    asked = (scale.shares[:, None, :] > 0) & (scale.survey > 0)
    enough = asked & (given.n >= n_min) & np.isfinite(given.score)
    hidden = asked & (given.n < k)
    counts, secret = enough & ~hidden, np.asarray((enough & hidden).any(axis=0))
    used = np.where(counts, scale.shares[:, None, :], 0.0)
    withhold = np.array([sub.missing is Missing.WITHHOLD for sub in scale.subcriteria])
    used[:, withhold & (asked & ~counts).any(axis=0)] = 0.0
    total = used.sum(axis=0)
    missing = (scale.survey > 0) & (total == 0)
    return Presence(np.divide(used, total, out=np.zeros_like(used), where=total > 0), hidden, secret, missing)


def survey_points(scale: Scale, given: Answers, present: Presence) -> Floats:
    """(U, S) M Σ a′ s; 0 where there are no survey points to earn, nan where the score is missing."""
    weighted = present.used * np.where(present.used > 0, given.score, 0.0)
    # A share of rounding may carry a full score past its maximum by the last bit.
    points = scale.survey * np.clip(weighted.sum(axis=0), 0.0, 1.0)
    return np.where(present.missing, np.nan, points)


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """Sampling error of one kind's points, every stepped rule left out (``steps`` adds it).

    ``index`` (U, U) covariance of the points of the units (not yet rescaled to 100); ``subcriteria`` (U, S) and
    ``domains`` (U, D) variances; ``groups`` (G, U, S) variances of the groups' scores; ``df`` (U,) of the index,
    ``subcriteria_df`` (U, S) and ``domains_df`` (U, D), infinite where nothing varies. ``within`` (U, S, S)
    covariance of a unit's points, ``by_group`` (G, U) the part that each group carries.
    """

    index: Floats
    subcriteria: Floats
    domains: Floats
    groups: Floats
    df: Floats
    subcriteria_df: Floats
    domains_df: Floats
    within: Floats
    by_group: Floats


def coefficients(scale: Scale, present: Presence) -> Floats:
    """(G, U, S) dPoints/dScore, M a′, of the rules that are not stepped; 0 for the others."""
    smooth = np.array([not stepped(sub.rule) for sub in scale.subcriteria])
    return np.asarray(scale.survey * present.used * smooth)


def membership(kind: Kind) -> Floats:
    """(D, S) 1 where the subcriterion belongs to the domain."""
    rows = [[float(sub in domain.subcriteria) for sub in kind.subcriteria] for domain in kind.domains]
    return np.array(rows).reshape(len(kind.domains), len(kind.subcriteria))


def uncertainty(scale: Scale, given: Answers, present: Presence) -> Uncertainty:
    """Delta method: points are linear in the groups' scores, groups independent of each other."""
    units, size = scale.applies.shape
    slope = coefficients(scale, present)
    domain = membership(scale.kind)
    place = {sub.id: column for column, sub in enumerate(scale.subcriteria)}
    index = np.zeros((units, units))
    parts = np.zeros((len(scale.groups), units, size, size))
    groups = np.zeros((len(scale.groups), units, size))
    for scores in given.groups:
        row = scale.groups.index(scores.group)
        columns = np.array([place[sub] for sub in scores.subcriteria])
        weight = slope[row][:, columns]
        blocks = scores.covariance.reshape(units, len(columns), units, len(columns))
        index += np.einsum("ua,uavb,vb->uv", weight, blocks, weight, optimize=True)
        same = blocks[np.arange(units), :, np.arange(units), :]
        groups[row][:, columns] = np.diagonal(same, axis1=1, axis2=2)
        weighted = weight[:, :, None] * same * weight[:, None, :]
        parts[row][:, columns[:, None], columns] = weighted
    by_subcriterion = np.asarray(np.diagonal(parts, axis1=2, axis2=3))
    by_domain = np.einsum("da,guab,db->gud", domain, parts, domain, optimize=True)
    return Uncertainty(
        (index + index.T) / 2,
        by_subcriterion.sum(axis=0),
        by_domain.sum(axis=0),
        groups,
        satterthwaite(parts.sum(axis=(2, 3)), given.df),
        satterthwaite(by_subcriterion, given.df[:, :, None]),
        satterthwaite(by_domain, given.df[:, :, None]),
        parts.sum(axis=0),
        parts.sum(axis=(2, 3)),
    )


def satterthwaite(variance: Floats, df: Floats) -> Floats:
    """(U, …) degrees of freedom of a sum of G independent parts (G, U, …): (Σ V)² / Σ V²/df (Satterthwaite 1946).

    Infinite where nothing varies, 0 where a part that varies has none.
    """
    total = variance.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(variance > 0, variance**2 / df, 0.0).sum(axis=0)
        return np.where(total > 0, total**2 / share, np.inf)

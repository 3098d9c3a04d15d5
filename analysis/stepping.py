"""Uncertainty of stepped rules by seeded draws of the groups' estimates (METHOD §6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from analysis.design import Bools, Floats
from analysis.index import Answers, Presence, Scale, Uncertainty, coefficients, membership
from analysis.ranking import symmetric_root
from analysis.steps import applied, band, stepped
from analysis.subscores import GroupScores
from forms.framework import Rule, RuleKind

NEAR = 0.05
_CHUNK = 1_000  # draws held at once


@dataclass(frozen=True, slots=True, eq=False)
class Stepped:
    """What the draws say of one kind.

    ``uncertainty``: as without steps, with covariance and variances from the draws; ``low``, ``high`` (U,) percentile
    limits of the points about ``middle`` (U,), what the rules give at the estimates, both without the smooth points;
    nan for units without a stepped rule; ``part`` (U,) share of the points' variance that
    stepped rules carry; ``near`` (U, S) where the other bands have a probability of 5 % or more. ``bands``: by the
    places of group and subcriterion, the probability of each band (U, B), the highest first.
    """

    uncertainty: Uncertainty
    low: Floats
    high: Floats
    middle: Floats
    part: Floats
    near: Bools
    bands: Mapping[tuple[int, int], Floats] = field(default_factory=dict)


def has_steps(scale: Scale) -> bool:
    """Whether the kind has any stepped rule."""
    return any(stepped(sub.rule) for sub in scale.subcriteria)


def with_steps(
    scale: Scale, given: Answers, present: Presence, smooth: Uncertainty, *, seed: int, draws: int, level: float
) -> Stepped:
    """Draw every group's estimates from its normal distribution, clip to [0, 1], apply the rules, add up."""
    units, size = scale.applies.shape
    domain = membership(scale.kind)
    columns = [column for column, sub in enumerate(scale.subcriteria) if stepped(sub.rule)]
    points = np.zeros((draws, units, len(domain)))
    steps = np.zeros((draws, units, len(columns)))
    middle = np.zeros(units)
    near = np.zeros((units, size), bool)
    bands: dict[tuple[int, int], Floats] = {}
    for scores in given.groups:
        group = _Group.of(scale, present, scores, columns)
        generator = np.random.Generator(np.random.PCG64([seed, group.row]))
        middle += group.points(group.base).sum(axis=1)
        counts = group.no_counts()
        for start, linear, base in group.draws(generator, draws):
            rows = slice(start, start + len(base))
            points[rows] += linear
            steps[rows] += group.points(base)
            group.count(base, counts)
        for at, found in counts.items():
            bands[group.row, columns[at]] = found / draws
            near[:, columns[at]] |= (group.leaving(at, found) / draws >= NEAR) & (group.weight[:, at] > 0)
    total = points.sum(axis=2) + steps.sum(axis=2)
    by_domain = points + np.einsum("puk,dk->pud", steps, domain[:, columns])
    covariance = np.atleast_2d(np.cov(total, rowvar=False))
    variances = smooth.subcriteria.copy()
    variances[:, columns] = steps.var(axis=0, ddof=1)
    tail = (1 - level) / 2
    any_step = present.used[:, :, columns].any(axis=(0, 2))
    low, high = np.where(any_step, np.quantile(total, [tail, 1 - tail], axis=0), np.nan)
    variance = np.diag(covariance)
    part = np.divide(steps.sum(axis=2).var(axis=0, ddof=1), variance, out=np.zeros(units), where=variance > 0)
    uncertainty = replace(smooth, index=covariance, subcriteria=variances, domains=by_domain.var(axis=0, ddof=1))
    return Stepped(uncertainty, low, high, middle, part, near, bands)


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """One group's part: smooth points by domain and the estimates behind stepped rules are drawn together."""

    row: int
    rules: tuple[Rule, ...]
    weight: Floats  # (U, k) M a′ of the stepped subcriteria
    base: Floats  # (U, k) estimates, 0 where there is none
    root: Floats
    domains: int

    @classmethod
    def of(cls, scale: Scale, present: Presence, scores: GroupScores, columns: list[int]) -> _Group:
        row = scale.groups.index(scores.group)
        units = len(scale.units)
        place = {sub: at for at, sub in enumerate(scores.subcriteria)}
        ids = [sub.id for sub in scale.subcriteria]
        domain = membership(scale.kind)
        slope = coefficients(scale, present)[row]
        names = [at for at, id in enumerate(ids) if id in place]
        smooth = np.zeros((units, len(domain), units, len(names)))
        raw = np.zeros((units, len(columns), units, len(names)))
        for unit in range(units):
            smooth[unit, :, unit] = domain[:, names] * slope[unit, names]
            for at, column in enumerate(columns):
                if ids[column] in place:
                    raw[unit, at, unit, names.index(column)] = 1.0
        order = np.concatenate([smooth.reshape(units * len(domain), -1), raw.reshape(units * len(columns), -1)])
        base = np.zeros((units, len(columns)))
        weight = np.zeros((units, len(columns)))
        for at, column in enumerate(columns):
            if ids[column] in place:
                base[:, at] = np.nan_to_num(scores.score[:, place[ids[column]]])
                weight[:, at] = scale.survey[:, column] * present.used[row, :, column]
        rules = tuple(rule for column in columns if (rule := scale.subcriteria[column].rule) is not None)
        return cls(row, rules, weight, base, symmetric_root(order @ scores.covariance @ order.T), len(domain))

    def draws(self, generator: np.random.Generator, number: int) -> Iterator[tuple[int, Floats, Floats]]:
        """Start, deviations of the smooth points (m, U, D), and clipped estimates (m, U, k), in chunks."""
        units = len(self.base)
        for start in range(0, number, _CHUNK):
            size = min(_CHUNK, number - start)
            drawn = generator.standard_normal((size, len(self.root))) @ self.root
            linear = drawn[:, : units * self.domains].reshape(size, units, self.domains)
            raw = drawn[:, units * self.domains :].reshape(size, *self.base.shape)
            yield start, linear, np.clip(self.base + raw, 0.0, 1.0)

    def points(self, base: Floats) -> Floats:
        """(…, U, k) points of the stepped subcriteria at the given estimates."""
        scored = [applied(rule, base[..., place]) for place, rule in enumerate(self.rules)]
        return np.asarray(np.stack(scored, axis=-1) * self.weight)

    def no_counts(self) -> dict[int, Floats]:
        """(U, B) zeros for each rule with bands, by its place."""
        units = len(self.base)
        return {
            at: np.zeros((units, len(rule.table)))
            for at, rule in enumerate(self.rules)
            if rule.kind is RuleKind.BANDS and self.weight[:, at].any()
        }

    def count(self, base: Floats, counts: Mapping[int, Floats]) -> None:
        """Add to ``counts`` how many draws fall into each band."""
        for at, found in counts.items():
            drawn = band(self.rules[at], base[:, :, at])
            for step in range(found.shape[1]):
                found[:, step] += (drawn == step).sum(axis=0)

    def leaving(self, at: int, counts: Floats) -> Floats:
        """(U,) how many draws leave the band of the estimate."""
        own = band(self.rules[at], self.base[:, at])
        return np.asarray(counts.sum(axis=1) - counts[np.arange(len(own)), own])

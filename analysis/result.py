"""The result of one counting: what the report, the workbook and the open data are written from.

Every number is unrounded unless its docstring says otherwise; shares are in [0, 1], points in points,
percentages in [0, 100]. ``None`` means "cannot be said", never zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from analysis.facts import AssessmentRow as AssessmentRow
from analysis.facts import FrameworkFacts as FrameworkFacts
from analysis.facts import RateRow as RateRow
from analysis.facts import WaveFacts as WaveFacts
from analysis.findings import (
    AverageGap,
    Common,
    CriterionFigure,
    Gain,
    GroupFigure,
    Improvers,
    LikeForLike,
    Pairs,
    SchemeRow,
    Sensitivity,
    Target,
)
from analysis.findings import Change as Change
from analysis.findings import Verdict as Verdict
from analysis.notes import Note
from analysis.told_rounds import Rounds

Matrix = NDArray[np.float64]


class Mark(StrEnum):
    """A remark printed beside a figure."""

    POOLED = "pooled"
    """Too few or unanimous answers: the variance is the group's pooled within-unit variance, or its floor."""
    REWEIGHTED = "reweighted"
    """A group with fewer than n_min usable answers is absent; the others carry its share."""
    MISSING = "missing"
    """No group is present: no points, no index."""
    NOT_APPLICABLE = "not_applicable"
    """Declared beforehand not to apply to this unit; the index is rescaled to 100."""
    RESCALED = "rescaled"
    """Index = points ÷ applicable maximum × 100."""
    NO_APPRAISED = "no_appraised"
    """No appraised points were given for this unit and subcriterion."""
    FEW_DF = "few_df"
    """Fewer than eight degrees of freedom behind the interval."""
    NO_INTERVAL = "no_interval"
    """Fewer than one degree of freedom: no interval."""
    CONSERVATIVE = "conservative"
    """No finite population correction (blocks of units, classes across strata)."""
    NEAR_STEP = "near_step"
    """A stepped rule's next band has a probability of 5 % or more."""
    STEPPED = "stepped"
    """The uncertainty comes from seeded draws, the rule being stepped."""
    APPROXIMATE = "approximate"
    """More than 5 % of the variance comes from stepped rules: the rank set is approximate."""
    SMALL = "small"
    """Fewer than ``few`` usable answers behind this estimate, or one of those that it adds up (METHOD §8)."""
    WIDE = "wide"
    """The interval is wider than the wave's limit."""
    WITHHELD = "withheld"
    """Not published, the interval being wider than the wave's second limit; on a unit: one of its parts is."""
    SUPPRESSED = "suppressed"
    """Fewer than k respondents: the group is treated as absent, or its figures are not shown."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The wave's limits of publication quality, apart from secrecy (METHOD §8).

    Fewer than ``few`` usable answers, or an interval wider than ``wide``, carry a mark; wider than ``too_wide``, the
    estimate is withheld. Widths are of whole intervals on the scale to 100: an index in points, a domain in per cent of
    its points, a subcriterion in per cent of its survey points, a group's score in hundredths. None: no limit.
    """

    few: int = 30
    wide: float | None = None
    too_wide: float | None = None

    def marks(self, width: float) -> frozenset[Mark]:
        """The mark of an interval of this width, if any; what has no interval is infinitely wide."""
        if self.too_wide is not None and width > self.too_wide:
            return frozenset({Mark.WITHHELD})
        return frozenset({Mark.WIDE} if self.wide is not None and width > self.wide else ())


USUAL = Quality()


@dataclass(frozen=True, slots=True)
class GroupScore:
    """Score of one group for one unit and subcriterion, after the rule.

    ``hidden``: below k, or the cover of one that is (METHOD §8); then ``n``, ``score`` and ``se`` are ``None``.
    ``n`` alone is ``None`` where the number of this unit and group is hidden in the table of assessments.
    """

    group: str
    n: int | None
    share: float
    """Nominal share a_cg of the framework."""
    used: float
    """Share after reweighting; 0 when the group is absent."""
    score: float | None
    se: float | None
    hidden: bool
    marks: frozenset[Mark] = frozenset()
    bands: tuple[float, ...] | None = None
    """Of a rule with bands: the probability of each, the highest band first."""


@dataclass(frozen=True, slots=True)
class SubcriterionFigure:
    """One subcriterion of one unit; ``maximum`` is what can be reached here (0 when not applicable)."""

    id: str
    points: float | None
    maximum: float
    survey_points: float | None
    survey_maximum: float
    appraised_points: float | None
    appraised_maximum: float
    se: float | None
    groups_present: tuple[str, ...]
    groups: tuple[GroupScore, ...]
    marks: frozenset[Mark] = frozenset()
    own_points: float | None = None
    """What the unit gave itself (tự chấm), where it did."""


@dataclass(frozen=True, slots=True)
class DomainFigure:
    """A domain of one unit: points, applicable maximum, percent of it (unrounded), points lost, se of the percent.

    Withheld (``marks``), it keeps its maximum only.
    """

    id: str
    points: float | None
    maximum: float
    percent: float | None
    lost: float | None
    se: float | None = None
    marks: frozenset[Mark] = frozenset()


@dataclass(frozen=True, slots=True)
class UnitIndex:
    """One unit's index with its uncertainty, rank and parts.

    ``index`` is unrounded and already rescaled to 100; ``published`` is it rounded to 2 decimals, half away from
    zero. ``rank`` follows the published numbers (1, 1, 3) within the kind; ``rank_lower``..``rank_upper`` is the
    marginal two-sided rank confidence set. All ``None`` for a unit that cannot be ranked (``reason`` says why).
    """

    unit: str
    kind: str
    index: float | None
    published: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    rank: int | None
    rank_lower: int | None
    rank_upper: int | None
    appraised_points: float | None
    survey_points: float | None
    maximum: float
    """Applicable maximum, 100 unless subcriteria were declared not to apply."""
    domains: tuple[DomainFigure, ...]
    subcriteria: tuple[SubcriterionFigure, ...]
    respondents: int | None = 0
    """Assessments of this unit in the dataset, all groups; ``None`` where the total would tell a small cell."""
    df: float | None = None
    possible_best: bool = False
    """The data do not rule out that this unit is the first of its kind (simultaneous)."""
    common_index: float | None = None
    """Index on the groups that all units of the kind share (METHOD §6)."""
    common_rank: int | None = None
    change: Change | None = None
    marks: frozenset[Mark] = frozenset()
    reason: str | None = None
    """Why there is no index or rank: 'missing' (too few valid answers), 'appraised' (no appraised points) or
    'too_wide' (withheld)."""
    criteria: tuple[CriterionFigure, ...] = ()
    groups: tuple[GroupFigure, ...] = ()
    average: AverageGap | None = None
    like_for_like: LikeForLike | None = None
    target: Target | None = None
    gains: tuple[Gain, ...] = ()
    """Where the most points are still to be had, at most five, the greatest first."""
    self_gap: float | None = None
    """Self-assessed − appraised points, over the subcriteria that have both."""

    def domain(self, domain_id: str) -> DomainFigure:
        """The domain of that id; ``KeyError`` when the kind has none."""
        return {figure.id: figure for figure in self.domains}[domain_id]

    def subcriterion(self, subcriterion_id: str) -> SubcriterionFigure:
        """The subcriterion of that id; ``KeyError`` when the kind has none."""
        return {figure.id: figure for figure in self.subcriteria}[subcriterion_id]


@dataclass(frozen=True, slots=True)
class KindResult:
    """All units of one kind: ``units`` by rank, then framework/wave order; ``unranked`` without an index."""

    kind: str
    units: tuple[UnitIndex, ...]
    unranked: tuple[UnitIndex, ...]
    covariance: Matrix
    """(p, p) covariance of the unrounded index, in the order of ``units``."""
    common_groups: tuple[str, ...] = ()
    ranks_moved: int = 0
    """How many units would have another rank on the groups that all units share."""
    possible_best: tuple[str, ...] = ()
    scheme: tuple[SchemeRow, ...] = ()
    pairs: Pairs | None = None
    improvers: tuple[Improvers, ...] = ()
    common: Common | None = None
    """What the like-for-like comparison is made of; None without a previous year to compare so."""
    sensitivity: Sensitivity | None = None


@dataclass(frozen=True, slots=True)
class IndexResult:
    """Everything that is published, from one dataset, one framework and one table of appraised points."""

    kinds: tuple[KindResult, ...]
    dataset_hash: str
    framework: FrameworkFacts
    wave: WaveFacts
    rates_by_group: tuple[RateRow, ...]
    rates_total: RateRow | None
    assessments: tuple[AssessmentRow, ...]
    """Valid assessments by unit × group, suppressed."""
    units_without_framework: tuple[str, ...]
    """Units whose kind the framework does not know: no index (METHOD §6)."""
    notes: tuple[Note, ...]
    """What must be said beside the numbers."""
    level: float = 0.95
    seed: int = 0
    draws: int = 20_000
    rates_by_unit: tuple[RateRow, ...] = ()
    """An invitation counts under each unit that it assesses; empty where the dataset does not say."""
    quality: Quality = USUAL
    rounds: Rounds | None = None

    def kind(self, kind: str) -> KindResult:
        """The result of that kind; ``KeyError`` when there is none."""
        for result in self.kinds:
            if result.kind == kind:
                return result
        raise KeyError(kind)

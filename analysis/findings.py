"""What a result says beside points and ranks: pairs, change, sensitivity, targets.

As in ``result``: numbers are unrounded unless a docstring says otherwise, shares in [0, 1], points in points,
percentages in [0, 100], and ``None`` means "cannot be said".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


class Verdict(StrEnum):
    """Year on year, against sampling error (METHOD §7; Holm-adjusted over the units of a kind)."""

    MORE = "more"
    NOISE = "noise"
    NOT_ASSESSABLE = "not assessable"


@dataclass(frozen=True, slots=True)
class Change:
    """Published index of this year − published index of the previous; both rounded to 2 decimals."""

    previous: float
    change: float
    verdict: Verdict
    p_value: float | None = None
    domains: Mapping[str, float] = field(default_factory=dict)
    """Percentage points by domain id, where the previous file has the domain."""
    previous_rank: int | None = None
    """Rank among the previous year's units of this kind that are compared, after mergers; ties share the best."""
    parts: tuple[str, ...] = ()
    """The previous units that were merged into this one (N-weighted mean); empty for the unit itself."""


@dataclass(frozen=True, slots=True)
class LikeForLike:
    """Change on what both years have in common, this year's points and group shares held for both years.

    ``previous`` and ``current`` are indices on the scale to 100 over the common part; ``low``, ``high`` the interval of
    the change; ``conservative``: the previous year's error is an upper bound, its covariances not being known.
    ``share``: the common part in per cent of the unit's applicable points. ``domains``: percentage points by domain.
    """

    previous: float
    current: float
    change: float
    se: float | None
    df: float | None
    low: float | None
    high: float | None
    p_value: float | None
    verdict: Verdict
    share: float
    conservative: bool = False
    domains: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Common:
    """What two years of one kind have in common; ``dropped`` subcriteria with the reason, an English word.

    Reasons: ``new``, ``gone``, ``rule``, ``items``, ``groups``, ``source``.
    """

    subcriteria: tuple[str, ...]
    groups: tuple[str, ...]
    dropped: Mapping[str, str]
    previous_hash: str
    """Dataset hash of the previous year."""
    ended: tuple[str, ...] = ()
    """Previous units that the mapping ends, or that no unit of this year continues."""


@dataclass(frozen=True, slots=True)
class Improver:
    """One unit that rose: percentage points of a domain, or points of the published index."""

    unit: str
    change: float


@dataclass(frozen=True, slots=True)
class Improvers:
    """The units that rose most, at most three and ties with the third; ``domain`` None is the published index."""

    domain: str | None
    units: tuple[Improver, ...]


class Side(StrEnum):
    """Where a unit stands beside the average of its kind, or of its target, given sampling error."""

    ABOVE = "above"
    BELOW = "below"
    NOISE = "noise"
    NOT_ASSESSABLE = "not assessable"


@dataclass(frozen=True, slots=True)
class AverageGap:
    """Index − mean index of the kind's ranked units (the unit among them), and a Holm-adjusted verdict."""

    gap: float
    se: float
    p_value: float
    side: Side


@dataclass(frozen=True, slots=True)
class Pairs:
    """Every pair of ranked units: Holm-adjusted p-values (p, p) of "no difference", 1 on the diagonal.

    ``tied``: the longest runs of units next to each other in rank no two of which are told apart; of two units or more.
    """

    p_values: Matrix
    tied: tuple[tuple[str, ...], ...]


class Choice(StrEnum):
    """A choice of method that is varied to see what hangs on it (METHOD §7)."""

    DOMAIN = "domain"
    SHARES = "shares"
    POINTS = "points"
    FLAGGED = "flagged"
    SELF = "self"
    MODE = "mode"
    WEIGHTS = "weights"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One other way of counting: ``subject`` is the domain, group or mode that is left out, '' where none is.

    ``ranks`` of the units that keep an index; ``lost`` the ranked units that do not. Shifts compare with the published
    ranks among the units of ``ranks``: ``moved`` units with another rank, ``shift`` the mean of the absolute
    differences (Saisana, Saltelli and Tarantola 2005), ``largest`` the greatest of them. Points are not shown: those
    of two countings would give away who was left out between them.
    """

    choice: Choice
    subject: str
    ranks: Mapping[str, int]
    lost: tuple[str, ...]
    moved: int
    shift: float
    largest: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """Group shares, or points of the domains, drawn from a Dirichlet distribution about the nominal ones.

    ``low``, ``high``: 5th and 95th percentile of each unit's ranks over the draws; ``same``: share of draws in which it
    keeps its rank; ``first``: share in which it is the first. ``shift`` as in ``Scenario``, its mean over the draws.
    """

    choice: Choice
    concentration: float
    draws: int
    low: Mapping[str, int]
    high: Mapping[str, int]
    same: Mapping[str, float]
    first: Mapping[str, float]
    shift: float


@dataclass(frozen=True, slots=True)
class RankRange:
    """The best and the worst rank of a unit over all scenarios and (5–95 %) draws at the usual concentration."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Weighty:
    """How much one choice matters: the greatest mean shift over its scenarios, and the scenario's subject.

    ``largest`` shift of one unit in it; None where the choice was drawn, ``subject`` being the concentration.
    """

    choice: Choice
    subject: str
    shift: float
    largest: int | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What hangs on the choices: ``weighty`` from the choice that matters most to the one that matters least.

    ``skipped``: choices that could not be varied, with the reason: ``one`` (nothing else to choose), ``none`` (there is
    nothing of the kind in this wave) or ``unknown`` (not given).
    """

    scenarios: tuple[Scenario, ...]
    drawn: tuple[Drawn, ...]
    ranges: Mapping[str, RankRange]
    weighty: tuple[Weighty, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A unit's target from its resolution; ``gap`` = target − published index: positive is what is still to be had.

    ``side``: whether the index is surely above or below the target (two-sided, at the level of the result).
    """

    target: float
    gap: float
    reached: bool
    side: Side
    source: str = ""
    """The resolution, as the file names it."""


@dataclass(frozen=True, slots=True)
class Gain:
    """Points still to be had at one subcriterion: ``lost`` to the maximum, ``behind`` the best unit of the kind."""

    subcriterion: str
    domain: str
    lost: float
    behind: float


@dataclass(frozen=True, slots=True)
class CriterionFigure:
    """A criterion of one unit, as a domain; what is withheld keeps its maximum only."""

    id: str
    domain: str
    points: float | None
    maximum: float
    percent: float | None
    lost: float | None
    se: float | None = None
    """Of the percentage."""


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """A group's score of one unit over all that it scores, Σ M a s / Σ M a over the subcriteria where it counts."""

    group: str
    score: float | None
    se: float | None
    weight: float
    """Points that this group decides, Σ M a after reweighting."""


@dataclass(frozen=True, slots=True)
class SchemeRow:
    """One subcriterion as the framework has it, so that a result can be read without its framework."""

    id: str
    domain: str
    criterion: str
    name: Mapping[str, str]
    survey_points: float
    appraised_points: float
    rule: Mapping[str, object] | None
    items: tuple[str, ...]
    shares: Mapping[str, float]
    missing: str

"""A framework: unit kinds ▸ domains ▸ criteria ▸ subcriteria with their points, as frozen data."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from forms.questionnaire import Item, read_text
from forms.text import Text

TOLERANCE = 1e-9  # sums of points and shares are decimal numbers; this is binary noise


class RuleKind(StrEnum):
    """How answers become a score in [0, 1] (METHOD §6)."""

    MEAN = "mean"
    SHARE = "share"
    TARGET = "target"
    BANDS = "bands"


class Source(StrEnum):
    """Where a subcriterion's points come from."""

    SURVEY = "survey"
    APPRAISED = "appraised"
    BOTH = "both"


class Missing(StrEnum):
    """What happens when a group has too few answers: its share goes to the others, or the score is withheld."""

    REWEIGHT = "reweight"
    WITHHOLD = "withhold"


@dataclass(frozen=True, slots=True)
class Rule:
    """A scoring rule.

    ``favourable``: ids of the choices that count (``share``, ``target``, ``bands`` of a share).
    ``target``: the share that earns full points. ``of``: ``"share"`` or ``"mean"``, what ``table`` is a step
    table of. ``table``: (at least, score), highest first, ending at 0.
    """

    kind: RuleKind = RuleKind.MEAN
    favourable: tuple[str, ...] = ()
    target: float | None = None
    of: str | None = None
    table: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Subcriterion:
    """The smallest thing that earns points; ``points = survey_points + appraised_points``."""

    id: str
    name: Text
    points: float
    survey_points: float
    appraised_points: float
    source: Source
    rule: Rule | None
    items: tuple[str, ...]
    shares: Mapping[str, float]  # group → its share of the score, summing to 1
    missing: Missing = Missing.REWEIGHT


@dataclass(frozen=True, slots=True)
class Criterion:
    """Some subcriteria that belong together."""

    id: str
    name: Text
    subcriteria: tuple[Subcriterion, ...]

    @property
    def points(self) -> float:
        """The most it can earn."""
        return math.fsum(subcriterion.points for subcriterion in self.subcriteria)


@dataclass(frozen=True, slots=True)
class Domain:
    """A field of reform."""

    id: str
    name: Text
    criteria: tuple[Criterion, ...]

    @property
    def subcriteria(self) -> tuple[Subcriterion, ...]:
        """All below it, in order."""
        return tuple(subcriterion for criterion in self.criteria for subcriterion in criterion.subcriteria)

    @property
    def points(self) -> float:
        """The most it can earn."""
        return math.fsum(subcriterion.points for subcriterion in self.subcriteria)


@dataclass(frozen=True, slots=True)
class Kind:
    """How units of one kind are scored."""

    id: str
    domains: tuple[Domain, ...]

    @property
    def subcriteria(self) -> tuple[Subcriterion, ...]:
        """All of them, in order."""
        return tuple(subcriterion for domain in self.domains for subcriterion in domain.subcriteria)

    @property
    def survey_subcriteria(self) -> tuple[Subcriterion, ...]:
        """Those that answers score, wholly or in part."""
        return tuple(s for s in self.subcriteria if s.source is not Source.APPRAISED)

    @property
    def appraised_subcriteria(self) -> tuple[Subcriterion, ...]:
        """Those that documents score, wholly or in part."""
        return tuple(s for s in self.subcriteria if s.source is not Source.SURVEY)

    @property
    def points(self) -> float:
        """The most a unit can earn: 100."""
        return math.fsum(subcriterion.points for subcriterion in self.subcriteria)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that have a share somewhere, in order of appearance."""
        return tuple(dict.fromkeys(group for s in self.survey_subcriteria for group in s.shares))


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Subcriteria that do not apply to one unit, declared with a reason before opening."""

    unit: str
    subcriteria: tuple[str, ...]
    reason: Text


@dataclass(frozen=True)
class Framework:
    """A whole framework; ``text`` is its source and ``hash`` the SHA-256 of it."""

    id: str
    title: Text
    illustrative: bool
    years: tuple[int, ...]
    kinds: Mapping[str, Kind]
    not_applicable: tuple[NotApplicable, ...]
    text: str

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the source, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def excluded(self, unit: str) -> frozenset[str]:
        """The subcriteria that do not apply to this unit."""
        return frozenset(id for entry in self.not_applicable if entry.unit == unit for id in entry.subcriteria)


def load(source: str, name: str, items: Mapping[str, Item] | None = None) -> Framework:
    """Read and check a framework; raises Faults with every fault and its line in ``name``.

    With ``items`` (those of the questionnaires in use, by id) their existence, type and choices are checked too.
    """
    # Imported here because the reader builds the classes above.
    from forms.framework_file import read

    return read(source, name, items)


def load_file(path: Path, items: Mapping[str, Item] | None = None) -> Framework:
    """Read and check a framework file; raises Faults."""
    return load(read_text(path), str(path), items)

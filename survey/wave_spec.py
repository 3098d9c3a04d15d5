"""What a wave file says, as frozen dataclasses; see ``wave_file`` for reading one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from forms.text import Text


class Method(StrEnum):
    """How a group's respondents are selected."""

    CENSUS = "census"
    SIMPLE = "simple"
    STRATIFIED = "stratified"


class Allocation(StrEnum):
    """How a stratified sample is shared out."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"


class Resume(StrEnum):
    """What a form begun earlier shows to whoever opens it again with the code."""

    SHOW = "show"  # everything: who holds the slip was handed it
    CONTINUE = "continue"  # nothing of an earlier sitting: whoever sent the link could look


class TooFew(StrEnum):
    """What to do with a cell that holds fewer than k after every declared merge."""

    STOP = "stop"
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True, slots=True)
class Unit:
    """An office that is assessed."""

    id: str
    name: Text
    kind: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where dossiers are received; ``unit`` is the office that runs it, None when none of the assessed does."""

    id: str
    name: Text
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Design:
    """How many are drawn, and how.

    ``by``: frame columns that make the strata, the first one outermost; ``minimum``: at least so many in each level of
    the first; ``hold``: a further column splits only where each of its levels can hold so many; ``response``: the
    share expected to answer, for planning.
    """

    method: Method = Method.CENSUS
    by: tuple[str, ...] = ()
    n: int | None = None
    allocation: Allocation = Allocation.PROPORTIONAL
    minimum: int = 0
    hold: int = 8
    response: float = 1.0


@dataclass(frozen=True, slots=True)
class Target:
    """What a group's figures are about; the report prints it."""

    population: Text
    frame: Text
    period: Text
    gaps: Text


@dataclass(frozen=True, slots=True)
class Group:
    """A respondent group.

    ``assesses`` is as the file says: ``dossier``, ``own``, ``list`` or ``kind:<kind>[,<kind>]``. ``merge`` names, in
    order, what is merged where a cell would hold fewer than k: ``multiplicity``, margins, ``stratum:<column>``.
    ``classes`` makes the response classes (None: the strata). ``max_units``: most units one person is asked about.
    ``multiplicity_cap``: the weight of a person found at many units grows no further than this. ``resume``: what a
    form begun earlier shows; by default everything where slips are handed out, nothing where a link was sent.
    """

    id: str
    name: Text
    questionnaire: str
    assesses: str
    design: Design = Design()
    margins: tuple[str, ...] = ()
    classes: tuple[str, ...] | None = None
    merge: tuple[str, ...] = ()
    too_few: TooFew = TooFew.STOP
    max_units: int = 8
    multiplicity_cap: int = 4
    mode: str = "qr"
    resume: Resume = Resume.SHOW
    target: Target | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The unit kinds of ``kind:…``; empty otherwise."""
        head, _, tail = self.assesses.partition(":")
        return tuple(tail.split(",")) if head == "kind" else ()


@dataclass(frozen=True, slots=True)
class Authority:
    """The issuing body, its plan and the plan's date, as printed on paper."""

    name: Text
    plan: str
    date: date


@dataclass(frozen=True, slots=True)
class Estimation:
    """Choices of the statistics, declared before opening."""

    lonely: str = "adjust"
    collapse: tuple[str, ...] = ()
    valid: tuple[str, ...] = ("complete", "partial")
    n_min: int = 5


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares of the applicable closed items that make a submit complete, or partial."""

    complete: float = 0.8
    partial: float = 0.5


@dataclass(frozen=True, slots=True)
class WaveSpec:
    """One wave file. ``text`` is its source."""

    id: str
    title: Text
    opens: date
    closes: date
    timezone: str
    framework: str | None
    k: int
    units: tuple[Unit, ...]
    places: tuple[Place, ...]
    groups: tuple[Group, ...]
    hotline: str = ""
    authority: Authority | None = None
    estimation: Estimation = Estimation()
    thresholds: Thresholds = Thresholds()
    simulated: bool = False
    text: str = ""

    def unit(self, identity: str) -> Unit:
        """The unit with this id. Raises KeyError."""
        return _by_id(self.units, identity)

    def place(self, identity: str) -> Place:
        """The place with this id. Raises KeyError."""
        return _by_id(self.places, identity)

    def group(self, identity: str) -> Group:
        """The group with this id. Raises KeyError."""
        return _by_id(self.groups, identity)

    def units_of(self, kinds: tuple[str, ...]) -> tuple[str, ...]:
        """Ids of the units of these kinds, in the file's order."""
        return tuple(unit.id for unit in self.units if unit.kind in kinds)

    @property
    def most_units(self) -> int:
        """The most units that one response can assess."""
        return max((self.most_units_of(group) for group in self.groups), default=1)

    def most_units_of(self, group: Group) -> int:
        """The most units that one response of ``group`` can assess."""
        if group.assesses == "list":
            return min(group.max_units, len(self.units))
        return min(group.max_units, len(self.units_of(group.kinds))) if group.kinds else 1


_Named = TypeVar("_Named", Unit, Place, Group)


def _by_id(rows: tuple[_Named, ...], identity: str) -> _Named:
    for row in rows:
        if row.id == identity:
            return row
    raise KeyError(identity)

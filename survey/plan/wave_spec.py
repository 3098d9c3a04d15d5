"""What a wave file says, as frozen dataclasses; see ``wave_file`` for reading one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from forms.text import Text
from survey.plan.design_spec import ZONE, Allocation, Design, FirstStage, Method, Rule, Size

__all__ = [
    "ZONE",
    "Allocation",
    "Authority",
    "Design",
    "Estimation",
    "FirstStage",
    "Group",
    "Method",
    "Pace",
    "Place",
    "Resume",
    "Rule",
    "Size",
    "Target",
    "Thresholds",
    "TooFew",
    "Unit",
    "WaveSpec",
]
from survey.counter.selection import CounterPlan, Shares
from survey.delivery.messages import USUAL_REMINDERS, Message, Reminders
from survey.keying.plan import ON_PAPER, PaperPlan
from survey.plan.delivery_file import Return
from survey.plan.fieldwork_file import Fieldwork, Payment
from survey.plan.limits import USUAL_PACE, USUAL_THRESHOLDS, Pace, Thresholds

COUNTER, KIOSK = "counter", "kiosk"  # modes of their own: the office was near
CENSUS = Design()
USUAL_FIELDWORK = Fieldwork()
WALK_IN = "open"  # the mode of whoever comes by a poster: no sample, in no official number
AT_ONCE = frozenset({COUNTER, KIOSK, WALK_IN})  # made when the respondent is there: in no export and on no list


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
class Former:
    """An office abolished before the wave opens; ``successor`` (an assessed unit, or another such office) took over."""

    id: str
    name: Text
    kind: str
    valid_to: date
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where dossiers are received; ``unit`` is the office that runs it, None when none of the assessed does."""

    id: str
    name: Text
    unit: str | None = None


COUNTER_DESIGN = Design(Method.COUNTER, ("unit", "period"))


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
    ``classes`` makes the response classes (None: the strata). ``max_units``: most units one person is asked about;
    ``unit_min``: where these are fewer than there are, so many returned assessments of each unit are planned at least.
    ``multiplicity_cap``: the weight of a person found at many units grows no further than this. ``resume``: what a
    form begun earlier shows; by default everything where slips are handed out, nothing where a link was sent.
    ``counter``: the shares of dossiers asked about at the counter; None where a list is drawn from.
    """

    id: str
    name: Text
    questionnaire: str
    assesses: str
    design: Design = CENSUS
    margins: tuple[str, ...] = ()
    classes: tuple[str, ...] | None = None
    merge: tuple[str, ...] = ()
    too_few: TooFew = TooFew.STOP
    max_units: int = 8
    unit_min: int = 1
    multiplicity_cap: int = 4
    mode: str = "qr"
    resume: Resume = Resume.SHOW
    target: Target | None = None
    counter: Shares | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The unit kinds of ``kind:…``; empty otherwise."""
        head, _, tail = self.assesses.partition(":")
        return tuple(tail.split(",")) if head == "kind" else ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every frame column that this group needs: design, margins, response classes."""
        return tuple(dict.fromkeys((*self.design.columns, *self.margins, *(self.classes or ()))))


@dataclass(frozen=True, slots=True)
class Poster:
    """A place with a poster; ``units``: the offices that a walk-in there may speak about, one each."""

    place: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenChannel:
    """The poster channel: walk-ins are asked what ``group`` is asked; ``most``: forms it may make in the whole wave."""

    group: str
    posters: tuple[Poster, ...]
    most: int = 5000

    def poster(self, place: str) -> Poster | None:
        """The poster at this place, if the channel has one there."""
        return next((poster for poster in self.posters if poster.place == place), None)


@dataclass(frozen=True, slots=True)
class Authority:
    """The issuing body, its plan and the plan's date, as printed; ``unit``: which assessed unit it is, if any."""

    name: Text
    plan: str
    date: date
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Estimation:
    """Choices of the statistics, declared before opening.

    ``n_min``: answers that a group needs to count; ``pool_below``: with fewer, a variance is at least the group's
    pooled one; ``few``, ``wide``, ``too_wide``: limits of publication quality (``analysis.result.Quality``).
    """

    lonely: str = "adjust"
    collapse: tuple[str, ...] = ()
    valid: tuple[str, ...] = ("complete", "partial")
    n_min: int = 5
    pool_below: int = 5
    few: int = 30
    wide: float | None = None
    too_wide: float | None = None


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
    thresholds: Thresholds = USUAL_THRESHOLDS
    pace: Pace = USUAL_PACE
    simulated: bool = False
    open: OpenChannel | None = None
    text: str = ""
    counter: CounterPlan | None = None
    messages: tuple[Message, ...] = ()
    reminders: Reminders = USUAL_REMINDERS
    return_to: Return | None = None
    former: tuple[Former, ...] = ()
    purge_on: date | None = None
    paper: PaperPlan | None = None
    fieldwork: Fieldwork = USUAL_FIELDWORK
    payment: Payment | None = None
    interim: bool = False
    """Datasets may be frozen before the wave has ended; seal 0 says so."""

    def follower(self, former: Former) -> str | None:
        """The assessed unit that took over an abolished one, through others where need be; None when there is none."""
        next_of = {each.id: each.successor for each in self.former}
        unit = former.successor
        while unit is not None and unit in next_of:
            unit = next_of[unit]
        return unit

    def unit(self, identity: str) -> Unit:
        """The unit with this id. Raises KeyError."""
        return _by_id(self.units, identity)

    def place(self, identity: str) -> Place:
        """The place with this id. Raises KeyError."""
        return _by_id(self.places, identity)

    def group(self, identity: str) -> Group:
        """The group with this id. Raises KeyError."""
        return _by_id(self.groups, identity)

    @property
    def on_paper(self) -> bool:
        """Whether forms come back on paper: the file says so, or a group is asked in a mode that uses it."""
        return self.paper is not None or any(group.mode in ON_PAPER for group in self.groups)

    @property
    def listed_groups(self) -> tuple[Group, ...]:
        """The groups that are drawn from a list; the others are selected at counters."""
        return tuple(group for group in self.groups if group.counter is None)

    @property
    def counter_groups(self) -> tuple[Group, ...]:
        """The groups that are selected at counters."""
        return tuple(group for group in self.groups if group.counter is not None)

    def office_of(self, place: str) -> str | None:
        """The assessed office that runs a place (a unit may be a place itself); None when none does."""
        if any(unit.id == place for unit in self.units):
            return place
        return next((each.unit for each in self.places if each.id == place), None)

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

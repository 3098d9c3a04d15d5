"""How a group's sample is drawn, as frozen dataclasses; see ``design_file`` for reading it from a wave file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ZONE = "zone"  # the pseudo-strata of a systematic sample, where a column of the strata is named


class Method(StrEnum):
    """How a group's respondents are selected."""

    CENSUS = "census"
    SIMPLE = "simple"
    SYSTEMATIC = "systematic"
    STRATIFIED = "stratified"
    TWO_STAGE = "two_stage"
    COUNTER = "counter"  # dossier by dossier, where they are handed over


class Allocation(StrEnum):
    """How a stratified sample is shared out."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    NEYMAN = "neyman"
    POWER = "power"


class FirstStage(StrEnum):
    """How the first stage of a two-stage sample is drawn."""

    SIMPLE = "simple"
    PPS = "pps"  # with probability proportional to the number of rows


class Rule(StrEnum):
    """How a sample size is computed."""

    SLOVIN = "slovin"
    COCHRAN = "cochran"


@dataclass(frozen=True, slots=True)
class Size:
    """A sample size by rule: ``e`` half the width of the interval of a share ``p`` at ``confidence``.

    ``each``: the rule holds for every level of the design's first column, and not for the group as a whole.
    """

    rule: Rule
    e: float
    p: float = 0.5
    deff: float = 1.0
    confidence: float = 0.95
    each: bool = False


@dataclass(frozen=True, slots=True)
class Design:
    """How many are drawn, and how.

    ``by``: frame columns that make the strata, the first one outermost; ``minimum``, ``maximum``: at least and at most
    so many in each level of the first; ``hold``: a further column splits only where each of its levels can hold so
    many; ``response``: the share expected to answer, for planning; ``size``: the rule that gives n, in place of it.
    ``deviation``: the frame column whose spread Neyman's allocation takes, or ``deviations``: declared by level;
    ``power``: the exponent of power allocation. ``sort``, ``zones``: of a systematic sample. ``psu``, ``psus``,
    ``first``: the column, the number and the selection of the first stage. ``reserve``: share drawn in addition,
    which waits to be released.
    """

    method: Method = Method.CENSUS
    by: tuple[str, ...] = ()
    n: int | None = None
    allocation: Allocation = Allocation.PROPORTIONAL
    minimum: int = 0
    hold: int = 8
    response: float = 1.0
    maximum: int | None = None
    size: Size | None = None
    deviation: str | None = None
    deviations: tuple[tuple[str, float], ...] = ()
    power: float = 0.5
    sort: tuple[str, ...] = ()
    zones: bool = False
    psu: str | None = None
    psus: int | None = None
    first: FirstStage = FirstStage.SIMPLE
    reserve: float = 0.0

    @property
    def columns(self) -> tuple[str, ...]:
        """Every frame column that the design needs."""
        single = [column for column in (self.deviation, self.psu) if column]
        return tuple(dict.fromkeys((*self.by, *self.sort, *single)))

    @property
    def told(self) -> tuple[str, ...]:
        """The columns that name a stratum as cells carry it: the strata's, then the zone's or the first stage's."""
        return (*self.by, *([ZONE] if self.zones else []), *([self.psu] if self.psu else []))

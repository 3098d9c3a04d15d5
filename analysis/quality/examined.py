"""Every check on a dataset: what it is, its limit, what it found, whom it flags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.stats import binom

from analysis.dataset import Dataset
from analysis.design import Bools, Codes
from analysis.quality import copies, independent, offices, patterns, variance
from analysis.quality.answers import FEWEST, Answers, answers
from analysis.quality.contradictions import Contradicted, contradicted
from analysis.quality.offices import Funnel
from analysis.quality.speed import paced


class Flag(StrEnum):
    """What a form can be flagged for."""

    STRAIGHT = "straight"
    NEARLY = "nearly_straight"
    LITTLE = "little_variance"
    MUCH = "much_variance"
    COPIED = "copied"
    SKIPPED = "skipped"
    CONTRADICTED = "contradicted"
    FAST = "fast"


# Left out where results are shown without the flagged: gaps alone say nothing against the answers beside them.
AGAINST = tuple(flag for flag in Flag if flag is not Flag.SKIPPED)
# Flags whose limit is a share of honest forms; an office with many more of them than that is marked.
CHANCE = {Flag.LITTLE: variance.FALSE, Flag.MUCH: variance.FALSE, Flag.COPIED: copies.FALSE}
ABREAST = {Flag.COPIED: 2}  # forms that one chance event flags: two that are alike flag each other
ALARM = 1e-4  # chance of so many in an office of honest forms, before it is marked

DEFINITIONS: Mapping[Flag, str] = {
    Flag.STRAIGHT: f"all answers about an office are one and the same ({FEWEST} answers or more)",
    Flag.NEARLY: f"{patterns.NEARLY:.0%} or more of the answers about an office are one and the same, not all",
    Flag.LITTLE: "the answers about an office differ less from each other (standard deviation, as part of the most its "
    f"mean allows) than those of all but {variance.FALSE:.1%} of independent people; straight forms are not here",
    Flag.MUCH: f"they differ more than those of all but {variance.FALSE:.1%} of independent people",
    Flag.COPIED: "its nearest neighbour in the office, or several, are nearer than independent answers ever bring them "
    f"({copies.FALSE:.1%} of honest forms at the most)",
    Flag.SKIPPED: f"{patterns.SKIPPED:.0%} or more of the items shown have no answer",
    Flag.CONTRADICTED: "answers contradict each other by a rule that the questionnaire declares (any of its rules)",
    Flag.FAST: "filled in faster than the wave's limit of seconds an item (2 unless its file says otherwise), from the "
    "first page saved to the submit; of forms whose pace is known",
}

APART: Mapping[str, str] = {
    "highest": "the share of highest answers about the office, as log-odds, against the others of its kind",
    "agreement": "how little people's mean answers about the office differ (standard deviation, as part of the most "
    "that the office's own mean allows), against the others of its kind",
    "z": "deviations from the centre of the kind, in a funnel of sampling error and of what offices differ honestly; "
    "marked beyond what the farthest of so many normal offices exceeds with the chance "
    f"{offices.ALARM / offices.CHECKS:g}",
    "little_variance, much_variance, copied": "more such forms about the office than chance leaves honest ones (copies "
    f"counted by twos): chance below {ALARM:g} over all offices",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One check in one group: forms flagged of those it could look at, by office too."""

    flag: Flag
    group: str
    flagged: int
    base: int
    by_unit: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Mark:
    """An office that stands apart: ``value`` against ``centre`` of all offices, ``z`` deviations, of ``n`` forms."""

    what: str  # highest, agreement, little_variance, much_variance, copied
    group: str
    unit: str
    value: float
    centre: float
    z: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Quality:
    """What was found. ``flagged``: respondents with a form that AGAINST names; ``unchecked``: groups of few items."""

    checks: tuple[Check, ...]
    marks: tuple[Mark, ...]
    flagged: frozenset[int]
    unchecked: tuple[str, ...]

    def document(self, *, by_unit: bool) -> dict[str, Any]:
        """For JSON: counts, no respondent. ``by_unit`` is for analysts: small offices are not hidden in it."""
        left = () if by_unit else ("by_unit",)
        return {
            "definitions": {str(flag): words for flag, words in DEFINITIONS.items()},
            "mark_definitions": dict(APART),
            "checks": [{k: v for k, v in asdict(check).items() if k not in left} for check in self.checks],
            "marks": [asdict(mark) for mark in self.marks],
            "respondents_flagged": len(self.flagged),
            "unchecked": list(self.unchecked),
        }


@lru_cache(maxsize=1)
def examined(dataset: Dataset) -> Quality:
    """The checks of a dataset with a seed of its own, made once for all that ask: they take longer than the index."""
    return examine(dataset, int(dataset.hash[:8], 16))


def examine(dataset: Dataset, seed: int = 0, told: Callable[[int, int], None] = lambda done, total: None) -> Quality:
    """Run every check on every group. ``seed``: of the forms drawn for comparison; the same gives the same flags."""
    groups = [entry["id"] for entry in dataset.manifest["groups"]]
    kinds: dict[str, set[str]] = {}
    for unit in dataset.manifest["units"]:
        kinds.setdefault(unit["kind"], set()).add(unit["id"])
    checks: list[Check] = []
    marks: list[Mark] = []
    flagged: set[int] = set()
    unchecked = []
    for number, group in enumerate(groups, start=1):
        given = answers(dataset, group)
        if given is None or not len(given.table):
            unchecked.append(group)
        else:
            found = dict(flags(given, seed))
            checks += [_check(flag, given, rows, base) for flag, (rows, base) in found.items()]
            for flag in CHANCE:
                marks += _beyond_chance(given, flag, *found[flag])
            for kind in kinds.values():
                marks += _apart(given.about(kind))
            for flag in AGAINST:
                if flag in found:
                    flagged.update(given.respondent[found[flag][0]].tolist())
        rules = list(contradicted(dataset, group))
        if rules:
            checks.append(_contradicted(group, rules))
            flagged.update(person for rule in rules for person in rule.respondent[rule.holds].tolist())
        speed = paced(dataset, group)
        if speed is not None:
            checks.append(_counted(Flag.FAST, group, (speed.fast, speed.known), speed.unit, speed.units))
            flagged.update(speed.respondent[speed.fast].tolist())
        told(number, len(groups))
    return Quality(tuple(checks), tuple(marks), frozenset(flagged), tuple(unchecked))


def flags(given: Answers, seed: int) -> Iterator[tuple[Flag, tuple[Bools, Bools]]]:
    """Each flag with the rows (n,) that it names and those it could look at."""
    enough = given.enough
    straight = patterns.straight(given.table, enough)
    nearly = patterns.nearly_straight(given.table, given.levels, enough)
    yield Flag.STRAIGHT, (straight, enough)
    yield Flag.NEARLY, (nearly, enough)
    compared, little, much, copied = np.zeros((4, len(given.table)), np.bool_)
    for office in independent.offices(given, straight | nearly, seed):
        compared |= office.rows
        little[office.rows], much[office.rows] = variance.unusual(office)
        copied[office.rows] = copies.copied(office)
    yield Flag.LITTLE, (little, compared)
    yield Flag.MUCH, (much, compared)
    yield Flag.COPIED, (copied, compared)
    shown = given.asked > 0
    yield Flag.SKIPPED, (shown & (given.answered <= patterns.SKIPPED * given.asked), shown)


def _check(flag: Flag, given: Answers, rows: Bools, base: Bools) -> Check:
    return _counted(flag, given.group, (rows, base), given.unit, given.units)


def _counted(flag: Flag, group: str, found: tuple[Bools, Bools], unit: Codes, units: Sequence[str]) -> Check:
    """Rows that a flag names and those it could look at, in all and by office."""
    rows, base = found
    counts = [np.bincount(unit[each], minlength=len(units)) for each in (rows, base)]
    by_unit = {name: (int(counts[0][at]), int(counts[1][at])) for at, name in enumerate(units) if counts[1][at]}
    return Check(flag, group, int(rows.sum()), int(base.sum()), dict(sorted(by_unit.items())))


def _contradicted(group: str, rules: Sequence[Contradicted]) -> Check:
    """Forms that hold any contradiction, of those that answered what some rule asks about."""
    first = rules[0]
    rows = np.logical_or.reduce([rule.holds for rule in rules])
    base = np.logical_or.reduce([rule.base for rule in rules])
    return _counted(Flag.CONTRADICTED, group, (rows, base), first.unit, first.units)


def _beyond_chance(given: Answers, flag: Flag, rows: Bools, base: Bools) -> Iterator[Mark]:
    """Offices with more forms of a flag than chance leaves honest forms."""
    n = np.bincount(given.unit[base], minlength=len(given.units))
    found = np.bincount(given.unit[rows], minlength=len(given.units))
    together = ABREAST.get(flag, 1)
    for at in np.flatnonzero(found > 1).tolist():
        events, trials = -(-found[at] // together), n[at] // together
        if binom.sf(events - 1, trials, CHANCE[flag]) < ALARM / len(given.units):
            share, all_share = found[at] / n[at], float(found.sum() / n.sum())
            yield Mark(str(flag), given.group, given.units[at], float(share), all_share, None, int(n[at]))


def _apart(given: Answers) -> Iterator[Mark]:
    tried: tuple[tuple[str, Funnel | None], ...] = (
        ("highest", offices.highest(given)), ("agreement", offices.agreement(given)),
    )  # fmt: skip
    for what, funnel in tried:
        if funnel is None:
            continue
        for at in funnel.apart:
            z, value = float(funnel.z[at]), float(funnel.value[at])
            yield Mark(what, given.group, given.units[at], value, funnel.centre, z, int(funnel.n[at]))

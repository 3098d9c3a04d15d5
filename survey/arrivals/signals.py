"""What arrivals say of an office, against the other offices of the same group. Pure; a reason to look, never a verdict.

An office is marked where chance would hardly bring as much: in one hour, on one day, from crowded networks. Chance is
the binomial tail, with the hours, days and networks of the other offices' forms, over all that was looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp, lgamma, log, log1p
from typing import Any

from survey.arrivals.folding import ON_PAPER, Kind
from survey.arrivals.tally import EVERY_UNIT

ALARM = 1e-4  # chance of one mark in a group of honest offices
TIMES = 3.0  # and as many times the share of the others: networks differ honestly, and so do days on which slips go out
LEAST_SHARE = 0.05


class Mark(StrEnum):
    """In what an office stands apart."""

    HOUR = "hour"
    DAY = "day"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Arrived:
    """An office's forms in one group: all, the most in an hour and on a day, those from crowded networks, its marks."""

    group: str
    unit: str
    forms: int
    busiest_hour: int
    busiest_day: int
    crowded: int
    marks: tuple[Mark, ...] = ()


def arrived(rows: Iterable[Mapping[str, Any]], k: int) -> list[Arrived]:
    """Every office that got forms, from rows day, grp, unit, kind, n; nothing under ``k`` forms is ever marked."""
    days: dict[tuple[str, str], dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for row in rows:
        if row["kind"] in ON_PAPER:
            continue
        days[row["grp"], row["unit"]][row["day"]][row["kind"]] += row["n"]
    groups: dict[str, list[str]] = defaultdict(list)
    for group, unit in days:
        if unit != EVERY_UNIT:
            groups[group].append(unit)
    return [
        _office(days, group, unit, units, k)
        for group, units in sorted(groups.items()) for unit in sorted(units)
    ]  # fmt: skip


Days = Mapping[tuple[str, str], Mapping[str, Counter[str]]]


def _office(days: Days, group: str, unit: str, units: Sequence[str], k: int) -> Arrived:
    own = days[group, unit]
    forms = sum(day[Kind.FORMS] for day in own.values())
    crowded = sum(day[Kind.CROWDED] for day in own.values())
    hour = max(day[Kind.BUSIEST] for day in own.values())
    on_day = max(day[Kind.FORMS] for day in own.values())
    found = Arrived(group, unit, forms, hour, on_day, crowded)
    if len(units) < 2:
        return found
    rest = _Rest.of([days[group, each] for each in units if each != unit], days[group, EVERY_UNIT])
    alarm = ALARM / len(units)
    marks = [mark for mark, holds in (
        (Mark.HOUR, any(_hour(day, rest.hours.get(date, Counter()), len(own), alarm, k) for date, day in own.items())),
        (Mark.DAY, any(_day(day, forms, rest.usual(date), len(own), alarm, k) for date, day in own.items())),
        (Mark.NETWORK, crowded >= k and _beyond(crowded, forms, (rest.crowded + 1) / (rest.forms + 2), 1, alarm)),
    ) if holds]  # fmt: skip
    return replace(found, marks=tuple(marks))


@dataclass(frozen=True, slots=True)
class _Rest:
    """The other offices of the group: forms by day, from crowded networks; the whole group's by day and hour.

    Hours of fewer than k are not kept: a day's forms are more than those of its hours.
    """

    days: Counter[str]
    crowded: int
    hours: Mapping[str, Counter[str]]

    @property
    def forms(self) -> int:
        return self.days.total()

    def usual(self, date: str) -> float:
        """The share of their forms that came on a day."""
        return (self.days[date] + 1) / (self.forms + len(self.days) + 1)

    @classmethod
    def of(cls, others: Sequence[Mapping[str, Counter[str]]], every: Mapping[str, Counter[str]]) -> _Rest:
        by_day: Counter[str] = Counter()
        for each in others:
            by_day.update({date: day[Kind.FORMS] for date, day in each.items()})
        crowded = sum(day[Kind.CROWDED] for each in others for day in each.values())
        hours = {
            date: Counter({name: n for name, n in day.items() if name.startswith("h") or name == Kind.FORMS})
            for date, day in every.items()
        }
        return cls(by_day, crowded, hours)


def _hour(own: Counter[str], group: Counter[str], days: int, alarm: float, k: int) -> bool:
    """Whether the busiest hour of a day holds more than the day's hours at the other offices explain."""
    busiest, forms = own[Kind.BUSIEST], own[Kind.FORMS]
    if busiest < k:
        return False
    # Which hour it was is not kept: it is one in which the group has as many, and the others get the benefit.
    # So they do of what came in hours of fewer than k.
    hours = {name: n for name, n in group.items() if name != Kind.FORMS}
    all_day = group[Kind.FORMS]
    most = max(
        (max(n - (busiest if name == at else 0) for name, n in hours.items()) for at in hours if hours[at] >= busiest),
        default=0,
    )
    most = max(most, min(k - 1, all_day - sum(hours.values())))
    return _beyond(busiest, forms, (most + 1) / (max(all_day - forms, most) + 8), 24 * days, alarm)


def _day(own: Counter[str], forms: int, usual: float, days: int, alarm: float, k: int) -> bool:
    return own[Kind.FORMS] >= k and _beyond(own[Kind.FORMS], forms, usual, days, alarm)


def _beyond(n: int, of: int, share: float, looked: int, alarm: float) -> bool:
    """Whether ``n`` or more of ``of`` is both improbable and far above the share that others have."""
    usual = max(share, LEAST_SHARE)
    return n > TIMES * usual * of and tail(n, of, usual) * looked < alarm


def tail(n: int, of: int, share: float) -> float:
    """The chance of ``n`` or more of ``of`` where each has the chance ``share`` in (0, 1)."""
    if n <= 0 or share >= 1.0:
        return 1.0
    each = (
        lgamma(of + 1) - lgamma(at + 1) - lgamma(of - at + 1) + at * log(share) + (of - at) * log1p(-share)
        for at in range(n, of + 1)
    )
    return min(1.0, sum(map(exp, each)))


@dataclass(frozen=True, slots=True)
class Keyed:
    """A keyer's forms: keyed, the most on a day, compared with another's keying, and how many of those differed."""

    keyer: str
    forms: int
    busiest_day: int
    compared: int
    differed: int
    marked: bool = False


def keyers(rows: Iterable[Mapping[str, Any]], k: int) -> list[Keyed]:
    """Every keyer, from rows keyer, day, kind, n; marked where forms differ far more often than the others' do."""
    days: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for row in rows:
        days[row["keyer"]][row["day"]][row["kind"]] += row["n"]
    sums = {keyer: sum(own.values(), Counter()) for keyer, own in days.items()}
    whole = sum(sums.values(), Counter())
    found = []
    for keyer, own in sorted(sums.items()):
        usual = (whole["differed"] - own["differed"] + 1) / (whole["compared"] - own["compared"] + 2)
        marked = own["differed"] >= k and _beyond(own["differed"], own["compared"], usual, len(sums), ALARM)
        busiest = max(day["keyed"] for day in days[keyer].values())
        found.append(Keyed(keyer, own["keyed"], busiest, own["compared"], own["differed"], marked))
    return found


@dataclass(frozen=True, slots=True)
class KeyedAbout:
    """An office's forms on paper in a group: keyed, the most on a day, keyed twice, and of those how many differed."""

    group: str
    unit: str
    forms: int
    busiest_day: int
    compared: int
    differed: int
    marked: bool = False


def keyed_about(rows: Iterable[Mapping[str, Any]], k: int) -> list[KeyedAbout]:
    """Every office with forms on paper, from rows as ``arrived`` takes them; marked as keyers are, within its group."""
    days: dict[tuple[str, str], dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for row in rows:
        if row["kind"] in ON_PAPER:
            days[row["grp"], row["unit"]][row["day"]][row["kind"]] += row["n"]
    sums = {office: sum(own.values(), Counter()) for office, own in sorted(days.items())}
    found = []
    for (group, unit), own in sums.items():
        others = [each for other, each in sums.items() if other[0] == group and other[1] != unit]
        compared, differed = (sum(each[kind] for each in others) for kind in (Kind.COMPARED, Kind.DIFFERED))
        usual, of = (differed + 1) / (compared + 2), own[Kind.COMPARED]
        odd = own[Kind.DIFFERED] >= k and _beyond(own[Kind.DIFFERED], of, usual, len(others) + 1, ALARM)
        busiest = max(day[Kind.KEYED] for day in days[group, unit].values())
        found.append(KeyedAbout(group, unit, own[Kind.KEYED], busiest, of, own[Kind.DIFFERED], bool(others) and odd))
    return found

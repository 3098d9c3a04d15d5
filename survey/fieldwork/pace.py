"""How many returns are expected by now: working days, and the curve that returns follow over them.

Expected by now = target × share of all returns that the curve has in by now. The curve is, in this order, the wave's
own declared one; the day counts of the wave it names (``like``) or of the last closed wave of the same lineage, whose
id differs only in the year; else a front-loaded one, F(t) = (1 − e^(−3t)) / (1 − e^(−3)), t being the part of the
working days that is over: half of all returns in the first fifth, nine tenths by two thirds of the time, the shape that
mail and web surveys have without reminders (Dillman, Smyth and Christian, 2014, ch. 10).
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from forms.faults import Faults
from survey import wave as waves
from survey.fieldwork.counting import EVERYTHING, Choice
from survey.plan.wave_spec import WaveSpec
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

STEEPNESS = 3.0
ENOUGH = 30  # returns of an earlier wave that make a curve
_YEAR = re.compile(r"_?(19|20)\d\d(?=_|$)")


class Source(StrEnum):
    """Where a curve comes from."""

    DECLARED = "declared"
    EARLIER = "earlier"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Curve:
    """Cumulative share of returns by time; ``points``: (time, share), both from 0 to 1, rising; between them straight.

    ``wave``: the earlier wave that it was taken from.
    """

    source: Source
    points: tuple[tuple[float, float], ...]
    wave: str = ""

    def share(self, time: float) -> float:
        """The share that is in at ``time``, a part of the working days."""
        if time <= 0:
            return 0.0
        if time >= 1:
            return 1.0
        place = bisect_right(self.points, (time, math.inf))
        (t0, s0), (t1, s1) = self.points[place - 1], self.points[place]
        return s0 + (s1 - s0) * (time - t0) / (t1 - t0)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a wave on which returns are expected; when there is none of them, every day."""

    opens: date
    closes: date
    timezone: str
    days: tuple[date, ...]

    def elapsed(self, at: datetime) -> float:
        """The part of the working time that is over, from 0 to 1; of a working day, what the clock says of it."""
        local = at.astimezone(ZoneInfo(self.timezone))
        past = bisect_right(self.days, local.date() - timedelta(1))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        part = (local - midnight) / timedelta(1) if local.date() in self.days else 0.0
        return (past + part) / len(self.days)

    def after(self, day: date) -> float:
        """The same at the end of a day."""
        return bisect_right(self.days, day) / len(self.days)

    @property
    def every(self) -> tuple[date, ...]:
        """All days from the first to the last, rest days too."""
        return tuple(self.opens + timedelta(number) for number in range((self.closes - self.opens).days + 1))


def calendar(spec: WaveSpec) -> Calendar:
    """A wave's working days: all but declared holidays and, where declared, Saturdays and Sundays."""
    every = [spec.opens + timedelta(number) for number in range((spec.closes - spec.opens).days + 1)]
    told = spec.fieldwork
    days = [day for day in every if day not in told.holidays and not (told.skip_weekends and day.weekday() > 4)]
    return Calendar(spec.opens, spec.closes, spec.timezone, tuple(days or every))


def usual() -> Curve:
    """The front-loaded curve, in 50 steps."""
    whole = 1 - math.exp(-STEEPNESS)
    steps = [number / 50 for number in range(51)]
    return Curve(Source.USUAL, tuple((t, (1 - math.exp(-STEEPNESS * t)) / whole) for t in steps))


def declared(shares: Iterable[float]) -> Curve:
    """The shares at the ends of equal parts of the time."""
    told = tuple(shares)
    return Curve(Source.DECLARED, ((0.0, 0.0), *(((n + 1) / len(told), share) for n, share in enumerate(told))))


def earlier(spec: WaveSpec, days: Mapping[date, int]) -> Curve | None:
    """How an earlier wave's returns came in; None when they were too few. What came on a rest day stands at its end."""
    total = sum(days.values())
    if total < ENOUGH:
        return None
    held = calendar(spec)
    points: dict[float, float] = {0.0: 0.0}
    so_far = 0
    for day in sorted(days):
        so_far += days[day]
        time = held.after(day)
        if 0 < time <= 1:
            points[time] = so_far / total
    points[1.0] = 1.0
    return Curve(Source.EARLIER, tuple(sorted(points.items())), spec.id)


def curve_of(store: Store, wave: RegisteredWave) -> Curve:
    """The curve that a wave is measured against."""
    told = wave.spec.fieldwork
    if told.curve:
        return declared(told.curve)
    name = told.like or _before(store, wave.spec.id)
    if name:
        try:
            before = waves.get(store, name)
            found = earlier(before.spec, returns_by_day(store, before))
        except Faults:  # the wave that it names is not on this instance
            found = None
        if found is not None:
            return found
    return usual()


def returns_by_day(store: Store, wave: RegisteredWave, choice: Choice = EVERYTHING) -> dict[date, int]:
    """How many forms came back on each day; of a kind of units, counted under each of them."""
    of_kind = wave.spec.units_of((choice.kind,)) if choice.kind else ("",)
    units = [unit for unit in of_kind if choice.unit in ("", unit)] if choice.kind else [choice.unit]
    with store.read() as tx:
        rows = [tuple(row) for row in tx.board_days(wave=wave.spec.id, units=json.dumps(units))]
    days: dict[date, int] = {}
    for day, group, mode, n in rows:
        if choice.group in ("", group) and choice.mode in ("", mode):
            at = date.fromisoformat(day)
            days[at] = days.get(at, 0) + n
    return days


def lineage(identity: str) -> str:
    """A wave's id without its year: cchc_2025 and cchc_2026 are one lineage."""
    return _YEAR.sub("", identity)


def _before(store: Store, identity: str) -> str:
    """The last wave of the same lineage that is over; '' when there is none. Pilots tell nothing."""
    stem = lineage(identity)
    if stem == identity:
        return ""
    with store.read() as tx:
        rows = [tuple(row) for row in tx.board_waves()]
    over = [
        id
        for id, state, pilot in rows
        if state in ("closed", "frozen") and not pilot and id < identity and lineage(id) == stem
    ]
    return max(over, default="")

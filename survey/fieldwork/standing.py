"""Is the fieldwork on schedule? A wave's counts held against target, curve and calendar."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from survey.fieldwork import pace
from survey.fieldwork.counting import Tally
from survey.fieldwork.pace import Calendar, Curve
from survey.fieldwork.projection import Projection, project
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

_Z = 1.96  # what chance alone would do in 19 of 20 cases is not called late


class Verdict(StrEnum):
    """Against what is expected by now."""

    AHEAD = "ahead"
    ON_TIME = "on_time"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a wave stands at a moment. ``share``: of all returns, what the curve has in; ``over``: no more can come."""

    calendar: Calendar
    curve: Curve
    day: date
    elapsed: float
    share: float
    over: bool

    def expected(self, tally: Tally) -> float | None:
        """Returns expected by now; None without a target."""
        return None if tally.target is None else tally.target * self.share

    def difference(self, tally: Tally) -> float | None:
        """Returned less expected, as a share of what was issued."""
        expected = self.expected(tally)
        return None if expected is None or not tally.issued else (tally.returned - expected) / tally.issued

    def verdict(self, tally: Tally) -> Verdict | None:
        """Late or ahead where the difference is more than chance makes of so many invitations."""
        expected = self.expected(tally)
        if expected is None or not tally.issued:
            return None
        chance = expected / tally.issued
        margin = _Z * math.sqrt(tally.issued * chance * (1 - chance))
        if abs(tally.returned - expected) <= margin:
            return Verdict.ON_TIME
        return Verdict.AHEAD if tally.returned > expected else Verdict.LATE

    def projection(self, tally: Tally) -> Projection | None:
        """How many will be back on the closing day."""
        return project(tally.issued, tally.returned, 1.0 if self.over else self.share, self.curve.source)

    @property
    def working_day(self) -> int:
        """The number of working days begun."""
        return sum(day <= self.day for day in self.calendar.days)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the wave: forms back on it and until its end; what was expected by its end; whether it is a rest day.

    ``back`` and ``so_far`` are None of days to come.
    """

    day: date
    rest: bool
    back: int | None
    so_far: int | None
    expected: float | None


def standing(store: Store, wave: RegisteredWave, at: datetime) -> Standing:
    """Where a wave stands."""
    held = pace.calendar(wave.spec)
    curve = pace.curve_of(store, wave)
    local = at.astimezone(ZoneInfo(wave.spec.timezone)).date()
    over = wave.state in ("closed", "frozen") or local > wave.spec.closes
    elapsed = 1.0 if over else held.elapsed(at)
    return Standing(held, curve, local, elapsed, curve.share(elapsed), over)


def days(here: Standing, returns: Mapping[date, int], target: float | None) -> list[Day]:
    """Every day from the first to the last; what came before or after them stands on the nearest."""
    every = here.calendar.every
    working = set(here.calendar.days)
    moved: dict[date, int] = {}
    for day, n in returns.items():
        near = min(max(day, every[0]), every[-1])
        moved[near] = moved.get(near, 0) + n
    rows, so_far = [], 0
    for day in every:
        so_far += moved.get(day, 0)
        past = day <= here.day
        expected = None if target is None else target * here.curve.share(here.calendar.after(day))
        rows.append(
            Day(day, day not in working, moved.get(day, 0) if past else None, so_far if past else None, expected)
        )
    return rows

"""What appraised points are asked of whom: the units, the subcriteria, their maxima, and what a cell may hold."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from forms.framework import Framework, Kind
from forms.tables import Cell

_NUMBER = re.compile(r"([-−+]?\d+(?:[.,]\d+)?)(?:\s*(?:điểm|đ))?", re.IGNORECASE)
_NOISE = 1e-9


@dataclass(frozen=True, slots=True)
class Unit:
    """An assessed office as the wave names it."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a complete table holds."""

    units: Mapping[str, Unit]
    maxima: Mapping[str, Mapping[str, float]]
    """Appraised maximum by unit and subcriterion; only what applies to the unit."""
    names: Mapping[str, str]
    """Vietnamese name by appraised subcriterion, in the framework's order."""
    surveyed: frozenset[str] = frozenset()
    """Subcriteria that take no appraised points."""
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    """The framework's kinds of unit."""


@dataclass(frozen=True, slots=True)
class Appraised:
    """Points by unit and subcriterion; ``own`` are the units' own scores (``<id>__self``); hash of the file read.

    ``documents`` and ``reasons`` by unit and subcriterion, where the table has such columns. ``skipped``: sheets with
    no table of points, each with why.
    """

    points: Mapping[str, Mapping[str, float]]
    own: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    file: str = ""
    hash: str = ""
    documents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()


def wanted(framework: Framework, units: Sequence[Unit]) -> Wanted:
    """Return the units of the framework's kinds and what is appraised for each."""
    names: dict[str, str] = {}
    surveyed: set[str] = set()
    for kind in framework.kinds.values():
        for sub in kind.subcriteria:
            if sub.appraised_points > 0:
                names.setdefault(sub.id, sub.name.of("vi"))
            else:
                surveyed.add(sub.id)
    assessed = {unit.id: unit for unit in units if unit.kind in framework.kinds}
    maxima = {
        unit.id: {
            sub.id: sub.appraised_points
            for sub in framework.kinds[unit.kind].subcriteria
            if sub.appraised_points > 0 and sub.id not in framework.excluded(unit.id)
        }
        for unit in assessed.values()
    }
    return Wanted(assessed, maxima, names, frozenset(surveyed - names.keys()), framework.kinds)


def checked(cell: Cell, maximum: float | None) -> tuple[float | None, str]:
    """A cell's points and what is wrong with them; ``maximum`` None: no value may stand here."""
    if cell == "":
        return None, ""
    value = number(cell)
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return None, f"“{cell}” is not a number of points: a spreadsheet made a date of it; type the points again"
    if maximum is None:
        return None, "no value may stand here"
    if value is None:
        return None, f"“{cell}” is not a number of points"
    if value < 0:
        return None, f"{cell} is negative"
    if value > maximum + _NOISE:
        return None, f"{cell} is above the maximum of {maximum:g}"
    return value, ""


def number(cell: Cell) -> float | None:
    """Points from a number or from text like ``8,5``; None for anything else (dates and yes/no included)."""
    if isinstance(cell, str):
        found = _NUMBER.fullmatch(cell)
        return float(found[1].replace(",", ".").replace("−", "-")) if found else None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    return float(cell)


def columns(table: Wanted) -> Iterator[tuple[str, str, float]]:
    """Each appraised subcriterion that some unit needs: id, name, greatest maximum; in the framework's order."""
    for sub, name in table.names.items():
        highest = [maxima[sub] for maxima in table.maxima.values() if sub in maxima]
        if highest:
            yield sub, name, max(highest)

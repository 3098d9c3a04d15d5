"""Invitations' dispositions by unit, group, stratum, mode and day, counted or weighted, for the rates."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.rate_errors import Held, Size, Strata
from forms.faults import Faults
from survey.plan.wave_spec import WALK_IN
from survey.store import Store

DIMENSIONS = ("unit", "group", "stratum", "mode", "day")
_DATED = ("unit", "group", "mode", "day")

Key = tuple[str, ...]
Counts = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Returns:
    """Counts by state for each combination of ``by``; ``whole`` is everything once; by day, ``issued`` by the rest.

    ``walk_ins``: by state, who came by a poster. They are nowhere else in it.
    ``strata``: each row (and ``()`` the whole) by group and stratum, for standard errors; ``sizes``: whole strata.
    """

    by: tuple[str, ...]
    rows: Mapping[Key, Counts]
    whole: Counts
    issued: Mapping[Key, float]
    walk_ins: Counts
    strata: Mapping[Key, Strata]
    sizes: Mapping[str, Size]


def returns(store: Store, wave: str, by: Sequence[str], *, weighted: bool = False) -> Returns:
    """Count a wave's invitations. Raises Faults for a dimension that is not known, or days by stratum or weighted.

    An invitation counts under each unit it assesses, and once in ``whole``. ``weighted`` sums base weights.
    Rows by day hold all moves into a state up to and including that day.
    """
    for name in by:
        if name not in DIMENSIONS:
            raise Faults(f"--by {name}: choose from {', '.join(DIMENSIONS)}")
    if "day" in by and (weighted or "stratum" in by):
        raise Faults("days are kept as plain counts by unit, group and mode: no strata and no weights with --by day")
    with store.read() as tx:
        everybody = [dict(row) for row in tx.rates_cells(wave=wave)]
        days = [dict(row) for row in tx.rates_days(wave=wave) if row["mode"] != WALK_IN] if "day" in by else []
    cells = [row for row in everybody if row["mode"] != WALK_IN]
    walk_ins: Counter[str] = Counter()
    for row in everybody:
        if row["mode"] == WALK_IN:
            walk_ins[row["state"]] += row["n"]
    if not cells:
        raise Faults(f"wave “{wave}” has no invitations yet")
    rest = tuple(name for name in by if name != "day")
    counted = _by_cell(cells, rest, weighted)
    whole = _by_cell(cells, (), weighted)[()]
    if "day" not in by:
        strata = {**_by_stratum(cells, rest, weighted), (): _by_stratum(cells, (), weighted)[()]}
        return Returns(tuple(by), counted, whole, {}, walk_ins, strata, _sizes(cells))
    issued = {key: sum(states.values()) for key, states in counted.items()}
    return Returns(tuple(by), _by_day(days, by), whole, issued, walk_ins, {}, {})


def _told(cells: Iterable[Mapping[str, Any]], by: Sequence[str]) -> Iterator[tuple[Mapping[str, Any], Key, float]]:
    """Each cell with each key it counts under, and the base weight of its invitations there."""
    for cell in cells:
        units = [(unit, weight * cell["factor"]) for unit, weight in json.loads(cell["units"])]
        mean = sum(weight for _, weight in units) / len(units)
        for unit, weight in units if "unit" in by else [("", mean)]:
            told = {"unit": unit, "group": cell["grp"], "stratum": cell["stratum"], "mode": cell["mode"]}
            yield cell, tuple(told[name] for name in by), weight


def _by_cell(cells: Iterable[Mapping[str, Any]], by: Sequence[str], weighted: bool) -> dict[Key, Counter[str]]:
    rows: dict[Key, Counter[str]] = defaultdict(Counter)
    for cell, key, weight in _told(cells, by):
        rows[key][cell["state"]] += cell["n"] * (weight if weighted else 1)
    return dict(sorted(rows.items()))


def _by_stratum(cells: Iterable[Mapping[str, Any]], by: Sequence[str], weighted: bool) -> dict[Key, Strata]:
    """Counts, weights and their squares by key, stratum and state."""
    sums: dict[Key, dict[str, dict[str, list[float]]]] = defaultdict(lambda: defaultdict(dict))
    for cell, key, weight in _told(cells, by):
        held = sums[key][_stratum(cell)].setdefault(cell["state"], [0.0, 0.0, 0.0])
        each = weight if weighted else 1.0
        for at, value in enumerate((1.0, each, each**2)):
            held[at] += cell["n"] * value
    return {
        key: {stratum: {state: Held(*held) for state, held in states.items()} for stratum, states in strata.items()}
        for key, strata in sums.items()
    }


def _stratum(cell: Mapping[str, Any]) -> str:
    return f"{cell['grp']}/{cell['stratum']}"


def _sizes(cells: Iterable[Mapping[str, Any]]) -> dict[str, Size]:
    """Invitations of each stratum, and their share of the people that their base weights stand for."""
    number: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for cell, _, weight in _told(cells, ()):
        number[_stratum(cell)] += cell["n"]
        people[_stratum(cell)] += cell["n"] * max(1.0, weight)
    return {stratum: Size(n, min(1.0, n / people[stratum])) for stratum, n in number.items()}


def _by_day(days: Iterable[Mapping[str, Any]], by: Sequence[str]) -> dict[Key, Counter[str]]:
    """Moves so far, by every day on which something moved."""
    kept = [row for row in days if bool(row["unit"]) == ("unit" in by)]
    dates = sorted({row["day"] for row in kept})
    at = by.index("day")
    moved: dict[Key, Counter[str]] = defaultdict(Counter)
    for row in kept:
        told = {"unit": row["unit"], "group": row["grp"], "mode": row["mode"], "day": row["day"]}
        moved[tuple(told[name] for name in by)][row["state"]] += row["n"]
    rows: dict[Key, Counter[str]] = {}
    for key in sorted({(*key[:at], *key[at + 1 :]) for key in moved}):
        so_far: Counter[str] = Counter()
        for day in dates:
            full = (*key[:at], day, *key[at:])
            so_far = so_far + moved.get(full, Counter())
            rows[full] = so_far
    return dict(sorted(rows.items()))

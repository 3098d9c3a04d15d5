"""From a list and a seed to invitations' cells: pure, so that a draw is verified by doing it again."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

from survey.plan.wave_spec import ZONE, Group, WaveSpec
from survey.sample import assigning, cells, releasing
from survey.sample.assigning import Assigned
from survey.sample.cells import Merging, Traits
from survey.sample.listing import Listing
from survey.sample.sampling import ALGORITHM, Psu, Selection, select


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is stored; ``rows``: the list's rows in it.

    ``units`` holds the weights that its answers carry; ``factor`` is what a release makes of them.
    """

    stratum: str
    wclass: str
    margins: str
    mode: str
    units: str
    rows: tuple[str, ...]
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class DesignCell:
    """Population and sample of a stratum, response class and margins."""

    stratum: str
    wclass: str
    margins: str
    population: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw. ``note`` is what is recorded of it beside the rows.

    ``expected``: unit → expected assessments where blocks are given; ``reserve``: pool → rows that wait, in order.
    """

    cells: tuple[Cell, ...]
    design: tuple[DesignCell, ...]
    probability: Mapping[str, float]
    note: Mapping[str, Any]
    psus: tuple[Psu, ...]
    reserve: Mapping[str, tuple[str, ...]]
    expected: Mapping[str, float]

    @property
    def drawn(self) -> int:
        """How many rows became invitations."""
        return sum(len(cell.rows) for cell in self.cells)


def draw(spec: WaveSpec, group: Group, listing: Listing, seed: str, released: Mapping[str, int] | None = None) -> Drawn:
    """Select, merge cells to k, give blocks of units, and weight. Raises Faults where k cannot be reached.

    ``released``: how many of each pool's reserve joined since. They enter the cells there are, whose names and weights
    are printed and sealed already; what their coming makes of the weights is the cell's factor.
    """
    first = select(listing.rows, listing.strata.take, seed, listing.how)
    traits = _zoned(listing.traits, first)
    merging = cells.merge(Counter(traits[row_id] for row_id in first.drawn), group, spec.k)
    carried = {row_id: merging.into[traits[row_id]] for row_id in first.drawn if traits[row_id] in merging.into}
    given = assigning.give(spec, group, listing, carried, seed)
    before = _weights(group, listing, first, given.cell_of)
    weight = _cell_weights(given, before)
    now, last, after = given.cell_of, first, before
    if released:
        last = select(listing.rows, listing.strata.take, seed, replace(listing.how, released=released))
        already = set(first.drawn)
        fresh = [row_id for row_id in last.drawn if row_id not in already]
        now = {**given.cell_of, **releasing.homes(group, listing.own, fresh, traits, given.cell_of, seed)}
        after = _weights(group, listing, last, now)
    return Drawn(
        _cells(group, given.cell_of, now, weight, before, after),
        _design(traits, merging, now),
        last.probability,
        _note(group, listing, merging, given),
        last.psus,
        last.reserve,
        given.expected,
    )


def _zoned(traits: Mapping[str, Traits], selection: Selection) -> Mapping[str, Traits]:
    """Traits with the pseudo-strata of a systematic sample, which are known when its start is."""
    if not selection.zone:
        return traits
    known: dict[tuple[Traits, str], Traits] = {}
    found = {}
    for row_id, each in traits.items():
        key = each, selection.zone[row_id]
        if key not in known:
            known[key] = replace(each, strata=(*each.strata, (ZONE, key[1])))
        found[row_id] = known[key]
    return found


def _weights(group: Group, listing: Listing, selection: Selection, rows: Mapping[str, Traits]) -> dict[str, float]:
    """1/probability of each row, a person's number of units counted up to the cap."""
    size = {row.row_id: row.size for row in listing.rows}
    cap = group.multiplicity_cap
    return {row_id: min(size[row_id], cap) / (selection.probability[row_id] * size[row_id]) for row_id in rows}


def _cell_weights(given: Assigned, weight: Mapping[str, float]) -> dict[Traits, list[list[Any]]]:
    """Weights of each cell's units, equal within it: the mean of its members', so that their sum stays."""
    return {
        traits: [
            [unit, fsum(weight[row_id] / given.chance(row_id, unit) for row_id in rows) / len(rows)]
            for unit in traits.units
        ]
        for traits, rows in _members(given.cell_of).items()
    }


def _members(cell_of: Mapping[str, Traits]) -> dict[Traits, list[str]]:
    members: dict[Traits, list[str]] = defaultdict(list)
    for row_id, traits in cell_of.items():
        members[traits].append(row_id)
    return members


def _mean(weight: Mapping[str, float], rows: Sequence[str]) -> float:
    return fsum(weight[row_id] for row_id in rows) / len(rows)


def _cells(
    group: Group, first: Mapping[str, Traits], now: Mapping[str, Traits], units: Mapping[Traits, list[list[Any]]],
    before: Mapping[str, float], after: Mapping[str, float],
) -> tuple[Cell, ...]:  # fmt: skip
    drawn = _members(first)
    return tuple(
        Cell(
            traits.stratum,
            traits.wclass,
            _json(dict(traits.margins)),
            str(group.mode),
            _json(units[traits]),
            tuple(sorted(rows)),
            _mean(after, rows) / _mean(before, drawn[traits]),
        )
        for traits, rows in sorted(_members(now).items())
    )


def _design(traits: Mapping[str, Traits], merging: Merging, carried: Mapping[str, Traits]) -> tuple[DesignCell, ...]:
    population = cells.population(Counter(traits.values()), merging)
    drawn = Counter(cells.plain(each) for each in carried.values())
    totals: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in {**population, **drawn}:
        pair = totals[each.stratum, each.wclass, _json(dict(each.margins))]
        pair[0] += population[each]
        pair[1] += drawn[each]
    return tuple(DesignCell(*key, *pair) for key, pair in sorted(totals.items()))


def _note(group: Group, listing: Listing, merging: Merging, given: Assigned) -> dict[str, Any]:
    design = group.design
    note: dict[str, Any] = {
        "algorithm": ALGORITHM,
        "method": str(design.method),
        "by": list(design.by),
        "n": design.n,
        "take": dict(sorted(listing.strata.take.items())),
        "population": dict(sorted(listing.strata.population.items())),
        "notes": [*listing.strata.notes, *given.notes],
        "left_out": {str(traits): number for traits, number in sorted(merging.left_out.items())},
    }
    if listing.strata.reserve:
        note["reserve"] = dict(sorted(listing.strata.reserve.items()))
    if listing.strata.psus:
        note["psus"] = dict(sorted(listing.strata.psus.items()))
    if given.made:
        note["blocks"] = [list(block) for block in given.made.members]
        note["uncovered_pairs"] = [list(pair) for pair in given.made.uncovered]
    return note


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)

"""From a list and a seed to invitations' cells: pure, so that a draw is verified by doing it again."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from forms.faults import Fault, Faults
from survey import blocks, cells
from survey.blocks import Blocks
from survey.cells import Merging, Traits
from survey.listing import Listing
from survey.sampling import ALGORITHM, rank, select
from survey.wave_spec import Group, WaveSpec


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is stored; ``rows``: the list's rows in it."""

    stratum: str
    wclass: str
    margins: str
    mode: str
    units: str
    rows: tuple[str, ...]


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
    """A draw. ``note`` is what is recorded of it beside the rows."""

    cells: tuple[Cell, ...]
    design: tuple[DesignCell, ...]
    probability: Mapping[str, float]
    note: Mapping[str, Any]

    @property
    def drawn(self) -> int:
        """How many rows became invitations."""
        return sum(len(cell.rows) for cell in self.cells)


def draw(spec: WaveSpec, group: Group, listing: Listing, seed: str) -> Drawn:
    """Select, merge cells to k, give blocks of units, and weight. Raises Faults where k cannot be reached."""
    selection = select(listing.rows, listing.strata.take, seed)
    counts = Counter(listing.traits[row_id] for row_id in selection.drawn)
    merging = cells.merge(counts, group, spec.k)
    carried = {
        row_id: merging.into[listing.traits[row_id]]
        for row_id in selection.drawn
        if listing.traits[row_id] in merging.into
    }
    made = _blocks(spec, group, carried)
    cell_of = _with_blocks(blocks.least(spec.k, group.design.response), carried, made, seed) if made else carried
    size = {row.row_id: row.size for row in listing.rows}
    weight = {
        row_id: min(size[row_id], group.multiplicity_cap) / (selection.probability[row_id] * size[row_id])
        for row_id in cell_of
    }
    return Drawn(
        _cells(group, cell_of, weight, made),
        _design(listing, merging, carried),
        selection.probability,
        _note(group, listing, merging, made),
    )


def _blocks(spec: WaveSpec, group: Group, carried: Mapping[str, Traits]) -> Blocks | None:
    units = spec.units_of(group.kinds)
    if len(units) <= group.max_units:
        return None
    members: dict[Traits, list[str]] = defaultdict(list)
    for row_id, traits in carried.items():
        members[traits].append(row_id)
    shared = blocks.least(spec.k, group.design.response)
    try:
        return blocks.make(units, group.max_units, sum(1 for _ in cells.runs(members, shared)), shared)
    except Faults as faults:
        raise Faults(Fault(f"group {group.id}: {fault}") for fault in faults.faults) from None


def _with_blocks(shared: int, carried: Mapping[str, Traits], made: Blocks, seed: str) -> dict[str, Traits]:
    """Every run of at least ``shared`` gets a block, in an order that the seed shuffles: each with equal chance."""
    members: dict[Traits, list[str]] = defaultdict(list)
    for row_id, traits in carried.items():
        members[traits].append(row_id)
    shuffled = sorted(made.members, key=lambda block: rank(seed, "block", ",".join(block)))
    return {
        row_id: replace(traits, units=shuffled[number % len(shuffled)])
        for number, (traits, run) in enumerate(cells.runs(members, shared))
        for row_id in run
    }


def _cells(
    group: Group, cell_of: Mapping[str, Traits], weight: Mapping[str, float], made: Blocks | None
) -> tuple[Cell, ...]:
    chance = made.chance if made else {}
    members: dict[Traits, list[str]] = defaultdict(list)
    for row_id, traits in cell_of.items():
        members[traits].append(row_id)
    equal = cells.equal_weights(weight, cell_of)
    return tuple(
        Cell(
            traits.stratum,
            traits.wclass,
            _json(dict(traits.margins)),
            str(group.mode),
            _json([[unit, equal[traits] / chance.get(unit, 1.0)] for unit in traits.units]),
            tuple(sorted(rows)),
        )
        for traits, rows in sorted(members.items())
    )


def _design(listing: Listing, merging: Merging, carried: Mapping[str, Traits]) -> tuple[DesignCell, ...]:
    population = cells.population(Counter(listing.traits.values()), merging)
    drawn = Counter(cells.plain(traits) for traits in carried.values())
    totals: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for traits in {**population, **drawn}:
        pair = totals[traits.stratum, traits.wclass, _json(dict(traits.margins))]
        pair[0] += population[traits]
        pair[1] += drawn[traits]
    return tuple(DesignCell(*key, *pair) for key, pair in sorted(totals.items()))


def _note(group: Group, listing: Listing, merging: Merging, made: Blocks | None) -> dict[str, Any]:
    design = group.design
    note: dict[str, Any] = {
        "algorithm": ALGORITHM,
        "method": str(design.method),
        "by": list(design.by),
        "n": design.n,
        "take": dict(sorted(listing.strata.take.items())),
        "population": dict(sorted(listing.strata.population.items())),
        "notes": list(listing.strata.notes),
        "left_out": {str(traits): number for traits, number in sorted(merging.left_out.items())},
    }
    if made:
        note["blocks"] = [list(block) for block in made.members]
        note["uncovered_pairs"] = made.uncovered
    return note


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)

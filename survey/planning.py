"""What a design will bring, before anything is drawn: the planning table, smallest first. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from forms.faults import Faults
from survey import blocks, drawing
from survey.listing import Listing
from survey.sampling import margin_of_error
from survey.wave_spec import Group, WaveSpec


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One published domain: a unit as a group sees it.

    ``drawn`` and ``returns`` are expected assessments; ``margin``: half the 95 % interval of a share of one half, for
    simple random sampling in the unit; None without returns.
    """

    group: str
    unit: str
    population: int
    drawn: float
    returns: float
    margin: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A group's plan; ``notes`` say what a reader must know of it."""

    group: str
    population: int
    invitations: int
    rows: tuple[PlanRow, ...]
    notes: tuple[str, ...]


def plan(spec: WaveSpec, group: Group, listing: Listing) -> Plan:
    """Expected assessments of every unit by this group. Raises Faults where blocks cannot reach every unit."""
    strata = listing.strata
    notes = list(strata.notes)
    share = {name: strata.take[name] / strata.population[name] for name in strata.take}
    population: dict[str, int] = defaultdict(int)
    drawn: dict[str, float] = defaultdict(float)
    chance = _chances(spec, group, listing, notes)
    for row in listing.rows:
        for unit, q in ({unit: 1.0 for unit in listing.traits[row.row_id].units} or chance).items():
            population[unit] += 1
            drawn[unit] += share[row.stratum] * q
    if several := sum(row.size > 1 for row in listing.rows):
        notes.append(f"{several} rows are of persons found at several units; each is asked about one of them")
    rows = [
        _row(group, unit, population[unit], drawn[unit], corrected=not chance)
        for unit in _units(spec, group, population)
    ]
    notes += _trial(spec, group, listing)
    order = tuple(sorted(rows, key=lambda row: (round(row.returns, 6), row.unit)))  # sums of fractions
    return Plan(group.id, len(listing.rows), sum(strata.take.values()), order, tuple(notes))


def _units(spec: WaveSpec, group: Group, population: Iterable[str]) -> list[str]:
    """The units this group speaks about, those without anybody in the list included."""
    asked = set(spec.units_of(group.kinds)) if group.kinds else {unit.id for unit in spec.units}
    return sorted(asked | set(population))


def _row(group: Group, unit: str, population: int, drawn: float, *, corrected: bool) -> PlanRow:
    returns = drawn * group.design.response
    return PlanRow(
        group.id, unit, population, drawn, returns, margin_of_error(returns, population if corrected else None)
    )


def _chances(spec: WaveSpec, group: Group, listing: Listing, notes: list[str]) -> dict[str, float]:
    """The chance of each unit to be in a person's block; empty where nobody gets blocks."""
    units = spec.units_of(group.kinds)
    if len(units) <= group.max_units:
        return {}
    shared = blocks.least(spec.k, group.design.response)
    takes = [number for number in listing.strata.take.values() if number]
    made = blocks.make(units, group.max_units, sum(max(1, number // shared) for number in takes), shared)
    notes.append(
        f"{len(units)} units in about {len(made.members)} blocks of {group.max_units}, each shared by "
        f"{min(shared, *takes)} or more; {made.uncovered} pairs of units share no block"
    )
    return made.chance


def _trial(spec: WaveSpec, group: Group, listing: Listing) -> list[str]:
    """What a draw would stop at or leave out, tried with a number that is nobody's seed."""
    try:
        tried = drawing.draw(spec, group, listing, "trial")
    except Faults as faults:
        return [f"a draw would stop: {fault}" for fault in faults.faults]
    return [f"left out, fewer than {spec.k}: {cell} ({number})" for cell, number in tried.note["left_out"].items()]

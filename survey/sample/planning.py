"""What a design will bring, before anything is drawn: the planning table, smallest first. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forms.faults import Faults
from forms.questionnaire import Questionnaire
from survey.plan.wave_spec import Group, WaveSpec
from survey.sample import drawing
from survey.sample.drawing import Drawn
from survey.sample.listing import Listing
from survey.sample.sampling import chances
from survey.sample.sizes import margin_of_error


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One published domain: a unit as a group sees it.

    ``drawn`` and ``returns`` are expected assessments; ``margin``: half the interval of a share of one half, for simple
    random sampling in the unit, or with the design effect that the group's size declares; None without returns.
    """

    group: str
    unit: str
    population: int
    drawn: float
    returns: float
    margin: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A group's plan; ``notes`` say what a reader must know of it.

    ``pages``: how many one person is shown at most; ``blocks``, ``uncovered``: of units, and pairs that share none.
    """

    group: str
    population: int
    invitations: int
    reserve: int
    pages: int
    rows: tuple[PlanRow, ...]
    notes: tuple[str, ...]
    blocks: tuple[tuple[str, ...], ...] = ()
    uncovered: tuple[tuple[str, str], ...] = ()


def plan(spec: WaveSpec, group: Group, listing: Listing, asked: Questionnaire) -> Plan:
    """Expected assessments of every unit by this group, which is asked ``asked``."""
    strata = listing.strata
    trial, notes = _trial(spec, group, listing)
    chance = _chance(group, listing)
    in_blocks = bool(listing.own) or len(spec.units_of(group.kinds)) > group.max_units
    population: Counter[str] = Counter()
    drawn: dict[str, float] = defaultdict(float)
    for row in listing.rows:
        own = listing.own.get(row.row_id)
        for unit in listing.traits[row.row_id].units or spec.units_of(group.kinds):
            if unit != own:
                population[unit] += 1
                drawn[unit] += chance[row.row_id]
    if in_blocks:
        drawn = dict(trial.expected) if trial else {}
    if several := sum(row.size > 1 for row in listing.rows):
        notes.append(f"{several} rows are of persons found at several units; each is asked about one of them")
    rows = [
        _row(group, unit, population[unit], drawn.get(unit, 0.0), corrected=not in_blocks)
        for unit in _units(spec, group, population)
    ]
    notes += _unreachable(group, rows)
    order = tuple(sorted(rows, key=lambda row: (round(row.returns, 6), row.unit)))  # sums of fractions
    psus = strata.psus
    invitations = sum(number * psus.get(stratum, 1) for stratum, number in strata.take.items())
    reserve = sum(number * psus.get(stratum, 1) for stratum, number in strata.reserve.items())
    made = trial.note if trial else {}
    blocks = tuple(tuple(block) for block in made.get("blocks", ()))
    uncovered = tuple((pair[0], pair[1]) for pair in made.get("uncovered_pairs", ()))
    return Plan(group.id, len(listing.rows), invitations, reserve, len(asked.pages(_most(trial))), order,
                (*strata.notes, *notes), blocks, uncovered)  # fmt: skip


def _most(trial: Drawn | None) -> int:
    """The most units of one person."""
    return max((cell.units.count("[") - 1 for cell in trial.cells), default=1) if trial else 1


def _units(spec: WaveSpec, group: Group, population: Iterable[str]) -> list[str]:
    """The units this group speaks about, those without anybody in the list included."""
    asked = set(spec.units_of(group.kinds)) if group.kinds else {unit.id for unit in spec.units}
    return sorted(asked | set(population))


def _chance(group: Group, listing: Listing) -> dict[str, float]:
    """The chance of each row to be drawn, as far as it is known before the draw: that of its pool."""
    strata, design = listing.strata, group.design
    pools = Counter(row.pool for row in listing.rows)
    held: dict[str, dict[str, int]] = defaultdict(dict)
    for row in listing.rows if strata.psus else ():
        held[row.stratum][row.psu] = pools[row.pool]
    first = {stratum: chances(sizes, strata.psus[stratum], pps=listing.how.pps) for stratum, sizes in held.items()}
    return {
        row.row_id: min(1.0, strata.take[row.stratum] / pools[row.pool])
        * (first[row.stratum][row.psu] if design.psu else 1.0)
        for row in listing.rows
    }


def _row(group: Group, unit: str, population: int, drawn: float, *, corrected: bool) -> PlanRow:
    returns = drawn * group.design.response
    return PlanRow(
        group.id, unit, population, drawn, returns, _margin(group, returns, population if corrected else None)
    )


def _margin(group: Group, returns: float, population: int | None) -> float | None:
    size = group.design.size
    if size is None:
        return margin_of_error(returns, population)
    return margin_of_error(returns, population, deff=size.deff, confidence=size.confidence)


def _unreachable(group: Group, rows: Iterable[PlanRow]) -> list[str]:
    """What was asked for and cannot be had, by name."""
    notes = []
    size = group.design.size
    for row in rows:
        if not row.population:
            notes.append(f"{row.unit}: nobody in the list; it will have no figure from this group")
        elif size is not None and size.each and (row.margin is None or row.margin > size.e + 1e-9):
            best = _margin(group, row.population * group.design.response, row.population)
            if best is not None and best > size.e:
                notes.append(f"{row.unit}: ±{100 * size.e:.1f}% cannot be reached; all {row.population} with "
                             f"{group.design.response:.0%} answering leave ±{100 * best:.1f}%")  # fmt: skip
    return notes


def _trial(spec: WaveSpec, group: Group, listing: Listing) -> tuple[Drawn | None, list[str]]:
    """A draw with a number that is nobody's seed, and what it would stop at or leave out."""
    try:
        tried = drawing.draw(spec, group, listing, "trial")
    except Faults as faults:
        return None, [f"a draw would stop: {fault}" for fault in faults.faults]
    left: Mapping[str, int] = tried.note["left_out"]
    said = [note for note in tried.note["notes"] if note not in listing.strata.notes]
    return tried, [*said, *(f"left out, fewer than {spec.k}: {cell} ({number})" for cell, number in left.items())]

"""Who of the drawn is asked about which units: all they may assess, or a fixed block of them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING

from forms.faults import Fault, Faults
from survey.plan.wave_spec import Group, WaveSpec
from survey.sample import blocks, cells
from survey.sample.blocks import Blocks, Demand, OwnSet
from survey.sample.cells import Traits
from survey.sample.sampling import rank

if TYPE_CHECKING:
    from survey.sample.listing import Listing


# People of several offices share a block, and their set has several blocks: what one office thinks of another would
# else be all that is asked about it.
SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Assigned:
    """``cell_of``: row → its cell with the units to assess; ``chances``: by row, where less than 1.

    ``made``: the blocks, where there are any; ``expected``: unit → expected assessments, then.
    """

    cell_of: Mapping[str, Traits]
    chances: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    made: Blocks | None = None
    notes: tuple[str, ...] = ()

    def chance(self, row_id: str, unit: str) -> float:
        """q: the chance that the unit was in this person's block."""
        return self.chances[row_id][unit] if row_id in self.chances else 1.0

    @property
    def expected(self) -> dict[str, float]:
        """Expected assessments of each unit; empty where nobody gets blocks."""
        found: dict[str, float] = defaultdict(float)
        for chance in self.chances.values():
            for unit, q in chance.items():
                found[unit] += q
        return dict(found)


def give(spec: WaveSpec, group: Group, listing: Listing, carried: Mapping[str, Traits], seed: str) -> Assigned:
    """Give every row its units. Raises Faults when the blocks cannot meet what the group demands of them."""
    units = spec.units_of(group.kinds)
    if not carried or not (listing.own or len(units) > group.max_units):
        return Assigned(carried)
    shared = blocks.least(spec.k, group.design.response)
    several = SEVERAL if len(units) > group.max_units else 1
    sets = list(_sets(carried, listing.own, units, shared * several))
    try:
        pools = _pools(group, units, sets, shared)
    except Faults as faults:
        raise Faults(Fault(f"group {group.id}: {fault}") for fault in faults.faults) from None
    cell_of: dict[str, Traits] = {}
    chances: dict[str, Mapping[str, float]] = {}
    turn: dict[frozenset[str], int] = defaultdict(int)
    for traits, each in sets:
        order = _shuffled(pools[each.offices], each.offices, seed)
        chance = pools[each.offices].chance
        for run in _runs(each, shared):
            block = order[turn[each.offices] % len(order)]
            turn[each.offices] += 1
            for row_id in run:
                cell_of[row_id] = replace(traits, units=block)
                chances[row_id] = chance
    given = Assigned(cell_of, chances, _all(pools) if len(units) > group.max_units else None, _notes(sets))
    _enough(group, units, given)
    return given


def _pools(
    group: Group, units: Sequence[str], sets: Sequence[tuple[Traits, OwnSet]], shared: int
) -> dict[frozenset[str], Blocks]:
    """The blocks that people may get, by the offices they are not asked about. Raises Faults.

    Where people leave out different offices, each such set of them has blocks of its own: enough to reach every other
    unit, even where the set has too few people to use them all, so that each unit keeps a chance with each person.
    """
    lengths: dict[frozenset[str], list[int]] = defaultdict(list)
    for _, each in sets:
        lengths[each.offices] += [len(run) for run in _runs(each, shared)]
    returns = group.unit_min if set(lengths) == {frozenset()} else 1
    demand = Demand(group.max_units, shared, returns, group.design.response)
    pools = {}
    together = [length for runs in lengths.values() for length in runs]
    if len(units) > group.max_units:
        blocks.require(units, demand, together, apart=len(lengths) > 1)
    for offices, runs in lengths.items():
        others = [unit for unit in units if unit not in offices]
        if not others:
            raise Faults("its people work in every unit that they would be asked about, and are too few for sets that "
                         "leave out their own")  # fmt: skip
        if offices:
            runs = runs + [shared] * max(0, -(-len(others) // group.max_units) - len(runs))
        pools[offices] = blocks.make(others, demand, runs)
    return pools


def _all(pools: Mapping[frozenset[str], Blocks]) -> Blocks:
    return Blocks(tuple(dict.fromkeys(block for pool in pools.values() for block in pool.members)))


def _enough(group: Group, units: Sequence[str], given: Assigned) -> None:
    """Where sets of people leave out different offices: has every unit its minimum of returns? Raises Faults."""
    faults = []
    for unit in units if group.unit_min > 1 else ():
        returns = given.expected.get(unit, 0.0) * group.design.response
        if returns < group.unit_min - 1e-9:
            more = (
                f"; about {ceil(len(given.cell_of) * group.unit_min / returns)} invitations would do" if returns else ""
            )
            faults.append(Fault(f"group {group.id}: {returns:.1f} returns can be expected about {unit}, fewer than "
                                f"{group.unit_min}{more}"))  # fmt: skip
    if faults:
        raise Faults(faults)


def _sets(
    carried: Mapping[str, Traits], own: Mapping[str, str], units: Sequence[str], together: int
) -> Iterator[tuple[Traits, OwnSet]]:
    members: dict[Traits, list[str]] = defaultdict(list)
    for row_id, traits in carried.items():
        members[traits].append(row_id)
    for traits in sorted(members):
        for each in blocks.own_sets(members[traits], own, units, together):
            yield traits, each


def _runs(each: OwnSet, shared: int) -> Iterator[Sequence[str]]:
    return cells.runs(each.rows, shared)


def _shuffled(pool: Blocks, offices: frozenset[str], seed: str) -> list[tuple[str, ...]]:
    """The blocks of a pool in an order that the seed makes: each with equal chance."""
    prefix = "".join(f"{office}|" for office in sorted(offices))
    return sorted(pool.members, key=lambda block: rank(seed, "block", prefix + ",".join(block)))


def _notes(sets: Sequence[tuple[Traits, OwnSet]]) -> tuple[str, ...]:
    joined = sorted({tuple(sorted(each.offices)) for _, each in sets if len(each.offices) > 1})
    if not any(each.offices for _, each in sets):
        return ()
    told = ["nobody is asked about the own office"]
    told += [f"nor, so that no fewer than k are left out alike, people of {' + '.join(each)} about one another"
             for each in joined]  # fmt: skip
    return tuple(told)

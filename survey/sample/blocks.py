"""Which units a person is asked about when all of them would be too many: fixed blocks, pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import ceil, comb, fsum

from forms.faults import Faults

RISK = 0.01
Pair = frozenset[str]


@dataclass(frozen=True, slots=True)
class Blocks:
    """``members``: the units of each block; every run of invitations gets each block with the same chance."""

    members: tuple[tuple[str, ...], ...]

    @property
    def chance(self) -> dict[str, float]:
        """q: the chance that a unit is in a person's block; exact, whoever the person is."""
        return chance(self.members)

    @property
    def times(self) -> Counter[str]:
        """In how many blocks each unit is."""
        return Counter(unit for block in self.members for unit in block)

    @property
    def uncovered(self) -> tuple[tuple[str, str], ...]:
        """Pairs of units that nobody compares."""
        covered = {frozenset(pair) for block in self.members for pair in combinations(block, 2)}
        return tuple(pair for pair in combinations(sorted(self.times), 2) if frozenset(pair) not in covered)


def chance(members: Sequence[Sequence[str]]) -> dict[str, float]:
    """The share of the blocks that hold each unit."""
    times = Counter(unit for block in members for unit in block)
    return {unit: number / len(members) for unit, number in times.items()}


def least(k: int, response: float) -> int:
    """How many invitations must share a block so that fewer than ``k`` answers come in one block of a hundred at most.

    Whoever is among fewer is left out by the freeze. Binomial, with the expected share ``response``.
    """
    number = k
    while _fewer(k, number, response) > RISK:
        number += 1
    return number


def _fewer(k: int, number: int, response: float) -> float:
    """The chance of fewer than ``k`` answers from ``number`` invitations."""
    return fsum(comb(number, n) * response**n * (1 - response) ** (number - n) for n in range(k))


@dataclass(frozen=True, slots=True)
class Demand:
    """What blocks must bring: at most ``most`` units a person, ``returns`` answers about each unit at least.

    ``shared``: invitations that share a block at least; ``response``: the share of them expected to answer.
    """

    most: int
    shared: int
    returns: int = 1
    response: float = 1.0

    def times(self, smallest: int) -> int:
        """How many runs each unit must be given to, none of them having fewer than ``smallest`` invitations."""
        return max(1, ceil(Fraction(self.returns) / (smallest * Fraction(repr(self.response)))))

    def met(self, units: int, invitations: int) -> bool:
        """Whether so many invitations in one cell could meet it."""
        runs = invitations // self.shared
        return runs > 0 and runs * self.most >= units * self.times(invitations // runs)

    def invitations(self, units: int) -> int:
        """The fewest invitations in one cell that meet it."""
        number = self.shared * -(-units // self.most)
        while not self.met(units, number):
            number += 1
        return number


def make(units: Sequence[str], demand: Demand, runs: Sequence[int]) -> Blocks:
    """Blocks for runs of invitations, ``runs`` being their lengths.

    First each unit gets its minimum: those given least go first, and among them the one that brings most new pairs.
    What is left covers as many pairs as it can, and no more blocks are made than that takes. Depends on nothing random.
    Raises Faults when the runs cannot give every unit its minimum, naming the sizes that would.
    """
    most = demand.most
    if len(units) <= most:
        return Blocks((tuple(units),))
    require(units, demand, runs)
    need = demand.times(min(runs))
    planned = _Planned(list(units))
    while len(planned.members) < len(runs):
        lacking = planned.least < need
        if not lacking and not planned.open and planned.least * (len(runs) // len(planned.members)) >= need:
            break
        planned.add(most, by_turn=lacking or not planned.open)
    return Blocks(tuple(planned.members))


def require(units: Sequence[str], demand: Demand, runs: Sequence[int], *, apart: bool = False) -> None:
    """Raise Faults when the runs cannot give every unit its minimum, naming the sizes that would.

    ``apart``: the people are in several sets, so that how many more would do depends on who they are.
    """
    need = demand.times(min(runs))
    if len(runs) * demand.most >= len(units) * need:
        return
    enough = f"{min(len(units), -(-len(units) * need // len(runs)))} units a person"
    raise Faults(
        f"{len(runs)} sets of at least {demand.shared} invitations with {demand.most} units each cannot reach all "
        f"{len(units)} units{_minimum(demand)}: "
        f"{enough if apart else f'{demand.invitations(len(units))} invitations, or {enough},'} would"
    )


def _minimum(demand: Demand) -> str:
    return "" if demand.returns == 1 else f" with {demand.returns} expected returns each"


class _Planned:
    """Blocks made so far: how often each unit was given, and the pairs that are still open."""

    def __init__(self, units: list[str]) -> None:
        self.units = units
        self.members: list[tuple[str, ...]] = []
        self.times = dict.fromkeys(units, 0)
        self.open: set[Pair] = {frozenset(pair) for pair in combinations(units, 2)}
        self.alone = Counter({unit: len(units) - 1 for unit in units})  # open pairs of a unit

    @property
    def least(self) -> int:
        return min(self.times.values())

    def add(self, most: int, *, by_turn: bool) -> None:
        block: list[str] = []
        while len(block) < most:
            block.append(self._by_turn(block) if by_turn else self._by_pairs(block))
            self.times[block[-1]] += 1
        for pair in map(frozenset, combinations(block, 2)):
            if pair in self.open:
                self.open.remove(pair)
                self.alone.subtract(pair)
        self.members.append(tuple(sorted(block, key=self.units.index)))

    def _new(self, unit: str, block: Sequence[str]) -> int:
        return sum(frozenset((unit, other)) in self.open for other in block)

    def _by_turn(self, block: Sequence[str]) -> str:
        least = min(self.times[unit] for unit in self.units if unit not in block)
        waiting = [unit for unit in self.units if unit not in block and self.times[unit] == least]
        return max(waiting, key=lambda unit: self._new(unit, block))

    def _by_pairs(self, block: Sequence[str]) -> str:
        waiting = (unit for unit in self.units if unit not in block)
        return max(waiting, key=lambda unit: (self._new(unit, block), self.alone[unit], -self.times[unit]))


@dataclass(frozen=True, slots=True)
class OwnSet:
    """People who are asked about none of ``offices``, where all of them work."""

    offices: frozenset[str]
    rows: tuple[str, ...]


def own_sets(rows: Sequence[str], own: Mapping[str, str], units: Sequence[str], least: int) -> list[OwnSet]:
    """Rows by their own office; neighbours in the wave's order are joined until ``least`` of them are together.

    So the units left out of a block never name fewer. Whoever works in none of the units comes first.
    """
    homes: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        homes[own.get(row, "")].append(row)
    order = [office for office in ("", *units) if office in homes]
    sets: list[OwnSet] = []
    offices: set[str] = set()
    members: list[str] = []
    for position, office in enumerate(order):
        offices |= {office} - {""}
        members += homes[office]
        rest = sum(len(homes[later]) for later in order[position + 1 :])
        if not rest or (len(members) >= least and rest >= least):
            sets.append(OwnSet(frozenset(offices), tuple(members)))
            offices, members = set(), []
    return sets

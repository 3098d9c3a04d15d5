"""Which units a person is asked about when all of them would be too many: fixed blocks, pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, fsum

from forms.faults import Faults

RISK = 0.01


@dataclass(frozen=True, slots=True)
class Blocks:
    """``members``: the units of each block; every run of invitations gets each block with the same chance."""

    members: tuple[tuple[str, ...], ...]

    @property
    def chance(self) -> dict[str, float]:
        """q: the chance that a unit is in a person's block; exact, whoever the person is."""
        return {unit: number / len(self.members) for unit, number in self.times.items()}

    @property
    def times(self) -> Counter[str]:
        """In how many blocks each unit is."""
        return Counter(unit for block in self.members for unit in block)

    @property
    def uncovered(self) -> int:
        """Pairs of units that nobody compares."""
        units = len(self.times)
        covered = {frozenset(pair) for block in self.members for pair in combinations(block, 2)}
        return units * (units - 1) // 2 - len(covered)


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


def make(units: Sequence[str], most: int, runs: int, k: int) -> Blocks:
    """Blocks of at most ``most`` units for ``runs`` runs of at least ``k`` invitations each.

    Every unit gets its turn before any unit gets one more; among those, the unit that brings most new pairs is taken;
    then the first in order. Depends on nothing random, so the blocks are known before the draw. Raises Faults when the
    runs cannot reach every unit, naming the sizes that would.
    """
    if len(units) <= most:
        return Blocks((tuple(units),))
    if runs * most < len(units):
        least = -(-len(units) // most)
        raise Faults(
            f"{runs} sets of at least {k} invitations with {most} units each cannot reach all {len(units)} units: "
            f"{least * k} invitations, or {-(-len(units) // max(runs, 1))} units a person, would"
        )
    times = dict.fromkeys(units, 0)
    pairs: set[frozenset[str]] = set()
    members: list[tuple[str, ...]] = []
    for _ in range(min(runs, len(units))):
        block: list[str] = []
        while len(block) < most:
            block.append(_next(units, block, times, pairs))
            times[block[-1]] += 1
        pairs.update(frozenset(pair) for pair in combinations(block, 2))
        members.append(tuple(sorted(block, key=list(units).index)))
    return Blocks(tuple(members))


def _next(units: Sequence[str], block: Sequence[str], times: dict[str, int], pairs: set[frozenset[str]]) -> str:
    least = min(times[unit] for unit in units if unit not in block)
    waiting = [unit for unit in units if unit not in block and times[unit] == least]
    return max(waiting, key=lambda unit: sum(frozenset((unit, other)) not in pairs for other in block))

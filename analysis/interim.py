"""Two states of one wave: what a dataset may not tell beside an earlier one (METHOD §8).

Whoever keeps the earlier rows takes them away from the later ones. So a dataset follows an interim one only when every
unit and group, and every cell that can be told apart in both, has gained no assessment since, or at least k. What one
state merges or leaves out (a mode, a stratum's channel) is merged in the other before they are compared.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.dataset import Dataset

MERGED = "*"
Cell = tuple[str, ...]  # unit, group; then what else both states say of a respondent
_OTHERS = ("stratum", "wclass", "mode", "phase", "duration_band")


@dataclass(frozen=True, slots=True)
class State:
    """Assessments by cell: unit, group, and the value of each of ``columns``, MERGED where it is not told."""

    columns: tuple[str, ...]
    cells: Mapping[Cell, int]

    def told(self) -> set[str]:
        """The columns that say something of anybody."""
        return {name for at, name in enumerate(self.columns, start=2) if any(cell[at] != MERGED for cell in self.cells)}

    def of(self, columns: tuple[str, ...]) -> Counter[Cell]:
        """The cells by unit, group and these columns."""
        places = [0, 1, *(self.columns.index(name) + 2 for name in columns)]
        found: Counter[Cell] = Counter()
        for cell, number in self.cells.items():
            found[tuple(cell[at] for at in places)] += number
        return found


def counted(dataset: Dataset) -> State:
    """What the rows say besides answers and weight."""
    others = tuple(name for name in dataset.columns if name in _OTHERS or name.startswith("m_"))
    table = dataset.table(["unit", "group", *others])
    columns = (
        [MERGED if value is None else str(value) for value in table[name].to_pylist()]
        for name in ("unit", "group", *others)
    )
    return State(others, Counter(zip(*columns, strict=True)))


def told_between(earlier: State, later: State, k: int) -> tuple[tuple[str, str], ...]:
    """Units and groups where something is said of fewer than k; what was lost tells as much as what was gained."""
    shared = tuple(sorted(earlier.told() & later.told()))
    before, after = earlier.of(shared), later.of(shared)
    wide, wider = earlier.of(()), later.of(())
    changes = [(cell, wider[cell] - wide[cell]) for cell in wide | wider]
    changes += [(cell, after[cell] - before[cell]) for cell in before.keys() & after.keys()]
    changes += [
        (next(iter((*old, *new))), sum(after[cell] for cell in new) - sum(before[cell] for cell in old))
        for old, new in _alike(before, after)
    ]
    return tuple(sorted({(cell[0], cell[1]) for cell, change in changes if 0 < abs(change) < k}))


def _alike(before: Mapping[Cell, int], after: Mapping[Cell, int]) -> Iterator[tuple[set[Cell], set[Cell]]]:
    """The finest sets of cells of both that hold the same people: merged in one, they are joined in the other."""
    by_place: dict[Cell, tuple[set[Cell], set[Cell]]] = defaultdict(lambda: (set(), set()))
    for side, cells in enumerate((before, after)):
        for cell in cells:
            by_place[cell[:2]][side].add(cell)
    for old, new in by_place.values():
        left, right = set(old), set(new)
        while left or right:
            some: tuple[set[Cell], set[Cell]] = (set(), {right.pop()}) if right else ({left.pop()}, set())
            found = (set(some[0]), set(some[1]))
            while some[0] or some[1]:
                reached = (
                    {cell for cell in left if any(_may_be(cell, each) for each in some[1])},
                    {cell for cell in right if any(_may_be(cell, each) for each in some[0])},
                )
                left, right = left - reached[0], right - reached[1]
                found = (found[0] | reached[0], found[1] | reached[1])
                some = reached
            yield found


def _may_be(one: Cell, other: Cell) -> bool:
    """Whether somebody can be in both cells: every value is the same, or merged in one of them (``so_a/*``)."""
    return all(_fits(left.split("/"), right.split("/")) for left, right in zip(one, other, strict=True))


def _fits(left: list[str], right: list[str]) -> bool:
    if [MERGED] in (left, right):
        return True
    return len(left) == len(right) and all(a == b or MERGED in (a, b) for a, b in zip(left, right, strict=True))

"""One secrecy of a wave's counts: whoever publishes how many forms there are asks it (METHOD §8).

Everything published of counts is a sum over kinds of forms: group, units assessed, margins, mode, side of the reminder.
A line is one such sum with its name. What is hidden is decided over all lines at once, so that nothing
hidden in one table follows from the others: first by ``disclosure.hiding`` over unit × group with its totals, then over
everything by ``lines.closed``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.disclosure import hiding
from analysis.lines import Lines, closed

Line = tuple[str, ...]
Sum = Mapping[int, float]  # kind → coefficient
ALL: Line = ("all",)
CELL, UNIT, GROUP, LEVEL, WEIGHT = "cell", "unit", "group", "level", "weight"
RESPONDENTS, ASSESSED, UNIT_KIND = "respondents", "assessed", "unit kind"
_COST = {LEVEL: 1, UNIT_KIND: 2, CELL: 3, RESPONDENTS: 5, ASSESSED: 7, UNIT: 9, GROUP: 40, "all": 80}


@dataclass(frozen=True, slots=True)
class Kind:
    """Forms of a ``group`` about ``units``, alike in ``levels`` (column, level): ``n`` of them.

    ``kept`` False: valid, and in no dataset because too few were alike; how many of the kind is not known then.
    """

    group: str
    units: tuple[str, ...]
    n: int
    levels: tuple[tuple[str, str], ...] = ()
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """A line as it is published: its ``sums`` with their values, the ``count`` of its forms, its numbers ``known``
    otherwise (valid, returned), any of which may be small."""

    line: Line
    count: Sum
    sums: tuple[tuple[Sum, float], ...] = ()
    known: tuple[int, ...] = ()

    def few(self, kinds: Sequence[Kind], k: int) -> bool:
        """Whether some number of it is of fewer than k."""
        own = round(sum(kinds[place].n for place in self.count))
        return any(0 < n < k for n in (own, *self.known))


@dataclass(frozen=True, slots=True)
class Secrecy:
    """The lines that may not be shown."""

    hidden: frozenset[Line]

    def cell(self, unit: str, group: str) -> bool:
        """Whether a group's forms about a unit are not told."""
        return (CELL, unit, group) in self.hidden

    def unit(self, unit: str) -> bool:
        """Whether a unit's forms (issued, returned, valid) are not told."""
        return (UNIT, unit) in self.hidden

    def respondents(self, unit: str) -> bool:
        """Whether the number of assessments of a unit in the dataset is not told."""
        return (RESPONDENTS, unit) in self.hidden

    def group(self, group: str) -> bool:
        """Whether a group's forms are not told."""
        return (GROUP, group) in self.hidden

    def assessed(self, group: str) -> bool:
        """Whether it is not told how many assessments of a group, or how many people, stand behind a figure."""
        return self.group(group) or (ASSESSED, group) in self.hidden

    def level(self, group: str, column: str, level: object) -> bool:
        """Whether a group's forms of one level of a margin, mode or side of the reminder are not told."""
        return self.assessed(group) or (LEVEL, group, column, plain(level)) in self.hidden

    def weights(self, group: str) -> bool:
        """Whether nothing is told of a group that its weights and counts together make: sums, shares, extremes."""
        return self.assessed(group) or (WEIGHT, group) in self.hidden

    def kind(self, kind: str) -> bool:
        """Whether the number of assessments behind a figure of a whole unit kind is not told."""
        return (UNIT_KIND, kind) in self.hidden

    def parts(self, group: str) -> bool:
        """Whether it is not told of how many of a group something holds, though it may be told that it does."""
        return self.assessed(group) or any(line[:2] == (LEVEL, group) for line in self.hidden)

    @property
    def whole(self) -> bool:
        """Whether the sum over all groups is not told."""
        return ALL in self.hidden


def plain(level: object) -> str:
    """A level as lines name it: nothing known is one level."""
    return "" if level in (None, "None") else str(level)


def secrecy(kinds: Sequence[Kind], told: Sequence[Told], k: int) -> Secrecy:
    """What may not be shown of ``told``; of kinds that nothing is told of nothing is hidden."""
    lines = _lines(kinds, told, k)
    if not lines.small.any():
        return Secrecy(frozenset())
    if not lines.agree():
        # Counts of different files contradict each other: what the kinds come to is held to be known.
        lines = _lines(kinds, [_counted(each, kinds) for each in told], k)
    first = _first(kinds, told, k)
    hidden = closed(lines, np.array([each.line in first for each in told], np.bool_), k)
    return Secrecy(frozenset(each.line for each, out in zip(told, hidden, strict=True) if out))


def amount(row: Sum, kinds: Sequence[Kind]) -> float:
    """What a sum comes to."""
    return sum(at * kinds[place].n for place, at in row.items())


def _counted(told: Told, kinds: Sequence[Kind]) -> Told:
    sums = tuple((row, amount(row, kinds)) for row, _ in told.sums)
    return Told(told.line, told.count, sums, told.known)


def _lines(kinds: Sequence[Kind], told: Sequence[Told], k: int) -> Lines:
    rows = [(at, row, value) for at, each in enumerate(told) for row, value in each.sums]
    scale = [max(map(abs, row.values()), default=0.0) or 1.0 for _, row, _ in rows]
    sizes = [sum(kinds[place].n for place in each.count) for each in told]
    most = max(sizes, default=0) or 1
    return Lines(
        _matrix([each.count for each in told], len(kinds)),
        _matrix([{at: value / by for at, value in row.items()}
                 for (_, row, _), by in zip(rows, scale, strict=True)], len(kinds)),
        np.array([value / by for (_, _, value), by in zip(rows, scale, strict=True)]),
        np.array([at for at, _, _ in rows], np.int64),
        np.array([each.few(kinds, k) for each in told], np.bool_),
        np.array([_COST[each.line[0]] + size / most for each, size in zip(told, sizes, strict=True)]),
    )  # fmt: skip


def _matrix(rows: Sequence[Sum], width: int) -> sparse.csr_matrix:
    places = [(at, column, value) for at, row in enumerate(rows) for column, value in row.items()]
    along, across, values = zip(*places, strict=True) if places else ((), (), ())
    return sparse.csr_matrix((values, (along, across)), shape=(len(rows), width), dtype=np.float64)


def _first(kinds: Sequence[Kind], told: Iterable[Told], k: int) -> set[Line]:
    """What the least to hide of units by groups, with all their totals, comes to: fewer covers than one by one."""
    sizes: dict[tuple[str, str], int] = {}
    for each in told:
        if each.line[0] == CELL:
            sizes[each.line[1], each.line[2]] = max((sum(kinds[place].n for place in each.count), *each.known[:1]))
    units, groups = (list(dict.fromkeys(name)) for name in zip(*sizes, strict=True)) if sizes else ([], [])
    counts = np.array([[sizes.get((unit, group), 0) for group in groups] for unit in units], np.int64)
    if not counts.size:
        return set()
    several = {kind.group for kind in kinds if len(kind.units) > 1}
    # A form about several units moves with all of them, so that none of its cells covers another by itself.
    found = hiding(counts, k, covers=np.array([group not in several for group in groups], np.bool_))
    whole = {ALL} if found.whole and not several else set()
    return whole | {
        *((CELL, units[row], groups[column]) for row, column in np.argwhere(found.cells).tolist()),
        *((name, unit) for unit, out in zip(units, found.rows, strict=True) if out for name in (UNIT, RESPONDENTS)),
        *((ASSESSED if group in several else GROUP, group)
          for group, out in zip(groups, found.columns, strict=True) if out),
    }  # fmt: skip


def by(
    kinds: Sequence[Kind], of: Callable[[Kind], Iterable[Line]], *, kept: bool = False
) -> dict[Line, dict[int, float]]:
    """The sums of lines that kinds belong to; with ``kept`` only over what is in the dataset."""
    sums: dict[Line, dict[int, float]] = defaultdict(dict)
    for place, kind in enumerate(kinds):
        for line in of(kind):
            if not kept or kind.kept:
                sums[line][place] = sums[line].get(place, 0.0) + 1.0
    return dict(sums)

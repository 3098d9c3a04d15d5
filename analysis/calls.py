"""Control calls by unit, mode and interviewer, with all their totals: which answers may be told (METHOD §8).

How many were called is no secret; what they said is, where fewer than k said it or where that follows from what is
told. A call about several units counts under each of them and once in the totals by mode and interviewer, so a line of
the cross is tied to such a total only where the numbers called agree: then each call of it is about one unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.least_hidden import LARGEST, Tied, highest, least_hidden

Cell = tuple[str, str, str]  # unit, mode, interviewer
Line = tuple[str, str]  # which margin, and whose


@dataclass(frozen=True, slots=True)
class Secret:
    """What is not told: ``cells`` of the cross, ``lines`` of its margins: ("unit", id), ("mode", m),
    ("interviewer", name), ("all", "")."""

    cells: frozenset[Cell]
    lines: frozenset[Line]


ALL: Line = ("all", "")


def secret(called: Mapping[Cell, int], once: Mapping[tuple[str, str], int], k: int, largest: int = LARGEST) -> Secret:
    """What must be hidden of ``called`` by cell and of its margins; ``once`` by mode and interviewer, each call once.

    ``largest``: as LARGEST; beyond it entries are hidden one after the other, the smallest first.
    """
    cells = [cell for cell, n in called.items() if n]
    margins = _margins(called, once)
    lines = sorted((line for line, n in margins.items() if n), key=lambda line: (line == ALL, line))
    amounts = np.array([*(called[cell] for cell in cells), *(margins[line] for line in lines)], np.float64)
    tied = Tied(amounts, _relations(cells, lines, amounts), _cost(amounts, len(cells)))
    small = np.asarray(amounts < k)
    found = least_hidden(tied, small, k, largest)
    hidden = _one_by_one(tied, small, k) if found is None else found.cells
    kept = hidden.tolist()
    return Secret(
        frozenset(cell for cell, out in zip(cells, kept[: len(cells)], strict=True) if out),
        frozenset(line for line, out in zip(lines, kept[len(cells) :], strict=True) if out),
    )


def _lines(cell: Cell) -> tuple[Line, Line, Line]:
    return ("unit", cell[0]), ("mode", cell[1]), ("interviewer", cell[2])


def _margins(called: Mapping[Cell, int], once: Mapping[tuple[str, str], int]) -> dict[Line, int]:
    added: dict[Line, int] = {}
    for cell, n in called.items():
        added["unit", cell[0]] = added.get(("unit", cell[0]), 0) + n
    for (mode, interviewer), n in once.items():
        for line in (("mode", mode), ("interviewer", interviewer), ALL):
            added[line] = added.get(line, 0) + n
    return added


def _relations(cells: list[Cell], lines: list[Line], amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each sums to 0: the cells of a line against its total, margins against the whole."""
    place = {line: len(cells) + at for at, line in enumerate(lines)}
    rows = []
    for parts, whole in _sums(cells, lines, place):
        if parts and amounts[parts].sum() == amounts[whole]:
            row = np.zeros(len(amounts))
            row[parts], row[whole] = 1.0, -1.0
            rows.append(row)
    return np.array(rows).reshape(len(rows), len(amounts))


def _sums(cells: list[Cell], lines: list[Line], place: Mapping[Line, int]) -> Iterator[tuple[list[int], int]]:
    for line in lines:
        if line != ALL:
            yield [at for at, cell in enumerate(cells) if line in _lines(cell)], place[line]
    for margin in ("unit", "mode", "interviewer") if ALL in place else ():
        yield [place[line] for line in lines if line[0] == margin], place[ALL]


def _cost(amounts: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """A margin costs more than all cells, the whole more than all margins."""
    steep = 2.0 * cells + 1
    cost = np.full(len(amounts), steep)
    cost[:cells] = 1 + amounts[:cells] / max(float(amounts.max(initial=0.0)), 1.0)
    if len(cost):
        cost[-1] = steep * (len(amounts) - cells + 1)
    return cost


def _one_by_one(tied: Tied, small: NDArray[np.bool_], k: int) -> NDArray[np.bool_]:
    """(n,) covers line by line, then one for each small entry that still follows, until none does."""
    hidden = _line_by_line(tied, small, k)
    while weak := [at for at in np.flatnonzero(small).tolist() if highest(tied, hidden, at) < k]:
        covers = [cover for at in weak if (cover := _cover(tied, hidden, at)) is not None]
        if not covers:
            return np.ones_like(hidden)
        hidden[covers] = True
    return hidden


def _line_by_line(tied: Tied, small: NDArray[np.bool_], k: int) -> NDArray[np.bool_]:
    """No relation holds one hidden entry alone, nor hidden parts of fewer than k beside a total that is told.

    Necessary and quick; what follows from several lines together is left to who looks further.
    """
    hidden = small.copy()
    lines = [(np.flatnonzero(row), row) for row in tied.relations]
    changed = True
    while changed:
        changed = False
        for place, row in lines:
            inside = place[hidden[place]]
            few = not (hidden[place] & (row[place] < 0)).any() and tied.amounts[inside].sum() < k
            free = place[~hidden[place]]
            if len(inside) and len(free) and (len(inside) == 1 or few):
                hidden[free[np.argmin(tied.cost[free])]] = changed = True
    return hidden


def _cover(tied: Tied, hidden: NDArray[np.bool_], at: int) -> int | None:
    """The cheapest entry still told that stands in a relation with hidden ones that hold this one."""
    near = _reached(tied.relations != 0, hidden, at)
    free = [other for other in near if not hidden[other]]
    return min(free, key=lambda other: (float(tied.cost[other]), other), default=None)


def _reached(ties: NDArray[np.bool_], hidden: NDArray[np.bool_], at: int) -> list[int]:
    """Entries of the relations of one entry; where all of those are hidden, of the hidden ones beside it too."""
    inside = np.zeros(len(hidden), np.bool_)
    inside[at] = True
    while True:
        near = ties[ties[:, inside].any(axis=1)].any(axis=0)
        if (near & ~hidden).any() or (near == inside).all():
            return [int(each) for each in np.flatnonzero(near)]
        inside = np.asarray(inside | near)

"""Small cells: what must not be shown, so that nothing about fewer than k respondents follows (METHOD §8).

One engine for every output. A table goes with its totals, and an integer programme finds the least to hide of both
(``least_hidden``). Where it finds nothing within its limits, cells are covered one after the other, the smallest first,
and the totals that still tell are hidden as well; every small cell is then tried as an attacker would.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.least_hidden import LARGEST, Tied, highest, least_hidden

Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Hiding:
    """What to hide of a table: ``cells`` (R, C), totals of ``rows`` (R,) and ``columns`` (C,), the ``whole`` sum.

    ``proven``: nothing less would do.
    """

    cells: Bools
    rows: Bools
    columns: Bools
    whole: bool
    proven: bool


def hiding(counts: Counts, k: int, largest: int = LARGEST, covers: Bools | None = None) -> Hiding:
    """What to hide of (R, C) ``counts`` that are shown with all their totals; ``covers`` (C,) columns whose cells may
    cover others.

    Small are cells and totals of 1 to k − 1 (a nought tells of nobody). Whoever knows all that is shown can put every
    small one at k or more. ``largest``: as LARGEST.
    """
    usable = counts > 0 if covers is None else (counts > 0) & (covers[None, :] | (counts < k))
    tied = _with_totals(counts, usable)
    small = np.asarray((tied.amounts > 0) & (tied.amounts < k) & np.isfinite(tied.cost))
    quick = _one_by_one(counts, usable, tied, small, k)
    if quick.sum() == small.sum():
        return _parted(quick, counts.shape, True)
    found = least_hidden(tied, small, k, largest)
    if found is None or tied.cost[found.cells].sum() > tied.cost[quick].sum():
        return _parted(quick, counts.shape, False)
    return _parted(found.cells, counts.shape, found.proven)


def counting(usable: Bools, unit: Counts, units: int, k: int) -> Bools:
    """(n, K) the usable answers that count: to each item, those about units where it has k or more of them.

    ``usable`` (n, K); ``unit`` (n,) of each row, −1 for none. Every figure of answers asks this one, so that what one
    table hides does not follow from another that pools several items.
    """
    inside = unit >= 0
    n = np.zeros((units, usable.shape[1]), np.int64)
    np.add.at(n, unit[inside], usable[inside].astype(np.int64))
    enough = np.zeros(usable.shape, np.bool_)
    enough[inside] = (n >= k)[unit[inside]]
    return usable & enough


def suppressed(counts: Counts, k: int, largest: int = LARGEST) -> Bools:
    """(R, C) the cells of ``hiding``, where its totals are hidden too or are not shown."""
    return hiding(counts, k, largest).cells


def _with_totals(counts: Counts, usable: Bools) -> Tied:
    """Cells, totals of rows, of columns, the sum; a total costs more than all cells, the sum more than all totals."""
    rows, columns = counts.shape
    size = rows * columns + rows + columns + 1
    relations = np.zeros((rows + columns + 1, size))
    for row in range(rows):
        relations[row, row * columns : (row + 1) * columns] = 1
    for column in range(columns):
        relations[rows + column, column : rows * columns : columns] = 1
    totals = np.arange(rows * columns, size - 1)
    relations[np.arange(rows + columns), totals] = -1
    relations[-1, totals[:rows]], relations[-1, -1] = 1, -1
    cells = np.where(usable, 1 + counts / max(int(counts.max(initial=0)), 1), np.inf).ravel()
    steep = 2.0 * rows * columns + 1
    cost = np.r_[cells, np.full(rows + columns, steep), steep * (rows + columns + 1)]
    amounts = np.r_[counts.ravel(), counts.sum(axis=1), counts.sum(axis=0), counts.sum()].astype(np.float64)
    return Tied(amounts, relations, np.where(amounts > 0, cost, np.inf))


def _parted(hidden: Bools, shape: tuple[int, int], proven: bool) -> Hiding:
    rows, columns = shape
    cells, totals = hidden[: rows * columns].reshape(shape), hidden[rows * columns :]
    return Hiding(cells, totals[:rows], totals[rows : rows + columns], bool(totals[-1]), proven)


def _one_by_one(counts: Counts, usable: Bools, tied: Tied, small: Bools, k: int) -> Bools:
    """(n,) cells in the order of ``tied``: covers one after the other, then the totals that would still tell."""
    rows, columns = counts.shape
    cells = small[: rows * columns].reshape(counts.shape).copy()
    while True:
        covers = (_cover(counts, cells, usable, cell) for cell in _weak_cells(counts, cells, k))
        cover = next((found for found in covers if found), None)
        if cover is None:
            break
        for place in cover:
            cells[place] = True
    hidden = small.copy()
    hidden[: rows * columns] = cells.ravel()
    told = [cell for cell in np.flatnonzero(small).tolist() if highest(tied, hidden, cell) < k]
    for cell in told:
        row, column = divmod(cell, columns) if cell < rows * columns else (0, 0)
        hidden[[rows * columns + row, rows * columns + rows + column, -1]] = True
    if any(highest(tied, hidden, cell) < k for cell in told):
        return np.asarray(np.isfinite(tied.cost) | hidden)  # nothing less does
    return hidden


def _weak_cells(counts: Counts, hidden: Bools, k: int) -> list[tuple[int, int]]:
    """Hidden cells that follow from the totals, or share a row or column whose hidden cells add up to less than k."""
    within = np.where(hidden, counts, 0)
    thin_row, thin_column = within.sum(axis=1) < k, within.sum(axis=0) < k
    cells = [(int(row), int(column)) for row, column in np.argwhere(hidden)]
    return [(r, c) for r, c in cells if thin_row[r] or thin_column[c] or not _on_a_cycle(hidden, r, c)]


def _on_a_cycle(hidden: Bools, row: int, column: int) -> bool:
    """Whether row and column stay joined through other hidden cells; if not, totals give the cell by subtraction.

    The hidden cells are the edges of a graph of rows and columns: exactly the edges on no cycle are determined
    (Gusfield, A graph theoretic approach to statistical data security, SIAM Journal on Computing 17, 1988).
    """
    left = hidden.copy()
    left[row, column] = False
    seen_rows, seen_columns = {row}, set[int]()
    queue = deque([row])
    while queue:
        for reached in np.flatnonzero(left[queue.popleft()]):
            if reached == column:
                return True
            if reached not in seen_columns:
                seen_columns.add(int(reached))
                fresh = [int(each) for each in np.flatnonzero(left[:, reached]) if each not in seen_rows]
                seen_rows.update(fresh)
                queue.extend(fresh)
    return False


def _cover(counts: Counts, hidden: Bools, usable: Bools, cell: tuple[int, int]) -> list[tuple[int, int]]:
    """Cells to hide next: what closes the smallest rectangle with ``cell``, else the smallest in its row or column."""
    row, column = cell
    free = usable & ~hidden & (counts > 0)
    # Hiding costs a shown cell its count, a hidden one nothing; what cannot be hidden cannot serve.
    cost = np.where(free, counts.astype(np.float64), np.where(hidden, 0.0, np.inf))
    rectangle = cost[row, None, :] + cost[:, column, None] + cost
    rectangle[row, :] = rectangle[:, column] = np.inf
    rectangle[rectangle == 0] = np.inf  # hidden already, and not enough
    if np.isfinite(rectangle).any():
        other_row, other_column = (int(place) for place in np.unravel_index(np.argmin(rectangle), rectangle.shape))
        corners = [(row, other_column), (other_row, column), (other_row, other_column)]
        return [corner for corner in corners if free[corner]]
    near = np.zeros_like(free)
    near[row, :] = near[:, column] = True
    places: list[list[int]] = np.argwhere(free & near).tolist()
    return [(r, c) for r, c in sorted(places, key=lambda place: (counts[place[0], place[1]], place))[:1]]

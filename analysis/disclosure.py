"""Small cells: what must not be shown, so that nothing about fewer than k respondents follows (METHOD §8)."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]


def suppressed(counts: Counts, k: int, possible: Bools | None = None) -> Bools:
    """(R, C) True for the cells to hide when the totals of rows and columns are shown.

    Hidden are cells with 1 to k − 1 (a nought tells of nobody), and further cells, the smallest first, until no
    hidden cell follows by subtraction, however many totals are combined, and the hidden cells of every row and column
    add up to k. ``possible`` (R, C) False: known to be empty, useless as a cover. Where there is nothing left to hide
    the row's or column's own total tells, and ``exposed`` says so.
    """
    usable = np.ones(counts.shape, dtype=bool) if possible is None else possible
    hidden = np.asarray(usable & (counts > 0) & (counts < k))
    while True:
        weak = _weak_cells(counts, hidden, k)
        cover = next((found for cell in weak if (found := _cover(counts, hidden, usable, cell))), None)
        if cover is None:
            return hidden
        for cell in cover:
            hidden[cell] = True


def covered(counts: Counts, hidden: Bools, k: int) -> Bools:
    """(R,) ``hidden`` and, where its sum would follow from a shown total, further entries, the smallest first.

    A single hidden entry, or several that add up to less than k, are told by what the total leaves.
    """
    done = hidden.copy()
    for place in sorted(np.flatnonzero(~done & (counts > 0)).tolist(), key=lambda each: (counts[each], each)):
        if not done.any() or (done.sum() > 1 and counts[done].sum() >= k):
            break
        done[place] = True
    return np.asarray(done)


def exposed(counts: Counts, hidden: Bools, k: int) -> tuple[Bools, Bools]:
    """(R,), (C,) True for the totals that would still tell a hidden cell: hide them too."""
    rows, columns = np.zeros(counts.shape[0], dtype=bool), np.zeros(counts.shape[1], dtype=bool)
    for row, column in _weak_cells(counts, hidden, k):
        rows[row] = columns[column] = True
    return rows, columns


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

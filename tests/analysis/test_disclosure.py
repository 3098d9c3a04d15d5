"""Small cells: what is hidden, and that an attacker with all totals cannot undo it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.disclosure import covered, exposed, suppressed

K = 5


def recovered(counts: np.ndarray, hidden: np.ndarray) -> set[tuple[int, int]]:
    """Cells that the totals determine: those whose value is the same in every solution of the linear system."""
    cells = [tuple(cell) for cell in np.argwhere(hidden).tolist()]
    system = np.array(
        [[float(cell[0] == row) for cell in cells] for row in range(counts.shape[0])]
        + [[float(cell[1] == column) for cell in cells] for column in range(counts.shape[1])]
    )
    found = set()
    for place, cell in enumerate(cells):
        unit = np.eye(len(cells))[place]
        if np.linalg.matrix_rank(np.vstack([system, unit])) == np.linalg.matrix_rank(system):
            found.add(cell)
    return found


def test_a_single_small_cell_takes_a_rectangle_with_it() -> None:
    counts = np.array([[3, 20, 30], [12, 15, 40], [50, 60, 70]])
    hidden = suppressed(counts, K)
    assert hidden[0, 0]
    assert hidden.sum() == 4
    assert not recovered(counts, hidden)


def test_noughts_tell_of_nobody_and_cover_nothing() -> None:
    counts = np.array([[0, 20], [12, 15]])
    assert not suppressed(counts, K).any()
    assert suppressed(np.array([[4, 0, 9], [8, 7, 6]]), K).tolist() == [[True, False, True], [True, False, True]]


def test_a_lonely_row_exposes_its_totals() -> None:
    counts = np.array([[3, 20, 30]])
    hidden = suppressed(counts, K)
    _, columns = exposed(counts, hidden, K)
    assert hidden[0, 0] and columns[0]
    assert not suppressed(np.array([[30, 20]]), K).any()


def test_nothing_small_nothing_hidden() -> None:
    counts = np.array([[5, 6], [7, 8]])
    assert not suppressed(counts, K).any()
    assert not any(mask.any() for mask in exposed(counts, suppressed(counts, K), K))


def test_cells_known_to_be_empty_cannot_cover() -> None:
    counts = np.array([[3, 9, 0], [8, 9, 9], [9, 9, 9]])
    possible = counts > 0
    hidden = suppressed(counts, K, possible)
    assert not hidden[0, 2]
    assert not recovered(counts, hidden)


@settings(max_examples=150)
@given(arrays(np.int64, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.integers(0, 12)))
def test_hidden_cells_do_not_follow_unless_their_totals_are_hidden_too(counts: np.ndarray) -> None:
    hidden = suppressed(counts, K)
    assert hidden[(counts > 0) & (counts < K)].all()
    rows, columns = exposed(counts, hidden, K)
    assert all(rows[row] and columns[column] for row, column in recovered(counts, hidden))
    within = np.where(hidden, counts, 0)
    assert rows[hidden.any(axis=1) & (within.sum(axis=1) < K)].all()
    assert columns[hidden.any(axis=0) & (within.sum(axis=0) < K)].all()


@pytest.mark.parametrize(
    ("counts", "secret", "told"),
    [
        ([3, 20, 30], [0], [0, 1]),  # alone, it would follow from the total
        ([1, 2, 20, 30], [0, 1], [0, 1, 2]),  # two that add up to fewer than k
        ([3, 4, 20], [0, 1], [0, 1]),
        ([0, 3, 20], [1], [1, 2]),  # nought covers nothing
        ([3], [0], [0]),
        ([20, 30], [], []),
    ],
)
def test_hidden_entries_of_a_list_do_not_follow_from_its_total(
    counts: list[int], secret: list[int], told: list[int]
) -> None:
    hidden = np.isin(np.arange(len(counts)), secret)
    assert np.flatnonzero(covered(np.array(counts), hidden, K)).tolist() == told

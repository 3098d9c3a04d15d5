"""Small cells: what is hidden, and that an attacker who knows every shown number and relation cannot undo it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from analysis.covering import covered
from analysis.disclosure import Hiding, hiding, suppressed
from analysis.least_hidden import Tied, highest, least_hidden

K = 5


def attacked(counts: np.ndarray, told: Hiding) -> list[tuple[float, float]]:
    """Lowest and highest value of each hidden cell that agrees with all that is shown: cells, totals, the sum."""
    cells = [tuple(cell) for cell in np.argwhere(told.cells & (counts > 0)).tolist()]
    rows, columns = np.flatnonzero(~told.rows), np.flatnonzero(~told.columns)
    left = [([float(r == row) for r, _ in cells], counts[row][told.cells[row]].sum()) for row in rows]
    left += [([float(c == at) for _, c in cells], counts[:, at][told.cells[:, at]].sum()) for at in columns]
    if not told.whole:
        left.append(([1.0] * len(cells), counts[told.cells].sum()))
    found = []
    for place in range(len(cells)):
        aim = np.eye(len(cells))[place]
        system = {"A_eq": np.array([row for row, _ in left]), "b_eq": [of for _, of in left]} if left else {}
        ends = [linprog(sign * aim, **system, bounds=(0, None)) for sign in (1, -1)]
        low, high = (float(end.fun) if end.status == 0 else -np.inf for end in ends)
        found.append((low, -high))
    return found


def secret(counts: np.ndarray) -> np.ndarray:
    return (counts > 0) & (counts < K)


def test_a_single_small_cell_takes_a_rectangle_with_it() -> None:
    counts = np.array([[3, 20, 30], [12, 15, 40], [50, 60, 70]])
    told = hiding(counts, K)
    assert told.cells[0, 0] and told.cells.sum() == 4 and told.proven
    assert not told.rows.any() and not told.columns.any() and not told.whole


def test_the_least_is_hidden_and_not_whatever_comes_first() -> None:
    """Covered one by one, three small cells take seven with them; six do."""
    rng = np.random.default_rng(0)
    counts = rng.poisson(rng.gamma(1.2, 14, size=(4, 4)))
    told = hiding(counts, K)
    assert told.proven and told.cells.sum() == 6
    assert hiding(counts, K, largest=0).cells.sum() == 7 and not hiding(counts, K, largest=0).proven


def test_noughts_tell_of_nobody_and_cover_nothing() -> None:
    counts = np.array([[0, 20], [12, 15]])
    assert not suppressed(counts, K).any()
    assert suppressed(np.array([[4, 0, 9], [8, 7, 6]]), K).tolist() == [[True, False, True], [True, False, True]]
    assert not suppressed(np.zeros((2, 2), np.int64), K).any()


def test_a_lonely_row_takes_totals_with_it() -> None:
    told = hiding(np.array([[3, 20, 30]]), K)
    assert told.cells[0, 0] and told.columns[0]
    assert not suppressed(np.array([[30, 20]]), K).any()


def test_columns_that_may_not_cover_are_left() -> None:
    counts = np.array([[3, 6, 30], [12, 7, 40], [50, 60, 70]])
    assert hiding(counts, K).cells[0].tolist() == [True, True, False]
    assert hiding(counts, K, covers=np.array([True, False, True])).cells[0].tolist() == [True, False, True]


def test_nothing_small_nothing_hidden() -> None:
    told = hiding(np.array([[5, 6], [7, 8]]), K)
    assert not any(np.any(part) for part in (told.cells, told.rows, told.columns, told.whole))


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 4)), elements=st.integers(0, 12)),
    st.sampled_from([0, 40_000]),
)
def test_no_programme_recovers_a_small_cell(counts: np.ndarray, largest: int) -> None:
    """Neither exactly nor within rounding: whoever knows all that is shown can put every small cell at k or more."""
    told = hiding(counts, K, largest=largest)
    assert told.cells[secret(counts)].all()
    ends = attacked(counts, told)
    small = secret(counts)[told.cells & (counts > 0)]
    assert all(high >= K - 1e-6 for (_, high), own in zip(ends, small, strict=True) if own)
    assert all(high - low > 0.5 for (low, high), own in zip(ends, small, strict=True) if own)
    assert not secret(counts.sum(axis=1))[~told.rows].any() and not secret(counts.sum(axis=0))[~told.columns].any()


def test_points_of_parts_do_not_give_a_hidden_part_away() -> None:
    """Points = 0.6 a + 0.3 b + 0.1 c: where a is small, another part or the points go with it."""
    amounts, relation = np.array([3.0, 20, 30, 10.8]), np.array([[0.6, 0.3, 0.1, -1.0]])
    tied = Tied(amounts, relation, np.array([1.0, 2, 3, 100]))
    small = np.array([True, False, False, False])
    assert highest(tied, small, 0) < K
    found = least_hidden(tied, small, K)
    assert found is not None and found.proven and found.cells.tolist() == [True, True, False, False]
    assert highest(tied, found.cells, 0) >= K
    fixed = Tied(amounts, relation, np.array([1.0, np.inf, np.inf, np.inf]))
    assert least_hidden(fixed, small, K) is None


def test_two_relations_are_combined_by_an_attacker_and_by_the_engine() -> None:
    """A domain's sum and the whole hold the same hidden part: hiding one partner in each sum alone is not enough."""
    amounts = np.array([3.0, 9, 40, 12, 52])  # a + b = d; d + c = whole
    relations = np.array([[1.0, 1, 0, -1, 0], [0, 0, 1, 1, -1]])
    tied = Tied(amounts, relations, np.array([1.0, 10, 10, 1, 5]))
    small = np.arange(5) == 0
    found = least_hidden(tied, small, K)
    assert found is not None and found.cells.tolist() == [True, False, False, True, True]
    assert highest(tied, np.array([True, False, False, True, False]), 0) < K


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
    hidden = [place in secret for place in range(len(counts))]
    assert np.flatnonzero(covered(counts, hidden, K)).tolist() == told

"""Which sums are hidden besides the small ones: the same over fewer kinds, never too little, and always at an end."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from analysis import lines as programmes
from analysis.lines import Bools, Lines, closed

K = 5


def table(counts: np.ndarray, told: list[list[int]] | None = None) -> Lines:
    """Cells of a table, its margins, and sums of ``told`` cells: each an entry."""
    height, width = counts.shape
    cells = np.eye(counts.size)
    rows = [cells[at * width : (at + 1) * width].sum(axis=0) for at in range(height)]
    columns = [cells[at::width].sum(axis=0) for at in range(width)]
    more = [cells[np.array(each) % counts.size].sum(axis=0).clip(0, 1) for each in told or ()]
    sums = np.array([*cells, *rows, *columns, cells.sum(axis=0), *more])
    values = sums @ counts.ravel()
    cost = np.r_[np.full(counts.size, 3.0), np.full(height, 9.0), np.full(width, 40.0), 80.0, np.ones(len(more))]
    return Lines(sparse.csr_matrix(sums), sparse.csr_matrix(sums), values.astype(np.float64), np.arange(len(sums)),
                 (values > 0) & (values < K), cost)  # fmt: skip


def given_away(lines: Lines, hidden: Bools) -> list[int]:
    """Small entries that what is shown holds under k, each asked by itself over all kinds."""
    shown, found = ~hidden[lines.entry], []
    for entry in np.flatnonzero(lines.small).tolist():
        most = linprog(-lines.forms[entry].toarray().ravel(), A_eq=lines.sums[shown], b_eq=lines.values[shown])
        if most.status == 0 and -most.fun < K - 1e-4:
            found.append(entry)
    return found


sizes = st.lists(st.sampled_from([0, 1, 2, 3, 4, 6, 9, 20]), min_size=12, max_size=12)
parts = st.lists(st.lists(st.integers(0, 11), min_size=2, max_size=5), max_size=4)


@settings(max_examples=40, deadline=None)
@given(sizes, parts, st.lists(st.integers(0, 11), max_size=9))
def test_kinds_that_nothing_tells_apart_are_as_good_as_one(
    cells: list[int], told: list[list[int]], again: list[int]
) -> None:
    one = table(np.array(cells).reshape(4, 3), told)
    kinds = np.array([*range(12), *again])
    many = dataclasses.replace(one, sums=one.sums[:, kinds], forms=one.forms[:, kinds])
    nothing = np.zeros(len(one.small), np.bool_)
    hidden = closed(many, nothing, K)
    assert many.merged().sums.shape == (len(one.values), 12)
    assert hidden.tolist() == closed(one, nothing, K).tolist()
    assert given_away(many, hidden) == []


@pytest.mark.parametrize("tries", [1, 3, 8])
@settings(max_examples=15, deadline=None)
@given(cells=sizes, told=parts)
def test_where_the_programmes_do_not_suffice_more_is_hidden_never_less(
    tries: int, cells: list[int], told: list[list[int]]
) -> None:
    lines = table(np.array(cells).reshape(4, 3), told)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programmes, "TRIES", tries)
        patch.setattr(programmes, "LEAST", tries)
        hidden = closed(lines, np.zeros(len(lines.small), np.bool_), K)
    assert given_away(lines, hidden) == [] and hidden[lines.small].all()


def test_a_large_table_ends_after_a_fixed_number_of_programmes(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = []

    def counting(*args: Any, **given: Any) -> Any:
        solved.append(1)
        return linprog(*args, **given)

    monkeypatch.setattr("analysis.lines.linprog", counting)
    monkeypatch.setattr(programmes, "TRIES", 20)
    counts = np.random.default_rng(5).poisson(3, (40, 6))
    lines = table(counts)
    hidden = closed(lines, np.zeros(len(lines.small), np.bool_), K)
    # Two searches and the halvings of the entries that are left, several programmes each at the most.
    assert len(solved) < 120
    assert given_away(lines, hidden) == []


def test_a_small_entry_without_a_kind_is_left_as_it_is() -> None:
    none = table(np.array([[3, 20], [20, 20]]))
    lines = dataclasses.replace(none, forms=sparse.csr_matrix(none.forms.shape), sums=none.sums)
    assert closed(lines, np.zeros(len(lines.small), np.bool_), K).tolist() == lines.small.tolist()

"""The same answer down the page."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.quality import patterns, variance
from analysis.quality.answers import NONE

tables = arrays(
    np.int8, st.tuples(st.integers(1, 6), st.integers(1, 12)), elements=st.sampled_from([NONE, 0, 1, 2, 3, 4])
)


@given(tables)
def test_the_longest_run_skips_gaps(table: np.ndarray) -> None:
    expected = [
        max((len(list(run)) for _, run in groupby(value for value in row if value != NONE)), default=0)
        for row in table.tolist()
    ]

    assert patterns.longest_run(table).tolist() == expected


@given(tables)
def test_who_is_straight_is_not_nearly_so(table: np.ndarray) -> None:
    enough = (table != NONE).sum(axis=1) >= 2
    straight = patterns.straight(table, enough)
    nearly = patterns.nearly_straight(table, 5, enough)

    assert not (straight & nearly).any() and not ((straight | nearly) & ~enough).any()
    for row, flagged in zip(table, straight, strict=True):
        assert flagged == (len(set(row[row != NONE])) == 1 and (row != NONE).sum() >= 2)


@pytest.mark.parametrize(("other", "flagged"), [(1, True), (2, True), (3, False)])
def test_nine_tenths_alike_is_nearly_straight(other: int, flagged: bool) -> None:
    row = np.full((1, 20), 3, np.int8)
    row[0, :other] = 1

    assert patterns.nearly_straight(row, 5, np.array([True]))[0] == flagged


@given(tables)
def test_a_form_varies_between_not_at_all_and_as_much_as_its_mean_allows(table: np.ndarray) -> None:
    for row, told in zip(table, variance.spread(table, 5), strict=True):
        given = row[row != NONE].astype(float)
        if len(set(given.tolist())) < 2:
            assert told == 0.0
        else:
            assert told == pytest.approx(given.std() / np.sqrt(given.mean() * (4 - given.mean())))
            assert 0.0 < told <= 1.0 + 1e-12


def test_ends_of_the_scale_alone_vary_as_much_as_can_be() -> None:
    assert variance.spread(np.array([[0, 4, 4, 4]], np.int8), 5)[0] == pytest.approx(1.0)

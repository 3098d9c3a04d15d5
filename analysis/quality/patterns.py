"""Straight-lining: the same answer down the page (Krosnick, Applied Cognitive Psychology 5, 1991; long-string index as
Curran, Journal of Experimental Social Psychology 66, 2016)."""

from __future__ import annotations

import numpy as np

from analysis.design import Bools, Codes
from analysis.quality.answers import NONE, Positions

NEARLY = 0.9  # of a row's answers are one and the same
SKIPPED = 0.5  # of the items shown are left without an answer


def longest_run(table: Positions) -> Codes:
    """The longest run of one and the same answer (n,), over the answers that were given, in the order of items."""
    best = np.zeros(len(table), np.int64)
    run = np.zeros(len(table), np.int64)
    last = np.full(len(table), NONE, np.int8)
    for column in table.T:
        given = column != NONE
        run = np.where(given, np.where(column == last, run + 1, 1), run)
        last = np.where(given, column, last)
        best = np.maximum(best, run)
    return best


def most_common(table: Positions, levels: int) -> Codes:
    """How often a row's most frequent answer stands in it (n,)."""
    return np.asarray(np.max([(table == level).sum(axis=1) for level in range(levels)], axis=0), np.int64)


def straight(table: Positions, enough: Bools) -> Bools:
    """Rows (n,) whose answers are all the same."""
    return np.asarray(enough & (longest_run(table) == (table != NONE).sum(axis=1)))


def nearly_straight(table: Positions, levels: int, enough: Bools) -> Bools:
    """Rows (n,) of which nine tenths of the answers are the same, but not all."""
    given = (table != NONE).sum(axis=1)
    return np.asarray(enough & ~straight(table, enough) & (most_common(table, levels) >= NEARLY * given))

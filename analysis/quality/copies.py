"""Forms that are more alike than people are: each answer compared with its nearest neighbour in the same office.

A fixed share of equal answers (Kuriakose and Robbins, Statistical Journal of the IAOS 32, 2016) cries wolf on short
questionnaires whose items go together (Simmons, Mercer, Schwarzer and Kennedy, ibid.). Here the limit comes from the
data: a form is flagged when its nearest neighbour, or several, are nearer than all but ``FALSE`` of the forms drawn as
of independent people have theirs. Equal answers count by how rare they are: −log of the share that gives them.
"""

from __future__ import annotations

import numpy as np

from analysis.design import Bools, Floats
from analysis.quality.answers import NONE, Positions
from analysis.quality.independent import Office

FALSE = 0.005  # of honest forms are flagged at the most, office by office
SEVERAL = 4  # others that near are the mark of one hand
_ROWS = 1000  # compared at once


def copied(office: Office) -> Bools:
    """The office's own forms (m,) that have one other, or ``SEVERAL`` others, too near."""
    chance = np.concatenate([near(forms, office.share) for forms in office.drawn])
    limit = np.quantile(chance, 1 - FALSE / 2, axis=0)
    return np.asarray((near(office.own, office.share) > limit).any(axis=1))


def near(table: Positions, share: Floats) -> Floats:
    """How near the nearest other row is, and the ``SEVERAL``-th nearest (n, 2).

    Σ −log share over equal answers, as part of what the row could reach.
    """
    n, k = table.shape
    levels = share.shape[1]
    rare = np.sqrt(-np.log(share))
    wide = np.zeros((n, k * levels))
    rows, columns = np.nonzero(table != NONE)
    given = table[rows, columns]
    wide[rows, columns * levels + given] = rare[columns, given]
    reach = np.maximum((wide**2).sum(axis=1), 1e-12)
    found = np.empty((n, 2))
    for start in range(0, n, _ROWS):
        part = wide[start : start + _ROWS] @ wide.T
        part[np.arange(len(part)), np.arange(start, start + len(part))] = -np.inf
        part.partition((n - SEVERAL, n - 1), axis=1)
        found[start : start + _ROWS] = part[:, [n - 1, n - SEVERAL]]
    return np.asarray(found / reach[:, None])

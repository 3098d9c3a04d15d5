"""What is published as sums over kinds of forms, and what of it must be hidden besides the small ones (METHOD §8).

An entry is what is shown or hidden together: sums, of known coefficients, over how many forms there are of each kind.
An attacker knows all sums of the entries that are shown, and that no kind has fewer than none. An entry of 1 to k − 1
forms is safe when these still allow it k or more. Where they do not, the dual of that linear programme names shown
entries that together prove it (Dantzig, Linear programming and extensions, 1963, chapter 6): the cheapest of them is
hidden, until every small entry is safe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import OptimizeResult, linprog

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]
_SLACK = 1e-6
TRIES = 400  # programmes solved to find what need not be hidden
_OPTIMAL, _UNBOUNDED = 0, 3


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """E entries and the R sums that they show, over K kinds.

    ``forms`` (E, K) counts an entry's forms; ``sums`` (R, K) is shown, ``values`` (R,) what it comes to, ``entry`` (R,)
    with which entry; ``small`` (E,) of 1 to k − 1 forms; ``cost`` (E,) of hiding.
    """

    forms: sparse.csr_matrix
    sums: sparse.csr_matrix
    values: Floats
    entry: Places
    small: Bools
    cost: Floats

    def agree(self) -> bool:
        """Whether any number of forms of each kind gives all the sums."""
        found = linprog(np.zeros(self.sums.shape[1]), A_eq=self.sums, b_eq=self.values, bounds=(0, None))
        return bool(found.status == _OPTIMAL)


def closed(lines: Lines, hidden: Bools, k: float) -> Bools:
    """(E,) ``hidden``, the small entries, and what else must be hidden so that each of these can be k or more.

    Whoever cannot be covered at all (no kind that could be more) is left as it is.
    """
    out = np.asarray(hidden | lines.small)
    unsafe = _not_together(lines, out, k)
    while len(unsafe):
        left = []
        for entry in unsafe.tolist():
            proof = _proof(lines, out, entry, k)
            if len(proof):
                out[proof[np.argmin(lines.cost[proof])]] = True
                left.append(entry)
        unsafe = np.array(left, np.int64)
    return _needed(lines, out, k)


def _needed(lines: Lines, hidden: Bools, k: float) -> Bools:
    """(E,) what is hidden without those that are safe to show, the dearest tried first: a proof met early hides more
    than all of them together need. Tries are limited by number, so that every machine finds the same."""
    out, left = hidden.copy(), TRIES
    extra = np.flatnonzero(out & ~lines.small)
    for entry in extra[np.argsort(-lines.cost[extra], kind="stable")].tolist():
        out[entry] = False
        weak = _not_together(lines, out, k)
        left -= 1 + len(weak)
        out[entry] = left < 0 or any(len(_proof(lines, out, each, k)) for each in weak.tolist())
    return out


def _not_together(lines: Lines, hidden: Bools, k: float) -> Places:
    """Small entries that one programme does not bring to k at once: most tables need no other."""
    small = np.flatnonzero(lines.small)
    if not len(small):
        return small
    shown = np.flatnonzero(~hidden[lines.entry])
    kinds, count = lines.sums.shape[1], len(small)
    reached = sparse.hstack([-lines.forms[small], sparse.identity(count)], format="csr")
    told = sparse.hstack([lines.sums[shown], sparse.csr_matrix((len(shown), count))], format="csr")
    found = linprog(
        np.r_[np.zeros(kinds), -np.ones(count)], A_ub=reached, b_ub=np.zeros(count), A_eq=told,
        b_eq=lines.values[shown], bounds=[(0, None)] * kinds + [(0, k)] * count, method="highs",
    )  # fmt: skip
    return small if found.status != _OPTIMAL else small[found.x[kinds:] < k - _SLACK]


def _proof(lines: Lines, hidden: Bools, entry: int, k: float) -> Places:
    """Shown entries that together prove that this one has fewer than k forms; none where it is safe."""
    shown = np.flatnonzero(~hidden[lines.entry])
    found = _most(lines, shown, entry)
    if found.status == _UNBOUNDED or (found.status == _OPTIMAL and -found.fun >= k - _SLACK):
        return np.zeros(0, np.int64)
    # What the solver cannot settle is not relied on: then any entry shown may be part of a proof.
    told = np.abs(found.eqlin.marginals) > _SLACK if found.status == _OPTIMAL else np.ones(len(shown), np.bool_)
    return np.unique(lines.entry[shown[told]])


def _most(lines: Lines, shown: Places, entry: int) -> OptimizeResult:
    aim = -lines.forms[entry].toarray().ravel()
    return linprog(aim, A_eq=lines.sums[shown], b_eq=lines.values[shown], bounds=(0, None), method="highs")

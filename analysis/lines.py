"""What is published as sums over kinds of forms, and what of it must be hidden besides the small ones (METHOD §8).

An entry is what is shown or hidden together: sums, of known coefficients, over how many forms there are of each kind.
An attacker knows all sums of the entries that are shown, and that no kind has fewer than none. An entry of 1 to k − 1
forms is safe when these still allow it k or more. Where they do not, the dual of that linear programme names shown
entries that together prove it (Dantzig, Linear programming and extensions, 1963, chapter 6): the cheapest of them is
hidden, until every small entry is safe.

Every solution of a programme is a wave that could be, and is kept: it settles all entries that it brings to k, for as
long as the sums that it keeps to are those that are shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Places = NDArray[np.int64]
_SLACK = 1e-6
# Programmes solved to find what to hide, and as many again to find what need not be. By number and size, never by
# time, so that every machine finds the same; larger ones take longer, and there are fewer of them.
TRIES, LEAST, WORK = 400, 20, 3_500_000
_OPTIMAL = 0


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
        found = linprog(np.zeros(self.sums.shape[1]), A_eq=self.sums, b_eq=self.values, bounds=(0, None),
                        options={"presolve": False})  # fmt: skip
        return bool(found.status == _OPTIMAL)

    def merged(self) -> Lines:
        """The same over fewer kinds: those that no sum and no small entry tells apart are one."""
        first = _alike(sparse.vstack([self.sums, self.forms[self.small]], format="csc"))
        return replace(self, forms=self.forms[:, first], sums=self.sums[:, first])


def _alike(columns: sparse.csc_matrix) -> Places:
    """The first of each set of columns that are the same, in their order."""
    columns.sum_duplicates()
    columns.eliminate_zeros()
    ends, rows, values = columns.indptr.tolist(), columns.indices, columns.data
    first: dict[tuple[bytes, bytes], int] = {}
    for at, (begin, end) in enumerate(pairwise(ends)):
        first.setdefault((rows[begin:end].tobytes(), values[begin:end].tobytes()), at)
    return np.fromiter(first.values(), np.int64, len(first))


def closed(lines: Lines, hidden: Bools, k: float) -> Bools:
    """(E,) ``hidden``, the small entries, and what else must be hidden so that each of these can be k or more.

    Whoever cannot be covered at all (no kind that could be more) is left as it is. Where the programmes do not suffice
    more is hidden than need be, never less.
    """
    return _needed(lines, _covered(lines, hidden | lines.small, k), k)


def _covered(lines: Lines, hidden: Bools, k: float) -> Bools:
    """(E,) ``hidden`` and more of it, the cheapest of each proof, until no small entry is proved to be small."""
    out, search = hidden.copy(), _Search(lines, k)
    weak = search.weak(out)
    while len(weak) and search.left > 0:
        for entry in weak.tolist():
            if search.left > 0 and not search.settled(out)[entry]:
                proof = search.proof(out, entry)
                out[proof[np.argsort(lines.cost[proof], kind="stable")[:1]]] = True
        weak = search.weak(out)
    return _coarsely(search, out, weak) if len(weak) else out


def _coarsely(search: _Search, hidden: Bools, weak: Places) -> Bools:
    """(E,) ``hidden`` and so many of the cheapest that no entry is weak: of those that share forms with ``weak`` if
    that is enough, of all otherwise; with all of them hidden nothing is known."""
    lines = search.lines
    shares = np.asarray((lines.forms @ lines.forms[weak].T).sum(axis=1)).ravel() > 0
    for among in (shares, np.ones_like(shares)):
        order = np.flatnonzero(among & ~hidden)
        order = order[np.argsort(lines.cost[order], kind="stable")]
        low, high = 0, len(order) + 1
        while low < high:
            middle = (low + high) // 2
            out = hidden.copy()
            out[order[:middle]] = True
            low, high = (middle + 1, high) if len(search.weak(out)) else (low, middle)
        if low <= len(order):
            break
    out = hidden.copy()
    out[order[:low]] = True
    return out


def _needed(lines: Lines, hidden: Bools, k: float) -> Bools:
    """(E,) what is hidden without those that are safe to show, the dearest tried first: a proof met early hides more
    than all of them together need."""
    out, search = hidden.copy(), _Search(lines, k)
    extra = np.flatnonzero(out & ~lines.small)
    for entry in extra[np.argsort(-lines.cost[extra], kind="stable")].tolist():
        out[entry] = False
        out[entry] = not search.safe(out)
    return out


class _Search:
    """Programmes over ``lines``, ``left`` of them, and the waves that they have found."""

    def __init__(self, lines: Lines, k: float) -> None:
        self.lines, self.k = lines.merged(), k
        self.left = max(LEAST, min(TRIES, WORK // max(1, self.lines.sums.nnz)))
        self._small = lines.small & (np.diff(lines.forms.indptr) > 0)
        self._sums = np.zeros((0, len(lines.values)))
        self._reach = np.zeros((0, len(lines.small)), np.bool_)

    def settled(self, hidden: Bools) -> Bools:
        """(E,) entries that a wave found before brings to k, which keeps to every sum that is shown now."""
        lines = self.lines
        shown = ~hidden[lines.entry]
        far = np.abs(self._sums[:, shown] - lines.values[shown]) > _SLACK * (1 + np.abs(lines.values[shown]))
        return np.asarray(self._reach[~far.any(axis=1)].any(axis=0) | ~self._small)

    def weak(self, hidden: Bools) -> Places:
        """Small entries that no programme for several brings to k, the least reached first."""
        weak = np.flatnonzero(~self.settled(hidden))
        while len(weak):
            reached, _ = self._most(hidden, weak)
            left = weak[np.argsort(reached, kind="stable")][: int((reached < self.k - _SLACK).sum())]
            if len(left) in (0, len(weak)):
                return left
            weak = left
        return weak

    def safe(self, hidden: Bools) -> bool:
        """Whether every small entry can be k or more; no, where the programmes do not suffice."""
        if self.left <= 0:
            return False
        for entry in self.weak(hidden).tolist():
            if not self.settled(hidden)[entry] and (self.left <= 0 or len(self.proof(hidden, entry))):
                return False
        return True

    def proof(self, hidden: Bools, entry: int) -> Places:
        """Shown entries that together prove that this one has fewer than k forms; none where it is safe."""
        reached, part = self._most(hidden, np.array([entry]))
        return part if reached[0] < self.k - _SLACK else part[:0]

    def _most(self, hidden: Bools, entries: Places) -> tuple[Floats, Places]:
        """(C,) how many forms, up to k, ``entries`` can have together, and the shown entries that prove the bound."""
        self.left -= 1
        lines, count, kinds = self.lines, len(entries), self.lines.sums.shape[1]
        shown = np.flatnonzero(~hidden[lines.entry])
        told, forms = lines.sums[shown], lines.forms[entries]
        found = linprog(
            np.r_[np.zeros(kinds), -np.ones(count)],
            A_ub=sparse.hstack([-forms, sparse.identity(count)], format="csr"), b_ub=np.zeros(count),
            A_eq=sparse.hstack([told, sparse.csr_matrix((len(shown), count))], format="csr"),
            b_eq=lines.values[shown], bounds=[(0, None)] * kinds + [(0, self.k)] * count,
            # Looking for what can be left out takes five times as long as the programme itself.
            method="highs", options={"presolve": False},
        )  # fmt: skip
        # What the solver cannot settle is not relied on: then any entry shown may be part of a proof.
        if found.status != _OPTIMAL:
            return np.zeros(count), np.unique(lines.entry[shown])
        self._keep(found.x[:kinds])
        part = np.abs(found.eqlin.marginals) > _SLACK
        return found.x[kinds:], np.unique(lines.entry[shown[part if part.any() else ~part]])

    def _keep(self, wave: Floats) -> None:
        self._sums = np.vstack([self._sums, self.lines.sums @ wave])
        self._reach = np.vstack([self._reach, self.lines.forms @ wave >= self.k - _SLACK])

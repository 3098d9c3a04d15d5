"""The least that must be hidden so that no small amount follows from linear relations, as an integer programme.

Cells of any kind (counts, their totals, points) are tied by relations Σ a_i x_i = 0 that everybody knows. Hiding a set
of cells protects a small one when the relations and all shown cells still allow it to be k or more: for each small cell
there must be a change of hidden cells that keeps every relation, leaves no amount negative and brings it to k. Least is
what costs least (Fischetti, Salazar-González, Models and algorithms for optimizing cell suppression in tabular data
with linear constraints, Journal of the American Statistical Association 95, 2000). The limits are on the size and on
the nodes of the search, not on seconds: the same tables give the same answer on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from analysis.silenced import silenced

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NODES = 500
LARGEST = 40_000  # small cells × cells
_SLACK = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Tied:
    """``amounts`` (n,); ``relations`` (m, n), each sums to 0; ``cost`` (n,) of hiding, inf for what cannot be."""

    amounts: Floats
    relations: Floats
    cost: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Hidden:
    """``cells`` (n,) to hide; ``proven``: nothing cheaper protects as well."""

    cells: Bools
    proven: bool


def least_hidden(tied: Tied, small: Bools, k: float, largest: int = LARGEST) -> Hidden | None:
    """The cheapest set that protects the ``small`` (n,) cells; None where there is none, or none within the limits."""
    if not small.any():
        return Hidden(small.copy(), True)
    if int(small.sum()) * len(small) > largest:
        return None
    usable = np.flatnonzero(np.isfinite(tied.cost) | small)
    free = usable[~small[usable]]
    place = {int(cell): at for at, cell in enumerate(free)}
    blocks = [_change(tied, usable, int(cell), k, place) for cell in np.flatnonzero(small)]
    size = len(free) + len(blocks) * len(usable)
    rows = [_shifted(block, at, len(free), len(usable), size) for at, (block, _, _) in enumerate(blocks)]
    low = np.concatenate([np.zeros(len(free)), *(low for _, low, _ in blocks)])
    high = np.concatenate([np.ones(len(free)), *(high for _, _, high in blocks)])
    zeros = len(tied.relations)
    upper = np.concatenate([np.r_[np.zeros(zeros), np.zeros(2 * len(free))] for _ in blocks])
    lower = np.concatenate([np.r_[np.zeros(zeros), np.full(2 * len(free), -np.inf)] for _ in blocks])
    with silenced():  # the solver prints what it tries, whatever it is told
        found = milp(
            np.r_[tied.cost[free], np.zeros(size - len(free))],
            integrality=np.r_[np.ones(len(free)), np.zeros(size - len(free))],
            bounds=Bounds(low, high),
            constraints=LinearConstraint(sparse.vstack(rows, format="csr"), lower, upper),
            options={"node_limit": NODES, "mip_rel_gap": 0.0},
        )
    if found.x is None:
        return None
    cells = small.copy()
    cells[free] = found.x[: len(free)] > 0.5
    return Hidden(cells, found.status == 0)


def _change(
    tied: Tied, usable: NDArray[np.int64], cell: int, k: float, place: dict[int, int]
) -> tuple[tuple[sparse.csr_matrix, sparse.csr_matrix], Floats, Floats]:
    """Relations of a change that brings ``cell`` to k, its ties to what is hidden (of choices, of changes), bounds."""
    need = k - tied.amounts[cell]
    low, high = -np.minimum(tied.amounts[usable], _reach(tied, need)), np.full(len(usable), _reach(tied, need))
    here = int(np.flatnonzero(usable == cell)[0])
    low[here], high[here] = need, max(high[here], need)
    own = [at for at, each in enumerate(usable) if int(each) in place]
    chosen = [place[int(usable[at])] for at in own]
    count = len(own)
    pick = sparse.csr_matrix((np.ones(count), (range(count), own)), shape=(count, len(usable)))
    above = sparse.csr_matrix((-high[own], (range(count), chosen)), shape=(count, len(place)))
    below = sparse.csr_matrix((low[own], (range(count), chosen)), shape=(count, len(place)))
    idle = sparse.csr_matrix((len(tied.relations), len(place)))
    changes = sparse.vstack([sparse.csr_matrix(tied.relations[:, usable]), pick, -pick], format="csr")
    return (sparse.vstack([idle, above, below], format="csr"), changes), low, high


def _reach(tied: Tied, need: float) -> float:
    """How far a cell may have to change for another to change by ``need``: as far, where relations only add up."""
    sizes = np.abs(tied.relations[tied.relations != 0])
    return float(need * (sizes.max() / sizes.min() if sizes.size else 1.0))


def _shifted(
    block: tuple[sparse.csr_matrix, sparse.csr_matrix], at: int, choices: int, width: int, size: int
) -> sparse.csr_matrix:
    chosen, changes = block
    before = sparse.csr_matrix((changes.shape[0], at * width))
    after = sparse.csr_matrix((changes.shape[0], size - choices - (at + 1) * width))
    return sparse.hstack([chosen, before, changes, after], format="csr")


def highest(tied: Tied, hidden: Bools, cell: int) -> float:
    """The most that a hidden cell can be for whoever knows all that is shown; infinity where nothing bounds it."""
    inside = np.flatnonzero(hidden)
    aim = np.where(inside == cell, -1.0, 0.0)
    shown = tied.relations[:, ~hidden] @ tied.amounts[~hidden]
    found = linprog(aim, A_eq=tied.relations[:, inside], b_eq=-shown, bounds=(0, None), method="highs")
    return float(-found.fun) + _SLACK if found.status == 0 else float(np.inf)

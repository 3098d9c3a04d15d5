"""How evenly people of all kinds answered: the R-indicator with its standard error, and where response is uneven.

R = 1 − 2 S, S the standard deviation of response propensities over the eligible population: 1 when everybody is as
likely to answer, 0 at worst. Propensities by logistic regression on what the list knows of answerers and others alike.
Shlomo, Skinner and Schouten, Estimation of an indicator of the representativeness of survey response, Journal of
Statistical Planning and Inference 142 (2012); partial indicators: Schouten, Shlomo and Skinner, Journal of Official
Statistics 27 (2011).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.dataset import Dataset
from analysis.design import Codes, Floats
from analysis.rates import CATEGORY, STATES
from forms.faults import Faults

_ROUNDS = 50
_CLOSE = 1e-10
_RIDGE = 1e-9  # keeps classes in which all or nobody answered from running away


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """C kinds of invitations: ``eligible`` and ``answered`` (C,) how many, ``weight`` (C,) base weight of one,
    ``stratum`` (C,) codes, ``fraction`` (H,) sampled of each stratum; ``labels`` by variable, (C,) each."""

    eligible: Floats
    answered: Floats
    weight: Floats
    stratum: Codes
    fraction: Floats
    labels: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Partial:
    """How far one variable is behind uneven response: ``unconditional`` (between its categories), ``conditional``
    (within the others' combinations); by category its signed share, negative where fewer answer."""

    variable: str
    unconditional: float
    conditional: float
    categories: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Representativity:
    """``r`` freed of the bias of small samples, ``plain`` as it stands; ``se`` None where propensities vary no more
    than by chance; ``cv`` the standard deviation of propensities over their mean, which bounds the bias of an
    unweighted mean in standard deviations; ``mean`` propensity; ``n`` eligible invitations."""

    r: float
    plain: float
    se: float | None
    cv: float
    mean: float
    n: int
    partials: tuple[Partial, ...]


def cells_of(dataset: Dataset, group: str) -> Cells:
    """Cells of design.parquet: stratum and margins as variables. Raises Faults when nobody was drawn."""
    rows, valid = design_rows(dataset, group), valid_states(dataset)
    eligible = [state for state in STATES if CATEGORY[state] != "NE"]
    kept = [row for row in rows if summed(row, "n", eligible) > 0]
    if not kept:
        raise Faults(f"group {group} has no eligible invitations in {dataset.path}")
    strata = sorted({row["stratum"] for row in kept})
    number = np.array([summed(row, "n", eligible) for row in kept])
    weight = np.array([summed(row, "w", eligible) for row in kept]) / number
    stratum = np.array([strata.index(row["stratum"]) for row in kept], np.int64)
    people = np.bincount(stratum, [row["eligible_estimate"] for row in kept])
    fraction = np.minimum(1.0, np.divide(np.bincount(stratum, number), people, out=np.ones(len(strata)),
                                         where=people > 0))  # fmt: skip
    names = ["stratum", *(name for name in kept[0] if name.startswith("m_"))]
    labels = {name: [str(row[name]) for row in kept] for name in names}
    varying = {name: values for name, values in labels.items() if len(set(values)) > 1}
    return Cells(number, np.array([summed(row, "n", valid) for row in kept]), weight, stratum, fraction, varying)


def design_rows(dataset: Dataset, group: str) -> list[dict[str, Any]]:
    """The cells of a group, as design.parquet has them."""
    return [row for row in dataset.design_table().to_pylist() if row["group"] == group]


def valid_states(dataset: Dataset) -> Sequence[str]:
    """The dispositions that count as an answer."""
    states: Sequence[str] = dataset.manifest.get("estimation", {}).get("valid", ("complete", "partial"))
    return states


def summed(row: Mapping[str, Any], sign: str, states: Sequence[str]) -> float:
    """Invitations of a cell in these states: ``sign`` n counts them, w their base weights."""
    return float(sum(row.get(f"{sign}_{state}") or 0 for state in states))


def representativity(cells: Cells) -> Representativity:
    """The R-indicator of some invitations. Raises Faults without a variable, or when all or nobody answered."""
    rate = cells.answered.sum() / cells.eligible.sum()
    if not cells.labels:
        raise Faults("an R-indicator needs something that is known of answerers and others: strata or margins")
    if not 0 < rate < 1:
        raise Faults("everybody answered, or nobody did: response has no pattern")
    x = _dummies(cells.labels)
    theta, spread = _fitted(x, cells)
    rho = _logistic(x @ theta)
    mass = cells.eligible * cells.weight
    share = mass / mass.sum()
    mean = float(share @ rho)
    variance = float(share @ (rho - mean) ** 2)
    z = (rho * (1 - rho))[:, None] * x
    apart = z - share @ z
    inner, slope = (apart * share[:, None]).T @ apart, 2 * (share * (rho - mean)) @ apart
    chance = float(np.trace(inner @ spread))
    left = max(0.0, variance - chance)
    error = (
        slope @ spread @ slope + 2 * np.trace(inner @ spread @ inner @ spread) + _sampling(cells, rho, mean, variance)
    )
    return Representativity(
        1 - 2 * left**0.5,
        1 - 2 * variance**0.5,
        float(np.sqrt(error / left)) if left > 0 else None,
        left**0.5 / mean,
        mean,
        round(float(cells.eligible.sum())),
        tuple(_partial(name, cells.labels, share, rho, mean) for name in cells.labels),
    )  # fmt: skip


def _dummies(labels: Mapping[str, Sequence[str]]) -> Floats:
    """(C, p): a constant, and an indicator of every category but the first of each variable."""
    columns = [np.ones(len(next(iter(labels.values()))))]
    for values in labels.values():
        columns += [np.array([float(value == level) for value in values]) for level in sorted(set(values))[1:]]
    return np.column_stack(columns)


def _logistic(u: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(u, -30, 30))))


def _fitted(x: Floats, cells: Cells) -> tuple[Floats, Floats]:
    """Coefficients (p,) of the weighted logistic regression, and their covariance (p, p)."""
    theta = np.zeros(x.shape[1])
    d = cells.weight / cells.weight.mean()
    for _ in range(_ROUNDS):
        rho = _logistic(x @ theta)
        score = (d * (cells.answered - cells.eligible * rho)) @ x
        inside = (x * (d * cells.eligible * rho * (1 - rho))[:, None]).T @ x
        step = np.linalg.lstsq(inside + _RIDGE * np.eye(len(theta)), score, rcond=None)[0]
        theta = theta + np.clip(step, -5, 5)
        if np.abs(step).max() < _CLOSE:
            break
    rho = _logistic(x @ theta)
    inside = (x * (d * cells.eligible * rho * (1 - rho))[:, None]).T @ x
    squares = d**2 * (cells.answered * (1 - rho) ** 2 + (cells.eligible - cells.answered) * rho**2)
    inverse = np.linalg.pinv(inside + _RIDGE * np.eye(len(theta)), hermitian=True)
    return theta, inverse @ ((x * squares[:, None]).T @ x) @ inverse


def _sampling(cells: Cells, rho: Floats, mean: float, variance: float) -> float:
    """Variance of S² from who was drawn, were the propensities known: stratified, linearised."""
    total = float((cells.eligible * cells.weight).sum())
    score = cells.weight * ((rho - mean) ** 2 - variance) / total
    found = 0.0
    for code, fraction in enumerate(cells.fraction.tolist()):
        mine = cells.stratum == code
        n = cells.eligible[mine].sum()
        if n > 1:
            middle = (cells.eligible[mine] @ score[mine]) / n
            found += (1 - fraction) * n / (n - 1) * float(cells.eligible[mine] @ (score[mine] - middle) ** 2)
    return found


def _partial(name: str, labels: Mapping[str, Sequence[str]], share: Floats, rho: Floats, mean: float) -> Partial:
    own = np.array(labels[name])
    categories = {}
    for level in sorted(set(own.tolist())):
        mine = own == level
        held = float(share[mine].sum())
        categories[level] = held**0.5 * (float(share[mine] @ rho[mine]) / held - mean)
    others = ["/".join(parts) for parts in zip(*(labels[one] for one in labels if one != name), strict=True)]
    rest = np.unique(others, return_inverse=True)[1] if others else np.zeros(len(own), np.int64)
    within = (np.bincount(rest, share * rho) / np.bincount(rest, share))[rest]
    unconditional = float(np.sqrt(sum(value**2 for value in categories.values())))
    return Partial(name, unconditional, float(np.sqrt(share @ (rho - within) ** 2)), categories)

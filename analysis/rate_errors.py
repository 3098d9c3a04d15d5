"""Standard errors of outcome rates by the design of the invitations.

A rate is a ratio of sums over invitations, so that what an invitation adds to it depends on its state alone: by stratum
the count, the sum of weights and of their squares in every state are enough. Linearised as Woodruff (JASA 66, 1971);
where e is estimated it is part of what is linearised. Σ_h (1 − f_h) n_h/(n_h − 1) Σ_i (z_hi − z̄_h)².
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.rates import ELIGIBLE, Rates, category_of, parts_of


@dataclass(frozen=True, slots=True)
class Held:
    """Invitations of one stratum and state: how many, Σ w and Σ w² (1 each where nothing is weighted)."""

    n: float
    sum: float
    squares: float


@dataclass(frozen=True, slots=True)
class Size:
    """A whole stratum: invitations issued and the share f of its population that they are."""

    n: float
    fraction: float


Strata = Mapping[str, Mapping[str, Held]]
"""Stratum → state → what a row of the table counts of it."""


def standard_errors(
    found: Rates, strata: Strata, sizes: Mapping[str, Size], *, valid: tuple[str, ...], unknown: bool, given: bool
) -> dict[str, float | None]:
    """Rate → standard error; None where there is no rate. ``given``: e was given and has no error of its own.

    Strata with one invitation show no variance and add none. Rates of 0 or 1 without any contrast have 0.
    """
    states = sorted({state for cells in strata.values() for state in cells})
    slopes = _slopes(found, states, unknown=unknown, given=given)
    errors: dict[str, float | None] = {}
    for rate in found.rates:
        if rate.value is None:
            errors[rate.name] = None
            continue
        above, below = parts_of(rate.name, valid)
        weight = {
            state: (above(state, unknown) - rate.value * (below(state, unknown) + slopes(rate.name, state)))
            / rate.denominator
            for state in states
        }
        errors[rate.name] = math.sqrt(max(0.0, _variance(strata, sizes, weight)))
    return errors


def _slopes(found: Rates, states: list[str], *, unknown: bool, given: bool) -> Callable[[str, str], float]:
    """What a state adds to the e(UH+UO) of a rate's denominator: e for the unknown, and through e itself."""
    e, hidden = found.e or 0.0, found.categories.get("UH+UO", 0.0)
    known = sum(found.categories.get(name, 0.0) for name in (*ELIGIBLE, "NE"))
    through: dict[str, float] = {}
    for state in states:
        category = category_of(state, unknown)
        own = e if category == "UH+UO" else 0.0
        if not given and known and category != "UH+UO":
            own += hidden * ((category != "NE") - e) / known
        through[state] = own
    return lambda rate, state: through[state] if rate in ("RR3", "RR4", "REF2", "CON2") else 0.0


def _variance(strata: Strata, sizes: Mapping[str, Size], weight: Mapping[str, float]) -> float:
    total = 0.0
    for stratum, cells in strata.items():
        size = sizes[stratum]
        if size.n < 2:
            continue
        sums = sum(held.sum * weight[state] for state, held in cells.items())
        squares = sum(held.squares * weight[state] ** 2 for state, held in cells.items())
        total += (1 - size.fraction) * size.n / (size.n - 1) * (squares - sums**2 / size.n)
    return total

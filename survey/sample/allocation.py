"""How a sample is shared out over strata: whole numbers within bounds. Pure; exact where decimals allow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import fsum, sqrt

from survey.plan.wave_spec import Allocation, Design

_PARTS = 10**9  # weights of Neyman and power allocation are whole numbers of such parts: the same on every machine


def allocate(n: int, size: Mapping[str, int], lower: Mapping[str, int], upper: Mapping[str, int]) -> dict[str, int]:
    """Share ``n`` out in proportion to ``size`` within bounds; whole numbers that add up to ``n``.

    Exact arithmetic; remainders go to the largest fraction, ties to the first name. Bounds that bind are fixed, side
    by side with the greater excess first, and the rest is shared again. ``sum(lower) <= n <= sum(upper)`` is required.
    """
    if not sum(lower.values()) <= n <= sum(upper.values()):
        raise ValueError("the bounds leave no way to share out n")
    fixed: dict[str, int] = {}
    free = sorted(size)
    while free:
        left, whole = n - sum(fixed.values()), sum(size[name] for name in free)
        share = {name: Fraction(left * size[name], whole) if whole else Fraction(left, len(free)) for name in free}
        below = {name for name in free if share[name] < lower[name]}
        above = {name for name in free if share[name] > upper[name]}
        if not below and not above:
            return fixed | _largest_remainder(left, share)
        lack = sum(lower[name] - share[name] for name in below)
        excess = sum(share[name] - upper[name] for name in above)
        if lack >= excess:
            fixed |= {name: lower[name] for name in below}
        if excess >= lack:
            fixed |= {name: upper[name] for name in above}
        free = [name for name in free if name not in fixed]
    return fixed


def _largest_remainder(n: int, share: Mapping[str, Fraction]) -> dict[str, int]:
    whole = {name: part.numerator // part.denominator for name, part in share.items()}
    order = sorted(share, key=lambda name: (whole[name] - share[name], name))
    for name in order[: n - sum(whole.values())]:
        whole[name] += 1
    return whole


def weights(design: Design, sizes: Mapping[str, int], values: Mapping[str, Sequence[float]], *, outer: bool
            ) -> dict[str, int]:  # fmt: skip
    """To what the numbers drawn in the levels of a column shall be in proportion, as whole numbers.

    Neyman (1934): N_h S_h, with S_h declared (for the levels of the first column; ``outer``) or of the frame column's
    ``values``. Power (Bankier 1988, The American Statistician 42, 174–177, equal coefficients of variation): N_h^a.
    A stratum without spread still counts as one person, so that none is forgotten.
    """
    if design.allocation is Allocation.EQUAL:
        return dict.fromkeys(sizes, 1)
    if design.allocation is Allocation.POWER:
        return {name: _whole(size**design.power) for name, size in sizes.items()}
    if design.allocation is Allocation.NEYMAN and design.deviation is not None:
        return {name: max(_whole(size * deviation(values[name])), 1) for name, size in sizes.items()}
    if design.allocation is Allocation.NEYMAN and outer:
        declared = dict(design.deviations)
        return {name: _whole(size * declared[name]) for name, size in sizes.items()}
    return dict(sizes)


def _whole(weight: float) -> int:
    """Nine significant digits, so that the last bit of a machine's power function decides nothing."""
    return round(float(f"{weight:.9g}") * _PARTS)


def deviation(values: Sequence[float]) -> float:
    """The standard deviation of a stratum, with divisor N − 1 as Neyman has it; 0 for one value."""
    if len(values) < 2:
        return 0.0
    mean = fsum(values) / len(values)
    return sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1))

"""One pass over the data → additive moments of primary sampling units' weighted scores; ``+`` merges two passes.

The PSUs of a stratum fall into groups that have scores in the same columns (an official's group are those who assess
the same units), so that a group needs no zeros. With t_i the total of the weighted scores of PSU i, a group of m keeps
Σ t_i and Σ (t_i − t̄)(t_i − t̄)′ about its own mean, merged by the pairwise update of Chan, Golub and LeVeque (Algorithms
for computing the sample variance, The American Statistician 37, 1983, eq. 2.1); no digits are lost when scores are
large beside their spread. The stratum's products about its mean follow: Σ_groups (products + m t̄ t̄′) − n t̄_h t̄_h′.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import numpy as np

from analysis.design import Bools, Codes, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """K scores of n rows, each row in at most one of D domains: D·K columns, most of them zero in a row.

    ``values`` (n, K), unweighted, zero where not ``present`` (n, K); ``domain`` (n,) from 0 to D − 1, −1 for none.
    Column d·K + k is score k in domain d.
    """

    values: Floats
    present: Bools
    domain: Codes
    domains: int

    @property
    def columns(self) -> int:
        """D·K."""
        return self.domains * int(self.values.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """Second-stage part of a stratum, already scaled by (1 − f_hi) m_hi/(m_hi − 1), before f_h, over ``columns`` (c,).

    ``products`` (c, c) over PSUs with several units, ``single`` (c, c) (1 − f_hi) z z′ over those with one;
    ``psus`` and ``lonely`` count both kinds together and the latter alone.
    """

    columns: Codes
    psus: int
    lonely: int
    products: Floats
    single: Floats

    def __add__(self, other: Within) -> Within:
        columns = np.union1d(self.columns, other.columns)
        products, single = np.zeros((2, len(columns), len(columns)))
        for part in (self, other):
            at = np.searchsorted(columns, part.columns)
            products[np.ix_(at, at)] += part.products
            single[np.ix_(at, at)] += part.single
        return Within(columns, self.psus + other.psus, self.lonely + other.lonely, products, single)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """PSUs of one stratum with scores in the same c ``columns``.

    ``rows`` and ``holders`` (c,) count rows, and PSUs with a row, that are present with positive weight;
    ``sums`` (c,); ``products`` (c, c) about the group's mean.
    """

    columns: Codes
    psus: int
    rows: Codes
    holders: Codes
    sums: Floats
    products: Floats

    def __add__(self, other: Group) -> Group:
        psus = self.psus + other.psus
        apart = other.sums / other.psus - self.sums / self.psus
        products = self.products + other.products + np.outer(apart, apart) * (self.psus * other.psus / psus)
        return Group(
            self.columns,
            psus,
            self.rows + other.rows,
            self.holders + other.holders,
            self.sums + other.sums,
            products,
        )


@dataclass(frozen=True, slots=True, eq=False)
class StratumMoments:
    """One stratum: ``psus`` of all kinds, also without any score; ``groups`` by their columns."""

    psus: int
    groups: Mapping[bytes, Group]
    within: Within | None

    def __add__(self, other: StratumMoments) -> StratumMoments:
        groups = dict(self.groups)
        for key, group in other.groups.items():
            groups[key] = groups[key] + group if key in groups else group
        within = self.within + other.within if self.within is not None and other.within is not None else None
        return StratumMoments(self.psus + other.psus, groups, within)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What a pass collected: ``strata`` by stratum code, over ``columns`` columns in all."""

    columns: int
    strata: Mapping[int, StratumMoments]

    def __add__(self, other: Moments) -> Moments:
        if self.columns != other.columns:
            raise ValueError("moments of different columns do not add")
        strata = dict(self.strata)
        for code, part in other.strata.items():
            strata[code] = strata[code] + part if code in strata else part
        return Moments(self.columns, strata)


class Addable(Protocol):
    """What ``+`` merges."""

    def __add__(self, other: Self, /) -> Self: ...


Sum = TypeVar("Sum", bound=Addable)


def merged(parts: Iterable[Sum]) -> Sum:
    """Add parts in a binary tree by their order, so that whoever computes them gets the same bits.

    Only one sum a level is held, so the parts may come one by one. Raises ValueError when there are none.
    """
    levels: list[tuple[int, Sum]] = []
    for part in parts:
        level, whole = 0, part
        while levels and levels[-1][0] == level:
            whole = levels.pop()[1] + whole
            level += 1
        levels.append((level, whole))
    if not levels:
        raise ValueError("no parts to merge")
    whole = levels.pop()[1]
    while levels:
        whole = levels.pop()[1] + whole
    return whole

"""One pass over the data → additive moments of primary sampling units' weighted scores; ``+`` merges two passes.

With t_hi the total of the weighted scores of PSU i in stratum h, a stratum keeps n_h, Σ t_hi and the products
Σ (t_hi − t̄_h)(t_hi − t̄_h)′. Keeping them about the stratum's mean, merged by the pairwise update of Chan, Golub
and LeVeque (Algorithms for computing the sample variance, The American Statistician 37, 1983, eq. 2.1), loses no
digits when the scores are large beside their spread. A stratum keeps only the columns that occur in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from analysis.design import Bools, Codes, Design, Floats, SecondStage

# Cells of the PSU × column table that is held at once (doubles: 32 MB).
_CELLS = 4_000_000

Vector = TypeVar("Vector", Codes, Floats)


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
    """Second-stage part of a stratum, already scaled by (1 − f_hi) m_hi/(m_hi − 1), before f_h.

    ``products`` (c, c) over PSUs with several units, ``single`` (c, c) (1 − f_hi) z z′ over those with one;
    ``psus`` and ``lonely`` count both kinds together and the latter alone.
    """

    psus: int
    lonely: int
    products: Floats
    single: Floats

    def __add__(self, other: Within) -> Within:
        return Within(
            self.psus + other.psus,
            self.lonely + other.lonely,
            self.products + other.products,
            self.single + other.single,
        )


@dataclass(frozen=True, slots=True, eq=False)
class StratumMoments:
    """Moments of one stratum over the c ``columns`` that occur in it.

    ``rows`` and ``holders`` (c,) count rows, and PSUs with a row, that are present with positive weight;
    ``sums`` (c,); ``products`` (c, c) about the stratum's mean; ``psus`` counts all, members of a domain or not.
    """

    psus: int
    columns: Codes
    rows: Codes
    holders: Codes
    sums: Floats
    products: Floats
    within: Within | None

    def spread(self, columns: Codes) -> StratumMoments:
        """The same over more columns, in which nobody of this part has a score."""
        if len(columns) == len(self.columns):
            return self
        at = np.searchsorted(columns, self.columns)
        inner = self.within
        if inner is not None:
            inner = Within(
                inner.psus, inner.lonely, _square(inner.products, at, columns), _square(inner.single, at, columns)
            )
        return StratumMoments(
            self.psus,
            columns,
            _vector(self.rows, at, columns),
            _vector(self.holders, at, columns),
            _vector(self.sums, at, columns),
            _square(self.products, at, columns),
            inner,
        )

    def __add__(self, other: StratumMoments) -> StratumMoments:
        columns = np.union1d(self.columns, other.columns)
        a, b = self.spread(columns), other.spread(columns)
        psus = a.psus + b.psus
        apart = b.sums / b.psus - a.sums / a.psus
        products = a.products + b.products + np.outer(apart, apart) * (a.psus * b.psus / psus)
        inner = a.within + b.within if a.within is not None and b.within is not None else None
        return StratumMoments(psus, columns, a.rows + b.rows, a.holders + b.holders, a.sums + b.sums, products, inner)


def _vector(values: Vector, at: Codes, columns: Codes) -> Vector:
    wide = np.zeros_like(values, shape=len(columns))
    wide[at] = values
    return wide


def _square(values: Floats, at: Codes, columns: Codes) -> Floats:
    wide = np.zeros((len(columns), len(columns)))
    wide[np.ix_(at, at)] = values
    return wide


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


Part = TypeVar("Part", Moments, StratumMoments)


def moments(design: Design, scores: Sequence[Scores]) -> Moments:
    """Collect the moments of all ``scores`` side by side. No PSU may be split over passes that are to be added."""
    keys = (design.psu, design.stratum) if design.second is None else (design.second.unit, design.psu, design.stratum)
    order = np.lexsort(keys)
    stratum = design.stratum[order]
    starts = np.flatnonzero(np.r_[True, stratum[1:] != stratum[:-1]]) if len(stratum) else np.zeros(0, np.int64)
    ends = np.r_[starts[1:], len(stratum)]
    strata = {
        int(stratum[start]): _tree([_part(design, scores, rows) for rows in _chunks(design, scores, order[start:end])])
        for start, end in zip(starts, ends, strict=False)
    }
    return Moments(sum(block.columns for block in scores), strata)


def merged(parts: Iterable[Moments]) -> Moments:
    """Add parts in a binary tree by their order, so that whoever computes them gets the same bits."""
    return _tree(list(parts))


def _tree(parts: Sequence[Part]) -> Part:
    """Neighbours first; raises ValueError when there are none."""
    if not parts:
        raise ValueError("no parts to merge")
    while len(parts) > 1:
        pairs = [left + right for left, right in zip(parts[::2], parts[1::2], strict=False)]
        parts = pairs + list(parts[len(pairs) * 2 :])
    return parts[0]


def _ordinal(codes: Codes) -> Codes:
    """Sorted codes → 0, 1, 2 …"""
    return np.cumsum(np.r_[0, codes[1:] != codes[:-1]])


def _chunks(design: Design, scores: Sequence[Scores], rows: Codes) -> Iterator[Codes]:
    """Rows of one stratum, sorted by PSU, in pieces of whole PSUs that stay within ``_CELLS``."""
    width = sum(min(block.domains, len(rows)) * block.values.shape[1] for block in scores)
    piece = _ordinal(design.psu[rows]) // max(1, _CELLS // max(1, width))
    yield from np.split(rows, np.flatnonzero(piece[1:] != piece[:-1]) + 1)


def _part(design: Design, scores: Sequence[Scores], rows: Codes) -> StratumMoments:
    """Moments of some whole PSUs of one stratum."""
    psu = _ordinal(design.psu[rows])
    members = int(psu[-1]) + 1
    weight = design.weight[rows]
    tables, columns, offset = [], [], 0
    for block in scores:
        table = _Columns.of(block, rows)
        tables.append(table)
        columns.append(table.columns + offset)
        offset += block.columns
    totals = np.hstack([table.totals(psu, members, weight) for table in tables])
    counts = np.hstack([table.counts(psu, members, weight) for table in tables])
    sums = totals.sum(axis=0)
    apart = totals - sums / members
    return StratumMoments(
        members,
        np.concatenate(columns),
        counts.sum(axis=0),
        (counts > 0).sum(axis=0),
        sums,
        apart.T @ apart,
        None if design.second is None else _within(design, design.second, tables, rows, psu),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The columns of one block of scores that occur in some rows of one stratum."""

    values: Floats
    present: Bools
    kept: Codes
    domain: Codes
    columns: Codes

    @classmethod
    def of(cls, block: Scores, rows: Codes) -> _Columns:
        kept = np.flatnonzero(block.domain[rows] >= 0)
        used, domain = np.unique(block.domain[rows[kept]], return_inverse=True)
        k = block.values.shape[1]
        columns = (used[:, None] * k + np.arange(k)).ravel()
        return cls(block.values[rows[kept]], block.present[rows[kept]], kept, domain, columns)

    def _table(self, unit: Codes, units: int, values: Floats) -> Floats:
        """Sums of (m, K) values by unit and column: (units, c)."""
        k = values.shape[1]
        wide = len(self.columns)
        cell = (unit[self.kept] * wide + self.domain * k)[:, None] + np.arange(k)
        table: Floats = np.bincount(cell.ravel(), values.ravel(), minlength=units * wide).astype(np.float64, copy=False)
        return table.reshape(units, wide)

    def totals(self, unit: Codes, units: int, weight: Floats) -> Floats:
        return self._table(unit, units, self.values * weight[self.kept, None])

    def counts(self, unit: Codes, units: int, weight: Floats) -> Codes:
        here = self.present & (weight[self.kept, None] > 0)
        return self._table(unit, units, here.astype(np.float64)).astype(np.int64)


def _within(design: Design, second: SecondStage, tables: Sequence[_Columns], rows: Codes, psu: Codes) -> Within:
    """Second-stage products of whole PSUs (rows sorted by PSU, then second-stage unit)."""
    unit = _ordinal(second.unit[rows])
    first = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]])
    home = psu[first]
    size = np.bincount(home)
    left = 1 - second.fraction[design.psu[rows[first]]]
    totals = np.hstack([table.totals(unit, len(first), design.weight[rows]) for table in tables])
    means = np.zeros((len(size), totals.shape[1]))
    np.add.at(means, home, totals)
    means /= size[:, None]
    many = size[home] > 1
    apart = (totals - means[home])[many] * np.sqrt(left * size[home] / np.maximum(size[home] - 1, 1))[many, None]
    single = totals[~many] * np.sqrt(left[~many, None])
    lonely = int((left[~many] > 0).sum())
    return Within(len(size), lonely, apart.T @ apart, single.T @ single)

"""One pass over rows → moments: PSU totals of weighted scores, group by group of PSUs with the same columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.design import Bools, Codes, Design, Floats, SecondStage
from analysis.moments import Group, Moments, Scores, StratumMoments, Within, merged

# Cells of the PSU × column table that is held at once (doubles: 32 MB).
_CELLS = 4_000_000
# Groups of one stratum and pass; the PSUs of rarer patterns share a group with all their columns.
_GROUPS = 256


Rows = Codes | slice
"""Some rows; a slice where they stand together, so that looking at them copies nothing."""


def collect(design: Design, scores: Sequence[Scores]) -> Moments:
    """Collect the moments of all ``scores`` side by side. No PSU may be split over passes that are to be added."""
    keys = (design.psu, design.stratum) if design.second is None else (design.second.unit, design.psu, design.stratum)
    order = None if design.second is None and _sorted(design) else np.lexsort(keys)
    stratum = design.stratum if order is None else design.stratum[order]
    starts = np.flatnonzero(np.r_[True, stratum[1:] != stratum[:-1]]) if len(stratum) else np.zeros(0, np.int64)
    ends = np.r_[starts[1:], len(stratum)]
    strata = {
        int(stratum[start]): merged(
            _part(design, scores, rows)
            for rows in _chunks(design, scores, slice(int(start), int(end)) if order is None else order[start:end])
        )
        for start, end in zip(starts, ends, strict=False)
    }
    return Moments(sum(block.columns for block in scores), strata)


def _sorted(design: Design) -> bool:
    """Whether rows stand by stratum and within it by PSU."""
    step = np.diff(design.stratum)
    return bool((step >= 0).all() and ((np.diff(design.psu) >= 0) | (step > 0)).all())


def _within_rows(rows: Rows, mine: Rows) -> Rows:
    """Those of some rows at given positions."""
    if isinstance(mine, slice):
        return rows
    return mine + rows.start if isinstance(rows, slice) else rows[mine]


def _ordinal(codes: Codes) -> Codes:
    """Sorted codes → 0, 1, 2 …"""
    return np.cumsum(np.r_[0, codes[1:] != codes[:-1]])


def _chunks(design: Design, scores: Sequence[Scores], rows: Rows) -> Iterator[Rows]:
    """Rows of one stratum, sorted by PSU, in pieces of whole PSUs that stay within ``_CELLS``."""
    width = sum(block.values.shape[1] for block in scores)
    piece = _ordinal(design.psu[rows]) // max(1, _CELLS // max(1, width * _breadth(design, scores, rows)))
    cuts = [0, *(np.flatnonzero(piece[1:] != piece[:-1]) + 1).tolist(), len(piece)]
    for start, end in pairwise(cuts):
        yield slice(rows.start + start, rows.start + end) if isinstance(rows, slice) else rows[start:end]


def _breadth(design: Design, scores: Sequence[Scores], rows: Rows) -> int:
    """Domains that a PSU can have scores in."""
    longest = int(np.bincount(_ordinal(design.psu[rows])).max())
    return min(longest, max((block.domains for block in scores), default=1))


def _part(design: Design, scores: Sequence[Scores], rows: Rows) -> StratumMoments:
    """Moments of some whole PSUs of one stratum (rows sorted by PSU, then second-stage unit)."""
    psu = _ordinal(design.psu[rows])
    groups: dict[bytes, Group] = {}
    for mine in _grouped(scores, rows, psu):
        group = _group(design, scores, _within_rows(rows, mine), _ordinal(psu[mine]))
        if len(group.columns):
            key = group.columns.tobytes()
            groups[key] = groups[key] + group if key in groups else group
    within = None if design.second is None else _within(design, design.second, scores, rows, psu)
    return StratumMoments(int(psu[-1]) + 1, groups, within)


def _grouped(scores: Sequence[Scores], rows: Rows, psu: Codes) -> Iterator[Rows]:
    """Positions in ``rows`` of the PSUs of each group, in order of pattern; PSUs without a domain form one too."""
    if all(_constant(block.domain[rows]) for block in scores):
        yield slice(None)
        return
    pattern = np.zeros(int(psu[-1]) + 1, np.int64)
    seen: list[Codes] = []
    for block in scores:
        if not any(block.domain is domain for domain in seen):
            seen.append(block.domain)
            pattern = _joined(pattern, _pattern(block.domain[rows], psu, len(pattern)))
    number = int(pattern.max()) + 1
    if number > _GROUPS:
        frequent = np.argsort(-np.bincount(pattern), kind="stable")[: _GROUPS - 1]
        rank = np.full(number, _GROUPS - 1)
        rank[frequent] = np.arange(len(frequent))
        pattern = rank[pattern]
    of_row = pattern[psu]
    order = np.argsort(of_row, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(of_row[order])) + 1)


def _constant(codes: Codes) -> bool:
    return bool((codes == codes[0]).all())


def _pattern(domain: Codes, psu: Codes, psus: int) -> Codes:
    """A code for each PSU (psus,) by the set of domains of its rows."""
    if psus == len(psu):
        return np.unique(domain, return_inverse=True)[1]
    used, local = np.unique(domain, return_inverse=True)
    member = np.zeros((psus, len(used)), np.bool_)
    member[psu, local] = True
    packed = np.packbits(member[:, used >= 0], axis=1)
    return np.unique(packed, axis=0, return_inverse=True)[1].reshape(-1)


def _joined(first: Codes, second: Codes) -> Codes:
    """A code for each pair of codes that occurs."""
    codes: Codes = np.unique(first * (int(second.max()) + 1) + second, return_inverse=True)[1].astype(np.int64)
    return codes


def _group(design: Design, scores: Sequence[Scores], rows: Rows, psu: Codes) -> Group:
    """Moments of PSUs that are to share their columns."""
    members, weight = int(psu[-1]) + 1, design.weight[rows]
    tables = [_Columns.of(block, rows) for block in scores]
    parts = [table.totals(psu, members, weight) for table in tables]
    totals = parts[0] if len(parts) == 1 else np.hstack(parts)
    counted = [table.counted(psu, members, weight) for table in tables]
    sums = totals.sum(axis=0)
    totals -= sums / members
    number, holders = (np.concatenate([pair[at] for pair in counted]) for at in (0, 1))
    return Group(_places(scores, tables), members, number, holders, sums, totals.T @ totals)


def _places(scores: Sequence[Scores], tables: Sequence[_Columns]) -> Codes:
    """Columns of the tables among all columns."""
    offsets = np.cumsum([0, *(block.columns for block in scores)])
    return np.concatenate([table.columns + offset for table, offset in zip(tables, offsets, strict=False)])


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The columns of one block of scores that occur in some rows of one stratum."""

    values: Floats
    present: Bools
    kept: Rows
    domain: Codes
    columns: Codes

    @classmethod
    def of(cls, block: Scores, rows: Rows) -> _Columns:
        where = block.domain[rows]
        k = block.values.shape[1]
        if len(where) and _constant(where):
            kept: Rows = slice(None) if where[0] >= 0 else slice(0)
            used = where[:1][where[:1] >= 0]
            domain = np.zeros(len(where[kept]), np.int64)
            if where[0] < 0:
                rows = np.zeros(0, np.int64)
            columns = (used[:, None] * k + np.arange(k)).ravel()
            return cls(block.values[rows], block.present[rows], kept, domain, columns)
        kept = np.flatnonzero(where >= 0)
        used, domain = np.unique(where[kept], return_inverse=True)
        columns = (used[:, None] * k + np.arange(k)).ravel()
        mine = _within_rows(rows, kept)
        return cls(block.values[mine], block.present[mine], kept, domain, columns)

    def _table(self, unit: Codes, units: int, values: Floats) -> Floats:
        """Sums of (m, K) values by unit and column: (units, c)."""
        k = values.shape[1]
        wide = len(self.columns)
        if wide == k and units == len(values) and (unit[self.kept] == np.arange(units)).all():
            return values
        cell = (unit[self.kept] * wide + self.domain * k)[:, None] + np.arange(k)
        table: Floats = np.bincount(cell.ravel(), values.ravel(), minlength=units * wide).astype(np.float64, copy=False)
        return table.reshape(units, wide)

    def totals(self, unit: Codes, units: int, weight: Floats) -> Floats:
        return self._table(unit, units, self.values * weight[self.kept, None])

    def counted(self, unit: Codes, units: int, weight: Floats) -> tuple[Codes, Codes]:
        """Rows, and units with a row, that are present with positive weight, by column: (c,) each."""
        positive = weight[self.kept] > 0
        here = self.present if positive.all() else self.present & positive[:, None]
        if len(self.columns) == here.shape[1] and units == len(here):
            number = here.sum(axis=0)
            return number, number
        table = self._table(unit, units, here.astype(np.float64))
        return table.sum(axis=0).astype(np.int64), (table > 0).sum(axis=0)


def _within(design: Design, second: SecondStage, scores: Sequence[Scores], rows: Rows, psu: Codes) -> Within:
    """Second-stage products of whole PSUs (rows sorted by PSU, then second-stage unit)."""
    tables = [_Columns.of(block, rows) for block in scores]
    unit = _ordinal(second.unit[rows])
    first = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]])
    home = psu[first]
    size = np.bincount(home)
    left = 1 - second.fraction[design.psu[_within_rows(rows, first)]]
    totals = np.hstack([table.totals(unit, len(first), design.weight[rows]) for table in tables])
    means = np.zeros((len(size), totals.shape[1]))
    np.add.at(means, home, totals)
    means /= size[:, None]
    many = size[home] > 1
    apart = (totals - means[home])[many] * np.sqrt(left * size[home] / np.maximum(size[home] - 1, 1))[many, None]
    single = totals[~many] * np.sqrt(left[~many, None])
    lonely = int((left[~many] > 0).sum())
    return Within(_places(scores, tables), len(size), lonely, apart.T @ apart, single.T @ single)

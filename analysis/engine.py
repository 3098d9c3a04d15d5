"""Where the passes run: part by part over data that need not fit into memory, on threads, always to the same bits.

A part is whole PSUs. Two passes read it: one for the sums, one for the products of the scores that follow from them.
Parts are merged in a binary tree by their number, as far as they have come, so that few are held at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.design import Codes, Design, Floats, Lonely
from analysis.estimates import Estimates, Summed, concluded
from analysis.moments import Moments, merged
from analysis.passes import collect
from analysis.scoring import Block, Tally, scored, tally

Part = tuple[Design, Block]
Load = Callable[[], Part]
"""Reads one part. All parts have the same strata (codes, names, fractions), domains and columns."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, eq=False)
class _Products:
    """What the second pass makes of parts: Σ w (z − z̄)² (D, K), moments, and the design for its strata."""

    squares: Floats
    collected: Moments
    design: Design
    total: bool

    def __add__(self, other: _Products) -> _Products:
        return _Products(self.squares + other.squares, self.collected + other.collected, self.design, self.total)


def streamed(loads: Sequence[Load], *, lonely: Lonely = Lonely.FAIL, workers: int = 1) -> Estimates:
    """Ratios or totals of data in parts, with full covariance and the domains' degrees of freedom.

    Each part is read twice. Raises Faults as ``covariance`` does. The numbers do not depend on ``workers``.
    """
    whole = merged(_each(_sums, loads, workers))
    ends = merged(_each(partial(_products, whole), loads, workers))
    return concluded([Summed(whole, ends.squares, ends.total)], ends.collected, ends.design, lonely=lonely)


def _sums(load: Load) -> Tally:
    design, block = load()
    return tally(design.weight, block)


def _products(whole: Tally, load: Load) -> _Products:
    design, block = load()
    scores, squares = scored(design.weight, block, whole)
    nobody = np.zeros(0, np.int64)
    strata = Design(nobody, nobody, np.zeros(0), design.fraction, design.strata)
    return _Products(squares, collect(design, [scores]), strata, block.denominators is None)


def _each(work: Callable[[Load], Found], loads: Sequence[Load], workers: int) -> Iterator[Found]:
    """Results in the order of the parts, with at most one more part than workers under way."""
    waiting: deque[Future[Found]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for load in loads:
            waiting.append(pool.submit(work, load))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a Parquet file: numeric ``items`` whose means are wanted, and the design; None: everybody alike.

    An item that is null or negative is not usable, as the codes of a frozen dataset have it.
    """

    items: tuple[str, ...]
    domain: str | None = None
    stratum: str | None = None
    weight: str | None = None
    psu: str | None = None


def parquet_parts(
    file: Path, columns: Columns, fraction: Mapping[str, float] | None = None
) -> tuple[list[Load], tuple[str, ...]]:
    """One part a row group, and the names of the domains. No PSU may be split over row groups.

    ``fraction``: share of each stratum's PSUs that was drawn, by its name; 0 where it is not told.
    """
    strata, domains = (_levels(file, name) for name in (columns.stratum, columns.domain))
    shares = np.array([(fraction or {}).get(name, 0.0) for name in strata])
    groups = pq.ParquetFile(file).num_row_groups
    return [partial(_load, file, columns, number, strata, shares, domains) for number in range(groups)], domains


def _levels(file: Path, column: str | None) -> tuple[str, ...]:
    """The values of a column in sorted order, a row group at a time."""
    if column is None:
        return ("all",)
    source = pq.ParquetFile(file)
    found: set[str] = set()
    for number in range(source.num_row_groups):
        found |= set(pc.unique(source.read_row_group(number, [column])[column]).cast(pa.string()).to_pylist())
    return tuple(sorted(found - {None}))


def _load(
    file: Path, columns: Columns, number: int, strata: tuple[str, ...], shares: Floats, domains: tuple[str, ...]
) -> Part:
    wanted = [*columns.items, columns.domain, columns.stratum, columns.weight, columns.psu]
    table = pq.ParquetFile(file).read_row_group(number, [name for name in wanted if name], use_threads=False)
    n = table.num_rows
    answers = np.column_stack([pc.fill_null(table[name].cast(pa.float64()), -1.0).to_numpy() for name in columns.items])
    present = answers >= 0
    weight = np.ones(n) if columns.weight is None else table[columns.weight].to_numpy().astype(np.float64)
    psu = np.arange(n) if columns.psu is None else np.unique(table[columns.psu].to_numpy(), return_inverse=True)[1]
    design = Design(_codes(table, columns.stratum, strata), psu.astype(np.int64), weight, shares, strata)
    domain = _codes(table, columns.domain, domains)
    return design, Block(answers, present.astype(np.float64), present, domain, len(domains))


def _codes(table: pa.Table, column: str | None, levels: tuple[str, ...]) -> Codes:
    if column is None:
        return np.zeros(table.num_rows, np.int64)
    found = pc.index_in(table[column].cast(pa.string()), value_set=pa.array(levels, pa.string()))
    codes: Codes = pc.fill_null(found, -1).to_numpy().astype(np.int64)
    return codes

"""Where the passes run: part by part over a long file, on threads or on a Dask cluster, always to the same bits.

Two passes read each part: one for the sums, one for the products of the scores that follow from them. Parts are merged
in a binary tree by their number, whoever computed them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np

from analysis.assembly import clusters_of, strata_of, weights_of
from analysis.design import Bools, Codes, Design, Df, Floats
from analysis.estimates import Estimates, Summed, concluded
from analysis.moments import Moments, merged
from analysis.outline import Outline, moved
from analysis.passes import collect
from analysis.question import block_of
from analysis.scoring import Block, Tally, by_domain, scored, tally
from analysis.sheet import Sheet
from forms.faults import Faults

_KEPT = 32_000_000  # answers of 9 bytes
_AHEAD = 2  # parts under way for each worker: results wait in order, and none is idle

Found = TypeVar("Found")
Each = Callable[[Callable[[int], Found], int], Iterator[Found]]
"""Runs work on the numbers 0 … and gives results in their order."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """What the first pass makes: by block ``tallies``, rows without a value and of weight 0 with one (D, K), PSUs with
    a value (K,) and strata that have them (H, K); Σ w, and rows of weight 0."""

    tallies: tuple[Tally, ...]
    lost: tuple[Codes, ...]
    idle: tuple[Codes, ...]
    psus: tuple[Codes, ...]
    strata: tuple[Bools, ...]
    mass: float
    zero: int

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(
            _added(self.tallies, other.tallies),
            _added(self.lost, other.lost),
            _added(self.idle, other.idle),
            _added(self.psus, other.psus),
            _added(self.strata, other.strata),
            self.mass + other.mass,
            self.zero + other.zero,
        )


def _added(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    """Member by member; ``+`` of truths is “or”."""
    return tuple(a + b for a, b in zip(one, other, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Products:
    """What the second pass makes: Σ w (z − z̄)² (D, K) by block, and moments."""

    squares: tuple[Floats, ...]
    collected: Moments

    def __add__(self, other: _Products) -> _Products:
        return _Products(_added(self.squares, other.squares), self.collected + other.collected)


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Estimates of all blocks side by side; ``lost``, ``idle`` by block as ``_Sums``; Σ w, and rows of weight 0."""

    estimates: Estimates
    lost: tuple[Codes, ...]
    idle: tuple[Codes, ...]
    mass: float
    zero: int


Piece = tuple[Design, list[Block]]
Store = dict[int, list[Piece]]
"""Parts that the first pass leaves for the second, by number."""


def counted(outline: Outline, each: Each[Any], *, keep: bool) -> Counted:
    """Both passes; ``keep`` what the first has read for the second, if it is not too much and they share their memory.

    Raises Faults naming column, row and value, or as ``covariance`` does.
    """
    number = len(outline.parts)
    cells = sum(outline.parts) * len(outline.question.asked)
    store: Store | None = {} if keep and cells <= _KEPT else None
    whole: _Sums = merged(each(partial(_sums, outline, store), number))
    if not whole.mass > 0:
        raise Faults("every weight is 0")
    ends: _Products = merged(each(partial(_products, outline, store, whole.tallies), number))
    totals = [group[0].statistic == "total" for group in outline.groups]
    blocks = [Summed(*parts) for parts in zip(whole.tallies, ends.squares, totals, strict=True)]
    freedom = None
    if outline.question.df is Df.DESIGN:
        own = [psus - strata.sum(axis=0) for psus, strata in zip(whole.psus, whole.strata, strict=True)]
        freedom = np.hstack([np.tile(one, len(outline.domains)) for one in own])
    nobody = np.zeros(0, np.int64)
    design = Design(nobody, nobody, np.zeros(0), outline.fraction, outline.strata)
    found = concluded(blocks, ends.collected, design, lonely=outline.question.lonely, freedom=freedom)
    return Counted(found, whole.lost, whole.idle, whole.mass, whole.zero)


def _pieces(outline: Outline, number: int) -> Iterator[Piece]:
    layout, question = outline.layout, outline.question
    names = [layout.weight, layout.stratum, *layout.clusters, *question.by, *(question.where or ())[:1]]
    names += [name for one in question.asked for name in (one.column, one.denominator)]
    for sheet in outline.pieces(number, [name for name in names if name is not None]):
        yield _piece(outline, sheet)


def _piece(outline: Outline, sheet: Sheet) -> Piece:
    layout = outline.layout
    local, strata = strata_of(sheet, layout)
    stratum = moved(local, strata, outline.strata)
    psu = clusters_of(sheet, layout, local, strata)
    if layout.weight is not None:
        weight = weights_of(sheet, layout.weight, somewhere=True)
    else:
        weight = 1 / outline.fraction[stratum] if layout.fpc else np.ones(sheet.rows)
    design = Design(stratum, psu, weight, outline.fraction, outline.strata)
    domains, _ = outline.domains_of(sheet)
    return design, [block_of(sheet, group, domains, somewhere=True) for group in outline.groups]


def _sums(outline: Outline, store: Store | None, number: int) -> _Sums:
    kept: list[Piece] = []
    found = merged(_summed(outline, piece, None if store is None else kept) for piece in _pieces(outline, number))
    if store is not None:
        store[number] = kept
    return found


def _summed(outline: Outline, piece: Piece, kept: list[Piece] | None) -> _Sums:
    if kept is not None:
        kept.append(piece)
    design, blocks = piece
    positive = design.weight > 0
    idle = np.zeros(0, np.int64) if positive.all() else np.flatnonzero(~positive)
    gaps = [np.flatnonzero(positive & ~block.present.all(axis=1)) for block in blocks]
    held = [_held(design, block.present & positive[:, None], len(outline.strata)) for block in blocks]
    return _Sums(
        tuple(tally(design.weight, block) for block in blocks),
        tuple(
            by_domain(block.domain, block.domains, ~block.present, rows)
            for block, rows in zip(blocks, gaps, strict=True)
        ),
        tuple(by_domain(block.domain, block.domains, block.present, idle) for block in blocks),
        tuple(psus for psus, _ in held),
        tuple(strata for _, strata in held),
        float(design.weight.sum()),
        len(idle),
    )


def _held(design: Design, here: Bools, strata: int) -> tuple[Codes, Bools]:
    """PSUs with a value (K,), and in which strata there are any (H, K)."""
    if here.all():
        found = np.bincount(design.stratum, minlength=strata) > 0
        k = here.shape[1]
        return np.full(k, _distinct(design.psu)), np.repeat(found[:, None], k, axis=1)
    psus = np.array([_distinct(design.psu[rows]) for rows in here.T])
    return psus, np.column_stack([np.bincount(design.stratum[rows], minlength=strata) > 0 for rows in here.T])


def _distinct(codes: Codes) -> int:
    return int(np.count_nonzero(np.bincount(codes)))


def _products(outline: Outline, store: Store | None, tallies: tuple[Tally, ...], number: int) -> _Products:
    pieces = _pieces(outline, number) if store is None else iter(store.pop(number))
    return merged(_multiplied(tallies, design, blocks) for design, blocks in pieces)


def _multiplied(tallies: tuple[Tally, ...], design: Design, blocks: list[Block]) -> _Products:
    made = [scored(design.weight, block, whole) for block, whole in zip(blocks, tallies, strict=True)]
    return _Products(tuple(squares for _, squares in made), collect(design, [scores for scores, _ in made]))


def on_threads(workers: int | None = None) -> Each[Any]:
    """Run on threads of this machine: as many as it has processors, at most four."""
    number = workers or min(4, os.cpu_count() or 1)

    def each(work: Callable[[int], Found], parts: int) -> Iterator[Found]:
        waiting: deque[Future[Found]] = deque()
        with ThreadPoolExecutor(number) as pool:
            for part in range(parts):
                waiting.append(pool.submit(work, part))
                if len(waiting) >= _AHEAD * number:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    return each


def on_cluster(client: Any) -> Each[Any]:
    """Run on the workers of a Dask client, which must see the file under the same path."""

    def each(work: Callable[[int], Found], parts: int) -> Iterator[Found]:
        ahead = _AHEAD * max(1, len(client.scheduler_info()["workers"]))
        waiting: deque[Any] = deque()
        for part in range(parts):
            waiting.append(client.submit(work, part, pure=False))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    return each

"""Replicate weights: the sample drawn again from itself, so that every later step can be repeated on each draw.

Rescaling bootstrap of Rao and Wu (JASA 83, 1988) with n_h − 1 of the n_h PSUs of a stratum drawn with replacement and
rescaled for the fraction f_h taken; its two-stage form after Preston (Survey Methodology 35, 2009, eq. 3.2). The
variance of an estimate is the mean squared deviation of its replicates from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from analysis.design import Codes, Design, Floats
from forms.faults import Faults

# More draws than this share that a step cannot be repeated on: classes or margins are too thin for replicates.
_MOST_FAILED = 0.1

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, eq=False)
class Replicator:
    """Draws factors of the base weights of a design.

    ``home`` (P,) stratum of each PSU, ``psu`` (n,) of each row; with a second stage ``unit`` (n,) and ``inside`` (U,)
    the PSU of each second-stage unit. ``lonely`` strata have one PSU and f < 1: they show no variance.
    """

    design: Design
    home: Codes
    psu: Codes
    unit: Codes | None
    inside: Codes | None
    lonely: tuple[str, ...]

    @classmethod
    def of(cls, design: Design) -> Replicator:
        """Prepare a design."""
        _, first, psu = np.unique(design.psu, return_index=True, return_inverse=True)
        home = design.stratum[first]
        sizes = np.bincount(home, minlength=len(design.strata))
        alone = np.flatnonzero((sizes == 1) & (design.fraction < 1))
        unit = inside = None
        if design.second is not None:
            _, at, unit = np.unique(design.second.unit, return_index=True, return_inverse=True)
            unit, inside = unit.reshape(-1), psu.reshape(-1)[at]
        return cls(design, home, psu.reshape(-1), unit, inside, tuple(design.strata[code] for code in alone.tolist()))

    def factors(self, rng: np.random.Generator) -> Floats:
        """(n,) factors of one draw, not negative, with expectation 1."""
        scale, times = self._first(rng)
        factor = 1 + scale * (times - 1)
        if self.unit is None or self.inside is None:
            return np.asarray(factor[self.psu])
        taken = self.design.fraction[self.home]
        spread = np.where(scale > 0, np.sqrt(times), 1.0) * np.sqrt(taken)
        inner = self._second(rng) * spread[self.inside]
        return np.asarray(np.maximum(factor[self.psu] + inner[self.unit], 0.0))

    def _first(self, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """√(1 − f_h) and n_h/(n_h − 1) times the number of draws, of each PSU."""
        times = resampled(self.home, rng)
        return np.sqrt(1 - self.design.fraction)[self.home], times

    def _second(self, rng: np.random.Generator) -> Floats:
        """√(1 − f_hi) (m_hi/(m_hi − 1) times the number of draws − 1), of each second-stage unit."""
        if self.inside is None or self.design.second is None:
            raise ValueError("the design has one stage")
        own = np.zeros(len(self.home))
        own[self.psu] = self.design.second.fraction[self.design.psu]
        return np.asarray(np.sqrt(1 - own)[self.inside] * (resampled(self.inside, rng) - 1))


def resampled(home: Codes, rng: np.random.Generator) -> Floats:
    """n/(n − 1) times how often each of the n members of a home was among n − 1 drawn with replacement; 1 for n = 1.

    ``home`` (P,) codes from 0.
    """
    sizes = np.bincount(home)
    order = np.argsort(home, kind="stable")
    start = np.cumsum(sizes) - sizes
    several = sizes > 1
    draws = np.where(several, sizes - 1, 0)
    drawer = np.repeat(np.arange(len(sizes)), draws)
    at = start[drawer] + (rng.random(len(drawer)) * sizes[drawer]).astype(np.int64)
    times = np.bincount(order[at], minlength=len(home)).astype(np.float64)
    return np.where(several[home], times * (sizes / np.maximum(draws, 1))[home], 1.0)


def replicated(
    replicator: Replicator, number: int, seed: int, work: Callable[[Floats], Found], again: list[int] | None = None
) -> Iterator[Found]:
    """``work`` on the factors of so many draws; a draw it raises Faults on is drawn again.

    ``again``: counts those, in its first place. Raises Faults when a tenth of the draws or more fail.
    """
    rng = np.random.default_rng(seed)
    failed = done = 0
    while done < number:
        try:
            found = work(replicator.factors(rng))
        except Faults as fault:
            failed += 1
            if failed > max(5, _MOST_FAILED * number):
                raise Faults(f"too many replicates cannot be weighted: {fault}") from fault
            continue
        done += 1
        if again is not None:
            again[:] = [failed]
        yield found

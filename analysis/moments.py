"""One pass over the data → additive moments of primary sampling units' weighted scores; ``+`` merges two passes.

With t_hi the total of the weighted scores of PSU i in stratum h, a stratum keeps n_h, Σ t_hi and the products
Σ (t_hi − t̄_h)(t_hi − t̄_h)′. Keeping them about the stratum's mean, merged by the pairwise update of Chan, Golub
and LeVeque (Algorithms for computing the sample variance, The American Statistician 37, 1983, eq. 2.1), loses no
digits when the scores are large beside their spread. A stratum keeps only the columns that occur in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.design import Bools, Codes, Design, Floats, Lonely


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
        return self.domains * self.values.shape[1]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What a pass collected, by stratum code; see ``StratumMoments``."""


    def __add__(self, other: Moments) -> Moments:
        raise NotImplementedError


def moments(design: Design, scores: Sequence[Scores]) -> Moments:
    """Collect the moments of all ``scores`` side by side. No PSU may be split over passes that are to be added."""
    raise NotImplementedError


def merged(parts: Iterable[Moments]) -> Moments:
    """Add parts in a binary tree by their order, so that whoever computes them gets the same bits."""
    raise NotImplementedError


def covariance(collected: Moments, fraction: Floats, strata: Sequence[str], lonely: Lonely) -> Floats:
    """Covariance matrix of the columns' estimated totals."""
    raise NotImplementedError

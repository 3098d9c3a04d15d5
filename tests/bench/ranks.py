"""Rank sets of a hundred units against the bare cost of studentising every difference once."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from analysis import ranking
from tests.bench.pairing import Pairing, paired

UNITS = 100  # with 20,000 draws: at most 3 s on two cores


def run() -> Pairing:
    """Marginal sets of each unit and who may be the best, as every kind of a wave is ranked."""
    random = np.random.default_rng(5)
    estimate = random.normal(80, 5, UNITS)
    root = random.normal(size=(UNITS, UNITS)) * 0.15
    covariance = root @ root.T + np.eye(UNITS)
    compared = ranking.differences(estimate, covariance, seed=1)

    def ours() -> None:
        fresh = ranking.differences(estimate, covariance, seed=1)
        ranking.rank_sets(fresh)
        ranking.possible_best(fresh)

    def bare() -> None:
        for unit in range(UNITS):
            error = np.where(compared.se[unit] > 0, compared.se[unit], 1.0)
            (np.abs(compared.draws[unit] - compared.draws) / error[:, None]).max(axis=0)

    what = f"rank sets of {UNITS} units, 20,000 draws"
    result = paired("ranks", what, "every difference studentised once", ours, bare, runs=3)
    begun = time.perf_counter()
    ours()
    return replace(result, facts={"seconds for 100 units (at most 3)": time.perf_counter() - begun})

"""Means of many items over units, with their full covariance, against a bare pass that only forms cross-products."""

from __future__ import annotations

import numpy as np

from analysis.design import Design, Lonely
from analysis.estimates import ratios
from tests.bench.pairing import Pairing, paired

ROWS, ITEMS, UNITS, STRATA = 100_000, 25, 33, 99


def run() -> Pairing:
    """Time both."""
    random = np.random.default_rng(1)
    stratum = np.sort(random.integers(0, STRATA, ROWS))
    unit = stratum // 3
    answers = random.integers(0, 5, (ROWS, ITEMS)) / 4
    weight = random.uniform(1, 3, ROWS)
    design = Design(stratum, np.arange(ROWS), weight, np.zeros(STRATA), tuple(map(str, range(STRATA))))
    ones = np.ones_like(answers)

    def bare() -> None:
        scores = weight[:, None] * np.hstack([answers, ones[:, :1]])
        for each in range(STRATA):
            rows = scores[stratum == each]
            rows.T @ rows

    return paired(
        "estimates",
        f"{ROWS:,} assessments × {ITEMS} items × {UNITS} units × {STRATA} strata: means with full covariance",
        "a NumPy pass that forms the weighted cross-products by stratum",
        lambda: ratios(design, answers, ones, domain=unit, domains=UNITS, lonely=Lonely.ADJUST),
        bare,
        runs=5,
    )

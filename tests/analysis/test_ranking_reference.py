"""Rank sets against a slow implementation of the paper, written from its definitions and sharing nothing with ours.

Mogstad, Romano, Shaikh and Wilhelm (2024), sections 3.1 to 3.3: a pair (j, k) is the hypothesis "j is not better than
k"; the critical value is the quantile, over draws of the estimates' normal distribution about zero, of the largest
studentised difference among the hypotheses still standing; those that exceed it fall, and with stepdown it is found
anew among the rest. The set of unit j runs from 1 + the units found better to p − those found worse.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis import ranking

Floats = NDArray[np.float64]
Pair = tuple[int, int]
DRAWS = 20_000


class Reference:
    """One comparison, pair by pair and without matrices of pairs."""

    def __init__(self, estimate: Floats, covariance: Floats, seed: int) -> None:
        self.estimate, self.covariance = estimate, covariance
        self.size = len(estimate)
        # Another generator and another root than ours: agreement must not come from equal draws.
        values, vectors = np.linalg.eigh(covariance)
        random = np.random.Generator(np.random.MT19937(seed))
        spread = vectors * np.sqrt(np.clip(values, 0, None))
        self.draws = random.standard_normal((DRAWS, self.size)) @ spread.T

    def error(self, j: int, k: int) -> float:
        variance = self.covariance[j, j] + self.covariance[k, k] - 2 * self.covariance[j, k]
        scale = self.covariance[j, j] + self.covariance[k, k]
        return float(np.sqrt(variance)) if variance > 1e-12 * scale else 0.0

    def found(self, pairs: list[Pair], coverage: float, stepdown: bool) -> set[Pair]:
        """The pairs (j, k) of which j is found better than k."""
        sure = {p for p in pairs if self.error(*p) == 0 and self.estimate[p[0]] - self.estimate[p[1]] > 1e-9}
        standing = [pair for pair in pairs if self.error(*pair) > 0]
        while standing:
            statistic = np.max([(self.draws[:, j] - self.draws[:, k]) / self.error(j, k) for j, k in standing], axis=0)
            critical = max(0.0, float(np.sort(statistic)[int(np.ceil(coverage * DRAWS)) - 1]))
            fallen = {
                (j, k) for j, k in standing if (self.estimate[j] - self.estimate[k]) / self.error(j, k) > critical
            }
            sure |= fallen
            standing = [pair for pair in standing if pair not in fallen]
            if not fallen or not stepdown:
                break
        return sure

    def sets(self, coverage: float, simultaneous: bool, stepdown: bool) -> list[tuple[int, int]]:
        everyone = range(self.size)
        result = []
        for unit in everyone:
            if simultaneous:
                pairs = [(j, k) for j in everyone for k in everyone if j != k]
            else:
                pairs = [(unit, k) for k in everyone if k != unit] + [(k, unit) for k in everyone if k != unit]
            better = self.found(pairs, coverage, stepdown)
            above = sum((k, unit) in better for k in everyone)
            below = sum((unit, k) in better for k in everyone)
            result.append((1 + above, self.size - below))
            if simultaneous:
                return [
                    (1 + sum((k, u) in better for k in everyone), self.size - sum((u, k) in better for k in everyone))
                    for u in everyone
                ]
        return result

    def best(self, coverage: float) -> list[bool]:
        """One-sided lower simultaneous sets: only "somebody is better than j" is asked, of every j."""
        everyone = range(self.size)
        better = self.found([(k, j) for j in everyone for k in everyone if j != k], coverage, True)
        return [not any((k, j) in better for k in everyone) for j in everyone]


def case(seed: int) -> tuple[Floats, Floats]:
    """Estimates and a covariance: independent, correlated, singular, with certain units, with exact ties."""
    random = np.random.default_rng(seed)
    size = int(random.integers(2, 9))
    estimate = np.round(random.normal(80, random.choice([0.5, 2, 6]), size), 2)
    kind = seed % 5
    if kind == 0:
        covariance = np.diag(random.uniform(0.1, 4, size))
    elif kind == 1:
        root = random.normal(size=(size, size)) * 0.7
        covariance = root @ root.T
    elif kind == 2:  # fewer sources of error than units: singular
        root = random.normal(size=(size, max(1, size // 2)))
        covariance = root @ root.T
    elif kind == 3:  # some units are certain
        error = np.where(random.random(size) < 0.4, 0.0, random.uniform(0.2, 2, size))
        covariance = np.diag(error**2)
    else:  # exact ties, with and without error, and two units that move together
        estimate = np.round(estimate)
        error = np.where(random.random(size) < 0.3, 0.0, 1.0)
        covariance = np.diag(error**2)
        covariance[0, :] = covariance[-1, :]
        covariance[:, 0] = covariance[:, -1]
    return estimate, covariance


@pytest.mark.parametrize("seed", range(60))
def test_every_bound_agrees_with_the_paper_within_one_rank(seed: int) -> None:
    estimate, covariance = case(seed)
    coverage = (0.8, 0.9, 0.95)[seed % 3]
    slow = Reference(estimate, covariance, seed)
    fast = ranking.differences(estimate, covariance, draws=DRAWS, seed=seed + 1)
    off = 0
    for simultaneous in (False, True):
        for stepdown in (True, False):
            sets = ranking.rank_sets(fast, coverage=coverage, simultaneous=simultaneous, stepdown=stepdown)
            for unit, (lower, upper) in enumerate(slow.sets(coverage, simultaneous, stepdown)):
                assert abs(int(sets.lower[unit]) - lower) <= 1, (seed, unit)
                assert abs(int(sets.upper[unit]) - upper) <= 1, (seed, unit)
                off += (int(sets.lower[unit]), int(sets.upper[unit])) != (lower, upper)
    assert off <= 2, "the draws differ, so that a bound may too, but hardly ever"
    best = ranking.possible_best(fast, coverage=coverage).tolist()
    assert sum(one != other for one, other in zip(best, slow.best(coverage), strict=True)) <= 1


def test_a_hundred_units_take_less_than_three_seconds() -> None:
    """All that a kind is ranked by: marginal sets of each unit, and who may be the best; 20,000 draws."""
    random = np.random.default_rng(5)
    estimate = random.normal(80, 5, 100)
    root = random.normal(size=(100, 100)) * 0.15
    begun = time.process_time()
    compared = ranking.differences(estimate, root @ root.T + np.eye(100), draws=DRAWS, seed=1)
    ranking.rank_sets(compared)
    ranking.possible_best(compared)
    took = time.process_time() - begun
    assert took < 3, f"{took:.1f} s"

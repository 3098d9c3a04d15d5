"""Rank confidence sets: what the procedure promises, and what is decided without any draw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm

from analysis import ranking
from forms.faults import Faults

Floats = NDArray[np.float64]


def marginal(estimate: list[float], covariance: Floats, **options: object) -> ranking.RankSets:
    return ranking.rank_sets(ranking.differences(np.array(estimate), covariance, seed=1), **options)


def test_ties_share_the_best_place_and_the_next_is_skipped() -> None:
    assert ranking.ranks(np.array([3.0, 5.0, 5.0, 1.0])).tolist() == [3, 1, 1, 4]


def test_published_ranks_follow_the_printed_numbers() -> None:
    printed, rank = ranking.published([91.404, 91.396, 91.25, 80.125])
    assert printed.tolist() == [91.40, 91.40, 91.25, 80.13]
    assert rank.tolist() == [1, 1, 3, 4]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40))
def test_published_ranks_agree_with_counting_who_is_better(values: list[float]) -> None:
    printed, rank = ranking.published(values)
    assert [1 + sum(other > mine for other in printed) for mine in printed] == rank.tolist()


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=12), st.integers(-5, 5))
def test_adding_a_constant_changes_no_rank_and_no_set(hundredths: list[int], shift: int) -> None:
    values = np.array(hundredths) / 100
    covariance = np.diag(np.linspace(0, 4, len(values)))
    first, second = (
        ranking.rank_sets(ranking.differences(each, covariance, draws=1000)) for each in (values, values + shift)
    )
    assert ranking.ranks(values).tolist() == ranking.ranks(values + shift).tolist()
    assert (first.lower == second.lower).all() and (first.upper == second.upper).all()


@given(st.lists(st.floats(0, 100), min_size=2, max_size=10), st.integers(0, 99))
def test_a_set_holds_the_rank_of_the_estimate(values: list[float], seed: int) -> None:
    random = np.random.default_rng(seed)
    root = random.normal(size=(len(values), len(values)))
    compared = ranking.differences(np.array(values), root @ root.T, draws=1000, seed=seed)
    rank = ranking.ranks(np.array(values))
    for simultaneous in (False, True):
        sets = ranking.rank_sets(compared, simultaneous=simultaneous)
        assert ((1 <= sets.lower) & (sets.lower <= rank) & (rank <= sets.upper) & (sets.upper <= len(values))).all()


def test_two_units_are_told_apart_beyond_the_normal_quantile() -> None:
    apart = float(norm.ppf(0.975)) * np.sqrt(2)
    assert marginal([apart * 1.03, 0.0], np.eye(2)).lower.tolist() == [1, 2]
    assert marginal([apart * 0.97, 0.0], np.eye(2)).lower.tolist() == [1, 1]
    assert marginal([apart * 0.97, 0.0], np.eye(2)).upper.tolist() == [2, 2]


def test_the_critical_value_is_the_studentised_maximum() -> None:
    # Three independent units with equal variances: the range of three normals, Tukey's q(0.95; 3, ∞) = 3.3145.
    compared = ranking.differences(np.zeros(3), np.eye(3), draws=200_000)
    critical = ranking._critical(ranking._largest(compared, ~np.eye(3, dtype=bool)), 0.95)
    assert critical == pytest.approx(3.3145 / np.sqrt(2), abs=0.01)


def test_correlation_of_the_estimates_is_used() -> None:
    covariance = np.full((2, 2), 0.99) + np.eye(2) * 0.01
    assert marginal([1.0, 0.0], covariance).upper.tolist() == [1, 2]
    assert marginal([1.0, 0.0], np.eye(2)).upper.tolist() == [2, 2]


def test_stepdown_only_ever_narrows_and_sometimes_does() -> None:
    estimate = [20.0, 3.35, 0.0, -20.0, -40.0]
    step, single = (marginal(estimate, np.eye(5), stepdown=stepdown) for stepdown in (True, False))
    assert (step.lower >= single.lower).all() and (step.upper <= single.upper).all()
    assert (step.upper - step.lower).sum() < (single.upper - single.lower).sum()


def test_simultaneous_sets_hold_the_marginal_ones() -> None:
    compared = ranking.differences(np.linspace(0, 6, 9), np.eye(9))
    own, together = (ranking.rank_sets(compared, simultaneous=simultaneous) for simultaneous in (False, True))
    assert (together.lower <= own.lower).all() and (together.upper >= own.upper).all()
    assert (together.upper - together.lower).sum() > (own.upper - own.lower).sum()


def test_without_sampling_error_the_sign_decides_and_ties_stay_undecided() -> None:
    sets = marginal([80.0, 70.0, 70.0, 60.0], np.zeros((4, 4)))
    assert sets.lower.tolist() == [1, 2, 2, 4]
    assert sets.upper.tolist() == [1, 3, 3, 4]


def test_equal_figures_of_the_same_people_differ_by_nothing() -> None:
    """Two units judged by the same people in the same way: the difference has no error, whatever its parts have."""
    covariance = np.array([[2.0, 2.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 2.0]]) / 3
    compared = ranking.differences(np.array([80.01, 80.0, 79.9]), covariance)
    assert compared.certain
    assert ranking.rank_sets(compared).lower.tolist() == [1, 2, 1]


def test_possible_best_are_those_that_nothing_beats() -> None:
    compared = ranking.differences(np.array([10.0, 9.5, 2.0, 1.0]), np.eye(4))
    assert ranking.possible_best(compared).tolist() == [True, True, False, False]


def test_a_set_is_widened_to_hold_the_published_rank() -> None:
    sets = ranking.RankSets(np.array([1, 2]), np.array([1, 2]), 0.95, False, True)
    both_first = ranking.widened(sets, np.array([1, 1]))
    assert both_first.lower.tolist() == [1, 1] and both_first.upper.tolist() == [1, 2]


def test_the_same_seed_gives_the_same_sets_and_one_unit_is_first() -> None:
    estimate, covariance = np.linspace(0, 3, 12), np.eye(12)
    one, two = (ranking.differences(estimate, covariance, seed=5).draws for _ in range(2))
    assert (one == two).all()
    alone = marginal([50.0], np.eye(1))
    assert (alone.lower.tolist(), alone.upper.tolist()) == ([1], [1])


@pytest.mark.parametrize(
    ("covariance", "said"),
    [
        ([[1.0, 0.5], [0.0, 1.0]], "not symmetric"),
        ([[1.0, np.nan], [np.nan, 1.0]], "not symmetric"),
        ([[1.0, 2.0], [2.0, 1.0]], "negative eigenvalue"),
    ],
)
def test_what_is_no_covariance_is_refused(covariance: list[list[float]], said: str) -> None:
    with pytest.raises(Faults, match=said):
        ranking.differences(np.zeros(2), np.array(covariance))


def test_sets_cover_the_true_ranks_as_often_as_they_say() -> None:
    """300 surveys of 8 units, three of them exactly equal: marginal sets of each unit, and all sets at once."""
    random = np.random.default_rng(11)
    truth = np.array([84.0, 82.0, 81.0, 80.0, 80.0, 80.0, 78.0, 75.0])
    root = random.normal(size=(8, 8)) * 0.4 + np.eye(8)
    covariance = root @ root.T
    best = 1 + (truth[:, None] < truth[None, :]).sum(axis=1)
    worst = 8 - (truth[:, None] > truth[None, :]).sum(axis=1)
    marginally, together = np.zeros(8), 0
    for survey in range(300):
        estimate = random.multivariate_normal(truth, covariance)
        compared = ranking.differences(estimate, covariance, draws=1000, seed=survey)
        sets = ranking.rank_sets(compared)
        # Equal units share the places best..worst; the set must hold the rank 1 + number strictly better.
        marginally += (sets.lower <= best) & (best <= sets.upper) & (worst <= sets.upper)
        wide = ranking.rank_sets(compared, simultaneous=True)
        together += bool(((wide.lower <= best) & (worst <= wide.upper)).all())
    # Binomial(300, 0.95) is below 274 about once in 1,000.
    assert marginally.min() >= 274
    assert together >= 274

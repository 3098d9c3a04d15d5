"""Relative weights against closed forms and R, their bootstrap by PSU, and the quadrants of a priority chart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.drivers import Drivers, Quadrant, drivers, priorities, relative_weights, resampled
from forms.faults import Faults
from tests.analysis.reference import api


def sample(seed: int = 3, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n, 1))
    factors = common + rng.normal(size=(n, 4))
    return factors, factors @ [1.0, 0.6, 0.3, 0.0] + rng.normal(size=n)


def test_uncorrelated_factors_weigh_what_they_explain() -> None:
    found = relative_weights(np.array([[1, 0, 0.6], [0, 1, 0.3], [0.6, 0.3, 1]]))
    assert found == pytest.approx([0.36, 0.09])


def test_two_factors_alike_share_evenly() -> None:
    found = relative_weights(np.array([[1, 0.5, 0.6], [0.5, 1, 0.6], [0.6, 0.6, 1]]))
    assert found is not None and found[0] == pytest.approx(found[1])
    assert found.sum() == pytest.approx(2 * 0.36 / 1.5)  # R² of the regression


def test_agrees_with_r_on_the_schools() -> None:
    sheet = api("apistrat")
    factors = np.column_stack([sheet.numbers(name) for name in ("meals", "ell", "avg.ed")])
    found = drivers(factors, sheet.numbers("api00"), ["meals", "ell", "avg.ed"], draws=100)
    # R 4.2.2: e <- eigen(cor(x)); L <- e$vectors %*% diag(sqrt(e$values)) %*% t(e$vectors);
    # L^2 %*% solve(L, cor(x, y))^2 over complete cases
    assert found.weight == pytest.approx([0.242979712614205, 0.128577442101416, 0.308012602269221], rel=1e-10)
    assert (found.n, found.left_out) == (200, 0)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.1, 90), st.floats(-50, 50))
def test_weights_add_to_r_squared_whatever_the_scale(seed: int, scale: float, shift: float) -> None:
    factors, outcome = sample(seed, 60)
    found = drivers(factors, outcome, "abcd", draws=1)
    residual = (
        outcome
        - np.column_stack([np.ones(60), factors])
        @ np.linalg.lstsq(np.column_stack([np.ones(60), factors]), outcome, rcond=None)[0]
    )
    assert found.r_squared == pytest.approx(1 - residual @ residual / (60 * outcome.var()))
    assert (found.weight >= 0).all() and found.share.sum() == pytest.approx(1)
    again = drivers(factors * scale + shift, outcome * -3 + shift, "abcd", weight=np.full(60, scale), draws=1)
    assert again.weight == pytest.approx(found.weight)


def test_the_interval_is_seeded_and_holds_the_estimate() -> None:
    factors, outcome = sample()
    found, again = (drivers(factors, outcome, "abcd") for _ in range(2))
    assert (found.low == again.low).all() and found.draws == 2000
    assert (found.low < found.share).all() and (found.share < found.high).all()
    assert found.share[0] > found.high[3]
    narrow = drivers(factors, outcome, "abcd", level=0.5)
    assert (narrow.low > found.low).all() and (narrow.high < found.high).all()


def test_answers_of_one_person_are_drawn_together() -> None:
    factors, outcome = sample(n=60)
    many, again = np.repeat(factors, 5, axis=0), np.repeat(outcome, 5)
    alone, single = drivers(many, again, "abcd"), drivers(factors, outcome, "abcd")
    together = drivers(many, again, "abcd", cluster=np.repeat(np.arange(60), 5))
    assert (together.high - together.low).mean() > 1.6 * (alone.high - alone.low).mean()
    assert together.low == pytest.approx(single.low) and together.share == pytest.approx(alone.share)


def test_strata_keep_their_sizes_and_lonely_psus_stay() -> None:
    home = np.array([0, 0, 0, 1, 2, 2])
    factors = resampled(home, np.bincount(home), 500, np.random.default_rng(1))
    assert (factors[:, 3] == 1).all()
    assert factors[:, :3].sum(axis=1) == pytest.approx(3) and factors[:, 4:].sum(axis=1) == pytest.approx(2)
    assert factors[:, 0].mean() == pytest.approx(1, abs=0.1)
    assert np.var(factors[:, 0]) == pytest.approx(1.5**2 * 2 * (1 / 3) * (2 / 3), rel=0.2)


def test_nothing_but_lonely_psus_has_no_interval() -> None:
    factors, outcome = sample(n=20)
    found = drivers(factors, outcome, "abcd", stratum=np.arange(20))
    assert np.isnan(found.low).all() and found.draws == 0 and np.isfinite(found.share).all()


def test_draws_that_say_nothing_are_left_out() -> None:
    factors = np.column_stack([[1.0, 0, 0, 0, 0, 0], [1.0, 2, 3, 5, 4, 3]])
    found = drivers(factors, np.array([1.0, 2, 3, 4, 5, 7]), "ab")
    assert 500 < found.draws < 2000  # without the first row the first factor is constant


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda x, y: (x[:, :1], y), "two factors and 3 complete cases: there are 1 and 300"),
        (lambda x, y: (x[:5], y[:5]), "two factors and 6 complete cases: there are 4 and 5"),
        (lambda x, y: (np.where(np.arange(4) == 1, 2.0, x), y), "every answer to b is the same"),
        (lambda x, y: (x, np.ones_like(y)), "every answer to the outcome is the same"),
        (lambda x, y: (np.column_stack([x[:, :3], x[:, 0] * 2]), y), "say exactly the same"),
    ],
)
def test_what_cannot_be_weighed_is_said(change: object, told: str) -> None:
    factors, outcome = change(*sample())  # type: ignore[operator]
    with pytest.raises(Faults, match=told):
        drivers(factors, outcome, "abcd"[: factors.shape[1]])


def made(share: list[float], spread: float = 0.01) -> Drivers:
    of = np.array(share)
    return Drivers(tuple("abcd"), 99, 0, 0.5, of / 2, of, of - spread, of + spread, 2000)


def test_quadrants() -> None:
    found = priorities(made([0.4, 0.3, 0.2, 0.1]), np.array([0.5, 0.9, 0.6, 0.8]))
    assert [point.quadrant for point in found.points] == [
        Quadrant.IMPROVE_FIRST, Quadrant.KEEP_UP, Quadrant.IMPROVE_LATER, Quadrant.MAINTAIN,
    ]  # fmt: skip
    assert (found.importance, found.performance) == (0.25, pytest.approx(0.7))
    assert not any(point.unsure for point in found.points)


def test_an_interval_over_the_line_is_unsure_and_a_factor_without_score_left_out() -> None:
    found = priorities(made([0.4, 0.3, 0.2, 0.1], 0.06), np.array([0.5, np.nan, 0.6, 0.8]), line=0.6)
    assert [(point.factor, point.unsure) for point in found.points] == [("a", False), ("c", True), ("d", False)]
    assert [point.quadrant for point in found.points][1] is Quadrant.MAINTAIN  # on the line counts as above
    with pytest.raises(Faults, match="no factor has both"):
        priorities(made([0.4, 0.3, 0.2, 0.1]), np.full(4, np.nan))

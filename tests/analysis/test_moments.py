"""Moments add: whatever the partition, the order of rows or of merging, the numbers are the same."""

from __future__ import annotations

import functools
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import passes
from analysis.covariance import covariance
from analysis.design import Codes, Design, Df, Lonely, SecondStage
from analysis.estimates import Estimates, estimates, ratios
from analysis.moments import Moments, Scores, merged
from analysis.passes import collect
from analysis.scoring import Block
from forms.faults import Faults

K = 3


def sample(seed: int, n: int = 120, domains: int = 4, *, staged: bool = False) -> tuple[Design, Scores]:
    """Clusters of one to six rows in five strata; offices 0 to 3; every stratum has several clusters."""
    rng = np.random.default_rng(seed)
    psu = np.sort(rng.integers(0, n // 3, n))
    psu = np.unique(psu, return_inverse=True)[1].astype(np.int64)
    stratum = psu % 5
    second = SecondStage(psu * 3 + rng.integers(0, 3, n), rng.uniform(0, 1, psu.max() + 1)) if staged else None
    design = Design(stratum, psu, rng.uniform(0.5, 9, n), rng.uniform(0, 0.9, 5), tuple("abcde"), second)
    present = rng.random((n, K)) < 0.9
    values = np.where(present, rng.integers(0, 5, (n, K)) / 4 + 1000, 0.0)
    return design, Scores(values, present, rng.integers(-1, domains, n), domains)


def rows_of(design: Design, scores: Scores, rows: Codes) -> tuple[Design, Scores]:
    second = None if design.second is None else SecondStage(design.second.unit[rows], design.second.fraction)
    part = Design(design.stratum[rows], design.psu[rows], design.weight[rows], design.fraction, design.strata, second)
    return part, Scores(scores.values[rows], scores.present[rows], scores.domain[rows], scores.domains)


def parts_of(design: Design, scores: Scores, cuts: int, seed: int) -> list[Moments]:
    """Moments of ``cuts`` parts, no PSU split."""
    home = np.random.default_rng(seed).integers(0, cuts, int(design.psu.max()) + 1)
    return [
        collect(part, [values])
        for cut in range(cuts)
        for part, values in [rows_of(design, scores, np.flatnonzero(home[design.psu] == cut))]
    ]


def variance(design: Design, collected: Moments) -> np.ndarray:
    return covariance(collected, design, Lonely.ADJUST)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9), st.booleans())
def test_any_partition_merged_in_any_order_gives_the_same(seed: int, cuts: int, staged: bool) -> None:
    design, scores = sample(seed, staged=staged)
    whole = variance(design, collect(design, [scores]))
    parts = parts_of(design, scores, cuts, seed)
    scale = np.abs(whole).max()
    for order in (parts, parts[::-1], sorted(parts, key=lambda part: len(part.strata))):
        for added in (merged(order), functools.reduce(operator.add, order)):
            np.testing.assert_allclose(variance(design, added), whole, rtol=1e-12, atol=1e-12 * scale)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_order_of_rows_does_not_matter(seed: int, staged: bool) -> None:
    design, scores = sample(seed, staged=staged)
    shuffled = np.random.default_rng(seed).permutation(design.n)
    again_design, again = rows_of(design, scores, shuffled)
    whole = variance(design, collect(design, [scores]))
    np.testing.assert_allclose(
        variance(again_design, collect(again_design, [again])), whole, rtol=1e-12, atol=1e-12 * np.abs(whole).max()
    )


def test_tree_order_gives_identical_bits() -> None:
    design, scores = sample(3, n=400)
    once, twice = (merged(parts_of(design, scores, 7, 1)) for _ in range(2))
    assert (variance(design, once) == variance(design, twice)).all()


def test_small_pieces_of_a_stratum_add_up_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    design, scores = sample(8, n=300, staged=True)
    whole = variance(design, collect(design, [scores]))
    monkeypatch.setattr(passes, "_CELLS", 40)
    np.testing.assert_allclose(variance(design, collect(design, [scores])), whole, rtol=1e-10)


def test_a_stratum_keeps_only_columns_that_occur_in_it() -> None:
    design, scores = sample(5)
    apart = Scores(scores.values, scores.present, design.stratum, 5)
    for code, part in collect(design, [apart]).strata.items():
        (group,) = part.groups.values()
        assert group.columns.tolist() == [code * K + k for k in range(K)]
        assert group.products.shape == (K, K) and group.psus == part.psus


def test_a_group_of_psus_keeps_only_the_columns_it_has() -> None:
    """Two blocks of two offices each: no products between offices that nobody assessed together."""
    psu = np.repeat(np.arange(40), 2)
    office = np.where(psu % 2 == 0, 0, 2) + np.tile([0, 1], 40)
    design = Design(np.zeros(80, np.int64), psu, np.ones(80), np.zeros(1), ("all",))
    rng = np.random.default_rng(2)
    scores = Scores(rng.random((80, K)), np.ones((80, K), bool), office, 4)
    collected = collect(design, [scores])
    assert sorted(group.columns.tolist() for group in collected.strata[0].groups.values()) == [
        list(range(2 * K)), list(range(2 * K, 4 * K))
    ]  # fmt: skip
    dense = np.zeros((40, 4 * K))
    np.add.at(dense, psu, np.where(np.arange(4 * K) // K == office[:, None], np.tile(scores.values, 4), 0))
    np.testing.assert_allclose(variance(design, collected), 40 * np.cov(dense, rowvar=False), rtol=1e-12)


def test_rare_patterns_share_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    design, scores = sample(9, n=300)
    whole = variance(design, collect(design, [scores]))
    monkeypatch.setattr(passes, "_GROUPS", 3)
    few = collect(design, [scores])
    assert max(len(part.groups) for part in few.strata.values()) <= 3
    np.testing.assert_allclose(variance(design, few), whole, rtol=1e-10)


def test_moments_of_other_columns_do_not_add() -> None:
    design, scores = sample(5)
    with pytest.raises(ValueError, match="different columns"):
        collect(design, [scores]) + collect(design, [scores, scores])
    with pytest.raises(ValueError, match="no parts"):
        merged([])


def shares(design: Design, scores: Scores, lonely: Lonely = Lonely.FAIL) -> Estimates:
    return ratios(
        design,
        scores.values,
        scores.present.astype(float),
        domain=scores.domain,
        domains=scores.domains,
        lonely=lonely,
    )


@settings(deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-6, 1e6))
def test_scaling_the_weights_changes_nothing_of_a_ratio(seed: int, by: float) -> None:
    design, scores = sample(seed)
    scaled = Design(design.stratum, design.psu, design.weight * by, design.fraction, design.strata)
    one, other = shares(design, scores, Lonely.ADJUST), shares(scaled, scores, Lonely.ADJUST)
    np.testing.assert_allclose(other.value, one.value, rtol=1e-12)
    scale = np.abs(one.covariance).max()
    np.testing.assert_allclose(other.covariance, one.covariance, rtol=1e-9, atol=1e-12 * scale)
    assert (other.df == one.df).all()


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_totals_of_a_split_domain_add_up_with_their_covariance(seed: int) -> None:
    design, scores = sample(seed)
    whole = Block(scores.values, None, scores.present, np.where(scores.domain < 0, -1, 0), 1)
    split = Block(scores.values, None, scores.present, scores.domain, scores.domains)
    found = estimates(design, [whole, split], lonely=Lonely.ADJUST, df=Df.DESIGN)
    assert found.value[:K] == pytest.approx(found.value[K:].reshape(-1, K).sum(axis=0), rel=1e-12)
    matrix = found.covariance[K:, K:].reshape(scores.domains, K, scores.domains, K).sum(axis=(0, 2))
    np.testing.assert_allclose(found.covariance[:K, :K], matrix, rtol=1e-9)
    across = found.covariance[:K, K:].reshape(K, scores.domains, K).sum(axis=1)
    np.testing.assert_allclose(found.covariance[:K, :K], across, rtol=1e-9)


def test_a_large_mean_beside_a_small_spread_loses_no_digits() -> None:
    design, scores = sample(11)
    far = Scores(np.where(scores.present, scores.values + 1e9, 0.0), scores.present, scores.domain, scores.domains)
    near, apart = shares(design, scores, Lonely.ADJUST), shares(design, far, Lonely.ADJUST)
    np.testing.assert_allclose(apart.covariance, near.covariance, rtol=1e-5, atol=1e-9)


def lonely_sample() -> tuple[Design, np.ndarray]:
    """Two strata of three rows and one of a single row."""
    stratum = np.array([0, 0, 0, 1, 1, 1, 2])
    design = Design(stratum, np.arange(7), np.full(7, 2.0), np.array([0.1, 0.2, 0.3]), ("a", "b", "alone"))
    return design, np.array([1.0, 2, 4, 3, 5, 6, 9])[:, None]


def test_lonely_strata_fail_by_name() -> None:
    design, values = lonely_sample()
    with pytest.raises(Faults, match=r"stratum “alone” with a single primary sampling unit.*--lonely"):
        ratios(design, values, np.ones_like(values))


def test_what_a_lonely_stratum_contributes() -> None:
    design, values = lonely_sample()
    block = Block(values, None, np.ones((7, 1), bool), np.zeros(7, np.int64), 1)

    def variance_of_total(lonely: Lonely, fractions: tuple[float, float, float] = (0.1, 0.2, 0.3)) -> float:
        with_fractions = Design(design.stratum, design.psu, design.weight, np.array(fractions), design.strata)
        return float(estimates(with_fractions, [block], lonely=lonely, df=Df.DESIGN).covariance[0, 0])

    others = 0.9 * 3 * 4 * np.var([1, 2, 4], ddof=1) + 0.8 * 3 * 4 * np.var([3, 5, 6], ddof=1)
    assert variance_of_total(Lonely.CERTAINTY) == pytest.approx(others, rel=1e-12)
    assert variance_of_total(Lonely.ADJUST) == pytest.approx(others + 0.7 * 18**2, rel=1e-12)
    assert variance_of_total(Lonely.AVERAGE) == pytest.approx(others * 3 / 2, rel=1e-12)
    for lonely in Lonely:
        assert variance_of_total(lonely, (0.1, 0.2, 1.0)) == pytest.approx(others, rel=1e-12)


def test_average_of_nothing_but_lonely_strata_is_nan() -> None:
    design, values = lonely_sample()
    only = np.where(design.stratum == 2, 0, -1)
    found = ratios(design, values + design.psu[:, None], np.ones_like(values), domain=only, lonely=Lonely.AVERAGE)
    assert found.degenerate[0]  # one row: nothing to see, whatever the option
    block = Block(values, None, np.ones((7, 1), bool), only, 1)
    assert np.isnan(estimates(design, [block], lonely=Lonely.AVERAGE, df=Df.DESIGN).covariance[0, 0])


def staged_lonely() -> tuple[Design, Block]:
    """One stratum, f = 1/2, of two PSUs; the second has one second-stage unit."""
    psu, unit = np.array([0, 0, 1]), np.array([0, 1, 2])
    second = SecondStage(unit, np.array([0.25, 0.5]))
    design = Design(np.zeros(3, np.int64), psu, np.ones(3), np.array([0.5]), ("s",), second)
    return design, Block(np.array([[1.0], [3], [7]]), None, np.ones((3, 1), bool), np.zeros(3, np.int64), 1)


@pytest.mark.parametrize(
    ("lonely", "inner"),
    [(Lonely.CERTAINTY, 0.75 * 2 * 2), (Lonely.ADJUST, 0.75 * 2 * 2 + 0.5 * 49), (Lonely.AVERAGE, 0.75 * 2 * 2 * 2)],
)
def test_lonely_second_stage_units(lonely: Lonely, inner: float) -> None:
    design, block = staged_lonely()
    first = 0.5 * 2 * ((4 - 5.5) ** 2 + (7 - 5.5) ** 2)
    found = estimates(design, [block], lonely=lonely, df=Df.DESIGN)
    assert found.covariance[0, 0] == pytest.approx(first + 0.5 * inner, rel=1e-12)


def test_lonely_second_stage_units_fail_by_name() -> None:
    design, block = staged_lonely()
    with pytest.raises(Faults, match="“s” with a single second-stage unit"):
        estimates(design, [block], lonely=Lonely.FAIL, df=Df.DESIGN)


def test_average_has_nothing_to_go_by_when_every_psu_is_lonely_inside() -> None:
    second = SecondStage(np.arange(2), np.array([0.5, 0.5]))
    design = Design(np.zeros(2, np.int64), np.arange(2), np.ones(2), np.array([0.5]), ("s",), second)
    block = Block(np.array([[1.0], [3]]), None, np.ones((2, 1), bool), np.zeros(2, np.int64), 1)
    assert np.isnan(estimates(design, [block], lonely=Lonely.AVERAGE, df=Df.DESIGN).covariance[0, 0])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"weight": np.array([1.0, -1])}, "negative"),
        ({"weight": np.array([1.0, np.nan])}, "missing"),
        ({"fraction": np.array([1.5])}, "outside 0 to 1"),
        ({"stratum": np.array([0, 1]), "psu": np.zeros(2, np.int64), "fraction": np.zeros(2), "strata": ("a", "b")},
         "two strata"),
    ],
)  # fmt: skip
def test_a_design_that_cannot_be(change: dict[str, object], told: str) -> None:
    parts: dict[str, object] = {
        "stratum": np.zeros(2, np.int64), "psu": np.arange(2), "weight": np.ones(2), "fraction": np.zeros(1),
        "strata": ("a",),
    }  # fmt: skip
    with pytest.raises(Faults, match=told):
        Design(**{**parts, **change})  # type: ignore[arg-type]


def test_a_design_of_uneven_vectors_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="one length"):
        Design(np.zeros(2, np.int64), np.zeros(3, np.int64), np.ones(2), np.zeros(1), ("a",))
    with pytest.raises(ValueError, match="one sampling fraction"):
        Design(np.zeros(2, np.int64), np.zeros(2, np.int64), np.ones(2), np.zeros(2), ("a",))


def test_domains_that_nobody_is_in() -> None:
    design, scores = sample(4, domains=2)
    found = ratios(design, scores.values, scores.present.astype(float), domain=scores.domain * 2, domains=4,
                   lonely=Lonely.ADJUST)  # fmt: skip
    assert np.isnan(found.value.reshape(4, K)[[1, 3]]).all() and (found.n.reshape(4, K)[[1, 3]] == 0).all()
    assert np.isfinite(found.value.reshape(4, K)[[0, 2]]).all() and not found.degenerate.any()
    assert (found.covariance.reshape(4, K, 4, K)[1] == 0).all()

"""Alpha, omega and item-rest correlations, against R psych and on cases that can be worked by hand."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from analysis.reliability import Reliability, reliability
from forms.faults import Faults
from tests.analysis.reference import ORACLE


def bfi(scale: str) -> Reliability:
    with (ORACLE / f"bfi_{scale}.csv").open() as file:
        rows = list(csv.reader(file))
    return reliability(np.array(rows[1:], float), rows[0])


@pytest.mark.parametrize("scale", ["A", "C"])
def test_alpha_agrees_with_the_oracle(scale: str) -> None:
    with (ORACLE / "expected_alpha.csv").open() as file:
        (row,) = [row for row in csv.DictReader(file) if row["scale"] == f"bfi_{scale}"]
    found = bfi(scale)
    assert found.n == int(row["n"])
    assert found.alpha == pytest.approx(float(row["alpha"]), rel=1e-10)
    assert found.standardised == pytest.approx(float(row["std_alpha"]), rel=1e-10)
    assert found.mean_correlation == pytest.approx(float(row["average_r"]), rel=1e-10)


def test_items_agree_with_the_oracle() -> None:
    with (ORACLE / "expected_alpha_items_bfi_C.csv").open() as file:
        rows = list(csv.DictReader(file))
    found = bfi("C")
    assert found.item_rest == pytest.approx([float(row["r_drop"]) for row in rows], rel=1e-10)
    assert found.without == pytest.approx([float(row["alpha_drop"]) for row in rows], rel=1e-10)


@pytest.mark.parametrize(("scale", "omega"), [("A", 0.723724356915045), ("C", 0.733779340545162)])
def test_omega_agrees_with_psych(scale: str, omega: float) -> None:
    assert bfi(scale).omega == pytest.approx(omega, rel=1e-7)  # R 4.2.2, psych 2.2.9: omega(nfactors = 1)$omega.tot


def sample(n: int = 200, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) + rng.normal(size=(n, 4))


def test_feldts_interval_holds_alpha_and_narrows() -> None:
    few, many = reliability(sample(30), "abcd"), reliability(sample(3000), "abcd")
    assert few.low < few.alpha < few.high and many.high - many.low < (few.high - few.low) / 5
    assert reliability(sample(), "abcd", level=0.99).low < reliability(sample(), "abcd").low
    assert not few.bootstrap


def test_parallel_items_have_alpha_one() -> None:
    one = np.arange(6.0)
    found = reliability(np.column_stack([one, one + 2, one - 1]), "abc")
    assert found.alpha == pytest.approx(1) and found.item_rest == pytest.approx([1, 1, 1])
    assert found.omega is None and found.omega_note is not None and "Heywood" in found.omega_note


def test_incomplete_cases_are_left_out_and_counted() -> None:
    answers = sample()
    holes = np.vstack([answers, [[1, 2, np.nan, 3]]])
    assert reliability(holes, "abcd").alpha == reliability(answers, "abcd").alpha
    assert (reliability(holes, "abcd").n, reliability(holes, "abcd").left_out) == (200, 1)


def test_two_items_have_alpha_but_no_omega() -> None:
    found = reliability(sample()[:, :2], "ab")
    assert found.omega is None and found.omega_note == "omega needs three items"
    assert np.isnan(found.without).all()
    correlation = np.corrcoef(sample()[:, :2].T)[0, 1]
    assert found.standardised == pytest.approx(2 * correlation / (1 + correlation))


def test_a_weight_of_two_is_a_case_twice() -> None:
    answers = sample(40)
    twice = np.vstack([answers, answers[:15]])
    weighted = reliability(answers, "abcd", weight=np.where(np.arange(40) < 15, 2.0, 1.0))
    assert weighted.alpha == pytest.approx(reliability(twice, "abcd").alpha)
    assert weighted.item_rest == pytest.approx(reliability(twice, "abcd").item_rest)


def test_several_rows_of_a_respondent_widen_the_interval() -> None:
    answers = np.repeat(sample(60), 5, axis=0)
    as_if_apart = reliability(answers, "abcd")
    found = reliability(answers, "abcd", cluster=np.repeat(np.arange(60), 5))
    assert found.bootstrap and found.low < found.alpha < found.high
    assert found.high - found.low > 1.6 * (as_if_apart.high - as_if_apart.low)
    again = reliability(answers, "abcd", cluster=np.repeat(np.arange(60), 5))
    assert (found.low, found.high) == (again.low, again.high)
    other = reliability(answers, "abcd", cluster=np.repeat(np.arange(60), 5), seed=2)
    assert other.low != found.low
    assert not reliability(answers, "abcd", cluster=np.arange(300)).bootstrap


@pytest.mark.parametrize(
    ("answers", "names", "told"),
    [
        (np.ones((5, 2)) * np.arange(5)[:, None] ** [1, 0], ["hot", "cold"], "every answer to cold is the same"),
        (np.ones((5, 1)), ["one"], "needs two items and three complete cases: there are 1 and 5"),
        (np.full((5, 2), np.nan), ["a", "b"], "there are 2 and 0"),
    ],
)
def test_what_has_no_reliability_is_said(answers: np.ndarray, names: list[str], told: str) -> None:
    with pytest.raises(Faults, match=told):
        reliability(answers, names)

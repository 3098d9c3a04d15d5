"""R-indicators: closed forms, and their bias and standard error against repeated samples and responses."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.representativity import Cells, representativity
from forms.faults import Faults


def cells(eligible: list[float], answered: list[float], **labels: list[str]) -> Cells:
    size = len(eligible)
    return Cells(np.array(eligible, float), np.array(answered, float), np.ones(size), np.zeros(size, np.int64),
                 np.array([0.1]), labels)  # fmt: skip


def test_one_variable_by_hand() -> None:
    found = representativity(cells([400, 600], [100, 300], sex=["f", "m"]))
    mean = 0.4
    spread = (0.4 * (0.25 - mean) ** 2 + 0.6 * (0.5 - mean) ** 2) ** 0.5
    assert found.plain == pytest.approx(1 - 2 * spread) and found.mean == pytest.approx(mean)
    # Of propensities of categories the bias is Σ share · ρ(1 − ρ)/n_k · (1 − share)
    bias = 0.4 * 0.6 * (0.25 * 0.75 / 400 + 0.25 / 600)
    assert found.r == pytest.approx(1 - 2 * (spread**2 - bias) ** 0.5) and found.r > found.plain
    assert found.cv == pytest.approx((spread**2 - bias) ** 0.5 / mean) and found.n == 1000
    (partial,) = found.partials
    assert partial.unconditional == pytest.approx(spread) and partial.conditional == pytest.approx(spread)
    assert partial.categories == {"f": pytest.approx(0.4**0.5 * -0.15), "m": pytest.approx(0.6**0.5 * 0.1)}


def test_a_variable_without_effect_has_no_partial() -> None:
    told = cells([200, 200, 300, 300], [50, 50, 150, 150], sex=["f", "f", "m", "m"], age=["o", "y", "o", "y"])
    sex, age = representativity(told).partials
    assert age.unconditional == pytest.approx(0, abs=1e-9) and age.conditional == pytest.approx(0, abs=1e-9)
    assert sex.conditional == pytest.approx(sex.unconditional)


def test_even_response_has_no_error_to_speak_of() -> None:
    found = representativity(cells([100, 100], [50, 50], sex=["f", "m"]))
    assert (found.r, found.se) == (1, None) and found.plain == pytest.approx(1)


def test_a_class_in_which_everybody_answered() -> None:
    found = representativity(cells([100, 100], [100, 50], sex=["f", "m"]))
    assert found.plain == pytest.approx(0.5, abs=1e-3) and found.se is not None and 0 < found.se < 0.1


@pytest.mark.parametrize(
    ("told", "what"),
    [
        (cells([10, 10], [3, 4]), "needs something that is known"),
        (cells([10, 10], [10, 10], sex=["f", "m"]), "everybody answered, or nobody did"),
        (cells([10, 10], [0, 0], sex=["f", "m"]), "everybody answered, or nobody did"),
    ],
)
def test_what_has_no_indicator(told: Cells, what: str) -> None:
    with pytest.raises(Faults, match=what):
        representativity(told)


def test_the_standard_error_is_that_of_repeated_samples() -> None:
    """Two strata drawn at other rates, two crossed variables, 600 samples: mean of R and its spread."""
    rng = np.random.default_rng(8)
    rho = np.array([0.25, 0.45, 0.4, 0.62])
    people, weight = np.array([900, 600, 1500, 3000]), np.array([3.0, 3, 10, 10])
    labels = {"stratum": ["a", "a", "b", "b"], "m_sex": ["f", "m", "f", "m"]}
    drawn = np.array([500, 450])
    values, errors = [], []
    for _ in range(600):
        first, second = rng.hypergeometric([900, 1500], [600, 3000], drawn)
        n = np.array([first, 500 - first, second, 450 - second], float)
        answered = rng.binomial(n.astype(int), rho).astype(float)
        found = representativity(Cells(n, answered, weight, np.array([0, 0, 1, 1]), np.array([1 / 3, 0.1]), labels))
        values.append(found.r), errors.append(found.se or 0.0)
    share = people / people.sum()
    truth = 1 - 2 * float(share @ (rho - share @ rho) ** 2) ** 0.5
    # The root of an unbiased S² is too small by about var/8S³ (here 0.0018 of R); Monte Carlo error of the mean 0.0013.
    assert np.mean(values) == pytest.approx(truth, abs=0.0018 + 3 * 0.0013 + 0.0018)
    squares = [((1 - one) / 2) ** 2 for one in values]
    assert np.mean(squares) == pytest.approx(((1 - truth) / 2) ** 2, abs=8e-4)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.12)

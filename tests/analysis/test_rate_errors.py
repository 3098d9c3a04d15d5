"""Standard errors of rates: as the engine has them for ratios, and with e as part of what varies."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest

from analysis.design import Design, Lonely
from analysis.estimates import ratios
from analysis.rate_errors import Held, Size, standard_errors
from analysis.rates import CATEGORY, RETURNED, rates

VALID = ("complete", "partial")
STATES = ("complete", "partial", "refused", "no_contact", "ineligible", "late")


def sample(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """States, strata, weights of 240 invitations in 4 strata, and the fractions."""
    rng = np.random.default_rng(seed)
    state = np.array(STATES)[rng.choice(6, 240, p=[0.4, 0.1, 0.1, 0.25, 0.1, 0.05])]
    stratum = np.repeat(np.arange(4), 60)
    return state, stratum, rng.uniform(1, 4, 240), np.array([0.0, 0.3, 0.6, 1.0])


def errors(
    seed: int, *, unknown: bool = False, e: float | None = None, weighted: bool = True
) -> dict[str, float | None]:
    state, stratum, weight, fraction = sample(seed)
    weight = weight if weighted else np.ones(240)
    counts: Counter[str] = Counter()
    cells: dict[str, dict[str, list[float]]] = defaultdict(dict)
    for one, home, w in zip(state.tolist(), stratum.tolist(), weight.tolist(), strict=True):
        counts[one] += w
        held = cells[str(home)].setdefault(one, [0, 0, 0])
        for at, value in enumerate((1, w, w * w)):
            held[at] += value
    strata = {home: {one: Held(*held) for one, held in states.items()} for home, states in cells.items()}
    sizes = {str(home): Size(60, float(fraction[home])) for home in range(4)}
    found = rates(counts, valid=VALID, unknown=unknown, e=e)
    return standard_errors(found, strata, sizes, valid=VALID, unknown=unknown, given=e is not None)


@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize(
    ("rate", "above", "below"),
    [("RR1", "I", "I P R NC O"), ("COOP2", "I P", "I P R O"), ("REF3", "R", "I P R NC O"),
     ("CON1", "I P R O", "I P R O NC"), ("RETURN", "", ""), ("VALID", "", "")],
)  # fmt: skip
def test_as_the_engine_has_a_ratio(rate: str, above: str, below: str, weighted: bool) -> None:
    state, stratum, weight, fraction = sample(3)
    category = np.array([CATEGORY[one] for one in state])
    numerator, denominator = np.isin(category, above.split()), np.isin(category, below.split())
    if rate in ("RETURN", "VALID"):
        returned = np.isin(state, RETURNED)
        numerator, denominator = (
            (returned, np.ones(240, bool)) if rate == "RETURN" else (np.isin(state, VALID), returned)
        )
    design = Design(stratum, np.arange(240), weight if weighted else np.ones(240), fraction, tuple("abcd"))
    wanted = ratios(design, numerator[:, None].astype(float), denominator[:, None].astype(float), lonely=Lonely.FAIL)
    assert errors(3, weighted=weighted)[rate] == pytest.approx(wanted.covariance[0, 0] ** 0.5)


@pytest.mark.parametrize("e", [None, 0.4])
@pytest.mark.parametrize("rate", ["RR3", "RR4", "REF2", "CON2", "RR1", "RR5"])
def test_e_varies_with_the_sample_unless_it_is_given(rate: str, e: float | None) -> None:
    state, stratum, weight, fraction = sample(5)

    def value(w: np.ndarray) -> float:
        counts: Counter[str] = Counter()
        for one, each in zip(state.tolist(), w.tolist(), strict=True):
            counts[one] += each
        return rates(counts, valid=VALID, unknown=True, e=e).rate(rate).value or 0.0

    slope = {}
    for one in STATES:
        step = np.where(np.arange(240) == np.flatnonzero(state == one)[0], 1e-4, 0.0)
        slope[one] = (value(weight + step) - value(weight - step)) / 2e-4
    score = weight * np.array([slope[one] for one in state])
    parts = [(1 - fraction[home]) * 60 * score[stratum == home].var(ddof=1) for home in range(4)]
    assert errors(5, unknown=True, e=e)[rate] == pytest.approx(sum(parts) ** 0.5, rel=1e-6)


def test_no_rate_no_error_and_lonely_strata_add_none() -> None:
    found = rates({"issued": 4}, valid=VALID)
    strata, sizes = {"a": {"issued": Held(3, 3, 3)}, "b": {"issued": Held(1, 1, 1)}}, {"a": Size(3, 0), "b": Size(1, 0)}
    told = standard_errors(found, strata, sizes, valid=VALID, unknown=False, given=False)
    assert told["VALID"] is None and told["COOP1"] is None and told["RR1"] == 0

"""How much of simulated cheating is found, and how many honest forms are suspected."""

from __future__ import annotations

import os

import numpy as np
import pytest

from analysis.quality import copies, offices, patterns
from analysis.quality.answers import Answers
from tests.analysis.quality.people import coached, copied, honest, stuffed, together

OFFICES, FORMS = 15, 60


def same(answers: Answers) -> np.ndarray:
    straight = patterns.straight(answers.table, answers.enough)
    return straight | patterns.nearly_straight(answers.table, answers.levels, answers.enough)


def suspected(answers: Answers) -> np.ndarray:
    left = same(answers)
    return left | copies.copied(answers, left, seed=1)


def cheats(rng: np.random.Generator, halo: float) -> Answers:
    """Office 0: 20 forms by one hand; office 1: 10 forms copied; office 2: 24 coached; the others honest."""
    office = [honest(rng, FORMS, halo) for _ in range(OFFICES)]
    office[0][:20] = stuffed(rng, 20, halo)
    office[1][10:20] = copied(rng, office[1][:10])
    office[2][:24] = coached(rng, office[2][:24])
    return together(*office)


def rates(replicates: int, halo: float) -> dict[str, float]:
    """Shares of honest forms taken for copies, and of each kind of cheat that is flagged."""
    found: dict[str, list[float]] = {"honest": [], "by one hand": [], "copied": [], "coached office": []}
    for number in range(replicates):
        rng = np.random.default_rng([number, int(100 * halo)])
        clean = together(*(honest(rng, FORMS, halo) for _ in range(OFFICES)))
        found["honest"].append(float(copies.copied(clean, same(clean), seed=1).mean()))
        dirty = cheats(rng, halo)
        flagged = suspected(dirty)
        found["by one hand"].append(float(flagged[:20].mean()))
        found["copied"].append(float(flagged[FORMS : FORMS + 20].mean()))
        funnel = offices.highest(dirty)
        assert funnel is not None
        found["coached office"].append(float(funnel.z[2] > offices.LIMIT))
    return {kind: float(np.mean(values)) for kind, values in found.items()}


def test_copies_are_found_and_honest_forms_hardly_ever_suspected() -> None:
    found = rates(2, 0.6)

    assert found["honest"] <= 0.012, "the limit is 0.5 %, within what 1,800 forms can tell"
    assert found["copied"] >= 0.8 and found["by one hand"] >= 0.4 and found["coached office"] == 1.0


@pytest.mark.torture
@pytest.mark.skipif("PHIEU_TORTURE" not in os.environ, reason="make torture")
@pytest.mark.parametrize(("halo", "floor"), [(0.6, 0.85), (0.75, 0.65), (0.85, 0.5)])
def test_rates_at_full_size(halo: float, floor: float, capsys: pytest.CaptureFixture[str]) -> None:
    found = rates(20, halo)
    with capsys.disabled():
        told = ", ".join(f"{kind} {value:.1%}" for kind, value in found.items())
        print(f"\nloading of the general impression {halo}: {told}")

    assert found["honest"] <= 0.008 and found["copied"] >= floor and found["coached office"] >= 0.95


def test_the_same_seed_gives_the_same_flags_in_any_order_of_rows() -> None:
    rng = np.random.default_rng(5)
    answers = cheats(rng, 0.75)
    first = copies.copied(answers, same(answers), seed=3)
    order = rng.permutation(len(answers.table))
    shuffled = Answers(
        answers.group, answers.items, answers.levels, answers.table[order], answers.unit[order], answers.units,
        answers.respondent[order], answers.asked[order],
    )  # fmt: skip

    again = copies.copied(shuffled, same(shuffled), seed=3)

    assert np.array_equal(copies.copied(answers, same(answers), seed=3), first)
    assert (again != first[order]).mean() < 0.01, "only the gaps of drawn forms depend on the order"


def test_few_forms_of_an_office_are_not_compared() -> None:
    rng = np.random.default_rng(1)
    few = honest(rng, copies.FEWEST - 2)
    few[1:] = few[0]
    answers = together(few, honest(rng, 30))

    assert not copies.copied(answers, np.zeros(len(answers.table), bool), seed=0)[: len(few)].any()


def test_correlations_behind_the_answers_are_recovered() -> None:
    rng = np.random.default_rng(2)
    table = honest(rng, 6000, 0.75)
    found = copies.correlation(table, copies.shares(table, 5))

    assert found[0, 1] == pytest.approx(0.75**2 + 0.35**2, abs=0.04), "same factor"
    assert found[0, 24] == pytest.approx(0.75**2, abs=0.04), "another factor"


def test_an_office_whose_people_all_agree_stands_apart() -> None:
    rng = np.random.default_rng(3)
    office = [honest(rng, 40) for _ in range(12)]
    office[4] = stuffed(rng, 40)
    funnel = offices.agreement(together(*office))

    assert funnel is not None
    assert int(np.argmax(funnel.z)) == 4 and funnel.z[4] > offices.LIMIT
    assert funnel.value[4] < funnel.centre


def test_with_few_offices_none_stands_apart() -> None:
    rng = np.random.default_rng(4)
    four = together(*(honest(rng, 40) for _ in range(offices.FEWEST_OFFICES - 1)))

    assert offices.highest(four) is None and offices.agreement(four) is None
    nine = together(*(honest(rng, offices.FEWEST_FORMS - 1) for _ in range(9)))
    assert offices.highest(nine) is None


def test_offices_that_are_all_the_same_do_not_stand_apart() -> None:
    alike = np.tile(np.array([3, 4] * 5, np.int8), (20, 1))
    funnel = offices.highest(together(*([alike] * 6)))

    assert funnel is not None and np.allclose(funnel.z, 0)

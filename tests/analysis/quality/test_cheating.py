"""How much of simulated cheating is found, and how many honest forms are suspected."""

from __future__ import annotations

import os
from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest

from analysis.quality import independent, offices, patterns
from analysis.quality.answers import Answers
from analysis.quality.contradictions import _Rows
from analysis.quality.examined import AGAINST, Flag, flags
from forms.conditions import parse
from tests.analysis.quality.people import (
    ITEMS,
    abandoned,
    coached,
    copied,
    honest,
    invented,
    neighbours,
    nudged,
    shy,
    slipped,
    stuffed,
    thrown,
    together,
)  # fmt: skip

OFFICES, FORMS = 15, 60
CHEATED = 20  # of the forms of an office, where a cheat is planted
RULED = [(0, 1), (5, 6), (10, 11), (15, 16)]  # pairs of items about one thing, at whose opposite ends nobody stands


def same(answers: Answers) -> np.ndarray:
    straight = patterns.straight(answers.table, answers.enough)
    return straight | patterns.nearly_straight(answers.table, answers.levels, answers.enough)


def found_in(answers: Answers) -> dict[Flag, np.ndarray]:
    return {flag: rows for flag, (rows, _base) in flags(answers, 1)}


def suspected(answers: Answers) -> np.ndarray:
    found = found_in(answers)
    return found[Flag.STRAIGHT] | found[Flag.NEARLY] | found[Flag.COPIED]


def cheats(rng: np.random.Generator, halo: float) -> Answers:
    """Office 0: 20 forms by one hand; office 1: 10 forms copied; office 2: 24 coached; the others honest."""
    office = [honest(rng, FORMS, halo) for _ in range(OFFICES)]
    office[0][:20] = stuffed(rng, 20, halo)
    office[1][10:20] = copied(rng, office[1][:10])
    office[2][:24] = coached(rng, office[2][:24])
    return together(*office)


def careless(rng: np.random.Generator, halo: float) -> Answers:
    """Offices 0 to 5, 20 forms of each: two neighbours in turn, one answer nudged, dice, answers as often as people
    give them, left before the middle, left after two thirds; the others honest, some of whom leave much out."""
    office = [slipped(rng, shy(rng, honest(rng, FORMS, halo))) for _ in range(OFFICES)]
    for at, make in enumerate((neighbours, nudged, thrown, invented)):
        office[at][:CHEATED] = make(rng, CHEATED)
    office[4][:CHEATED] = abandoned(rng, honest(rng, CHEATED, halo), 0.3, 0.48)
    office[5][:CHEATED] = abandoned(rng, honest(rng, CHEATED, halo), 0.65, 0.75)
    return together(*office)


def contradicting(table: np.ndarray) -> np.ndarray:
    """Rows that hold one of the rules: opposite ends of the scale at two items about one thing."""
    items = {f"i{at}": {"id": f"i{at}", "type": "scale",
                        "choices": [{"id": f"v{level + 1}", "position": level} for level in range(5)]}
             for at in range(ITEMS)}  # fmt: skip
    answers = _Rows(pa.table({f"i{at}": pa.array(table[:, at], mask=table[:, at] < 0) for at in range(ITEMS)}), items)
    rules = [f"i{a} == 'v1' and i{b} == 'v5' or i{a} == 'v5' and i{b} == 'v1'" for a, b in RULED]
    return np.logical_or.reduce([answers.holds(parse(rule).root) for rule in rules])


def rates(replicates: int, halo: float) -> dict[str, float]:
    """Shares of honest forms taken for copies, and of each kind of cheat that is flagged."""
    found: dict[str, list[float]] = {"honest": [], "by one hand": [], "copied": [], "coached office": []}
    for number in range(replicates):
        rng = np.random.default_rng([number, int(100 * halo)])
        clean = together(*(honest(rng, FORMS, halo) for _ in range(OFFICES)))
        found["honest"].append(float(found_in(clean)[Flag.COPIED].mean()))
        dirty = cheats(rng, halo)
        flagged = suspected(dirty)
        found["by one hand"].append(float(flagged[:20].mean()))
        found["copied"].append(float(flagged[FORMS : FORMS + 20].mean()))
        funnel = offices.highest(dirty)
        assert funnel is not None
        found["coached office"].append(float(2 in funnel.apart))
    return {kind: float(np.mean(values)) for kind, values in found.items()}


KINDS = {
    "neighbours in turn": (0, Flag.LITTLE), "nudged": (1, Flag.LITTLE), "dice": (2, Flag.MUCH),
    "invented": (3, Flag.MUCH), "left early": (4, Flag.SKIPPED), "left late": (5, Flag.SKIPPED),
}  # fmt: skip


def careless_rates(replicates: int, halo: float) -> dict[str, float]:
    """Share of each kind that its flag finds, and of honest forms that each flag suspects; what the long string finds
    of the first two, beside it."""
    told: dict[str, list[float]] = defaultdict(list)
    for number in range(replicates):
        rng = np.random.default_rng([number, int(100 * halo)])
        clean = together(*(slipped(rng, shy(rng, honest(rng, FORMS, halo))) for _ in range(OFFICES)))
        fair, dirty = found_in(clean), careless(rng, halo)
        found = found_in(dirty)
        rows = {kind: slice(at * FORMS, at * FORMS + CHEATED) for kind, (at, _flag) in KINDS.items()}
        for kind, (_at, flag) in KINDS.items():
            told[kind].append(float(found[flag][rows[kind]].mean()))
        for kind in ("neighbours in turn", "nudged"):
            told[f"{kind}, by long string"].append(float(same(dirty)[rows[kind]].mean()))
        for kind in ("dice", "invented"):
            told[f"{kind}, contradicted"].append(float(contradicting(dirty.table)[rows[kind]].mean()))
        for flag in (Flag.LITTLE, Flag.MUCH, Flag.SKIPPED):
            told[f"honest, {flag}"].append(float(fair[flag].mean()))
        told["honest, contradicted"].append(float(contradicting(clean.table).mean()))
    return {kind: float(np.mean(values)) for kind, values in told.items()}


def alarms(replicates: int, number: int, spread: float) -> dict[str, float]:
    """Share of honest offices that each check marks, and of waves in which any is; offices differ by ``spread``."""
    told: dict[str, list[float]] = {"highest": [], "agreement": [], "waves": []}
    for at in range(replicates):
        rng = np.random.default_rng([at, number, int(100 * spread)])
        given = together(*(honest(rng, 40, shift=rng.normal(0, spread)) for _ in range(number)))
        found = {"highest": offices.highest(given), "agreement": offices.agreement(given)}
        marked = {what: len(funnel.apart) for what, funnel in found.items() if funnel is not None}
        for what, many in marked.items():
            told[what].append(many / number)
        told["waves"].append(float(any(marked.values())))
    return {what: float(np.mean(values)) for what, values in told.items()}


def test_offices_that_differ_honestly_are_hardly_ever_marked() -> None:
    found = alarms(25, 15, 0.4)

    assert found["highest"] <= 0.012 and found["agreement"] <= 0.012 and found["waves"] <= 0.24


@pytest.mark.torture
@pytest.mark.skipif("PHIEU_TORTURE" not in os.environ, reason="make torture")
@pytest.mark.parametrize("number", [8, 15, 30])
@pytest.mark.parametrize("spread", [0.0, 0.2, 0.4])
def test_marks_of_honest_offices_at_full_size(spread: float, number: int, capsys: pytest.CaptureFixture[str]) -> None:
    found = alarms(300, number, spread)
    with capsys.disabled():
        print(f"\n{number} offices differing by {spread}: {', '.join(f'{k} {v:.2%}' for k, v in found.items())}")

    assert found["waves"] <= 0.15


def test_copies_are_found_and_honest_forms_hardly_ever_suspected() -> None:
    found = rates(2, 0.6)

    assert found["honest"] <= 0.012, "the limit is 0.5 %, within what 1,800 forms can tell"
    assert found["copied"] >= 0.8 and found["by one hand"] >= 0.4 and found["coached office"] == 1.0


def test_pages_filled_in_without_a_look_and_by_dice_are_found_where_the_long_string_is_blind() -> None:
    found = careless_rates(2, 0.6)

    assert found["neighbours in turn"] >= 0.1 and found["neighbours in turn, by long string"] == 0.0
    assert found["nudged"] >= 0.5 and found["dice"] >= 0.25 and found["dice, contradicted"] >= 0.15
    assert found["left early"] == 1.0 and found["left late"] <= 0.05, "what is half answered is no flag"
    assert found["honest, little_variance"] <= 0.015 and found["honest, much_variance"] <= 0.012
    assert found["honest, skipped"] <= 0.012 and found["honest, contradicted"] <= 0.02


@pytest.mark.torture
@pytest.mark.skipif("PHIEU_TORTURE" not in os.environ, reason="make torture")
@pytest.mark.parametrize(("halo", "floor"), [(0.6, 0.85), (0.75, 0.65), (0.85, 0.5)])
def test_rates_at_full_size(halo: float, floor: float, capsys: pytest.CaptureFixture[str]) -> None:
    found = rates(20, halo)
    with capsys.disabled():
        told = ", ".join(f"{kind} {value:.1%}" for kind, value in found.items())
        print(f"\nloading of the general impression {halo}: {told}")

    assert found["honest"] <= 0.008 and found["copied"] >= floor and found["coached office"] >= 0.95


@pytest.mark.torture
@pytest.mark.skipif("PHIEU_TORTURE" not in os.environ, reason="make torture")
@pytest.mark.parametrize("halo", [0.45, 0.6, 0.75, 0.85])
def test_rates_of_careless_forms_at_full_size(halo: float, capsys: pytest.CaptureFixture[str]) -> None:
    found = careless_rates(10, halo)
    with capsys.disabled():
        print(f"\nloading of the general impression {halo}: {', '.join(f'{k} {v:.1%}' for k, v in found.items())}")

    assert found["left early"] == 1.0 and found["dice"] >= 0.15 and found["nudged"] >= 0.02
    assert all(value <= 0.025 for kind, value in found.items() if kind.startswith("honest"))


def test_the_same_seed_gives_the_same_flags_in_any_order_of_rows() -> None:
    rng = np.random.default_rng(5)
    answers = cheats(rng, 0.75)
    first = found_in(answers)
    order = rng.permutation(len(answers.table))
    shuffled = Answers(
        answers.group, answers.items, answers.levels, answers.table[order], answers.unit[order], answers.units,
        answers.respondent[order], answers.asked[order],
    )  # fmt: skip

    again, repeated = found_in(shuffled), found_in(answers)

    for flag in AGAINST[:5]:
        assert np.array_equal(repeated[flag], first[flag])
        assert (again[flag] != first[flag][order]).mean() < 0.01, "only the gaps of drawn forms depend on the order"


def test_few_forms_of_an_office_are_not_compared() -> None:
    rng = np.random.default_rng(1)
    few = honest(rng, independent.FEWEST - 2)
    few[1:] = few[0]
    answers = together(few, honest(rng, 30))
    by = dict(flags(answers, 0))

    for flag in (Flag.COPIED, Flag.LITTLE, Flag.MUCH):
        flagged, base = by[flag]
        assert not flagged[: len(few)].any() and not base[: len(few)].any()


def test_correlations_behind_the_answers_are_recovered() -> None:
    rng = np.random.default_rng(2)
    table = honest(rng, 6000, 0.75)
    found = independent.correlation(table, independent.shares(table, 5))

    assert found[0, 1] == pytest.approx(0.75**2 + 0.35**2, abs=0.04), "same factor"
    assert found[0, 24] == pytest.approx(0.75**2, abs=0.04), "another factor"


def test_an_office_whose_people_all_agree_stands_apart() -> None:
    rng = np.random.default_rng(3)
    office = [honest(rng, 40) for _ in range(12)]
    office[4] = stuffed(rng, 40)
    funnel = offices.agreement(together(*office))

    assert funnel is not None
    assert int(np.argmax(funnel.z)) == 4 and funnel.apart == [4]
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

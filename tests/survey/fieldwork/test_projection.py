"""The projection to the closing day, against simulated waves."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.fieldwork.pace import Source
from survey.fieldwork.projection import CERTAINTY, project


@settings(deadline=None)
@given(st.integers(1, 3000), st.floats(0, 1), st.floats(0, 1))
def test_it_stays_between_what_is_back_and_what_was_issued(issued, part, share):
    returned = round(issued * part)
    found = project(issued, returned, share, Source.USUAL)
    if found is not None:
        assert returned <= found.low <= found.high <= issued
        assert returned <= found.expected <= issued
        assert found.low - 1 <= found.expected <= found.high + 1


def test_before_there_is_enough_nothing_is_said():
    assert project(0, 0, 0.5, Source.USUAL) is None
    assert project(1000, 4, 0.5, Source.USUAL) is None
    assert project(1000, 40, 0.04, Source.USUAL) is None


def test_it_narrows_towards_the_close_and_ends_with_what_is_back():
    widths = []
    for share in (0.3, 0.6, 0.9, 0.99):
        found = project(1500, round(1500 * 0.7 * share), share, Source.DECLARED)
        assert found is not None
        assert found.expected / 1500 == pytest.approx(0.7, abs=0.02)
        widths.append(found.high - found.low)
    assert widths == sorted(widths, reverse=True)
    assert project(1500, 900, 1.0, Source.USUAL).high == 900
    assert project(1500, 1500, 0.5, Source.USUAL).low == 1500


def test_more_back_than_any_curve_allows_means_that_everybody_answers():
    found = project(1000, 999, 0.06, Source.DECLARED)
    assert (found.low, found.high) == (1000, 1000)


def test_a_curve_that_is_only_the_usual_one_makes_a_wider_interval():
    guess, seen = (project(1500, 500, 0.5, source) for source in (Source.USUAL, Source.EARLIER))
    assert guess.high - guess.low > 1.4 * (seen.high - seen.low)


def binomial(chance: random.Random, n: int, p: float) -> int:
    return sum(chance.random() < p for _ in range(n))


@pytest.mark.parametrize("source", [Source.USUAL, Source.DECLARED])
def test_nineteen_intervals_of_twenty_hold_what_came(source):
    chance = random.Random(7)  # noqa: S311 - the same waves each time
    tried = held = 0
    for _ in range(300):
        n, p, share = chance.choice([60, 300]), chance.uniform(0.3, 0.85), chance.uniform(0.25, 0.9)
        m = CERTAINTY[source]
        s = chance.betavariate(m * share, m * (1 - share))
        back = binomial(chance, n, p * s)
        final = back + binomial(chance, n - back, p * (1 - s) / (1 - p * s))
        found = project(n, back, share, source)
        if found is not None:
            tried += 1
            held += found.low <= final <= found.high
    margin = 3 * math.sqrt(0.95 * 0.05 / tried)
    assert tried > 250 and held / tried > 0.95 - margin


def test_a_curve_that_is_exactly_right_is_held_more_often_not_less():
    chance = random.Random(8)  # noqa: S311 - the same waves each time
    held = 0
    for _ in range(150):
        back = binomial(chance, 400, 0.7 * 0.5)
        final = back + binomial(chance, 400 - back, 0.35 / 0.65)
        found = project(400, back, 0.5, Source.DECLARED)
        held += found.low <= final <= found.high
    assert held / 150 > 0.95

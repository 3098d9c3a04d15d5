"""How many invitations share a block of units so that the freeze keeps its answers."""

from __future__ import annotations

import random

import pytest

from survey.sample import blocks


def test_with_everybody_answering_k_are_enough():
    assert blocks.least(5, 1.0) == 5


@pytest.mark.parametrize("response", [0.95, 0.85, 0.7, 0.5])
def test_fewer_than_k_answers_are_rare(response):
    number = blocks.least(5, response)
    chance = random.Random(1)  # noqa: S311
    short = sum(sum(chance.random() < response for _ in range(number)) < 5 for _ in range(20_000))
    assert short / 20_000 < blocks.RISK + 0.003
    fewer = sum(sum(chance.random() < response for _ in range(number - 1)) < 5 for _ in range(20_000))
    assert fewer / 20_000 > blocks.RISK - 0.003

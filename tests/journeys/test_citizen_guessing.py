"""Somebody who tries codes, and a neighbour who shares the address."""

from __future__ import annotations

from collections.abc import Callable

from survey import codes
from survey.guessing import PER_MINUTE, QUEUE, Guesses
from survey.web import Web
from tests.journeys.respondent import Respondent
from tests.journeys.world import World


def test_guessing_slows_the_address_and_refuses_no_right_code(
    app: Web, respondent: Callable[..., Respondent], world: World
) -> None:
    pauses: list[float] = []
    app.guesses = Guesses(sleep=pauses.append)
    before = world.rows()
    guesser, neighbour = respondent(), respondent()
    for number in range(PER_MINUTE + 5):
        assert guesser.open(f"/P/{codes.with_check(f'{number:011}')}").status == 404
    assert len(pauses) == 4
    # a code whose check character is wrong costs nothing and is told at once
    assert guesser.open("/P/000000000001").status == 404 and len(pauses) == 4
    # the neighbour is served, later
    assert neighbour.open().status == 200 and len(pauses) == 5
    assert world.rows() == before
    for address in app.guesses._addresses.values():
        address.waiting = QUEUE
    assert neighbour.client.get(f"/P/{neighbour.code}").status_code == 503

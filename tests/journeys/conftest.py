"""An instance with an open wave, and respondents who hold its slips."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from survey import create_app
from survey.web import Web
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.journeys.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh instance."""
    return worlds.build(tmp_path)


@pytest.fixture
def app(world: World) -> Web:
    """Its web application, at the world's time."""
    return create_app(world.settings, world.clock)


@pytest.fixture
def respondent(app: Web, world: World) -> Callable[..., Respondent]:
    """Somebody with a slip of a group."""

    def hold(group: str = "nguoi_dan", lang: str = "vi") -> Respondent:
        return Respondent(app, world.take(group), lang)

    return hold

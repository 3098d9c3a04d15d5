"""The scene of the small demonstration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from survey.demo import quality, run
from survey.demo.scene import Scene, Size, scene


@pytest.fixture(scope="session")
def facts() -> Mapping[str, Any]:
    return run.facts()


@pytest.fixture(scope="session")
def small(facts) -> Scene:
    return scene(Size.SMALL, facts)


@pytest.fixture(scope="session")
def qualities(small, facts) -> dict[str, float]:
    return quality.qualities(small.units, facts, 2019)

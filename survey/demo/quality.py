"""How well each simulated office works: the one hidden number that dossiers, answers and appraisals lean on.

Offices with a published 2019 index are given it; the others a seeded value between their published neighbours.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from survey.demo.scene import Unit

# Published ranks leave a gap between the best and the last offices of a kind; the unpublished ones lie in it.
_GAPS = {"department": (84.4, 91.1), "district": (71.4, 85.0)}
_MODERN = (85.0, 3.5)  # mean and spread where nothing is published


def published(facts: Mapping[str, Any]) -> dict[str, float]:
    """The 2019 indices that were published, by unit name: 14 of 33."""
    blocks = [*facts["department_2019"], *facts["district_2019"]]
    return {name: float(index) for block in blocks for name, index in block["values"].items()}


def qualities(units: Sequence[Unit], facts: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Each unit's quality as an index of 100, by unit id; depends on nothing but the seed and the unit."""
    known = published(facts)
    found: dict[str, float] = {}
    for unit in units:
        chance = random.Random(f"{seed}/quality/{unit.id}")  # noqa: S311 (a simulation, repeatable)
        if unit.name in known and unit.kind in _GAPS:
            found[unit.id] = known[unit.name]
        elif unit.kind in _GAPS and any(each.name in known for each in units):
            found[unit.id] = chance.uniform(*_GAPS[unit.kind])
        else:
            found[unit.id] = min(max(chance.gauss(*_MODERN), 72.0), 96.0)
    return found

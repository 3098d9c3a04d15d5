"""Addresses of the desk's rules, their parts filled in."""

from __future__ import annotations

import re
from typing import Any

SAMPLES: dict[str, Any] = {"wave": "demo", "digest": "0" * 16, "name": "desk.css", "rest": "nowhere"}


def address(rule: Any, unit: str | None, place: str | None) -> str:
    """An address of a rule, its parts filled in."""
    told = SAMPLES | {"unit": unit, "place": place}
    return re.sub(r"<(?:[^:>]*:)?([^>]+)>", lambda part: str(told.get(part[1], 1)), rule.rule)

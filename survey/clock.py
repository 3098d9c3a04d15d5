"""What time it is: always an argument, so that a test can say when it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def now() -> datetime:
    """The system's clock, aware and in UTC."""
    return datetime.now(UTC)


def today(clock: Clock, timezone: str) -> date:
    """Today where the wave is held."""
    return clock().astimezone(ZoneInfo(timezone)).date()

"""What a close or a purge leaves is written anew, so that no place and no transaction tells how its rows came.

That keeps writers waiting, on SQLite all of them. While other waves are open it is given up after a few seconds, and
made up for when none is, or at night; until then the rows tell what they told while their wave was open.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from survey import audit
from survey import wave as waves

if TYPE_CHECKING:
    from survey.clock import Clock
    from survey.store import Store

HOLD_SECONDS = 4.0  # a submit is told to come again after 15; on SQLite it may take as long again (Store.rebuild)
QUIET = range(2, 4)  # hours of the day, where a wave is held
LOOK_SECONDS = 60.0
ONE_NIGHT = timedelta(hours=26)  # by then two in the morning came and went, with time to write
PUT_OFF, MADE_UP = "rewriting put off", "rewriting made up for"  # entries of the log


def write(store: Store, draft_store: Store, clock: Clock, wave: str, *, who: str, at_once: bool = False) -> bool:
    """Write anew what a wave that is over left, and cut the logs; False where something is put off, as the log says.

    ``at_once``: however long respondents of open waves wait for it.
    """
    limit = None if at_once or _quiet(store, clock) else HOLD_SECONDS
    whole = all([each.rebuild(wave, limit) for each in (store, draft_store)])
    whole = all([each.truncate_log() for each in (store, draft_store)]) and whole  # somebody may be reading still
    if whole == (wave in owed(store)):
        with store.write() as tx:
            audit.append(tx, clock, who, MADE_UP if whole else PUT_OFF, wave, {})
    return whole


def owed(store: Store) -> dict[str, datetime]:
    """The waves of which something is put off, and since when."""
    with store.read() as tx:
        return {row["wave"]: datetime.fromisoformat(row["since"]) for row in tx.audit_put_off()}


def make_up(store: Store, draft_store: Store, clock: Clock, *, who: str, at_once: bool = False) -> list[str]:
    """Write anew whatever was put off; the waves of which something still is (a backup was in the way)."""
    return [wave for wave in owed(store) if not write(store, draft_store, clock, wave, who=who, at_once=at_once)]


def overdue(store: Store, clock: Clock) -> bool:
    """Whether a server should have made up for all of it: none has run since then."""
    since = owed(store).values()
    return bool(since) and (not waves.open_ones(store) or min(since) < clock() - ONE_NIGHT)


def _quiet(store: Store, clock: Clock) -> bool:
    """Whether it is night wherever a wave is open; no wave may be."""
    return all(clock().astimezone(ZoneInfo(each.spec.timezone)).hour in QUIET for each in waves.open_ones(store))


class Later:
    """Makes up, beside a server, for what was put off."""

    def __init__(self, store: Store, draft_store: Store, clock: Clock) -> None:
        self._store, self._drafts, self._clock = store, draft_store, clock
        self._next = 0.0

    def look(self) -> None:
        """Once a minute; when nobody is kept waiting, or hardly anybody."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOK_SECONDS
        if owed(self._store) and _quiet(self._store, self._clock):
            make_up(self._store, self._drafts, self._clock, who=audit.operator())

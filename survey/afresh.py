"""What a close or a purge leaves is written anew, so that no place and no transaction tells how its rows came.

That keeps writers waiting, on SQLite all of them. While other waves are open it is given up after a few seconds, and
made up for when none is, or at night; until then the rows tell what they told while their wave was open.
"""

from __future__ import annotations

import time
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
PUT_OFF, MADE_UP = "rewriting put off", "rewriting made up for"  # entries of the log


def write(store: Store, draft_store: Store, clock: Clock, wave: str, *, who: str, hold: float = HOLD_SECONDS) -> bool:
    """Write anew what a wave that is over left, and cut the logs; False where something is put off, as the log says."""
    limit = hold if waves.open_ones(store) and not _quiet(store, clock) else None
    whole = all([each.rebuild(wave, limit) for each in (store, draft_store)])
    for each in (store, draft_store):
        each.truncate_log()
    with store.read() as tx:
        owed = wave in {row["wave"] for row in tx.audit_put_off()}
    if whole == owed:
        with store.write() as tx:
            audit.append(tx, clock, who, MADE_UP if whole else PUT_OFF, wave, {})
    return whole


def _quiet(store: Store, clock: Clock) -> bool:
    """Whether it is night wherever a wave is open."""
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
        with self._store.read() as tx:
            owed = [row["wave"] for row in tx.audit_put_off()]
        if owed and _quiet(self._store, self._clock):
            for wave in owed:
                write(self._store, self._drafts, self._clock, wave, who=audit.operator())

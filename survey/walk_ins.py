"""Who comes by a poster gets an invitation of mode ``open``: in cells of its own, apart from the sample.

There is no list behind it and no one-answer rule that could hold, so it is in no rate, weight, estimate or point.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from survey import codes, invitations
from survey.clock import Clock
from survey.dispositions import State
from survey.guessing import network
from survey.invitations import Door
from survey.keys import Keyring
from survey.plan.wave_spec import WALK_IN
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

PER_ADDRESS = 12  # forms begun from one address within WINDOW: a counter's own wireless network is one address
PER_PROCESS = 60  # forms begun from everywhere, in one server process, within WINDOW
WINDOW = 600.0  # seconds
MEMORY = 20_000  # addresses; the longest quiet is forgotten first
STRATUM = "open"


class Full(Exception):
    """The channel has made as many forms as the wave file allows."""


class Pace:
    """How fast forms may be begun; counted in memory. ``now`` is the machine's unless a test says otherwise."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._guard = threading.Lock()
        self._addresses: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=PER_PROCESS)

    def take(self, address: str | None) -> bool:
        """Take a turn; False, and nothing taken, when this address or everybody together began too many."""
        with self._guard:
            now, key = self._now(), network(address)
            mine = self._addresses.setdefault(key, deque(maxlen=PER_ADDRESS))
            self._addresses.move_to_end(key)
            if len(self._addresses) > MEMORY:
                self._addresses.popitem(last=False)
            if any(len(each) == each.maxlen and now - each[0] < WINDOW for each in (mine, self._all)):
                return False
            mine.append(now)
            self._all.append(now)
            return True


def begin(store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, place: str, unit: str) -> str | None:
    """Make an invitation about ``unit`` for somebody at ``place``'s poster; return its code.

    None when the wave takes no answers. Raises Full, and KeyError where the wave has no such poster or unit.
    """
    channel = wave.spec.open
    poster = channel.poster(place) if channel else None
    if channel is None or poster is None or unit not in poster.units:
        raise KeyError(place)
    keys = keyring.wave(wave.spec.id)
    if keys is None or invitations.door(wave, clock) is not Door.OPEN:
        return None
    with store.write() as tx:
        if tx.invitation_wave_state(wave=wave.spec.id) != "open":
            return None
        if tx.walk_in_count(wave=wave.spec.id) >= channel.most:
            raise Full
        serial, generation = tx.invitation_last_serial(wave=wave.spec.id) + 1, 0
        code = codes.derive(keys.code, serial, generation)
        while invitations.by_lookup(tx, codes.lookup(keys.lookup, code)) is not None:
            generation += 1
            code = codes.derive(keys.code, serial, generation)
        row = {"lookup": codes.lookup(keys.lookup, code), "wave": wave.spec.id, "serial": serial}
        row |= {"generation": generation, "cell": _cell(tx, wave, channel.group, unit), "place": place}
        tx.invitation_add([row | {"frame_row": None}])
        made = invitations.by_serial(tx, wave.spec.id, serial)
        invitations.count_days(tx, clock, wave, [(made, State.ISSUED)])
    return code


def _cell(tx: Transaction, wave: RegisteredWave, group: str, unit: str) -> int:
    """The cell of walk-ins who speak about this unit, made when the first one comes."""
    units = json.dumps([[unit, 1.0]])
    found: int | None = tx.walk_in_cell(wave=wave.spec.id, grp=group, units=units)
    if found is not None:
        return found
    number = int(tx.draw_next_cell(wave=wave.spec.id))
    margins = dict.fromkeys(wave.spec.group(group).margins, "*")
    row = {"wave": wave.spec.id, "id": number, "grp": group, "stratum": STRATUM, "wclass": STRATUM}
    tx.draw_add_cells([row | {"margins": json.dumps(margins), "mode": WALK_IN, "units": units}])
    return number

"""Guessing codes is made slow, for right and wrong codes alike; nobody is locked out. Counted in memory, per process.

An address that met more than ``PER_MINUTE`` unknown codes within a minute is served one code request at a time, each
after ``PAUSE``. More than ``PER_SECOND`` over all addresses raises an alarm, and then every address with a recent
failure is slowed. docs/reference/guessing.md gives the odds.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from survey import logs

PER_MINUTE = 20
PER_SECOND = 20
PAUSE = 2.0  # seconds
MEMORY = 50_000  # addresses; the longest quiet is forgotten first
WAITING = 8  # requests of all addresses that wait: a quarter of a worker's threads, the rest are everybody else's
QUEUE = 4  # of them those of one address, so that none can take every place

log = logging.getLogger("phieu.guessing")


class Crowded(Exception):
    """Too many requests of this address, or of all that are slowed, wait already; it may come again in a moment."""


@dataclass
class _Address:
    failures: deque[float] = field(default_factory=lambda: deque(maxlen=PER_MINUTE + 1))
    turn: threading.Lock = field(default_factory=threading.Lock)
    waiting: int = 0


@lru_cache(maxsize=4096)
def network(address: str | None) -> str:
    """What counts as one address: IPv4 whole, IPv6 by /56, which is what one household gets."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 56), strict=False))
    return str(parsed)


class Guesses:
    """The memory of unknown codes. ``now`` and ``sleep`` are the machine's unless a test says otherwise."""

    def __init__(self, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._now, self._sleep = now, sleep
        self._guard = threading.Lock()
        self._addresses: OrderedDict[str, _Address] = OrderedDict()
        self._all: deque[float] = deque(maxlen=PER_SECOND + 1)
        self._alarmed_at = float("-inf")
        self._waiting = 0

    def wrong(self, address: str | None) -> None:
        """Note an unknown code. One that fails its own check character is a slip of the pen and is not noted."""
        with self._guard:
            now = self._now()
            key = network(address)
            self._addresses.setdefault(key, _Address()).failures.append(now)
            self._addresses.move_to_end(key)
            if len(self._addresses) > MEMORY:
                self._addresses.popitem(last=False)
            self._all.append(now)
            if self._flooded(now) and now - self._alarmed_at >= 60:
                self._alarmed_at = now
                said = logs.event("guessing", unknown_codes_in_a_second=PER_SECOND)
                log.warning("more than %d unknown codes a second: somebody is guessing", PER_SECOND, extra=said)

    def slowed(self, address: str | None) -> bool:
        """Whether this address is served slowly now."""
        with self._guard:
            known = self._addresses.get(network(address))
            return known is not None and self._slowed(known)

    @contextmanager
    def turn(self, address: str | None) -> Iterator[None]:
        """Wait for this address's turn, if it has to. Raises Crowded when too many wait already, its own or others."""
        with self._guard:
            known = self._addresses.get(network(address))
            slowed = known is not None and self._slowed(known)
            if known is not None and slowed:
                if known.waiting >= QUEUE or self._waiting >= WAITING:
                    raise Crowded
                known.waiting += 1
                self._waiting += 1
        if known is None or not slowed:
            yield
            return
        try:
            with known.turn:
                self._sleep(PAUSE)
                yield
        finally:
            with self._guard:
                known.waiting -= 1
                self._waiting -= 1

    def _slowed(self, known: _Address) -> bool:
        now = self._now()
        recent = sum(now - at < 60 for at in known.failures)
        return recent > PER_MINUTE or (recent > 0 and now - self._alarmed_at < 60)

    def _flooded(self, now: float) -> bool:
        return sum(now - at < 1 for at in self._all) > PER_SECOND

"""How often one token, or an address with wrong tokens, may ask. Counted in memory, by process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import ClassVar

PER_MINUTE = 60
MEMORY = 10_000  # askers; the longest quiet is forgotten first


class Limits:
    """``now`` is the machine's unless a test says otherwise."""

    NAME: ClassVar[str] = "phieu.api"

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._guard = threading.Lock()
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, asker: str) -> int:
        """Take a turn, and 0; or, nothing taken, the whole seconds after which there is one again."""
        with self._guard:
            now = self._now()
            mine = self._asked.setdefault(asker, deque(maxlen=PER_MINUTE))
            self._asked.move_to_end(asker)
            if len(self._asked) > MEMORY:
                self._asked.popitem(last=False)
            if len(mine) == PER_MINUTE and now - mine[0] < 60:
                return int(60 - (now - mine[0])) + 1
            mine.append(now)
            return 0

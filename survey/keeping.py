"""The web server, kept up: it goes on where its own loop gives up.

Granian ends altogether when a worker that it had just begun anew dies within 5.5 seconds, and no setting changes that:
a machine short of memory, or somebody who kills a worker twice, would stop the survey. Here a worker is begun anew as
often as it dies, after a pause where it died young, until ``MOST`` died within ``WINDOW``: then something is wrong that
beginning anew does not mend, and whoever watches over the server shall know.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from granian.server.mp import MPServer

MOST, WINDOW = 20, 60.0  # deaths; seconds
YOUNG, PAUSE = 5.0, 0.5  # seconds; a worker that dies at once shall not take a processor


class Kept(MPServer):
    """Granian with more patience."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._deaths: deque[float] = deque(maxlen=MOST)

    def _respawn_workers(
        self, workers: Sequence[int], spawn_target: Callable[..., Any], target_loader: Callable[..., Any],
        delay: float = 0,
    ) -> None:  # fmt: skip
        """What Granian's loop calls for workers that died (without delay), and when all are to be exchanged."""
        if delay:
            super()._respawn_workers(workers, spawn_target, target_loader, delay)
            return
        dead = [number for number in dict.fromkeys(workers) if not _lives(self.wrks[number])]
        now = time.monotonic()
        self._deaths.extend(now for _ in dead)
        if any(now - self.wrks[number].birth < YOUNG for number in dead):
            time.sleep(PAUSE)
        super()._respawn_workers(dead, spawn_target, target_loader)
        if not self._too_often(now):
            self.respawned_wrks.clear()  # by this alone its loop knows who died lately
        self._find_others()

    def _too_often(self, now: float) -> bool:
        return len(self._deaths) == MOST and now - self._deaths[0] < WINDOW

    def _find_others(self) -> None:
        """Its loop forgets who dies while it looks at those who died."""
        for number, worker in enumerate(self.wrks):
            if not _lives(worker) and number not in self.interrupt_children:
                self.interrupt_children.append(number)
        if self.interrupt_children:
            self.main_loop_interrupt.set()


def _lives(worker: Any) -> bool:
    return bool(worker.is_alive())

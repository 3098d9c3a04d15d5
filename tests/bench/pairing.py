"""Time two pieces of work in turn, A B A B …, and compare them pair by pair, so that a slow moment hits both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pairing:
    """Seconds of each run; ``goal`` is the largest ratio that is promised, None where nothing is."""

    name: str
    what: str
    reference: str
    work: tuple[float, ...]
    bare: tuple[float, ...]
    goal: float | None
    facts: Mapping[str, float] = field(default_factory=dict)
    """What was measured besides, and is promised in absolute figures."""

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return statistics.median(ours / theirs for ours, theirs in zip(self.work, self.bare, strict=True))

    def record(self) -> dict[str, object]:
        """What ``instance/bench.json`` keeps."""
        return {
            "name": self.name,
            "what": self.what,
            "reference": self.reference,
            "seconds": statistics.median(self.work),
            "reference_seconds": statistics.median(self.bare),
            "ratio": self.ratio,
            "goal": self.goal,
            "runs": len(self.work),
            "facts": dict(self.facts),
        }


def paired(
    name: str,
    what: str,
    reference: str,
    work: Callable[[], object],
    bare: Callable[[], object],
    *,
    goal: float | None = None,
    runs: int = 5,
) -> Pairing:
    """Run each once to warm up, then ``runs`` times in turn."""
    work(), bare()
    ours, theirs = [], []
    for _ in range(runs):
        for call, seconds in ((work, ours), (bare, theirs)):
            start = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - start)
    return Pairing(name, what, reference, tuple(ours), tuple(theirs), goal)

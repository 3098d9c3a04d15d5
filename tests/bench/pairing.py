"""Time two pieces of work in turn, A B A B …, and compare them pair by pair, so that a slow moment hits both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.bench.figures import Figure


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

    def figures(self) -> list[Figure]:
        """The ratio with its goal, the seconds it comes from, and what was measured besides."""
        return [
            Figure(self.name, self.what, self.ratio, "×", self.goal, reference=self.reference),
            Figure(self.name, "seconds", statistics.median(self.work), "s"),
            Figure(self.name, "seconds of the reference", statistics.median(self.bare), "s"),
            *(Figure(self.name, fact, value, "") for fact, value in self.facts.items()),
        ]


def paired(
    name: str,
    what: str,
    reference: str,
    work: Callable[[], object],
    bare: Callable[[], object],
    *,
    goal: float | None = None,
    runs: int = 5,
    warm: bool = True,
) -> Pairing:
    """Run each once to warm up, unless it takes minutes, then ``runs`` times in turn."""
    if warm:
        work(), bare()
    ours, theirs = [], []
    for _ in range(runs):
        for call, seconds in ((work, ours), (bare, theirs)):
            start = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - start)
    return Pairing(name, what, reference, tuple(ours), tuple(theirs), goal)

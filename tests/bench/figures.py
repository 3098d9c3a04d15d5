"""One figure of a bench: what was measured, what is promised, and whether it is kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """``goal`` is the least or the most that is promised (``at_least``), None where nothing is."""

    bench: str
    what: str
    value: float
    unit: str = "×"
    goal: float | None = None
    at_least: bool = False
    reference: str = ""

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept; None where there is none."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    @property
    def promise(self) -> str:
        """The goal in signs."""
        return "" if self.goal is None else f"{'≥' if self.at_least else '≤'} {self.goal:g}"

    def record(self) -> dict[str, Any]:
        """What ``instance/bench.json`` keeps."""
        return asdict(self) | {"kept": self.kept}

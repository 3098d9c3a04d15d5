"""What a result says of its wave, its framework and its returns.

As in ``result``: shares in [0, 1], and ``None`` means "cannot be said".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateRow:
    """Return figures of one unit, group or unit × group, from the design's dispositions.

    ``issued``/``returned``/``valid`` are forms; ``hidden`` rows are below k or needed to protect one that is
    (METHOD §8): print the row's label and no number. A unit's rows count an invitation under each unit it assesses.
    """

    by: Mapping[str, str]
    issued: int
    returned: int
    valid: int
    hidden: bool = False

    @property
    def return_rate(self) -> float | None:
        """Tỷ lệ thu hồi = thu về ÷ phát ra, in [0, 1]."""
        return self.returned / self.issued if self.issued else None

    @property
    def valid_rate(self) -> float | None:
        """Tỷ lệ hợp lệ = hợp lệ ÷ thu về, in [0, 1]."""
        return self.valid / self.returned if self.returned else None


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """Valid assessments of one unit by one group; ``n`` is ``None`` when hidden (METHOD §8)."""

    unit: str
    group: str
    n: int | None


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """What the pages say of the wave; ``title`` by language; ``non_probability``: nobody was drawn."""

    id: str
    title: Mapping[str, str]
    opens: str
    closes: str
    simulated: bool
    interim: bool
    k: int
    unit_names: Mapping[str, Mapping[str, str]]
    group_names: Mapping[str, Mapping[str, str]]
    non_probability: bool = False


@dataclass(frozen=True, slots=True)
class FrameworkFacts:
    """Which framework counted the points."""

    id: str
    hash: str
    title: Mapping[str, str]
    illustrative: bool

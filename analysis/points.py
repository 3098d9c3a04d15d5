"""Survey and appraised points of one kind side by side, and the index that they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.design import Floats
from analysis.index import Answers, Presence, Scale, Uncertainty
from analysis.intervals import t_width
from analysis.result import USUAL, Mark, Quality
from analysis.stepping import Stepped

FULL = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """(U, S) ``survey`` and ``appraised`` points, 0 where there are none to earn, nan where missing.

    ``level`` of the intervals, whose width decides with ``quality`` what is marked or withheld; ``own``: what the units
    gave themselves, by unit and subcriterion.
    """

    scale: Scale
    given: Answers
    present: Presence
    survey: Floats
    appraised: Floats
    sure: Uncertainty
    steps: Stepped | None = None
    covered: frozenset[tuple[str, str]] = frozenset()
    quality: Quality = USUAL
    level: float = 0.95
    own: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def total(self) -> Floats:
        """(U, S) points of each subcriterion."""
        return np.asarray(self.survey + self.appraised)

    @property
    def index(self) -> Floats:
        """(U,) points ÷ applicable maximum × 100; nan where something is missing or nothing applies."""
        return rescaled(self.total.sum(axis=1), self.scale.maximum)

    def breadth(self, variance: float, df: float, maximum: float) -> frozenset[Mark]:
        """The mark of an estimate's interval on the scale of its ``maximum``."""
        return self.quality.marks(t_width(float(variance), float(df), self.level) * FULL / maximum)


def rescaled(points: Floats, maximum: Floats) -> Floats:
    """Points on the scale to 100 (quy đổi về thang 100), kept from leaving it by the last bit."""
    share = np.divide(points, maximum, out=np.full_like(points, np.nan), where=maximum > 0)
    return np.asarray(np.clip(share * FULL, 0.0, FULL))


def appraised_points(scale: Scale, table: Mapping[str, Mapping[str, float]]) -> Floats:
    """(U, S) appraised points; 0 where none can be earned, nan where they can and none were given."""
    given = [[table.get(unit, {}).get(sub.id, np.nan) for sub in scale.subcriteria] for unit in scale.units]
    values = np.array(given, dtype=np.float64).reshape(scale.applies.shape)
    return np.where(scale.appraised > 0, values, 0.0)

"""The sampling design of a set of rows: strata, clusters, weights and sampling fractions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from forms.faults import Faults

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Bools = NDArray[np.bool_]

# A stratum taken whole to within this much has no sampling error (R `survey`, onestrat()).
WHOLE = 1e-7


class Lonely(StrEnum):
    """What a stratum with one primary sampling unit contributes to a variance (METHOD §5)."""

    FAIL = "fail"
    CERTAINTY = "certainty"
    ADJUST = "adjust"
    AVERAGE = "average"


class Df(StrEnum):
    """Which primary sampling units and strata count as degrees of freedom."""

    DESIGN = "design"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True, eq=False)
class SecondStage:
    """Second-stage units: a code for each row (n,), and the fraction taken of each PSU, by PSU code (P,)."""

    unit: Codes
    fraction: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """How n rows were drawn.

    ``stratum`` (n,) codes from 0 into ``strata``; ``psu`` (n,) codes from 0, each within one stratum;
    ``weight`` (n,) not negative; ``fraction`` (H,) the share f_h of the stratum's PSUs that was drawn
    (0: with replacement, or not known); ``strata`` (H,) names for messages.
    Rows of weight 0 stay: their PSUs are part of the design. Raises Faults when the parts disagree.
    """

    stratum: Codes
    psu: Codes
    weight: Floats
    fraction: Floats
    strata: tuple[str, ...]
    second: SecondStage | None = None

    def __post_init__(self) -> None:
        if not self.stratum.shape == self.psu.shape == self.weight.shape or self.stratum.ndim != 1:
            raise ValueError("stratum, psu and weight must be vectors of one length")
        if len(self.strata) != len(self.fraction):
            raise ValueError("each stratum needs one sampling fraction")
        if not (np.isfinite(self.weight).all() and (self.weight >= 0).all()):
            raise Faults("a weight is missing or negative")
        if not ((self.fraction >= 0) & (self.fraction <= 1)).all():
            raise Faults("a sampling fraction is outside 0 to 1")
        home = np.zeros(self.psu.max(initial=-1) + 1, np.int64)
        home[self.psu] = self.stratum
        if (home[self.psu] != self.stratum).any():
            raise Faults("a primary sampling unit lies in two strata")

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.weight)

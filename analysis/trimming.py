"""No row counts for too many: weights above a limit come down, the others take over what they lose (METHOD §4)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.calibration import Calibration
from analysis.design import Floats
from forms.faults import Faults

ROUNDS = 20
# Trimming undoes a little of the calibration and the other way round: a weight this close to the limit keeps to it.
_SLACK = 1e-3


def limit_of(weight: Floats, times: float) -> float:
    """``times`` the median of the weights above 0. Raises Faults unless times is above 1."""
    if not times > 1:
        raise Faults(f"--trim {times:g}: the limit is so many times the median weight, and must be above 1")
    return times * float(np.median(weight[weight > 0]))


def trimmed(weight: Floats, limit: float) -> Floats:
    """Weights (n,) with the same sum, none above ``limit``; the excess goes to the others in proportion.

    Raises Faults when the mean weight is above the limit.
    """
    positive = weight[weight > 0]
    if positive.mean() > limit:
        raise Faults(f"weights with a mean of {positive.mean():.6g} cannot all be held under {limit:.6g}")
    found, total = weight.copy(), weight.sum()
    high = np.zeros(len(weight), np.bool_)
    while (above := found > limit * (1 + 1e-12)).any():
        high |= above
        rest = found[~high].sum()
        room = total - limit * high.sum()
        found = np.where(high, limit, found * (room / rest if rest > 0 else 1.0))
    return found


def held(weight: Floats, limit: float, met: Callable[[Floats], Calibration]) -> tuple[Calibration, int]:
    """Calibrate, and trim and calibrate again while a weight is above the limit, at most 20 rounds.

    Returns the last calibration, from the trimmed weights of its round, and the number of trimmings. Raises Faults when
    the limit cannot be kept.
    """
    done = met(weight)
    for number in range(ROUNDS):
        above = done.weight > limit * (1 + _SLACK)
        if not above.any():
            return done, number
        done = met(trimmed(done.weight, limit))
    above = done.weight > limit * (1 + _SLACK)
    if above.any():
        raise Faults(
            f"after {ROUNDS} rounds of trimming and calibration {int(above.sum())} weights are still above "
            f"{limit:.6g}: raise --trim or ask for fewer margins"
        )
    return done, ROUNDS

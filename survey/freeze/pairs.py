"""pairs.parquet: per group, assessments eligible, assigned and returned, by unit and by pair of units.

A unit with itself is the unit's own row: an invitation counts under each unit that it assesses. What two units share
tells how far their figures hang together: the same persons assess both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

import pyarrow as pa

from analysis.rates import RETURNED
from survey.dispositions import Disposition, State
from survey.freeze.opening import Cell

NOT_ELIGIBLE = (Disposition.SCREENED_OUT, State.INELIGIBLE)


@dataclass(slots=True)
class _Count:
    eligible: float = 0.0
    assigned: int = 0
    returned: int = 0
    valid: int = 0


def pairs(dispositions: Mapping[tuple[Cell, str], int], blocks: Collection[str], valid: Collection[str]) -> pa.Table:
    """Rows ``group, unit, other, eligible, assigned, returned, valid``, each pair once (``unit`` ≤ ``other``).

    ``blocks``: groups whose members were each given some of the units; the weights know the chance of a unit, not of a
    pair, so that ``eligible`` (base-weighted, screened out and ineligible left out) is null for their pairs.
    ``valid``: the dispositions that the wave counts as valid.
    """
    counts: dict[tuple[str, str, str], _Count] = {}
    for (cell, state), number in dispositions.items():
        for (unit, weight), (other, _) in combinations_with_replacement(sorted(cell.units), 2):
            count = counts.setdefault((cell.label.group, unit, other), _Count())
            count.eligible += 0.0 if state in NOT_ELIGIBLE else number * weight
            count.assigned += number
            count.returned += number if state in RETURNED else 0
            count.valid += number if state in valid else 0
    order = sorted(counts)
    known = [key[1] == key[2] or key[0] not in blocks for key in order]
    return pa.table(
        {
            "group": pa.array([group for group, _, _ in order], pa.string()),
            "unit": pa.array([unit for _, unit, _ in order], pa.string()),
            "other": pa.array([other for _, _, other in order], pa.string()),
            "eligible": pa.array(
                [counts[key].eligible if told else None for key, told in zip(order, known, strict=True)], pa.float64()
            ),
            "assigned": pa.array([counts[key].assigned for key in order], pa.int64()),
            "returned": pa.array([counts[key].returned for key in order], pa.int64()),
            "valid": pa.array([counts[key].valid for key in order], pa.int64()),
        }
    )

"""The first-stage units of a two-stage group: who belongs to which, and the fractions of both stages (METHOD §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from analysis.design import Codes, Floats, SecondStage


@dataclass(frozen=True, slots=True, eq=False)
class Stages:
    """``psu`` (n,) codes from 0; ``second``: the persons in them; ``population``: stratum → units in the list.

    ``replacement``: the first stage was drawn with unequal probabilities, so that its fraction counts as 0.
    """

    psu: Codes
    second: SecondStage
    population: Mapping[str, int]
    replacement: bool

    def fraction(self, strata: Sequence[str], responding: int) -> float:
        """f_h of strata taken together: responding first-stage units of all there are; 0 for PPS."""
        whole = sum(self.population.get(stratum, 0) for stratum in strata)
        return 0.0 if self.replacement or not whole else min(1.0, responding / whole)


def stages(psu: Codes, person: Codes, table: pa.Table, first_stage: str) -> Stages:
    """``psu`` (n,) numbers as in the dataset, ``person`` (n,) codes, ``table``: the group's rows of psu.parquet.

    f_hi is the share of the unit's people in the list who answered.
    """
    numbers, codes = np.unique(psu, return_inverse=True)
    rows = {row["psu"]: row for row in table.to_pylist()}
    fraction: Floats = np.array([_share(rows[number]) for number in numbers.tolist()])
    population = {row["stratum"]: row["psus_population"] for row in rows.values()}
    return Stages(codes.astype(np.int64), SecondStage(person, fraction), population, first_stage == "pps")


def _share(row: Mapping[str, int]) -> float:
    return min(1.0, row["responding"] / row["population"]) if row["population"] else 0.0

"""Forms filled in faster than anybody reads (Huang, Curran, Keeney, Poposki and DeShon, 2012).

A dataset has no durations, only bands: too fast, usual, long; the limits are the wave's, in seconds an item.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from analysis.dataset import Dataset
from analysis.design import Bools, Codes

FAST = 0
COLUMN = "duration_band"


@dataclass(frozen=True, slots=True, eq=False)
class Paced:
    """A group's rows (n,): too fast, of those whose pace is known; codes into ``units``."""

    fast: Bools
    known: Bools
    unit: Codes
    units: tuple[str, ...]
    respondent: Codes


def paced(dataset: Dataset, group: str) -> Paced | None:
    """None where the dataset knows no pace of the group."""
    if COLUMN not in dataset.columns:
        return None
    rows = dataset.table(["respondent", "unit", COLUMN], group)
    band = rows[COLUMN].combine_chunks()
    known = band.is_valid().to_numpy(zero_copy_only=False)
    if not known.any():
        return None
    coded = rows["unit"].cast(pa.string()).combine_chunks().dictionary_encode()
    return Paced(
        np.asarray(band.fill_null(-1).to_numpy(zero_copy_only=False) == FAST), known,
        coded.indices.to_numpy().astype(np.int64), tuple(coded.dictionary.to_pylist()), rows["respondent"].to_numpy(),
    )  # fmt: skip

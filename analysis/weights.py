"""Base weight × nonresponse, each step kept and shown; the design of a wave's respondents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from analysis.dataset import Dataset
from analysis.design import Design, Floats


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the weighting: smallest, largest and sum of the weights after it."""

    name: str
    low: float
    high: float
    sum: float


@dataclass(frozen=True, slots=True, eq=False)
class WaveDesign:
    """A group's assessments with the design of METHOD §5 "In a wave".

    ``table``: the group's rows of assessments.parquet, in the order of ``design``'s vectors; ``design.weight`` is the
    final weight; ``factor`` (n,) the nonresponse factor in it; ``kish`` the weighting deff over respondents;
    ``notes``: every merged class, collapsed stratum and "conservative" choice, one English sentence each.
    """

    table: pa.Table
    design: Design
    base: Floats
    factor: Floats
    steps: tuple[Step, ...]
    kish: float
    notes: tuple[str, ...]


def wave_design(dataset: Dataset, group: str, columns: Sequence[str] | None = None) -> WaveDesign:
    """Rows, weights and design of one group; ``columns`` besides those of the design (None: all)."""
    raise NotImplementedError

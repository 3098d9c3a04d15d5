"""When the forms came back: days.parquet, counted by day and group, never fewer than k at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.counted import of_dataset
from analysis.dataset import DAYS, Dataset


@dataclass(frozen=True, slots=True)
class Days:
    """A group's returns: ``issued`` invitations; ``day`` and how many had come back by its end, in order."""

    group: str
    issued: int
    returned: tuple[tuple[date, int], ...]


def days(dataset: Dataset, group: str) -> Days | None:
    """The returns of a group; None where the dataset does not say, says one day only, or the group is hidden."""
    if DAYS not in dataset.manifest.get("files", {}) or of_dataset(dataset).group(group):
        return None
    table = pq.read_table(dataset.path / DAYS)
    own = table.filter(pc.equal(table["group"], group)).sort_by("day").to_pylist()
    if len(own) < 2:
        return None
    sums, gained = [], 0
    for row in own:
        gained += row["returned"]
        sums.append((row["day"], gained))
    return Days(group, int(own[0]["issued"]), tuple(sums))

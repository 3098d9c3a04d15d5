"""The answers that the checks look at: one table of choice positions a group, rows as in the dataset."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis.dataset import Dataset
from analysis.design import Codes

Positions = NDArray[np.int8]

NONE = -9  # not asked, left blank, declined or not known
FEWEST = 8  # answers about one office from which a pattern can be told


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """A group's answers to the scale items about an office.

    ``table`` (n, k) positions from 0, NONE where there is no answer; ``levels`` choices of the scale; ``unit`` (n,)
    codes into ``units``; ``respondent`` (n,); ``asked`` (n,) items that were shown, ``answered`` (n,) those answered.
    """

    group: str
    items: tuple[str, ...]
    levels: int
    table: Positions
    unit: Codes
    units: tuple[str, ...]
    respondent: Codes
    asked: Codes

    @property
    def answered(self) -> Codes:
        """Answers a row (n,)."""
        return np.asarray((self.table != NONE).sum(axis=1), np.int64)

    @property
    def enough(self) -> NDArray[np.bool_]:
        """Rows (n,) from which a pattern can be told."""
        return self.answered >= FEWEST

    def about(self, units: Collection[str]) -> Answers:
        """The rows about these offices."""
        kept = [code for code, unit in enumerate(self.units) if unit in units]
        rows = np.isin(self.unit, kept)
        return Answers(
            self.group, self.items, self.levels, self.table[rows], np.searchsorted(kept, self.unit[rows]),
            tuple(self.units[code] for code in kept), self.respondent[rows], self.asked[rows],
        )  # fmt: skip


def answers(dataset: Dataset, group: str) -> Answers | None:
    """The scale items that this group was asked about each office, on the scale that most of them share.

    None where there are fewer than ``FEWEST`` of them.
    """
    asked = dataset.group(group)["questionnaire"]
    scales: dict[int, list[str]] = {}
    for item in dataset.codebook["items"]:
        if item["type"] == "scale" and asked in item["questionnaires"] and item.get("each", "unit") == "unit":
            scales.setdefault(len(item["choices"]), []).append(item["id"])
    levels, items = max(scales.items(), key=lambda each: len(each[1]), default=(0, []))
    if len(items) < FEWEST:
        return None
    rows = dataset.table(["respondent", "unit", *items], group)
    columns = [rows[item].combine_chunks() for item in items]
    table = np.stack([_positions(column) for column in columns], axis=1)
    shown = np.stack([column.is_valid().to_numpy(zero_copy_only=False) for column in columns], axis=1)
    coded = rows["unit"].cast(pa.string()).combine_chunks().dictionary_encode()
    return Answers(
        group, tuple(items), levels, table, coded.indices.to_numpy().astype(np.int64),
        tuple(coded.dictionary.to_pylist()), rows["respondent"].to_numpy(), np.asarray(shown.sum(axis=1), np.int64),
    )  # fmt: skip


def _positions(column: pa.Array) -> Positions:
    found = column.cast(pa.int8()).fill_null(NONE).to_numpy(zero_copy_only=False)
    return np.where(found < 0, NONE, found).astype(np.int8)

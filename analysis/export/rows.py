"""The rows of a dataset in batches, with the weight and the design that the estimates use beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.dataset import ASSESSMENTS, Dataset
from analysis.design import Codes, Floats
from analysis.export.marks import marks
from analysis.export.variables import FPC, FPC2, STRATUM, WEIGHT, Variable, replicate, said, variables
from analysis.replicates import Replicator
from analysis.weights import wave_design
from forms.faults import Faults

BATCH = 32_768
MOST_REPLICATED = 50_000_000
"""Cells of replicate weights, which are drawn whole before the first row is written: 400 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A dataset ready to be written: ``variables`` in the order of the batches' columns, ``total`` rows.

    ``weight``, ``fpc``, ``fpc2`` (total,); ``stratum`` (total,) a place in ``strata``; ``replicates`` (total, R).
    """

    dataset: Dataset
    language: str
    variables: tuple[Variable, ...]
    total: int
    weight: Floats
    fpc: Floats
    fpc2: Floats | None
    stratum: Codes
    strata: tuple[str, ...]
    replicates: Floats

    @property
    def notes(self) -> list[str]:
        """What whoever exports is told of any format."""
        return [*self.warnings, *(f"{each.column} is called {each.name}" for each in self.variables if each.column)]

    @property
    def warnings(self) -> list[str]:
        """``marks`` for programs and those who write them, in English."""
        return [said(mark.whole, "en") for mark in marks(self.dataset.manifest)]

    @property
    def marks(self) -> list[str]:
        """What must be known before a number is read, in the language of the labels."""
        return [said(mark.whole, self.language) for mark in marks(self.dataset.manifest)]

    @property
    def title(self) -> str:
        """The wave's, with what must be known before it."""
        short = [said(mark.short, self.language) for mark in marks(self.dataset.manifest)]
        return " – ".join([*short, said(self.dataset.manifest["wave"]["title"], self.language)])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Every row in the dataset's order; words as strings, answers as their codes."""
        done = 0
        file = pq.ParquetFile(self.dataset.path / ASSESSMENTS)
        for batch in file.iter_batches(BATCH):
            here = slice(done, done + batch.num_rows)
            done += batch.num_rows
            beside: dict[str, pa.Array] = {
                WEIGHT: pa.array(self.weight[here]),
                STRATUM: pa.array(self.strata, pa.string()).take(pa.array(self.stratum[here])),
                FPC: pa.array(self.fpc[here]),
            }
            if self.fpc2 is not None:
                beside[FPC2] = pa.array(self.fpc2[here])
            beside |= {replicate(at): pa.array(column) for at, column in enumerate(self.replicates[here].T)}
            columns = [
                beside[each.name] if each.name in beside else _plain(batch.column(each.column or each.name))
                for each in self.variables
            ]
            yield pa.RecordBatch.from_arrays(columns, [each.name for each in self.variables])


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def rows(dataset: Dataset, language: str, replicates: int = 0) -> Rows:
    """Weights and design of every group, as the estimates of a report use them, and so many replicate weights.

    Replicates are those of ``analysis.replicates``, seeded by the dataset's hash; nonresponse is not adjusted
    anew in each. Raises Faults for an empty dataset, and for more replicates than memory is given to.
    """
    group = dataset.table(["group"])["group"].cast(pa.string()).combine_chunks()
    total = len(group)
    if not total:
        raise Faults(f"{dataset.path} has no assessments to export")
    if replicates * total > MOST_REPLICATED:
        most = MOST_REPLICATED // total
        raise Faults(f"{replicates:,} replicate weights of {total:,} rows are too many for memory: --replicates {most}")
    weight, fpc, stratum = np.zeros(total), np.zeros(total), np.zeros(total, np.int64)
    fpc2: Floats | None = None
    strata: list[str] = []
    again, rng = np.zeros((total, replicates), order="F"), np.random.default_rng(int(dataset.hash[:8], 16))
    for name in pc.unique(group).to_pylist():
        mine = pc.equal(group, name).to_numpy(zero_copy_only=False)
        found = wave_design(dataset, name, columns=()).design
        weight[mine] = found.weight
        fpc[mine] = found.fraction[found.stratum]
        stratum[mine] = found.stratum + len(strata)
        strata += [f"{name}/{each}" for each in found.strata]
        if replicates:
            drawn = Replicator.of(found)
            for at in range(replicates):
                again[mine, at] = drawn.factors(rng) * found.weight
        if found.second is not None:
            fpc2 = np.ones(total) if fpc2 is None else fpc2  # whose own first-stage unit one is, is in it whole
            fpc2[mine] = found.second.fraction[found.psu]
    described = variables(dataset, language, staged=fpc2 is not None, replicates=replicates, strata=strata)
    return Rows(dataset, language, described, total, weight, fpc, fpc2, stratum, tuple(strata), again)

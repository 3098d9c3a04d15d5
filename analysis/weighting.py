"""The weights of any file, step by step: its design, who answered, trimming, and known totals (METHOD §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from analysis.assembly import Layout, design_of
from analysis.calibration import Calibration
from analysis.design import Design, Floats
from analysis.margins import Known, Margins, known
from analysis.response import ClassFactor, Outcome, Response, Sorted, sorted_out
from analysis.sheet import Sheet
from analysis.trimming import held, limit_of, trimmed
from analysis.weights import kish
from forms.faults import Fault, Faults
from forms.harmless import harmless, harmless_cell

FINAL = "weight"
_COLUMN = "weight_{}"


@dataclass(frozen=True, slots=True, eq=False)
class Cascade:
    """What became of some base weights: ``steps`` by name, (n,) each, the last one final."""

    steps: Mapping[str, Floats]
    classes: tuple[ClassFactor, ...] = ()
    calibration: Calibration | None = None
    trimmings: int = 0

    @property
    def final(self) -> Floats:
        """(n,) weights after the last step; 0 for rows that do not count."""
        return list(self.steps.values())[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """The steps to take, with all that is read from files; ``limit``: of trimming."""

    sorted: Sorted | None = None
    limit: float | None = None
    known: Known | None = None

    def run(self, base: Floats) -> Cascade:
        """All steps on base weights (n,). Raises Faults naming an empty class or a total that cannot be met."""
        steps, weight = {"base": base}, base
        classes: tuple[ClassFactor, ...] = ()
        if self.sorted is not None:
            eligible, weight, classes = self.sorted.adjusted(base)
            if self.sorted.has(Outcome.UNKNOWN).any():
                steps["eligibility"] = eligible
            steps["nonresponse"] = weight
        if self.limit is not None:
            steps["trimmed"] = weight = trimmed(weight, self.limit)
        if self.known is None:
            return Cascade(steps, classes)
        done, again = (self.known.met(weight), 0) if self.limit is None else held(weight, self.limit, self.known.met)
        return Cascade({**steps, "calibrated": done.weight}, classes, done, again)


@dataclass(frozen=True, slots=True, eq=False)
class Weighting:
    """A file's design, the chain of steps, what it made of the base weights, and notes."""

    design: Design
    chain: Chain
    cascade: Cascade
    notes: tuple[str, ...]

    def replicate(self, factor: Floats) -> Floats:
        """Final weights (n,) of base weights times ``factor`` (n,): who answered and the totals anew.

        What trimming took off or gave a row stays as it was: the limit is for a person, not for one drawn thrice.
        Raises Faults as the steps do.
        """
        steps, sorted_, totals = self.cascade.steps, self.chain.sorted, self.chain.known
        base = steps["base"] * factor
        weight = base if sorted_ is None else sorted_.adjusted(base)[1]
        if "trimmed" in steps:
            was = steps.get("nonresponse", steps["base"])
            now = steps["trimmed"] if self.cascade.calibration is None else self.cascade.calibration.before
            weight = weight * np.divide(now, was, out=np.ones(len(was)), where=was > 0)
        return weight if totals is None else totals.met(weight).weight

    def columns(self) -> dict[str, Floats]:
        """A column a step: ``weight_base`` …, the last one ``weight``."""
        names = list(self.cascade.steps)
        named = [_COLUMN.format(name) for name in names[:-1]] if len(names) > 1 else [_COLUMN.format("base")]
        values = list(self.cascade.steps.values())
        return dict(zip([*named, FINAL], values if len(names) > 1 else values * 2, strict=True))

    def document(self) -> dict[str, Any]:
        """Steps with n, smallest, largest and summed weight and the weighting deff; classes; how calibration went."""
        sorted_ = self.chain.sorted
        eligibility = None
        if sorted_ is not None and sorted_.has(Outcome.UNKNOWN).any():
            eligibility = {"e": sorted_.share(self.cascade.steps["base"]), "given": sorted_.e is not None}
        trimming = None if self.chain.limit is None else {
            "limit": self.chain.limit, "again_after_calibration": self.cascade.trimmings,
        }  # fmt: skip
        return {
            "steps": [summary(name, weight) for name, weight in self.cascade.steps.items()],
            "eligibility": eligibility,
            "classes": [one.document() for one in self.cascade.classes],
            "trimming": trimming,
            "calibration": None if self.cascade.calibration is None else _calibrated(self.cascade.calibration),
            "notes": list(self.notes),
        }


def summary(name: str, weight: Floats) -> dict[str, Any]:
    """A step: rows of positive weight, their least and greatest weight and sum, and Kish's weighting deff."""
    kept = weight[weight > 0]
    return {"step": name, "n": len(kept), "min": float(kept.min()), "max": float(kept.max()), "sum": float(kept.sum()),
            "weighting_deff": kish(kept)}  # fmt: skip


def _calibrated(done: Calibration) -> dict[str, Any]:
    moved = done.g[done.before > 0]
    before, reached = done.before @ done.auxiliary, done.weight @ done.auxiliary
    return {
        "rounds": done.rounds,
        "misfit": done.misfit,
        "least_factor": float(moved.min()),
        "greatest_factor": float(moved.max()),
        "convergence": [{"round": number, "misfit": misfit} for number, misfit in enumerate(done.history)],
        "terms": [
            {"term": name, "before": was, "reached": now, "total": total}
            for name, was, now, total in zip(
                done.names, before.tolist(), reached.tolist(), done.totals.tolist(), strict=True
            )
        ],
    }


def weighting(
    sheet: Sheet, layout: Layout, margins: Margins, response: Response | None = None, trim: float | None = None
) -> Weighting:
    """Weights of a file; ``trim``: no weight above so many times the median. Raises Faults as the steps do."""
    design, notes = design_of(sheet, layout)
    found = None if response is None else sorted_out(sheet, design.weight, response)
    weight = design.weight if found is None else found.adjusted(design.weight)[1]
    limit = None if trim is None else limit_of(weight, trim)
    chain = Chain(found, limit, known(sheet, weight, margins) if margins else None)
    return Weighting(design, chain, chain.run(design.weight), (*notes, *(found.notes if found else ())))


def write(sheet: Sheet, columns: Mapping[str, Floats], target: Path) -> None:
    """Every column of the sheet, then these, as CSV or Parquet. Raises Faults for names that are taken."""
    taken = [name for name in columns if name in sheet.columns]
    if taken:
        raise Faults(Fault("the file has a column of this name already", sheet.name, column=name) for name in taken)
    table = pa.table({**sheet.columns, **{name: np.asarray(values) for name, values in columns.items()}})
    if target.suffix.lower() == ".parquet":
        pq.write_table(table, target)
    elif target.suffix.lower() == ".csv":
        pacsv.write_csv(_guarded(table), target)
    else:
        raise Faults([Fault("must end in .csv or .parquet", str(target))])


def _guarded(table: pa.Table) -> pa.Table:
    """The sheet's text as it stood in the file: its reader took off what keeps spreadsheets from running it."""
    columns = [_harmless(column) if pa.types.is_string(column.type) else column for column in table.columns]
    return pa.Table.from_arrays(columns, names=[harmless(name) for name in table.column_names])


def _harmless(column: pa.ChunkedArray) -> pa.ChunkedArray:
    levels = column.unique()
    made = pa.array([None if level is None else harmless_cell(level) for level in levels.to_pylist()], pa.string())
    return column if made.equals(levels) else made.take(pc.index_in(column, levels))

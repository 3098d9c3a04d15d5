"""The weights of any file, step by step: what its design gives, and what known totals make of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from analysis.assembly import Layout, design_of
from analysis.calibration import Calibration
from analysis.design import Floats
from analysis.margins import Margins, calibrated
from analysis.sheet import Sheet
from analysis.weights import kish
from forms.faults import Fault, Faults

BASE, FINAL = "weight_base", "weight"


@dataclass(frozen=True, slots=True, eq=False)
class Weighting:
    """``base`` and ``final`` (n,) weights; the calibration between them, if there was one; notes."""

    base: Floats
    final: Floats
    calibration: Calibration | None
    notes: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Steps with smallest and largest positive weight, sum and weighting deff; how the calibration went."""
        steps = [_step("base", self.base)]
        done = self.calibration
        if done is None:
            return {"steps": steps, "calibration": None, "notes": list(self.notes)}
        moved = done.g[self.base > 0]
        told = {"rounds": done.rounds, "misfit": done.misfit, "least_factor": float(moved.min()),
                "greatest_factor": float(moved.max())}  # fmt: skip
        return {"steps": [*steps, _step("calibrated", self.final)], "calibration": told, "notes": list(self.notes)}

    def write(self, sheet: Sheet, target: Path) -> None:
        """Every column of the sheet, then the weights, as CSV or Parquet. Raises Faults for names that are taken."""
        taken = [name for name in (BASE, FINAL) if name in sheet.columns]
        if taken:
            raise Faults(Fault("the file has a column of this name already", sheet.name, column=name) for name in taken)
        table = pa.table({**sheet.columns, BASE: self.base, FINAL: self.final})
        if target.suffix.lower() == ".parquet":
            pq.write_table(table, target)
        elif target.suffix.lower() == ".csv":
            pacsv.write_csv(table, target)
        else:
            raise Faults([Fault("must end in .csv or .parquet", str(target))])


def _step(name: str, weight: Floats) -> dict[str, Any]:
    kept = weight[weight > 0]
    return {"step": name, "low": float(kept.min()), "high": float(kept.max()), "sum": float(kept.sum()),
            "kish": kish(kept)}  # fmt: skip


def weighting(sheet: Sheet, layout: Layout, margins: Margins) -> Weighting:
    """Weights of a file. Raises Faults as ``design_of`` and ``calibrated`` do."""
    design, notes = design_of(sheet, layout)
    if not margins:
        return Weighting(design.weight, design.weight, None, notes)
    final, done = calibrated(sheet, design, margins)
    return Weighting(design.weight, final.weight, done, notes)

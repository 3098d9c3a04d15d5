"""Estimates and their covariance from files, for ``phieu ranks``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis import delimited
from analysis.delimited import Delimited
from forms.faults import Fault, Faults

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """p units with an estimate each, and their covariance (p, p); ``left_out`` have none."""

    units: tuple[str, ...]
    estimate: Vector
    covariance: Matrix
    left_out: tuple[str, ...]
    independent: bool

    @property
    def se(self) -> Vector:
        """(p,) standard errors."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0.0, None))


def read(
    file: Path, *, estimate: str, se: str | None = None, unit: str | None = None, covariance: Path | None = None
) -> Estimates:
    """Read a file of estimates and, where given, a covariance file. Raises ``Faults``.

    The covariance file holds a heading of unit names and one line a unit, in the heading's order.
    """
    if se is None and covariance is None:
        raise Faults("give the column of standard errors (--se) or a covariance file (--covariance)")
    table = delimited.read(file)
    table.require([name for name in (estimate, se, unit) if name is not None])
    faults: list[Fault] = []
    names = [row.cells[unit] if unit else str(place) for place, row in enumerate(table.rows, 1)]
    values = [table.number(row, estimate, faults) for row in table.rows]
    faults += [
        Fault(f"the unit “{name}” is there twice", table.name, row.number, unit)
        for place, (name, row) in enumerate(zip(names, table.rows, strict=True))
        if name in names[:place]
    ]
    errors = _standard_errors(table, se, values, faults) if covariance is None and se is not None else []
    if faults:
        raise Faults(faults)
    kept = [place for place, value in enumerate(values) if value is not None]
    if not kept:
        raise Faults([Fault("no unit has an estimate", table.name)])
    matrix = np.diag(np.square([errors[place] for place in kept])) if covariance is None else _matrix(covariance, names)
    if covariance is not None:
        matrix = matrix[np.ix_(kept, kept)]
    left_out = tuple(name for name, value in zip(names, values, strict=True) if value is None)
    estimates = np.array([value for value in values if value is not None])
    return Estimates(tuple(names[place] for place in kept), estimates, matrix, left_out, covariance is None)


def _standard_errors(table: Delimited, se: str, values: list[float | None], faults: list[Fault]) -> list[float]:
    """One a row; 0 stands for what is faulty, or belongs to a unit without estimate."""
    errors = []
    for row, value in zip(table.rows, values, strict=True):
        before = len(faults)
        error = table.number(row, se, faults)
        if error is not None and error < 0:
            faults.append(Fault(f"the standard error {error:g} is negative", table.name, row.number, se))
        elif error is None and value is not None and len(faults) == before:
            faults.append(Fault("the unit has an estimate and no standard error", table.name, row.number, se))
        errors.append(error or 0.0)
    return errors


def _matrix(file: Path, names: list[str]) -> Matrix:
    table = delimited.read(file)
    missing = [name for name in names if name not in table.headings]
    if missing:
        raise Faults([Fault(f"the covariance of “{name}” is missing", table.name, 1) for name in missing])
    if len(table.rows) != len(table.headings):
        raise Faults(
            [Fault(f"{len(table.headings)} units in the heading need as many lines, not {len(table.rows)}", table.name)]
        )
    faults: list[Fault] = []
    places = [table.headings.index(name) for name in names]
    rows = [[table.number(row, heading, faults) for heading in table.headings] for row in table.rows]
    if faults:
        raise Faults(faults)
    empty = [row.number for row, cells in zip(table.rows, rows, strict=True) if None in cells]
    if empty:
        raise Faults([Fault("the line has an empty cell", table.name, number) for number in empty])
    return np.array(rows, dtype=np.float64)[np.ix_(places, places)]

"""Estimates and their covariance from files, for ``phieu ranks``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.design import Floats
from analysis.sheet import Sheet, read_sheet
from forms.faults import Fault, Faults


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """p units with an estimate each, and their covariance (p, p); ``left_out`` have none."""

    units: tuple[str, ...]
    estimate: Floats
    covariance: Floats
    left_out: tuple[str, ...]
    independent: bool

    @property
    def se(self) -> Floats:
        """(p,) standard errors."""
        return np.asarray(np.sqrt(np.clip(np.diag(self.covariance), 0.0, None)))


def read(
    file: Path, *, estimate: str, se: str | None = None, unit: str | None = None, covariance: Path | None = None
) -> Estimates:
    """Read a file of estimates (CSV, XLSX, Parquet) and, where given, a file of their covariance. Raises ``Faults``.

    The covariance file has a heading of unit names and one line a unit, in the heading's order.
    """
    if se is None and covariance is None:
        raise Faults("give the column of standard errors (--se) or a covariance file (--covariance)")
    sheet = read_sheet(file)
    values = sheet.numbers(estimate)
    known = np.isfinite(values)
    if not known.any():
        raise Faults([Fault("no unit has an estimate", sheet.name, column=estimate)])
    names = _names(sheet, unit)
    if covariance is not None:
        matrix = _matrix(covariance, names)[np.ix_(known, known)]
    else:
        matrix = np.diag(np.square(_standard_errors(sheet, str(se), known)[known]))
    kept = tuple(name for name, there in zip(names, known, strict=True) if there)
    left_out = tuple(name for name, there in zip(names, known, strict=True) if not there)
    return Estimates(kept, values[known], matrix, left_out, covariance is None)


def _names(sheet: Sheet, unit: str | None) -> list[str]:
    if unit is None:
        return [str(place) for place in range(1, sheet.rows + 1)]
    codes, levels = sheet.levels(unit)
    sheet.require(unit, codes < 0, "the unit has no name")
    first = {code: place for place, code in reversed(list(enumerate(codes.tolist())))}
    again = np.array([first[code] != place for place, code in enumerate(codes.tolist())])
    sheet.require(unit, again, "this unit is there twice")
    return [levels[code] for code in codes]


def _standard_errors(sheet: Sheet, se: str, known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    errors = sheet.numbers(se)
    sheet.require(se, known & ~np.isfinite(errors), "the unit has an estimate and no standard error")
    sheet.require(se, errors < 0, "a standard error cannot be negative")
    return errors


def _matrix(file: Path, names: list[str]) -> Floats:
    """Covariance (p, p) in the order of ``names``."""
    sheet = read_sheet(file)
    headings = list(sheet.columns)
    missing = [name for name in names if name not in headings]
    if missing:
        raise Faults([Fault(f"the covariance of “{name}” is missing", sheet.name, 1) for name in missing])
    if sheet.rows != len(headings):
        said = f"a heading of {len(headings)} units needs as many lines, not {sheet.rows}"
        raise Faults([Fault(said, sheet.name)])
    columns = {name: sheet.numbers(name) for name in names}
    for name, column in columns.items():
        sheet.require(name, ~np.isfinite(column), "the cell is empty")
    places = [headings.index(name) for name in names]
    return np.column_stack([columns[name][places] for name in names])

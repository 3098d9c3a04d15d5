"""Files of known population totals → calibrated weights: post-stratification, raking, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analysis.calibration import Calibration, Distance, calibrate
from analysis.design import Bools, Codes, Design, Floats
from analysis.sheet import Sheet, read_sheet
from forms.faults import Fault, Faults

_SAME = 1e-9
INTERCEPT = "(Intercept)"


@dataclass(frozen=True, slots=True)
class Margins:
    """What is known: one classification, several margins, or totals by term; at most one kind of the three."""

    poststratify: tuple[str, Path] | None = None
    rake: tuple[tuple[str, Path], ...] = ()
    totals: Path | None = None
    distance: Distance = Distance.LINEAR
    bounds: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        given = [self.poststratify is not None, bool(self.rake), self.totals is not None]
        if sum(given) > 1:
            raise Faults("give one of --poststratify, --rake and --calibrate; --calibrate can hold all the terms")
        if not given[2] and (self.bounds is not None or self.distance is not Distance.LINEAR):
            raise Faults("--calibration and --bounds go with --calibrate")

    def __bool__(self) -> bool:
        return self.poststratify is not None or bool(self.rake) or self.totals is not None


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What weights are brought to: ``names`` and ``totals`` (p,) of ``columns`` (n, p), and how."""

    names: tuple[str, ...]
    totals: Floats
    columns: Floats
    distance: Distance
    bounds: tuple[float, float] | None

    def met(self, weight: Floats) -> Calibration:
        """Calibrate ``weight`` (n,). Raises Faults as ``calibrate``."""
        return calibrate(self.columns, weight, self.totals, self.names, self.distance, self.bounds)


def known(sheet: Sheet, weight: Floats, margins: Margins) -> Known:
    """Read the files. Rows of weight 0 (n,) need no values. Raises Faults naming file, row and term."""
    used = weight > 0
    if margins.totals is not None:
        return _terms(sheet, used, margins)
    if margins.rake:
        parts = [_margin(sheet, weight, column, file) for column, file in margins.rake]
        _same_sums(margins.rake, [counts for _, counts, _ in parts])
        names = tuple(name for part, _, _ in parts for name in part)
        totals, columns = np.hstack([part[1] for part in parts]), np.hstack([part[2] for part in parts])
        return Known(names, totals, columns, Distance.RAKING, None)
    if margins.poststratify is not None:
        named, totals, columns = _margin(sheet, weight, *margins.poststratify)
        return Known(tuple(named), totals, columns, Distance.LINEAR, None)
    raise ValueError("nothing is known to calibrate to")


def calibrated(sheet: Sheet, design: Design, margins: Margins) -> tuple[Design, Calibration]:
    """The design with weights g·d, and the calibration. Raises Faults naming file, row and term."""
    done = known(sheet, design.weight, margins).met(design.weight)
    return replace(design, weight=done.weight), done


def _margin(sheet: Sheet, weight: Floats, column: str, file: Path) -> tuple[list[str], Floats, Floats]:
    """Names, counts (L,) and indicators (n, L) of a margin; Faults where file and data have not the same levels."""
    table = read_sheet(file)
    codes, found = sheet.levels(column)
    used = weight > 0
    sheet.require(column, used & (codes < 0), "is empty: every row needs a level to be weighted to a margin")
    levels = [level for at, level in enumerate(found) if (codes[used] == at).any()]
    given, called = table.levels("level")
    order = tuple(sheet.named(column, level) for level in called)
    counts = table.numbers("count")
    table.require("level", given < 0, "is empty")
    if (bad := ~(counts > 0)).any():
        shown = "missing" if np.isnan(counts[bad][0]) else f"{counts[bad][0]:g}"
        table.require("count", bad, f"a count must be above 0, and this one is {shown}")
    _, times = np.unique(given, return_counts=True)
    faults = [Fault(f"level “{order[at]}” is there twice", str(file)) for at in np.flatnonzero(times > 1)]
    faults += [Fault(f"level “{level}” is there twice", str(file)) for level in {one for one in order
               if order.count(one) > 1}]  # fmt: skip
    faults += [Fault(f"“{column}” has the level “{level}”, which has no count", str(file)) for level in levels
               if level not in order]  # fmt: skip
    faults += [Fault(f"no row with a weight has “{column}” = “{level}”", str(file)) for level in order
               if level not in levels]  # fmt: skip
    if faults:
        raise Faults(faults)
    of = {order[code]: float(count) for code, count in zip(given.tolist(), counts.tolist(), strict=True)}
    names = [f"{column}={level}" for level in levels]
    place = np.array([levels.index(level) if level in levels else -1 for level in found] + [-1])[codes]
    return names, np.array([of[level] for level in levels]), _indicators(place, len(levels))


def _indicators(codes: Codes, levels: int) -> Floats:
    """(n, levels); nothing for −1."""
    return np.vstack([np.eye(levels), np.zeros(levels)])[codes]


def _same_sums(rake: Sequence[tuple[str, Path]], counts: Sequence[Floats]) -> None:
    sums = [float(part.sum()) for part in counts]
    if max(sums) - min(sums) > _SAME * max(sums):
        told = ", ".join(f"“{column}” {total:.10g}" for (column, _), total in zip(rake, sums, strict=True))
        raise Faults(f"the margins add up to different totals, so that no weights meet them all: {told}")


def _terms(sheet: Sheet, used: Bools, margins: Margins) -> Known:
    """Terms, totals (p,) and columns (n, p) of a file ``term,total``."""
    file = margins.totals
    if file is None:
        raise ValueError("no file of totals")
    table = read_sheet(file)
    codes, names = table.levels("term")
    table.require("term", codes < 0, "is empty")
    totals = table.numbers("total")
    table.require("total", np.isnan(totals), "a total is missing")
    terms = [names[code] for code in codes]
    faults = [Fault(f"the term “{term}” is there twice", str(file)) for term in sorted(names) if terms.count(term) > 1]
    if faults:
        raise Faults(faults)
    columns = np.column_stack([_column(sheet, used, term) for term in terms])
    return Known(tuple(terms), totals, columns, margins.distance, margins.bounds)


def _column(sheet: Sheet, used: Bools, term: str) -> Floats:
    if term == INTERCEPT:
        return np.ones(sheet.rows)
    column, is_level, level = term.partition("=")
    if not is_level or term in sheet.columns:
        values = sheet.numbers(term)
        sheet.require(term, used & np.isnan(values), "is empty: every row needs a value to be calibrated")
        return np.nan_to_num(values)
    codes, levels = sheet.levels(column)
    sheet.require(column, used & (codes < 0), "is empty: every row needs a level to be calibrated")
    level = sheet.named(column, level)
    if level not in levels:
        raise Faults([Fault(f"no row has the value “{level}” of the term “{term}”", sheet.name, column=column)])
    has: Bools = codes == levels.index(level)
    return has.astype(np.float64)

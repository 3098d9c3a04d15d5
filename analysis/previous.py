"""Last year's published figures, and whether the change is more than noise (METHOD §7)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scipy import stats

from analysis import ranking
from analysis.findings import Change, Improver, Improvers, Verdict
from analysis.holm import adjusted_by_name
from analysis.mergers import Continued, Mergers, continued
from analysis.numbers import rounded
from analysis.result import UnitIndex
from forms import tables
from forms.faults import Fault, Faults
from forms.names import NameFault, Names
from forms.tables import Cell, Sheet

UNIT, INDEX, SE = "unit", "index", "se"
BEST = 3
NO_MERGERS = Mergers()
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Previous:
    """One unit's published index of the previous year; ``domains`` in percent of their points, by domain id."""

    index: float
    se: float | None = None
    domains: Mapping[str, float] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    """The units that were merged into this one, by the names they had."""


def read(
    path: Path, names: Mapping[str, str], domains: Sequence[str], mergers: Mergers = NO_MERGERS
) -> dict[str, Previous]:
    """Read ``unit,index[,se][,<domain id>…]`` from CSV or XLSX; ``names`` are the wave's units, id → name.

    Units may be missing. Raises ``Faults``: unknown or repeated units and columns, values that are no points.
    """
    sheet = tables.read(tables.content_of(path), str(path))[0]
    faults: list[Fault] = []
    headings = _headings(sheet, domains, faults)
    if faults:
        raise Faults(faults)
    known = Names(names)
    found: dict[str, Previous] = {}
    for number, row in enumerate(sheet.rows[1:], 2):
        cells = {heading: row[place] if place < len(row) else "" for place, heading in enumerate(headings) if heading}
        if all(cell == "" for cell in cells.values()):
            continue
        name = str(cells[UNIT])
        unit = mergers.of(name)
        if unit is None:
            unit = _unit(sheet, number, name, known, found, faults)
        elif unit in found:
            faults.append(Fault(f"“{name}” comes twice", sheet.place, number, UNIT))
        values = {
            heading: _value(sheet, number, heading, cells[heading], faults) for heading in cells if heading != UNIT
        }
        index = values.pop(INDEX)
        if index is None and cells[INDEX] == "":
            faults.append(Fault("the unit has no index", sheet.place, number, INDEX))
        error = values.pop(SE, None)
        if unit is not None and index is not None:
            found[unit] = Previous(index, error, {each: value for each, value in values.items() if value is not None})
    if faults:
        raise Faults(faults)
    labels = {key: names.get(key, key) if key not in mergers.into else key for key in found}
    return merged(found, labels, continued(labels, names, mergers, str(path)))


def merged(previous: Mapping[str, Previous], names: Mapping[str, str], became: Continued) -> dict[str, Previous]:
    """This year's units with what they were: themselves, or the weighted mean of the parts that all have a figure.

    The parts' errors are taken as independent; without one of them the mean has none.
    """
    found = {}
    for unit, parts in became.parts.items():
        some = {id: previous[id] for id in parts if id in previous}
        if len(some) < len(parts):
            continue
        known = [part.se for part in some.values() if part.se is not None]
        domains = set.intersection(*(set(part.domains) for part in some.values()))
        found[unit] = Previous(
            math.fsum(parts[id] * part.index for id, part in some.items()),
            math.hypot(*(parts[id] * e for id, e in zip(some, known, strict=True)))
            if len(known) == len(some)
            else None,
            {each: math.fsum(parts[id] * part.domains[each] for id, part in some.items()) for each in sorted(domains)},
            tuple(names[id] for id in some) if len(some) > 1 else (),
        )
    return found


def _headings(sheet: Sheet, domains: Sequence[str], faults: list[Fault]) -> list[str]:
    headings = [str(cell) for cell in sheet.rows[0]] if sheet.rows else []
    for needed in (UNIT, INDEX):
        if needed not in headings:
            faults.append(Fault("this column is missing", sheet.place, 1, needed))
    for place, heading in enumerate(headings):
        if heading in headings[:place] and heading:
            faults.append(Fault("this column comes twice", sheet.place, 1, heading))
        elif heading and heading not in (UNIT, INDEX, SE, *domains):
            faults.append(Fault("is neither unit, index, se nor a domain of the framework", sheet.place, 1, heading))
    return headings


def _unit(
    sheet: Sheet, number: int, name: str, known: Names, found: Mapping[str, Previous], faults: list[Fault]
) -> str | None:
    try:
        unit = known.find(name)
    except NameFault as fault:
        said = str(fault) if fault.found else f"“{name}” is no unit of this wave: say in --mergers what it became"
        faults.append(Fault(said if name else "the line names no unit", sheet.place, number, UNIT))
        return None
    if unit in found:
        faults.append(Fault(f"“{name}” comes twice", sheet.place, number, UNIT))
    return unit


def _value(sheet: Sheet, number: int, heading: str, cell: Cell, faults: list[Fault]) -> float | None:
    """A number from 0 to 100; text may have a decimal comma; None when empty or faulty."""
    if cell == "":
        return None
    try:
        value = float(cell.replace(",", ".")) if isinstance(cell, str) else float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        value = math.nan
    if isinstance(cell, bool) or not 0 <= value <= 100:
        faults.append(Fault(f"“{cell}” is not a number from 0 to 100", sheet.place, number, heading))
        return None
    return value


@dataclass(frozen=True, slots=True)
class Figure:
    """This year's figure of one unit: as printed, its standard error, its df (None: unlimited), domains in percent."""

    published: float
    se: float | None
    df: float | None
    domains: Mapping[str, float]


def changes(figures: Mapping[str, Figure], previous: Mapping[str, Previous], level: float = 0.95) -> dict[str, Change]:
    """Change of the published figures of one kind's units; verdicts adjusted by Holm over those with both errors.

    The two years are taken as independent, which is conservative when the same people answer.
    """
    both = [unit for unit in figures if unit in previous]
    ranks = dict(zip(both, ranking.published([previous[unit].index for unit in both])[1].tolist(), strict=True))
    raw = {unit: p for unit in both if (p := _p_value(figures[unit], previous[unit])) is not None}
    adjusted = adjusted_by_name(raw)
    result = {}
    for unit in both:
        now, before = figures[unit], previous[unit]
        old = float(rounded(before.index))
        verdict = Verdict.NOT_ASSESSABLE
        if unit in adjusted:
            verdict = Verdict.MORE if adjusted[unit] <= 1 - level else Verdict.NOISE
        moved = {each: now.domains[each] - value for each, value in before.domains.items() if each in now.domains}
        result[unit] = Change(
            old, float(rounded(now.published - old)), verdict, adjusted.get(unit), moved, ranks[unit], before.parts
        )
    return result


def _p_value(now: Figure, before: Previous) -> float | None:
    df = math.inf if now.df is None else now.df
    if now.se is None or before.se is None or df < 1:
        return None
    error = math.hypot(now.se, before.se)
    change = now.published - before.index
    if error == 0:
        return 1.0 if change == 0 else 0.0
    return float(2 * stats.t.sf(abs(change) / error, df))


def improvers(units: Sequence[UnitIndex], domains: Sequence[str]) -> tuple[Improvers, ...]:
    """The units that rose most by published index and by domain; where none rose, the list is not there."""
    changes = [(unit.unit, unit.change) for unit in units if unit.change is not None]
    found: dict[str | None, list[tuple[str, float]]] = {None: [(unit, each.change) for unit, each in changes]}
    found |= {name: [(unit, each.domains[name]) for unit, each in changes if name in each.domains] for name in domains}
    return tuple(Improvers(name, best) for name, values in found.items() if (best := _best(values)))


def _best(values: Sequence[tuple[str, float]]) -> tuple[Improver, ...]:
    rose = sorted((Improver(unit, value) for unit, value in values if value > _NOTHING), key=lambda each: -each.change)
    last = rose[min(BEST, len(rose)) - 1].change if rose else 0.0
    return tuple(each for each in rose if each.change >= last - _NOTHING)

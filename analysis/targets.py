"""What a unit's resolution wants its index to be, and how far it is from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analysis import pairs, small_table
from analysis.findings import Side, Target
from analysis.numbers import rounded
from analysis.result import UnitIndex
from analysis.wanted import number
from forms.faults import Fault, Faults
from forms.names import NameFault, Names

_HEADINGS = {
    "unit": ("unit", "don vi", "co quan", "dia phuong", "co quan don vi"),
    "target": ("target", "muc tieu", "chi tieu", "diem muc tieu", "chi so muc tieu"),
    "source": ("source", "nghi quyet", "can cu", "van ban", "nguon"),
}


@dataclass(frozen=True, slots=True)
class Aim:
    """A target index, and the resolution that sets it."""

    index: float
    source: str = ""


def read(path: Path, names: Mapping[str, str]) -> dict[str, Aim]:
    """Read ``unit,target[,source]``; units may be missing.

    Raises Faults: unknown or repeated units, targets that are no index from 0 to 100.
    """
    table = small_table.read(path, _HEADINGS, ("unit", "target"))
    known, faults = Names(names), list[Fault]()
    found: dict[str, Aim] = {}
    for at, cells in table.rows:
        try:
            unit = known.find(str(cells["unit"]))
        except NameFault as fault:
            told = str(fault) if fault.found else f"“{cells['unit']}” is no unit of this wave"
            faults.append(table.fault(told, at, "unit"))
            continue
        value = number(cells["target"])
        if unit in found:
            faults.append(table.fault(f"“{names[unit]}” comes twice", at, "unit"))
        elif value is None or not 0 <= value <= 100:
            faults.append(table.fault(f"“{cells['target']}” is no index from 0 to 100", at, "target"))
        else:
            found[unit] = Aim(value, str(cells.get("source", "")))
    if faults:
        raise Faults(faults)
    return found


def with_targets(units: Sequence[UnitIndex], aims: Mapping[str, Aim], level: float) -> tuple[UnitIndex, ...]:
    """Put in each ranked unit's target, where it has one."""
    return tuple(
        replace(unit, target=_target(unit, aims[unit.unit], level)) if unit.unit in aims else unit for unit in units
    )


def _target(unit: UnitIndex, aim: Aim, level: float) -> Target | None:
    if unit.published is None or unit.index is None or unit.se is None:
        return None
    gap = float(rounded(aim.index - unit.published))
    df = np.inf if unit.df is None else unit.df
    one = np.array([unit.index - aim.index])
    p_value = float(pairs.p_values(one, np.array([unit.se**2]), np.array([unit.se**2]), np.array([df]))[0])
    side = Side.NOT_ASSESSABLE if df < 1 and unit.se > 0 else pairs.side(float(one[0]), p_value, level)
    return Target(aim.index, gap, unit.published >= aim.index, side, aim.source)

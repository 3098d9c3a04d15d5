"""Which units of last year became which of this year: mergers and renames (METHOD §7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analysis import small_table
from analysis.wanted import number
from forms.faults import Fault, Faults
from forms.names import NameFault, Names

_HEADINGS = {
    "unit": ("unit", "don vi", "co quan", "don vi moi", "co quan moi", "don vi hien nay", "den"),
    "previous": ("previous", "don vi cu", "co quan cu", "don vi truoc", "nam truoc", "tu"),
    "n": ("n", "quy mo", "tong the", "so nguoi", "so ho so", "dan so"),
}


@dataclass(frozen=True, slots=True)
class Mergers:
    """``into``: previous name or id as written → unit of this year, '' where it ended; ``n``: its size, where given."""

    into: Mapping[str, str] = field(default_factory=dict)
    n: Mapping[str, float] = field(default_factory=dict)

    @property
    def ended(self) -> tuple[str, ...]:
        """Previous units that became nothing."""
        return tuple(previous for previous, unit in self.into.items() if not unit)

    def of(self, name: str) -> str | None:
        """The entry of the mapping that a previous unit's name or id means; None when it has none."""
        try:
            return Names({each: each for each in self.into}).find(name)
        except NameFault:
            return None


@dataclass(frozen=True, slots=True)
class Continued:
    """Previous units by this year's unit with their weights, which sum to 1; and those that nobody continues."""

    parts: Mapping[str, Mapping[str, float]]
    ended: tuple[str, ...] = ()


def read(path: Path, names: Mapping[str, str]) -> Mergers:
    """Read ``unit,previous[,n]``: a row for each previous unit that was merged, renamed or ended (``unit`` empty).

    Raises Faults: unknown units, one previous unit twice, several parts of which one has no size.
    """
    table = small_table.read(path, _HEADINGS, ("unit", "previous"))
    known = Names(names)
    faults: list[Fault] = []
    into: dict[str, str] = {}
    sizes: dict[str, float] = {}
    for at, cells in table.rows:
        previous, unit = str(cells["previous"]), str(cells["unit"])
        if not previous or previous in into:
            told = f"“{previous}” comes twice: it can go into one unit only" if previous else "names no previous unit"
            faults.append(table.fault(told, at, "previous"))
            continue
        try:
            into[previous] = known.find(unit) if unit else ""
        except NameFault as fault:
            told = str(fault) if fault.found else f"“{unit}” is no unit of this wave"
            faults.append(table.fault(told, at, "unit"))
            continue
        size = number(cells.get("n", ""))
        if cells.get("n", "") != "" and (size is None or size <= 0):
            faults.append(table.fault(f"“{cells['n']}” is not a size above 0", at, "n"))
        elif size is not None:
            sizes[previous] = size
    faults += _without_size(into, sizes, table.sheet.place)
    if faults:
        raise Faults(faults)
    return Mergers(into, sizes)


def _without_size(into: Mapping[str, str], sizes: Mapping[str, float], place: str) -> list[Fault]:
    parts = defaultdict(list)
    for previous, unit in into.items():
        parts[unit].append(previous)
    return [
        Fault(f"“{each}” was merged with others, so that its size (n) is needed", place)
        for unit, several in parts.items()
        if unit and len(several) > 1
        for each in several
        if each not in sizes
    ]


def continued(previous: Mapping[str, str], names: Mapping[str, str], mergers: Mergers, file: str) -> Continued:
    """Match previous units, id → name, with this year's. Raises Faults for one that is unknown and not in the mapping,
    for one of the mapping that is not there, and for two that would become one without a mapping."""
    known = Names(names)
    parts: dict[str, dict[str, float]] = defaultdict(dict)
    ended: list[str] = []
    faults: list[Fault] = []
    met: set[str] = set()
    for id, name in previous.items():
        entry = mergers.of(name) or mergers.of(id)
        if entry is not None:
            met.add(entry)
            if mergers.into[entry]:
                parts[mergers.into[entry]][id] = mergers.n.get(entry, 1.0)
            else:
                ended.append(name)
            continue
        try:
            unit = id if id in names else known.find(name)
        except NameFault as fault:
            told = str(fault) if fault.found else f"“{name}” of the previous year is no unit of this wave"
            faults.append(Fault(f"{told}: say in --mergers what it became, or that it ended", file))
            continue
        if parts[unit]:
            faults.append(Fault(f"“{name}” and another previous unit are both “{names[unit]}”: see --mergers", file))
        parts[unit][id] = 1.0
    absent = [each for each in mergers.into if each not in met]
    faults += [Fault(f"“{each}” is in the mapping, but not in the previous year", file) for each in absent]
    if faults:
        raise Faults(faults)
    whole = {unit: sum(sizes.values()) for unit, sizes in parts.items()}
    shares = {unit: {id: n / whole[unit] for id, n in sizes.items()} for unit, sizes in parts.items() if sizes}
    return Continued(shares, tuple(ended))

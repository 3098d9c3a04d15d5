"""Rows of a response table as answers of respondents; what cannot be read is a fault with its row and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from forms.faults import Fault
from forms.names import NameFault, Names
from survey.external.cells import Reader, Strange, plain
from survey.external.mapping import Mapped, Unit
from survey.external.noted import Noted


@dataclass(frozen=True, slots=True)
class Answered:
    """One row: its unit, weight and stratum, and the answers by item."""

    unit: str
    weight: float
    stratum: str
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """Every row with an answer; what is wrong; and what was taken otherwise than it stands in the table."""

    answered: Sequence[Answered]
    faults: Sequence[Fault]
    changed: Sequence[str]


def rows(
    mapped: Mapped, columns: Mapping[str, Sequence[str | None]], count: int, number_of: Callable[[int], int], name: str
) -> Rows:
    """Read ``count`` rows. Rows without any answer are passed over."""
    readers = [Reader(held) for held in mapped.columns]
    units = names(mapped.units)
    found, faults, changed = list[Answered](), Noted(), Noted()
    for row in range(count):
        at = number_of(row)
        answers: dict[str, Any] = {}
        for reader in readers:
            heading = reader.held.heading
            note = partial(changed.add, at, heading)
            try:
                reader.read(plain(columns[heading][row] or "", note), answers, note)
            except Strange as error:
                faults.add(at, heading, str(error))
        if not answers:
            continue
        design = {heading: (columns[heading][row] or "").strip() for heading in _about(mapped)}
        try:
            found.append(_answered(mapped, units, design, answers))
        except NameFault as error:
            faults.add(at, mapped.unit_column, str(error))
        except Strange as error:
            faults.add(at, mapped.weight, str(error))
    return Rows(found, faults.faults(name), tuple(changed.lines()))


def names(units: Sequence[Unit]) -> Names:
    """Offices by their names and by what else the mapping calls them."""
    return Names({unit.id: [str(unit.name["vi"]), *unit.said] for unit in units})


def _about(mapped: Mapped) -> tuple[str, ...]:
    return tuple(each for each in (mapped.unit_column, mapped.weight, mapped.stratum) if each)


def _answered(mapped: Mapped, units: Names, design: Mapping[str, str], answers: Mapping[str, Any]) -> Answered:
    unit = units.find(design[mapped.unit_column]) if mapped.unit_column else mapped.units[0].id
    weight = _weight(design[mapped.weight]) if mapped.weight else 1.0
    return Answered(unit, weight, design[mapped.stratum] if mapped.stratum else "*", answers)


def _weight(said: str) -> float:
    try:
        weight = float(said)
    except ValueError:
        weight = -1.0
    if not 0 < weight < 1e9:
        raise Strange(f"“{said[:40]}” is no weight above 0")
    return weight

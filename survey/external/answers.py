"""Cells of a response table as answers to items; what cannot be read is a fault with its row and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.answers import DECLINED, NA, cleaned
from forms.faults import Fault
from forms.names import NameFault, Names, bare
from forms.questionnaire import Item, ItemType
from survey.external.mapping import Held, Mapped

_MONTH = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{1,2})(?:-\d{1,2})?(?:[T ].*)?|(?:\d{1,2}/)?(?P<m2>\d{1,2})/(?P<y2>\d{4})(?: .*)?"
)
_WHOLE = re.compile(r"-?\d{1,9}(?:\.0+)?")
_YES = {"1", "1 0", "y", "yes", "true", "co", "x", "checked"}  # as ``bare`` leaves them
_NO = {"", "0", "0 0", "n", "no", "false", "khong", "n a"}


class _Strange(ValueError):
    """A cell that is no answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One row: its unit, weight and stratum, and the answers by item."""

    unit: str
    weight: float
    stratum: str
    answers: Mapping[str, Any]


def rows(
    mapped: Mapped, columns: Mapping[str, Sequence[str | None]], count: int, number_of: Callable[[int], int], name: str
) -> tuple[list[Answered], list[Fault]]:
    """Every row with an answer, and what is wrong. Rows without any answer are passed over."""
    readers = [_Reader(held) for held in mapped.columns]
    units = Names({unit.id: [str(unit.name["vi"]), *unit.said] for unit in mapped.units})
    found, faults = list[Answered](), list[Fault]()
    for row in range(count):
        at = number_of(row)

        def cell(heading: str, row: int = row) -> str:
            return cleaned(columns[heading][row] or "", lines=True).strip()

        answers: dict[str, Any] = {}
        for reader in readers:
            try:
                reader.read(cell(reader.held.heading), answers)
            except _Strange as error:
                faults.append(Fault(str(error), name, at, reader.held.heading))
        if not answers:
            continue
        try:
            unit = units.find(cell(mapped.unit_column)) if mapped.unit_column else mapped.units[0].id
            weight = _weight(cell(mapped.weight)) if mapped.weight else 1.0
        except NameFault as error:
            faults.append(Fault(str(error), name, at, mapped.unit_column))
        except _Strange as error:
            faults.append(Fault(str(error), name, at, mapped.weight))
        else:
            found.append(Answered(unit, weight, cell(mapped.stratum) if mapped.stratum else "*", answers))
    return found, faults


def _weight(said: str) -> float:
    try:
        weight = float(said)
    except ValueError:
        weight = -1.0
    if not 0 < weight < 1e9:
        raise _Strange(f"“{said[:40]}” is no weight above 0")
    return weight


class _Reader:
    """Reads the cells of one column."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.meant = meanings(held.item) | {bare(said) or said: meant for said, meant in held.values.items()}

    def read(self, said: str, answers: dict[str, Any]) -> None:
        """Put what a cell says into ``answers``. Raises _Strange."""
        held, item = self.held, self.held.item
        if held.choice is not None:
            self._one_of_several(said, answers)
        elif said and (value := self._value(said, item)) not in (None, ""):
            answers[item.id] = value

    def _one_of_several(self, said: str, answers: dict[str, Any]) -> None:
        told = self.held.values.get(said)
        yes = told == self.held.choice if told is not None else bare(said) in _YES
        if told is None and not yes and bare(said) not in _NO:
            raise _Strange(f"“{said[:60]}” neither chooses nor leaves out “{self.held.choice}”")
        if said or yes:
            chosen = answers.get(self.held.item.id, ())
            answers[self.held.item.id] = (*chosen, self.held.choice) if yes else chosen

    def _value(self, said: str, item: Item) -> Any:
        match item.type:
            case ItemType.TEXT:
                return said[: item.max_length]
            case ItemType.MULTIPLE:
                parts = said.split(self.held.separator) if self.held.separator else [said]
                meant = [self._meant(part.strip()) for part in parts if part.strip()]
                return meant[0] if meant in ([NA], [DECLINED]) else tuple(dict.fromkeys(each for each in meant if each))
            case ItemType.NUMBER if said not in self.held.values:
                if not _WHOLE.fullmatch(said):
                    raise _Strange(f"“{said[:60]}” is no whole number")
                return int(float(said))
            case ItemType.DATE if said not in self.held.values:
                return _month(said)
        return self._meant(said)

    def _meant(self, said: str) -> str:
        if said in self.held.values:
            return self.held.values[said]
        if said in self.meant or bare(said) in self.meant:
            return self.meant.get(said) or self.meant[bare(said)]
        raise _Strange(f"“{said[:60]}” is no answer to “{self.held.item.id}”: say under [column.values] what it means")


def meanings(item: Item) -> dict[str, str]:
    """Answers by the words that surely mean them: ids, and texts in every language, without marks."""
    found = {choice.id: choice.id for choice in item.choices}
    twice: set[str] = set()
    for choice in item.choices:
        for text in choice.text.values():
            key = bare(text)
            if found.setdefault(key, choice.id) != choice.id:
                twice.add(key)
    return {key: id for key, id in found.items() if key and key not in twice}


def _month(said: str) -> int:
    match = _MONTH.fullmatch(said)
    year, month = (int(match["y"] or match["y2"]), int(match["m"] or match["m2"])) if match else (0, 0)
    if not (1900 <= year <= 2100 and 1 <= month <= 12):
        raise _Strange(f"“{said[:60]}” is no day or month, such as 2024-11-30 or 30/11/2024")
    return year * 100 + month

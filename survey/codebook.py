"""What the columns of a dataset mean: items of all the wave's questionnaires, their choices and codes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.answers import DECLINED, NA
from forms.faults import Fault, Faults
from forms.questionnaire import Item, ItemType, Questionnaire

NA_CODE = -1
DECLINED_CODE = -2
RESERVED = ("respondent", "psu", "unit", "group", "stratum", "wclass", "mode", "phase", "duration_band", "base_weight")
TIMED = ("phase", "duration_band")  # in a dataset only where something is known of it
_TYPES = {
    ItemType.SCALE: "int8",
    ItemType.SINGLE: "int8",
    ItemType.MULTIPLE: "int8",
    ItemType.NUMBER: "int32",
    ItemType.DATE: "int32",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of answers; ``choice`` where a multiple-choice item has one column per choice."""

    name: str
    type: str
    item: Item
    choice: str | None = None

    def code(self, value: Any) -> int | None:
        """The number that stands for an answer; null for none, and for a number that is not known."""
        if value is None:
            return None
        if value in (NA, DECLINED):
            closed = NA_CODE if value == NA else DECLINED_CODE
            return closed if self.item.closed else None
        if self.choice is not None:
            return int(self.choice in value)
        if self.item.closed:
            choice = self.item.choice(value)
            if choice is None:
                raise Faults(f"a box answers “{self.item.id}” with “{value}”, which is no choice of it")
            return choice.position
        return int(value)


def items(questionnaires: Iterable[Questionnaire]) -> dict[str, Item]:
    """Every item that takes an answer, by id, in order of appearance.

    Raises Faults where two questionnaires share an id that does not mean the same (their codes could not share a
    column), and where an id is the name of a column of the design.
    """
    found: dict[str, tuple[str, Item]] = {}
    faults = []
    for questionnaire in questionnaires:
        for id, item in questionnaire.items.items():
            if item.type is ItemType.NOTE:
                continue
            other, first = found.setdefault(id, (questionnaire.id, item))
            if _meaning(first) != _meaning(item):
                faults.append(
                    Fault(f"item “{id}” is not the same in “{other}” and “{questionnaire.id}”: type or choices")
                )
            if id in RESERVED or id.startswith("m_"):
                faults.append(Fault(f"item “{id}” of “{questionnaire.id}” has the name of a column of the dataset"))
    if faults:
        raise Faults(faults)
    return {id: item for id, (_, item) in found.items()}


def _meaning(item: Item) -> tuple[Any, ...]:
    return item.type, tuple((choice.id, choice.value) for choice in item.choices)


def columns(items: Mapping[str, Item]) -> list[Column]:
    """The columns of answers; texts have none, they are comments."""
    found: list[Column] = []
    for item in items.values():
        if item.type is ItemType.MULTIPLE:
            found += [Column(f"{item.id}__{choice.id}", "int8", item, choice.id) for choice in item.choices]
        elif item.type in _TYPES:
            found.append(Column(item.id, _TYPES[item.type], item))
    return found


def document(
    questionnaires: Sequence[Questionnaire], margins: Sequence[str], timed: Collection[str] = ()
) -> dict[str, Any]:
    """The content of codebook.json; ``timed``: those of ``TIMED`` that the dataset has."""
    every = items(questionnaires)
    factors = {id: dict(name) for each in questionnaires for id, name in each.factors.items()}
    return {
        "items": [_item(item, questionnaires) for item in every.values()],
        "factors": factors,
        "columns": [*_design_columns(margins, timed), *(_column(column) for column in columns(every))],
        "codes": {"na": NA_CODE, "declined": DECLINED_CODE},
        **_rules(questionnaires),
    }


def _rules(questionnaires: Sequence[Questionnaire]) -> dict[str, Any]:
    """Contradictions that a questionnaire declares; nothing where none does."""
    found = [
        {"id": rule.id, "questionnaire": each.id, "text": dict(rule.text), "when": rule.when.text}
        for each in questionnaires
        for rule in each.contradictions
    ]
    return {"contradictions": found} if found else {}


def _item(item: Item, questionnaires: Sequence[Questionnaire]) -> dict[str, Any]:
    having = [each for each in questionnaires if item.id in each.items]
    return {
        "id": item.id,
        "type": str(item.type),
        "factor": item.factor,
        "each": "unit" if item.id in having[0].unit_items else "respondent",
        "questionnaires": [each.id for each in having],
        "text": dict(item.text),
        "choices": [
            {"id": choice.id, "position": choice.position, "value": choice.value, "text": dict(choice.text)}
            for choice in item.choices
        ],
    }


def _design_columns(margins: Sequence[str], timed: Collection[str]) -> list[dict[str, Any]]:
    """Columns that say who answered, before those of the answers."""
    types = {"respondent": "int64", "psu": "int32", "base_weight": "float64", "duration_band": "int8"}
    names = (
        *(name for name in RESERVED[:-1] if name not in TIMED or name in timed),
        *(f"m_{name}" for name in margins),
        RESERVED[-1],
    )
    return [{"name": name, "type": types.get(name, "dictionary")} for name in names]


def _column(column: Column) -> dict[str, Any]:
    told = {"name": column.name, "type": column.type, "item": column.item.id}
    return told if column.choice is None else {**told, "choice": column.choice}

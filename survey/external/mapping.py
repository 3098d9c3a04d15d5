"""Which column of a response table holds which item, and what its words mean: a TOML file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from forms import catalogue
from forms import questionnaire as questionnaires
from forms.answers import DECLINED, NA
from forms.faults import Fault, Faults
from forms.positions import Path as Place
from forms.questionnaire import Item, ItemType, Questionnaire
from forms.text import Text
from forms.toml import Document, Table

UNFILLED = "…"  # what a suggested mapping leaves to be decided


@dataclass(frozen=True, slots=True)
class Unit:
    """An office; ``said``: other names by which the table calls it."""

    id: str
    name: Text
    kind: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A column: its item, one choice of it or the separator of several, and choices by the words of the table."""

    heading: str
    item: Item
    choice: str | None
    separator: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A whole mapping. ``unit_column`` '' where all answers are about the one unit; ``weight`` and ``stratum`` are
    columns of a design, '' where none is given: then the answers are no probability sample, whatever they are.
    ``normalised``: whether weights were scaled to the sample, so that they count nobody; None where it is not said."""

    id: str
    title: Text
    opens: date
    closes: date
    k: int
    questionnaire: Questionnaire
    group: str
    group_name: Text
    mode: str
    units: tuple[Unit, ...]
    unit_column: str
    weight: str
    stratum: str
    normalised: bool | None
    columns: tuple[Held, ...]
    ignored: frozenset[str]

    @property
    def headings(self) -> frozenset[str]:
        """Every column of the table that is used."""
        design = {self.unit_column, self.weight, self.stratum}
        return frozenset({each.heading for each in self.columns} | design) - {""}

    @property
    def probability(self) -> bool:
        """Whether a design is given."""
        return bool(self.weight)


def read(path: Path) -> Mapped:
    """Read a mapping. Raises Faults naming each with its line."""
    document = Document(questionnaires.read_text(path), str(path))
    for place in _unfilled(document.data):
        key = ".".join(str(each) for each in place[-2 if place[-1] in ("vi", "en") else -1 :])
        document.fault(place, f"“{key}” is not filled in: write what it is in place of “{UNFILLED}”")
    document.finish()
    root = document.root
    root.only("id", "title", "opens", "closes", "k", "questionnaire", "group", "mode", "unit", "unit_column", "design",
              "column", "ignored")  # fmt: skip
    asked = _questionnaire(root, path)
    group = root.table("group")
    if group is None:
        root.fault(None, "“[group]” is missing: id and name of who answered")
    units = tuple(_unit(table) for table in root.tables("unit", True))
    column = root.string("unit_column", "")
    if not column and len(units) != 1:
        root.fault(None, "“unit_column” is missing: with several units a column must say which an answer is about")
    made = Mapped(
        root.id(), root.words("title"), _day(root, "opens"), _day(root, "closes"), root.integer("k", 5, low=2) or 5,
        asked, group.id() if group else "", group.words("name") if group else Text({"vi": ""}),
        root.string("mode", "open"), units, column, *_design(root), tuple(_columns(root, asked)),
        frozenset(root.strings("ignored")),
    )  # fmt: skip
    document.finish()
    return made


def _unfilled(data: Any, place: Place = ()) -> Iterator[Place]:
    """Where a suggestion was left as it is."""
    if isinstance(data, str) and data.strip() == UNFILLED:
        yield place
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, each in inner:
        yield from _unfilled(each, (*place, key))


def _questionnaire(root: Table, path: Path) -> Questionnaire:
    name = root.string("questionnaire")
    beside = path.parent / name
    if not name:
        root.document.finish()
    if beside.is_file():
        return questionnaires.load_file(beside)
    return catalogue.opened(name, catalogue.QUESTIONNAIRES, catalogue.questionnaire, questionnaires.load_file)


def _design(root: Table) -> tuple[str, str, bool | None]:
    """Columns of weights and strata, and whether the weights were scaled to the sample."""
    design = root.table("design")
    if design is None:
        return "", "", None
    design.only("weight", "stratum", "normalised")
    normalised = design.boolean("normalised", False) if "normalised" in design else None
    return design.string("weight"), design.string("stratum"), normalised


def _unit(table: Table) -> Unit:
    table.only("id", "name", "kind", "said")
    return Unit(table.id(), table.words("name"), table.id("kind"), table.strings("said"))


def _day(table: Table, key: str) -> date:
    value = table.data.get(key)
    if type(value) is not date:
        table.fault(key if key in table else None, f"“{key}” must be a day, such as {key} = 2024-11-01")
        return date(1970, 1, 1)
    return value


def _columns(root: Table, asked: Questionnaire) -> list[Held]:
    found = [each for each in (_column(table, asked) for table in root.tables("column", True)) if each]
    seen: set[tuple[str, str | None]] = set()
    for each in found:
        if (each.item.id, each.choice) in seen:
            root.fault("column", f"item “{each.item.id}” is mapped twice")
        seen.add((each.item.id, each.choice))
    return found


def _column(table: Table, asked: Questionnaire) -> Held | None:
    table.only("heading", "item", "choice", "separator", "values")
    name, heading = table.id("item"), table.string("heading")
    item = asked.items.get(name)
    if item is None or item.type is ItemType.NOTE:
        table.fault("item" if "item" in table else None, f"questionnaire “{asked.id}” has no item “{name}” to answer")
        return None
    choice = table.string("choice", "") or None
    if choice and (item.type is not ItemType.MULTIPLE or item.choice(choice) is None):
        table.fault("choice", f"“{choice}” is no choice of several of “{name}”")
    told = table.table("values")
    values: dict[str, str] = {}
    for said, meant in told.data.items() if told else ():
        if not isinstance(meant, str) or not _means(item, meant):
            table.fault("values", f"“{said}” is said to mean “{meant}”, which is no answer to “{name}”")
        else:
            values[said.strip()] = meant
    return Held(heading, item, choice, table.string("separator", ""), values)


def _means(item: Item, meant: str) -> bool:
    return meant in ("", NA, DECLINED) or (item.closed and item.choice(meant) is not None)


def missing(mapped: Mapped, headings: Sequence[str], name: str) -> list[Fault]:
    """Columns that the mapping names and the table has not, or has twice."""
    wanted = [each.heading for each in mapped.columns]
    wanted += [each for each in (mapped.unit_column, mapped.weight, mapped.stratum) if each]
    return [_missing(each, headings, name) for each in dict.fromkeys(wanted) if each not in headings]


def _missing(heading: str, headings: Sequence[str], name: str) -> Fault:
    alike = [f"“{each}”" for each in headings if re.fullmatch(rf"{re.escape(heading)} \(\d+\)", each)]
    if alike:
        return Fault(f"more than one column has this heading: say which, {' or '.join(alike)}", name, None, heading)
    return Fault("there is no such column", name, None, heading)


def require(faults: list[Fault]) -> None:
    """Raise Faults where there are any."""
    if faults:
        raise Faults(faults)

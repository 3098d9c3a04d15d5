"""From a framework's TOML to ``Framework``, with every fault at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from forms.framework import (
    TOLERANCE,
    Criterion,
    Domain,
    Framework,
    Kind,
    Missing,
    NotApplicable,
    Rule,
    RuleKind,
    Source,
    Subcriterion,
)
from forms.questionnaire import Item
from forms.toml import ID, Document, Table

FULL = 100.0  # points of a unit kind
_SUBCRITERION_KEYS = (
    "id", "name", "points", "survey_points", "appraised_points", "source", "rule", "items", "shares", "missing",
)  # fmt: skip
_RULE_KEYS: Mapping[RuleKind, tuple[str, ...]] = {
    RuleKind.MEAN: ("kind",),
    RuleKind.SHARE: ("kind", "favourable"),
    RuleKind.TARGET: ("kind", "favourable", "target"),
    RuleKind.BANDS: ("kind", "favourable", "of", "table"),
}


def read(source: str, name: str, items: Mapping[str, Item] | None) -> Framework:
    """Read and check a framework; raises Faults."""
    document = Document(source, name)
    root = document.root
    root.only("id", "title", "illustrative", "years", "kind", "not_applicable")
    reader = _Reader(root, items)
    framework = Framework(
        id=root.id(),
        title=root.words("title"),
        illustrative=root.boolean("illustrative", False),
        years=_years(root),
        kinds={kind.id: kind for kind in reader.kinds()},
        not_applicable=tuple(reader.not_applicable()),
        text=source,
    )
    if not framework.kinds:
        root.fault(None, "has no unit kind: [[kind.<id>.domain]] is missing")
    document.finish()
    return framework


def _years(root: Table) -> tuple[int, ...]:
    years: Any = root.data.get("years", [])
    if not isinstance(years, list) or not all(type(year) is int for year in years):
        root.fault("years", "“years” must be a list of whole numbers")
        return ()
    if years != sorted(set(years)) or any(not 2000 <= year <= 2100 for year in years):
        root.fault("years", "“years” must rise, each from 2000 to 2100")
    return tuple(years)


class _Reader:
    def __init__(self, root: Table, items: Mapping[str, Item] | None) -> None:
        self.root = root
        self.items = items
        self.subcriteria: set[str] = set()  # of all kinds

    def kinds(self) -> Iterator[Kind]:
        for id, table in self.root.named("kind"):
            table.only("domain")
            ids: set[str] = set()  # shared by all levels of a kind: tables have a column for each
            kind = Kind(id, tuple(self.domain(domain, ids) for domain in table.tables("domain", required=True)))
            self.subcriteria |= {subcriterion.id for subcriterion in kind.subcriteria}
            if abs(kind.points - FULL) > TOLERANCE:
                table.fault(None, f"the points of kind “{id}” sum to {kind.points:.10g}, but must sum to {FULL:g}")
            yield kind

    def domain(self, table: Table, ids: set[str]) -> Domain:
        table.only("id", "name", "points", "criterion")
        id = _unique(table, ids)
        criteria = tuple(self.criterion(criterion, ids) for criterion in table.tables("criterion", required=True))
        domain = Domain(id, table.words("name"), criteria)
        _declared(table, f"domain “{id}”", domain.points)
        return domain

    def criterion(self, table: Table, ids: set[str]) -> Criterion:
        table.only("id", "name", "points", "subcriterion")
        id = _unique(table, ids)
        below = table.tables("subcriterion", required=True)
        criterion = Criterion(id, table.words("name"), tuple(self.subcriterion(entry, ids) for entry in below))
        _declared(table, f"criterion “{id}”", criterion.points)
        return criterion

    def subcriterion(self, table: Table, ids: set[str]) -> Subcriterion:
        table.only(*_SUBCRITERION_KEYS)
        id = _unique(table, ids)
        name = table.words("name")
        source = table.option("source", Source) or Source.APPRAISED
        points, survey, appraised = _points(table, source)
        if source is Source.APPRAISED:
            for key in ("rule", "items", "shares", "missing"):
                if key in table:
                    table.fault(key, f"“{id}” is appraised only; “{key}” is for survey points")
            return Subcriterion(id, name, points, survey, appraised, source, None, (), {})
        rule = _rule(table)
        items = self.asked(table, id, rule)
        shares = _shares(table, id)
        missing = table.option("missing", Missing, Missing.REWEIGHT) or Missing.REWEIGHT
        return Subcriterion(id, name, points, survey, appraised, source, rule, items, shares, missing)

    def asked(self, table: Table, id: str, rule: Rule | None) -> tuple[str, ...]:
        """The items of a survey subcriterion, checked against the questionnaires if they are known."""
        asked = table.strings("items")
        if not asked:
            table.fault("items", f"“{id}” has survey points but no “items”")
        if len(set(asked)) < len(asked):
            table.fault("items", f"“items” of “{id}” names an item twice")
        for place, name in enumerate(asked if self.items is not None else ()):
            message = self._unusable(name, rule)
            if message:
                table.document.fault((*table.path, "items", place), message)
                continue
            for choice in rule.favourable if rule else ():
                if self.items and self.items[name].choice(choice) is None:
                    table.fault("rule", f"“{choice}” counts as favourable, but the item “{name}” has no such choice")
        return asked

    def _unusable(self, name: str, rule: Rule | None) -> str | None:
        """Why the answers to this item cannot be scored by this rule."""
        item = (self.items or {}).get(name)
        if item is None:
            return f"no questionnaire has the item “{name}”"
        if item.type not in ("scale", "single"):
            return f"the item “{name}” is of type {item.type}; only scale and single items can be scored"
        of_mean = rule is not None and (rule.kind is RuleKind.MEAN or rule.of == "mean")
        if of_mean and any(choice.value is None for choice in item.choices):
            return f"the item “{name}” has choices without a value, so it has no mean"
        return None

    def not_applicable(self) -> Iterator[NotApplicable]:
        for table in self.root.tables("not_applicable"):
            table.only("unit", "subcriteria", "reason")
            unit, subcriteria = table.id("unit"), table.strings("subcriteria")
            if not subcriteria:
                table.fault("subcriteria", f"names no subcriterion that does not apply to “{unit}”")
            for place, id in enumerate(subcriteria):
                if id not in self.subcriteria:
                    table.document.fault((*table.path, "subcriteria", place), f"there is no subcriterion “{id}”")
            yield NotApplicable(unit, subcriteria, table.words("reason"))


def _unique(table: Table, ids: set[str]) -> str:
    id = table.id()
    if id and id in ids:
        table.fault("id", f"the id “{id}” is used twice in this kind")
    elif "__" in id:
        table.fault("id", f"“{id}”: two underscores in a row are kept for columns such as {id.split('__')[0]}__self")
    ids.add(id)
    return id


def _declared(table: Table, what: str, points: float) -> None:
    """A domain or criterion may declare its points; they must be what its subcriteria sum to."""
    declared = table.number("points", 0, FULL) if "points" in table else None
    if declared is not None and abs(declared - points) > TOLERANCE:
        table.fault("points", f"{what} declares {declared:g} points, but its subcriteria sum to {points:.10g}")


def _points(table: Table, source: Source) -> tuple[float, float, float]:
    """Points in all, by survey, by appraisal."""
    if source is not Source.BOTH:
        for key in ("survey_points", "appraised_points"):
            if key in table:
                table.fault(key, f'“{key}” is only for source = "both"')
        points = _positive(table, "points")
        return (points, points, 0.0) if source is Source.SURVEY else (points, 0.0, points)
    survey, appraised = _positive(table, "survey_points"), _positive(table, "appraised_points")
    _declared(table, "it", survey + appraised)
    return survey + appraised, survey, appraised


def _positive(table: Table, key: str) -> float:
    points = table.number(key, 0, FULL)
    if points == 0:
        table.fault(key, f"“{key}” must be more than 0")
    return points or 0.0


def _shares(table: Table, id: str) -> dict[str, float]:
    below = table.table("shares")
    if below is None or not below.data:
        table.fault("shares", f"“{id}” has survey points but no group “shares”")
        return {}
    shares: dict[str, float] = {}
    for group, value in below.data.items():
        if not ID.fullmatch(group):
            below.fault(group, f"“{group}” is not the id of a group")
        share = below.checked(group, value, 0, 1)
        if share == 0:
            below.fault(group, f"the share of “{group}” is 0; leave the group out")
        shares[group] = share or 0.0
    total = math.fsum(shares.values())
    if abs(total - 1) > TOLERANCE:
        table.fault("shares", f"the shares of “{id}” sum to {total:.10g}, but must sum to 1")
    return shares


def _rule(table: Table) -> Rule | None:
    below = table.table("rule") if "rule" in table else Table(table.document, table.path, {"kind": "mean"})
    kind = below.option("kind", RuleKind) if below else None
    if below is None or kind is None:
        return None
    below.only(*_RULE_KEYS[kind])
    favourable = below.strings("favourable")
    of = _of(below) if kind is RuleKind.BANDS else None
    if not favourable and (kind in (RuleKind.SHARE, RuleKind.TARGET) or of == "share"):
        below.fault(None, f"a rule of kind “{kind}” needs “favourable”, the ids of the choices that count")
    target = below.number("target", 0, 1) if kind is RuleKind.TARGET else None
    if target == 0:
        below.fault("target", "“target” must be more than 0")
    return Rule(kind, favourable, target, of, _steps(below) if kind is RuleKind.BANDS else ())


def _of(table: Table) -> str:
    of = table.string("of", "share")
    if of not in ("share", "mean"):
        table.fault("of", f"“of” is “{of}”, but must be share or mean")
    return of


def _steps(table: Table) -> tuple[tuple[float, float], ...]:
    """A step table: (at least, score) with falling first numbers, the last 0 so that every figure has a score."""
    steps: list[tuple[float, float]] = []
    rows = table.data.get("table")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and len(row) == 2 for row in rows):
        table.fault("table", "“table” must be a list of pairs [at least, score]")
        return ()
    for row in rows:
        limit, score = (table.checked("table", value, 0, 1) for value in row)
        if limit is None or score is None:
            return ()
        steps.append((limit, score))
    limits = [limit for limit, _ in steps]
    if any(high <= low for high, low in pairwise(limits)):
        table.fault("table", "the steps of “table” must fall: the highest “at least” first")
    elif any(high < low for (_, high), (_, low) in pairwise(steps)):
        table.fault("table", "a lower step of “table” must not score more than a higher one")
    if limits[-1] != 0:
        table.fault("table", "the last step of “table” must begin at 0")
    return tuple(steps)

"""Answers that contradict each other by a rule that the questionnaire declares: counted, never corrected.

A rule is a condition in the language of ``show_if``; a row contradicts itself where it holds. What is not answered
satisfies no comparison, as on the pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.dataset import Dataset
from analysis.design import Bools, Codes
from forms.conditions import DECLINED, NA, Comparison, Junction, parse

_ABSENT = np.iinfo(np.int64).min
_NUMERIC = ("number", "date")


@dataclass(frozen=True, slots=True, eq=False)
class Contradicted:
    """A rule in one group: rows (n,) where it holds, rows (n,) where all that it asks about was answered."""

    rule: str
    text: Mapping[str, str]
    holds: Bools
    base: Bools
    unit: Codes
    units: tuple[str, ...]
    respondent: Codes


def contradicted(dataset: Dataset, group: str) -> Iterator[Contradicted]:
    """Every rule of the group's questionnaire."""
    asked = dataset.group(group)["questionnaire"]
    rules = [rule for rule in dataset.codebook.get("contradictions", ()) if rule["questionnaire"] == asked]
    if not rules:
        return
    items = {item["id"]: item for item in dataset.codebook["items"]}
    conditions = {rule["id"]: parse(rule["when"]) for rule in rules}
    names = {name for condition in conditions.values() for name in condition.names}
    table = dataset.table(
        ["respondent", "unit", *(column for name in names for column in _columns(items[name]))], group
    )
    coded = table["unit"].cast(pa.string()).combine_chunks().dictionary_encode()
    answers = _Rows(table, items)
    for rule in rules:
        condition = conditions[rule["id"]]
        base = np.logical_and.reduce([answers.there(name) for name in sorted(condition.names)])
        yield Contradicted(
            rule["id"], rule["text"], answers.holds(condition.root) & base, np.asarray(base),
            coded.indices.to_numpy().astype(np.int64), tuple(coded.dictionary.to_pylist()),
            table["respondent"].to_numpy(),
        )  # fmt: skip


def _columns(item: Mapping[str, Any]) -> list[str]:
    if item["type"] == "multiple":
        return [f"{item['id']}__{choice['id']}" for choice in item["choices"]]
    return [str(item["id"])]


class _Rows:
    """Conditions over whole columns, as ``Comparison.holds`` says it of one form."""

    def __init__(self, table: pa.Table, items: Mapping[str, Mapping[str, Any]]) -> None:
        self.table, self.items = table, items

    def column(self, name: str) -> Codes:
        told = self.table[name].cast(pa.int64()).fill_null(_ABSENT).combine_chunks()
        return np.asarray(told.to_numpy(zero_copy_only=False), np.int64)

    def there(self, name: str) -> Bools:
        """Rows with an answer, “don't know” and “declined” included."""
        return np.asarray(self.column(_columns(self.items[name])[0]) != _ABSENT)

    def holds(self, node: Comparison | Junction) -> Bools:
        """(n,) where a condition holds."""
        if isinstance(node, Comparison):
            return self._compared(node)
        parts = [self.holds(part) for part in node.parts]
        if node.sign == "not":
            return ~parts[0]
        return np.asarray((np.logical_and if node.sign == "and" else np.logical_or).reduce(parts))

    def _compared(self, node: Comparison) -> Bools:
        item, there = self.items[node.name], self.there(node.name)
        if node.sign == "has":
            return np.asarray(self.column(f"{node.name}__{node.values[0]}") == 1)
        values = self.column(_columns(item)[0])
        if node.sign == "answered":
            return np.asarray(there & (values != -2)) if item["type"] not in _NUMERIC else there
        codes = [self._code(item, value) for value in node.values]
        order = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
        if node.sign in order:
            return np.asarray(there & order[node.sign](values, codes[0]))
        same = np.isin(values, codes)
        return np.asarray(there & (~same if node.sign == "!=" else same))

    def _code(self, item: Mapping[str, Any], value: str | int) -> int:
        if isinstance(value, int):
            return value
        if value in (NA, DECLINED):
            return _ABSENT + 1 if item["type"] in _NUMERIC else {NA: -1, DECLINED: -2}[value]
        return next(int(choice["position"]) for choice in item["choices"] if choice["id"] == value)

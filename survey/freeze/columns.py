"""Responses as typed columns: assessments, comments, and the design table with its dispositions."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from forms.answers import DECLINED, NA
from forms.questionnaire import Item, ItemType, Questionnaire
from survey.codebook import Column, columns
from survey.dispositions import COUNTED, Disposition, State
from survey.freeze.opening import Cell
from survey.freeze.respondent import Label, Respondent
from survey.pace import Phase

ROWS_IN_GROUP = 65_536
NOT_ELIGIBLE = (Disposition.SCREENED_OUT, State.INELIGIBLE)
_LABEL = ("group", "stratum", "wclass")
_WORDS = pa.dictionary(pa.int32(), pa.string())


def assessments(
    respondents: Sequence[Respondent],
    items: Mapping[str, Item],
    asked: Mapping[str, Questionnaire],
    margins: Sequence[str],
    stages: Mapping[tuple[str, str, str], int],
) -> pa.Table:
    """One row an assessment, sorted by stratum and respondent; respondents get random numbers, new at each call.

    ``items`` of all the questionnaires, ``asked``: group → its questionnaire, ``margins`` of all the groups;
    ``stages``: (group, stratum, unit) → number of a first-stage unit; other respondents are units of their own.
    """
    order, identities = _ordered(respondents)
    units = np.fromiter((len(each.units) for each in order), np.int64, len(order))
    rows = pa.array(np.repeat(np.arange(len(order)), units))
    labels = _labels(order, margins)

    def repeated(column: pa.Array) -> pa.Array:
        return column.take(rows)

    table: dict[str, pa.Array] = {
        "respondent": repeated(pa.array(identities)),
        "psu": repeated(_psus(order, stages)),
        "unit": _words([unit for each in order for unit in each.units]),
        **{name: repeated(labels[name]) for name in _LABEL},
        "mode": repeated(_words([each.mode for each in order])),
    }
    if any(each.phase == Phase.AFTER for each in order):
        table["phase"] = repeated(_words([each.phase or None for each in order]))
    if any(each.band is not None for each in order):
        table["duration_band"] = repeated(pa.array([each.band for each in order], pa.int8()))
    table |= {name: repeated(column) for name, column in labels.items() if name not in _LABEL}
    table["base_weight"] = pa.array([weight for each in order for weight in each.weights], pa.float64())
    answers = [_answers(each, told, asked[each.label.group]) for each in order for told in each.answers]
    said = _by_item(items, answers)
    for column in columns(items):
        table[column.name] = _codes(column, said[column.item.id])
    return pa.table(table)


def _ordered(respondents: Sequence[Respondent]) -> tuple[list[Respondent], NDArray[np.int64]]:
    """Respondents by stratum and random number, and those numbers."""
    strata = {name: at for at, name in enumerate(sorted({each.label.stratum for each in respondents}))}
    stratum = np.fromiter((strata[each.label.stratum] for each in respondents), np.int64, len(respondents))
    identities = _identities(len(respondents))
    order = np.lexsort((identities, stratum))
    return [respondents[at] for at in order.tolist()], identities[order]


def _identities(number: int) -> NDArray[np.int64]:
    """Distinct random numbers of 63 bits."""
    while True:
        found = np.frombuffer(secrets.token_bytes(8 * number), np.int64) & np.int64(2**63 - 1)
        if np.diff(np.sort(found)).all():
            return found


def _psus(order: Sequence[Respondent], stages: Mapping[tuple[str, str, str], int]) -> pa.Array:
    if not stages:
        return pa.array(np.arange(len(order)), pa.int32())
    found = (stages.get((each.label.group, each.label.stratum, each.psu)) for each in order)
    return pa.array([own if psu is None else psu for own, psu in enumerate(found, start=len(stages))], pa.int32())


def _labels(order: Sequence[Respondent], margins: Sequence[str]) -> dict[str, pa.Array]:
    """What labels say, by the name of the column: there are few of them, each looked into once."""
    labels = {label: at for at, label in enumerate(dict.fromkeys(each.label for each in order))}
    at = pa.array(np.fromiter((labels[each.label] for each in order), np.int64, len(order)))
    found = {name: [getattr(label, name) for label in labels] for name in _LABEL}
    found |= {f"m_{name}": [dict(label.margins).get(name) for label in labels] for name in margins}
    return {name: _words(column).take(at) for name, column in found.items()}


def _words(values: Sequence[str | None]) -> pa.DictionaryArray:
    return pa.array(values, pa.string()).dictionary_encode().cast(_WORDS)


def _answers(each: Respondent, told: Mapping[str, Any] | None, questionnaire: Questionnaire) -> Mapping[str, Any]:
    """What one row says; every item about a declined unit is declined."""
    if told is None:
        told = dict.fromkeys(questionnaire.unit_items, DECLINED)
    return {**each.person, **told} if each.person else told


def _by_item(items: Iterable[str], answers: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[Any]]:
    """The answers turned round: item → what each row says of it, None for nothing."""
    ids = list(items)
    blank = dict.fromkeys(ids)
    pick = itemgetter(*ids, ids[0])  # the last one again: of a single item it would give no tuple
    rows = [pick({**blank, **each}) for each in answers]
    return dict(zip(ids, zip(*rows, strict=True), strict=False)) if rows else dict.fromkeys(ids, ())


def _codes(column: Column, answers: Sequence[Any]) -> pa.Array:
    type_ = pa.type_for_alias(column.type)
    if column.choice is None and column.item.closed:
        said: dict[Any, int | None] = {value: column.code(value) for value in (None, NA, DECLINED)}
        said |= {choice.id: choice.position for choice in column.item.choices}
        with suppress(KeyError, TypeError):  # what is no choice is said below
            return pa.array(list(map(said.__getitem__, answers)), type_)
    return pa.array([column.code(value) for value in answers], type_)


def comments(respondents: Sequence[Respondent], items: Mapping[str, Item]) -> pa.Table:
    """Every text, shuffled and linked to nothing; ``unit`` is null for what a person said about several."""
    texts = [item.id for item in items.values() if item.type is ItemType.TEXT]
    rows: list[tuple[str | None, str, str, str]] = []
    for each in respondents if texts else ():
        alone = each.units[0] if len(each.units) == 1 else None
        for unit, answers in ((alone, each.person), *zip(each.units, each.answers, strict=True)):
            rows += [(unit, each.label.group, item, answers[item]) for item in texts if answers and answers.get(item)]
    secrets.SystemRandom().shuffle(rows)
    names = ("unit", "group", "item", "text")
    return pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(names)})


def design(
    rows: Iterable[Mapping[str, Any]],
    dispositions: Mapping[tuple[Cell, str], int],
    labels: Mapping[Label, Label],
    margins: Sequence[str],
) -> pa.Table:
    """design.parquet: population, drawn, and every disposition by number and by base weight, under merged labels.

    ``rows``: label, method, population and drawn by cell of the design. A person's base weight is the mean over the
    units of the invitation.
    """
    cells: dict[Label, dict[str, Any]] = {}
    for row in rows:
        total = cells.setdefault(labels[row["label"]], {"method": row["method"], "population": 0, "drawn": 0})
        total["population"] += row["population"]
        total["drawn"] += row["drawn"]
    numbers: dict[Label, Counter[str]] = defaultdict(Counter)
    weights: dict[Label, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (cell, state), number in dispositions.items():
        merged = labels[cell.label]
        numbers[merged][state] += number
        weights[merged][state] += number * sum(weight for _, weight in cell.units) / len(cell.units)
    order = sorted(cells, key=lambda label: (label.group, label.stratum, label.wclass, label.margins))
    columns: dict[str, list[Any]] = {
        "group": [label.group for label in order],
        "stratum": [label.stratum for label in order],
        "wclass": [label.wclass for label in order],
        **{f"m_{name}": [dict(label.margins).get(name) for label in order] for name in margins},
        "method": [cells[label]["method"] for label in order],
        "population": [cells[label]["population"] for label in order],
        "eligible_estimate": [_eligible(cells[label], numbers[label]) for label in order],
        "drawn": [cells[label]["drawn"] for label in order],
        **{f"n_{state}": [numbers[label][state] for label in order] for state in COUNTED},
        **{f"w_{state}": [weights[label][state] for label in order] for state in COUNTED},
    }
    return pa.table(columns)


def _eligible(cell: Mapping[str, Any], numbers: Mapping[str, int]) -> float:
    """The population less the share of the sample that was found not to belong to it."""
    out = sum(numbers.get(state, 0) for state in NOT_ELIGIBLE)
    return float(cell["population"] * (1 - out / cell["drawn"]) if cell["drawn"] else cell["population"])


def write(table: pa.Table, file: Path, rows: int = ROWS_IN_GROUP) -> None:
    """Write Parquet in row groups of about ``rows``, none of which splits a respondent."""
    with pq.ParquetWriter(file, table.schema, compression="zstd") as writer:
        start = 0
        while start < len(table):
            end = _boundary(table, min(start + rows, len(table)))
            writer.write_table(table.slice(start, end - start), row_group_size=end - start)
            start = end


def _boundary(table: pa.Table, end: int) -> int:
    """The first row at or after ``end`` that begins another respondent."""
    if "respondent" not in table.column_names:
        return end
    respondent = table["respondent"]
    while end < len(table) and respondent[end] == respondent[end - 1]:
        end += 1
    return end

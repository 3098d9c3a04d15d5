"""Every closed item by unit and group, with intervals: what an analyst looks at between the dataset and the index.

Hidden are the cells (unit, group) whose assessments are hidden everywhere, and of each item those with fewer than k
usable answers with what covers them, so that nothing follows from a sum over units or groups (METHOD §8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.dataset import Dataset
from analysis.design import Codes, Floats, Lonely
from analysis.disclosure import Bools, Counts, suppressed
from analysis.estimates import Estimates, ratios
from analysis.intervals import beta_limits, effective_size, t_limits
from analysis.returns import assessment_rows
from analysis.weights import WaveDesign, wave_design

FAVOURABLE = 0.75  # the value from which a choice counts as favourable: 4 and 5 of five points
_LARGEST = 4_000  # small cells × cells of an item for which the least to hide is sought: there are many items
_CLOSED = ("scale", "single", "multiple", "number")
Told = Callable[[int, int, str], None]


class Statistic(StrEnum):
    """What is told of an item: the mean of its choices' values (0 to 1) or of a number, or a share of the answers."""

    MEAN = "mean"
    FAVOURABLE = "favourable"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Figure:
    """One statistic of one item in one unit and group; all numbers None where it is hidden.

    ``choice``: whose share, under ``Statistic.CHOICE``. ``se`` None where everybody gave the same answer.
    """

    unit: str
    group: str
    item: str
    statistic: Statistic
    choice: str
    n: int | None = None
    value: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """One item in one group: numerators (n, K) of its K statistics, (n,) whether an answer is usable, and the ``ends``
    that no mean of it can pass."""

    statistics: tuple[tuple[Statistic, str], ...]
    numerators: Floats
    usable: Bools
    ends: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """A group's rows: their design, unit (n,) as a place in ``units``, and answers by item."""

    group: str
    wave: WaveDesign
    domain: Codes
    answers: Mapping[str, _Answers]


def figures(dataset: Dataset, level: float = 0.95, told: Told = lambda done, total, text: None) -> tuple[Figure, ...]:
    """All figures, by group, item and unit. Raises Faults as ``wave_design`` does."""
    units = [unit["id"] for unit in dataset.manifest["units"]]
    groups = [group["id"] for group in dataset.manifest["groups"]]
    read = [found for group in groups if (found := _read(dataset, group, units)) is not None]
    hidden = _hidden(dataset, units, groups, read)
    made: list[Figure] = []
    for done, part in enumerate(read):
        told(done, len(read), "figures by item")
        for item, answers in part.answers.items():
            shown = ~hidden[item][:, groups.index(part.group)]
            made += _figures(dataset, part, item, answers, units, shown, level)
    told(len(read), len(read), "figures by item")
    return tuple(made)


def _read(dataset: Dataset, group: str, units: Sequence[str]) -> _Group | None:
    """The answers of a group; None where nobody answered or nothing closed was asked."""
    asked = dataset.group(group)["questionnaire"]
    there = set(dataset.columns)
    items = [
        entry for entry in dataset.codebook["items"]
        if entry["type"] in _CLOSED and asked in entry["questionnaires"] and set(_columns(entry)) <= there
    ]  # fmt: skip
    if not items or not dataset.table(["unit"], group).num_rows:
        return None
    wave = wave_design(dataset, group, ["unit", *(name for entry in items for name in _columns(entry))])
    place = {unit: at for at, unit in enumerate(units)}
    domain = np.array([place[unit] for unit in wave.table["unit"].to_pylist()], np.int64)
    return _Group(group, wave, domain, {entry["id"]: _answers(wave.table, entry) for entry in items})


def _columns(entry: Mapping[str, Any]) -> list[str]:
    if entry["type"] == "multiple":
        return [f"{entry['id']}__{choice['id']}" for choice in entry["choices"]]
    return [entry["id"]]


def _answers(table: pa.Table, entry: Mapping[str, Any]) -> _Answers:
    told = np.column_stack([np.asarray(pc.fill_null(table[name].cast(pa.int64()), -1)) for name in _columns(entry)])
    number = entry["type"] == "number"  # without codes: one below 0 is a number as any other
    usable: Bools = np.asarray(table[entry["id"]].is_valid() if number else (told >= 0).all(axis=1), np.bool_)
    if number:
        counts = np.where(usable[:, None], told, 0).astype(float)
        least = 0.0 if (counts >= 0).all() else -np.inf  # how often, how long: never less than not at all
        return _Answers(((Statistic.MEAN, ""),), counts, usable, (least, np.inf))
    choices = sorted(
        (each for each in entry["choices"] if int(each["position"]) >= 0), key=lambda each: each["position"]
    )
    if entry["type"] == "multiple":
        by_id = {choice["id"]: place for place, choice in enumerate(entry["choices"])}
        chosen = np.column_stack([told[:, by_id[choice["id"]]] == 1 for choice in choices])
    else:
        chosen = told == np.arange(len(choices))
    statistics = [(Statistic.CHOICE, str(choice["id"])) for choice in choices]
    columns = [chosen.astype(float)]
    values = [choice.get("value") for choice in choices]
    ends = (0.0, 1.0)
    if None not in values and entry["type"] != "multiple":
        value = np.array(values, float)
        columns = [(chosen @ value)[:, None], (chosen @ (value >= FAVOURABLE).astype(float))[:, None], *columns]
        statistics = [(Statistic.MEAN, ""), (Statistic.FAVOURABLE, ""), *statistics]
        ends = (float(value.min()), float(value.max()))
    return _Answers(tuple(statistics), np.hstack(columns) * usable[:, None], usable, ends)


def _hidden(dataset: Dataset, units: Sequence[str], groups: Sequence[str], read: Sequence[_Group]) -> dict[str, Bools]:
    """Item → (U, G) what may not be shown of it."""
    k = int(dataset.manifest["wave"]["k"])
    everywhere = np.zeros((len(units), len(groups)), np.bool_)
    for row in assessment_rows(dataset):
        everywhere[units.index(row.unit), groups.index(row.group)] = row.n is None
    counts: dict[str, Counts] = {}
    for part in read:
        for item, answers in part.answers.items():
            table = counts.setdefault(item, np.zeros(everywhere.shape, np.int64))
            table[:, groups.index(part.group)] = np.bincount(part.domain[answers.usable], minlength=len(units))
    return {item: (suppressed(table, k, largest=_LARGEST) | everywhere) & (table > 0) for item, table in counts.items()}


def _figures(
    dataset: Dataset, part: _Group, item: str, answers: _Answers, units: Sequence[str], shown: Bools, level: float
) -> Iterator[Figure]:
    n = np.bincount(part.domain[answers.usable], minlength=len(units))
    if not n.any():
        return
    below = np.repeat(answers.usable[:, None], len(answers.statistics), axis=1).astype(float)
    domain = np.where(shown[part.domain], part.domain, -1)
    lonely = Lonely(dataset.manifest["estimation"]["lonely"])
    found = ratios(part.wave.design, answers.numerators, below, domain=domain, domains=len(units), lonely=lonely)
    for place in np.flatnonzero(n).tolist():
        for column, (statistic, choice) in enumerate(answers.statistics):
            labels = (units[place], part.group, item, statistic, choice)
            at = place * len(answers.statistics) + column
            figure = _figure(labels, found, at, int(n[place]), level) if shown[place] else Figure(*labels)
            yield _within(figure, answers.ends) if statistic is Statistic.MEAN else figure


def _within(mean: Figure, ends: tuple[float, float]) -> Figure:
    """With limits cut at the ends of the scale: what lies beyond is no mean, so that the interval covers as often."""
    if mean.low is None or mean.high is None:
        return mean
    return replace(mean, low=max(mean.low, ends[0]), high=min(mean.high, ends[1]))


def _figure(labels: tuple[str, str, str, Statistic, str], found: Estimates, at: int, n: int, level: float) -> Figure:
    """With a t interval for means and a beta interval for shares; none where no stratum allows a variance."""
    value, variance, df = float(found.value[at]), float(found.covariance[at, at]), float(found.df[at])
    if not np.isfinite(value):
        return Figure(*labels)
    if df < 1 or not np.isfinite(variance):
        return Figure(*labels, n, value)
    varies = variance > 0
    se = float(np.sqrt(variance)) if varies else None
    if labels[3] is Statistic.MEAN:
        low, high = t_limits(value, variance, df, level) if varies else (None, None)
        return Figure(*labels, n, value, se, low, high)
    inside = varies and 0 < value < 1
    size = effective_size(value, variance, n, df, level) if inside else float(n)
    return Figure(*labels, n, value, se, *beta_limits(min(max(value, 0.0), 1.0), size, level))

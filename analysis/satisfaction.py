"""Answers to the items about the service: how they spread over the choices, and the share that is satisfied.

The satisfaction index of SIPAS is the share answering 4 or 5 of 5: the two best of the choices that carry values. Only
the people who came with a dossier are asked. Every figure is a sum over cells (unit, group, item) of at least k usable
answers, so that nothing about fewer follows from any two of them (METHOD §8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.dataset import Dataset
from analysis.design import Codes, Floats, Lonely
from analysis.disclosure import counting
from analysis.estimates import Estimates, ratios
from analysis.intervals import beta_limits, effective_size
from analysis.weights import wave_design

SATISFIED = 0.75  # the value from which a choice counts as satisfied: 4 and 5 of five points
OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Share:
    """The satisfied share of some answers, in [0, 1], with its interval; None where it cannot be shown."""

    value: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """An item or a factor (``items`` its members) with its names by language."""

    id: str
    text: Mapping[str, str]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Weighted shares of the choices of one item, worst first, over all units of a kind; ``n`` answers."""

    item: str
    factor: str
    shares: tuple[float, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """One kind: ``factors`` and ``items`` asked; ``shares`` unit → question → its share; ``spreads`` of the items.

    ``mean`` question → plain mean over the units that have a figure.
    """

    kind: str
    groups: tuple[str, ...]
    factors: tuple[Question, ...]
    items: tuple[Question, ...]
    choices: tuple[str, ...]
    shares: Mapping[str, Mapping[str, Share]]
    mean: Mapping[str, float]
    spreads: tuple[Spread, ...] = field(default=())


def satisfaction(
    dataset: Dataset, kind: str, covered: frozenset[tuple[str, str]], level: float = 0.95
) -> Satisfaction | None:
    """Figures of one kind; ``covered`` (unit, group) are hidden altogether. None where nobody is asked such items."""
    groups = [group["id"] for group in dataset.manifest["groups"] if group["assesses"] == "dossier"]
    asked = {group["questionnaire"] for group in dataset.manifest["groups"] if group["assesses"] == "dossier"}
    items = _items(dataset.codebook, asked)
    units = [unit["id"] for unit in dataset.manifest["units"] if unit["kind"] == kind]
    if not items or not units:
        return None
    factors = _factors(dataset.codebook, items)
    parts = [part for group in groups if (part := _part(dataset, group, units, items, factors, covered)) is not None]
    if not parts:
        return None
    shares = _combined(parts, units, factors, items, level)
    questions = [*factors, *items]
    mean = {}
    for question in questions:
        known = [each for unit in units if (each := shares[unit][question.id].value) is not None]
        if known:
            mean[question.id] = float(np.mean(known))
    first = next(each for each in dataset.codebook["items"] if each["id"] == items[0].id)
    ordered = sorted(first["choices"], key=lambda choice: int(choice["position"]))
    return Satisfaction(
        kind, tuple(part.group for part in parts), tuple(factors), tuple(items),
        tuple(choice["text"].get("vi", choice["id"]) for choice in ordered), shares, mean, _spreads(parts, items),
    )  # fmt: skip


def _items(codebook: Mapping[str, Any], questionnaires: set[str]) -> list[Question]:
    """Items on one common scale that these questionnaires ask: all with values, the first one's number of choices."""
    found: list[Question] = []
    size = 0
    for entry in codebook["items"]:
        values = [choice.get("value") for choice in entry.get("choices", [])]
        if entry["type"] != "scale" or not questionnaires & set(entry["questionnaires"]) or None in values:
            continue
        size = size or len(values)
        if len(values) == size:
            found.append(Question(entry["id"], entry["text"], (entry.get("factor") or "",)))
    return found


def _factors(codebook: Mapping[str, Any], items: Sequence[Question]) -> list[Question]:
    named = dict.fromkeys(item.items[0] for item in items if item.items[0])
    return [
        Question(factor, codebook["factors"].get(factor, {"vi": factor}),
                 tuple(item.id for item in items if item.items[0] == factor))
        for factor in named
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One group: estimates (U, Q) of Q factors and items, their mass (U, Q), n, and weighted counts of choices."""

    group: str
    estimates: Estimates
    mass: Floats
    n: Codes
    counts: Floats
    answers: Codes


def _part(
    dataset: Dataset,
    group: str,
    units: Sequence[str],
    items: Sequence[Question],
    factors: Sequence[Question],
    covered: frozenset[tuple[str, str]],
) -> _Part | None:
    columns = [item.id for item in items]
    about = dataset.table(["unit"], group)["unit"].to_pylist()
    if not set(about) & set(units):
        return None
    wave = wave_design(dataset, group, ["unit", *columns])
    place = {unit: at for at, unit in enumerate(units) if (unit, group) not in covered}
    domain = np.array([place.get(unit, -1) for unit in wave.table["unit"].to_pylist()], np.int64)
    position = _positions(wave.table, columns)
    position[domain < 0] = -1
    k = int(dataset.manifest["wave"]["k"])
    position = np.where(counting(position >= 0, domain, len(units), k), position, -1)
    values = _values(dataset.codebook, columns)
    good = np.where(position >= 0, values[np.arange(len(columns)), np.clip(position, 0, None)] >= SATISFIED, False)
    member = np.array([[item.id in factor.items for factor in factors] for item in items], float).reshape(
        len(items), len(factors)
    )
    usable = (position >= 0).astype(float)
    above, below = (np.hstack([each @ member, each]) for each in (good.astype(float), usable))
    lonely = Lonely(dataset.manifest["estimation"]["lonely"])
    found = ratios(wave.design, above, below, domain=domain, domains=len(units), lonely=lonely)
    weight, inside = wave.design.weight, domain >= 0
    mass = np.zeros((len(units), above.shape[1]))
    np.add.at(mass, domain[inside], below[inside] * weight[inside, None])
    size = values.shape[1]
    counts = np.array([
        [weight[position[:, item] == choice].sum() for choice in range(size)] for item in range(len(columns))
    ])  # fmt: skip
    answers = (position >= 0).sum(axis=0).astype(np.int64)
    return _Part(group, found, mass, found.n.reshape(mass.shape), counts, answers)


def _positions(table: pa.Table, columns: Sequence[str]) -> Codes:
    """(n, K) positions of the choices, −1 for no usable answer."""
    return np.column_stack(
        [np.maximum(np.asarray(pc.fill_null(table[name].cast(pa.int64()), -1)), -1) for name in columns]
    )


def _values(codebook: Mapping[str, Any], items: Sequence[str]) -> Floats:
    entries = {entry["id"]: entry for entry in codebook["items"]}
    return np.array([
        [float(choice["value"]) for choice in sorted(entries[item]["choices"], key=lambda each: int(each["position"]))]
        for item in items
    ])  # fmt: skip


def _combined(
    parts: Sequence[_Part],
    units: Sequence[str],
    factors: Sequence[Question],
    items: Sequence[Question],
    level: float,
) -> dict[str, dict[str, Share]]:
    """Groups put together by the people they stand for; their errors are independent."""
    questions = [*factors, *items]
    shape = parts[0].mass.shape
    total = sum((part.mass for part in parts), np.zeros(shape))
    value, variance = np.zeros(shape), np.zeros(shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        for part in parts:
            portion = np.where(part.mass > 0, part.mass / total, 0.0)
            value += portion * np.nan_to_num(part.estimates.value.reshape(shape))
            variance += portion**2 * np.nan_to_num(np.diag(part.estimates.covariance).reshape(shape))
    n = sum((part.n for part in parts), np.zeros(shape, np.int64))
    df = np.max([part.estimates.df.reshape(shape) for part in parts], axis=0)
    made: dict[str, dict[str, Share]] = {}
    for row, unit in enumerate(units):
        made[unit] = {}
        for column, question in enumerate(questions):
            cell = (row, column)
            made[unit][question.id] = _share(value[cell], variance[cell], int(n[cell]), float(df[cell]), level)
    return made


def _share(value: float, variance: float, n: int, df: float, level: float) -> Share:
    """With the beta interval; where nobody differs from anybody it rests on the number of answers (METHOD §5)."""
    if not n:
        return Share()
    if df < 1:
        return Share(value=float(value), n=n)
    varies = variance > 0 and 0 < value < 1
    size = effective_size(float(value), float(variance), n, df, level) if varies else float(n)
    low, high = beta_limits(float(value), size, level)
    return Share(float(value), float(np.sqrt(max(variance, 0.0))) if varies else None, low, high, n)


def _spreads(parts: Sequence[_Part], items: Sequence[Question]) -> tuple[Spread, ...]:
    counts = sum((part.counts for part in parts), np.zeros(parts[0].counts.shape))
    answers = sum((part.answers for part in parts), np.zeros(len(items), np.int64))
    return tuple(
        Spread(item.id, item.items[0], tuple((row / row.sum()).tolist()), int(n))
        for item, row, n in zip(items, counts, answers, strict=True)
        if n
    )

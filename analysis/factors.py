"""A wave's factors: how consistently their items measure, and which of them go with overall satisfaction (METHOD §6).

Both look at a group or a kind as a whole, never at one unit alone: a unit gets the importance of its kind beside its
own scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.counted import of_dataset
from analysis.dataset import Dataset
from analysis.design import Codes, Floats
from analysis.drivers import DRAWS, Drivers, Priority, drivers, priorities
from analysis.reliability import reliability
from analysis.satisfaction import OVERALL, Satisfaction
from analysis.weights import wave_design
from forms.faults import Faults

FEWEST = 30  # complete cases; under them neither a correlation nor an interval of one says much


@dataclass(frozen=True, slots=True)
class ItemReliability:
    """One item of a factor: its correlation with the sum of the others, and alpha without it (None of two items)."""

    item: str
    item_rest: float
    without: float | None


@dataclass(frozen=True, slots=True)
class FactorReliability:
    """One factor as one group answered it: ``n`` complete cases, unweighted; numbers None with the ``reason``.

    ``interval``: "feldt", or "bootstrap" of respondents where they assess several units; ``omega`` None with its note.
    """

    group: str
    factor: str
    text: Mapping[str, str]
    items: tuple[ItemReliability, ...]
    n: int
    left_out: int = 0
    alpha: float | None = None
    low: float | None = None
    high: float | None = None
    interval: str | None = None
    standardised: float | None = None
    omega: float | None = None
    omega_note: str | None = None
    reason: str | None = None


def reliabilities(dataset: Dataset, level: float = 0.95) -> tuple[FactorReliability, ...]:
    """Every factor of two or more scored items, in each group that is asked them."""
    found = []
    for group in dataset.manifest["groups"]:
        for factor, items in _factors(dataset.codebook, group["questionnaire"]).items():
            if len(items) > 1:
                found.append(_reliability(dataset, group["id"], factor, items, level))
    return tuple(found)


def _reliability(dataset: Dataset, group: str, factor: str, items: Sequence[str], level: float) -> FactorReliability:
    table = dataset.table(["respondent", *items], group)
    values = scored(table, items, dataset.codebook)
    text = dataset.codebook["factors"].get(factor, {"vi": factor})
    complete = int((~np.isnan(values).any(axis=1)).sum())
    if complete < FEWEST or of_dataset(dataset).assessed(group):
        # Not even how many there are: it may be fewer than k, and an interval tells it as well.
        return FactorReliability(group, factor, text, (), 0, reason="few")
    try:
        made = reliability(values, items, cluster=table["respondent"].to_numpy(), level=level)
    except Faults as faults:
        return FactorReliability(group, factor, text, (), complete, reason=str(faults))
    rows = tuple(
        ItemReliability(item, float(rest), None if np.isnan(without) else float(without))
        for item, rest, without in zip(made.items, made.item_rest, made.without, strict=True)
    )
    return FactorReliability(
        group, factor, text, rows, made.n, made.left_out, made.alpha, made.low, made.high,
        "bootstrap" if made.bootstrap else "feldt", made.standardised, made.omega, made.omega_note,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Driver:
    """A factor's relative weight on overall satisfaction, its share of all of them, and the share's interval."""

    factor: str
    weight: float
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class KindDrivers:
    """What goes with overall satisfaction in one kind: association, not cause.

    ``r_squared``: share of the outcome's variance that the factors account for; ``units``: where each unit's factors
    stand, by importance in the kind and the unit's own satisfied share; ``lines``: of importance, and of each unit.
    ``n`` and ``left_out`` None where a hidden number would follow.
    """

    kind: str
    groups: tuple[str, ...]
    n: int | None
    left_out: int | None
    r_squared: float | None
    factors: tuple[Driver, ...]
    units: Mapping[str, tuple[Priority, ...]]
    line: float | None
    performance_lines: Mapping[str, float]
    reason: str | None = None


def kind_drivers(dataset: Dataset, found: Satisfaction, level: float = 0.95, draws: int = DRAWS) -> KindDrivers | None:
    """Drivers of one kind, weighted and by its design; None where the item “overall” is not asked beside factors."""
    factors = {each.id: each.items for each in found.factors}
    outcome = [each.id for each in found.items if each.id == OVERALL]
    if len(factors) < 2 or not outcome:
        return None
    units = frozenset(found.shares)
    parts = [_part(dataset, group, units, factors, outcome) for group in found.groups]
    values, y, weight, psu, stratum = (np.concatenate(each) for each in zip(*_apart(parts), strict=True))
    try:
        if int((~np.isnan(values).any(axis=1) & ~np.isnan(y)).sum()) < FEWEST:
            return _without(found, "few")
        made = drivers(values, y, tuple(factors), weight=weight, cluster=psu, stratum=stratum, level=level,
                       draws=draws, seed=int(dataset.hash[:8], 16))  # fmt: skip
    except Faults as faults:
        return _without(found, str(faults))
    return _told(found, made, of_dataset(dataset).kind(found.kind))


def _without(found: Satisfaction, reason: str) -> KindDrivers:
    return KindDrivers(found.kind, found.groups, 0, 0, None, (), {}, None, {}, reason)


_Part = tuple[Floats, Floats, Floats, Codes, Codes]


def _part(
    dataset: Dataset, group: str, units: frozenset[str], factors: Mapping[str, Sequence[str]], outcome: Sequence[str]
) -> _Part:
    """One group's factor means (n, k), outcome (n,), weights, PSUs and strata, of its rows about these units."""
    items = list(dict.fromkeys((*(item for each in factors.values() for item in each), *outcome)))
    wave = wave_design(dataset, group, ["unit", *items])
    inside = np.isin(wave.table["unit"].to_numpy(zero_copy_only=False).astype(str), sorted(units))
    values = scored(wave.table, items, dataset.codebook)
    place = {item: at for at, item in enumerate(items)}
    table = np.column_stack([_mean(values[:, [place[item] for item in each]]) for each in factors.values()])
    y = _mean(values[:, [place[item] for item in outcome]])
    design = wave.design
    return table[inside], y[inside], design.weight[inside], design.psu[inside], design.stratum[inside]


def _apart(parts: Sequence[_Part]) -> list[_Part]:
    """The same, with PSUs and strata of different groups told apart."""
    found, psus, strata = [], 0, 0
    for values, y, weight, psu, stratum in parts:
        found.append((values, y, weight, psu + psus, stratum + strata))
        psus += int(psu.max(initial=-1)) + 1
        strata += int(stratum.max(initial=-1)) + 1
    return found


def _mean(values: Floats) -> Floats:
    """Mean of the items that were answered; nan where none was."""
    present = ~np.isnan(values)
    number = present.sum(axis=1)
    total = np.where(present, values, 0.0).sum(axis=1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _told(found: Satisfaction, made: Drivers, hidden: bool) -> KindDrivers:
    rows = tuple(
        Driver(name, float(made.weight[at]), float(made.share[at]), _or_none(made.low[at]), _or_none(made.high[at]))
        for at, name in enumerate(made.factors)
    )
    placed: dict[str, tuple[Priority, ...]] = {}
    lines: dict[str, float] = {}
    for unit, shares in found.shares.items():
        told = [shares[name].value for name in made.factors]
        scores = np.array([np.nan if value is None else value for value in told])
        if np.isfinite(scores).all():
            chart = priorities(made, scores)
            placed[unit], lines[unit] = chart.points, chart.performance
    even = 1 / len(made.factors)
    n, left_out = (None, None) if hidden else (made.n, made.left_out)
    return KindDrivers(found.kind, found.groups, n, left_out, made.r_squared, rows, placed, even, lines)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def scale_items(codebook: Mapping[str, Any], questionnaire: str) -> list[Mapping[str, Any]]:
    """The codebook's items on scales with values that this questionnaire asks."""
    return [
        entry
        for entry in codebook["items"]
        if entry["type"] == "scale"
        and questionnaire in entry["questionnaires"]
        and None not in (choice.get("value") for choice in entry.get("choices", []))
    ]


def _factors(codebook: Mapping[str, Any], questionnaire: str) -> dict[str, list[str]]:
    """Factor → its items on scales with values, as this questionnaire asks them."""
    found: dict[str, list[str]] = {}
    for entry in scale_items(codebook, questionnaire):
        if factor := entry.get("factor"):
            found.setdefault(factor, []).append(entry["id"])
    return found


def scored(table: pa.Table, items: Sequence[str], codebook: Mapping[str, Any]) -> Floats:
    """Values of the chosen answers: (n, K), nan for whatever is not usable."""
    entries = {entry["id"]: entry for entry in codebook["items"]}
    columns = []
    for item in items:
        ordered = sorted(entries[item]["choices"], key=lambda choice: int(choice["position"]))
        values = np.array([*(float(choice["value"]) for choice in ordered), np.nan])
        position = np.asarray(pc.fill_null(table[item].cast(pa.int64()), -1))
        columns.append(values[np.where(position < 0, len(values) - 1, position)])
    return np.column_stack(columns)

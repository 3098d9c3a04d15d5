"""What a draw left for the freeze: first-stage units, told apart from their strata, and weights after a release."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
from msgspec import structs

from survey.freeze.cells import Merged
from survey.freeze.opening import Cell, cell_of, cell_of_row
from survey.freeze.respondent import Label, Respondent
from survey.plan.wave_spec import Group
from survey.sample.sampling import stratum_name


@dataclass(frozen=True, slots=True)
class Staged:
    """``merged`` with strata that no longer name first-stage units; ``number``: (group, stratum, unit) → its number.

    ``table``: psu.parquet; None without a group of two stages.
    """

    merged: Merged
    number: Mapping[tuple[str, str, str], int]
    table: pa.Table | None


def staged(merged: Merged, groups: Iterable[Group], psus: Sequence[Mapping[str, Any]]) -> Staged:
    """Part strata and first-stage units. ``psus``: grp, stratum, psu, population and drawn of every one in the list.

    A unit whose respondents were joined with others' to reach k is ``*`` with them: one unit of its stratum.
    """
    depth = {group.id: len(group.design.by) for group in groups if group.design.psu}
    parted = {label: _parted(label, depth) for label in merged.labels.values()}
    if not depth:
        return Staged(merged, {}, None)
    respondents = tuple(
        structs.replace(each, label=parted[each.label][0], psu=parted[each.label][1]) for each in merged.respondents
    )
    labels = {old: parted[new][0] for old, new in merged.labels.items()}
    changed = replace(merged, respondents=respondents, labels=labels)
    joined = {_parted(old, depth): parted[new][1] for old, new in merged.labels.items()}
    number, table = _table(respondents, joined, [row for row in psus if row["grp"] in depth])
    return Staged(changed, number, table)


def pooled(valid: Sequence[Respondent], labels: Sequence[Label], groups: Iterable[Group], k: int) -> dict[Label, Label]:
    """Labels whose first-stage unit has fewer than ``k`` valid respondents, joined with the smallest of its stratum.

    So that merging cells, which knows no neighbours, need not join all the units of a stratum and lose its variance.
    """
    depth = {group.id: len(group.design.by) for group in groups if group.design.psu}
    sizes: dict[tuple[str, str], Counter[tuple[str, ...]]] = defaultdict(Counter)
    for each in valid:
        home, unit = _parted(each.label, depth)
        if unit:
            sizes[home.group, home.stratum][(unit,)] += 1
    into: dict[tuple[str, str, str], str] = {}
    for (group, stratum), units in sizes.items():
        while len(units) > 1 and min(units.values()) < k:
            small, other = sorted(units, key=lambda names: (units[names], names))[:2]
            units[tuple(sorted((*small, *other)))] = units.pop(small) + units.pop(other)
        into |= {(group, stratum, name): "+".join(names) for names in units for name in names}
    new = {}
    for label in labels:
        home, unit = _parted(label, depth)
        name = into.get((home.group, home.stratum, unit), unit)
        parts = label.stratum.split("/")
        new[label] = structs.replace(label, stratum="/".join((*parts[:-1], name))) if unit else label
    return new


def _parted(label: Label, depth: Mapping[str, int]) -> tuple[Label, str]:
    """The label without the first-stage unit, and that unit; '' in one stage."""
    parts = label.stratum.split("/")
    if label.group not in depth or len(parts) != depth[label.group] + 1:
        return label, ""
    return structs.replace(label, stratum=stratum_name(parts[:-1])), parts[-1]


def _table(
    respondents: Sequence[Respondent], joined: Mapping[tuple[Label, str], str], psus: Sequence[Mapping[str, Any]]
) -> tuple[dict[tuple[str, str, str], int], pa.Table]:
    responding = Counter((each.label.group, each.label.stratum, each.psu) for each in respondents)
    carried: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for (label, name), kept in joined.items():
        carried[label.group, label.stratum, name].add(kept)
    population: Counter[tuple[str, str, str]] = Counter()
    there: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in psus:
        home = there[row["grp"], row["stratum"]]
        home[0] += 1
        home[1] += row["drawn"]
        if row["drawn"]:
            for name in carried[row["grp"], row["stratum"], row["psu"]] or {row["psu"]}:
                population[row["grp"], row["stratum"], name] += row["population"]
    keys = sorted({*population, *responding})
    columns: dict[str, Any] = {
        "psu": pa.array(range(len(keys)), pa.int32()),
        "group": [group for group, _, _ in keys],
        "stratum": [stratum for _, stratum, _ in keys],
        "psus_population": [there[group, stratum][0] for group, stratum, _ in keys],
        "psus_drawn": [there[group, stratum][1] for group, stratum, _ in keys],
        "population": [population[key] for key in keys],
        "responding": [responding[key] for key in keys],
    }
    return {key: number for number, key in enumerate(keys)}, pa.table(columns)


def factors(rows: Iterable[Mapping[str, Any]]) -> dict[Cell, float]:
    """What releases made of each cell's weights, where they did; cells that look alike share the mean."""
    found: dict[Cell, list[float]] = defaultdict(list)
    for row in rows:
        found[cell_of_row(row)].append(row["factor"])
    return {each: sum(values) / len(values) for each, values in found.items() if set(values) != {1.0}}


def reweighted(
    opened: Sequence[Respondent], dispositions: Mapping[tuple[Cell, str], int], factor: Mapping[Cell, float]
) -> tuple[list[Respondent], dict[tuple[Cell, str], int]]:
    """Responses and dispositions with the weights that hold since the last release, whenever they were given."""
    if not factor:
        return list(opened), dict(dispositions)
    responses = [
        structs.replace(each, weights=tuple(weight * factor.get(cell_of(each), 1.0) for weight in each.weights))
        for each in opened
    ]
    counts: Counter[tuple[Cell, str]] = Counter()
    for (cell, state), number in dispositions.items():
        units = tuple((unit, weight * factor.get(cell, 1.0)) for unit, weight in cell.units)
        counts[cell._replace(units=units), state] += number
    return responses, dict(counts)

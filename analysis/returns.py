"""Who answered about whom, and return figures by group, with what must be hidden taken out (METHOD §8)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.counted import of_dataset
from analysis.dataset import Dataset
from analysis.disclosure import Counts
from analysis.rates import STATES, rates
from analysis.result import AssessmentRow, RateRow
from forms.faults import Fault, Faults


def _crossed(dataset: Dataset) -> tuple[list[str], list[str], Counts]:
    """Units, groups and assessments (U, G)."""
    units = [unit["id"] for unit in dataset.manifest["units"]]
    groups = [group["id"] for group in dataset.manifest["groups"]]
    table = dataset.table(["unit", "group"])
    counts = np.zeros((len(units), len(groups)), dtype=np.int64)
    unit_place = {unit: place for place, unit in enumerate(units)}
    group_place = {group: place for place, group in enumerate(groups)}
    pairs = list(zip(table["unit"].to_pylist(), table["group"].to_pylist(), strict=True))
    _require({unit for unit, _ in pairs} - set(units), "unit", dataset)
    _require({group for _, group in pairs} - set(groups), "group", dataset)
    for unit, group in pairs:
        counts[unit_place[unit], group_place[group]] += 1
    return units, groups, counts


def _require(unknown: set[str], what: str, dataset: Dataset) -> None:
    if unknown:
        raise Faults([Fault(f"the manifest has no {what} “{min(unknown)}”, which the answers name", str(dataset.path))])


def assessment_rows(dataset: Dataset) -> tuple[AssessmentRow, ...]:
    """Assessments by unit × group that has any, or had valid forms that were left out; what is secret is None."""
    units, groups, counts = _crossed(dataset)
    secret = of_dataset(dataset)
    return tuple(
        AssessmentRow(unit, group, None if secret.cell(unit, group) else int(counts[row, column]))
        for row, unit in enumerate(units)
        for column, group in enumerate(groups)
        if counts[row, column] or secret.cell(unit, group)
    )


def unit_totals(dataset: Dataset) -> dict[str, int | None]:
    """Assessments of each unit; None where the total would tell what is hidden elsewhere."""
    units, _, counts = _crossed(dataset)
    secret = of_dataset(dataset)
    totals = zip(units, counts.sum(axis=1).tolist(), strict=True)
    return {unit: None if secret.respondents(unit) else total for unit, total in totals}


def rate_rows(dataset: Dataset) -> tuple[tuple[RateRow, ...], RateRow]:
    """Forms issued, returned and valid by group, and over all groups; hidden where the dataset's secrecy says so."""
    design = dataset.design_table()
    states: dict[str, dict[str, float]] = {group["id"]: {} for group in dataset.manifest["groups"]}
    cells = design.to_pylist()
    _require({cell["group"] for cell in cells} - states.keys(), "group", dataset)
    for cell in cells:
        counts = states[cell["group"]]
        for name in (name for name in cell if name.startswith("n_")):
            counts[name[2:]] = counts.get(name[2:], 0) + (cell[name] or 0)
    valid = tuple(dataset.manifest["estimation"]["valid"])
    secret = of_dataset(dataset)
    shown = tuple(_row({"group": group}, counts, valid, secret.group(group)) for group, counts in states.items())
    total = {state: sum(counts.get(state, 0) for counts in states.values()) for state in STATES}
    return shown, _row({}, total, valid, secret.whole)


def unit_rate_rows(dataset: Dataset) -> tuple[RateRow, ...]:
    """Forms issued, returned and valid of each unit, an invitation counted under every unit that it assesses."""
    table = dataset.pairs_table()
    if table is None:
        return ()
    forms = {unit["id"]: np.zeros(3, np.int64) for unit in dataset.manifest["units"]}
    rows = [row for row in table.to_pylist() if row["unit"] == row["other"]]
    _require({row["unit"] for row in rows} - forms.keys(), "unit", dataset)
    for row in rows:
        forms[row["unit"]] += [row["assigned"], row["returned"], row["valid"]]
    secret = of_dataset(dataset)
    return tuple(
        RateRow({"unit": unit}, int(issued), int(returned), int(good), secret.unit(unit))
        for unit, (issued, returned, good) in forms.items()
        if issued
    )


def _row(by: dict[str, str], states: Mapping[str, float], valid: tuple[str, ...], hidden: bool) -> RateRow:
    counted = rates(states, valid=valid)
    return RateRow(by, int(counted.issued), int(counted.returned), int(counted.valid or 0), hidden)

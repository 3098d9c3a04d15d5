"""Who answered about whom, and return figures by group, with what must be hidden taken out (METHOD §8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from analysis.covering import told
from analysis.dataset import Dataset
from analysis.disclosure import Bools, Counts, covered, hiding
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
    """Assessments by unit × group that has any, small cells and their covers hidden."""
    units, groups, counts = _crossed(dataset)
    hidden = hiding(counts, int(dataset.manifest["wave"]["k"])).cells
    return tuple(
        AssessmentRow(units[row], groups[column], None if hidden[row, column] else int(counts[row, column]))
        for row, column in np.argwhere(counts > 0).tolist()
    )


def unit_totals(dataset: Dataset) -> dict[str, int | None]:
    """Assessments of each unit; None where the total would tell a hidden cell."""
    units, _, counts = _crossed(dataset)
    secret = hiding(counts, int(dataset.manifest["wave"]["k"])).rows
    return {
        unit: None if secret[row] else int(total)
        for row, (unit, total) in enumerate(zip(units, counts.sum(axis=1), strict=True))
    }


def rate_rows(dataset: Dataset) -> tuple[tuple[RateRow, ...], RateRow]:
    """Forms issued, returned and valid by group, and over all groups; small groups and a second one hidden."""
    design = dataset.design_table()
    states: dict[str, dict[str, float]] = {group["id"]: {} for group in dataset.manifest["groups"]}
    cells = design.to_pylist()
    _require({cell["group"] for cell in cells} - states.keys(), "group", dataset)
    for cell in cells:
        counts = states[cell["group"]]
        for name in (name for name in cell if name.startswith("n_")):
            counts[name[2:]] = counts.get(name[2:], 0) + (cell[name] or 0)
    valid = tuple(dataset.manifest["estimation"]["valid"])
    rows = [_row({"group": group}, counts, valid) for group, counts in states.items()]
    # The sum over all groups is printed: what is hidden in one must not follow from it, nor from the assessments.
    k, good = int(dataset.manifest["wave"]["k"]), np.array([row.valid for row in rows], np.int64)
    small = np.asarray((good > 0) & (good < k)) | _told_by_assessments(dataset)
    hidden = covered(good, small, k)
    shown = tuple(replace(row, hidden=bool(secret)) for row, secret in zip(rows, hidden, strict=True))
    total = {state: sum(counts.get(state, 0) for counts in states.values()) for state in STATES}
    return shown, replace(_row({}, total, valid), hidden=told(good.tolist(), hidden.tolist(), k))


def _told_by_assessments(dataset: Dataset) -> Bools:
    """(G,) groups whose total would tell a hidden cell: a form about one unit is one assessment."""
    _, _, counts = _crossed(dataset)
    return hiding(counts, int(dataset.manifest["wave"]["k"])).columns


def unit_rate_rows(dataset: Dataset) -> tuple[RateRow, ...]:
    """Forms issued, returned and valid of each unit, an invitation counted under every unit that it assesses.

    Hidden are units with fewer than k valid forms, units whose total would tell a hidden cell of the assessments, and
    what covers these: where everybody assesses one unit, the units add up to the total that is shown.
    """
    table = dataset.pairs_table()
    if table is None:
        return ()
    forms = {unit["id"]: np.zeros(3, np.int64) for unit in dataset.manifest["units"]}
    rows = [row for row in table.to_pylist() if row["unit"] == row["other"]]
    _require({row["unit"] for row in rows} - forms.keys(), "unit", dataset)
    for row in rows:
        forms[row["unit"]] += [row["assigned"], row["returned"], row["valid"]]
    k = int(dataset.manifest["wave"]["k"])
    totals = unit_totals(dataset)
    valid = np.array([counts[2] for counts in forms.values()], np.int64)
    secret = np.array([0 < counts[2] < k or totals[unit] is None for unit, counts in forms.items()], bool)
    return tuple(
        RateRow({"unit": unit}, int(issued), int(returned), int(good), bool(hidden))
        for (unit, (issued, returned, good)), hidden in zip(forms.items(), covered(valid, secret, k), strict=True)
        if issued
    )


def _row(by: dict[str, str], states: Mapping[str, float], valid: tuple[str, ...]) -> RateRow:
    counted = rates(states, valid=valid)
    return RateRow(by, int(counted.issued), int(counted.returned), int(counted.valid or 0))

"""A report of some unit kinds only: what tells of offices of the others is left out, wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analysis.report.annexes import Annexes
from analysis.result import IndexResult


def alone(
    result: IndexResult, annexes: Annexes, manifest: Mapping[str, Any]
) -> tuple[IndexResult, Annexes, Mapping[str, Any]]:
    """The three without rates, counts, arrivals, calls, corrections and marks of units of kinds that ``result`` lacks.

    Totals of groups stay: they are of the whole wave.
    """
    kinds = {kind.kind for kind in result.kinds}
    units = {unit["id"] for unit in manifest["units"] if unit["kind"] in kinds}
    told = replace(
        annexes.evidence,
        apart=tuple(mark for mark in annexes.evidence.apart if mark.unit in units),
        repeated=tuple(each for each in annexes.evidence.repeated if each.kind in kinds),
    )
    fieldwork = dict(manifest.get("fieldwork", {}))
    for part in {"arrivals", "keyed"} & set(fieldwork):
        fieldwork[part] = [row for row in fieldwork[part] if row["unit"] in units]
    if "control" in fieldwork:
        calls = fieldwork["control"]
        by_unit = {part: [row for row in rows if row["unit"] in units]
                   for part, rows in calls.items() if part in ("by_unit", "by_cell")}  # fmt: skip
        fieldwork["control"] = {**calls, **by_unit}
    names, rounds = result.wave.unit_names, result.rounds
    if rounds is not None:
        rounds = replace(rounds, changes=tuple(each for each in rounds.changes if each.unit in units))
    return (
        replace(
            result,
            wave=replace(result.wave, unit_names={id: name for id, name in names.items() if id in units}),
            rates_by_unit=tuple(row for row in result.rates_by_unit if row.by["unit"] in units),
            assessments=tuple(row for row in result.assessments if row.unit in units),
            units_without_framework=(),
            rounds=rounds,
        ),
        replace(annexes, evidence=told),
        {**manifest, "fieldwork": fieldwork},
    )

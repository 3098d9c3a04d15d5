"""Answers of an external wave as a dataset of the frozen kind, and marked for what it is."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from forms.faults import Fault, Faults
from survey import codebook
from survey.external.answers import Answered
from survey.external.mapping import Mapped
from survey.freeze import columns, manifest
from survey.freeze.respondent import Label, Respondent


def write(mapped: Mapped, answered: Sequence[Answered], source: Path, folder: Path) -> dict[str, Any]:
    """Write the dataset into the new ``folder``; its manifest. Raises Faults when it exists or nobody answered."""
    if folder.exists():
        raise Faults([Fault("exists already: a dataset is never written over; name a new folder", str(folder))])
    if not answered:
        raise Faults([Fault("has no row with an answer", str(source))])
    scratch = folder.with_name(f".{folder.name}.part")
    scratch.mkdir(mode=0o700)
    try:
        told = _files(mapped, answered, source, scratch)
        scratch.rename(folder)
    finally:
        if scratch.exists():
            for file in scratch.iterdir():
                file.unlink()
            scratch.rmdir()
    return told


def _files(mapped: Mapped, answered: Sequence[Answered], source: Path, scratch: Path) -> dict[str, Any]:
    asked = mapped.questionnaire
    respondents = [_respondent(mapped, each) for each in answered]
    items = codebook.items([asked])
    table = columns.assessments(respondents, items, {mapped.group: asked}, (), {})
    columns.write(table, scratch / "assessments.parquet")
    columns.write(columns.comments(respondents, items), scratch / "comments.parquet")
    columns.write(_design(mapped, answered), scratch / "design.parquet")
    manifest.write_json(codebook.document([asked], ()), scratch / "codebook.json")
    document = manifest.seal_files(_manifest(mapped, answered, source), scratch)
    manifest.write_json(document, scratch / "manifest.json")
    return document


def _respondent(mapped: Mapped, each: Answered) -> Respondent:
    own = mapped.questionnaire.unit_items
    about = {item: value for item, value in each.answers.items() if item in own}
    person = {item: value for item, value in each.answers.items() if item not in own}
    label = Label(mapped.group, each.stratum, each.stratum, ())
    return Respondent(label, mapped.mode, "complete", (each.unit,), (each.weight,), (about,), person)


def _design(mapped: Mapped, answered: Sequence[Answered]) -> pa.Table:
    """A row a stratum. Without a design the population is who answered: nothing is inferred from it."""
    rows, weights = Counter(each.stratum for each in answered), defaultdict[str, float](float)
    for each in answered:
        weights[each.stratum] += each.weight
    strata = sorted(rows)
    return pa.table({
        "group": [mapped.group] * len(strata), "stratum": strata, "wclass": strata,
        "method": ["external" if mapped.probability else "none"] * len(strata),
        "population": pa.array([max(round(weights[each]), rows[each]) for each in strata], pa.int64()),
        "eligible_estimate": [max(float(weights[each]), float(rows[each])) for each in strata],
        "drawn": pa.array([rows[each] for each in strata], pa.int64()),
        "n_complete": pa.array([rows[each] for each in strata], pa.int64()),
        "w_complete": [float(weights[each]) for each in strata],
    })  # fmt: skip


def _manifest(mapped: Mapped, answered: Sequence[Answered], source: Path) -> dict[str, Any]:
    probability = mapped.probability
    return {
        "format": manifest.FORMAT, "product": f"phieu {version('phieu')}", "simulated": False, "interim": False,
        "non_probability": not probability,
        "external": {"file": source.name, "sha256": hashlib.sha256(source.read_bytes()).hexdigest()},
        "wave": {"id": mapped.id, "title": dict(mapped.title), "opens": mapped.opens.isoformat(),
                 "closes": mapped.closes.isoformat(), "k": mapped.k},
        "units": [{"id": unit.id, "name": dict(unit.name), "kind": unit.kind} for unit in mapped.units],
        # In blocks: no finite population stands behind the fractions of who came by himself.
        "groups": [{"id": mapped.group, "name": dict(mapped.group_name), "questionnaire": mapped.questionnaire.id,
                    "assesses": "list", "method": "external" if probability else "none", "by": [],
                    "blocks": not probability}],
        "estimation": {"lonely": "adjust", "collapse": [], "valid": ["complete"], "n_min": mapped.k},
        "questionnaires": {mapped.questionnaire.id: mapped.questionnaire.hash},
        "questionnaire_titles": {mapped.questionnaire.id: dict(mapped.questionnaire.title)},
        "framework": None, "draws": [], "seals": [], "merged_cells": [], "departures": [],
        "counts": {"respondents": len(answered), "assessments": len(answered)},
    }  # fmt: skip

"""Answers of an external wave as a dataset of the frozen kind, and marked for what it is."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex
from typing import Any

import pyarrow as pa

from forms.faults import Fault, Faults
from survey import codebook
from survey.external.answers import Answered
from survey.external.mapping import Mapped
from survey.freeze import columns, manifest
from survey.freeze.respondent import Label, Respondent

_NEARLY_ALL = 1.05  # sum of weights, times the rows


@dataclass(frozen=True, slots=True)
class Table:
    """One table that was read: by which mapping, what it holds, and its file."""

    mapped: Mapped
    answered: Sequence[Answered]
    source: Path


def check(tables: Sequence[Table]) -> None:
    """Raise Faults where a table has no answer, weights mean nothing for sure, or the mappings are not of one wave."""
    faults = [Fault("has no row with an answer", str(each.source)) for each in tables if not each.answered]
    faults += [*_differences(tables), *_normalised(tables)]
    if faults:
        raise Faults(faults)


def write(tables: Sequence[Table], folder: Path) -> dict[str, Any]:
    """Write one dataset of all tables, a group each, into the new ``folder``; its manifest.

    Raises Faults when the folder exists or cannot be made, and those of ``check``.
    """
    if folder.exists():
        raise Faults([Fault("exists already: a dataset is never written over; name a new folder", str(folder))])
    if not folder.parent.is_dir():
        raise Faults([Fault("there is no such folder to make the dataset in", str(folder.parent))])
    check(tables)
    scratch = folder.with_name(f".{folder.name}.{token_hex(4)}.part")  # another one may be left of a killed run
    scratch.mkdir(mode=0o700)
    try:
        told = _files(tables, scratch)
        scratch.rename(folder)
    finally:
        if scratch.exists():
            for file in scratch.iterdir():
                file.unlink()
            scratch.rmdir()
    return told


def _differences(tables: Sequence[Table]) -> Iterator[Fault]:
    """What keeps further tables from being groups of the first one's wave."""
    first = tables[0].mapped
    groups = Counter(each.mapped.group for each in tables)
    units = {unit.id: unit for unit in first.units}
    asked = {first.questionnaire.id: first.questionnaire.hash}
    for each in tables[1:]:
        own, said = each.mapped, str(each.source)
        for name in ("id", "title", "opens", "closes", "k"):
            if getattr(own, name) != getattr(first, name):
                yield Fault(f"its mapping has another “{name}” than the first one: they must be of one wave", said)
        if groups[own.group] > 1:
            yield Fault(f"its group “{own.group}” has a table already: put the rows of a group into one table", said)
        if own.probability != first.probability:
            yield Fault("has a design where the first table has none, or the other way round", said)
        if asked.setdefault(own.questionnaire.id, own.questionnaire.hash) != own.questionnaire.hash:
            yield Fault(f"questionnaire “{own.questionnaire.id}” has another content than in a mapping before", said)
        for unit in own.units:
            known = units.setdefault(unit.id, unit)
            if (known.name, known.kind) != (unit.name, unit.kind):
                yield Fault(f"unit “{unit.id}” has another name or kind than in a mapping before", said)


def _normalised(tables: Sequence[Table]) -> Iterator[Fault]:
    """Weights that sum to the rows: taken for counts of people they would say that everybody had answered."""
    for each in tables:
        if not each.mapped.probability or each.mapped.normalised is not None:
            continue
        rows, weights = _strata(each.answered)
        full = [stratum for stratum in sorted(rows) if weights[stratum] <= _NEARLY_ALL * rows[stratum]]
        if full:
            named = ", ".join(f"“{stratum}”" for stratum in full[:5]) + (", …" if len(full) > 5 else "")
            told = f"in {named} of “{each.mapped.stratum}” the weights" if each.mapped.stratum else "the weights"
            yield Fault(
                f"{told} sum to no more than the rows, as if everybody had answered: under [design] say normalised = "
                "true where weights were scaled to the sample, or normalised = false where each counts the people "
                "that it stands for", str(each.source), None, each.mapped.weight,
            )  # fmt: skip


def _strata(answered: Sequence[Answered]) -> tuple[Counter[str], dict[str, float]]:
    """Rows and the sum of weights by stratum."""
    weights = defaultdict[str, float](float)
    for each in answered:
        weights[each.stratum] += each.weight
    return Counter(each.stratum for each in answered), weights


def _files(tables: Sequence[Table], scratch: Path) -> dict[str, Any]:
    asked = {each.mapped.group: each.mapped.questionnaire for each in tables}
    used = list({each.id: each for each in asked.values()}.values())
    respondents = [_respondent(each.mapped, one) for each in tables for one in each.answered]
    items = codebook.items(used)
    columns.write(columns.assessments(respondents, items, asked, (), {}), scratch / "assessments.parquet")
    columns.write(columns.comments(respondents, items), scratch / "comments.parquet")
    design = pa.concat_tables([_design(each.mapped, each.answered) for each in tables])
    columns.write(design, scratch / "design.parquet")
    manifest.write_json(codebook.document(used, ()), scratch / "codebook.json")
    document = manifest.seal_files(_manifest(tables), scratch)
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
    rows, weights = _strata(answered)
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


def _manifest(tables: Sequence[Table]) -> dict[str, Any]:
    mapped = tables[0].mapped
    probability, number = mapped.probability, sum(len(each.answered) for each in tables)
    units = {unit.id: unit for each in tables for unit in each.mapped.units}
    asked = {each.mapped.questionnaire.id: each.mapped.questionnaire for each in tables}
    files = [
        {"file": each.source.name, "sha256": hashlib.sha256(each.source.read_bytes()).hexdigest()} for each in tables
    ]
    return {
        "format": manifest.FORMAT, "product": f"phieu {version('phieu')}", "simulated": False, "interim": False,
        "non_probability": not probability,
        "external": files[0], **({"external_more": files[1:]} if len(files) > 1 else {}),
        "wave": {"id": mapped.id, "title": dict(mapped.title), "opens": mapped.opens.isoformat(),
                 "closes": mapped.closes.isoformat(), "k": mapped.k},
        "units": [{"id": unit.id, "name": dict(unit.name), "kind": unit.kind} for unit in units.values()],
        # In blocks: no finite population is known of who came by himself, nor where weights only say proportions.
        "groups": [{"id": each.mapped.group, "name": dict(each.mapped.group_name),
                    "questionnaire": each.mapped.questionnaire.id, "assesses": "list",
                    "method": "external" if probability else "none", "by": [],
                    "blocks": not probability or bool(each.mapped.normalised)}
                   for each in tables],
        "estimation": {"lonely": "adjust", "collapse": [], "valid": ["complete"], "n_min": mapped.k},
        "questionnaires": {id: each.hash for id, each in asked.items()},
        "questionnaire_titles": {id: dict(each.title) for id, each in asked.items()},
        "framework": None, "draws": [], "seals": [], "merged_cells": [], "departures": [],
        "counts": {"respondents": number, "assessments": number},
    }  # fmt: skip

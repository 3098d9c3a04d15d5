"""Base weight × nonresponse, each step kept and shown; the design of a wave's respondents (METHOD §4, §5)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.collapse import Collapsed, collapse
from analysis.dataset import Dataset
from analysis.design import Codes, Design, Floats
from analysis.notes import Note, NoteKind, note
from analysis.stages import Stages, stages
from forms.faults import Faults

# A response class stands on its own with so many valid returns, or with a factor up to this.
ENOUGH_VALID = 20
ENOUGH_FACTOR = 3.0
ENOUGH_PSUS = 2
NOT_ELIGIBLE = ("screened_out", "ineligible")
_STRUCTURE = ("respondent", "psu", "stratum", "wclass", "base_weight")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the weighting: smallest, largest, sum, quartiles, Kish's deff of respondents' weights after it."""

    name: str
    low: float
    high: float
    sum: float
    quartiles: tuple[float, float, float]
    kish: float


@dataclass(frozen=True, slots=True, eq=False)
class WaveDesign:
    """A group's assessments with the design of METHOD §5 "In a wave".

    ``table``: the group's rows of assessments.parquet, in the order of ``design``'s vectors; ``design.weight`` is the
    final weight; ``base`` and ``factor`` (n,) its two parts; ``kish`` the weighting deff over respondents;
    ``notes``: every merged class, collapsed stratum and "conservative" choice.
    """

    table: pa.Table
    design: Design
    base: Floats
    factor: Floats
    steps: tuple[Step, ...]
    kish: float
    notes: tuple[Note, ...]


def kish(weight: Floats) -> float:
    """Kish's weighting design effect n Σw²/(Σw)² (Kish, Survey Sampling, 1965, eq. 11.7.6)."""
    return float(len(weight) * (weight**2).sum() / weight.sum() ** 2)


def wave_design(dataset: Dataset, group: str, columns: Sequence[str] | None = None) -> WaveDesign:
    """Rows, weights and design of one group; ``columns`` besides those of the design (None: all).

    Raises Faults when the group has no respondents, or its rows have classes or strata the design table lacks.
    """
    entry = dataset.group(group)
    table = dataset.table(None if columns is None else [*_STRUCTURE, *columns], group)
    if not table.num_rows:
        raise Faults(f"group {group} has no assessments in {dataset.path}")
    cells = [row for row in dataset.design_table().to_pylist() if row["group"] == group]
    order = dataset.manifest["estimation"]["collapse"]
    people = _People.of(table)
    classes, factor = _nonresponse(people, cells, entry, order)
    psus = dataset.psu_table(group)
    staged = None if psus is None else stages(people.psu[people.row], people.row, psus, entry["first_stage"])
    strata, fractions, names, notes = _strata(people, cells, entry, order, classes, staged)
    weight = people.base * np.array([factor[label] for label in people.wclass])
    factors = np.array([factor[people.wclass[person]] for person in people.row])
    base = table["base_weight"].to_numpy().astype(np.float64)
    stratum = np.array([strata[label] for label in people.stratum], np.int64)[people.row]
    return WaveDesign(
        table,
        Design(
            stratum,
            staged.psu if staged else people.row,
            base * factors,
            fractions,
            names,
            staged.second if staged else None,
        ),
        base,
        factors,
        (_step("base", people.base), _step("nonresponse", weight)),
        kish(weight),
        (*_class_notes(group, classes), *notes),
    )


def _step(name: str, weight: Floats) -> Step:
    first, middle, third = np.quantile(weight, (0.25, 0.5, 0.75)).tolist()
    return Step(name, float(weight.min()), float(weight.max()), float(weight.sum()), (first, middle, third),
                kish(weight))  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _People:
    """Respondents: base weight (mean over their assessments), class, stratum, first-stage unit.

    ``row`` (n,): whose each row is.
    """

    base: Floats
    psu: Codes
    wclass: Sequence[str]
    stratum: Sequence[str]
    row: Codes

    @classmethod
    def of(cls, table: pa.Table) -> _People:
        _, first, row = np.unique(table["respondent"].to_numpy(), return_index=True, return_inverse=True)
        weight = table["base_weight"].to_numpy().astype(np.float64)
        base = np.bincount(row, weight) / np.bincount(row)
        labels = {name: _labels(table[name], first) for name in _STRUCTURE[2:4]}
        return cls(base, table["psu"].to_numpy()[first], labels["wclass"], labels["stratum"], row.astype(np.int64))


def _labels(column: pa.ChunkedArray, first: Codes) -> list[str]:
    """A label for each respondent; each label is one object, since a million strings would take most of the memory."""
    coded = column.cast(pa.string()).take(pa.array(first)).combine_chunks().dictionary_encode()
    names: list[str] = coded.dictionary.to_pylist()
    return [names[at] for at in coded.indices.to_pylist()]


def _nonresponse(
    people: _People, cells: Sequence[Mapping[str, Any]], entry: Mapping[str, Any], order: Sequence[str]
) -> tuple[Collapsed, dict[str, float]]:
    """Factor of each class, Σ_eligible d / Σ_valid d, after merging classes that are too thin. Raises Faults."""
    eligible: dict[str, float] = defaultdict(float)
    for cell in cells:
        counted = (name for name in cell if name.startswith("w_") and name.removeprefix("w_") not in NOT_ELIGIBLE)
        eligible[cell["wclass"]] += sum(cell[name] or 0.0 for name in counted)
    _known(people.wclass, eligible, entry, "response class")
    valid = Counter(people.wclass)
    mass: dict[str, float] = defaultdict(float)
    for label, weight in zip(people.wclass, people.base.tolist(), strict=True):
        mass[label] += weight

    def factor(labels: Sequence[str]) -> float:
        below = sum(mass[label] for label in labels)
        return sum(eligible[label] for label in labels) / below if below else np.inf

    def enough(labels: Sequence[str]) -> bool:
        reached = sum(valid[label] for label in labels) >= ENOUGH_VALID or factor(labels) <= ENOUGH_FACTOR
        return reached or not sum(eligible[label] for label in labels)

    parts = entry.get("by", ()) if entry.get("classes") is None else entry["classes"]
    merged = collapse(eligible, parts, order, enough)
    members = defaultdict(list)
    for original, label in merged.into.items():
        members[label].append(original)
    return merged, {original: factor(members[label]) for original, label in merged.into.items()}


def _known(labels: Sequence[str], there: Mapping[str, Any], entry: Mapping[str, Any], what: str) -> None:
    unknown = sorted(set(labels) - set(there))
    if unknown:
        raise Faults(f"group {entry['id']}: {what} {', '.join(unknown)} of the answers is not in the design table")


def _class_notes(group: str, classes: Collapsed) -> Sequence[Note]:
    notes = _merge_notes(NoteKind.CLASSES_MERGED, group, classes)
    if classes.short:
        thin = note(NoteKind.CLASSES_THIN, group=group, labels=classes.short, valid=ENOUGH_VALID, factor=ENOUGH_FACTOR)
        notes.append(thin)
    return notes


def _merge_notes(kind: NoteKind, group: str, merged: Collapsed) -> list[Note]:
    return [
        note(kind, group=group, labels=merge.labels, column=merge.column, into=merge.into) for merge in merged.merges
    ]


def _strata(
    people: _People,
    cells: Sequence[Mapping[str, Any]],
    entry: Mapping[str, Any],
    order: Sequence[str],
    classes: Collapsed,
    staged: Stages | None,
) -> tuple[dict[str, int], Floats, tuple[str, ...], list[Note]]:
    """Code of each original stratum, f_h = n_h/N_h and names after collapsing, and notes."""
    eligible: dict[str, float] = defaultdict(float)
    for cell in cells:
        eligible[cell["stratum"]] += cell["eligible_estimate"]
    _known(people.stratum, eligible, entry, "stratum")
    responding = Counter(stratum for stratum, _ in set(zip(people.stratum, people.psu.tolist(), strict=True)))
    by = entry.get("by", ())
    merged = collapse(eligible, by, order, lambda labels: sum(responding[each] for each in labels) >= ENOUGH_PSUS)
    held: dict[str, set[str]] = defaultdict(set)
    for stratum, wclass in zip(people.stratum, people.wclass, strict=True):
        held[merged.into[stratum]].add(classes.into[wclass])
    names = tuple(sorted(held))
    members = {name: [one for one, label in merged.into.items() if label == name] for name in names}
    population = {name: sum(eligible[one] for one in members[name]) for name in names}
    number = {name: sum(responding[one] for one in members[name]) for name in names}
    crossed = [name for name in names if len(held[name]) > 1]
    blocks = bool(entry.get("blocks"))

    def fraction(name: str) -> float:
        if blocks or name in crossed:
            return 0.0
        return staged.fraction(members[name], number[name]) if staged else min(1.0, number[name] / population[name])

    fractions = np.array([fraction(name) for name in names])
    group = str(entry["id"])
    notes = [*_merge_notes(NoteKind.STRATA_COLLAPSED, group, merged), *_fraction_notes(group, blocks, crossed)]
    if empty := sorted(set(merged.into.values()) - held.keys()):
        notes.append(note(NoteKind.STRATA_EMPTY, group=group, labels=tuple(empty)))
    codes = {original: names.index(label) for original, label in merged.into.items() if label in held}
    return codes, fractions, names, notes


def _fraction_notes(group: str, blocks: bool, crossed: Sequence[str]) -> Sequence[Note]:
    if blocks:
        return [note(NoteKind.BLOCKS, group=group)]
    return [note(NoteKind.CROSSED, group=group, labels=tuple(crossed))] if crossed else []

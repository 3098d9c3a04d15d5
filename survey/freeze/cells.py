"""No respondent in a cell of fewer than k: the freeze repeats on respondents what the draw did on invitations.

A cell is what a row of the dataset says about its respondent: group, stratum, response class, margins, mode, the units
and their base weights. Where a cell holds fewer than k, columns are merged to ``*`` in the wave's declared order, for
all the strata and margins that the merged label covers, so that the design table can be merged alike. The mode goes
first, since it makes no cell of the design. Who is still among fewer than k is left out and counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.notes import Note, NoteKind, note
from survey.plan.wave_file import MULTIPLICITY, STRATUM_PREFIX
from survey.plan.wave_spec import Group
from survey.sample.sampling import MERGED


@dataclass(frozen=True, slots=True)
class Label:
    """What the design and a response share: a row of design.parquet."""

    group: str
    stratum: str
    wclass: str
    margins: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Respondent:
    """One opened response: its cell, and the answers about each of its units (None: declined) and about the person."""

    label: Label
    mode: str
    disposition: str
    units: tuple[str, ...]
    weights: tuple[float, ...]
    answers: tuple[Mapping[str, Any] | None, ...]
    person: Mapping[str, Any]
    psu: str = ""  # the first-stage unit, once it is told apart from the stratum
    answered: str = ""  # the mode of the answer where it is not that of the invitation (a form keyed from paper)


_Alike = tuple[Label, tuple[str, ...], tuple[float, ...]]  # label, units, weights


@dataclass(frozen=True, slots=True)
class Merged:
    """``respondents`` in cells of k or more; ``labels``: every label → the merged one; ``notes``: what was done."""

    respondents: tuple[Respondent, ...]
    labels: Mapping[Label, Label]
    too_few: int
    notes: tuple[Note, ...]


def merge(respondents: Sequence[Respondent], labels: Sequence[Label], groups: Sequence[Group], k: int) -> Merged:
    """Merge cells until each holds k respondents; ``labels`` are all rows of the design, answered or not."""
    kept: list[Respondent] = []
    new: dict[Label, Label] = {}
    notes: list[Note] = []
    for group in groups:
        inside = [each for each in respondents if each.label.group == group.id]
        alike = Counter((each.label, each.units, each.weights) for each in inside)
        levels = _levels(group, [label for label in labels if label.group == group.id], alike, k)
        for label, level in levels.items():
            new[label] = _coarse(label, group, level)
        relabelled = [(labelled(each, new[each.label]), levels[each.label]) for each in inside]
        here, averaged, unmoded = _inside_cells(relabelled, _order(group), k)
        kept += here
        notes += _notes(group, levels, len(inside) - len(here), averaged, unmoded, k)
    return Merged(tuple(kept), new, len(respondents) - len(kept), tuple(notes))


def _order(group: Group) -> tuple[str, ...]:
    """Names to merge, in order: as declared, then what the declaration leaves out, strata last and outermost last."""
    strata = (STRATUM_PREFIX + column for column in reversed(group.design.told))
    rest = (MULTIPLICITY, *reversed(group.margins), *(group.classes or ()), *strata)
    return tuple(dict.fromkeys((*group.merge, *rest)))


def _coarse(label: Label, group: Group, level: int) -> Label:
    """The label with the first ``level`` names of the order merged; a margin may be a class by the same name."""
    names = set(_order(group)[:level])
    strata = [STRATUM_PREFIX + column for column in group.design.told]
    classes = strata[: len(group.design.by)] if group.classes is None else group.classes
    return Label(
        label.group,
        _without(label.stratum, strata, names),
        _without(label.wclass, classes, names),
        tuple((name, MERGED if name in names else value) for name, value in label.margins),
    )


def _without(name: str, columns: Sequence[str], merged: set[str]) -> str:
    """``so_tu_phap/online`` → ``so_tu_phap/*`` when ``stratum:channel`` is merged; other names stay as they are."""
    parts = name.split("/")
    if len(parts) != len(columns):
        return name
    return "/".join(MERGED if column in merged else part for column, part in zip(columns, parts, strict=True))


def labelled(each: Respondent, label: Label) -> Respondent:
    """The respondent under another label."""
    return each if each.label == label else replace(each, label=label)


def _levels(group: Group, labels: Sequence[Label], alike: Mapping[_Alike, int], k: int) -> dict[Label, int]:
    """How many names of the order are merged for each label, as few as will do; ``alike``: how many are of a kind."""
    order = _order(group)
    weighed = order.index(MULTIPLICITY)

    def cell(kind: _Alike, level: int) -> tuple[Any, ...]:
        label, units, weights = kind
        return _coarse(label, group, level), units, weights if level <= weighed else None

    levels = dict.fromkeys([*labels, *(label for label, _, _ in alike)], 0)
    for level in range(1, len(order) + 1):
        counts: Counter[tuple[Any, ...]] = Counter()
        merged: Counter[tuple[Any, ...]] = Counter()
        for kind, number in alike.items():
            counts[cell(kind, levels[kind[0]])] += number
            merged[cell(kind, level)] += number
        families = {
            _coarse(kind[0], group, level)
            for kind in alike
            if counts[cell(kind, levels[kind[0]])] < k <= merged[cell(kind, level)]
        }
        for label in levels:
            if _coarse(label, group, level) in families:
                levels[label] = level
    return levels


def _inside_cells(
    relabelled: Sequence[tuple[Respondent, int]], order: Sequence[str], k: int
) -> tuple[list[Respondent], int, int]:
    """Respondents of cells of k, with the mode dropped and weights averaged where they would make smaller ones."""
    weighed = order.index(MULTIPLICITY)
    cells: dict[tuple[Any, ...], list[Respondent]] = defaultdict(list)
    for each, level in relabelled:
        cells[each.label, each.units, each.weights if level <= weighed else None].append(each)
    kept: list[Respondent] = []
    averaged = unmoded = 0
    for members in cells.values():
        if len(members) < k:
            continue
        if len({each.weights for each in members}) > 1:
            averaged += len(members)
            mean = tuple(sum(column) / len(members) for column in zip(*(each.weights for each in members), strict=True))
            members = [replace(each, weights=mean) for each in members]
        if min(Counter(each.mode for each in members).values()) < k:
            unmoded += len(members)
            members = [replace(each, mode=MERGED) for each in members]
        kept += members
    return kept, averaged, unmoded


def _notes(group: Group, levels: Mapping[Label, int], left_out: int, averaged: int, unmoded: int, k: int) -> list[Note]:
    """What the merging cost."""
    order = _order(group)
    said = []
    for level in sorted(set(levels.values()) - {0}):
        count = sum(each == level for each in levels.values())
        said.append(note(NoteKind.CELLS_MERGED, group=group.id, columns=order[:level], cells=count, of=len(levels)))
    if unmoded:
        said.append(note(NoteKind.MODE_DROPPED, group=group.id, respondents=unmoded))
    if averaged:
        said.append(note(NoteKind.WEIGHTS_AVERAGED, group=group.id, respondents=averaged))
    if left_out:
        said.append(note(NoteKind.LEFT_OUT, group=group.id, respondents=left_out, k=k))
    return said

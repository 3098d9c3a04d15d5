"""No respondent in a cell of fewer than k: the freeze repeats on respondents what the draw did on invitations.

A cell is what a row of the dataset says about its respondent: group, stratum, response class, margins, the units, their
base weights, and what ``finest`` leaves of mode, phase and pace. Where a cell holds fewer than k, columns are merged to
``*`` in the wave's declared order, for all the strata and margins that the merged label covers, so that the design
table can be merged alike. Who is still among fewer than k is left out and counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from analysis.notes import Note, NoteKind, note
from survey.freeze.finest import Dropped, finest
from survey.freeze.respondent import Label, Respondent
from survey.plan.wave_file import MULTIPLICITY, STRATUM_PREFIX
from survey.plan.wave_spec import Group
from survey.sample.sampling import MERGED

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
        here, averaged, dropped = _inside_cells(relabelled, _order(group), k)
        kept += here
        notes += _notes(group, levels, len(inside) - len(here), averaged, dropped, k)
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
) -> tuple[list[Respondent], int, Dropped]:
    """Respondents of cells of k; what would make smaller ones is dropped, or averaged where it is a weight."""
    weighed = order.index(MULTIPLICITY)
    cells: dict[tuple[Any, ...], list[Respondent]] = defaultdict(list)
    for each, level in relabelled:
        cells[each.label, each.units, each.weights if level <= weighed else None].append(each)
    kept: list[Respondent] = []
    averaged, dropped = 0, Dropped()
    for members in cells.values():
        if len(members) < k:
            continue
        if len({each.weights for each in members}) > 1:
            averaged += len(members)
            mean = tuple(sum(column) / len(members) for column in zip(*(each.weights for each in members), strict=True))
            members = [replace(each, weights=mean) for each in members]
        kept += finest(members, k, dropped)
    return kept, averaged, dropped


def _notes(
    group: Group, levels: Mapping[Label, int], left_out: int, averaged: int, dropped: Dropped, k: int
) -> list[Note]:
    """What the merging cost."""
    order = _order(group)
    said = []
    for level in sorted(set(levels.values()) - {0}):
        count = sum(each == level for each in levels.values())
        said.append(note(NoteKind.CELLS_MERGED, group=group.id, columns=order[:level], cells=count, of=len(levels)))
    lost = dropped.pace, dropped.phase, dropped.mode
    for kind, number in zip((NoteKind.PACE_DROPPED, NoteKind.PHASE_DROPPED, NoteKind.MODE_DROPPED), lost, strict=True):
        if number:
            said.append(note(kind, group=group.id, respondents=number))
    if averaged:
        said.append(note(NoteKind.WEIGHTS_AVERAGED, group=group.id, respondents=averaged))
    if left_out:
        rounded = -(-left_out // k) * k  # the number itself would tell what a rate of fewer than k hides
        said.append(note(NoteKind.LEFT_OUT, group=group.id, respondents=rounded, k=k))
    return said

"""Labels ``a/b/c`` that merge where they hold too little, column by column in a declared order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

MERGED = "*"


@dataclass(frozen=True, slots=True)
class Collapsed:
    """``into``: label → label after merging; ``notes``: one sentence a merge; ``short``: those still too small."""

    into: Mapping[str, str]
    notes: tuple[str, ...]
    short: tuple[str, ...]


def collapse(
    labels: Iterable[str],
    columns: Sequence[str],
    order: Sequence[str],
    enough: Callable[[Sequence[str]], bool],
    what: str,
) -> Collapsed:
    """Merge labels until each is ``enough``.

    ``columns`` name the parts of a label, ``order`` the columns that may be merged, first to last. A label that is not
    enough joins all those that differ from it in that column alone (or in columns merged before).
    ``enough`` is given the original labels of a merged one; ``what`` names the labels in notes.
    """
    into = {label: label for label in labels}
    notes = []
    dropped: list[int] = []
    for column in order:
        if column not in columns:
            continue
        dropped.append(columns.index(column))
        families: dict[str, set[str]] = defaultdict(set)
        for label in into.values():
            families[_without(label, dropped)].add(label)
        short = {label for label, members in _members(into).items() if not enough(members)}
        for target, family in sorted(families.items()):
            if len(family) > 1 and family & short:
                into |= {original: target for original, label in into.items() if label in family}
                notes.append(f"{what} {', '.join(sorted(family & short))} merged over {column} into {target}")
    left = tuple(sorted(label for label, members in _members(into).items() if not enough(members)))
    return Collapsed(into, tuple(notes), left)


def _members(into: Mapping[str, str]) -> dict[str, list[str]]:
    members = defaultdict(list)
    for original, label in into.items():
        members[label].append(original)
    return members


def _without(label: str, dropped: Sequence[int]) -> str:
    return "/".join(MERGED if at in dropped else part for at, part in enumerate(label.split("/")))

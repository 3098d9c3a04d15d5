"""Labels ``a/b/c`` that merge where they hold too little, column by column in a declared order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

MERGED = "*"


@dataclass(frozen=True, slots=True)
class Merge:
    """One column merged: ``labels`` that were too small, and what they went ``into``."""

    column: str
    labels: tuple[str, ...]
    into: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Collapsed:
    """``into``: label → label after merging; ``merges``: what was done; ``short``: those still too small."""

    into: Mapping[str, str]
    merges: tuple[Merge, ...]
    short: tuple[str, ...]


def collapse(
    labels: Iterable[str],
    columns: Sequence[str],
    order: Sequence[str],
    enough: Callable[[Sequence[str]], bool],
) -> Collapsed:
    """Merge labels until each is ``enough``.

    ``columns`` name the parts of a label, ``order`` the columns that may be merged, first to last. A label that is not
    enough joins all those that differ from it in that column alone (or in columns merged before).
    ``enough`` is given the original labels of a merged one.
    """
    into = {label: label for label in labels}
    merges = []
    dropped: list[int] = []
    for column in order:
        if column not in columns:
            continue
        dropped.append(columns.index(column))
        families: dict[str, set[str]] = defaultdict(set)
        for label in into.values():
            families[_without(label, dropped)].add(label)
        short = {label for label, members in _members(into).items() if not enough(members)}
        joined = {target: family for target, family in families.items() if len(family) > 1 and family & short}
        for target, family in joined.items():
            into |= {original: target for original, label in into.items() if label in family}
        if joined:
            moved = sorted(label for family in joined.values() for label in family & short)
            merges.append(Merge(column, tuple(moved), tuple(sorted(joined))))
    left = tuple(sorted(label for label, members in _members(into).items() if not enough(members)))
    return Collapsed(into, tuple(merges), left)


def _members(into: Mapping[str, str]) -> dict[str, list[str]]:
    members = defaultdict(list)
    for original, label in into.items():
        members[label].append(original)
    return members


def _without(label: str, dropped: Sequence[int]) -> str:
    return "/".join(MERGED if at in dropped else part for at, part in enumerate(label.split("/")))

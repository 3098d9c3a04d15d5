"""What a row may say besides its label: mode, side of the first reminder, band of the pace, each for k or not at all.

The pace goes first, then the phase, then the mode (none of them makes a cell of the design). Who took long is first
counted with those of the usual pace: it is the fast that matter.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from survey.freeze.respondent import Respondent
from survey.pace import LONG, USUAL
from survey.sample.sampling import MERGED


@dataclass(slots=True)
class Dropped:
    """Of how many respondents the mode, the phase and the pace were dropped."""

    mode: int = 0
    phase: int = 0
    pace: int = 0


def finest(members: Sequence[Respondent], k: int, dropped: Dropped) -> list[Respondent]:
    """The members of one cell, in sub-cells of k; adds to ``dropped``."""
    if _told(members, lambda each: (each.mode, each.phase, each.band), k):
        return list(members)
    kept = list(members)
    if not _told(kept, lambda each: each.mode, k):
        dropped.mode += len(kept)
        kept = [replace(each, mode=MERGED) for each in kept]
    found: list[Respondent] = []
    for alike in _parts(kept, lambda each: each.mode):
        if not _told(alike, lambda each: each.phase, k):
            dropped.phase += sum(bool(each.phase) for each in alike)
            alike = [replace(each, phase="") for each in alike]
        for part in _parts(alike, lambda each: each.phase):
            found += _paced(part, k, dropped)
    return found


def _paced(members: list[Respondent], k: int, dropped: Dropped) -> list[Respondent]:
    if _told(members, lambda each: each.band, k):
        return members
    near = [replace(each, band=USUAL) if each.band == LONG else each for each in members]
    if _told(near, lambda each: each.band, k):
        return near
    dropped.pace += sum(each.band is not None for each in members)
    return [replace(each, band=None) for each in members]


def _told(members: Sequence[Respondent], what: Callable[[Respondent], Hashable], k: int) -> bool:
    return min(Counter(map(what, members)).values()) >= k


def _parts(members: Sequence[Respondent], what: Callable[[Respondent], Hashable]) -> list[list[Respondent]]:
    parts: dict[Hashable, list[Respondent]] = defaultdict(list)
    for each in members:
        parts[what(each)].append(each)
    return list(parts.values())

"""Those who answered beside the whole list, by what the list knows of everybody (METHOD §9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.covering import covered
from analysis.dataset import Dataset
from analysis.representativity import cells_of, design_rows, summed, valid_states
from forms.faults import Faults


@dataclass(frozen=True, slots=True)
class BesideFrame:
    """One level of a variable in a group: its share of the eligible list, its share of those who answered (base
    weights), and how many did; the latter two None where fewer than k answered, or such a level would follow."""

    group: str
    variable: str
    level: str
    frame: float
    answered: float | None
    n: int | None


def beside_frame(dataset: Dataset, group: str) -> tuple[BesideFrame, ...]:
    """Every level of every declared margin that varies in a group; nothing where the list knows nothing more."""
    try:
        cells = cells_of(dataset, group)
    except Faults:
        return ()
    rows, valid, k = design_rows(dataset, group), valid_states(dataset), int(dataset.manifest["wave"]["k"])
    margins = (name for name in cells.labels if name.startswith("m_"))
    return tuple(level for name in margins for level in _levels(group, name, rows, valid, k))


def _levels(
    group: str, name: str, rows: Iterable[Mapping[str, Any]], valid: Sequence[str], k: int
) -> Iterator[BesideFrame]:
    sums: dict[str, list[float]] = {}
    for row in rows:
        own = sums.setdefault(str(row[name]), [0.0, 0.0, 0.0])
        own[0] += row["eligible_estimate"]
        own[1] += summed(row, "w", valid)
        own[2] += summed(row, "n", valid)
    levels = sorted(sums)
    counts = [round(sums[level][2]) for level in levels]
    hidden = covered(counts, [0 < n < k for n in counts], k)
    people, mass = (sum(each[at] for each in sums.values()) for at in (0, 1))
    for level, n, secret in zip(levels, counts, hidden, strict=True):
        share = sums[level][1] / mass if mass else 0.0
        yield BesideFrame(group, name, level, sums[level][0] / people if people else 0.0,
                          None if secret else share, None if secret else n)  # fmt: skip

"""Those who answered beside the whole list, by what the list knows of everybody (METHOD §9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.counted import of_dataset
from analysis.dataset import Dataset
from analysis.representativity import cells_of, design_rows, summed, valid_states
from analysis.secrecy import Secrecy
from forms.faults import Faults


@dataclass(frozen=True, slots=True)
class BesideFrame:
    """One level of a variable in a group: its share of the eligible list, its share of those who answered (base
    weights), and how many did. The latter two None where the dataset's secrecy says so: shares of all levels of a group
    of which anything is hidden, since weights and counts together would tell it."""

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
    rows, valid, secret = design_rows(dataset, group), valid_states(dataset), of_dataset(dataset)
    margins = (name for name in cells.labels if name.startswith("m_"))
    return tuple(level for name in margins for level in _levels(group, name, rows, valid, secret))


def _levels(
    group: str, name: str, rows: Iterable[Mapping[str, Any]], valid: Sequence[str], secret: Secrecy
) -> Iterator[BesideFrame]:
    sums: dict[str, list[float]] = {}
    for row in rows:
        own = sums.setdefault(str(row[name]), [0.0, 0.0, 0.0])
        own[0] += row["eligible_estimate"]
        own[1] += summed(row, "w", valid)
        own[2] += summed(row, "n", valid)
    levels = sorted(sums)
    people, mass = (sum(each[at] for each in sums.values()) for at in (0, 1))
    weighted = not secret.weights(group)
    for level in levels:
        share = sums[level][1] / mass if mass else 0.0
        yield BesideFrame(group, name, level, sums[level][0] / people if people else 0.0, share if weighted else None,
                          None if secret.level(group, name, level) else round(sums[level][2]))  # fmt: skip

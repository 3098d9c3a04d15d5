"""Two states of one wave: what an interim view may not tell between them (METHOD §8).

Whoever keeps the earlier figures subtracts them from the later ones. So an interim dataset follows another only when
every unit and group has gained no assessment since, or at least k.
"""

from __future__ import annotations

from collections import Counter

from analysis.dataset import Dataset

Cell = tuple[str, str]


def counted(dataset: Dataset) -> Counter[Cell]:
    """Assessments by unit and group."""
    table = dataset.table(["unit", "group"])
    return Counter(zip(table["unit"].to_pylist(), table["group"].to_pylist(), strict=True))


def told_between(earlier: Counter[Cell], later: Counter[Cell], k: int) -> tuple[Cell, ...]:
    """Units and groups whose difference is about fewer than k; what was lost tells as much as what was gained."""
    return tuple(cell for cell in sorted(earlier | later) if 0 < abs(later[cell] - earlier[cell]) < k)

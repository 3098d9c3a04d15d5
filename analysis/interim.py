"""Two states of one wave: what a dataset may not tell beside an earlier one (METHOD §8).

Whoever keeps the earlier rows takes them away from the later ones. So a dataset follows an interim one only when every
unit and group, and every cell that both have, has gained no assessment since, or at least k.
"""

from __future__ import annotations

from collections import Counter

from analysis.dataset import Dataset

Cell = tuple[str | None, ...]  # unit, group; then what else a row says of its respondent
_OTHERS = ("stratum", "wclass", "mode", "phase", "duration_band")


def counted(dataset: Dataset) -> Counter[Cell]:
    """Assessments by unit and group, and by unit, group and all else that a row says besides answers and weight."""
    names = ["unit", "group", *(name for name in dataset.columns if name in _OTHERS or name.startswith("m_"))]
    table = dataset.table(names)
    columns = {name: [None if value is None else str(value) for value in table[name].to_pylist()] for name in names}
    cells = zip(*(columns[name] for name in names), strict=True)
    found: Counter[Cell] = Counter()
    for unit, group, *others in cells:
        said = tuple(f"{name} {value}" for name, value in zip(names[2:], others, strict=True) if value is not None)
        found[unit, group] += 1
        if said:
            found[unit, group, *said] += 1
    return found


def told_between(earlier: Counter[Cell], later: Counter[Cell], k: int) -> tuple[Cell, ...]:
    """Cells whose difference is about fewer than k; what was lost tells as much as what was gained."""
    return tuple(
        cell
        for cell in sorted(earlier | later, key=lambda cell: tuple(map(str, cell)))
        if 0 < abs(later[cell] - earlier[cell]) < k
    )

"""What moved between two results: points of cells, published indices, ranks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.numbers import rounded
from analysis.past import RESULT
from forms.faults import Fault, Faults

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class MovedCell:
    """One subcriterion of one unit whose appraised or survey points differ; None where they cannot be said."""

    unit: str
    subcriterion: str
    source: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class MovedUnit:
    """One unit's published index and rank in both; None where it has none there."""

    kind: str
    unit: str
    name: str
    index_before: float | None
    index_after: float | None
    rank_before: int | None
    rank_after: int | None
    cells: tuple[MovedCell, ...]

    @property
    def change(self) -> float | None:
        """Of the published index."""
        if self.index_before is None or self.index_after is None:
            return None
        return float(rounded(self.index_after - self.index_before))

    @property
    def moved(self) -> bool:
        """Whether anything differs."""
        same = (self.index_before, self.rank_before) == (self.index_after, self.rank_after)
        return bool(self.cells) or not same


@dataclass(frozen=True, slots=True)
class Difference:
    """All units of both; ``same_dataset``, ``same_framework``: whether both were counted from and by the same."""

    units: tuple[MovedUnit, ...]
    same_dataset: bool
    same_framework: bool


def read(path: Path) -> dict[str, Any]:
    """A result.json, or the one in a report's folder. Raises Faults."""
    file = path / RESULT if path.is_dir() else path
    try:
        document = json.loads(file.read_text("utf-8"))
        kinds, hash = document["kinds"], document["dataset_hash"]
        if not isinstance(kinds, list) or not isinstance(hash, str):
            raise TypeError("kinds and dataset_hash")
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(file))]) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Faults([Fault("is no result.json: `phieu index --format json` makes one", str(file))]) from error
    return dict(document)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Compare two documents unit by unit, in the order of the second."""
    one, two = dict(_units(before)), dict(_units(after))
    names = {**before["wave"]["unit_names"], **after["wave"]["unit_names"]}
    units = tuple(
        _unit(kind, unit, names.get(unit, {}).get("vi", unit), one.get((kind, unit)), two.get((kind, unit)))
        for kind, unit in dict.fromkeys([*two, *one])
    )
    return Difference(
        units,
        before["dataset_hash"] == after["dataset_hash"],
        before["framework"]["hash"] == after["framework"]["hash"],
    )


def _units(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    for kind in document["kinds"]:
        for unit in (*kind["units"], *kind["unranked"]):
            yield (kind["kind"], unit["unit"]), unit


def _unit(
    kind: str, unit: str, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> MovedUnit:
    one, two = before or {}, after or {}
    was = {each["id"]: each for each in one.get("subcriteria", ())}
    now = {each["id"]: each for each in two.get("subcriteria", ())}
    cells = [
        MovedCell(unit, sub, source, old, new)
        for sub in dict.fromkeys([*now, *was])
        for source in ("appraised", "survey")
        for old, new in [(was.get(sub, {}).get(f"{source}_points"), now.get(sub, {}).get(f"{source}_points"))]
        if _differ(old, new)
    ]
    return MovedUnit(
        kind, unit, name, one.get("published"), two.get("published"), one.get("rank"), two.get("rank"), tuple(cells)
    )


def _differ(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return (old or 0.0) != (new or 0.0) or (old is None) != (new is None)
    return abs(old - new) > _SAME

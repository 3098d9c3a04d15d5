"""Everything a pack is made from, and the names that its sentences need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.report.annexes import NO_ANNEXES, Annexes
from analysis.report.standing import DRAFT, Standing
from analysis.report.view import KindView, kind_views
from analysis.result import IndexResult
from forms.framework import Framework


@dataclass(frozen=True, slots=True)
class Source:
    """A file that went into the report besides the dataset."""

    file: str
    hash: str


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """One result, how it was counted, what the dataset's manifest says, and where the report stands.

    ``sources`` are labelled files (appraised points, previous year). ``kinds`` are the views of the result's kinds.
    """

    result: IndexResult
    framework: Framework
    manifest: Mapping[str, Any]
    sources: tuple[tuple[str, Source], ...] = ()
    standing: Standing = DRAFT
    annexes: Annexes = NO_ANNEXES
    kinds: tuple[KindView, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", kind_views(self.result, self.framework))

    def unit(self, unit: str) -> str:
        """A unit's name."""
        return self.result.wave.unit_names[unit]["vi"]

    def group(self, group: str) -> str:
        """A group's name; its id where the wave has no such group."""
        return self.result.wave.group_names.get(group, {}).get("vi", group)

    @property
    def hidden_units(self) -> frozenset[str]:
        """Units of which it is not told how many forms there are: what came, was keyed or called tells the least."""
        units = (unit for kind in self.result.kinds for unit in (*kind.units, *kind.unranked))
        return frozenset(
            {rate.by["unit"] for rate in self.result.rates_by_unit if rate.hidden}
            | {unit.unit for unit in units if unit.respondents is None}
        )

    @property
    def hidden_cells(self) -> frozenset[tuple[str, str]]:
        """Units and groups of which it is not told."""
        return frozenset((row.unit, row.group) for row in self.result.assessments if row.n is None)

"""What is computed beside the index for the report: satisfaction by factor, what goes with it, checks of the survey.

Each part may be absent: a report without it says nothing of it, rather than something empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.comments import themes, units
from analysis.dataset import Dataset
from analysis.evidence import NONE, Evidence, evidence
from analysis.factors import FactorReliability, KindDrivers, kind_drivers, reliabilities
from analysis.result import IndexResult
from analysis.satisfaction import Satisfaction, satisfaction
from forms.framework import Framework


@dataclass(frozen=True, slots=True, eq=False)
class Annexes:
    """``satisfaction`` and ``drivers`` by unit kind; ``reliability`` of every factor in every group; ``comments``: how
    many under each theme, by unit, never their words; ``evidence`` of the fieldwork's quality."""

    satisfaction: Mapping[str, Satisfaction] = field(default_factory=dict)
    drivers: Mapping[str, KindDrivers] = field(default_factory=dict)
    reliability: tuple[FactorReliability, ...] = ()
    comments: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)
    evidence: Evidence = NONE


NO_ANNEXES = Annexes()


def of(dataset: Dataset, result: IndexResult, framework: Framework) -> Annexes:
    """Everything that this dataset allows."""
    covered = frozenset((row.unit, row.group) for row in result.assessments if row.n is None)
    found = {kind.kind: satisfaction(dataset, kind.kind, covered, result.level) for kind in result.kinds}
    satisfied = {kind: each for kind, each in found.items() if each is not None}
    behind = {kind: made for kind, each in satisfied.items() if (made := kind_drivers(dataset, each, result.level))}
    written = units.by_unit(units.comments(dataset), themes.read(), result.wave.k)
    shown = {unit.unit for kind in result.kinds for unit in kind.units}
    told = {unit: counts for unit, counts in units.counts(written).items() if unit in shown}
    return Annexes(
        satisfied, behind, reliabilities(dataset, result.level), told, evidence(dataset, framework, result.level)
    )

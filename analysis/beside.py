"""What is found of a kind once it is ranked: how far ranks hang on choices, change like for like, targets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from analysis import like_for_like, recount, sensitivity, targets
from analysis.dataset import Dataset
from analysis.design import Bools, Floats
from analysis.findings import Choice
from analysis.index import Scale
from analysis.kinds import Options
from analysis.mergers import Continued
from analysis.past import Past
from analysis.points import Points
from analysis.recount import GroupRows
from analysis.result import KindResult
from analysis.sensitivity import Other
from analysis.subscores import GroupScores
from analysis.targets import Aim
from analysis.told_rounds import Rounds

NOBODY = Continued({})
OWN = "own"  # what a group assesses that judges the office it works at


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes into a result besides dataset, framework, appraised points and last year's table.

    ``own``: points that units gave themselves, by unit and subcriterion. ``flagged``: respondents whose answers the
    quality checks flagged; None where nobody has looked. ``past``: a previous year to compare with like for like, whose
    units are ``continued`` by this year's; ``ended``: those that nobody continues. ``targets`` by unit. ``rounds``: how
    the appraised points came to be.
    """

    own: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    flagged: Collection[int] | None = None
    past: Past | None = None
    continued: Continued = NOBODY
    ended: tuple[str, ...] = ()
    targets: Mapping[str, Aim] = field(default_factory=dict)
    rounds: Rounds | None = None


NOTHING = Beside()


def completed(dataset: Dataset, result: KindResult, points: Points, options: Options, beside: Beside) -> KindResult:
    """The result of a kind with all that is compared."""
    published = {unit.unit: unit.rank for unit in result.units if unit.rank is not None}
    others, skipped = _others(dataset, points, options, beside.flagged) if len(published) > 1 else ([], {})
    found = sensitivity.assessed(
        points, published, others, skipped, seed=options.seed, draws=min(sensitivity.DRAWS, options.draws)
    )
    result = replace(result, sensitivity=found, units=targets.with_targets(result.units, beside.targets, options.level))
    return _with_past(result, points, options, beside)


def _with_past(result: KindResult, points: Points, options: Options, beside: Beside) -> KindResult:
    """The change like for like, where the previous year has this kind and units that go on."""
    if beside.past is None:
        return result
    old = next((kind for kind in beside.past.kinds if kind.kind == result.kind), None)
    if old is None:
        return result
    common, changes = like_for_like.compared(points, beside.past, old, beside.continued, options)
    units = tuple(replace(unit, like_for_like=changes.get(unit.unit)) for unit in result.units)
    return replace(result, common=common, units=units)


def _others(
    dataset: Dataset, points: Points, options: Options, flagged: Collection[int] | None
) -> tuple[list[Other], dict[Choice, str]]:
    """The ways of counting that need the answers again, and those that there is nothing to try with."""
    scale = points.scale
    rows = recount.rows_of(dataset, scale.kind, scale.units, [each.group for each in points.given.groups])
    counting = _Counting(points, options, rows)
    found: list[Other] = []
    skipped: dict[Choice, str] = {}
    own = [entry["id"] for entry in dataset.manifest["groups"] if entry.get("assesses") == OWN]
    if held := [each.group for each in rows if each.group in own]:
        found.append(Other(Choice.SELF, ", ".join(held), counting.without_groups(held)))
    else:
        skipped[Choice.SELF] = "none"
    modes = sorted({str(mode) for each in rows for mode in np.unique(each.mode) if mode})
    if len(modes) < 2:
        skipped[Choice.MODE] = "one" if modes else "none"
    for mode in modes if len(modes) > 1 else ():
        found.append(Other(Choice.MODE, mode, counting.kept([each.mode != mode for each in rows])))
    if flagged:
        marked = np.array(sorted(flagged), dtype=np.int64)
        found.append(Other(Choice.FLAGGED, "", counting.kept([~np.isin(each.respondent, marked) for each in rows])))
    else:
        skipped[Choice.FLAGGED] = "unknown" if flagged is None else "none"
    if rows:
        found.append(Other(Choice.WEIGHTS, "equal", counting.equal()))
    else:
        skipped[Choice.WEIGHTS] = "none"
    return found, skipped


@dataclass(frozen=True, slots=True, eq=False)
class _Counting:
    """The rows of a kind's groups, counted one way or another."""

    points: Points
    options: Options
    rows: tuple[GroupRows, ...]

    def kept(self, keep: list[Bools]) -> Floats:
        """The index on some of the respondents."""
        units = self.points.scale.units
        found = {each.group: recount.scores(each, units, some) for each, some in zip(self.rows, keep, strict=True)}
        return self._index(self.points.scale, found)

    def equal(self) -> Floats:
        """The index with every answer weighing the same within its group."""
        units = self.points.scale.units
        everyone = {each.group: recount.scores(each, units, each.weight > 0, equal=True) for each in self.rows}
        return self._index(self.points.scale, everyone)

    def without_groups(self, groups: list[str]) -> Floats:
        """The index without some groups."""
        units = self.points.scale.units
        others = {each.group: recount.scores(each, units, each.weight > 0) for each in self.rows}
        return self._index(recount.without_groups(self.points.scale, groups), others)

    def _index(self, scale: Scale, found: Mapping[str, GroupScores]) -> Floats:
        options = self.options
        return recount.index_of(scale, found, self.points.appraised, n_min=options.n_min, k=options.k)

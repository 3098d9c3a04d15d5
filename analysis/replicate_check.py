"""The whole chain repeated on resampled respondents, beside the linearised standard errors (METHOD §9).

Each draw takes respondents with replacement within their strata (rescaling bootstrap), makes up for nonresponse in
every class anew, and counts scores, presence of groups, points and index again. Appraised points carry no sampling
error and count as nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.compose import check, points_of
from analysis.dataset import Dataset
from analysis.design import Bools, Codes, Floats, Lonely
from analysis.kinds import N_MIN, Options
from analysis.points import FULL
from analysis.replicates import Replicator
from analysis.subscores import GroupScores, answer_sums, asked_items, group_scores
from analysis.weights import WaveDesign, wave_design
from forms.framework import Framework, Kind

DRAWS = 200
_STEP_DRAWS = 16  # of stepped rules: only the rule at the estimate is looked at


@dataclass(frozen=True, slots=True, eq=False)
class KindCheck:
    """Standard errors of the index of U units of one kind, (U,) each: linearised, and over ``draws`` replicates."""

    kind: str
    units: tuple[str, ...]
    linearised: Floats
    replicate: Floats
    draws: int

    @property
    def known(self) -> Bools:
        """(U,) units that have both."""
        return np.asarray((self.linearised > 0) & np.isfinite(self.replicate))

    @property
    def ratio(self) -> float:
        """Median of replicate over linearised; nan without a unit that has both."""
        known = self.known
        return float(np.median(self.replicate[known] / self.linearised[known])) if known.any() else float("nan")


def replicate_check(
    dataset: Dataset, framework: Framework, *, draws: int = DRAWS, seed: int = 1
) -> tuple[KindCheck, ...]:
    """Compare both for every kind that has units in the wave. Raises Faults as counting does."""
    check(dataset.manifest, dataset.codebook, framework)
    found = []
    for kind in framework.kinds.values():
        units = [unit["id"] for unit in dataset.manifest["units"] if unit["kind"] == kind.id]
        if units:
            found.append(_checked(dataset, framework, kind, units, draws, np.random.default_rng(seed)))
    return tuple(found)


def _checked(
    dataset: Dataset, framework: Framework, kind: Kind, units: Sequence[str], draws: int, rng: np.random.Generator
) -> KindCheck:
    estimation = dataset.manifest["estimation"]
    options = Options(int(estimation.get("n_min", N_MIN)), int(dataset.manifest["wave"]["k"]), draws=_STEP_DRAWS)
    groups = [
        _Group.of(dataset, kind, group, units, Lonely(estimation["lonely"]))
        for group in kind.groups
        if set(dataset.table(["unit"], group)["unit"].to_pylist()) & set(units)
    ]
    nothing = {unit: {sub.id: 0.0 for sub in kind.subcriteria} for unit in units}

    def index(scores: Mapping[str, GroupScores]) -> tuple[Floats, Floats]:
        points = points_of(framework, kind, units, scores, nothing, options)
        with np.errstate(divide="ignore", invalid="ignore"):
            se = np.sqrt(np.clip(np.diag(points.sure.index), 0, None)) * FULL / points.scale.maximum
        return points.index, se

    value, linearised = index({group.scores.group: group.scores for group in groups})
    made = np.array([index({each.scores.group: each.drawn(rng) for each in groups})[0] for _ in range(draws)])
    replicate = np.sqrt(((made - value) ** 2).mean(axis=0))
    return KindCheck(kind.id, tuple(units), np.where(np.isfinite(value), linearised, np.nan), replicate, draws)


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """One group's answers, ready to be weighted again: sums (n, K), unit of each row (n,) or −1, person and class."""

    scores: GroupScores
    replicator: Replicator
    weight: Floats
    values: Floats
    counts: Floats
    domain: Codes
    person: Codes
    classes: Codes

    @classmethod
    def of(cls, dataset: Dataset, kind: Kind, group: str, units: Sequence[str], lonely: Lonely) -> _Group:
        subcriteria = [sub for sub in kind.survey_subcriteria if group in sub.shares]
        scores = group_scores(dataset, group, units, subcriteria, lonely=lonely)
        questionnaire = dataset.group(group)["questionnaire"]
        asked = asked_items(dataset.codebook, questionnaire)
        wave = wave_design(dataset, group, ["unit", *sorted({i for s in subcriteria for i in s.items if i in asked})])
        k = int(dataset.manifest["wave"]["k"])
        values, counts, _ = answer_sums(wave.table, dataset.codebook, questionnaire, subcriteria, k)
        place = {unit: code for code, unit in enumerate(units)}
        domain = np.array([place.get(unit, -1) for unit in wave.table["unit"].to_pylist()], np.int64)
        return cls(scores, Replicator.of(wave.design), wave.design.weight, values, counts, domain, *_people(wave))

    def drawn(self, rng: np.random.Generator) -> GroupScores:
        """The scores of one draw; a score that no drawn answer tells stays as it was."""
        factor = self.replicator.factors(rng)
        one = np.zeros(int(self.person.max()) + 1)
        base, home, times = one.copy(), np.zeros(len(one), np.int64), one.copy()
        base[self.person], home[self.person], times[self.person] = self.weight, self.classes, factor
        mass, now = np.bincount(home, base), np.bincount(home, base * times)
        again = np.divide(mass, now, out=np.zeros(len(mass)), where=now > 0)
        weight = self.weight * factor * again[self.classes]
        shape = self.scores.score.shape
        above, below = np.zeros(shape), np.zeros(shape)
        inside = self.domain >= 0
        np.add.at(above, self.domain[inside], (self.values * weight[:, None])[inside])
        np.add.at(below, self.domain[inside], (self.counts * weight[:, None])[inside])
        score = np.divide(above, below, out=self.scores.score.copy(), where=below > 0)
        return replace(self.scores, score=score)


def _people(wave: WaveDesign) -> tuple[Codes, Codes]:
    """Person of each row (n,), and class of each row (n,): classes of one factor are one."""
    person = np.unique(wave.table["respondent"].to_numpy(), return_inverse=True)[1]
    classes = np.unique(np.round(wave.factor, 12), return_inverse=True)[1]
    return person.reshape(-1).astype(np.int64), classes.reshape(-1).astype(np.int64)

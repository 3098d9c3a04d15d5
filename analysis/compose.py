"""Dataset + framework + appraised points + previous year → the result that is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis import index
from analysis.beside import NOTHING, Beside, completed
from analysis.counted import of_dataset
from analysis.dataset import Dataset
from analysis.design import Lonely
from analysis.kinds import N_MIN, Options, kind_result
from analysis.notes import SOME, Note, NoteKind, note
from analysis.notes import read as read_note
from analysis.past import Past, PastKind, of_points, published
from analysis.points import Points, appraised_points
from analysis.previous import Previous
from analysis.ranking import DRAWS
from analysis.result import USUAL, FrameworkFacts, IndexResult, KindResult, Quality, WaveFacts
from analysis.returns import assessment_rows, rate_rows, unit_rate_rows, unit_totals
from analysis.stepping import has_steps, with_steps
from analysis.subscores import POOL_BELOW, GroupScores, asked_items, group_scores
from forms.faults import Faults
from forms.fitting import unfit
from forms.framework import Framework, Kind

ALWAYS = tuple(
    note(kind) for kind in (NoteKind.ROUNDING, NoteKind.SURVEY_ERROR, NoteKind.NOT_BIAS, NoteKind.INDEPENDENT)
)

_COUNTED = (NoteKind.MODE_DROPPED, NoteKind.PHASE_DROPPED, NoteKind.PACE_DROPPED, NoteKind.WEIGHTS_AVERAGED)


def index_result(
    dataset: Dataset,
    framework: Framework,
    appraised: Mapping[str, Mapping[str, float]],
    previous: Mapping[str, Previous] | None = None,
    *,
    level: float = 0.95,
    draws: int = DRAWS,
    beside: Beside = NOTHING,
) -> IndexResult:
    """Count one frozen wave. ``appraised`` are points by unit and subcriterion; a unit that lacks one stays unranked.
    ``beside``: what else there is to compare with.

    What is random is drawn with a seed made of the dataset's hash, so that nobody can choose it.
    Raises ``Faults`` when framework and dataset do not fit.
    """
    check(dataset.manifest, dataset.codebook, framework)
    told = _told(dataset, framework, beside)
    rows = assessment_rows(dataset)
    covered = frozenset((row.unit, row.group) for row in rows if row.n is None)
    options = _options(dataset, covered, previous or {}, level, draws, beside)
    kinds = _kinds(dataset, framework, appraised, options, beside, told)
    by_group, total = rate_rows(dataset)
    return IndexResult(
        kinds=kinds,
        dataset_hash=dataset.hash,
        framework=_framework_facts(framework),
        wave=wave_facts(dataset.manifest),
        rates_by_group=by_group,
        rates_total=total,
        rates_by_unit=unit_rate_rows(dataset),
        assessments=rows,
        units_without_framework=_outside(framework, dataset.manifest["units"]),
        notes=tuple(dict.fromkeys(told)),
        level=level,
        seed=options.seed,
        draws=draws,
        quality=options.quality,
        rounds=beside.rounds,
    )


def _told(dataset: Dataset, framework: Framework, beside: Beside) -> list[Note]:
    """What is said of any result of this dataset."""
    told = [*ALWAYS, *departures(dataset.manifest, framework), *_merged(dataset)]
    told += keyed_again(dataset.manifest)
    return told + ([note(NoteKind.UNITS_ENDED, units=beside.ended)] if beside.ended else [])


def _options(
    dataset: Dataset,
    covered: frozenset[tuple[str, str]],
    previous: Mapping[str, Previous],
    level: float,
    draws: int,
    beside: Beside,
) -> Options:
    estimation = dataset.manifest["estimation"]
    return Options(
        n_min=int(estimation.get("n_min", N_MIN)),
        k=int(dataset.manifest["wave"]["k"]),
        level=level,
        draws=draws,
        seed=int(dataset.hash[:8], 16),
        respondents=unit_totals(dataset),
        covered=covered,
        previous=previous,
        quality=Quality(int(estimation.get("few", USUAL.few)), estimation.get("wide"), estimation.get("too_wide")),
        own=beside.own,
    )


def past(dataset: Dataset, framework: Framework, appraised: Mapping[str, Mapping[str, float]]) -> Past:
    """A previous year, counted so that the next can be compared with it like for like. Raises ``Faults``."""
    check(dataset.manifest, dataset.codebook, framework)
    options = _options(dataset, frozenset(), {}, 0.95, DRAWS, NOTHING)
    kinds: list[PastKind] = []
    figures: dict[str, Previous] = {}
    for kind in framework.kinds.values():
        units = [unit["id"] for unit in dataset.manifest["units"] if unit["kind"] == kind.id]
        if units:
            points = points_of(framework, kind, units, _scores(dataset, kind, units, []), appraised, options)
            result = kind_result(points, options)
            kinds.append(of_points(points, result))
            figures |= published(result.units)
    names = {unit["id"]: unit["name"].get("vi", unit["id"]) for unit in dataset.manifest["units"]}
    return Past(dataset.hash, tuple(kinds), names, figures)


def _kinds(
    dataset: Dataset,
    framework: Framework,
    appraised: Mapping[str, Mapping[str, float]],
    options: Options,
    beside: Beside,
    told: list[Note],
) -> tuple[KindResult, ...]:
    """Every kind of the framework that has units in the wave; what must be said of it goes into ``told``."""
    kinds = []
    for kind in framework.kinds.values():
        units = [unit["id"] for unit in dataset.manifest["units"] if unit["kind"] == kind.id]
        if units:
            scores = _scores(dataset, kind, units, told)
            points = points_of(framework, kind, units, scores, appraised, options)
            kinds.append(completed(dataset, kind_result(points, options), points, options, beside))
    return tuple(kinds)


def check(manifest: Mapping[str, Any], codebook: Mapping[str, Any], framework: Framework) -> None:
    """Raise ``Faults`` for every group that the wave lacks, item that its group is not asked, and unknown unit."""
    asked = {group["id"]: asked_items(codebook, group["questionnaire"]) for group in manifest["groups"]}
    faults = unfit(framework, {unit["kind"] for unit in manifest["units"]}, asked)
    if faults:
        raise Faults(faults)


def departures(manifest: Mapping[str, Any], framework: Framework) -> list[Note]:
    """What differs from the plan: another framework, one that excepts unknown units, repeated draws."""
    registered = manifest.get("framework") or {}
    changed = registered.get("sha256") not in (None, framework.hash)
    units = {unit["id"] for unit in manifest["units"]}
    unknown = sorted({entry.unit for entry in framework.not_applicable} - units)
    return (
        ([note(NoteKind.OTHER_FRAMEWORK)] if changed else [])
        + _other_year(manifest, framework)
        + [note(NoteKind.UNKNOWN_UNIT, unit=unit) for unit in unknown]
        + [read_note(each) for each in manifest.get("departures", [])]
    )


def _other_year(manifest: Mapping[str, Any], framework: Framework) -> list[Note]:
    """A framework of other years: a wave may close in the year after the one that it is about."""
    year = int(manifest["wave"]["closes"][:4])
    if manifest["simulated"] or not framework.years or {year, year - 1} & set(framework.years):
        return []
    return [note(NoteKind.OTHER_YEAR, years=tuple(map(str, framework.years)), year=str(year))]


def _merged(dataset: Dataset) -> list[Note]:
    """The same, without numbers of groups of which some number is hidden."""
    secret = of_dataset(dataset)
    return [
        note(each.kind, **{**each.values, "respondents": SOME})
        if each.kind in _COUNTED and secret.parts(str(each.values["group"])) else each
        for each in merged_cells(dataset.manifest)
    ]  # fmt: skip


def merged_cells(manifest: Mapping[str, Any]) -> list[Note]:
    """What the freeze merged so that no cell holds fewer than k."""
    return [read_note(each) for each in manifest.get("merged_cells", [])]


def keyed_again(manifest: Mapping[str, Any]) -> list[Note]:
    """How far two persons who keyed the same forms from paper agree; items in words do not count in the rate."""
    paper = manifest.get("paper") or {}
    cells = paper.get("overall", {"compared": 0})
    if not cells["compared"]:
        return []
    items = [f"{id} {each['differed']}/{each['compared']}" for id, each in paper["items"].items() if each["differed"]]
    return [
        note(NoteKind.KEYED_AGAIN, forms=paper["forms_compared"]["compared"], keyed=paper["forms"]["keyed"],
             differed=cells["differed"], compared=cells["compared"],
             percent=100.0 * cells["differed"] / cells["compared"], items=tuple(items) or ("0",))
    ]  # fmt: skip


def _scores(dataset: Dataset, kind: Kind, units: Sequence[str], told: list[Note]) -> dict[str, GroupScores]:
    """Scores of each group that answered about this kind; the others are named in ``told``."""
    estimation = dataset.manifest["estimation"]
    lonely, pool_below = Lonely(estimation["lonely"]), int(estimation.get("pool_below", POOL_BELOW))
    found = {}
    for group in kind.groups:
        about = set(dataset.table(["unit"], group)["unit"].to_pylist())
        if not about.intersection(units):
            told.append(note(NoteKind.ABSENT_GROUP, group=group, unit_kind=kind.id))
            continue
        subcriteria = [sub for sub in kind.survey_subcriteria if group in sub.shares]
        found[group] = group_scores(dataset, group, units, subcriteria, lonely=lonely, pool_below=pool_below)
        told.extend(found[group].notes)
    return found


def count_kind(
    framework: Framework,
    kind: Kind,
    units: Sequence[str],
    scores: Mapping[str, GroupScores],
    appraised: Mapping[str, Mapping[str, float]],
    options: Options,
) -> KindResult:
    """Points, index and ranks of the units of one kind from the scores of its groups."""
    return kind_result(points_of(framework, kind, units, scores, appraised, options), options)


def points_of(
    framework: Framework,
    kind: Kind,
    units: Sequence[str],
    scores: Mapping[str, GroupScores],
    appraised: Mapping[str, Mapping[str, float]],
    options: Options,
) -> Points:
    """Points of the units of one kind with their covariance, not yet ranked."""
    scale = index.scale(framework, kind, units)
    given = index.answers(scale, scores)
    present = index.presence(scale, given, n_min=options.n_min, k=options.k)
    sure = index.uncertainty(scale, given, present)
    steps = None
    if has_steps(scale):
        steps = with_steps(scale, given, present, sure, seed=options.seed, draws=options.draws, level=options.level)
        sure = steps.uncertainty
    survey = index.survey_points(scale, given, present)
    return Points(
        scale, given, present, survey, appraised_points(scale, appraised), sure, steps,
        covered=options.covered, quality=options.quality, level=options.level, own=options.own,
    )  # fmt: skip


def _outside(framework: Framework, units: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Units of kinds that the framework does not count."""
    return tuple(unit["id"] for unit in units if unit["kind"] not in framework.kinds)


def _framework_facts(framework: Framework) -> FrameworkFacts:
    return FrameworkFacts(framework.id, framework.hash, dict(framework.title), framework.illustrative)


def wave_facts(manifest: Mapping[str, Any]) -> WaveFacts:
    """What a result says of its wave."""
    wave = manifest["wave"]
    return WaveFacts(
        id=wave["id"],
        title=wave["title"],
        opens=wave["opens"],
        closes=wave["closes"],
        simulated=manifest["simulated"],
        interim=manifest["interim"],
        k=int(wave["k"]),
        unit_names={unit["id"]: unit["name"] for unit in manifest["units"]},
        group_names={group["id"]: group["name"] for group in manifest["groups"]},
        non_probability=bool(manifest.get("non_probability", False)),
    )

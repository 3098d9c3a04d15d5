"""A previous year that can be taken apart: from its own counting, or from its result.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.design import Floats
from analysis.parts import scheme
from analysis.points import Points
from analysis.previous import Previous
from analysis.result import KindResult, UnitIndex
from analysis.subscores import GroupScores
from forms.faults import Fault, Faults

RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class PastSub:
    """A subcriterion as the previous framework had it."""

    survey_points: float
    appraised_points: float
    rule: Mapping[str, Any] | None
    items: tuple[str, ...]
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class PastKind:
    """One kind of a previous year: R units, S subcriteria, G groups.

    ``score`` (G, R, S) after the rule, nan where there is none to use; ``group_se`` (G, R, S) and ``sub_se`` (R, S), of
    the survey points; ``survey`` and ``appraised_maximum`` (R, S), 0 where not applicable; ``appraised`` (R, S) points;
    ``df`` (R,). ``used`` (G, R, S) shares that counted, and ``error`` (R,) of the points of all of it. ``scores`` hold
    the covariances by group, None where only a result is left of that year.
    """

    kind: str
    units: tuple[str, ...]
    subs: Mapping[str, PastSub]
    groups: tuple[str, ...]
    score: Floats
    group_se: Floats
    sub_se: Floats
    survey: Floats
    appraised: Floats
    appraised_maximum: Floats
    df: Floats
    used: Floats
    error: Floats
    scores: Mapping[str, GroupScores] | None


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """A previous year: its dataset's hash, its kinds, the names of its units, and what it published of each."""

    hash: str
    kinds: tuple[PastKind, ...]
    names: Mapping[str, str]
    published: Mapping[str, Previous]


def published(units: Sequence[UnitIndex]) -> dict[str, Previous]:
    """What was published of each unit that has an index."""
    return {
        unit.unit: Previous(
            unit.published, unit.se, {each.id: each.percent for each in unit.domains if each.percent is not None}
        )
        for unit in units
        if unit.published is not None
    }


def of_points(points: Points, result: KindResult) -> PastKind:
    """A kind that was just counted, with its covariances."""
    scale = points.scale
    subs = {
        row.id: PastSub(row.survey_points, row.appraised_points, row.rule, row.items, row.shares)
        for row in scheme(scale.kind)
    }
    return PastKind(
        result.kind,
        scale.units,
        subs,
        scale.groups,
        np.where(points.present.used > 0, points.given.score, np.nan),
        np.sqrt(np.clip(points.sure.groups, 0.0, None)),
        np.sqrt(np.clip(points.sure.subcriteria, 0.0, None)),
        scale.survey,
        points.appraised,
        scale.appraised,
        points.sure.df,
        points.present.used,
        np.sqrt(np.clip(np.diag(points.sure.index), 0.0, None)),
        {each.group: each for each in points.given.groups},
    )


def read(path: Path) -> Past:
    """Read a result.json, or the one in a report's folder. Raises Faults when it is none that this version can use."""
    file = path / RESULT if path.is_dir() else path
    try:
        document = json.loads(file.read_text("utf-8"))
        return _past(document)
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(file))]) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        told = "is no result.json of an index that this version can compare with"
        raise Faults([Fault(f"{told} ({type(error).__name__}: {error})", str(file))]) from error


def _past(document: Mapping[str, Any]) -> Past:
    names = {unit: words["vi"] for unit, words in document["wave"]["unit_names"].items()}
    figures = {
        unit["unit"]: Previous(
            unit["published"], unit["se"],
            {each["id"]: each["percent"] for each in unit["domains"] if each["percent"] is not None},
        )
        for kind in document["kinds"]
        for unit in kind["units"]
    }  # fmt: skip
    return Past(document["dataset_hash"], tuple(_kind(kind) for kind in document["kinds"]), names, figures)


def _kind(document: Mapping[str, Any]) -> PastKind:
    rows = [*document["units"], *document["unranked"]]
    subs = {
        row["id"]: PastSub(
            row["survey_points"], row["appraised_points"], row["rule"], tuple(row["items"]), row["shares"]
        )
        for row in document["scheme"]
    }
    groups = tuple(dict.fromkeys(group for sub in subs.values() for group in sub.shares))
    shape = (len(groups), len(rows), len(subs))
    score, error, used = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    for r, unit in enumerate(rows):
        for s, figure in enumerate(unit["subcriteria"]):
            for each in figure["groups"]:
                used[groups.index(each["group"]), r, s] = each["used"]
                if each["used"] and each["score"] is not None:
                    score[groups.index(each["group"]), r, s] = each["score"]
                    error[groups.index(each["group"]), r, s] = _number(each["se"])

    def table(key: str) -> Floats:
        made = np.array([[_number(figure[key]) for figure in unit["subcriteria"]] for unit in rows], dtype=np.float64)
        return made.reshape(len(rows), len(subs))

    df = np.array([np.inf if unit["df"] is None else unit["df"] for unit in rows], dtype=np.float64)
    return PastKind(
        document["kind"], tuple(unit["unit"] for unit in rows), subs, groups, score, error, table("se"),
        table("survey_maximum"), table("appraised_points"), table("appraised_maximum"), df, used,
        np.array([_number(unit["se"]) * unit["maximum"] / 100 for unit in rows], dtype=np.float64), None,
    )  # fmt: skip


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)

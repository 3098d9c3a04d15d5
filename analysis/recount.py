"""The same wave counted again otherwise: without some respondents, or with equal weights. Points only, no errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from analysis import index
from analysis.dataset import Dataset
from analysis.design import Bools, Codes, Floats
from analysis.index import Answers, Scale
from analysis.points import rescaled
from analysis.subscores import GroupScores, answer_sums, asked_items
from analysis.weights import wave_design
from forms.framework import Kind, Subcriterion


@dataclass(frozen=True, slots=True, eq=False)
class GroupRows:
    """One group's assessments: sums and counts of usable answers (n, K), unit codes or −1, weights, and who and how.

    ``mode`` (n,) texts, '' where the dataset does not say; ``respondent`` (n,).
    """

    group: str
    subcriteria: tuple[str, ...]
    values: Floats
    counts: Floats
    unit: Codes
    weight: Floats
    mode: np.ndarray[tuple[int, ...], np.dtype[np.str_]]
    respondent: Codes


def rows_of(dataset: Dataset, kind: Kind, units: Sequence[str], groups: Sequence[str]) -> tuple[GroupRows, ...]:
    """Read what a kind's scores are made of, once for every other way of counting."""
    return tuple(
        _rows(dataset, group, units, [sub for sub in kind.survey_subcriteria if group in sub.shares])
        for group in groups
    )


def _rows(dataset: Dataset, group: str, units: Sequence[str], subcriteria: Sequence[Subcriterion]) -> GroupRows:
    questionnaire = str(dataset.group(group)["questionnaire"])
    asked = asked_items(dataset.codebook, questionnaire)
    items = sorted({item for sub in subcriteria for item in sub.items if item in asked})
    extra = [name for name in ("mode",) if name in dataset.columns]
    wave = wave_design(dataset, group, ["unit", *extra, *items])
    k = int(dataset.manifest["wave"]["k"])
    values, counts, _ = answer_sums(wave.table, dataset.codebook, questionnaire, subcriteria, k)
    place = {unit: code for code, unit in enumerate(units)}
    return GroupRows(
        group,
        tuple(sub.id for sub in subcriteria),
        values,
        counts,
        np.array([place.get(unit, -1) for unit in wave.table["unit"].to_pylist()], dtype=np.int64),
        wave.design.weight,
        np.array(_modes(wave.table) if extra else [""] * wave.table.num_rows, dtype=np.str_),
        wave.table["respondent"].to_numpy().astype(np.int64),
    )


def _modes(table: pa.Table) -> list[str]:
    return [mode or "" for mode in table["mode"].cast(pa.string()).to_pylist()]


def scores(rows: GroupRows, units: Sequence[str], keep: Bools, *, equal: bool = False) -> GroupScores:
    """Scores of the rows that are kept, weighted or all alike; without covariance."""
    shape = (len(units), len(rows.subcriteria))
    inside = keep & (rows.unit >= 0)
    weight = np.ones(len(inside)) if equal else rows.weight
    at, weight = rows.unit[inside], weight[inside]
    values, counts = rows.values[inside], rows.counts[inside]
    above = _summed(at, weight[:, None] * values, len(units))
    below = _summed(at, weight[:, None] * counts, len(units))
    n = _summed(at, (counts > 0) & (weight > 0)[:, None], len(units)).astype(np.int64)
    score = np.divide(above, below, out=np.full(shape, np.nan), where=below > 0)
    nothing = np.zeros((0, 0))
    return GroupScores(
        rows.group, tuple(units), rows.subcriteria, score, n, nothing, np.zeros(shape, bool), np.ones(len(units)), ()
    )


def _summed(at: Codes, columns: Floats | Bools, units: int) -> Floats:
    """(U, K) sums of (n, K) columns by unit."""
    found = [np.bincount(at, weights=column, minlength=units) for column in columns.T]
    return np.array(found, dtype=np.float64).reshape(len(found), units).T


def without_groups(scale: Scale, groups: Sequence[str]) -> Scale:
    """The scale without some groups' shares; survey points that nobody else decides leave it."""
    kept = np.array([group not in groups for group in scale.groups])
    shares = scale.shares * kept[:, None]
    total = shares.sum(axis=0)
    shares = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    return replace(scale, shares=shares, survey=scale.survey * (total > 0))


def index_of(scale: Scale, found: Mapping[str, GroupScores], appraised: Floats, *, n_min: int, k: int) -> Floats:
    """(U,) index by other scores; nan where a subcriterion has none."""
    given: Answers = index.answers(scale, found)
    present = index.presence(scale, given, n_min=n_min, k=k)
    points = index.survey_points(scale, given, present) + appraised
    return rescaled(points.sum(axis=1), scale.maximum)

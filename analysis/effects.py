"""Do answers differ by how, or when, they were given? Differences adjusted for who answered about whom (METHOD §9).

A weighted linear regression of an assessment's mean answer on the levels of one column (``mode``, ``phase``), the
assessed unit and the declared margins, with the design's linearised variance (Binder, On the variances of
asymptotically normal estimators from complex surveys, International Statistical Review 51, 1983). Who chose which
way to answer is not drawn by lot, so a difference may still be one of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.counted import of_dataset
from analysis.covariance import covariance
from analysis.covering import covered
from analysis.dataset import Dataset
from analysis.design import Bools, Design, Floats, Lonely
from analysis.factors import scale_items, scored
from analysis.intervals import t_limits
from analysis.moments import Scores
from analysis.passes import collect
from analysis.weights import WaveDesign, wave_design
from forms.faults import Faults

COLUMNS = ("mode", "phase")
_TOLD = 1e-8  # a level whose coefficient the other columns determine to less than this cannot be told from them


@dataclass(frozen=True, slots=True)
class Effect:
    """One level of a column in a group: ``n`` respondents with a scale answered, weighted ``mean`` answer from 0 to 1,
    and its adjusted ``difference`` from the ``reference`` level with ``se`` and limits. None: hidden (METHOD §8),
    the reference's own, or not to be told apart from the units and margins."""

    group: str
    column: str
    level: str
    reference: str
    n: int | None = None
    mean: float | None = None
    difference: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """Coefficients (p,), nan where columns do not tell them apart; covariance (p, p); residual degrees of freedom."""

    coefficient: Floats
    covariance: Floats
    df: int


def regression(design: Design, outcome: Floats, x: Floats, lonely: Lonely) -> Regression:
    """Weighted least squares of ``outcome`` (n,), nan where missing, on ``x`` (n, p); df as R's ``svyglm``:
    PSUs − strata − (rank − 1). Rows without an outcome stay in the design. Raises Faults as ``covariance``."""
    present = np.isfinite(outcome)
    y, w = np.where(present, outcome, 0.0), np.where(present, design.weight, 0.0)
    gram = (x * w[:, None]).T @ x
    inverse = np.linalg.pinv(gram, rcond=1e-12, hermitian=True)
    told = np.abs(inverse @ gram - np.eye(len(gram))).max(axis=1) < _TOLD
    beta = inverse @ ((x * w[:, None]).T @ y)
    score = np.where(present, y - x @ beta, 0.0)[:, None] * (x @ inverse)
    block = Scores(score, np.broadcast_to(present[:, None], score.shape), np.zeros(len(y), np.int64), 1)
    matrix = covariance(collect(design, [block]), design, lonely, everywhere=True)
    here = present & (design.weight > 0)
    psus = (np.bincount(design.psu[here]) > 0).sum() - (np.bincount(design.stratum[here]) > 0).sum()
    rank = int(np.linalg.matrix_rank(gram, tol=1e-10 * max(1.0, float(np.abs(gram).max())), hermitian=True))
    return Regression(np.where(told, beta, np.nan), matrix, int(psus) - rank + 1)


def effects(dataset: Dataset, group: str, column: str, level: float = 0.95) -> tuple[Effect, ...]:
    """Every level of ``column`` in a group, the most frequent first, which the others are compared with.

    Nothing where the dataset has no such column, the group no answers on scales, or one level only.
    """
    if column not in dataset.columns:
        return ()
    items = [entry["id"] for entry in scale_items(dataset.codebook, str(dataset.group(group)["questionnaire"]))]
    margins = [name for name in dataset.columns if name.startswith("m_")]
    try:
        wave = wave_design(dataset, group, list(dict.fromkeys(["unit", column, *margins, *items])))
    except Faults:
        return ()
    given = _words(wave, column)
    if not items:
        return ()
    outcome = _means(scored(wave.table, items, dataset.codebook))
    answered, respondent = np.isfinite(outcome), wave.table["respondent"].to_numpy()
    people = {name: len({*respondent[answered & (given == name)].tolist()}) for name in sorted({*given[answered]})}
    levels = sorted(people, key=lambda name: (-people[name], name))
    if len(levels) < 2:
        return ()
    k = int(dataset.manifest["wave"]["k"])
    secret = of_dataset(dataset)
    few = [people[name] < k or secret.level(group, column, name) for name in levels]
    shown = ~np.array(covered([people[name] for name in levels], few, k), bool)
    lonely = Lonely(dataset.manifest["estimation"]["lonely"])
    others = [_words(wave, name) for name in ("unit", *margins)]
    x = np.column_stack([np.ones(len(given)), _dummies(given, levels[1:]), *(_dummies(each, sorted({*each})[1:])
                                                                             for each in others)])  # fmt: skip
    found = regression(wave.design, outcome, x, lonely)
    return tuple(
        Effect(group, column, name, levels[0], *_figures(wave, outcome, given == name, people[name]),
               *(_difference(found, at, level) if at and shown[0] else ()))
        if shown[at] else Effect(group, column, name, levels[0])
        for at, name in enumerate(levels)
    )  # fmt: skip


def _words(wave: WaveDesign, column: str) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
    return np.array(["" if word is None else str(word) for word in wave.table[column].to_pylist()], np.str_)


def _dummies(given: np.ndarray[tuple[int, ...], np.dtype[np.str_]], levels: Sequence[str]) -> Floats:
    """(n, len(levels)) indicators."""
    return np.column_stack([np.zeros((len(given), 0)), *((given == name).astype(np.float64) for name in levels)])


def _means(values: Floats) -> Floats:
    """(n,) mean of the usable values (n, K) of each row; nan without one."""
    n = np.isfinite(values).sum(axis=1)
    mean: Floats = np.divide(np.nansum(values, axis=1), n, out=np.full(len(values), np.nan), where=n > 0)
    return mean


def _figures(wave: WaveDesign, outcome: Floats, rows: Bools, n: int) -> tuple[int, float | None]:
    weight = np.where(rows & np.isfinite(outcome), wave.design.weight, 0.0)
    total = float(weight.sum())
    return n, float(weight @ np.nan_to_num(outcome)) / total if total else None


def _difference(found: Regression, at: int, level: float) -> tuple[float | None, ...]:
    value, variance = float(found.coefficient[at]), float(found.covariance[at, at])
    if not np.isfinite(value) or found.df < 1:
        return (None,) * 4
    return value, variance**0.5, *t_limits(value, variance, found.df, level)

"""Forms that are more alike than people are: each answer compared with its nearest neighbour in the same office.

A fixed share of equal answers (Kuriakose and Robbins, Statistical Journal of the IAOS 32, 2016) cries wolf on short
questionnaires whose items go together (Simmons, Mercer, Schwarzer and Kennedy, ibid.). Here the limit comes from the
data: answers as independent people would give them are drawn from a Gaussian copula with the group's own correlations
and the office's own shares, and a form is flagged when its nearest neighbour, or several, are nearer than all but
``FALSE`` of the drawn ones have theirs. Equal answers count by how rare they are: −log of the share that gives them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import norm

from analysis.design import Bools, Floats
from analysis.quality import patterns
from analysis.quality.answers import NONE, Answers, Positions

FALSE = 0.005  # of honest forms are flagged at the most, office by office
DRAWN = 2000  # forms drawn for an office at the least
SEVERAL = 4  # others that near are the mark of one hand
FEWEST = 10  # forms of an office that are compared with each other
_PRIOR = 20.0  # forms of the whole group that an office's own shares are smoothed with
_ROWS = 1000  # compared at once
_TRIES = 20
_MOST = 0.98  # of a correlation


def copied(answers: Answers, left_out: Bools, seed: int) -> Bools:
    """Rows (n,) that have one other, or ``SEVERAL`` others, in their office too near.

    ``left_out`` (n,), who give the same answer down the page, are neither flagged nor compared: they are like each
    other without having copied. Those like them among the drawn forms go too.
    """
    flagged = np.zeros(len(answers.table), np.bool_)
    usable = answers.enough & ~left_out
    overall = shares(answers.table[answers.enough], answers.levels)
    latent = correlation(answers.table[answers.enough], overall)
    for code, name in enumerate(answers.units):
        here = answers.enough & (answers.unit == code)
        own = answers.table[here & usable]
        if len(own) < FEWEST:
            continue
        share = (shares(answers.table[here], answers.levels) * here.sum() + overall * _PRIOR) / (here.sum() + _PRIOR)
        rng = np.random.default_rng([seed, *name.encode()])
        times = max(2, -(-DRAWN // len(own)))
        chance = np.concatenate(
            [near(_as_people(own, answers.levels, latent, share, rng), share) for _ in range(times)]
        )
        limit = np.quantile(chance, 1 - FALSE / 2, axis=0)
        flagged[here & usable] = (near(own, share) > limit).any(axis=1)
    return flagged


def _as_people(own: Positions, levels: int, latent: Floats, share: Floats, rng: np.random.Generator) -> Positions:
    """As many forms as ``own`` of independent people, with its gaps, none of them straight."""
    kept = np.zeros((0, own.shape[1]), np.int8)
    for _ in range(_TRIES):
        made = np.where(own == NONE, NONE, drawn(latent, share, len(own), rng)).astype(np.int8)
        enough = np.ones(len(made), np.bool_)
        same = patterns.straight(made, enough) | patterns.nearly_straight(made, levels, enough)
        kept = np.vstack([kept, made[~same]])
        if len(kept) >= len(own):
            break
    return kept[: len(own)]


def shares(table: Positions, levels: int) -> Floats:
    """Share of each answer (k, levels) among those given, never 0: half an answer is added to each."""
    counts = np.stack([(table == level).sum(axis=0) for level in range(levels)], axis=1) + 0.5
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def correlation(table: Positions, share: Floats) -> Floats:
    """Correlations (k, k) of the normal variables behind the answers.

    Scores are the means of a standard normal within each answer's interval; their covariance falls short of the
    correlation by the product of their variances (Olsson, Psychometrika 44, 1979, two-step). Made positive definite.
    """
    score = _scores(share)
    given = table != NONE
    values = np.where(given, score[np.arange(table.shape[1]), np.where(given, table, 0)], 0.0)
    together = given.astype(np.float64).T @ given
    covariance = values.T @ values / np.maximum(together, 1.0)
    reliability = (share * score**2).sum(axis=1)
    found = np.clip(covariance / np.outer(reliability, reliability), -_MOST, _MOST)
    np.fill_diagonal(found, 1.0)
    roots, vectors = np.linalg.eigh(found)
    mended = (vectors * np.maximum(roots, 1e-6)) @ vectors.T
    size = np.sqrt(np.diag(mended))
    return np.asarray(mended / np.outer(size, size))


def _scores(share: Floats) -> Floats:
    """Mean of a standard normal within each answer's interval (k, levels)."""
    edges = ndtri(np.clip(np.cumsum(share, axis=1), 0.0, 1.0))
    density = norm.pdf(np.hstack([np.full((len(share), 1), -np.inf), edges]))
    return np.asarray((density[:, :-1] - density[:, 1:]) / share)


def drawn(latent: Floats, share: Floats, n: int, rng: np.random.Generator) -> NDArray[np.int8]:
    """Answers (n, k) of independent people."""
    normal = rng.standard_normal((n, len(latent))) @ np.linalg.cholesky(latent).T
    edges = ndtri(np.clip(np.cumsum(share, axis=1)[:, :-1], 0.0, 1.0))
    return np.asarray((normal[:, :, None] > edges).sum(axis=2), np.int8)


def near(table: Positions, share: Floats) -> Floats:
    """How near the nearest other row is, and the ``SEVERAL``-th nearest (n, 2).

    Σ −log share over equal answers, as part of what the row could reach.
    """
    n, k = table.shape
    levels = share.shape[1]
    rare = np.sqrt(-np.log(share))
    wide = np.zeros((n, k * levels))
    rows, columns = np.nonzero(table != NONE)
    given = table[rows, columns]
    wide[rows, columns * levels + given] = rare[columns, given]
    reach = np.maximum((wide**2).sum(axis=1), 1e-12)
    found = np.empty((n, 2))
    for start in range(0, n, _ROWS):
        part = wide[start : start + _ROWS] @ wide.T
        part[np.arange(len(part)), np.arange(start, start + len(part))] = -np.inf
        part.partition((n - SEVERAL, n - 1), axis=1)
        found[start : start + _ROWS] = part[:, [n - 1, n - SEVERAL]]
    return np.asarray(found / reach[:, None])

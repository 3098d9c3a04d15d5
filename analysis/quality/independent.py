"""Forms as independent people of an office would fill them in: what a limit from the data is taken from.

Drawn from a Gaussian copula with the group's own correlations and the office's own shares, with the gaps of the real
forms. Who gives the same answer down the page is left out on both sides: such forms are like each other without having
been copied, and vary little without more being known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import norm

from analysis.design import Bools, Floats
from analysis.quality import patterns
from analysis.quality.answers import NONE, Answers, Positions

DRAWN = 2000  # forms drawn for an office at the least
FEWEST = 10  # forms of an office that are compared with what is drawn
_PRIOR = 20.0  # forms of the whole group that an office's own shares are smoothed with
_TRIES = 20
_MOST = 0.98  # of a correlation


@dataclass(frozen=True, slots=True, eq=False)
class Office:
    """``rows`` (n,) of the group that are looked at, ``own`` (m, k) their answers, ``share`` (k, levels) of each
    answer, ``drawn`` as many forms again, several times."""

    rows: Bools
    own: Positions
    share: Floats
    drawn: tuple[Positions, ...]


def offices(answers: Answers, left_out: Bools, seed: int) -> Iterator[Office]:
    """Every office with ``FEWEST`` forms or more, ``left_out`` (n,) apart; the same seed draws the same."""
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
        made = tuple(_as_people(own, answers.levels, latent, share, rng) for _ in range(times))
        yield Office(here & usable, own, share, made)


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

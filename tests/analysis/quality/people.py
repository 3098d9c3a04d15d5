"""Simulated forms: honest people whose answers hang together, and ways to cheat."""

from __future__ import annotations

import numpy as np

from analysis.quality.answers import NONE, Answers, Positions

ITEMS, FACTORS = 25, 5
SHARES = np.array([0.03, 0.07, 0.2, 0.45, 0.25])
_EDGES = np.array([-1.880794, -1.281552, -0.524401, 0.674490])  # of a standard normal, at the sums of SHARES


def honest(rng: np.random.Generator, n: int, halo: float = 0.75, shift: float = 0.0) -> Positions:
    """Forms (n, ITEMS): one impression of the office (``halo``, its loading), five factors, and each item's own;
    ``shift``: how much better this office is, in standard deviations of an answer."""
    general, factor = rng.standard_normal((n, 1)), rng.standard_normal((n, FACTORS))
    own = np.sqrt(max(0.01, 1 - halo**2 - 0.35**2)) * rng.standard_normal((n, ITEMS))
    latent = halo * general + 0.35 * np.repeat(factor, ITEMS // FACTORS, axis=1) + own + shift
    table = (latent[:, :, None] > _EDGES).sum(axis=2).astype(np.int8)
    table[rng.random(table.shape) < 0.04] = NONE
    return table


def stuffed(rng: np.random.Generator, n: int, halo: float = 0.75) -> Positions:
    """One hand fills in n forms and changes about one answer in seven."""
    base = honest(rng, 1, halo)[0]
    forms = np.repeat(np.where(base == NONE, 3, base)[None], n, axis=0)
    step = np.where(rng.random(forms.shape) < 0.15, rng.choice([-1, 1], forms.shape), 0)
    return np.asarray(np.clip(forms + step, 0, 4), np.int8)


def copied(rng: np.random.Generator, forms: Positions) -> Positions:
    """Each form again, two of its answers changed."""
    again = forms.copy()
    for row in again:
        row[rng.integers(0, ITEMS, 2)] = rng.integers(0, 5, 2)
    return again


def coached(rng: np.random.Generator, forms: Positions) -> Positions:
    """Nine answers in ten become the highest."""
    return np.where(rng.random(forms.shape) < 0.9, 4, forms).astype(np.int8)


def neighbours(rng: np.random.Generator, n: int) -> Positions:
    """Two neighbouring answers in turn down the page: 3, 4, 3, 4; never the same twice."""
    low = rng.integers(2, 4, (n, 1))
    return np.asarray(low + (np.arange(ITEMS) + rng.integers(0, 2, (n, 1))) % 2, np.int8)


def nudged(rng: np.random.Generator, n: int) -> Positions:
    """One answer down the page, one in five of them a step up."""
    return (rng.integers(2, 4, (n, 1)) + (rng.random((n, ITEMS)) < 0.2)).astype(np.int8)


def thrown(rng: np.random.Generator, n: int) -> Positions:
    """Any answer at all, by dice."""
    return rng.integers(0, 5, (n, ITEMS)).astype(np.int8)


def invented(rng: np.random.Generator, n: int) -> Positions:
    """Each answer as often as people give it, but no form holds together."""
    return rng.choice(5, (n, ITEMS), p=SHARES).astype(np.int8)


def abandoned(rng: np.random.Generator, forms: Positions, first: float, last: float) -> Positions:
    """Left somewhere between two parts of the page."""
    left = np.arange(ITEMS)[None, :] >= rng.uniform(first * ITEMS, last * ITEMS, (len(forms), 1))
    return np.where(left, NONE, forms).astype(np.int8)


def shy(rng: np.random.Generator, forms: Positions) -> Positions:
    """Honest people leave out one answer in fourteen; some of them far more than others."""
    often = rng.beta(0.5, 6.5, (len(forms), 1))
    return np.where(rng.random(forms.shape) < often, NONE, forms).astype(np.int8)


def slipped(rng: np.random.Generator, forms: Positions) -> Positions:
    """One answer in a hundred is a slip of the finger."""
    slip = (rng.random(forms.shape) < 0.01) & (forms != NONE)
    return np.where(slip, rng.integers(0, 5, forms.shape), forms).astype(np.int8)


def together(*offices: Positions) -> Answers:
    """A group's answers, office by office."""
    table = np.vstack(offices)
    unit = np.repeat(np.arange(len(offices)), [len(forms) for forms in offices])
    names = tuple(f"unit_{number}" for number in range(len(offices)))
    asked = np.full(len(table), table.shape[1])
    items = tuple(f"i{number}" for number in range(table.shape[1]))
    return Answers("group", items, 5, table, unit, names, np.arange(len(table)), asked)

"""Survey-adjusted chi-square of a cross table: Rao and Scott's second-order correction (METHOD §5).

Rao and Scott, On chi-squared tests for multiway contingency tables with cell proportions estimated from survey data,
Annals of Statistics 12 (1984); F as Thomas and Rao (JASA 82, 1987), with Δ from the observed cell proportions as R's
``svychisq(statistic = "F")``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from analysis.calibration import Calibration
from analysis.design import Bools, Codes, Design, Df, Floats, Lonely
from analysis.estimates import estimates
from analysis.scoring import Block

# Design effects are of order one; below this their sum is rounding.
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class RaoScott:
    """``f`` with ``ndf`` and ``ddf``; all None when there is no table of two by two, or nothing varies.

    ``n``: rows in the table; ``df`` PSUs − strata; ``dropped``: rows or columns without an answer were left out.
    """

    f: float | None
    ndf: float | None
    ddf: float | None
    p_value: float | None
    n: int
    dropped: bool


def rao_scott(
    design: Design,
    rows: Codes,
    columns: Codes,
    inside: Codes,
    shape: tuple[int, int],
    *,
    lonely: Lonely,
    df: Df,
    calibration: Calibration | None = None,
) -> RaoScott:
    """Test of independence of two classifications (n,), −1 where missing, ``shape`` levels, over rows ``inside`` (n,) 0
    or −1. Raises Faults as ``covariance`` does.
    """
    both = (rows >= 0) & (columns >= 0)
    used = both & (inside >= 0) & (design.weight > 0)
    mass = np.zeros(shape)
    np.add.at(mass, (rows[used], columns[used]), design.weight[used])
    keep_rows, keep_columns = mass.sum(axis=1) > 0, mass.sum(axis=0) > 0
    dropped = not (keep_rows.all() and keep_columns.all())
    share = mass[keep_rows][:, keep_columns] / max(float(mass.sum()), 1e-300)
    n = int(used.sum())
    if min(share.shape) < 2:
        return RaoScott(None, None, None, None, n, dropped)
    cell = (np.cumsum(keep_rows) - 1)[rows] * share.shape[1] + (np.cumsum(keep_columns) - 1)[columns]
    indicators = np.where(both[:, None], np.eye(share.size)[np.where(used, cell, 0)], 0.0)
    block = Block(indicators, np.ones_like(indicators), np.repeat(both[:, None], share.size, axis=1), inside, 1)
    found = estimates(design, [block], lonely=lonely, df=df, calibration=calibration)
    delta = _generalised_effects(share, found.covariance * n)
    trace, squares = float(np.trace(delta)), float(np.trace(delta @ delta))
    here = both & (inside >= 0) if df is Df.DOMAIN else both
    # Nor does it look at domains once weights are calibrated: rows outside keep residuals.
    freedom = _freedom(design, here if calibration is None else np.ones_like(here))
    if not (np.isfinite(trace) and trace > _NOTHING and freedom >= 1):
        return RaoScott(None, None, None, None, n, dropped)
    expected = np.outer(share.sum(axis=1), share.sum(axis=0))
    f = n * float(((share - expected) ** 2 / expected).sum()) / trace
    ndf = trace**2 / squares
    ddf = ndf * freedom
    return RaoScott(f, ndf, ddf, float(fdtrc(ndf, ddf, f)), n, dropped)


def _freedom(design: Design, here: Bools) -> int:
    """PSUs − strata of some rows, of whatever weight: ``svychisq`` looks at no weight."""
    return len(np.unique(design.psu[here])) - len(np.unique(design.stratum[here]))


def _generalised_effects(share: Floats, covariance: Floats) -> Floats:
    """Δ = (C′ D⁻¹ C)⁻¹ C′ D⁻¹ V D⁻¹ C over the interaction contrasts C, V the covariance of √n p̂.

    All nan when too many cells are empty for the contrasts to be told apart.
    """
    a, b = share.shape
    main = np.hstack([np.kron(np.eye(a), np.ones((b, 1))), np.kron(np.ones((a, 1)), np.eye(b))[:, 1:]])
    product = np.kron(np.eye(a)[:, 1:], np.eye(b)[:, 1:])
    contrasts = product - main @ np.linalg.lstsq(main, product, rcond=None)[0]
    flat = share.ravel()
    scaled = contrasts * np.where(flat > 0, 1 / np.where(flat > 0, flat, 1.0), 0.0)[:, None]
    simple = contrasts.T @ scaled
    if np.linalg.matrix_rank(simple, hermitian=True) < len(simple):
        return np.full(simple.shape, np.nan)
    return np.asarray(np.linalg.solve(simple, scaled.T @ covariance @ scaled))

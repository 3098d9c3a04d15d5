"""Holm's adjustment of p-values for many questions asked at once (Holm, Scandinavian Journal of Statistics 6, 1979)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.design import Floats


def adjusted(p_values: Floats) -> Floats:
    """(m,) adjusted: the i-th smallest times (m − i + 1), never below the one before, never above 1."""
    order = np.argsort(p_values, kind="stable")
    stepped = p_values[order] * np.arange(len(p_values), 0, -1)
    result = np.empty(len(p_values))
    result[order] = np.minimum(1.0, np.maximum.accumulate(stepped))
    return result


def adjusted_by_name(p_values: Mapping[str, float]) -> dict[str, float]:
    """The same by name."""
    found = adjusted(np.array(list(p_values.values()), dtype=np.float64))
    return dict(zip(p_values, found.tolist(), strict=True))

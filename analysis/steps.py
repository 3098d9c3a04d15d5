"""Stepped scoring rules, ``target`` and ``bands``: not smooth, so their uncertainty comes from seeded draws."""

from __future__ import annotations

from typing import TypeGuard

import numpy as np

from analysis.design import Floats
from forms.framework import Rule, RuleKind

_NOISE = 1e-9  # a share computed as 0.7999999999999999 has reached 0.8


def stepped(rule: Rule | None) -> TypeGuard[Rule]:
    """Whether the score is no smooth function of the estimate."""
    return rule is not None and rule.kind in (RuleKind.TARGET, RuleKind.BANDS)


def applied(rule: Rule, estimate: Floats) -> Floats:
    """Score in [0, 1] of each estimated share or mean; nan stays nan."""
    if rule.kind is RuleKind.TARGET:
        return np.asarray(np.minimum(1.0, estimate / (rule.target or 1.0)))
    return np.asarray(np.where(np.isnan(estimate), np.nan, np.array([s for _, s in rule.table])[band(rule, estimate)]))


def band(rule: Rule, estimate: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Index into the step table, highest first: the first band whose threshold is reached."""
    thresholds = np.array([least for least, _ in rule.table])
    reached = np.nan_to_num(estimate)[..., None] >= thresholds - _NOISE
    return np.asarray(np.where(reached.any(axis=-1), reached.argmax(axis=-1), len(thresholds) - 1))

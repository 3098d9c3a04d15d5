"""The result as one plain document, for programs."""

from __future__ import annotations

import dataclasses
from typing import Any

from analysis.result import IndexResult


def document(result: IndexResult) -> dict[str, Any]:
    """Every figure by the names of ``analysis.result``; nothing that must stay hidden is in it."""
    plain = dataclasses.asdict(result)
    for kind, found in zip(plain["kinds"], result.kinds, strict=True):
        kind["covariance"] = found.covariance.tolist()
    for row in (*plain["rates_by_group"], plain["rates_total"]):
        if row is not None and row["hidden"]:
            row.update(issued=None, returned=None, valid=None)
    return plain

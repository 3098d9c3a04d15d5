"""``result.json``: the result as one document, 12 significant digits, nothing that must stay hidden."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from analysis.notes import Note
from analysis.report.annexes import Annexes
from analysis.result import IndexResult


def document(result: IndexResult | Annexes) -> dict[str, Any]:
    """The result, or what goes with it, as plain values; a hidden score or rate keeps its labels, not its numbers."""
    made: dict[str, Any] = _plain(result)
    return made


def text(result: IndexResult | Annexes) -> str:
    """The document as JSON text: the same bytes for the same result."""
    return json.dumps(document(result), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def significant(value: float) -> float | None:
    """Twelve significant digits; what is not finite cannot be said."""
    return float(f"{value:.12g}") if math.isfinite(value) else None


def _plain(value: Any) -> Any:
    if isinstance(value, Note):
        return {**value.document(), "text": str(value)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        hidden = members.get("hidden", False)
        return {name: None if hidden and _number(member) else _plain(member) for name, member in members.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(member) for member in value)
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, date):
        return value.isoformat()
    return significant(float(value)) if isinstance(value, float) else value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

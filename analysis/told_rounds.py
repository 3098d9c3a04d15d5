"""What a result says of the rounds of appraisal: who set which points when, and why they changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Round:
    """One step of the appraisal: self-assessed, appraised, after explanation, submitted."""

    round: str
    at: str
    by: str
    file: str
    hash: str
    cells: int
    """How many cells it set or changed."""


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell that a round changed; ``old`` None where there were no points before."""

    round: str
    unit: str
    subcriterion: str
    old: float | None
    new: float | None
    reason: str
    document: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Rounds:
    """How the appraised points of this result came to be; ``head`` is the hash of the last record."""

    rounds: tuple[Round, ...]
    changes: tuple[CellChange, ...]
    head: str

"""Limits that a wave declares for one answer: how complete it is, how fast it was filled in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Shares of the applicable closed items that make a submit complete, or partial."""

    complete: float = 0.8
    partial: float = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds an item below which a form was filled in too fast, and from which it took long; or nothing measured."""

    measured: bool = True
    fast: float = 2.0
    long: float = 30.0


USUAL_THRESHOLDS = Thresholds()
USUAL_PACE = Pace()

"""One opened response, and the label that it shares with a row of the design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Label:
    """What the design and a response share: a row of design.parquet."""

    group: str
    stratum: str
    wclass: str
    margins: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Respondent:
    """One opened response: its cell, and the answers about each of its units (None: declined) and about the person."""

    label: Label
    mode: str
    disposition: str
    units: tuple[str, ...]
    weights: tuple[float, ...]
    answers: tuple[Mapping[str, Any] | None, ...]
    person: Mapping[str, Any]
    psu: str = ""  # the first-stage unit, once it is told apart from the stratum
    answered: str = ""  # the mode of the answer where it is not that of the invitation (a form keyed from paper)
    phase: str = ""  # before or after the first reminder began; '' where not told
    band: int | None = None  # of the pace (``survey.pace``); None where not told

"""One opened response, and the label that it shares with a row of the design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Label(msgspec.Struct, frozen=True, cache_hash=True, gc=False):
    """What the design and a response share: a row of design.parquet."""

    group: str
    stratum: str
    wclass: str
    margins: tuple[tuple[str, str], ...]


class Respondent(msgspec.Struct, frozen=True, gc=False):
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

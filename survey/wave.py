"""A wave in this instance: registered with its documents and its public key, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey.store import Store
from survey.wave_file import load, load_file
from survey.wave_spec import (
    Allocation,
    Authority,
    Design,
    Estimation,
    Group,
    Method,
    Place,
    Target,
    Thresholds,
    TooFew,
    Unit,
    WaveSpec,
)

if TYPE_CHECKING:
    from forms.framework import Framework

    from forms.questionnaire import Questionnaire

__all__ = [
    "Allocation",
    "Authority",
    "Design",
    "Estimation",
    "Group",
    "Method",
    "Place",
    "RegisteredWave",
    "Target",
    "Thresholds",
    "TooFew",
    "Unit",
    "WaveSpec",
    "get",
    "load",
    "load_file",
]


@dataclass(frozen=True, slots=True)
class RegisteredWave:
    """A wave as the store holds it. ``state`` is draft, open, closed or frozen."""

    spec: WaveSpec
    questionnaires: Mapping[str, Questionnaire]
    framework: Framework | None
    public_key: bytes
    plan_hash: str
    box_bytes: int
    state: str
    pilot: bool
    key_origin: str

    def questionnaire_of(self, group: str) -> Questionnaire:
        """What a group is asked."""
        return self.questionnaires[self.spec.group(group).questionnaire]


def get(store: Store, wave: str) -> RegisteredWave:
    """Read a registered wave. Raises Faults when there is none of this id."""
    raise NotImplementedError

"""What a prepared wave file still lacks, told to the step and the field where it can be mended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from forms.faults import Fault, Faults
from forms.positions import Path, positions
from survey.plan import wave_file
from survey.plan.documents import Reader, documents_of
from survey.plan.wave_spec import WaveSpec


class Step(StrEnum):
    """The steps from nothing to an open wave, in their order."""

    ABOUT = "about"
    UNITS = "units"
    PLACES = "places"
    GROUPS = "groups"
    FIELDWORK = "fieldwork"
    PLAN = "plan"  # the whole plan is checked and registered
    LISTS = "lists"
    SAMPLE = "sample"
    DRAW = "draw"
    OPEN = "open"


_OF_KEY = {"unit": Step.UNITS, "place": Step.PLACES, "group": Step.GROUPS,
           "fieldwork": Step.FIELDWORK, "payment": Step.FIELDWORK, "counter": Step.FIELDWORK}  # fmt: skip
_MISSING = re.compile(r"“(\w+)” is missing")
_OF_GROUPS = ("the wave has no group", "gives group", "is scored by")


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of the file, and where it is mended; ``path`` is empty where it is of no single key."""

    step: Step
    path: Path
    fault: Fault

    @property
    def position(self) -> int | None:
        """Which unit, place or group it is of, from 0."""
        return next((part for part in self.path if isinstance(part, int)), None)


def of_text(text: str) -> tuple[WaveSpec | None, tuple[Problem, ...]]:
    """The plan that a TOML text makes, or everything that is wrong with it."""
    try:
        return _read(text), ()
    except Faults as faults:
        return None, tuple(_told(text, faults.faults))


@lru_cache(maxsize=64)
def _read(text: str) -> WaveSpec:
    return wave_file.load(text, "")


def of_documents(spec: WaveSpec, reader: Reader) -> tuple[Problem, ...]:
    """What is wrong with the questionnaires and the framework that a plan names, and between them."""
    try:
        documents_of(spec, reader)
    except Faults as faults:
        return tuple(Problem(_step_of_document(spec, fault), (), fault) for fault in faults.faults)
    return ()


def _step_of_document(spec: WaveSpec, fault: Fault) -> Step:
    if any(mark in fault.message for mark in _OF_GROUPS):
        return Step.GROUPS
    named = (fault.file, fault.message.partition("”")[0].removeprefix("“"))
    if spec.framework in named or "framework" in fault.message:
        return Step.ABOUT
    return Step.GROUPS


def _told(text: str, faults: Iterable[Fault]) -> Iterable[Problem]:
    at = _paths(text)
    for fault in faults:
        path = at.get(fault.row or 0, ())
        if missing := _MISSING.match(fault.message):
            path = (*path, missing[1])
        step = _OF_KEY.get(str(path[0]), Step.ABOUT) if path else Step.ABOUT
        yield Problem(step, path, Fault(fault.message))  # nobody at the desk sees lines


def _paths(text: str) -> dict[int, Path]:
    """Line → the key that stands on it, the innermost: our files have one key a line."""
    found: dict[int, Path] = {}
    for path, line in positions(text).items():
        if len(path) > len(found.get(line, ())):
            found[line] = path
    return found

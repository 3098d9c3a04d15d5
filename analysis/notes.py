"""What must be said beside the numbers: a kind and its parameters, so that every output says it in its own language."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from forms.faults import Faults

Parameter = str | int | float | tuple[str, ...]


class NoteKind(StrEnum):
    """Each has an English sentence here and a Vietnamese one in the report."""

    ROUNDING = "rounding"
    SURVEY_ERROR = "survey_error"
    NOT_BIAS = "not_bias"
    INDEPENDENT = "independent"
    OTHER_FRAMEWORK = "other_framework"
    UNKNOWN_UNIT = "unknown_unit"
    ABSENT_GROUP = "absent_group"
    CLASSES_MERGED = "classes_merged"
    CLASSES_THIN = "classes_thin"
    STRATA_COLLAPSED = "strata_collapsed"
    STRATA_EMPTY = "strata_empty"
    BLOCKS = "blocks"
    CROSSED = "crossed"
    CELLS_MERGED = "cells_merged"
    MODE_DROPPED = "mode_dropped"
    PHASE_DROPPED = "phase_dropped"
    PACE_DROPPED = "pace_dropped"
    WEIGHTS_AVERAGED = "weights_averaged"
    LEFT_OUT = "left_out"
    FEW_ANSWERS = "few_answers"
    DRAWN_AGAIN = "drawn_again"
    RESERVE_RELEASED = "reserve_released"
    EXTENDED = "extended"
    CORRECTED = "corrected"
    LATE_ADMITTED = "late_admitted"
    KEYED_AGAIN = "keyed_again"
    UNITS_ENDED = "units_ended"
    OTHER_YEAR = "other_year"


ENGLISH: Mapping[NoteKind, str] = {
    NoteKind.ROUNDING: "Each figure is rounded once from its unrounded value, so that parts may not add to their sum.",
    NoteKind.SURVEY_ERROR: "Intervals and rank sets cover chance in the survey only; appraised points carry no "
    "sampling error.",
    NoteKind.NOT_BIAS: "Sampling errors cover chance non-response, not bias.",
    NoteKind.INDEPENDENT: "Groups are taken as independent of each other: nobody answers in two.",
    NoteKind.OTHER_FRAMEWORK: "The framework is not the one that was registered with the wave before it opened.",
    NoteKind.UNKNOWN_UNIT: "The framework excepts “{unit}”, which the wave does not have.",
    NoteKind.ABSENT_GROUP: "Group “{group}” has no answers about any {unit_kind}: its share goes to the other groups.",
    NoteKind.CLASSES_MERGED: "{group}: response classes {labels} merged over {column} into {into}",
    NoteKind.CLASSES_THIN: "{group}: response classes {labels} have fewer than {valid} valid returns and a factor "
    "above {factor:g} (or nobody at all), and no declared merge is left",
    NoteKind.STRATA_COLLAPSED: "{group}: strata {labels} merged over {column} into {into}",
    NoteKind.STRATA_EMPTY: "{group}: the dataset holds nobody of the strata {labels}: nobody stands for them",
    NoteKind.BLOCKS: "{group}: blocks of units were used: no finite population correction (conservative)",
    NoteKind.CROSSED: "{group}: several response classes in the strata {labels}: no finite population correction "
    "there (conservative)",
    NoteKind.CELLS_MERGED: "{group}: {columns} merged in {cells} of {of} cells of the design",
    NoteKind.MODE_DROPPED: "{group}: the mode of {respondents} respondents dropped",
    NoteKind.PHASE_DROPPED: "{group}: whether {respondents} respondents answered before or after the reminder dropped",
    NoteKind.PACE_DROPPED: "{group}: the pace of {respondents} respondents dropped",
    NoteKind.WEIGHTS_AVERAGED: "{group}: base weights of {respondents} respondents averaged within their cells",
    NoteKind.LEFT_OUT: "{group}: up to {respondents} respondents left out, their cells holding fewer than {k}",
    NoteKind.FEW_ANSWERS: "{group}: items that fewer than {k} of an office's respondents answered do not count there, "
    "{cells} times: {items}",
    NoteKind.DRAWN_AGAIN: "{group}: drawn again (draw {number}): {reason}",
    NoteKind.RESERVE_RELEASED: "{group}: {n} of the reserve released (release {number}): {reason}",
    NoteKind.EXTENDED: "The closing day was moved to {closes}: {reason}",
    NoteKind.CORRECTED: "The wording of questionnaire “{questionnaire}” was corrected on {day}, in {n} places: "
    "{reason}",
    NoteKind.KEYED_AGAIN: "Two persons keyed {forms} of {keyed} forms on paper: {differed} of {compared} cells differ, "
    "{percent:.3g} %; by item: {items}",
    NoteKind.UNITS_ENDED: "Units of the previous year that no unit continues: {units}.",
    NoteKind.OTHER_YEAR: "The framework is made for {years}; the wave closes in {year}.",
    NoteKind.LATE_ADMITTED: "{n} forms that came after the last day were admitted, all of them, unseen: {reason}",
}


SOME = "some"  # in place of a number that is not told


def needed(sentence: str) -> frozenset[str]:
    """The parameters that a sentence names."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


@dataclass(frozen=True, slots=True)
class Note:
    """One note; ``parameters`` in the order in which they were given. As text it is an English sentence."""

    kind: NoteKind
    parameters: tuple[tuple[str, Parameter], ...] = ()

    @property
    def values(self) -> dict[str, Parameter]:
        """Parameters by name."""
        return dict(self.parameters)

    def __str__(self) -> str:
        said = {name: ", ".join(value) if isinstance(value, tuple) else value for name, value in self.parameters}
        return ENGLISH[self.kind].format(**said)

    def document(self) -> dict[str, Any]:
        """Plain values for JSON; ``read`` takes them back."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in self.parameters}
        return {"kind": str(self.kind), **plain}


def note(kind: NoteKind, **parameters: Parameter) -> Note:
    """A note of this kind."""
    return Note(kind, tuple(parameters.items()))


def read(document: Any) -> Note:
    """A note as a manifest has it. Raises Faults when this version does not know it, or parameters are missing."""
    try:
        values = dict(document)
        kind = NoteKind(values.pop("kind"))
        frozen = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise Faults(f"the manifest has a note that this version does not know: {document}") from error
    if lacking := needed(ENGLISH[kind]) - values.keys():
        raise Faults(f"the manifest's note “{kind}” lacks {', '.join(sorted(lacking))}")
    return note(kind, **frozen)

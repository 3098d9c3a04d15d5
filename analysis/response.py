"""Base weights of all who were drawn → weights of those who answered, class by class (METHOD §4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from analysis.collapse import Collapsed, collapse
from analysis.design import Bools, Codes, Floats
from analysis.rates import CATEGORY
from analysis.sheet import Sheet
from analysis.weights import ENOUGH_FACTOR, ENOUGH_VALID
from forms.faults import Fault, Faults


class Outcome(StrEnum):
    """What a row of a sample counts as."""

    RESPONDENT = "respondent"
    NONRESPONDENT = "nonrespondent"
    UNKNOWN = "unknown"
    INELIGIBLE = "ineligible"


_OF_CATEGORY = {
    "I": Outcome.RESPONDENT, "P": Outcome.RESPONDENT, "R": Outcome.NONRESPONDENT, "NC": Outcome.NONRESPONDENT,
    "O": Outcome.NONRESPONDENT, "UH": Outcome.UNKNOWN, "UO": Outcome.UNKNOWN, "NE": Outcome.INELIGIBLE,
}  # fmt: skip
OUTCOMES: Mapping[str, Outcome] = {
    **{outcome.value: outcome for outcome in Outcome},
    **{category.lower(): outcome for category, outcome in _OF_CATEGORY.items()},
    **{state: _OF_CATEGORY[category] for state, category in CATEGORY.items()},
}
"""What a disposition may be called, in any case: one of the four, an AAPOR category, or a state of an invitation."""


@dataclass(frozen=True, slots=True)
class Response:
    """Where a file says what became of each row: ``column``; response classes by the columns ``by``, merged from the
    last to the first; ``e`` the eligible share of those of unknown eligibility, estimated when None."""

    column: str
    by: tuple[str, ...] = ()
    e: float | None = None

    def __post_init__(self) -> None:
        if self.e is not None and not 0 <= self.e <= 1:
            raise Faults(f"--eligible {self.e:g}: the eligible share must be from 0 to 1")


@dataclass(frozen=True, slots=True)
class ClassFactor:
    """One response class: rows valid, Σ d of eligibles (with e Σ d of the unknown), Σ d of the valid."""

    label: str
    valid: int
    eligible: float
    mass: float

    @property
    def factor(self) -> float:
        """What the valid are multiplied by."""
        return self.eligible / self.mass

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {"class": self.label, "valid": self.valid, "eligible": self.eligible, "factor": self.factor}


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """Rows of a sample sorted out: ``outcome`` (n,) places in ``Outcome``; ``classes`` (n,) codes into ``labels``."""

    outcome: Codes
    classes: Codes
    labels: tuple[str, ...]
    notes: tuple[str, ...]
    e: float | None

    def has(self, outcome: Outcome) -> Bools:
        """(n,) rows of this outcome."""
        return np.asarray(self.outcome == list(Outcome).index(outcome))

    def share(self, base: Floats) -> float:
        """e: given, else the share of eligibles by weight among those whose eligibility is known."""
        if self.e is not None:
            return self.e
        known = ~self.has(Outcome.UNKNOWN)
        return float(base[known & ~self.has(Outcome.INELIGIBLE)].sum() / base[known].sum())

    def adjusted(self, base: Floats) -> tuple[Floats, Floats, tuple[ClassFactor, ...]]:
        """Weights (n,) after unknown eligibility, (n,) of respondents after nonresponse, and the classes.

        factor = (Σ_eligible known d + e Σ_unknown d) / Σ_valid d; ineligibles keep d and leave. Raises Faults naming a
        class without a valid row.
        """
        share = self.share(base) if self.has(Outcome.UNKNOWN).any() else 1.0
        eligible = np.where(self.has(Outcome.UNKNOWN), base * share, base)
        valid = self.has(Outcome.RESPONDENT) & (base > 0)
        counted = ~self.has(Outcome.INELIGIBLE)
        size = len(self.labels)
        sums = np.bincount(self.classes[counted], eligible[counted], minlength=size)
        mass = np.bincount(self.classes[valid], base[valid], minlength=size)
        number = np.bincount(self.classes[valid], minlength=size)
        if (empty := (mass == 0) & (sums > 0)).any():
            label = self.labels[int(np.flatnonzero(empty)[0])]
            raise Faults(f"nobody answered in the response class “{label}”: merge it with another")
        factor = np.divide(sums, mass, out=np.zeros(size), where=mass > 0)
        classes = [ClassFactor(*each) for each in zip(self.labels, number.tolist(), sums.tolist(), mass.tolist(),
                                                      strict=True) if each[2] > 0]  # fmt: skip
        return eligible, np.where(valid, base * factor[self.classes], 0.0), tuple(classes)


def sorted_out(sheet: Sheet, base: Floats, response: Response) -> Sorted:
    """Read dispositions and classes, and merge thin classes. Raises Faults naming column, row and value."""
    outcome = _outcomes(sheet, response.column)
    labels = _labels(sheet, response.by)
    names, codes = np.unique(labels, return_inverse=True)
    apart = Sorted(outcome, codes.reshape(-1), tuple(names.tolist()), (), response.e)
    if not (apart.has(Outcome.RESPONDENT) & (base > 0)).any():
        raise Faults([Fault("no row with a weight is a respondent", sheet.name, column=response.column)])
    if not response.by:
        return apart
    merged = _merged(apart, base, response.by)
    joined = tuple(sorted(set(merged.into.values())))
    place = np.array([joined.index(merged.into[label]) for label in apart.labels])
    return Sorted(outcome, place[apart.classes], joined, _notes(merged), response.e)


def _outcomes(sheet: Sheet, column: str) -> Codes:
    codes, levels = sheet.levels(column)
    sheet.require(column, codes < 0, "is empty: every row needs a disposition")
    order = list(Outcome)
    places = [order.index(OUTCOMES[level.lower()]) if level.lower() in OUTCOMES else -1 for level in levels]
    found = np.array(places)[codes]
    if (strange := found < 0).any():
        said = levels[int(codes[strange][0])]
        sheet.require(column, strange, f"“{said}” is no disposition: give {', '.join(Outcome)}, an AAPOR category "
                                       "(I, P, R, NC, O, UH, UO, NE) or a state of an invitation")  # fmt: skip
    return found


def _labels(sheet: Sheet, by: Sequence[str]) -> list[str]:
    """``a/b`` of each row."""
    if not by:
        return ["all"] * sheet.rows
    texts = []
    for column in by:
        codes, levels = sheet.levels(column)
        sheet.require(column, codes < 0, "is empty: every row needs a response class")
        texts.append([levels[code].replace("/", "∕") for code in codes.tolist()])
    return ["/".join(parts) for parts in zip(*texts, strict=True)]


def _merged(apart: Sorted, base: Floats, by: Sequence[str]) -> Collapsed:
    """Classes with fewer than 20 valid rows and a factor above 3 joined over the columns, last to first."""
    share = apart.share(base)
    weight = np.where(apart.has(Outcome.UNKNOWN), base * share, np.where(apart.has(Outcome.INELIGIBLE), 0.0, base))
    valid = apart.has(Outcome.RESPONDENT) & (base > 0)
    size = len(apart.labels)
    sums, mass, number = (
        dict(zip(apart.labels, np.bincount(apart.classes, each, minlength=size).tolist(), strict=True))
        for each in (weight, base * valid, valid.astype(np.float64))
    )

    def enough(labels: Sequence[str]) -> bool:
        eligible, there = sum(sums[one] for one in labels), sum(mass[one] for one in labels)
        reached = sum(number[one] for one in labels) >= ENOUGH_VALID or eligible <= ENOUGH_FACTOR * there
        return reached or not eligible

    return collapse(apart.labels, by, tuple(reversed(by)), enough)


def _notes(merged: Collapsed) -> tuple[str, ...]:
    notes = [
        f"response classes {', '.join(merge.labels)} merged over {merge.column} into {', '.join(merge.into)}"
        for merge in merged.merges
    ]
    if merged.short:
        notes.append(
            f"response classes {', '.join(merged.short)} have fewer than {ENOUGH_VALID} valid rows and a factor above "
            f"{ENOUGH_FACTOR:g}, and no column is left to merge over"
        )
    return tuple(notes)

"""One figure of an answer, and what there is to remark about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FEW_DF = 8
_NAMED = 5


class Remark(StrEnum):
    """Why something of a figure is null, or to be taken with care: the sentence of the note."""

    EMPTY = "no usable rows"
    NO_BASE = "the denominator sums to 0"
    SAME = "every value is the same: no standard error"
    SAME_SHARE = "every answer is the same: no standard error; beta interval with n over the median deff of the others"
    LONELY = "every stratum is lonely: no standard error"
    NO_DF = "fewer than 1 df: no interval"
    FEW_DF = f"fewer than {FEW_DF} degrees of freedom: take the interval with care"
    CERTAIN = "no sampling error: the strata concerned were taken whole, or nothing varies"
    NO_DEFF = "no deff: the weights sum to no more than the rows, or nothing varies"
    QUANTILE = "a quantile has no deff"
    OPEN = "the interval of the distribution leaves 0 to 1: no limit on that side and no standard error"
    TOP = "the interval of the quantile has no width: the values next to it are the same, or it is the largest"
    TEST = "a test has no standard error, interval or deff"
    DROPPED = "rows or columns of the table without answers were dropped"
    PART_EMPTY = "a part of the contrast cannot be said"
    PART_UNSURE = "a part of the contrast has no standard error"
    CONTRAST = "a contrast has no deff; its degrees of freedom are the fewest of its parts"
    NO_TABLE = "fewer than two rows or columns have answers, too many cells are empty, or nothing varies: no test"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; None means that it cannot be said, and a remark says why."""

    statistic: str
    variable: str
    by: Mapping[str, str]
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    df: float | None
    deff: float | None
    n: int
    missing: int
    value: str | None = None
    p: float | None = None
    ndf: float | None = None
    p_value: float | None = None
    contrast: str | None = None
    of: str | None = None
    remarks: frozenset[Remark] = frozenset()

    @property
    def label(self) -> str:
        """The figure in words, for notes."""
        if self.contrast is not None:
            return f"{self.contrast} ({self.of} of {self.variable}{'' if self.value is None else '=' + self.value})"
        extra = self.value if self.p is None else f"{self.p:g}"
        of = f"{self.statistic} of {self.variable}" + ("" if extra is None else f"={extra}")
        where = ", ".join(f"{column}={level}" for column, level in self.by.items())
        return f"{of} for {where}" if where else of

    def document(self) -> dict[str, Any]:
        """The row as CONTRACT names its members; others than its own only where they belong."""
        members: dict[str, Any] = {"statistic": self.statistic, "variable": self.variable}
        members |= {
            name: getattr(self, name) for name in ("value", "p", "contrast", "of") if getattr(self, name) is not None
        }
        names = ("by", "estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "missing")
        members |= {name: getattr(self, name) for name in names}
        if self.statistic == "chisq":
            members |= {"ndf": self.ndf}
        return members | ({"p_value": self.p_value} if self.statistic in ("chisq", "contrast") else {})


def remarks(rows: Iterable[Row]) -> Iterator[str]:
    """A sentence for every remark, naming the figures."""
    kept = list(rows)
    for remark in Remark:
        labels = [row.label for row in kept if remark in row.remarks]
        if labels:
            more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
            yield f"{remark.value}: {'; '.join(labels[:_NAMED])}{more}"

"""The answer to a question about a file: a row a statistic and domain, notes for whatever is null, JSON of CONTRACT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.assembly import Layout, design_of
from analysis.design import Design, Floats
from analysis.estimates import Estimates, estimates
from analysis.intervals import Interval, beta_limits, share_limits, t_limits
from analysis.question import Asked, Domains, Question, Statistic, block_of, domains_of
from analysis.sheet import Sheet

FEW_DF = 8
# A variance below this share of the squared estimate is rounding: nothing varies.
_ROUNDING = 1e-28


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; None means that it cannot be said, and a note says why."""

    statistic: str
    variable: str
    by: Mapping[str, str]
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    df: int | None
    deff: float | None
    n: int
    missing: int
    value: str | None = None

    @property
    def label(self) -> str:
        """The figure in words, for notes."""
        of = f"{self.statistic} of {self.variable}" + ("" if self.value is None else f"={self.value}")
        where = ", ".join(f"{column}={level}" for column, level in self.by.items())
        return f"{of} for {where}" if where else of

    def document(self) -> dict[str, Any]:
        """The row as CONTRACT names its members; ``value`` only where there is one."""
        members: dict[str, Any] = {"statistic": self.statistic, "variable": self.variable}
        if self.value is not None:
            members["value"] = self.value
        names = ("by", "estimate", "se", "ci_low", "ci_high", "df", "deff", "n", "missing")
        return members | {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Rows with their covariance (Q, Q; nan where there is none), what the design was, and notes."""

    rows: tuple[Row, ...]
    covariance: Floats
    design: Mapping[str, Any]
    notes: tuple[str, ...]

    def document(self, *, covariance: bool = False) -> dict[str, Any]:
        """The whole as CONTRACT names its members; what cannot be said is None or nan."""
        whole: dict[str, Any] = {"rows": [row.document() for row in self.rows], "design": dict(self.design)}
        if covariance:
            whole["covariance"] = self.covariance.tolist()
        return whole | {"notes": list(self.notes)}


def answer(sheet: Sheet, layout: Layout, question: Question) -> Answer:
    """Estimate all that is asked. Raises Faults naming column and value when the file does not allow it."""
    design, design_notes = design_of(sheet, layout)
    domains = domains_of(sheet, question.by, question.where)
    kinds = [kind for kind in Statistic if any(asked.statistic is kind for asked in question.asked)]
    groups = [[asked for asked in question.asked if asked.statistic is kind] for kind in kinds]
    blocks = [block_of(sheet, group, domains) for group in groups]
    found = estimates(design, blocks, lonely=question.lonely, df=question.df)
    missing = [_missing(design, block.present, domains) for block in blocks]
    rows, order = [], []
    start = 0
    for group, lost in zip(groups, missing, strict=True):
        for k, asked in enumerate(group):
            for d, levels in enumerate(domains.levels):
                at = start + d * len(group) + k
                rows.append(_row(found, at, asked, levels, int(lost[d, k]), question))
                order.append(at)
        start += len(group) * len(domains.levels)
    degenerate, whole = found.degenerate[order], np.diag(found.covariance)[order]
    rows = _unanimous(rows, degenerate, question.level)
    matrix = found.covariance[np.ix_(order, order)].copy()
    silent = [at for at, row in enumerate(rows) if row.se is None]
    matrix[silent, :] = matrix[:, silent] = np.nan
    notes = (*design_notes, *domains.notes, *_notes(rows, degenerate, whole, question))
    return Answer(tuple(rows), matrix, _described(design, layout, question), notes)


def _missing(design: Design, present: np.ndarray[Any, Any], domains: Domains) -> np.ndarray[Any, Any]:
    """Rows of positive weight without a value: (D, K)."""
    counts = np.zeros((len(domains.levels), present.shape[1]), np.int64)
    inside = (domains.code >= 0) & (design.weight > 0)
    np.add.at(counts, domains.code[inside], ~present[inside])
    return counts


def _row(found: Estimates, at: int, asked: Asked, levels: Mapping[str, str], missing: int, question: Question) -> Row:
    value, variance = float(found.value[at]), float(found.covariance[at, at])
    if variance <= _ROUNDING * value**2:
        variance = 0.0
    n, df = int(found.n[at]), int(found.df[at])
    there = n > 0 and np.isfinite(value)
    sure = there and np.isfinite(variance) and not found.degenerate[at]
    low = high = None
    if sure and df >= 1:
        share = asked.statistic is Statistic.PROPORTION and 0 < value < 1 and variance > 0
        if share:
            low, high = share_limits(value, variance, df, n, question.level, question.interval)
        else:
            low, high = t_limits(value, variance, df, question.level)
    return Row(
        asked.statistic.value,
        asked.variable,
        levels,
        value if there else None,
        float(np.sqrt(variance)) if sure else None,
        low,
        high,
        df,
        float(found.deff[at]) if np.isfinite(found.deff[at]) else None,
        n,
        missing,
        asked.value,
    )


def _unanimous(rows: Sequence[Row], degenerate: np.ndarray[Any, Any], level: float) -> list[Row]:
    """Give a share on which all agree the beta interval of n divided by the median deff of its companions."""
    done = []
    for row, alike in zip(rows, degenerate, strict=True):
        if alike and row.statistic == Statistic.PROPORTION and row.estimate is not None:
            deffs = [one.deff for one in rows if (one.variable, one.value) == (row.variable, row.value) and one.deff]
            low, high = beta_limits(row.estimate, row.n / (float(np.median(deffs)) if deffs else 1.0), level)
            row = replace(row, ci_low=low, ci_high=high)
        done.append(row)
    return done


def _notes(
    rows: Sequence[Row], degenerate: np.ndarray[Any, Any], variance: Floats, question: Question
) -> Iterable[str]:
    """A sentence for every kind of null, naming the figures."""
    alike = dict(zip(map(id, rows), degenerate.tolist(), strict=True))
    lost = dict(zip(map(id, rows), np.isnan(variance).tolist(), strict=True))
    kinds: list[tuple[Callable[[Row], bool], str]] = [
        (lambda row: row.n == 0, "no usable rows"),
        (lambda row: row.n > 0 and row.estimate is None, "the denominator sums to 0"),
        (lambda row: alike[id(row)] and row.ci_low is None, "every value is the same: no standard error"),
        (
            lambda row: alike[id(row)] and row.ci_low is not None,
            "every answer is the same: no standard error; beta interval with n over the median deff of the others",
        ),
        (lambda row: lost[id(row)] and row.estimate is not None, "every stratum is lonely: no standard error"),
        (lambda row: row.se is not None and row.df is not None and row.df < 1, "fewer than 1 df: no interval"),
        (
            lambda row: row.df is not None and 1 <= row.df < FEW_DF and row.se is not None,
            f"fewer than {FEW_DF} degrees of freedom: take the interval with care",
        ),
        (lambda row: row.se == 0, "no sampling error: the strata concerned were taken whole, or nothing varies"),
        (
            lambda row: row.se is not None and row.deff is None,
            "no deff: the weights sum to no more than the rows, or nothing varies",
        ),
    ]
    for holds, said in kinds:
        labels = [row.label for row in rows if holds(row)]
        if labels:
            more = f" and {len(labels) - 5} more" if len(labels) > 5 else ""
            yield f"{said}: {'; '.join(labels[:5])}{more}"
    if question.interval is not Interval.T and any(row.statistic != Statistic.PROPORTION for row in rows):
        yield f"--ci {question.interval.value} is for proportions; the other statistics have t intervals"


def _described(design: Design, layout: Layout, question: Question) -> dict[str, Any]:
    return {
        "rows": design.n,
        "strata": len(design.strata),
        "psus": len(np.unique(design.psu)),
        "stages": 1 if design.second is None else 2,
        "weight": layout.weight,
        "stratum": layout.stratum,
        "cluster": list(layout.clusters),
        "nested": layout.nested,
        "fpc": list(layout.fpc),
        "weight_sum": float(design.weight.sum()),
        "where": "=".join(question.where) if question.where else None,
        "ci": question.interval.value,
        "level": question.level,
        "df": question.df.value,
        "lonely": question.lonely.value,
    }

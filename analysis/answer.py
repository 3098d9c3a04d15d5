"""The answer to a question about a file: a row a statistic and domain, notes for whatever is null, JSON of CONTRACT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.assembly import Layout, design_of, notes_of
from analysis.calibration import Calibration
from analysis.contrasts import contrasted
from analysis.crosstable import rao_scott
from analysis.design import Bools, Codes, Design, Floats
from analysis.engine import Each, counted
from analysis.estimates import Estimates, estimates
from analysis.intervals import Interval, beta_limits, share_limits, t_limits
from analysis.margins import Margins, calibrated
from analysis.outline import Outline
from analysis.quantiles import quantiles
from analysis.question import LINEAR, Asked, Domains, Question, Statistic, block_of, domains_of
from analysis.row import FEW_DF, Remark, Row, remarks
from analysis.scoring import by_domain
from analysis.sheet import Sheet

# A variance below this share of the squared estimate is rounding: nothing varies.
_ROUNDING = 1e-28


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


@dataclass(frozen=True, slots=True, eq=False)
class _Asking:
    """A question with the file's design and domains."""

    sheet: Sheet
    design: Design
    domains: Domains
    question: Question
    calibration: Calibration | None

    @property
    def options(self) -> dict[str, Any]:
        return {"lonely": self.question.lonely, "df": self.question.df, "calibration": self.calibration}

    def missing(self, present: Bools) -> Codes:
        """Rows of positive weight without a value: (D, K) of (n, K)."""
        rows = np.flatnonzero((self.design.weight > 0) & ~present.all(axis=1))
        return by_domain(self.domains.code, len(self.domains.levels), ~present, rows)

    def weightless(self, present: Bools) -> Codes:
        """Rows of weight 0 with a value: (D, K) of (n, K)."""
        return by_domain(self.domains.code, len(self.domains.levels), present, np.flatnonzero(self.design.weight == 0))


def answer(sheet: Sheet, layout: Layout, question: Question, margins: Margins | None = None) -> Answer:
    """Estimate all that is asked. Raises Faults naming column and value when the file does not allow it."""
    design, notes = design_of(sheet, layout)
    calibration = None
    if margins:
        design, calibration = calibrated(sheet, design, margins)
    asking = _Asking(sheet, design, domains_of(sheet, question.by, question.where), question, calibration)
    rows, linear = contrasted(*_linear(asking), question.contrasts, question.level)
    for asked in question.asked:
        if asked.statistic is Statistic.QUANTILE:
            rows += _quantile(asking, asked)
    for asked in question.asked:
        if asked.statistic is Statistic.CHISQ:
            rows += _test(asking, asked)
    size = (design.n, len(np.unique(design.psu)), len(design.strata), float(design.weight.sum()))
    said = _described(layout, question, size) | {
        "stages": 1 if design.second is None else 2,
        "calibration": None if calibration is None else {"rounds": calibration.rounds, "misfit": calibration.misfit},
    }
    return _told(rows, linear, said, (*notes, *asking.domains.notes), question, _titles(sheet, question))


def answer_in_parts(outline: Outline, each: Each[Any], *, keep: bool = True) -> Answer:
    """As ``answer``, of a long file; ``keep`` as in ``counted``. Raises Faults as it does."""
    question, layout = outline.question, outline.layout
    found = counted(outline, each, keep=keep)
    rows, linear = contrasted(
        *_rows(question, outline.groups, outline.domains, found.estimates, found.lost, found.idle),
        question.contrasts, question.level,
    )  # fmt: skip
    notes = (*notes_of(layout, None if layout.weight is None else found.zero), *outline.notes)
    size = (sum(outline.parts), int(outline.drawn.sum()), len(outline.strata), found.mass)
    said = _described(layout, question, size) | {"stages": 1, "calibration": None}
    return _told(rows, linear, said, notes, question, [])


def _told(
    rows: list[Row], linear: Floats, said: dict[str, Any], notes: tuple[str, ...], question: Question,
    titles: Sequence[str],
) -> Answer:  # fmt: skip
    """The whole answer; ``linear``: covariance of the first rows."""
    matrix = np.full((len(rows), len(rows)), np.nan)
    matrix[: len(linear), : len(linear)] = linear
    silent = [at for at, row in enumerate(rows) if row.se is None]
    matrix[silent, :] = matrix[:, silent] = np.nan
    told = (*notes, *remarks(rows), *titles)
    if question.interval is not Interval.T and any(row.statistic != Statistic.PROPORTION for row in rows):
        told += (f"--ci {question.interval.value} is for proportions; the other statistics have t intervals",)
    return Answer(tuple(rows), matrix, said, told)


def _titles(sheet: Sheet, question: Question) -> list[str]:
    """What the file says its columns are about."""
    parts = [(one.column, one.denominator, one.other) for one in question.asked]
    columns = dict.fromkeys([name for part in parts for name in part if name] + list(question.by))
    return [f"{name}: {sheet.titles[name]}" for name in columns if name in sheet.titles]


def _linear(asking: _Asking) -> tuple[list[Row], Floats]:
    """Means, totals, proportions and ratios: each over its domains, with one covariance."""
    groups = [[asked for asked in asking.question.asked if asked.statistic is kind] for kind in LINEAR]
    groups = [group for group in groups if group]
    if not groups:
        return [], np.zeros((0, 0))
    blocks = [block_of(asking.sheet, group, asking.domains) for group in groups]
    found = estimates(asking.design, blocks, **asking.options)
    lost = [asking.missing(block.present) for block in blocks]
    idle = [asking.weightless(block.present) for block in blocks]
    return _rows(asking.question, groups, asking.domains.levels, found, lost, idle)


def _rows(
    question: Question, groups: Sequence[Sequence[Asked]], domains: Sequence[Mapping[str, str]], found: Estimates,
    lost: Sequence[Codes], idle: Sequence[Codes],
) -> tuple[list[Row], Floats]:  # fmt: skip
    """Rows statistic by statistic, and their covariance; ``lost``, ``idle`` (D, K) by kind."""
    rows, order, start = [], [], 0
    for group, missing, weightless in zip(groups, lost, idle, strict=True):
        for k, asked in enumerate(group):
            for d, levels in enumerate(domains):
                at = start + d * len(group) + k
                rows.append(_row(found, at, asked, levels, int(missing[d, k]), int(weightless[d, k]), question))
                order.append(at)
        start += len(group) * len(domains)
    return _unanimous(rows, question.level), found.covariance[np.ix_(order, order)]


def _row(
    found: Estimates, at: int, asked: Asked, levels: Mapping[str, str], missing: int, idle: int, question: Question
) -> Row:
    """``idle``: rows of weight 0, which R counts where it turns degrees of freedom into an effective size."""
    value, variance = float(found.value[at]), float(found.covariance[at, at])
    if variance <= _ROUNDING * value**2:
        variance = 0.0
    n, df = int(found.n[at]), int(found.df[at])
    there, same = n > 0 and np.isfinite(value), bool(found.degenerate[at])
    sure = there and np.isfinite(variance) and not same
    low = high = None
    if sure and df >= 1:
        if asked.statistic is Statistic.PROPORTION and 0 < value < 1 and variance > 0:
            low, high = share_limits(value, variance, df, n + idle, question.level, question.interval)
        else:
            low, high = t_limits(value, variance, df, question.level)
    deff = float(found.deff[at]) if np.isfinite(found.deff[at]) else None
    said = {
        Remark.EMPTY: n == 0,
        Remark.NO_BASE: n > 0 and not there,
        Remark.SAME: same,
        Remark.LONELY: there and not same and not sure,
        Remark.CERTAIN: sure and variance == 0,
        Remark.NO_DEFF: sure and deff is None,
        **_df_remarks(df, sure),
    }
    return Row(
        asked.statistic.value,
        asked.variable,
        levels,
        value if there else None,
        float(np.sqrt(variance)) if sure else None,
        low,
        high,
        df, deff, n, missing, asked.value,
        remarks=_kept(said),
    )  # fmt: skip


def _df_remarks(df: float, sure: bool) -> dict[Remark, bool]:
    return {Remark.NO_DF: sure and df < 1, Remark.FEW_DF: sure and 1 <= df < FEW_DF}


def _kept(said: Mapping[Remark, bool]) -> frozenset[Remark]:
    return frozenset(remark for remark, holds in said.items() if holds)


def _unanimous(rows: Sequence[Row], level: float) -> list[Row]:
    """Give a share on which all agree the beta interval of n divided by the median deff of its companions."""
    done = []
    for row in rows:
        if Remark.SAME in row.remarks and row.statistic == Statistic.PROPORTION and row.estimate is not None:
            deffs = [one.deff for one in rows if (one.variable, one.value) == (row.variable, row.value) and one.deff]
            low, high = beta_limits(row.estimate, row.n / (float(np.median(deffs)) if deffs else 1.0), level)
            said = row.remarks - {Remark.SAME} | {Remark.SAME_SHARE}
            row = replace(row, ci_low=low, ci_high=high, remarks=said)
        done.append(row)
    return done


def _quantile(asking: _Asking, asked: Asked) -> list[Row]:
    """One quantile over the domains."""
    values = asking.sheet.numbers(asked.column)
    domains = asking.domains
    p = asked.p or 0.5
    found = quantiles(
        asking.design, values, domains.code, len(domains.levels), p, level=asking.question.level, **asking.options
    )
    lost = asking.missing(~np.isnan(values)[:, None])
    rows = []
    for d, levels in enumerate(domains.levels):
        n, df = int(found.share.n[d]), int(found.share.df[d])
        value, low, high, se = (
            None if np.isnan(each[d]) else float(each[d]) for each in (found.value, found.low, found.high, found.se)
        )
        same = bool(found.alone[d])
        lonely = n > 0 and not same and bool(np.isnan(found.share.covariance[d, d]))
        sure = n > 0 and not same and not lonely
        said = {
            Remark.EMPTY: n == 0, Remark.SAME: same, Remark.LONELY: lonely, Remark.QUANTILE: True,
            Remark.TOP: se == 0, Remark.OPEN: sure and df >= 1 and se is None, **_df_remarks(df, sure),
        }  # fmt: skip
        rows.append(
            Row("quantile", asked.variable, levels, value, se, low, high, df, None, n, int(lost[d, 0]), p=p,
                remarks=_kept(said))
        )  # fmt: skip
    return rows


def _test(asking: _Asking, asked: Asked) -> list[Row]:
    """One test of independence in every domain."""
    rows, row_levels = asking.sheet.levels(asked.column)
    columns, column_levels = asking.sheet.levels(asked.other or "")
    shape = (len(row_levels), len(column_levels))
    lost = asking.missing(((rows >= 0) & (columns >= 0))[:, None])
    done = []
    for d, levels in enumerate(asking.domains.levels):
        inside = np.where(asking.domains.code == d, 0, -1)
        found = rao_scott(asking.design, rows, columns, inside, shape, **asking.options)
        said = {
            Remark.EMPTY: found.n == 0, Remark.TEST: True, Remark.DROPPED: found.dropped and found.f is not None,
            Remark.NO_TABLE: found.n > 0 and found.f is None,
        }  # fmt: skip
        done.append(
            Row("chisq", asked.variable, levels, found.f, None, None, None, found.ddf, None, found.n, int(lost[d, 0]),
                ndf=found.ndf, p_value=found.p_value, remarks=_kept(said))
        )  # fmt: skip
    return done


def _described(layout: Layout, question: Question, size: tuple[int, int, int, float]) -> dict[str, Any]:
    """``size``: rows, PSUs, strata and Σ w."""
    rows, psus, strata, mass = size
    return {
        "rows": rows,
        "strata": strata,
        "psus": psus,
        "stages": 1,
        "weight": layout.weight,
        "stratum": layout.stratum,
        "cluster": list(layout.clusters),
        "nested": layout.nested,
        "fpc": list(layout.fpc),
        "weight_sum": mass,
        "calibration": None,
        "where": "=".join(question.where) if question.where else None,
        "ci": question.interval.value,
        "level": question.level,
        "df": question.df.value,
        "lonely": question.lonely.value,
    }

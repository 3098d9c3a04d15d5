"""What is asked of a file (means, totals, proportions, ratios; by domain) → blocks of scores over its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.contrasts import Contrast
from analysis.design import Bools, Codes, Df, Floats, Lonely
from analysis.intervals import Interval
from analysis.scoring import Block
from analysis.sheet import Sheet
from forms.faults import Fault, Faults


class Statistic(StrEnum):
    """What can be asked of columns."""

    MEAN = "mean"
    TOTAL = "total"
    PROPORTION = "proportion"
    RATIO = "ratio"
    QUANTILE = "quantile"
    CHISQ = "chisq"


LINEAR = (Statistic.MEAN, Statistic.TOTAL, Statistic.PROPORTION, Statistic.RATIO)
"""Those that a linear score stands for, and that therefore have covariances with each other."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One statistic: of a column; of a column's ``value`` (proportion); over a ``denominator`` (ratio); at ``p``
    (quantile); against ``other`` (chisq)."""

    statistic: Statistic
    column: str
    value: str | None = None
    denominator: str | None = None
    p: float | None = None
    other: str | None = None

    @property
    def variable(self) -> str:
        """The name in the output."""
        if self.other is not None:
            return f"{self.column},{self.other}"
        return self.column if self.denominator is None else f"{self.column}/{self.denominator}"


@dataclass(frozen=True, slots=True)
class Question:
    """All that is asked at once, and how: domains, one condition, intervals, degrees of freedom, lonely strata."""

    asked: tuple[Asked, ...]
    by: tuple[str, ...] = ()
    where: tuple[str, str] | None = None
    interval: Interval = Interval.T
    level: float = 0.95
    df: Df = Df.DESIGN
    lonely: Lonely = Lonely.FAIL
    contrasts: tuple[Contrast, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Domains:
    """``code`` (n,) of each row, −1 for none; ``levels`` (D,) the values of the --by columns as text."""

    code: Codes
    levels: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...]


def domains_of(sheet: Sheet, by: Sequence[str], where: tuple[str, str] | None) -> Domains:
    """The combinations of the --by columns that occur, in sorted order, within the --where condition."""
    code, lost = np.zeros(sheet.rows, np.int64), [0]
    if where is not None:
        inside, missing = matching(sheet, *where)
        code[~inside] = -1
        lost[0] = int(missing.sum())
    if twins := sorted({column for column in by if by.count(column) > 1}):
        raise Faults([Fault("is twice in --by", sheet.name, column=twins[0])])
    found = [sheet.levels(column) for column in by]
    for codes, levels in found:
        lost.append(int(((codes < 0) & (code >= 0)).sum()))
        code = np.where((codes < 0) | (code < 0), -1, code * max(1, len(levels)) + codes)
    if not (code >= 0).any():
        raise Faults([Fault("no row is in any domain that was asked for", sheet.name)])
    used = np.unique(code[code >= 0])
    names = []
    for one in used.tolist():
        texts: list[str] = []
        for _, levels in reversed(found):
            one, at = divmod(one, len(levels))
            texts.insert(0, levels[at])
        names.append(dict(zip(by, texts, strict=True)))
    place = np.where(code < 0, -1, np.searchsorted(used, code))
    return Domains(place, tuple(names), domain_notes(by, where, np.array(lost)))


def domain_notes(by: Sequence[str], where: tuple[str, str] | None, lost: Codes) -> tuple[str, ...]:
    """Sentences on the rows that --where and then each column of --by lose (1 + len(by),)."""
    notes = []
    if where is not None and lost[0]:
        notes.append(f"{int(lost[0])} rows have no “{where[0]}” and are left out of --where")
    notes += [f"{int(number)} rows have no “{column}” and are in no domain"
              for column, number in zip(by, lost[1:].tolist(), strict=True) if number]  # fmt: skip
    return tuple(notes)


def matching(sheet: Sheet, column: str, value: str, *, somewhere: bool = False) -> tuple[Bools, Bools]:
    """Rows (n,) where a column has a value, and rows where it is missing.

    Faults when no row has it, unless it is known to be ``somewhere`` else in the file.
    """
    codes, levels = sheet.levels(column)
    named = sheet.named(column, value)
    wanted = [at for at, level in enumerate(levels) if level in (value, named) or _same_number(level, value)]
    if not (wanted or somewhere):
        there = ", ".join(f"“{level}”" for level in levels[:10]) + (" …" if len(levels) > 10 else "")
        raise Faults([Fault(f"no row has the value “{value}”; there are {there}", sheet.name, column=column)])
    return np.isin(codes, wanted), codes < 0


def _same_number(level: str, value: str) -> bool:
    try:
        return float(level) == float(value)
    except ValueError:
        return False


def block_of(sheet: Sheet, asked: Sequence[Asked], domains: Domains, *, somewhere: bool = False) -> Block:
    """Statistics of one kind side by side. Raises Faults naming a column that is absent or not of numbers.

    ``somewhere`` as in ``matching``.
    """
    above = np.empty((len(asked), sheet.rows)).T  # column by column, as files have it
    for at, one in enumerate(asked):
        above[:, at] = _numerator(sheet, one, somewhere)
    present = ~np.isnan(above)
    below: Floats | Bools | None = present
    if asked[0].statistic is Statistic.RATIO:
        below = np.column_stack([sheet.numbers(one.denominator or "") for one in asked])
        present &= ~np.isnan(below)
    elif asked[0].statistic is Statistic.TOTAL:
        below = None
    return Block(above, below, present, domains.code, len(domains.levels))


def _numerator(sheet: Sheet, asked: Asked, somewhere: bool) -> Floats | Codes:
    """(n,), nan where missing."""
    if asked.statistic is Statistic.PROPORTION:
        has, missing = matching(sheet, asked.column, asked.value or "", somewhere=somewhere)
        return np.where(missing, np.nan, has.astype(np.float64))
    whole = sheet.whole(asked.column)
    return sheet.numbers(asked.column) if whole is None else whole

"""The columns of a file that describe its sampling → a Design, with every fault said by column and value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.design import Codes, Design, Floats, SecondStage
from analysis.sheet import Sheet
from forms.faults import Fault, Faults


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns hold the design: one stage or two of clusters, and an fpc for each stage or none."""

    weight: str | None = None
    stratum: str | None = None
    clusters: tuple[str, ...] = ()
    nested: bool = False
    fpc: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        stages = max(1, len(self.clusters))
        if stages > 2 or len(self.fpc) > 2:
            raise Faults("--cluster and --fpc take at most two columns, one for each stage")
        if len(self.fpc) > stages:
            raise Faults(f"--fpc names {len(self.fpc)} columns and --cluster {len(self.clusters)}: one each per stage")
        if self.fpc and len(self.fpc) < stages and self.weight is None:
            raise Faults("without --weight every stage needs its fpc: --fpc COL,COL2")
        if self.nested and not (self.clusters and self.stratum):
            raise Faults("--nested says that cluster ids repeat across strata: it needs --cluster and --stratum")


def design_of(sheet: Sheet, layout: Layout) -> tuple[Design, tuple[str, ...]]:
    """The design, and notes on what was assumed. Raises Faults naming column, row and value."""
    stratum, strata = strata_of(sheet, layout)
    psu = clusters_of(sheet, layout, stratum, strata)
    weight = None if layout.weight is None else weights_of(sheet, layout.weight)
    fraction, odds = np.zeros(len(strata)), np.ones(sheet.rows)
    if layout.fpc:
        fraction = _fractions(sheet, layout.fpc[0], psu, stratum, weighted=weight is not None)
        odds *= fraction[stratum]
    second = None
    if len(layout.clusters) == 2 and layout.fpc:
        inner, _ = _levels(sheet, layout.clusters[1])
        unit = _pairs(psu, inner)
        inside = np.zeros(int(psu.max()) + 1)
        if len(layout.fpc) == 2:
            inside = _fractions(sheet, layout.fpc[1], unit, psu, weighted=weight is not None)
            odds *= inside[psu]
        second = SecondStage(unit, inside)
    notes = notes_of(layout, None if weight is None else int((weight == 0).sum()))
    if weight is None:
        weight = 1 / odds
    return Design(stratum, psu, weight, fraction, strata, second), notes


def notes_of(layout: Layout, zero: int | None) -> tuple[str, ...]:
    """What was assumed; ``zero`` rows of weight 0, None where no weights were given."""
    notes = []
    if zero:
        notes.append(f"{zero} rows have weight 0: they count in the design and in no estimate")
    if zero is None:
        notes.append("weights follow from the fpc" if layout.fpc else "no weights were given: every row has weight 1")
    if len(layout.clusters) == 2 and not layout.fpc:
        notes.append(f"without --fpc the second stage (“{layout.clusters[1]}”) does not enter the variance")
    if len(layout.clusters) == 2 and len(layout.fpc) == 1:
        notes.append("one fpc for two stages: the second stage is taken as drawn with replacement")
    return tuple(notes)


def _levels(sheet: Sheet, column: str) -> tuple[Codes, tuple[str, ...]]:
    codes, levels = sheet.levels(column)
    sheet.require(column, codes < 0, "is empty: every row needs a value of the design's columns")
    return codes, levels


def strata_of(sheet: Sheet, layout: Layout) -> tuple[Codes, tuple[str, ...]]:
    """Stratum of each row (n,), and the names. Raises Faults where it is empty."""
    if layout.stratum is None:
        return np.zeros(sheet.rows, np.int64), ("all rows",)
    return _levels(sheet, layout.stratum)


def clusters_of(sheet: Sheet, layout: Layout, stratum: Codes, strata: Sequence[str]) -> Codes:
    """PSU of each row (n,), from 0. Raises Faults for a cluster in two strata."""
    if not layout.clusters:
        return np.arange(sheet.rows)
    column = layout.clusters[0]
    codes, levels = _levels(sheet, column)
    if layout.nested:
        return _pairs(stratum, codes)
    home = np.zeros(len(levels), np.int64)
    home[codes] = stratum
    astray = np.flatnonzero(home[codes] != stratum)
    if len(astray):
        row = int(astray[0])
        told = (
            f"cluster “{levels[codes[row]]}” is in two strata, “{strata[stratum[row]]}” and "
            f"“{strata[home[codes[row]]]}”; if ids repeat across strata, add --nested"
        )
        raise Faults([Fault(told, sheet.name, sheet.number_of(row), column)])
    return codes


def _pairs(outer: Codes, inner: Codes) -> Codes:
    """One code from 0 for each pair that occurs."""
    codes: Codes = np.unique(outer * (int(inner.max()) + 1) + inner, return_inverse=True)[1].astype(np.int64)
    return codes


def weights_of(sheet: Sheet, column: str, *, somewhere: bool = False) -> Floats:
    """Weights (n,). Raises Faults where one is missing or negative; when all are 0, unless others are ``somewhere``."""
    weight = sheet.numbers(column)
    sheet.require(column, np.isnan(weight), "a weight is missing")
    negative = np.flatnonzero(weight < 0)
    if len(negative):
        sheet.require(column, weight < 0, f"weight {weight[negative[0]]:g} is negative")
    if not (somewhere or (weight > 0).any()):
        raise Faults([Fault("every weight is 0", sheet.name, column=column)])
    return weight


def _fractions(sheet: Sheet, column: str, unit: Codes, outer: Codes, *, weighted: bool) -> Floats:
    """Share of the units drawn, by outer code; from fractions if all are at most 1, else from population counts.

    A fraction of 0 takes nothing off the variance; weights cannot follow from it, so rows must be ``weighted``.
    """
    values = sheet.numbers(column)
    sheet.require(column, np.isnan(values), "an fpc is missing")
    if (bad := values < 0 if weighted and (values <= 1).all() else values <= 0).any():
        sheet.require(column, bad, f"fpc {values[bad][0]:g} is not above 0")
    given = np.zeros(int(outer.max()) + 1)
    given[outer] = values
    if (uneven := given[outer] != values).any():
        row = int(np.flatnonzero(uneven)[0])
        told = f"fpc {values[row]:g} and {given[outer[row]]:g} within one stratum or cluster: it must be the same"
        sheet.require(column, uneven, told)
    if (values <= 1).all():
        return given
    first = np.unique(unit, return_index=True)[1]
    drawn = np.bincount(outer[first], minlength=len(given))
    if (short := drawn[outer] > values).any():
        row = int(np.flatnonzero(short)[0])
        told = f"fpc {values[row]:g} is a count below the {drawn[outer[row]]} sampled"
        sheet.require(column, short, told)
    return np.divide(drawn, given, out=np.zeros(len(given)), where=given > 0)

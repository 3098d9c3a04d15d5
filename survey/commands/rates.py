"""``phieu rates``: what became of the invitations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey import output, wave
from survey.config import load
from survey.dispositions import Disposition
from survey.returns import Returns, returns
from survey.store import Store

if TYPE_CHECKING:
    from analysis.rates import Rates

_IN_TABLE = ("RETURN", "VALID", "RR1", "RR2", "COOP1", "REF1", "CON1")


@click.command()
@click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
@click.option("--by", metavar="unit,group,…", default="", help="Any of unit, group, stratum, mode, day.")
@click.option("--weighted", is_flag=True, help="Sum base weights instead of counting invitations.")
@click.option("--unknown", is_flag=True, help="The lists do not say who is eligible: no reply counts as UH+UO.")
@click.option(
    "--eligible",
    type=click.FloatRange(0, 1),
    metavar="E",
    help="Eligible share e of the unknown (default: as among the known).",
)
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_obj
def rates(
    instance: Path, identity: str, by: str, weighted: bool, unknown: bool, eligible: float | None, form: str
) -> None:
    """Response, cooperation, refusal and contact rates (AAPOR), forms out, back and valid; bases, standard errors."""
    store = Store(load(instance).database)
    valid = wave.get(store, identity).spec.estimation.valid
    names = tuple(name.strip() for name in by.split(",") if name.strip())
    counted = returns(store, identity, names, weighted=weighted)
    taken = _Eligibility(unknown, eligible)
    rows = _rows(counted, valid, taken)
    notes = _notes(counted, weighted, taken)
    if form == "json":
        click.echo(output.json_text(_document(identity, counted, rows, notes)))
        return
    if form == "csv":
        lines = [
            [*key.values(), rate.name, rate.numerator, rate.denominator, rate.value, rate.se]
            for key, _, found in rows
            for rate in found.rates
        ]
        click.echo(output.csv_text([*names, "rate", "numerator", "denominator", "value", "se"], lines))
    else:
        click.echo(_table(names, rows))
    for note in notes:
        click.echo(f"note: {note}", err=True)


@dataclass(frozen=True, slots=True)
class _Eligibility:
    """Whether the lists leave open who is eligible, and e where it is given."""

    unknown: bool
    e: float | None


def _rows(
    counted: Returns, valid: tuple[str, ...], taken: _Eligibility
) -> list[tuple[dict[str, str], dict[str, float], Rates]]:
    """Labels, counts by state and rates of each row, and of everything at the end when there are several rows."""
    from analysis.rates import by_day

    rows = []
    for key, counts in counted.rows.items():
        label = dict(zip(counted.by, key, strict=True))
        rest = tuple(level for name, level in label.items() if name != "day")
        dated = "day" in label
        found = by_day(counts, counted.issued.get(rest, 0)) if dated else _one(counted, key, counts, valid, taken)
        rows.append((label, dict(counts), found))
    if counted.by:
        rows.append((dict.fromkeys(counted.by, "all"), dict(counted.whole), _one(counted, (), counted.whole, valid,
                                                                                 taken)))  # fmt: skip
    return rows


def _one(
    counted: Returns, key: tuple[str, ...], counts: Mapping[str, float], valid: tuple[str, ...], taken: _Eligibility
) -> Rates:
    """The rates of one row with their standard errors, where strata are known (not by day)."""
    from analysis.rate_errors import standard_errors
    from analysis.rates import rates as all_rates

    found = all_rates(counts, valid=valid, unknown=taken.unknown, e=taken.e)
    if key not in counted.strata:
        return found
    errors = standard_errors(found, counted.strata[key], counted.sizes, valid=valid, unknown=taken.unknown,
                             given=taken.e is not None)  # fmt: skip
    return replace(found, rates=tuple(replace(rate, se=errors[rate.name]) for rate in found.rates))


def _notes(counted: Returns, weighted: bool, taken: _Eligibility) -> list[str]:
    notes = ["every list is taken as eligible throughout: UH = UO = 0"]
    if taken.unknown:
        e = "given" if taken.e is not None else "estimated among the known"
        notes = [f"no list says who is eligible: those without reply count as UH+UO, and e is {e}"]
    if counted.sizes:
        notes.append("se: standard errors by strata as drawn, persons of one first-stage unit taken as independent")
        if alone := sorted(name for name, size in counted.sizes.items() if size.n < 2 and size.fraction < 1):
            notes.append(f"strata with one invitation show no variance: {', '.join(alone[:5])}")
    if "unit" in counted.by:
        notes.append("an invitation counts under each unit it assesses; the row “all” counts it once")
    if "day" in counted.by:
        notes.append("by day: returns up to that day over all invitations issued; what an answer was has no day")
    if counted.walk_ins:
        begun, back = sum(counted.walk_ins.values()), sum(counted.walk_ins.get(said, 0) for said in Disposition)
        notes.append(f"{begun:g} forms were begun from posters and {back:g} of them sent: they are in no rate")
    if weighted:
        notes.append("sums of base weights, not counts")
    return notes


def _document(identity: str, counted: Returns, rows: list[tuple[dict[str, str], dict[str, float], Rates]],
              notes: list[str]) -> dict[str, Any]:  # fmt: skip
    from analysis.rates import LEGEND

    return {
        "wave": identity,
        "by": list(counted.by),
        "rows": [
            {
                "by": label,
                "counts": counts,
                "categories": found.categories,
                "e": found.e,
                "issued": found.issued,
                "returned": found.returned,
                "valid": found.valid,
                "rates": {rate.name: rate.document() for rate in found.rates},
            }
            for label, counts, found in rows
        ],
        "definitions": {rate.name: rate.definition for rate in rows[-1][2].rates},
        "categories": LEGEND,
        "open": dict(counted.walk_ins),
        "notes": notes,
    }


def _table(names: tuple[str, ...], rows: list[tuple[dict[str, str], dict[str, float], Rates]]) -> str:
    lines = []
    for label, _, found in rows:
        there = {rate.name: rate.value for rate in found.rates}
        shares = [there.get(name) for name in _IN_TABLE]
        numbers = (found.issued, found.returned, found.valid)
        figures = ["–" if number is None else f"{number:.10g}" for number in numbers]
        errors = {rate.name: rate.se for rate in found.rates}
        cells = [_share(one, errors.get(name)) for name, one in zip(_IN_TABLE, shares, strict=True)]
        lines.append([*label.values(), *figures, *cells])
    return output.table_text([*names, "issued", "returned", "valid", *_IN_TABLE], lines)


def _share(value: float | None, se: float | None) -> str:
    if value is None:
        return "–"
    return f"{100 * value:.1f}%" if se is None else f"{100 * value:.1f}% ±{100 * se:.1f}"

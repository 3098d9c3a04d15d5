"""``phieu rates``: what became of the invitations."""

from __future__ import annotations

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
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_obj
def rates(instance: Path, identity: str, by: str, weighted: bool, form: str) -> None:
    """Response, cooperation, refusal and contact rates (AAPOR), and forms out, back and valid, with their bases."""
    store = Store(load(instance).database)
    valid = wave.get(store, identity).spec.estimation.valid
    names = tuple(name.strip() for name in by.split(",") if name.strip())
    counted = returns(store, identity, names, weighted=weighted)
    rows = _rows(counted, valid)
    notes = _notes(counted, weighted)
    if form == "json":
        click.echo(output.json_text(_document(identity, counted, rows, notes)))
        return
    if form == "csv":
        lines = [
            [*key.values(), rate.name, rate.numerator, rate.denominator, rate.value]
            for key, _, found in rows
            for rate in found.rates
        ]
        click.echo(output.csv_text([*names, "rate", "numerator", "denominator", "value"], lines))
    else:
        click.echo(_table(names, rows))
    for note in notes:
        click.echo(f"note: {note}", err=True)


def _rows(counted: Returns, valid: tuple[str, ...]) -> list[tuple[dict[str, str], dict[str, float], Rates]]:
    """Labels, counts by state and rates of each row, and of everything at the end when there are several rows."""
    from analysis.rates import by_day
    from analysis.rates import rates as all_rates

    rows = []
    for key, counts in counted.rows.items():
        label = dict(zip(counted.by, key, strict=True))
        rest = tuple(level for name, level in label.items() if name != "day")
        dated = "day" in label
        found = by_day(counts, counted.issued.get(rest, 0)) if dated else all_rates(counts, valid=valid)
        rows.append((label, dict(counts), found))
    if counted.by:
        rows.append((dict.fromkeys(counted.by, "all"), dict(counted.whole), all_rates(counted.whole, valid=valid)))
    return rows


def _notes(counted: Returns, weighted: bool) -> list[str]:
    notes = ["every list is taken as eligible throughout: UH = UO = 0"]
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
        lines.append([*label.values(), *figures, *("–" if one is None else f"{100 * one:.1f}%" for one in shares)])
    return output.table_text([*names, "issued", "returned", "valid", *_IN_TABLE], lines)

"""``phieu reliability`` and ``phieu drivers``: how items hang together, and what goes with an outcome, on any file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forms.faults import Faults
from survey import output
from survey.commands.design_options import DESIGN, layout_of, names, options

if TYPE_CHECKING:
    from analysis.drivers import Drivers
    from analysis.reliability import Reliability
    from analysis.sheet import Sheet

_FILE = click.argument("file", type=click.Path(path_type=Path))
_LEVEL = click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95,
                      show_default=True, help="Confidence of the intervals.")  # fmt: skip
_SEED = click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
_FORMAT = click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table",
                       show_default=True)  # fmt: skip


@click.command()
@_FILE
@click.option("--items", required=True, multiple=True, callback=names, metavar="COL,COL,…",
              help="The items of one factor, all in one direction.")  # fmt: skip
@click.option("--weight", metavar="COL", help="Weights; without them every complete case counts alike.")
@click.option("--respondent", metavar="COL", help="Who answered, where one person has several rows: the interval is "
              "then a bootstrap of persons.")  # fmt: skip
@_LEVEL
@_SEED
@_FORMAT
def reliability(
    file: Path, items: tuple[str, ...], weight: str | None, respondent: str | None, level: float, seed: int, form: str
) -> None:
    """Cronbach's alpha with its interval, omega total, item-rest correlations of items in FILE.

    FILE is CSV, XLSX, Parquet, .sav or .dta, one row an answer; rows with an item missing are left out and counted.
    """
    from analysis.assembly import weights_of
    from analysis.reliability import reliability as measured
    from analysis.sheet import read_sheet

    _once("--items", items)
    sheet = read_sheet(file)
    found = measured(
        _columns(sheet, items), items, weight=None if weight is None else weights_of(sheet, weight),
        cluster=None if respondent is None else sheet.levels(respondent)[0], level=level, seed=seed,
    )  # fmt: skip
    _show_reliability(found, form)


def _once(option: str, given: Sequence[str]) -> None:
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise Faults(f"{option}: {', '.join(twice)} stands there twice")


def _columns(sheet: Sheet, columns: Sequence[str]) -> Any:
    import numpy as np

    return np.column_stack([sheet.numbers(name) for name in columns])


def _show_reliability(found: Reliability, form: str) -> None:
    rows = [
        {"item": item, "item_rest": float(rest), "alpha_without": None if without != without else float(without)}
        for item, rest, without in zip(found.items, found.item_rest, found.without, strict=True)
    ]
    whole: dict[str, Any] = {
        "alpha": found.alpha, "ci_low": found.low, "ci_high": found.high,
        "interval": "bootstrap" if found.bootstrap else "feldt", "standardised": found.standardised,
        "mean_correlation": found.mean_correlation, "omega": found.omega, "n": found.n, "left_out": found.left_out,
        "items": rows, "notes": [found.omega_note] if found.omega_note else [],
    }  # fmt: skip
    if form == "json":
        click.echo(output.json_text(whole))
        return
    _print(("item", "item_rest", "alpha_without"), [tuple(row.values()) for row in rows], form)
    if form == "table":
        click.echo(f"alpha {found.alpha:.4f} ({whole['interval']} {found.low:.4f} to {found.high:.4f}), standardised "
                   f"{found.standardised:.4f}, omega total {_or_dash(found.omega)}")  # fmt: skip
        click.echo(f"{found.n} complete cases, {found.left_out} left out")
    for line in whole["notes"]:
        click.echo(f"note: {line}", err=True)


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _print(headings: Sequence[str], rows: Sequence[Sequence[Any]], form: str) -> None:
    if form == "csv":
        click.echo(output.csv_text(headings, rows))
        return
    shown = [["–" if cell is None else f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row]
             for row in rows]  # fmt: skip
    click.echo(output.table_text(headings, shown))


@click.command()
@_FILE
@click.option("--outcome", required=True, metavar="COL", help="What is to be accounted for, as overall satisfaction.")
@click.option("--factors", required=True, multiple=True, callback=names, metavar="COL,COL,…",
              help="What may go with it; two or more.")  # fmt: skip
@options(DESIGN)
@_LEVEL
@click.option("--draws", type=click.IntRange(200), default=2000, show_default=True, help="Of the bootstrap.")
@_SEED
@_FORMAT
def drivers(
    file: Path, outcome: str, factors: tuple[str, ...], level: float, draws: int, seed: int, form: str, **given: Any
) -> None:
    """Relative weights of factors on an outcome in FILE (Johnson 2000), with bootstrap intervals by the design.

    Association, not cause: a factor that weighs much goes with the outcome; changing it need not change the outcome.
    """
    from analysis.assembly import design_of
    from analysis.drivers import drivers as found_drivers
    from analysis.sheet import read_sheet

    _once("--factors", factors)
    if outcome in factors:
        raise Faults(f"--outcome {outcome}: it is one of the factors too")
    sheet = read_sheet(file)
    design, notes = design_of(sheet, layout_of(given))
    made = found_drivers(
        _columns(sheet, factors), sheet.numbers(outcome), factors, weight=design.weight, cluster=design.psu,
        stratum=design.stratum, level=level, draws=draws, seed=seed,
    )  # fmt: skip
    _show_drivers(made, notes, form)


def _show_drivers(found: Drivers, notes: Sequence[str], form: str) -> None:
    import numpy as np

    known = bool(np.isfinite(found.low).all())
    rows = [
        {"factor": name, "weight": float(found.weight[at]), "share": float(found.share[at]),
         "ci_low": float(found.low[at]) if known else None, "ci_high": float(found.high[at]) if known else None}
        for at, name in enumerate(found.factors)
    ]  # fmt: skip
    told = [*notes, "association, not cause"]
    if not known:
        told.append("no stratum has two clusters: there is no interval")
    if form == "json":
        click.echo(output.json_text({"rows": rows, "r_squared": found.r_squared, "n": found.n,
                                     "left_out": found.left_out, "draws": found.draws, "notes": told}))  # fmt: skip
        return
    _print(("factor", "weight", "share", "ci_low", "ci_high"), [tuple(row.values()) for row in rows], form)
    if form == "table":
        click.echo(f"R² {found.r_squared:.4f}; {found.n} complete cases, {found.left_out} left out")
    for line in told:
        click.echo(f"note: {line}", err=True)

"""``phieu ranks``: rank confidence sets for any file of estimates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from analysis import estimate_table, ranking
from survey.output import csv_text, json_text, table_text

COLUMNS = ("unit", "estimate", "se", "rank", "lower", "upper")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--estimate", required=True, metavar="COL", help="Column of the estimates; rank 1 is the highest.")
@click.option("--se", metavar="COL", help="Column of the standard errors (not needed with --covariance).")
@click.option("--unit", metavar="COL", help="Column of the units' names (default: 1, 2, 3 …).")
@click.option(
    "--covariance",
    type=_FILE,
    metavar="FILE",
    help="CSV of the estimates' covariance: a heading of unit names, then one line a unit in the same order.",
)
@click.option(
    "--coverage", type=click.FloatRange(0.5, 1, min_open=True, max_open=True), default=0.95, show_default=True
)
@click.option("--marginal", is_flag=True, help="Each set holds for its unit alone; otherwise all hold at once.")
@click.option("--no-stepdown", is_flag=True, help="A single step: simpler and wider.")
@click.option("--draws", type=click.IntRange(min=1000), default=ranking.DRAWS, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--format", "layout", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def ranks(
    file: Path,
    estimate: str,
    se: str | None,
    unit: str | None,
    covariance: Path | None,
    coverage: float,
    marginal: bool,
    no_stepdown: bool,
    draws: int,
    seed: int,
    layout: str,
) -> None:
    """Which ranks the estimates in FILE do not rule out.

    FILE is a CSV with a heading and one line a unit. Confidence sets after Mogstad, Romano, Shaikh and Wilhelm
    (Review of Economic Studies, 2024). Without --covariance the units are taken as independent.
    """
    table = estimate_table.read(file, estimate=estimate, se=se, unit=unit, covariance=covariance)
    compared = ranking.differences(table.estimate, table.covariance, draws=draws, seed=seed)
    sets = ranking.rank_sets(compared, coverage=coverage, simultaneous=not marginal, stepdown=not no_stepdown)
    best = ranking.possible_best(compared, coverage=coverage)
    shown = zip(
        table.units, table.estimate, table.se, ranking.ranks(table.estimate), sets.lower, sets.upper, strict=True
    )
    rows = [
        {"unit": name, "estimate": float(value), "se": float(error), "rank": int(r), "lower": int(lo), "upper": int(up)}
        for name, value, error, r, lo, up in shown
    ]
    document = {
        "rows": rows,
        "coverage": coverage,
        "simultaneous": sets.simultaneous,
        "stepdown": sets.stepdown,
        "possible_best": [name for name, first in zip(table.units, best, strict=True) if first],
        "notes": _notes(table, compared),
    }
    _show(document, layout)


def _notes(table: estimate_table.Estimates, compared: ranking.Differences) -> list[str]:
    notes = []
    if table.independent:
        notes.append("No covariance was given: the units are taken as independent.")
    if table.left_out:
        notes.append(f"Left out, having no estimate: {', '.join(table.left_out)}.")
    if compared.certain:
        notes.append("Differences with a standard error of 0 are decided by their sign; exact ties stay undecided.")
    return notes


def _show(document: dict[str, Any], layout: str) -> None:
    rows = [[row[column] for column in COLUMNS] for row in document["rows"]]
    if layout == "json":
        click.echo(json_text(document))
    elif layout == "csv":
        click.echo(csv_text(COLUMNS, rows))
    else:
        click.echo(table_text(COLUMNS, [[f"{c:.6g}" if isinstance(c, float) else str(c) for c in row] for row in rows]))
        click.echo(f"possible best: {', '.join(document['possible_best'])}")
        for note in document["notes"]:
            click.echo(note, err=True)

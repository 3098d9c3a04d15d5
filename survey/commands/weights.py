"""``phieu weights``: the weights of any file, each step shown, as a column of a new file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from survey import output
from survey.commands.design_options import DESIGN, MARGINS, layout_of, margins_of, options


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@options(DESIGN, MARGINS)
@click.option("-o", "--output", "target", type=click.Path(path_type=Path), required=True, metavar="FILE",
              help="CSV or Parquet: all columns of FILE, then weight_base and weight.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def weights(file: Path, target: Path, form: str, **given: Any) -> None:
    """Weights of FILE from its design, brought to known totals; prints smallest, largest and sum after every step."""
    from analysis.sheet import read_sheet
    from analysis.weighting import weighting

    sheet = read_sheet(file)
    found = weighting(sheet, layout_of(given), margins_of(given))
    found.write(sheet, target)
    if form == "json":
        click.echo(output.json_text(found.document()))
        return
    headings = ["step", "low", "high", "sum", "kish"]
    lines = [[step["step"], step["low"], step["high"], step["sum"], step["kish"]] for step in found.document()["steps"]]
    if form == "csv":
        click.echo(output.csv_text(headings, lines))
    else:
        click.echo(output.table_text(headings, [[str(name), *(f"{one:.7g}" for one in rest)] for name, *rest in lines]))
    for note in found.notes:
        click.echo(f"note: {note}", err=True)

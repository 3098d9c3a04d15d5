"""``phieu representativity``: how evenly people of all kinds answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from forms.faults import Faults
from survey import output


@click.command()
@click.option("--dataset", required=True, type=click.Path(path_type=Path), metavar="DIR", help="A frozen dataset.")
@click.option("--group", metavar="G", help="This group alone.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def representativity(dataset: Path, group: str | None, form: str) -> None:
    """R-indicators of a wave's groups, with standard errors, and by which strata and margins response was uneven."""
    from analysis.dataset import open_dataset

    opened = open_dataset(dataset)
    groups = [group] if group is not None else [entry["id"] for entry in opened.manifest["groups"]]
    rows, notes = [], ["R = 1 − 2 S of response propensities: 1 when everybody is as likely to answer"]
    for one in groups:
        try:
            rows.append(_row(opened, one))
        except Faults as fault:
            notes.append(f"{one}: {fault}")
    if form == "json":
        click.echo(output.json_text({"rows": rows, "notes": notes}))
        return
    lines = [[row["group"], *(_text(row[name]) for name in ("r", "se", "plain", "cv", "mean", "n"))] for row in rows]
    partials = [
        [row["group"], one["variable"], _text(one["unconditional"]), _text(one["conditional"])]
        for row in rows
        for one in row["partials"]
    ]
    tables = [output.table_text(["group", "R", "se", "R not adjusted", "cv", "mean propensity", "n"], lines),
              output.table_text(["group", "variable", "unconditional", "conditional"], partials)]  # fmt: skip
    click.echo("\n\n".join(tables))
    for note in notes:
        click.echo(f"note: {note}", err=True)


def _row(opened: Any, group: str) -> dict[str, Any]:
    from analysis.representativity import cells_of
    from analysis.representativity import representativity as indicator

    found = indicator(cells_of(opened, group))
    return {
        "group": group,
        "r": found.r,
        "se": found.se,
        "plain": found.plain,
        "cv": found.cv,
        "mean": found.mean,
        "n": found.n,
        "partials": [
            {"variable": one.variable, "unconditional": one.unconditional, "conditional": one.conditional,
             "categories": dict(one.categories)}
            for one in found.partials
        ],
    }  # fmt: skip


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"

"""``phieu quality``: signs that answers were not given one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey import output
from survey.progress import progress

if TYPE_CHECKING:
    from analysis.quality.examined import Quality


@click.command()
@click.option("--dataset", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="The frozen dataset.")  # fmt: skip
@click.option("--seed", default=0, show_default=True, help="Of the forms drawn for comparison.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def quality(folder: Path, seed: int, form: str) -> None:
    """Straight-lining, copied forms, gaps, and offices that stand apart: a reason to look, never a verdict."""
    from analysis.dataset import open_dataset
    from analysis.quality.examined import DEFINITIONS, examine

    dataset = open_dataset(folder)
    with progress("groups checked") as heard:
        found = examine(dataset, seed, heard)
    if form == "json":
        click.echo(output.json_text({"dataset_hash": dataset.hash, "seed": seed, **found.document(by_unit=True)}))
        return
    _tables(found)
    for flag, words in DEFINITIONS.items():
        click.echo(f"{flag}: {words}", err=True)
    click.echo("Nothing is deleted: the sensitivity of the index shows ranks with and without the flagged.", err=True)
    click.echo("For analysts: what is said of single offices is not suppressed here.", err=True)


def _tables(found: Quality) -> None:
    lines = [
        [check.group, str(check.flag), str(check.flagged), str(check.base), _percent(check.flagged, check.base)]
        for check in found.checks
    ]
    click.echo(output.table_text(["group", "check", "flagged", "of", "share"], lines))
    if found.marks:
        lines = [
            [mark.group, mark.unit, mark.what, f"{mark.value:.3f}", f"{mark.centre:.3f}",
             "–" if mark.z is None else f"{mark.z:.1f}", str(mark.n)]
            for mark in found.marks
        ]  # fmt: skip
        click.echo(output.table_text(["\ngroup", "office", "stands apart by", "value", "others", "z", "forms"], lines))
    click.echo(f"\n{len(found.flagged)} respondents have a flagged form.")
    if found.unchecked:
        click.echo(f"not checked, too few scale items: {', '.join(found.unchecked)}")


def _percent(flagged: int, base: int) -> str:
    return f"{100 * flagged / base:.1f}%" if base else "–"

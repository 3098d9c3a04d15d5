"""``phieu quality``: signs that answers were not given one by one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey import output
from survey.progress import progress

if TYPE_CHECKING:
    from analysis.quality.examined import Quality

MANY = 40  # offices by group whose arrivals are printed one by one


@click.command()
@click.option("--dataset", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="The frozen dataset.")  # fmt: skip
@click.option("--seed", default=0, show_default=True, help="Of the forms drawn for comparison.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def quality(folder: Path, seed: int, form: str) -> None:
    """Straight-lining, copied forms, gaps, and offices that stand apart: a reason to look, never a verdict."""
    from analysis.dataset import open_dataset
    from analysis.quality.examined import APART, DEFINITIONS, examine

    dataset = open_dataset(folder)
    with progress("groups checked") as heard:
        found = examine(dataset, seed, heard)
    if form == "json":
        fieldwork = {"fieldwork": dataset.manifest.get("fieldwork", {})}
        document = {"dataset_hash": dataset.hash, "seed": seed, **found.document(by_unit=True), **fieldwork}
        click.echo(output.json_text(document))
        return
    _tables(found)
    for what, words in (*DEFINITIONS.items(), *(APART.items() if found.marks else ())):
        click.echo(f"{what}: {words}", err=True)
    _fieldwork(dataset.manifest.get("fieldwork", {}))
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


def _fieldwork(told: Mapping[str, Any]) -> None:
    """Counters of the fieldwork that the dataset carries; nothing of a base under k."""
    columns = {
        "arrivals": ("group", "unit", "forms", "busiest_day", "busiest_hour", "crowded", "marks"),
        "keyed": ("group", "unit", "forms", "busiest_day", "compared", "differed", "marked"),
        "keyers": ("keyer", "forms", "busiest_day", "compared", "differed", "marked"),
    }
    parts = [(title, names, told.get(title, ())) for title, names in columns.items()]
    calls = told.get("control", {})
    said = ("drawn", "called", "declined", "not_reached", "open", "not_received", "not_self", "told_how")
    parts += [
        (f"control calls {by.replace('_', ' ')}", (by.removeprefix("by_"), *said), calls[by])
        for by in ("by_unit", "by_mode", "by_interviewer")
        if calls.get(by)
    ]
    if calls.get("by_cell"):
        parts.append(("control calls by cell", ("unit", "mode", "interviewer", *said), calls["by_cell"]))  # fmt: skip
    for title, names, rows in parts:
        if title == "arrivals" and len(rows) > MANY:
            title, rows = f"arrivals: the marked of {len(rows)} offices by group (all: --format json)", [
                row for row in rows if row["marks"]
            ]  # fmt: skip
        if rows:
            click.echo(f"\n{title}")
            click.echo(output.table_text(names, [[_said(row[name]) for name in names] for row in rows]))


def _said(value: object) -> str:
    return "…" if value is None else " ".join(value) if isinstance(value, list) else str(value)


def _percent(flagged: int, base: int) -> str:
    return f"{100 * flagged / base:.1f}%" if base else "–"

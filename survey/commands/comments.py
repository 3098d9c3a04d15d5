"""``phieu comments``: what people wrote, masked and by theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from forms import names
from forms.faults import Fault, Faults
from survey import output


@click.command()
@click.option("--dataset", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="The frozen dataset.")  # fmt: skip
@click.option("--themes", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.toml",
              help="Themes and their keywords (default: those that ship).")  # fmt: skip
@click.option("--unit", help="Of this unit only.")
@click.option("--search", "asked", metavar="WORDS",
              help="Only comments with these words; commas part phrases that must all be there.")  # fmt: skip
@click.option("--themes-template", is_flag=True, help="Print the themes that ship, to be edited, and stop.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def comments(
    folder: Path | None, file: Path | None, unit: str | None, asked: str | None, themes_template: bool, form: str
) -> None:
    """Comments by unit and theme, masked; never of fewer than k people. Read them before they leave the house."""
    from analysis.comments import searching, themes, units
    from analysis.dataset import open_dataset

    if themes_template:
        click.echo(themes.bundled(), nl=False)
        return
    if folder is None:
        raise click.UsageError("Missing option '--dataset'.")
    dataset = open_dataset(folder)
    known, k = dataset.manifest["units"], int(dataset.manifest["wave"]["k"])
    unit = None if unit is None else _known(unit, known, folder)
    told = units.by_unit(units.comments(dataset), themes.read(file), k)
    lines: list[tuple[str, str, str]] = []
    for own, found in told.items():
        for each in found if unit in (None, own) else ():
            places = range(len(each.texts)) if asked is None else searching.search(each.texts, asked)
            lines += [(own, each.theme.id, each.texts[at]) for at in places]
    click.echo(_text(dataset.hash, lines, form))
    hidden = sorted({each["id"] for each in known if unit in (None, each["id"])} - set(told))
    if not lines:
        asked_for = "" if asked is None else f" holds “{asked}”"
        click.echo(f"No comment that may be shown{asked_for}.", err=True)
    if hidden:
        click.echo(f"Hidden or none, since no item has comments of {k} people: {', '.join(hidden)}", err=True)
    click.echo("Masking finds forms, not meanings: read each comment before it leaves the house.", err=True)


def _known(unit: str, units: Sequence[Mapping[str, Any]], folder: Path) -> str:
    """The id of a unit that is named by its id or name. Raises Faults."""
    try:
        return names.match(unit, {each["id"]: [each["id"], *each["name"].values()] for each in units})
    except names.NameFault as error:
        raise Faults([Fault(f"has no unit that this names: {error}", str(folder))]) from error


def _text(dataset_hash: str, lines: list[tuple[str, str, str]], form: str) -> str:
    match form:
        case "json":
            rows = [{"unit": unit, "theme": theme, "text": text} for unit, theme, text in lines]
            return output.json_text({"dataset_hash": dataset_hash, "comments": rows})
        case "csv":
            return output.csv_text(["unit", "theme", "text"], lines)
        case _:
            heads = [f"\n{unit}, {theme}" for unit, theme, _ in lines]
            return "\n".join(
                f"{head}\n  – {text}" if at == 0 or heads[at - 1] != head else f"  – {text}"
                for at, (head, (_unit, _theme, text)) in enumerate(zip(heads, lines, strict=True))
            ).lstrip("\n")

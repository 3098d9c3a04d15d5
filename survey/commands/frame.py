"""``phieu frame``: the lists of people, posts and dossiers."""

from __future__ import annotations

from pathlib import Path

import click

from forms.faults import Faults
from survey import audit, clock, draws, frame_template, wave
from survey import frame as frames
from survey.config import load
from survey.frame import Imported
from survey.keys import Keyring
from survey.store import Store

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
_GROUP = click.option("--group", required=True, metavar="G", help="The respondent group's id.")


@click.group()
def frame() -> None:
    """Import the lists that samples are drawn from."""


@frame.command()
@_WAVE
@_GROUP
@click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.pass_obj
def template(instance: Path, identity: str, group: str, file: Path) -> None:
    """Write an empty XLSX list with the columns that a group needs."""
    registered = wave.get(Store(load(instance).database), identity)
    file.write_bytes(frame_template.workbook(registered.spec, draws.group_of(registered, group)))
    click.echo(f"{file}: fill in the first sheet; the second explains its columns.")


@frame.command("import")
@_WAVE
@_GROUP
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Check and count; change nothing.")
@click.option("--replace", is_flag=True, help="Forget what was imported for this group before.")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="What a column is, where its heading does "
              "not say; may be repeated.")  # fmt: skip
@click.pass_obj
def import_(
    instance: Path, identity: str, group: str, file: Path, dry_run: bool, replace: bool, maps: tuple[str, ...]
) -> None:
    """Import a list (CSV or XLSX) for a group: whole, or with any fault not at all."""
    settings = load(instance)
    store = Store(settings.database)
    done = frames.import_file(
        store, Keyring(settings), clock.now, wave.get(store, identity), group, file,
        mapping=_mapping(maps), dry=dry_run, replace=replace, who=audit.operator(),
    )  # fmt: skip
    _say(done)


def _mapping(maps: tuple[str, ...]) -> dict[str, str]:
    pairs = [told.rpartition("=") for told in maps]
    for heading, _, field in pairs:
        if not heading.strip() or not field.strip():
            raise Faults(f"--map {heading or field}: write COLUMN=FIELD")
    return {heading.strip(): field.strip() for heading, _, field in pairs}


def _say(done: Imported) -> None:
    click.echo(f"{done.file}: {done.rows_in} rows in, {done.rows_kept} {'would be ' if done.dry else ''}kept.")
    for reason, number in done.dropped.items():
        click.echo(f"  {number} dropped: {reason}")
    if done.without_identity:
        click.echo(f"  {done.without_identity} rows without an identity count as persons of their own")
    if done.shared_contacts:
        click.echo(f"  {done.shared_contacts} telephone numbers or addresses are shared by more than three persons")
    click.echo("  by unit: " + ", ".join(f"{unit} {number}" for unit, number in done.by_unit.items()))
    click.echo("  read as: " + ", ".join(f"“{heading}” = {field}" for field, heading in done.heading.items()), err=True)
    if done.unused:
        click.echo("  not used: " + ", ".join(f"“{heading}”" for heading in done.unused), err=True)
    if done.skipped_sheets:
        click.echo("  sheets without such a table: " + ", ".join(done.skipped_sheets), err=True)
    if done.dry:
        for row in done.first:
            told = ", ".join(f"{name} {value}" for name, value in row.fields.items())
            click.echo(f"  first rows: {row.reference}: {row.unit}, {told}", err=True)
        click.echo("Dry run: nothing was changed.")

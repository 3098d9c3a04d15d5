"""``phieu frame``: the lists of people, posts and dossiers."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from forms.faults import Faults
from survey import audit, clock, jobs, output, wave
from survey.config import load
from survey.frames import contacts as frame_contacts
from survey.frames import correcting, posts
from survey.frames import frame as frames
from survey.frames import template as frame_template
from survey.frames.frame import Imported, Origin, RefusedImport
from survey.keys import Keyring
from survey.progress import progress
from survey.sample import draws
from survey.setup import uploads
from survey.store import Store

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
_GROUP = click.option("--group", required=True, metavar="G", help="The respondent group's id.")
_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
_FORMAT = click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def frame() -> None:
    """Import the lists that samples are drawn from."""


@frame.command()
@_WAVE
@_GROUP
@click.option("--style", type=click.Choice(list(frame_template.STYLES)), default="plain", show_default=True,
              help="Headings as which system writes them.")  # fmt: skip
@click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.pass_obj
def template(instance: Path, identity: str, group: str, style: str, file: Path) -> None:
    """Write an empty list (XLSX or CSV) with the columns that a group needs."""
    registered = wave.get(Store(load(instance).database), identity)
    frame_template.write(file, registered.spec, draws.group_of(registered, group), style)
    beside = "fill in the first sheet; the second explains its columns" if file.suffix == ".xlsx" else "fill it in"
    click.echo(f"{file}: {beside}.")


@frame.command("import")
@_WAVE
@_GROUP
@_FILE
@click.option("--dry-run", is_flag=True, help="Check and count; change nothing.")
@click.option("--replace", is_flag=True, help="Forget what was imported for this group before.")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="What a column is, where its heading does "
              "not say; remembered for files with the same headings; may be repeated.")  # fmt: skip
@click.option("--guess", is_flag=True, help="Take a column whose heading is like a missing one; said in the output.")
@click.option("--from", "supplier", default="", metavar="OFFICE", help="The office that supplied the list.")
@click.option("--on", type=_DAY, help="The reference date of a list of posts: who held them on that day.")
@click.pass_obj
def import_(
    instance: Path, identity: str, group: str, file: Path, dry_run: bool, replace: bool, maps: tuple[str, ...],
    guess: bool, supplier: str, on: datetime | None,
) -> None:  # fmt: skip
    """Import a list (CSV or XLSX) for a group: whole, or with any fault not at all."""
    settings = load(instance)
    store = Store(settings.database)
    try:
        with progress(file.name) as moved:
            done = frames.import_file(
                store, Keyring(settings), clock.now, wave.get(store, identity), group, file,
                mapping=_mapping(maps), guess=guess, dry=dry_run, replace=replace,
                origin=Origin(supplier.strip(), on.date() if on else None), who=audit.operator(),
                progress=lambda share: moved(round(share * 100), 100),
            )  # fmt: skip
    except RefusedImport as refused:
        if dry_run:
            _say(refused.found)
        raise
    _say(done)


@frame.command()
@_WAVE
@_GROUP
@click.option("--take", is_flag=True, help="Import it; without this it is only tried.")
@click.pass_obj
def waiting(instance: Path, identity: str, group: str, take: bool) -> None:
    """Try, or import, the list that was sent in at the desk and waits there."""
    settings = load(instance)
    store, keyring = Store(settings.database), Keyring(settings)
    registered = wave.get(store, identity)
    text = "importing the list" if take else "reading the list"
    with progress(text) as moved:

        def heard(share: float) -> None:
            moved(round(share * 100), 100)
            jobs.tell(round(share * 100), 100, text)

        if take:
            done = uploads.take(store, keyring, settings, clock.now, registered, group, who=audit.operator(),
                                progress=heard)  # fmt: skip
            click.echo(f"{done.file}: {done.rows_in} rows in, {done.rows_kept} kept.")
            return
        tried = uploads.look(store, keyring, settings, clock.now, registered, group, progress=heard)
    found = tried.found
    click.echo(f"{tried.file_name}: {found.get('rows_in', 0)} rows in, {found.get('rows_kept', 0)} would be kept, "
               f"{len(found['faults']) + found.get('more', 0)} faults. Nothing was imported.")  # fmt: skip


def _print(headings: tuple[str, ...], rows: list[tuple[object, ...]], form: str) -> None:
    if form == "json":
        click.echo(output.json_text([dict(zip(headings, row, strict=True)) for row in rows]))
    elif form == "csv":
        click.echo(output.csv_text(headings, rows))
    else:
        shown = [["—" if cell is None or cell == "" else str(cell) for cell in row] for row in rows]
        click.echo(output.table_text(headings, shown))


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
    for what, number in done.moved.items():
        click.echo(f"  {number} of an abolished unit follow it: {what}")
    if done.without_identity:
        click.echo(f"  {done.without_identity} rows without an identity count as persons of their own")
    if done.shared_contacts:
        click.echo(f"  {done.shared_contacts} telephone numbers or addresses are shared by more than three persons")
    for unit, flagged in done.flagged.items():
        told = f"{flagged.shared} rows with a shared contact, {flagged.staff} with one of a staff member"
        click.echo(f"  {unit}: {told}; never used for electronic delivery")
    click.echo("  by unit: " + ", ".join(f"{unit} {number}" for unit, number in done.by_unit.items()))
    _say_columns(done)
    if done.dry:
        for row in done.first:
            told = ", ".join(f"{name} {value}" for name, value in row.fields.items())
            click.echo(f"  first rows: {row.reference}: {row.unit}, {told}", err=True)
        click.echo("Dry run: nothing was changed.")


def _say_columns(done: Imported) -> None:
    for names, how in ((done.guessed, "guessed from its heading"), (done.remembered, "as said about an earlier file")):
        for name in names:
            click.echo(f"  “{done.heading[name]}” was read as {name}, {how}")
    click.echo("  read as: " + ", ".join(f"“{heading}” = {field}" for field, heading in done.heading.items()), err=True)
    for heading, name in done.suggested.items():
        click.echo(f"  “{heading}” looks like {name}: say --map “{heading}={name}” if it is", err=True)
    if done.unused:
        click.echo("  not used: " + ", ".join(f"“{heading}”" for heading in done.unused), err=True)
    if done.skipped_sheets:
        click.echo("  sheets without such a table: " + ", ".join(done.skipped_sheets), err=True)


@frame.command()
@_WAVE
@_FILE
@click.pass_obj
def staff(instance: Path, identity: str, file: Path) -> None:
    """Read a list of staff: contacts found in it are flagged and never used for electronic delivery."""
    store = Store(load(instance).database)
    number = frame_contacts.add_staff(store, clock.now, wave.get(store, identity), file, who=audit.operator())
    click.echo(f"{file.name}: {number} telephone numbers and addresses of staff.")


@frame.command()
@_WAVE
@_FORMAT
@click.pass_obj
def contacts(instance: Path, identity: str, form: str) -> None:
    """By group and unit: rows that can be reached electronically, and those whose contact is not their own."""
    store = Store(load(instance).database)
    wave.get(store, identity)
    rows: list[tuple[object, ...]] = [
        (each.group, each.unit, each.reachable, each.shared, each.staff, each.reachable - each.flagged)
        for each in frame_contacts.by_unit(store, identity)
    ]
    _print(("group", "unit", "with_contact", "shared", "staff", "deliverable"), rows, form)


@frame.command()
@_WAVE
@_GROUP
@_FILE
@click.option("--from", "supplier", default="", metavar="OFFICE", help="The office that supplied the list.")
@click.pass_obj
def expect(instance: Path, identity: str, group: str, file: Path, supplier: str) -> None:
    """Read an appointment list: how many posts each unit has."""
    store = Store(load(instance).database)
    number = posts.expect(store, clock.now, wave.get(store, identity), group, file, supplier=supplier.strip(),
                          who=audit.operator())  # fmt: skip
    click.echo(f"{file.name}: expected posts of {number} units.")


@frame.command()
@_WAVE
@click.option("--group", metavar="G", help="One respondent group; all where it is left out.")
@_FORMAT
@click.pass_obj
def gaps(instance: Path, identity: str, group: str | None, form: str) -> None:
    """Posts listed against posts expected, by the office that supplied the list."""
    store = Store(load(instance).database)
    rows: list[tuple[object, ...]] = [
        (each.supplier, each.group, each.unit, each.on, each.listed, each.expected, each.said)
        for each in posts.gaps(store, wave.get(store, identity), group)
    ]
    _print(("supplied_by", "group", "unit", "on", "listed", "expected", "gap"), rows, form)


@frame.command()
@_WAVE
@_GROUP
@click.option("--post", required=True, metavar="NUMBER", help="The post's number in the list.")
@click.option("--appointed", type=_DAY, required=True, help="The day the successor was appointed.")
@click.option("--reason", required=True, help="Why the holder changed; kept in the log. No names.")
@click.option("--name", default="", help="The successor.")
@click.option("--phone", default="")
@click.option("--email", default="")
@click.option("--address", default="")
@click.pass_obj
def move(
    instance: Path, identity: str, group: str, post: str, appointed: datetime, reason: str, name: str, phone: str,
    email: str, address: str,
) -> None:  # fmt: skip
    """Record that a post has a new holder, who answers if appointed before the wave opens."""
    settings = load(instance)
    store = Store(settings.database)
    successor = posts.Holder(name, phone, email, address)
    day: date = appointed.date()
    moved = posts.move(
        store, Keyring(settings), clock.now, wave.get(store, identity), group, post, day, successor,
        reason=reason, who=audit.operator(),
    )  # fmt: skip
    who = "the successor" if moved.successor_answers else "whoever held it on the reference date"
    click.echo(f"{post}: {who} answers; recorded as move {moved.number}.")


@frame.command("correct-contact")
@_WAVE
@click.option("--serial", type=click.IntRange(1), required=True, metavar="N", help="The invitation's number.")
@click.option("--name", help="The person's name.")
@click.option("--phone", help="An empty one removes it.")
@click.option("--email", help="The same.")
@click.option("--address", help="The same.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the log. No names.")
@click.pass_obj
def correct_contact(instance: Path, /, identity: str, serial: int, reason: str, **told: str | None) -> None:
    """Put one person's contact right after issue; the log keeps which parts, never what they said."""
    store = Store(load(instance).database)
    parts = {part: value for part, value in told.items() if value is not None}
    done = correcting.correct(
        store, clock.now, wave.get(store, identity), serial, parts, reason=reason, who=audit.operator()
    )
    click.echo(f"Serial {serial}: {', '.join(done)} put right.")
    again = f"phieu invitations reissue --wave {identity} --serial {serial}"
    click.echo(f"Where the code went to a wrong address, take it back: `{again}`", err=True)


@frame.command()
@_WAVE
@_GROUP
@_FORMAT
@click.pass_obj
def moves(instance: Path, identity: str, group: str, form: str) -> None:
    """Moves recorded: since when, why, who recorded it, and who answers."""
    store = Store(load(instance).database)
    rows: list[tuple[object, ...]] = [
        (each["number"], each["unit"], each["appointed"], each["answers"], each["reason"], each["who"], each["at"])
        for each in posts.moves(store, wave.get(store, identity), group)
    ]
    _print(("number", "unit", "appointed", "answers", "reason", "who", "at"), rows, form)

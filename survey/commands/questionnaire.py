"""``phieu questionnaire``: check, exchange and look at what is asked."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from forms import catalogue, tables
from forms import questionnaire as questionnaires
from forms.faults import Fault, Faults
from survey.commands.paper import print_questionnaire
from survey.output import json_text


@click.group()
def questionnaire() -> None:
    """Questionnaires: what is asked."""


questionnaire.add_command(print_questionnaire)


@questionnaire.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def check_questionnaires(files: Sequence[str]) -> None:
    """Check questionnaires (TOML files, or ids of bundled ones) and name every fault with its line."""

    def read(name: str) -> str:
        found = catalogue.opened(name, catalogue.QUESTIONNAIRES, catalogue.questionnaire, questionnaires.load_file)
        items = found.items.values()
        scored = sum(item.type is questionnaires.ItemType.SCALE for item in items)
        return (
            f"{name}: good. Questionnaire {found.id}, version {found.version}: {len(found.sections)} sections, "
            f"{len(items)} items, {scored} of them on a scale"
        )

    check_each(files, read)


@questionnaire.command("preview")
@click.argument("name", metavar="FILE")
@click.option("--units", default=1, show_default=True, type=click.IntRange(1, 50), help="How many offices to assess.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
def preview_questionnaire(name: str, units: int, host: str, port: int) -> None:
    """Serve a questionnaire (TOML file or bundled id) exactly as respondents see it, storing nothing."""
    asked = catalogue.opened(name, catalogue.QUESTIONNAIRES, catalogue.questionnaire, questionnaires.load_file)
    # Imported here: checking a file needs neither the server nor a database.
    from survey import clock, preview
    from survey.serving import serve

    with tempfile.TemporaryDirectory(prefix="phieu-preview-") as folder:
        settings, codes = preview.make(Path(folder), asked, units, clock.now)
        for code in codes:
            click.echo(f"http://{host}:{port}/P/{code}")
        click.echo("Each can be sent once. Ctrl-C ends the preview and deletes what was typed.", err=True)
        serve(settings, host, port, 1)


@questionnaire.command("import")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("-o", "target", required=True, metavar="FILE.toml", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to write the questionnaire.")  # fmt: skip
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True,
              help="How to print what was changed or left out.")  # fmt: skip
def import_questionnaire(file: Path, target: Path, format_: str) -> None:
    """Make a questionnaire of an XLSForm or of LimeSurvey's .lss, and list what of it was changed or left out."""
    from forms import limesurvey, xlsform

    content = tables.content_of(file)
    read = limesurvey.read if file.suffix.lower() in (".lss", ".xml") else xlsform.read
    found = read(content, str(file))
    target.write_text(found.questionnaire.text, "utf-8")
    if format_ == "json":
        notes = [dataclasses.asdict(note) for note in found.notes]
        click.echo(json_text({"questionnaire": found.questionnaire.id, "items": len(found.questionnaire.items),
                              "notes": notes}))  # fmt: skip
        return
    for note in found.notes:
        click.echo(str(note))
    lost = sum(note.kind is xlsform.Kind.LEFT_OUT for note in found.notes)
    click.echo(
        f"{target}: {len(found.questionnaire.sections)} sections, {len(found.questionnaire.items)} items; "
        f"{lost} things left out, {len(found.notes) - lost} changed",
        err=True,
    )


@questionnaire.command("export")
@click.argument("name", metavar="FILE")
@click.option("-o", "target", required=True, metavar="FILE.xlsx", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to write the form.")  # fmt: skip
def export_questionnaire(name: str, target: Path) -> None:
    """Write a questionnaire (TOML file or bundled id) as an XLSForm, which ODK, Kobo and others read."""
    from forms import xlsform

    asked = catalogue.opened(name, catalogue.QUESTIONNAIRES, catalogue.questionnaire, questionnaires.load_file)
    made = xlsform.write(asked)
    target.write_bytes(made.content)
    for note in made.notes:
        click.echo(str(note), err=True)
    click.echo(f"{target}: {len(asked.sections)} sections, {len(asked.items)} items", err=True)


@questionnaire.command("correct")
@click.option("--wave", "identity", required=True, metavar="W", help="The open wave.")
@click.argument("file", required=False, metavar="[FILE]", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--hotline", metavar="TEXT", help="Another number to call, in place of a questionnaire.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; kept in the log, the seals and the report.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.pass_obj
def correct_questionnaire(
    instance: Path, identity: str, file: Path | None, hotline: str | None, reason: str, dry_run: bool
) -> None:
    """Correct the wording of a questionnaire that is being asked, by a new version in FILE; nothing is closed.

    Wording may change, and nothing that an answer means: docs/reference/corrections.md has the table. Both versions are
    kept, and a new seal is written: give it to the witnesses.
    """
    from survey import audit, clock, config, corrections, wave
    from survey.store import Store

    if (file is None) == (hotline is None):
        raise Faults("give either FILE, a new version of a questionnaire, or --hotline")
    store = Store(config.load(instance).database)
    registered = wave.get(store, identity)
    if file is not None:
        new = questionnaires.load_file(file)
        old = next((asked for asked in registered.questionnaires.values() if asked.id == new.id), None)
        for each in corrections.check(old, new, str(file)) if old else ():
            click.echo(corrections.told(each))
        if dry_run:
            return
        made = corrections.correct(
            store, clock.now, registered, new, reason=reason, who=audit.operator(), file=str(file)
        )  # fmt: skip
    else:
        if dry_run:
            return
        made = corrections.correct_hotline(
            store, clock.now, registered, hotline or "", reason=reason, who=audit.operator()
        )
    click.echo(f"Correction {made.number} of wave {identity}, {made.hash}; a new seal holds it.", err=True)


def check_each(files: Sequence[str], read: Callable[[str], str]) -> None:
    """Print a line for every good file, then raise the faults of all the others."""
    faults: list[Fault] = []
    for name in files:
        try:
            click.echo(read(name))
        except Faults as found:
            faults += found.faults
    if faults:
        raise Faults(faults)

"""``phieu counter``: dossiers selected where they are handed over, by a draw that the office cannot touch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from forms.faults import Faults
from survey import audit, clock, exports, output, wave
from survey.config import Settings, load
from survey.counter import desk as counter_desk
from survey.counter import due_list as counter_list
from survey.counter import handing, tablets
from survey.counter import reconciling as counter_close
from survey.counter import secret as counter_draw
from survey.counter.desk import Answer
from survey.counter.selection import Conduct
from survey.keys import Keyring
from survey.progress import progress
from survey.store import Store
from survey.wave import RegisteredWave

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
_PLACE = click.option("--place", default="", metavar="P", help="Where the question is asked.")
_FORMAT = click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table",
                       show_default=True)  # fmt: skip
_HEADINGS = ("group", "unit", "listed", "asked", "share asked", "selected", "handed", "early", "lapsed", "repeated",
             "questions", "share irregular", "again", "share again", "marks")  # fmt: skip


@click.group()
def counter() -> None:
    """Select dossiers at counters: list, public number, questions, reconciliation."""


def _opened(instance: Path, identity: str) -> tuple[Settings, Store, Keyring, RegisteredWave]:
    settings = load(instance)
    store = Store(settings.database)
    return settings, store, Keyring(settings), wave.get(store, identity)


@counter.command("import")
@_WAVE
@click.option("--group", required=True, metavar="G", help="A group that is asked at counters.")
@click.option("--map", "mapping", multiple=True, metavar="COLUMN=FIELD", help="A heading and what it is.")
@click.option("--dry-run", "dry", is_flag=True, help="Read and check; change nothing.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def import_(instance: Path, identity: str, group: str, mapping: tuple[str, ...], dry: bool, file: Path) -> None:
    """Add dossiers to the list, and take over when those known were handed over. Daily, from the dossier system."""
    _, store, keyring, registered = _opened(instance, identity)
    pairs = [each.rpartition("=") for each in mapping]
    if any(not heading for heading, _, _ in pairs):
        raise Faults("--map takes COLUMN=FIELD")
    told = {heading: field for heading, _, field in pairs}
    listed = counter_list.read_file(registered, group, file, told)
    done = counter_list.add(store, keyring, clock.now, registered, group, listed, file=file.name, dry=dry,
                            who=audit.operator())  # fmt: skip
    click.echo(f"{done.file}: {done.rows} rows, {done.added} new, {done.updated} known"
               f"{', nothing changed (dry run)' if dry else ''}.")  # fmt: skip
    if done.outside:
        click.echo(f"{done.outside} fall due in no period of the wave: they are never asked about.")


@counter.command()
@_WAVE
@click.argument("digits", metavar="NUMBER")
@click.pass_obj
def number(instance: Path, identity: str, digits: str) -> None:
    """Enter the public number that seal 0 names, once it exists. It stays."""
    _, store, keyring, registered = _opened(instance, identity)
    counter_draw.enter_number(store, keyring, clock.now, registered, digits, who=audit.operator())
    click.echo(f"The public number of wave {identity} is {digits.strip()}. Questions can be asked.")


@counter.command()
@_WAVE
@_PLACE
@click.option("--handed-over", is_flag=True, help="The result is being handed over now, before it is due.")
@click.option("--print", "printed", is_flag=True, help="If selected, print the slip on the printer of --place.")
@click.option("--printer", default="", metavar="NAME", help="Which of its printers, where it has several.")
@click.option("--kiosk", "tablet", type=click.IntRange(1), metavar="N", help="If selected, let this tablet open it.")
@click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False),
              help="Where the slip goes if the dossier is selected: the printer's folder.")  # fmt: skip
@click.argument("dossier", metavar="DOSSIER")
@click.pass_obj
def ask(
    instance: Path, identity: str, place: str, handed_over: bool, printed: bool, printer: str, tablet: int | None,
    file: Path | None, dossier: str,
) -> None:  # fmt: skip
    """Ask about a dossier whose result is due or handed over. If it is selected, its slip is printed or a tablet opens.

    No code is shown. Without --print, --kiosk or -o the selection lapses after 15 minutes, unless it is asked about
    again.
    """
    if printed + (tablet is not None) + (file is not None) > 1:
        raise Faults("choose one of --print, --kiosk and -o")
    settings, store, keyring, registered = _opened(instance, identity)
    who, here = audit.operator(), (store, keyring, clock.now, registered, dossier)
    answer = counter_desk.ask(*here, handed_over=handed_over, place=place, who=who)
    click.echo(f"{dossier}: {answer}")
    if answer is not Answer.SELECTED:
        return
    if printed:
        handing.print_slip(store, keyring, settings, *here[2:], place=place, printer=printer, who=who)
        click.echo("Its slip is printed. Hand it over.")
    elif tablet is not None:
        tablets.offer(*here, tablet, place=place, who=who)
        click.echo(f"Kiosk {tablet} opens it now.")
    elif file is not None:
        handed = handing.hand_out(store, keyring, settings, *here[2:], place=place, who=who)
        # Imported here: fonts and QR codes are needed by this command alone.
        from survey.paper import slips

        exports.private(file, slips.single(registered, handed.row))
        click.echo(f"{file}: its slip. Print it now and hand it over.")


@counter.command()
@_WAVE
@_PLACE
@click.option("--reason", required=True, metavar="TEXT", help="What went wrong; the log keeps it.")
@click.argument("dossier", metavar="DOSSIER")
@click.pass_obj
def again(instance: Path, identity: str, place: str, reason: str, dossier: str) -> None:
    """After a paper jam or a tablet that failed: let the slip of DOSSIER be printed, or opened, once more.

    Ask about it again within 15 minutes. The code printed before is revoked then. Counted by office and published.
    """
    _, store, keyring, registered = _opened(instance, identity)
    handing.ask_again(store, keyring, clock.now, registered, dossier, place=place, reason=reason, freely=True,
                      who=audit.operator())  # fmt: skip
    click.echo(f"{dossier}: may be printed once more within 15 minutes.")


@counter.command()
@_WAVE
@_FORMAT
@click.pass_obj
def conduct(instance: Path, identity: str, form: str) -> None:
    """How each office's counter asks, so far: share asked, early, lapsed, repeated questions, slips printed again."""
    _, store, keyring, registered = _opened(instance, identity)
    _say(counter_close.conduct(store, keyring, registered), form)


@counter.command()
@_WAVE
@click.option("--dry-run", "dry", is_flag=True, help="Say what would happen; change nothing.")
@_FORMAT
@click.pass_obj
def reconcile(instance: Path, identity: str, dry: bool, form: str) -> None:
    """After the close: selected dossiers nobody asked about become non-contacts; each office's conduct is fixed."""
    _, store, keyring, registered = _opened(instance, identity)
    with progress("non-contacts") as told:
        done = counter_close.reconcile(store, keyring, clock.now, registered, dry=dry, told=told,
                                       who=audit.operator())  # fmt: skip
    _say(done.conduct, form)
    click.echo(f"{done.unreached} selected dossiers {'would become' if dry else 'became'} non-contacts.", err=True)


@counter.command()
@_WAVE
@click.option("--reason", required=True, metavar="TEXT", help="To whom and why; the log keeps it.")
@click.pass_obj
def key(instance: Path, identity: str, reason: str) -> None:
    """Print the draw key for the witnesses, after the close. Not for the public: it names the sample to the office."""
    _, store, keyring, registered = _opened(instance, identity)
    click.echo(counter_close.reveal(store, keyring, clock.now, registered, who=audit.operator(), reason=reason))


def _say(offices: Sequence[Conduct], form: str) -> None:
    rows = [
        (each.group, each.unit, each.listed, each.asked, each.share_asked.value, each.selected, each.handed, each.early,
         each.lapsed, each.repeated, each.questions, each.irregular.value, each.again, each.printed_again.value,
         "; ".join(each.marks))
        for each in offices
    ]  # fmt: skip
    if form == "json":
        click.echo(output.json_text([dict(zip(_HEADINGS, row, strict=True)) for row in rows]))
    elif form == "csv":
        click.echo(output.csv_text(_HEADINGS, rows))
    else:
        click.echo(output.table_text(_HEADINGS, [[_shown(cell) for cell in row] for row in rows]))


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return f"{100 * cell:.1f}%"
    return "–" if cell is None else str(cell)

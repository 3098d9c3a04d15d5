"""``phieu control``: control calls, drawn, listed, recorded, reported."""

from __future__ import annotations

from pathlib import Path

import click

from forms.faults import Faults
from survey import audit, clock, control_told, exports, output, wave
from survey import control as calls
from survey.config import load
from survey.control import Outcome, Said
from survey.store import Store

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
_SAID = click.Choice([str(said) for said in Said])


@click.group()
def control() -> None:
    """Ask 5 % of those whose invitations came back whether they received it and answered themselves."""


@control.command()
@_WAVE
@click.option("--seed", metavar="NUMBER", help="The public number, once it exists; without it the list is recorded.")
@click.pass_obj
def draw(instance: Path, identity: str, seed: str | None) -> None:
    """First without --seed: record the list and print its hash. Then with the public number: draw, once."""
    store = Store(load(instance).database)
    registered = wave.get(store, identity)
    if seed is None:
        hash, rows = calls.record_list(store, clock.now, registered, who=audit.operator())
        click.echo(f"{rows} invitations came back and have contacts. List: {hash}")
        click.echo("Name the public number that will draw from it, then run this with --seed.", err=True)
        return
    number = calls.draw(store, clock.now, registered, seed, who=audit.operator())
    click.echo(f"{number} control calls drawn.")


@control.command("list")
@_WAVE
@click.option("--caller", required=True, metavar="NAME", help="Who makes the calls.")
@click.option("--office", required=True, metavar="OFFICE", help="Where the caller works; no rated office.")
@click.option("--reason", required=True, metavar="TEXT", help="Why contacts leave; the log keeps it.")
@click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.pass_obj
def list_(instance: Path, identity: str, caller: str, office: str, reason: str, file: Path) -> None:
    """Write the open calls with their contacts as CSV or XLSX, without codes. It is logged who took it."""
    store = Store(load(instance).database)
    registered = wave.get(store, identity)
    if file.suffix.casefold() not in (".csv", ".xlsx"):
        raise Faults(f"{file}: must end in .csv or .xlsx")
    rows = calls.to_call(store, clock.now, registered, caller, office, who=audit.operator(), reason=reason)
    exports.write_table(file, calls.HEADINGS, rows)
    click.echo(f"{file}: {len(rows)} calls to make. The export is logged.")


@control.command()
@_WAVE
@click.option("--serial", type=click.IntRange(1), required=True, metavar="N", help="The invitation's number.")
@click.option("--received", type=_SAID, help="Did you receive the questionnaire?")
@click.option("--himself", type=_SAID, help="Did you answer it yourself?")
@click.option("--told-how", type=_SAID, help="Did anybody tell you how to answer?")
@click.option("--declined", is_flag=True, help="The person does not wish to be asked.")
@click.option("--missed", is_flag=True, help="Nobody answered; the third time it counts as not reached.")
@click.pass_obj
def record(
    instance: Path, identity: str, serial: int, received: str | None, himself: str | None, told_how: str | None,
    declined: bool, missed: bool,
) -> None:  # fmt: skip
    """Enter a call. The answers are added up and written to no person: look twice, they cannot be changed."""
    store, who = Store(load(instance).database), audit.operator()
    registered = wave.get(store, identity)
    if (received is not None) + declined + missed != 1 or (received is None and (himself or told_how)):
        raise Faults("say either what was answered, beginning with --received, or --declined, or --missed")
    if missed:
        left = calls.miss(store, clock.now, registered, serial, who=who)
        click.echo(f"Invitation {serial}: {left} tries are left." if left else f"Invitation {serial}: not reached.")
        return
    if received is None:
        calls.decline(store, clock.now, registered, serial, who=who)
    else:
        calls.record(
            store, clock.now, registered, serial, received=Said(received), who=who,
            himself=Said(himself) if himself else None, told_how=Said(told_how) if told_how else None,
        )  # fmt: skip
    click.echo(f"Invitation {serial}: recorded. {calls.open_calls(store, identity)} calls are open.")


@control.command()
@_WAVE
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_obj
def report(instance: Path, identity: str, form: str) -> None:
    """Calls, denials and persons not reached, by unit, mode and interviewer, and by each alone.

    What was said is told once no call is open, of k people or more, and where nothing of fewer follows.
    """
    store = Store(load(instance).database)
    k = wave.get(store, identity).spec.k
    told = control_told.of_store(store, identity, k)
    parts = [(row, part) for part in PARTS for row in (told[part] if told else [])]
    rows = [{"by": part.removeprefix("by_"), **row} for row, part in parts]
    rows += [{"by": "all", **told["all"]}] if told else []
    if form == "json":
        click.echo(output.json_text({"wave": identity, "rows": rows}))
        return
    headings = ("by", "unit", "mode", "interviewer", *map(str, Outcome), "open")
    table = [tuple("…" if row.get(name, "–") is None else str(row.get(name, "–")) for name in headings) for row in rows]
    click.echo((output.csv_text if form == "csv" else output.table_text)(headings, table))
    note = "an invitation counts under each unit that it assesses; by mode, by interviewer and in all it counts once"
    click.echo(f"note: {note}; …: fewer than {k} people, what would tell of them, or calls are open", err=True)


PARTS = ("by_cell", "by_unit", "by_mode", "by_interviewer")

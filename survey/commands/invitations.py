"""``phieu invitations`` and ``phieu slips``: from drawn rows to paper and lists."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from forms.faults import Fault, Faults
from survey import audit, clock, exports, issuing, replanning, wave
from survey import invitations as states
from survey.commands import local_links
from survey.config import Settings, load
from survey.delivery import handover
from survey.dispositions import State
from survey.issuing import ExportRow
from survey.keying import keyers
from survey.keys import Keyring
from survey.sample import draws
from survey.store import DRAFT_MIGRATIONS, Store
from survey.wave import RegisteredWave

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
_SERIAL = click.option("--serial", "serials", type=click.IntRange(1), multiple=True, metavar="N",
                       help="An invitation's number; may be repeated.")  # fmt: skip
_LIST = click.option("--list", "batch", type=click.Path(path_type=Path, dir_okay=False),
                     help="A text file with one number a line: a lost batch.")  # fmt: skip
_MOST_IN_RANGE = 100_000
_RANGE = click.option("--range", "ranges", multiple=True, metavar="FIRST-LAST",
                      help="Invitations from one number to another; may be repeated.")  # fmt: skip
_BATCH = click.option("--batch", "batches", type=click.IntRange(1), multiple=True, metavar="N",
                      help="All invitations of a batch that was handed over and lost.")  # fmt: skip
_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; the log keeps it.")


def _which(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose invitations, and the file they go to."""
    for option in (
        click.option("--unit", metavar="U", help="Only those that assess this unit."),
        click.option("--place", metavar="P", help="Only those that this place hands over."),
        click.option("--group", metavar="G", help="Only this respondent group."),
        click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), required=True),
    ):
        command = option(command)
    return command


@click.group()
def invitations() -> None:
    """Issue invitations, take them back, export their codes."""


@invitations.command()
@_WAVE
@click.pass_obj
def issue(instance: Path, identity: str) -> None:
    """Make one invitation of every drawn row that has none; the first time, write seal 0 and open the wave."""
    settings = load(instance)
    store = Store(settings.database)
    registered = wave.get(store, identity)
    if nobody := keyers.missing(store, registered):
        click.echo(f"warning: {nobody}: `{keyers.MEND.format(wave=identity)}`", err=True)
    number = issuing.issue(store, Keyring(settings), clock.now, registered, who=audit.operator())
    click.echo(f"{number} invitations issued. Wave {identity} is open.")
    with store.read() as tx:
        last = tx.seal_last(wave=identity)
    click.echo(f"Seal {last['number']}: {last['hash']} – give it to the witnesses.")


@invitations.command()
@_WAVE
@_which
@click.option("--contacts", is_flag=True, help="With name, telephone, e-mail and address; needs --reason.")
@click.option("--reason", default="", metavar="TEXT", help="Why codes leave; the log keeps it.")
@local_links.LOCAL
@click.pass_obj
def export(
    instance: Path, identity: str, unit: str | None, place: str | None, group: str | None, file: Path,
    contacts: bool, reason: str, local: bool,
) -> None:  # fmt: skip
    """Write codes and links as CSV or XLSX. Whoever has the file could answer for people: it is logged who took it."""
    settings = load(instance)
    store = Store(settings.database)
    registered = wave.get(store, identity)
    if file.suffix.casefold() not in (".csv", ".xlsx"):
        raise Faults([Fault("must end in .csv or .xlsx", str(file))])
    if contacts and not reason.strip():
        raise Faults("contacts leave only with --reason, which the log keeps")
    local_links.say(settings, registered, local)
    rows = _rows(settings, store, registered, unit, place, group, reason or "list of invitations")
    if place is not None and not rows:
        raise Faults(f"no invitation may leave for the place “{place}”: nothing was written")
    beside = None
    if contacts:
        beside = exports.contacts(store, clock.now, registered, rows, who=audit.operator(), reason=reason)
    exports.write(file, rows, beside)
    click.echo(f"{file}: {len(rows)} invitations{' with contacts' if contacts else ''}. The export is logged.")


def _rows(
    settings: Settings, store: Store, registered: RegisteredWave, unit: str | None, place: str | None,
    group: str | None, reason: str, *, handed: bool | None = None, serials: Collection[int] | None = None,
) -> list[ExportRow]:  # fmt: skip
    """What is asked for; an unknown unit, place or group is a fault, not an empty file."""
    spec = registered.spec
    if group is not None:
        draws.group_of(registered, group)
    if unit is not None and unit not in [each.id for each in spec.units]:
        raise Faults(f"wave “{spec.id}” has no unit “{unit}”")
    if place is not None and place not in {*(each.id for each in spec.places), *(each.id for each in spec.units)}:
        raise Faults(f"wave “{spec.id}” has no place “{place}”")
    if serials is None and (handed if handed is not None else place is not None):
        for at, number in sorted(issuing.withheld(store, registered, unit=unit, place=place, group=group).items()):
            click.echo(f"{at}: {number} left out, for they assess the office that runs this place; send them with "
                       "`phieu letters`", err=True)  # fmt: skip
    return issuing.export_rows(
        store, Keyring(settings), settings, clock.now, registered,
        who=audit.operator(), reason=reason, unit=unit, place=place, group=group, handed=handed, serials=serials,
    )  # fmt: skip


def _take_out(
    instance: Path, identity: str, act: Callable[..., object], chosen: Mapping[str, Any], reason: str, word: str,
) -> None:  # fmt: skip
    """Reissue or revoke those named by serial, range, list or batch handed over: all of them, or none."""
    settings = load(instance)
    store, drafts = Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)
    registered, keyring = wave.get(store, identity), Keyring(settings)
    batches = chosen["batches"]
    held = tuple(serial for number in batches for serial in handover.get(store, registered, number).serials)
    serials = numbers((*chosen["serials"], *held), chosen["batch"], chosen["ranges"])
    fit, unfit = issuing.unspent(store, registered, serials)
    if unfit and not chosen["leave_final"]:
        others = f"; --leave-final leaves them out, and the other {len(fit)} would be {word}" if fit else ""
        raise Faults([*unfit, Fault(f"nothing was changed{others}")])
    told = f"{len(fit)} of {len(serials)}"
    if chosen["dry_run"]:
        click.echo(f"{told} would be {word}.\nDry run: nothing was changed.")
        return
    if fit:
        act(store, drafts, keyring, clock.now, registered, fit, who=audit.operator(), reason=reason)
    click.echo(f"{told} {word}.")


def _together(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose invitations to be taken out of hands, and how."""
    final = "Leave those out that were answered or revoked; without it they are named and nothing is changed."
    for option in (
        click.option("--dry-run", is_flag=True, help="Count; change nothing."),
        click.option("--leave-final", is_flag=True, help=final),
        _REASON, _BATCH, _LIST, _RANGE, _SERIAL, _WAVE,
    ):  # fmt: skip
        command = option(command)
    return command


@invitations.command()
@_together
@click.pass_obj
def reissue(instance: Path, /, identity: str, reason: str, **chosen: Any) -> None:
    """Give unspent invitations new codes, all of them or none; the old ones are revoked. Print new slips afterwards."""
    _take_out(instance, identity, issuing.reissue_all, chosen, reason, "reissued")


@invitations.command()
@_together
@click.pass_obj
def revoke(instance: Path, /, identity: str, reason: str, **chosen: Any) -> None:
    """Take unspent invitations back for good, all of them or none."""
    _take_out(instance, identity, states.revoke, chosen, reason, "revoked")


@invitations.command()
@_WAVE
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The new last day.")
@_REASON
@click.pass_obj
def extend(instance: Path, identity: str, until: datetime, reason: str) -> None:
    """Take answers until a later day than planned. The report lists it, with its reason, as a departure."""
    store = Store(load(instance).database)
    replanning.extend(store, clock.now, wave.get(store, identity), until.date(), reason=reason, who=audit.operator())
    click.echo(f"Wave {identity} takes answers until {until:%Y-%m-%d}. The new seal fixes it; slips keep the old day.")


@invitations.command()
@_WAVE
@_SERIAL
@_LIST
@click.option("--state", type=click.Choice([str(state) for state in State]), required=True, help="What became of it.")
@_REASON
@click.pass_obj
def record(
    instance: Path, identity: str, serials: tuple[int, ...], batch: Path | None, state: str, reason: str
) -> None:
    """Enter what became of invitations, of all of them or none: delivered, refused, no_contact, damaged, late, …"""
    store = Store(load(instance).database)
    registered = wave.get(store, identity)

    serials_told = numbers(serials, batch)
    issuing.record_all(store, clock.now, registered, serials_told, State(state), who=audit.operator(), reason=reason)
    click.echo(f"{len(serials_told)} of {len(serials_told)} recorded as {state}.")


def numbers(serials: tuple[int, ...], batch: Path | None, ranges: tuple[str, ...] = ()) -> list[int]:
    """Numbers of invitations, each once, from options and a file. Raises Faults for lines that are none."""
    found = list(serials)
    for text in ranges:
        first, dash, last = text.partition("-")
        if not (dash and first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
            raise Faults(f"“{text}” is no range of numbers such as 120-180")
        if int(last) - int(first) >= _MOST_IN_RANGE:
            raise Faults(f"the range {text} holds more than {_MOST_IN_RANGE} numbers")
        found += range(int(first), int(last) + 1)
    if batch is not None:
        try:
            lines = batch.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise Faults([Fault("cannot be read as a text file", str(batch))]) from error
        wrong = [
            Fault(f"“{line.strip()}” is no number of an invitation", str(batch), number)
            for number, line in enumerate(lines, start=1)
            if line.strip() and not (line.strip().isascii() and line.strip().isdecimal())
        ]
        if wrong:
            raise Faults(wrong)
        found += [int(line) for line in lines if line.strip()]
    if not found:
        raise Faults("name invitations with --serial, --range, --list or --batch")
    return list(dict.fromkeys(found))


@click.command()
@_WAVE
@_which
@_SERIAL
@_RANGE
@_LIST
@local_links.LOCAL
@click.pass_obj
def slips(
    instance: Path, identity: str, unit: str | None, place: str | None, group: str | None, file: Path,
    serials: tuple[int, ...], ranges: tuple[str, ...], batch: Path | None, local: bool,
) -> None:  # fmt: skip
    """Write QR slips as PDF, eight on a page of A4, each place on pages of its own.

    With --serial, --range or --list those alone: new slips of what was reissued.
    """
    settings = load(instance)
    store = Store(settings.database)
    registered = wave.get(store, identity)
    local_links.say(settings, registered, local)
    chosen = numbers(serials, batch, ranges) if serials or ranges or batch is not None else None
    rows = _rows(settings, store, registered, unit, place, group, "slips", handed=True, serials=chosen)
    if not rows:
        raise Faults("no invitation is asked for: nothing to print")
    # Imported here: fonts and QR codes are needed by this command alone.
    from survey.paper import slips as paper

    exports.private(file, paper.pdf(registered, rows))
    click.echo(f"{file}: {len(rows)} slips. The export is logged.")

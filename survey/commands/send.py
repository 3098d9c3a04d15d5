"""``phieu send``, ``phieu bounces`` and ``phieu optout``: messages to those who have not finished."""

from __future__ import annotations

import time
from pathlib import Path

import click

from forms.faults import Fault, Faults
from survey import audit, clock, exports, output, wave
from survey.commands import local_links
from survey.config import Settings, load
from survey.delivery import due as due_now
from survey.delivery import mail, sending, silencing
from survey.delivery.due import Due
from survey.delivery.messages import Channel, Purpose
from survey.delivery.sending import Sent
from survey.keys import Keyring
from survey.paper import marks as paper_marks
from survey.progress import progress
from survey.store import Store
from survey.wave import RegisteredWave

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
_ADDRESSES = click.option("--list", "file", type=click.Path(path_type=Path, dir_okay=False),
                          help="A text file with one address or telephone number a line.")  # fmt: skip


@click.command()
@_WAVE
@click.option("--remind", is_flag=True, help="Remind those who have not finished, as often as the wave file allows.")
@click.option("--dry-run", "dry", is_flag=True, help="Say who would get what; send and change nothing.")
@click.option("--group", "groups", multiple=True, metavar="G", help="Only this respondent group; may be repeated.")
@click.option("--lang", "languages", multiple=True, metavar="L",
              help="Only this language; may be repeated (e-mail: all that the template has; lists: vi).")  # fmt: skip
@click.option("--list", "file", type=click.Path(path_type=Path, dir_okay=False),
              help="Write a CSV or XLSX for an SMS or Zalo gateway instead of sending e-mail.")  # fmt: skip
@click.option("--channel", type=click.Choice(["sms", "zalo"]), help="Which gateway the list is for.")
@click.option("--reason", default="", metavar="TEXT", help="Why telephone numbers leave in a list; the log keeps it.")
@local_links.LOCAL
@click.pass_obj
def send(
    instance: Path, identity: str, remind: bool, dry: bool, groups: tuple[str, ...], languages: tuple[str, ...],
    file: Path | None, channel: str | None, reason: str, local: bool,
) -> None:  # fmt: skip
    """Send invitations or reminders by e-mail to groups with mode = "email"; or write a gateway's list.

    At most once each: what was begun and never confirmed by the server is not sent again. Safe to interrupt and repeat.
    """
    settings = load(instance)
    store, keyring = Store(settings.database), Keyring(settings)
    registered = wave.get(store, identity)
    purpose = Purpose.REMIND if remind else Purpose.INVITE
    marks = paper_marks.marks(registered)
    by = Channel(channel) if channel else Channel.EMAIL
    if (file is None) != (channel is None) and not (dry and file is None):
        raise Faults("a list goes to a gateway: name both --list and --channel sms or zalo")
    if dry:
        here, due, out = due_now.plan(store, keyring, settings, clock.now, registered, purpose, by, groups=groups)
        _say_plan(registered, Sent(here, len(due), left_out=out), due, languages, marks)
        return
    local_links.say(settings, registered, local)
    if file is not None:
        target = file
        _check_ending(target)
        result = sending.listed(
            store, keyring, settings, clock.now, registered, purpose, by,
            lambda rows: _write(target, rows), groups=groups, languages=languages or ("vi",), marks=marks,
            who=audit.operator(), reason=reason,
        )  # fmt: skip
    else:
        result = _by_mail(settings, store, keyring, registered, purpose, groups, languages, marks)
    _say(result)


def _by_mail(
    settings: Settings, store: Store, keyring: Keyring, registered: RegisteredWave, purpose: Purpose,
    groups: tuple[str, ...], languages: tuple[str, ...], marks: tuple[str, ...],
) -> Sent:  # fmt: skip
    if settings.smtp is None:
        raise Faults(f"no mail server is set: fill in [smtp] of {settings.instance / 'phieu.toml'}")
    with progress("sending") as told:
        return sending.send(
            store, keyring, settings, clock.now, registered, purpose, mail.Server(settings.smtp, settings.instance),
            groups=groups, languages=languages, marks=marks, wait=time.sleep, told=told, who=audit.operator(),
        )  # fmt: skip


def _check_ending(file: Path) -> None:
    if file.suffix.casefold() not in (".csv", ".xlsx"):
        raise Faults([Fault("must end in .csv or .xlsx", str(file))])


def _write(file: Path, rows: list[tuple[str, str]]) -> None:
    exports.write_table(file, ("phone", "text"), rows)


def _say_plan(
    registered: RegisteredWave, planned: Sent, due: list[Due], languages: tuple[str, ...], marks: tuple[str, ...]
) -> None:
    again = ", going on with an unfinished round" if planned.round.resumed else ""
    click.echo(f"{planned.due} would get a message ({planned.round.purpose}, {planned.round.channel}{again}).")
    _say_left_out(planned)
    if due:
        hidden = dict(due[0].values) | {"code": "XXXX-XXXX-XXXX"}
        hidden["link"] = due[0].values["link"].rpartition("/")[0] + "/XXXXXXXXXXXX"
        sample = Due(due[0].serial, due[0].group, due[0].address, hidden)
        subject, body = sending.words(registered, planned.round, sample, languages, marks)
        click.echo(f"\n{subject}\n\n{body}" if subject else f"\n{body}")


def _say_left_out(result: Sent) -> None:
    for why, number in sorted(result.left_out.items()):
        click.echo(f"  left out, {why}: {number}")


def _say(result: Sent) -> None:
    click.echo(f"Round {result.round.number} ({result.round.purpose}, {result.round.channel}): {result.sent} of "
               f"{result.due} sent, {result.rejected} rejected.")  # fmt: skip
    _say_left_out(result)
    if result.unsure:
        click.echo(f"  perhaps sent, and not sent again: {result.unsure}")
    if result.trouble:
        click.echo(f"The server said last: {result.trouble}", err=True)
    if result.unsent:
        raise Faults(f"{result.due - result.sent - result.rejected - result.unsure} are still to be sent: run again")


@click.command()
@_WAVE
@_ADDRESSES
@click.argument("addresses", nargs=-1)
@click.pass_obj
def bounces(instance: Path, identity: str, file: Path | None, addresses: tuple[str, ...]) -> None:
    """Record addresses whose mail came back: nothing more goes there; what was not opened is undeliverable."""
    known, lost = _silence(instance, identity, file, addresses, "bounced")
    click.echo(f"{known} of the addresses are of invitations; {lost} invitations are undeliverable.")


@click.command()
@_WAVE
@_ADDRESSES
@click.argument("addresses", nargs=-1)
@click.pass_obj
def optout(instance: Path, identity: str, file: Path | None, addresses: tuple[str, ...]) -> None:
    """Send nothing more to people who asked for that. Their invitations stay open."""
    known, _ = _silence(instance, identity, file, addresses, "opted out")
    click.echo(f"{known} of the addresses are of invitations; they get no further message.")


def _silence(
    instance: Path, identity: str, file: Path | None, addresses: tuple[str, ...], reason: str
) -> tuple[int, int]:
    settings = load(instance)
    store = Store(settings.database)
    registered = wave.get(store, identity)
    told = [*addresses, *(output.lines_of(file) if file else [])]
    if not told:
        raise Faults("name addresses, or a file of them with --list")
    return silencing.silence(store, Keyring(settings), clock.now, registered, told, reason, who=audit.operator())

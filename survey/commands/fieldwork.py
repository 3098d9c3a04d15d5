"""``phieu letters``, ``envelopes``, ``handover`` and ``interview``: paper, and who carries it."""

from __future__ import annotations

from pathlib import Path

import click

from forms.faults import Fault, Faults
from survey import audit, clock, exports, issuing, output, wave
from survey.commands import invitations as choosing
from survey.commands import local_links
from survey.config import Settings, load
from survey.delivery import handover as batches
from survey.delivery import recipients, visits
from survey.delivery.handover import Batch, Kind
from survey.delivery.visits import Outcome
from survey.dispositions import SPENT
from survey.keys import Keyring
from survey.sample import draws
from survey.store import Store
from survey.wave import RegisteredWave

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
_FILE = click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), required=True)
_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why contacts leave; the log keeps it.")
_BATCH = click.argument("number", type=click.IntRange(1), metavar="BATCH")
_HEADINGS = ("batch", "taken by", "out", "back", "spoiled", "unused", "missing", "answered", "refused", "not reached")


def _opened(instance: Path, identity: str) -> tuple[Settings, Store, RegisteredWave]:
    settings = load(instance)
    store = Store(settings.database)
    return settings, store, wave.get(store, identity)


@click.command()
@_WAVE
@click.option("--unit", metavar="U", help="Only those that assess this unit.")
@click.option("--place", metavar="P", help="Only those of this place.")
@click.option("--group", metavar="G", help="Only this respondent group.")
@click.option("--withheld", is_flag=True, help="Only those that no place may hand over: they assess its own office.")
@_FILE
@_REASON
@local_links.LOCAL
@click.pass_obj
def letters(
    instance: Path, identity: str, unit: str | None, place: str | None, group: str | None, withheld: bool,
    file: Path, reason: str, local: bool,
) -> None:  # fmt: skip
    """Write sealed letters for window envelopes, with name, address, QR code and typed code, one a page."""
    # Imported here: typesetting is needed by this command alone.
    from survey.paper import field_papers

    settings, store, registered = _opened(instance, identity)
    local_links.say(settings, registered, local)
    if group is not None:
        draws.group_of(registered, group)
    found = issuing.export_rows(
        store, Keyring(settings), settings, clock.now, registered, who=audit.operator(), reason=reason, unit=unit,
        place=place, group=group, handed=False,
    )  # fmt: skip
    if withheld:
        held = issuing.withheld_serials(store, registered)
        found = [row for row in found if row.serial in held]
    told = exports.contacts(store, clock.now, registered, found, who=audit.operator(), reason=reason)
    to = recipients.recipients(store, registered, told)
    rows = [row for row in found if row.serial in to]
    if len(rows) < len(found):
        click.echo(f"{len(found) - len(rows)} left out: no name or post, or no address.", err=True)
    if not rows:
        raise Faults("no invitation that is asked for has a name or post, and an address: nothing was written")
    exports.private(file, field_papers.letters(registered, rows, to, settings.base_url))
    click.echo(f"{file}: {len(rows)} letters. The export is logged.")


@click.command()
@_WAVE
@click.option("--number", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many, all alike.")
@_FILE
@click.pass_obj
def envelopes(instance: Path, identity: str, number: int, file: Path) -> None:
    """Write return envelopes (DL) with the address and prepaid mark of the wave file's [return]."""
    from survey.paper import field_papers

    _, _, registered = _opened(instance, identity)
    file.write_bytes(field_papers.envelopes(registered, number))
    click.echo(f"{file}: {number} return envelopes.")


@click.group()
def handover() -> None:
    """Batches of slips and forms: handed over, taken back, and held against the dispositions."""


@handover.command()
@_WAVE
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), required=True, help="Who takes it.")
@click.option("--to", "holder", required=True, metavar="NAME", help="A name, or the place's id.")
@click.option("--group", metavar="G", help="All of this respondent group that nobody has yet.")
@click.option("--place", metavar="P", help="All of this place that nobody has yet.")
@click.option("--serial", "serials", type=click.IntRange(1), multiple=True, metavar="N", help="May be repeated.")
@click.option("--range", "ranges", multiple=True, metavar="FIRST-LAST", help="May be repeated.")
@click.option("--list", "file", type=click.Path(path_type=Path, dir_okay=False), help="A text file, a number a line.")
@click.pass_obj
def out(
    instance: Path, identity: str, kind: str, holder: str, group: str | None, place: str | None,
    serials: tuple[int, ...], ranges: tuple[str, ...], file: Path | None,
) -> None:  # fmt: skip
    """Hand a batch over, and number it. Its record (biên bản) is printed by `phieu handover record`."""
    _, store, registered = _opened(instance, identity)
    if group or place or kind == Kind.PLACE:
        if serials or ranges or file:
            raise Faults("name invitations either one by one or by --group and --place")
        asked = batches.free(store, registered, group=group, place=place or (holder if kind == Kind.PLACE else None))
    else:
        asked = choosing.numbers(serials, file, ranges)
    number = batches.make(store, clock.now, registered, Kind(kind), holder, asked, who=audit.operator())
    click.echo(f"Batch {number}: {len(asked)} invitations for {holder}.")


@handover.command()
@_WAVE
@_BATCH
@click.option("--back", "returned", type=click.IntRange(0), required=True, metavar="N", help="How many were filled in.")
@click.option("--spoiled", type=click.Path(path_type=Path, dir_okay=False), help="A text file of serials.")
@click.option("--unused", type=click.Path(path_type=Path, dir_okay=False), help="A text file of serials.")
@click.pass_obj
def back(instance: Path, identity: str, number: int, returned: int, spoiled: Path | None, unused: Path | None) -> None:
    """Take a batch back, once: spoiled invitations become damaged, unused ones stay as they are."""
    _, store, registered = _opened(instance, identity)
    batch = batches.take_back(
        store, clock.now, registered, number, back=returned, spoiled=choosing.numbers((), spoiled) if spoiled else (),
        unused=choosing.numbers((), unused) if unused else (), who=audit.operator(),
    )  # fmt: skip
    _say([batch])


@handover.command("list")
@_WAVE
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_obj
def list_(instance: Path, identity: str, form: str) -> None:
    """Print every batch with its totals, and where they disagree with the dispositions."""
    _, store, registered = _opened(instance, identity)
    _say(batches.every(store, registered), form)


def _say(found: list[Batch], form: str = "table") -> None:
    rows = []
    for each in found:
        states = each.states()
        answered = sum(states[state] for state in SPENT)
        lost = states["no_contact"] + states["undeliverable"]
        rows.append((each.number, each.holder, len(each.rows), each.back, each.came("spoiled"), each.came("unused"),
                     each.missing, answered, states["refused"], lost))  # fmt: skip
    if form == "json":
        told = [dict(zip(_HEADINGS, row, strict=True)) for row in rows]
        pairs = zip(told, found, strict=True)
        click.echo(output.json_text([row | {"differences": each.differences()} for row, each in pairs]))
    elif form == "csv":
        click.echo(output.csv_text(_HEADINGS, rows))
    else:
        shown = [["–" if cell is None else str(cell) for cell in row] for row in rows]
        click.echo(output.table_text(_HEADINGS, shown))
    for each in found:
        for difference in each.differences():
            click.echo(f"batch {each.number}: {difference}", err=True)


@handover.command()
@_WAVE
@_BATCH
@_FILE
@click.pass_obj
def record(instance: Path, identity: str, number: int, file: Path) -> None:
    """Write a batch's record (biên bản giao nhận phiếu) as PDF, to be signed by both."""
    from survey.paper import field_papers

    _, store, registered = _opened(instance, identity)
    exports.private(file, field_papers.handover(registered, batches.get(store, registered, number)))
    click.echo(f"{file}: the record of batch {number}.")


@handover.command()
@_WAVE
@_BATCH
@_FILE
@_REASON
@click.pass_obj
def assignment(instance: Path, identity: str, number: int, file: Path, reason: str) -> None:
    """Write an interviewer's list as PDF: names, addresses, and room for three visits. It holds no codes."""
    from survey.paper import field_papers

    _, store, registered = _opened(instance, identity)
    batch = batches.get(store, registered, number)
    if batch.kind is not Kind.INTERVIEWER:
        raise Faults([Fault(f"batch {number} was taken by no interviewer")])
    contacts = batches.contacts(store, clock.now, registered, number, who=audit.operator(), reason=reason)
    exports.private(file, field_papers.assignment(registered, batch, contacts))
    click.echo(f"{file}: {len(batch.rows)} to visit. The export is logged.")


@click.group()
def interview() -> None:
    """Interviews on paper: what is read out, the cards, and visits."""


@interview.command()
@_WAVE
@click.option("--group", required=True, metavar="G", help="The respondent group's id.")
@_FILE
@click.pass_obj
def cards(instance: Path, identity: str, group: str, file: Path) -> None:
    """Write the opening words (consent) and a card for every list of answers, as PDF."""
    from survey.paper import field_papers

    _, _, registered = _opened(instance, identity)
    draws.group_of(registered, group)
    file.write_bytes(field_papers.interview(registered, group))
    click.echo(f"{file}: opening words and cards for {group}.")


@interview.command()
@_WAVE
@click.option("--serial", type=click.IntRange(1), required=True, metavar="N", help="The invitation's number.")
@click.option("--outcome", type=click.Choice([str(outcome) for outcome in Outcome]), required=True)
@click.option("--reason", required=True, metavar="TEXT", help="What happened; the log keeps it.")
@click.pass_obj
def visit(instance: Path, identity: str, serial: int, outcome: str, reason: str) -> None:
    """Enter the next of at most three visits or calls; the third in vain makes a non-contact."""
    _, store, registered = _opened(instance, identity)
    state = visits.record(store, clock.now, registered, serial, Outcome(outcome), who=audit.operator(), reason=reason)
    click.echo(f"Invitation {serial} is {state}.")

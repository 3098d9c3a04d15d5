"""``phieu paper``: forms counted in, keyed, set aside; late ones; what came of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from forms import tables
from forms.faults import Fault, Faults
from survey import audit, clock, exports, output, wave
from survey.config import load
from survey.keying import counting_in, finishing, keyed_file, keyers, keying, late_forms
from survey.keying import record as paper_record
from survey.keying.counting_in import Batch
from survey.keying.keyed_file import Form
from survey.keying.keying import Result, Sitting
from survey.keys import Keyring
from survey.progress import progress
from survey.store import DRAFT_MIGRATIONS, Store
from survey.wave import RegisteredWave

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
_BATCH = click.option("--batch", type=click.IntRange(1), required=True, metavar="N", help="The batch's number.")
_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; the log keeps it.")
_FILE = click.Path(path_type=Path, dir_okay=False)
_STRIPS = click.option("--strips", type=_FILE, help="A text file with the code of a strip on each line.")


_TAKEN = (Result.STORED, Result.AGAIN, Result.SETTLE)


class _Desk:
    """What every command of this group opens."""

    def __init__(self, instance: Path, identity: str) -> None:
        settings = load(instance)
        self.store, self.drafts = Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)
        self.keyring = Keyring(settings)
        self.wave: RegisteredWave = wave.get(self.store, identity)
        self.both = (self.store, self.drafts)


@click.group()
def paper() -> None:
    """Count in forms that came back on paper, and have them keyed by persons of no rated office."""


@paper.command()
@_WAVE
@click.argument("name")
@click.option("--office", metavar="OFFICE", help="Where this person works; no office that the wave rates.")
@click.option("--remove", is_flag=True, help="This person keys no more; needs --reason.")
@click.option("--reason", default="", metavar="TEXT", help="Why; the log keeps it.")
@click.pass_obj
def keyer(instance: Path, identity: str, name: str, office: str | None, remove: bool, reason: str) -> None:
    """Let NAME key forms of a wave. People of rated offices, and of parts of them, are refused."""
    desk = _Desk(instance, identity)
    if remove:
        keyers.remove(desk.store, clock.now, desk.wave, name, who=audit.operator(), reason=reason)
        click.echo(f"{name} keys no more forms of wave {identity}.")
    else:
        keyers.add(desk.store, clock.now, desk.wave, name, office or "", who=audit.operator())
        click.echo(f"{name} may key forms of wave {identity}.")


@paper.command()
@_WAVE
@click.option("--place", default="", metavar="P", help="Where the forms came from; without it, by post.")
@click.option("--number", type=click.IntRange(0), required=True, metavar="N", help="How many forms there are.")
@click.option("--arrived", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day they came, if not today.")
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Correct the number of this batch; needs --reason.")
@click.option("--reason", default="", metavar="TEXT", help="Why; the log keeps it.")
@click.pass_obj
def count(
    instance: Path, identity: str, place: str, number: int, arrived: datetime | None, batch: int | None, reason: str
) -> None:
    """Count in a batch of forms before any of them is keyed: no more are keyed than were counted."""
    desk, who = _Desk(instance, identity), audit.operator()
    if batch is not None:
        found = counting_in.recount(*desk.both, clock.now, desk.wave, batch, number, who=who, reason=reason)
    else:
        day = arrived.date() if arrived else None
        found = counting_in.count_in(
            *desk.both, clock.now, desk.wave, place=place, number=number, arrived=day, who=who
        )  # fmt: skip
    late = "; late: they wait for `phieu paper late`" if found.waiting else ""
    click.echo(f"Batch {found.number}: {found.counted} forms{late}.")


@paper.command()
@_WAVE
@click.option("--group", required=True, metavar="G", help="The respondent group whose forms are keyed.")
@click.option("-o", "--output", "file", type=_FILE, required=True, help="A .csv or .xlsx file.")
@click.pass_obj
def template(instance: Path, identity: str, group: str, file: Path) -> None:
    """Write an empty table for keying: one row a form (and unit), a column an item."""
    desk = _Desk(instance, identity)
    if group not in [each.id for each in desk.wave.spec.groups]:
        raise Faults(f"wave “{identity}” has no group “{group}”")
    exports.write_table(file, keyed_file.headings(desk.wave, group), [])
    click.echo(f"{file}: key 1, 2, … as printed at the boxes; `phieu paper key` reads it.")


@paper.command()
@_WAVE
@_BATCH
@click.option("--keyer", "name", required=True, metavar="NAME", help="Who keyed this file.")
@click.option("--dry-run", is_flag=True, help="Check the file; store nothing.")
@click.argument("file", type=_FILE)
@click.pass_obj
def key(instance: Path, identity: str, batch: int, name: str, dry_run: bool, file: Path) -> None:
    """Take a CSV or XLSX file of keyed forms. A fault anywhere in it stores nothing; giving it again is harmless."""
    desk = _Desk(instance, identity)
    who = keyers.get(desk.store, desk.wave, name)
    keys = desk.keyring.wave_keys(identity)
    forms = keyed_file.read(desk.store, keys, desk.wave, tables.content_of(file), file.name)
    if dry_run:
        refused = sum(bool(form.refused) for form in forms)
        click.echo(f"{len(forms)} forms, {refused} of codes that cannot be taken. Dry run: nothing was stored.")
        return
    at = Sitting(*desk.both, desk.keyring, clock.now, desk.wave, batch, who)
    keying.begin(at, len(forms), who=audit.operator())
    results: list[Result] = []
    try:
        with progress(file.name) as told:
            for number, form in enumerate(forms, start=1):
                results.append(keying.key(at, form))
                told(number, len(forms))
    finally:
        keying.end(at, results, who=audit.operator())
    _say(forms, results, file)


def _say(forms: list[Form], results: list[Result], file: Path) -> None:
    """What became of them, by row: codes are shown nowhere."""
    for result in dict.fromkeys(results):
        rows = [form.row for form, got in zip(forms, results, strict=True) if got is result]
        if result in _TAKEN:
            told = "" if result is Result.STORED else f" (rows {', '.join(map(str, rows))})"
            click.echo(f"{len(rows)} {result}{told}")
    if Result.STORED in results:
        click.echo("Cắt và hủy cuống phiếu đã nhập, rồi xáo các tờ phiếu trước khi lưu.", err=True)
    click.echo(f"Xóa {file.name} khi đã xong lô này: bảng có cả mã lẫn câu trả lời.", err=True)
    faults = [
        Fault(form.refused or str(result), file.name, form.row)
        for form, result in zip(forms, results, strict=True)
        if result not in _TAKEN
    ]
    if faults:
        raise Faults(faults)


@paper.command()
@_WAVE
@_BATCH
@_STRIPS
@click.option("--unreadable", type=click.IntRange(0), default=0, metavar="N", help="Forms without a legible strip.")
@_REASON
@click.pass_obj
def damaged(instance: Path, identity: str, batch: int, strips: Path | None, unreadable: int, reason: str) -> None:
    """Record forms that are too damaged to be keyed."""
    desk = _Desk(instance, identity)
    counting_in.damaged(
        *desk.both, desk.keyring, clock.now, desk.wave, batch, _lines(strips), unreadable,
        who=audit.operator(), reason=reason,
    )  # fmt: skip
    click.echo(f"Batch {batch}: recorded as damaged.")


@paper.command()
@_WAVE
@_BATCH
@click.option("--number", type=click.IntRange(1), required=True, metavar="N", help="How many forms.")
@_REASON
@click.pass_obj
def void(instance: Path, identity: str, batch: int, number: int, reason: str) -> None:
    """Set aside forms that will not be keyed: blank ones, and those refused because a response was there."""
    desk = _Desk(instance, identity)
    counting_in.set_aside(*desk.both, clock.now, desk.wave, batch, number, who=audit.operator(), reason=reason)
    click.echo(f"Batch {batch}: {number} forms set aside.")


@paper.command()
@_WAVE
@click.option("--admit/--exclude", "admitted", default=None, help="All late forms at once, unseen.")
@_STRIPS
@_REASON
@click.pass_obj
def late(instance: Path, identity: str, admitted: bool | None, strips: Path | None, reason: str) -> None:
    """Admit or exclude all late forms. With --exclude, --strips names their invitations, which become late."""
    desk = _Desk(instance, identity)
    if admitted is None:
        raise Faults("say --admit or --exclude")
    if admitted:
        if strips is not None:
            raise Faults("--strips belongs to --exclude: forms that are admitted are keyed")
        number = late_forms.admit(*desk.both, clock.now, desk.wave, who=audit.operator(), reason=reason)
        click.echo(f"All late forms are admitted; {number} wait to be keyed.")
        return
    number = late_forms.exclude(
        *desk.both, desk.keyring, clock.now, desk.wave, _lines(strips), who=audit.operator(), reason=reason
    )  # fmt: skip
    click.echo(f"All late forms are excluded; {number} invitations are recorded as late.")


@paper.command()
@_WAVE
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@_REASON
@click.pass_obj
def finish(instance: Path, identity: str, dry_run: bool, reason: str) -> None:
    """Before the close, end the waiting of forms that nobody keyed again: stored; with double keying, invalid."""
    desk = _Desk(instance, identity)
    done = finishing.finish(
        *desk.both, desk.keyring, clock.now, desk.wave, who=audit.operator(), reason=reason, dry_run=dry_run
    )  # fmt: skip
    stale = f", {done.stale} dropped: answered online, or revoked" if done.stale else ""
    click.echo(f"{done.stored} stored, {done.invalid} invalid{stale}.")
    if dry_run:
        click.echo("Dry run: nothing was changed.")


@paper.command()
@_WAVE
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_obj
def status(instance: Path, identity: str, form: str) -> None:
    """Batches and what became of their forms, and how far two persons who keyed the same form agree."""
    desk = _Desk(instance, identity)
    batches = counting_in.status(*desk.both, identity)
    if form == "json":
        told = paper_record.of_store(desk.store, desk.wave) or {}
        people = [{"name": each.name, "office": each.office} for each in keyers.of_wave(desk.store, identity)]
        click.echo(output.json_text({**told, "batches": [_row(batch) for batch in batches], "keyers": people}))
        return
    headings = tuple(_row(batches[0])) if batches else ("batch",)
    rows = [tuple(str(cell) for cell in _row(batch).values()) for batch in batches]
    click.echo((output.csv_text if form == "csv" else output.table_text)(headings, rows))
    if nobody := keyers.missing(desk.store, desk.wave):
        click.echo(f"warning: {nobody}", err=True)
    for line in paper_record.sentences(desk.store, desk.wave):
        click.echo(f"note: {line}", err=True)


def _row(batch: Batch) -> dict[str, Any]:
    decided = {None: "waiting", True: "admitted", False: "excluded"}
    late = decided[batch.admitted] if batch.late else ""
    return {
        "batch": batch.number, "place": batch.place, "arrived": batch.arrived, "late": late, "counted": batch.counted,
        "keyed": batch.keyed, "again": batch.held, "unsettled": batch.unsettled, "damaged": batch.damaged,
        "void": batch.void, "excluded": batch.excluded, "left": batch.left,
    }  # fmt: skip


def _lines(file: Path | None) -> list[tuple[int, str]]:
    """The lines of a file of scanned strips, numbered."""
    if file is None:
        return []
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Faults([Fault("cannot be read as a text file", str(file))]) from error
    return [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]

"""``phieu purge``: contacts leave when the wave is over."""

from __future__ import annotations

import shlex
from datetime import datetime, timedelta
from pathlib import Path

import click

from forms.faults import Fault, Faults
from survey import audit, clock, control, purging, wave
from survey.backup import making
from survey.config import Settings, load
from survey.store import DRAFT_MIGRATIONS, Store
from survey.wave import RegisteredWave


@click.command()
@click.option("--wave", "identity", metavar="W", help="The wave's id; it must be closed.")
@click.option("--due", is_flag=True, help="Every closed wave whose declared day (purge_on) has come; for a timer.")
@click.option("--serial", type=click.IntRange(1), help="One person's contact alone, who asked for it; at any time.")
@click.option("--reason", metavar="TEXT", default="", help="With --serial: who asked and when; the log keeps it.")
@click.option("--destroy-key", is_flag=True, help="Destroy the code key too: links then say that the survey is over.")
@click.option("--dry-run", is_flag=True, help="Count; change nothing.")
@click.option("--yes", is_flag=True, help="Do it. There is no way back.")
@click.pass_obj
def purge(
    instance: Path, identity: str | None, due: bool, serial: int | None, reason: str, destroy_key: bool, dry_run: bool,
    yes: bool,
) -> None:  # fmt: skip
    """Remove a wave's contacts, staff lists and drafts. Answers, receipts and results stay."""
    if (identity is None) is not due:
        raise Faults("name one wave with --wave W, or say --due for every wave whose day has come")
    settings = load(instance)
    store, draft_store = Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)
    if serial is not None:
        if identity is None or destroy_key or dry_run or not yes:
            raise Faults("--serial goes with --wave, --reason and --yes, and with nothing else: there is no way back")
        registered = wave.get(store, identity)
        purging.forget(store, clock.now, registered, serial, reason=reason, who=audit.operator())
        click.echo(f"Removed from wave “{identity}”: the contact under serial {serial}.")
        _held_elsewhere(settings, store)
        return
    if identity is not None:
        _purge(settings, store, draft_store, wave.get(store, identity), destroy_key, dry_run, yes)
        return
    waiting: list[Fault] = []
    if not (found := purging.due(store, clock.now)):
        _nothing_due(store)
    for registered in found:
        try:
            if warning := _unfinished(store, registered):
                raise Faults(
                    f"wave “{registered.spec.id}” declared that its contacts leave on {registered.spec.purge_on}, but "
                    f"{warning}: finish them, or purge it by --wave {registered.spec.id}"
                )
            _purge(settings, store, draft_store, registered, destroy_key, dry_run, yes)
        except Faults as faults:
            waiting += faults.faults
    if waiting:
        raise Faults(waiting)


def _nothing_due(store: Store) -> None:
    """A timer's log says that it looked, and when there will be something to do."""
    days = purging.to_come(store, clock.now)
    told = f"next is wave “{days[0][1]}” on {days[0][0]}" if days else "no wave has declared a later day (purge_on)"
    click.echo(f"No closed wave's day has come: nothing was removed; {told}.")


def _held_elsewhere(settings: Settings, store: Store) -> None:
    """Contacts are gone from here; which copies have them, and for how long."""
    with store.read() as tx:
        last = tx.audit_last(action=making.MADE)
    if last is not None:
        day = datetime.fromisoformat(last)
        until = day + making.NIGHTLY + timedelta(days=2)  # whole days, and the night after
        click.echo(
            f"Backups made before still hold them, the last of {day:%Y-%m-%d}: those of phieu-backup.service leave "
            f"after {making.NIGHTLY.days} days, the last by {until:%Y-%m-%d}. Remove others by hand, and copies that "
            "were carried elsewhere.",
            err=True,
        )
    if aside := sorted(map(str, (*settings.instance.glob("before-restore-*"), *settings.instance.glob("backups/*")))):
        click.echo(f"So do databases put aside here: when nobody needs them, rm -r {shlex.join(aside)}", err=True)


def _unfinished(store: Store, registered: RegisteredWave) -> str:
    """What contacts are still needed for."""
    return "; ".join(
        filter(None, (control.unfinished(store, registered.spec.id), purging.unsettled(store, registered)))
    )


def _purge(
    settings: Settings, store: Store, draft_store: Store, registered: RegisteredWave, destroy_key: bool, dry_run: bool,
    yes: bool,
) -> None:  # fmt: skip
    identity = registered.spec.id
    found = purging.look(store, draft_store, settings, clock.now, registered, destroy_key=destroy_key)
    told = f"{found.contacts} contacts, {found.staff} contacts of staff, {found.drafts} drafts"
    told += f", {found.lists} lists that were sent in and never imported" if found.lists else ""
    told += ", and the code key" if found.key else ""
    if warning := _unfinished(store, registered):
        click.echo(f"warning: {warning}; nobody can be called or paid once contacts are gone", err=True)
    if dry_run:
        click.echo(f"Would be removed from wave “{identity}”: {told}.\nDry run: nothing was changed.")
        return
    if not yes:
        raise Faults(f"wave “{identity}”: {told} would be removed for good; say --yes, or --dry-run to look only")
    purging.purge(store, draft_store, settings, clock.now, registered, destroy_key=destroy_key, who=audit.operator())
    click.echo(f"Removed from wave “{identity}”: {told}.")
    _held_elsewhere(settings, store)

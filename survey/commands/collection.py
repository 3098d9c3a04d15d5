"""``phieu mix``, ``phieu seal`` and ``phieu close``: what happens to answers between their submit and the freeze."""

from __future__ import annotations

from pathlib import Path

import click

from forms.faults import Fault, Faults
from survey import afresh, audit, clock, closing, mixing, seals, timed_seals, wave
from survey.config import Settings, load
from survey.delivery import mail
from survey.store import DRAFT_MIGRATIONS, Store

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")


@click.command()
@_WAVE
@click.pass_obj
def mix(instance: Path, identity: str) -> None:
    """Mix submitted answers now, where at least k of a cell wait. The server does this by itself every few seconds."""
    settings = load(instance)
    store = Store(settings.database)
    registered = wave.get(store, identity)
    moved = mixing.mix(store, identity, registered.spec.k)
    Store(settings.drafts, DRAFT_MIGRATIONS).truncate_log()  # it still holds the drafts that submits deleted
    with store.read() as tx:
        waiting = tx.mix_waiting(wave=identity)
    click.echo(f"{moved} mixed, {waiting} wait for others of their cell.")


@click.command()
@click.option("--wave", "identity", metavar="W", help="The wave's id.")
@click.option("--due", is_flag=True, help="Every open wave for which a time of [seals] has come; the server runs it.")
@click.pass_obj
def seal(instance: Path, identity: str | None, due: bool) -> None:
    """Write the next seal over everything mixed so far, print it, and send it to the witnesses of [seals]."""
    if (identity is None) is not due:
        raise Faults("name one wave with --wave W, or say --due for every wave whose time has come")
    settings = load(instance)
    store = Store(settings.database)
    if identity is None:
        for name, number in timed_seals.seal_due(store, clock.now, settings):
            click.echo(f"Seal {number} of wave {name}.")
    else:
        _seal(store, identity)
    _send_seals(settings, store)


def _send_seals(settings: Settings, store: Store) -> None:
    """Raises Faults for witnesses who could not be reached; the server goes on trying."""
    if not any(timed_seals.unsent(store, settings)):
        return
    if settings.smtp is None:
        raise Faults("[seals] in phieu.toml names witnesses, but there is no [smtp] to send them anything by")
    server = mail.Server(settings.smtp, settings.instance)
    sent, wrong = timed_seals.send(store, clock.now, settings, server, who=audit.operator())
    click.echo(f"{sent} letters to witnesses.", err=True)
    if wrong:
        raise Faults(Fault(f"a seal could not be sent to {each}") for each in wrong)


def _seal(store: Store, identity: str) -> None:
    number = seals.seal(store, clock.now, wave.get(store, identity))
    with store.read() as tx:
        last = tx.seal_last(wave=identity)
    click.echo(f"Seal {number} of wave {identity}: {last['hash']}")
    click.echo(last["body"])


@click.command()
@click.option("--wave", "identity", metavar="W", help="The wave's id.")
@click.option("--rewrite", is_flag=True, help="In place of --wave: write anew now what closes and purges put off.")
@click.pass_obj
def close(instance: Path, identity: str | None, rewrite: bool) -> None:
    """End collection: no more answers, everything mixed, drafts deleted, the last seal written. Safe to repeat.

    What would keep respondents of other waves waiting is put off until the night, and said. With --rewrite it is done
    at once, however long they wait: before the server is stopped for good.
    """
    if (identity is None) is not rewrite:
        raise Faults("name one wave with --wave W, or say --rewrite for all that was put off")
    settings = load(instance)
    store, draft_store = Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)
    if identity is None:
        _rewrite(store, draft_store)
        return
    registered = wave.get(store, identity)
    number = closing.close(store, draft_store, clock.now, registered, who=audit.operator())
    with store.read() as tx:
        last = tx.seal_last(wave=identity)
    click.echo(f"Wave {identity} is closed. Seal {number}: {last['hash']}")
    if identity in afresh.owed(store):
        click.echo(
            "Writing its rows anew is put off, since others would have waited: the server does it at night, or when no "
            "wave is open. Where no server runs: phieu close --rewrite",
            err=True,
        )


def _rewrite(store: Store, draft_store: Store) -> None:
    """Raises Faults where something was in the way."""
    owed = afresh.owed(store)
    left = afresh.make_up(store, draft_store, clock.now, who=audit.operator(), at_once=True)
    for each in owed:
        if each not in left:
            click.echo(f"Wave {each} is written anew.")
    if left:
        raise Faults(f"not all of {', '.join(left)} was written anew: a backup or another program is in the way; again")
    if not owed:
        click.echo("Nothing was put off.")

"""``phieu mix``, ``phieu seal`` and ``phieu close``: what happens to answers between their submit and the freeze."""

from __future__ import annotations

from pathlib import Path

import click

from survey import audit, clock, closing, mixing, seals, wave
from survey.config import load
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
@_WAVE
@click.pass_obj
def seal(instance: Path, identity: str) -> None:
    """Write the next seal over everything mixed so far, and print it for the witnesses."""
    store = Store(load(instance).database)
    number = seals.seal(store, clock.now, wave.get(store, identity))
    with store.read() as tx:
        last = tx.seal_last(wave=identity)
    click.echo(f"Seal {number} of wave {identity}: {last['hash']}")
    click.echo(last["body"])


@click.command()
@_WAVE
@click.pass_obj
def close(instance: Path, identity: str) -> None:
    """End collection: no more answers, everything mixed, drafts deleted, the last seal written. Safe to repeat."""
    settings = load(instance)
    store = Store(settings.database)
    registered = wave.get(store, identity)
    draft_store = Store(settings.drafts, DRAFT_MIGRATIONS)
    number = closing.close(store, draft_store, clock.now, registered, who=audit.operator())
    with store.read() as tx:
        last = tx.seal_last(wave=identity)
    click.echo(f"Wave {identity} is closed. Seal {number}: {last['hash']}")

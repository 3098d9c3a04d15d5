"""``phieu witness``: what people outside hold, so that nothing can be altered unseen."""

from __future__ import annotations

from pathlib import Path

import click

from survey import audit, clock, sealed, wave
from survey.config import load
from survey.store import Store

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")


@click.group()
def witness() -> None:
    """Seals for people outside, who can then tell when anything was altered."""


@witness.command()
@_WAVE
@click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.pass_obj
def export(instance: Path, identity: str, file: Path) -> None:
    """Write seals, receipts' hashes and sealed boxes as one ZIP, with the script that checks them without Phiếu.

    Nothing in it can be read without the wave's private key. It is logged.
    """
    store = Store(load(instance).database)
    boxes = sealed.export(store, clock.now, wave.get(store, identity).spec.id, file, who=audit.operator())
    click.echo(f"{file}: the seals of wave {identity} with the {boxes} boxes and receipts under them.")
    click.echo(f"Check it anywhere: unzip {sealed.SCRIPT.name} from it, then python3 {sealed.SCRIPT.name} {file.name}")

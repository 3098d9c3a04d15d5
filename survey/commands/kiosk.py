"""``phieu kiosk``: tablets at counters."""

from __future__ import annotations

from pathlib import Path

import click

from survey import audit, clock, kiosks, output, wave
from survey.config import load
from survey.store import Store


@click.group()
def kiosk() -> None:
    """Bind tablets to places, list them, revoke them."""


@kiosk.command()
@click.option("--place", required=True, metavar="P", help="The place whose visitors answer on the tablet.")
@click.option("--label", default="", metavar="TEXT", help="Which tablet, for the list.")
@click.pass_obj
def bind(instance: Path, place: str, label: str) -> None:
    """Print a one-time link, good for 24 hours: open it on the tablet and press the button."""
    settings = load(instance)
    store = Store(settings.database)
    with store.read() as tx:
        names = [row["id"] for row in tx.wave_ids()]
    specs = [wave.get(store, name).spec for name in names]
    token = kiosks.make_link(store, clock.now, specs, place, label, who=audit.operator())
    click.echo(f"{settings.base_url}/kiosk/{place}/{token}")


@kiosk.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_obj
def list_kiosks(instance: Path, form: str) -> None:
    """Every kiosk: linked (not opened yet), expired, bound or revoked, and since when."""
    names = ("number", "place", "label", "state", "since")
    lines = [
        [str(one.number), one.place, one.label, one.state, one.since]
        for one in kiosks.listed(Store(load(instance).database), clock.now)
    ]  # fmt: skip
    if form == "json":
        click.echo(output.json_text([dict(zip(names, line, strict=True)) for line in lines]))
    else:
        click.echo(output.csv_text(names, lines) if form == "csv" else output.table_text(names, lines))


@kiosk.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--reason", required=True, metavar="TEXT", help="Why; the log keeps it.")
@click.pass_obj
def revoke(instance: Path, number: int, reason: str) -> None:
    """Unbind a tablet at once; it then shows that it is no kiosk."""
    kiosks.revoke(Store(load(instance).database), clock.now, number, who=audit.operator(), reason=reason)
    click.echo(f"Kiosk {number} is revoked.")

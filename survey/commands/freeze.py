"""``phieu freeze``: from sealed boxes to the frozen dataset."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from analysis import notes
from forms.faults import Faults
from survey import audit, clock, jobs, placed_key, private_key, sealing, seals, wave
from survey.config import Settings, load
from survey.keys import Keyring
from survey.store import Store


@click.command()
@click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
@click.option("--interim", is_flag=True, help="Freeze what is mixed so far of a wave that is still open.")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    help="Private key file, as `phieu keygen` wrote it (default: the one the server made, if it did); or twice, "
    "a share each time.",
)
@click.option(
    "--placed", is_flag=True, help="The key that was placed in the instance, at private-key/W.pem, mode 0600."
)
@click.option("-o", "folder", type=click.Path(path_type=Path), required=True, help="New folder for the dataset.")
@click.pass_obj
def freeze(instance: Path, identity: str, interim: bool, key: tuple[Path, ...], placed: bool, folder: Path) -> None:
    """Open the sealed answers of a closed wave and write the frozen dataset.

    Boxes are counted against the invitations spent, cell by cell; on any difference nothing is written.
    """
    if placed and key:
        raise Faults("--key and --placed exclude each other")
    # Imported here: `phieu freeze --help` needs no arrays.
    from survey import freeze as freezing

    settings = load(instance)
    store = Store(settings.database)
    registered = wave.get(store, identity)
    if placed and interim:
        _require_declared(store, identity)
    keys = _placed(settings, identity) if placed else _key_pair(settings, identity, key)
    with _leaving_nothing():
        frozen = freezing.freeze(
            store, clock.now, registered, keys, folder, who=audit.operator(), interim=interim, told=jobs.tell
        )
    counts = frozen.manifest["counts"]
    click.echo(
        f"{counts['boxes']} boxes opened, {_against(counts)}. {counts['respondents']} respondents with "
        f"{counts['assessments']} assessments, {counts['screened_out']} screened out, {counts['broke_off']} broke off, "
        f"{counts['too_few']} left out in cells under {registered.spec.k}.",
        err=True,
    )
    for said in (*frozen.manifest["merged_cells"], *frozen.manifest["departures"]):
        click.echo(str(notes.read(said)), err=True)
    click.echo(f"{folder}: dataset {frozen.hash}")


@contextmanager
def _leaving_nothing() -> Iterator[None]:
    """Opened answers lie in a folder that is not yet the dataset: who ends the command must not leave them there."""
    before = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _against(counts: Mapping[str, int]) -> str:
    """In an interim dataset some answers wait to be mixed still; nobody else's boxes are missing."""
    waiting = counts["spent"] - counts["boxes"]
    return f"{waiting} more wait to be mixed" if waiting else "as many as invitations spent"


def _require_declared(store: Store, identity: str) -> None:
    """What is started at the desk keeps to seal 0."""
    with store.read() as tx:
        if not seals.declares_interim(tx, identity):
            raise Faults(f"seal 0 of wave “{identity}” declares no interim datasets: `interim = true` in the wave file")


def _key_pair(settings: Settings, identity: str, key: tuple[Path, ...]) -> sealing.KeyPair:
    if key:
        return private_key.read(*key)
    file = Keyring(settings).private_file(identity)
    if file is None:
        raise Faults(f"the private key of wave “{identity}” is not on this server: name its file with --key")
    return private_key.read(file)


def _placed(settings: Settings, identity: str) -> sealing.KeyPair:
    content = placed_key.read(settings.instance, identity)
    return private_key.pair(content, placed_key.place(settings.instance, identity))

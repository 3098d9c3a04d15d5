"""``phieu verify``: is a dataset whole?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from forms.faults import Faults
from survey import private_key
from survey.config import load
from survey.store import Store

_FILE = click.Path(path_type=Path, dir_okay=False)
PACK = "pack.json"  # a folder that has one is a report


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--sealed", type=_FILE, help="What `phieu witness export` wrote: with --key, every box is opened.")
@click.option("--key", type=_FILE, multiple=True, help="The wave's private key file; or twice, a share each time.")
@click.pass_obj
def verify(instance: Path | None, folder: Path, sealed: Path | None, key: tuple[Path, ...]) -> None:
    """Check a frozen dataset: hashes of all files, the chain of seals, counts, cells of at least k.

    With --sealed and --key, as a witness does: every sealed box is opened and compared with the rows.

    Or a report: hashes of all its files, then the dataset and tables that it was made of are counted again and every
    file compared.

    Needs no instance and no key; where the instance has the dataset's wave, its audit log must name this very dataset.
    Says every fault in one sentence and ends with status 2 when there is one.
    """
    # Imported here: `phieu verify --help` needs no arrays.
    from survey import verify as verifying
    from survey.freeze.manifest import sha256

    if (sealed is None) != (not key):
        raise Faults("--sealed and --key go together: the boxes, and what opens them")
    if (folder / PACK).is_file():
        _report(folder)
        return
    manifest = verifying.verify(folder)
    if verifying.imported(manifest):
        _imported(folder, manifest, sealed)
        return
    counts, k, dataset = manifest["counts"], manifest["wave"]["k"], sha256(folder / "manifest.json")
    click.echo(
        f"{folder}: {len(manifest['files'])} files as the manifest names them, {len(manifest['seals'])} seals in one "
        f"chain, {counts['boxes']} boxes for {counts['spent']} invitations spent, no cell under {k}."
    )
    click.echo(f"Dataset {dataset}")
    if sealed is not None:
        _opened(folder, manifest, sealed, key)
    store = _store_of(instance, manifest["wave"]["id"])
    if store is None:
        click.echo("Compare it with what `phieu freeze` printed; no instance here has this wave and its audit log.")
        return
    entry = verifying.frozen_entry(store, manifest["wave"]["id"], dataset)
    click.echo(f"The audit log of {instance} names it: entry {entry['number']}, {entry['at']}, by {entry['who']}.")


def _imported(folder: Path, manifest: Mapping[str, Any], sealed: Path | None) -> None:
    from survey.freeze.manifest import sha256

    if sealed is not None:
        raise Faults(f"{folder} was made of a table by `phieu import-responses`: no box was ever sealed for it")
    click.echo(
        f"{folder}: {len(manifest['files'])} files as the manifest names them, {manifest['counts']['assessments']:,} "
        "rows. It was imported: there are no seals and no invitations to compare it with."
    )
    click.echo(f"Dataset {sha256(folder / 'manifest.json')}")
    for table in (manifest["external"], *manifest.get("external_more", ())):
        click.echo(f"Made of {table['file']}, SHA-256 {table['sha256']}: compare it with the table that you keep.")
    if manifest["non_probability"]:
        click.echo("No probability sample: it describes only those who answered.")


def _opened(folder: Path, manifest: Mapping[str, Any], sealed: Path, key: tuple[Path, ...]) -> None:
    from survey import witness

    done = witness.compare(folder, manifest, sealed, private_key.read(*key))
    click.echo(
        f"{done.boxes} boxes opened and compared: {done.respondents} respondents in the rows, every answer as it was "
        f"sealed; {done.posters} boxes came by posters. Last seal {done.seal}: compare it with the one you were given."
    )


def _report(folder: Path) -> None:
    from survey.commands.publication import counted, told
    from survey.publishing import packs

    with told("counting again") as heard:
        known = packs.verify(folder, counted, heard)
    click.echo(
        f"{folder}: {len(known.files)} files as the manifest names them; counted again from its dataset and tables, "
        "every one is the same."
    )
    click.echo(f"Dataset {known.sources['dataset']}")
    click.echo(f"State: {known.standing.state}")


def _store_of(instance: Path | None, wave: str) -> Store | None:
    """The database of an instance that has this wave."""
    if instance is None or not (instance / "phieu.toml").is_file():
        return None
    settings = load(instance)
    store = Store(settings.database)
    if not store.exists():
        return None
    with store.read() as tx:
        known = any(row["id"] == wave for row in tx.invitation_waves())
    return store if known else None

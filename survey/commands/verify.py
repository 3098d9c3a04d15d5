"""``phieu verify``: is a dataset whole?"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
def verify(folder: Path) -> None:
    """Check a frozen dataset: hashes of all files, the chain of seals, counts, cells of at least k.

    Needs no instance and no key. Says every fault in one sentence and ends with status 2 when there is one.
    """
    # Imported here: `phieu verify --help` needs no arrays.
    from survey import verify as verifying
    from survey.freeze.manifest import sha256

    manifest = verifying.verify(folder)
    counts = manifest["counts"]
    click.echo(
        f"{folder}: {len(manifest['files'])} files unaltered, {len(manifest['seals'])} seals in one chain, "
        f"{counts['boxes']} boxes for {counts['spent']} invitations spent, no cell under {manifest['wave']['k']}.\n"
        f"Dataset {sha256(folder / 'manifest.json')}"
    )

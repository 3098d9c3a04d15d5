"""``phieu key``: a private key in three shares, of which any two open the answers."""

from __future__ import annotations

from pathlib import Path

import click

from forms.faults import Fault, Faults
from survey import private_key, sealing
from survey.keys import write_once

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def key() -> None:
    """Split a wave's private key between three holders, and put two shares together again."""


@key.command()
@click.argument("file", type=_FILE)
@click.option("--share", "shares", type=_FILE, multiple=True, required=True, help="Where a share goes; three times.")
@click.option("--together", is_flag=True, help="Shares may lie in one folder: they are carried apart at once.")
def split(file: Path, shares: tuple[Path, ...], together: bool) -> None:
    """Split the private key in FILE into three shares of words (SLIP-39); any two make it again.

    Each goes to a folder of its own, best a USB stick of its holder. FILE is left as it is: destroy it once two holders
    have tried their shares with `phieu key combine --check`.
    """
    keys = private_key.read(file)
    private_key.write_shares(private_key.split(keys), shares, together=together)
    for share in shares:
        click.echo(f"Share: {share} (mode 0600)")
    click.echo(f"Fingerprint of the public key: {sealing.fingerprint(keys.public)}")
    click.echo(f"{file} still opens the answers by itself: destroy it once shares were tried.", err=True)


@key.command()
@click.argument("shares", type=_FILE, nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Only say whether they make the key; write nothing.")
@click.option("-o", "--output", "file", type=_FILE, help="Where the private key goes (mode 0600).")
def combine(shares: tuple[Path, ...], check: bool, file: Path | None) -> None:
    """Make the private key from two shares. `phieu freeze --key SHARE --key SHARE` needs no such file."""
    if check == (file is not None):
        raise Faults("say either --check or -o FILE")
    keys = private_key.read(*shares)
    if file is not None and not write_once(file, sealing.private_pem(keys.private)):
        raise Faults([Fault("exists already; a key is never written over", str(file))])
    click.echo(f"The shares make the key. Fingerprint of its public half: {sealing.fingerprint(keys.public)}")
    if file is not None:
        click.echo(f"Private key: {file} (mode 0600)")

"""``phieu backup``, ``restore`` and ``upgrade``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from forms.faults import Fault, Faults
from survey import audit, clock
from survey.backup import making, restoring, results, upgrading
from survey.config import load
from survey.store import Address

_FILE = click.Path(path_type=Path, dir_okay=False)
_secret = click.option(
    "--passphrase-file", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE",
    help="File whose first line is the passphrase (else $PHIEU_PASSPHRASE, else asked).",
)  # fmt: skip
SHORTEST = 12  # characters of a passphrase


def passphrase(file: Path | None, *, new: bool) -> str | None:
    """The passphrase that was given; None when there is none and nobody can be asked. Raises Faults."""
    if file is not None:
        given: str | None = file.read_text("utf-8").split("\n", 1)[0].strip("\r")
    else:
        given = os.environ.get("PHIEU_PASSPHRASE")
    if given is None and sys.stdin.isatty():
        given = click.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
    if given is not None and new and len(given) < SHORTEST:
        raise Faults(f"a passphrase has {SHORTEST} characters or more; four words that nobody would guess are good")
    return given


@click.command()
@click.argument("file", type=_FILE)
@click.option("--with-keys", is_flag=True, help="The folder of keys too; then the backup must be sealed.")
@click.option(
    "--with-results",
    is_flag=True,
    help="Datasets (opened answers), figures, reports and what is published too; then the backup must be sealed.",
)
@_secret
@click.pass_obj
def backup(instance: Path, file: Path, with_keys: bool, with_results: bool, passphrase_file: Path | None) -> None:
    """Write a backup of the instance to FILE while it serves, sealed with a passphrase, and try it at once."""
    secret = passphrase(passphrase_file, new=True)
    settings = load(instance)
    made = making.make(
        settings, clock.now, file, passphrase=secret, with_keys=with_keys, with_results=with_results,
        who=audit.operator(),
    )  # fmt: skip
    answers = sum(made.rows.get(name, 0) for name in restoring.ANSWERS)
    keys = f"{len(made.keys)} keys" if with_keys else "no keys"
    click.echo(f"{file}: {answers:,} answers, {made.rows['invitation']:,} invitations, {keys}; opened again and whole.")
    if with_results:
        click.echo(f"{len(made.results)} files of datasets, figures, reports and publications.")
    elif any((settings.instance / each).is_dir() for each in results.FOLDERS):
        click.echo("Datasets, reports and what is published are NOT in it: --with-results, or copy them.", err=True)
    if opening := [Path(name).stem for name in made.keys if name.endswith(".private")]:
        click.echo(f"It holds the private key of {', '.join(opening)}: whoever opens it can read answers.", err=True)
    if secret is None:
        click.echo("It is NOT sealed: whoever has it reads contacts (never answers). Give a passphrase.", err=True)
    if not with_keys:
        click.echo(f"Without {settings.keys} no printed code is known: keep the keys elsewhere as well.", err=True)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Examine the backup; change nothing.")
@click.option("--yes", is_flag=True, help="Replace the database that stands there; it is kept beside.")
@click.option("--database", metavar="URL", help="postgresql://USER@HOST/NAME, for a folder that is no instance yet.")
@_secret
@click.pass_obj
def restore(
    instance: Path, file: Path, dry_run: bool, yes: bool, database: str | None, passphrase_file: Path | None
) -> None:
    """Put a backup back. The server must be stopped; what stands there is kept in a folder beside.

    It goes into the database of the instance. A folder that is none yet gets files of its own, or what --database
    names: the address that the backup came from is not followed.
    """
    if not file.exists():
        raise Faults([Fault("does not exist", str(file))])
    secret = passphrase(passphrase_file, new=False) if _sealed(file) else None
    seen = restoring.look(instance, file, secret, database)
    contents, standing = seen.contents, seen.standing
    answers = sum(contents.rows.get(name, 0) for name in restoring.ANSWERS)
    told = f"{file} has {answers:,} answers and {contents.rows.get('invitation', 0):,} invitations"
    if standing:
        where = seen.place if isinstance(seen.place, Address) else instance
        told += f"; {where} has {sum(standing.values()):,} answers now, and would lose what came since"
    if seen.left_out:
        told += f".\nIt came from {seen.left_out}, which stays as it is: this goes into {seen.place}"
    if dry_run:
        click.echo(f"{told}.\nDry run: nothing was changed.")
        return
    if standing is not None and not yes:
        raise Faults(f"{told}: say --yes to replace it, or --dry-run to look only")
    done = restoring.restore(instance, clock.now, file, secret, replace=yes, who=audit.operator(), database=database)
    click.echo(f"{told}.\n{instance} is restored; `phieu doctor` looks at everything.")
    if done.kept is not None:
        click.echo(f"What stood there is in {done.kept}: remove it when nobody needs it any more.", err=True)
    if done.drafts is not None:
        click.echo(
            f"Forms that were begun and not sent are a later version's and lie in {done.drafts}: whoever began one "
            "begins anew.", err=True,
        )  # fmt: skip
    if done.missing_keys:
        click.echo(f"Missing in {instance / 'keys'}: {', '.join(done.missing_keys)}. Bring them from where keys "
                   "are kept, before serving.", err=True)  # fmt: skip


@click.command()
@click.pass_obj
def upgrade(instance: Path) -> None:
    """Bring the databases to this version, after a backup of their own. The server must be stopped."""
    done = upgrading.upgrade(load(instance), clock.now, who=audit.operator())
    if done.backup is None:
        click.echo(f"{instance} has schema {done.after} already; nothing to do.")
        return
    click.echo(f"{instance} went from schema {done.before} to {done.after}; as it was before: {done.backup}")


def _sealed(file: Path) -> bool:
    from survey.backup import sealed_file

    with file.open("rb") as stream:
        return sealed_file.is_sealed(stream.read(len(sealed_file.MAGIC)))

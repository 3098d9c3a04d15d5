"""``phieu keygen`` and ``phieu wave``: a wave's keys, its registration, the list of waves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from forms.faults import Fault, Faults
from survey import audit, clock, output, replanning, sealing
from survey import wave as waves
from survey.config import load
from survey.keys import Keyring, write_once
from survey.store import Store

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("-o", "--output", "file", type=_FILE, required=True, help="Where the private key goes (mode 0600).")
def keygen(file: Path) -> None:
    """Make a wave's key pair, on any machine.

    The private half goes to FILE and opens the answers: keep it away from the server until the freeze. The public
    half goes to FILE.pub; give that to `phieu wave create --public-key`.
    """
    pair = sealing.generate_key_pair()
    public = file.with_name(file.name + ".pub")
    if public.exists() or not write_once(file, sealing.private_pem(pair.private)):
        raise Faults([Fault("exists already; a key is never written over", str(public if public.exists() else file))])
    public.write_bytes(sealing.public_pem(pair.public))
    click.echo(f"Private key: {file} (mode 0600; whoever has it can open the answers)")
    click.echo(f"Public key: {public}")
    click.echo(f"Fingerprint: {sealing.fingerprint(pair.public)}")


@click.group()
def wave() -> None:
    """Register waves and list them."""


@wave.command()
@click.argument("file", type=_FILE)
@click.option("--public-key", "key_file", type=_FILE, help="Public half of the pair made by `phieu keygen`.")
@click.option("--pilot", is_flag=True, help="A rehearsal: its answers never mix with the real ones.")
@click.option("--replace", is_flag=True, help="In place of a registered draft, as long as no list of it is recorded.")
@click.pass_obj
def create(instance: Path, file: Path, key_file: Path | None, pilot: bool, replace: bool) -> None:
    """Register the wave that FILE (TOML) describes, with its questionnaires and framework.

    Without --public-key the server makes the key pair: its operator could then read answers before the freeze, and
    reports say so.
    """
    settings = load(instance)
    spec = waves.load_file(file)
    asked, framework = waves.documents_of(spec, file.parent)
    public = None if key_file is None else _public(key_file)
    made = waves.register(
        Store(settings.database), Keyring(settings), clock.now, spec, asked, framework,
        public_key=public, pilot=pilot, replace=replace, who=audit.operator(),
    )  # fmt: skip
    _say(made, "replaced" if replace else "")


def _say(made: waves.RegisteredWave, done: str) -> None:
    spec, pilot = made.spec, made.pilot
    what = f"Wave {spec.id}{' (pilot)' if pilot else ''}{f' {done}' if done else ''}"
    click.echo(f"{what}: units: {len(spec.units)}, groups: {len(spec.groups)}.")
    click.echo(f"Plan: {made.plan_hash}")
    click.echo(f"Public key: {sealing.fingerprint(made.public_key)} (made {_ORIGIN[made.key_origin]})")


_ORIGIN = {"outside": "elsewhere", "server": "on this server: its operator could know the private half"}


def _public(file: Path) -> bytes:
    try:
        return sealing.read_public_pem(file.read_bytes())
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(file))]) from error
    except ValueError as error:
        raise Faults([Fault(str(error), str(file))]) from error


@wave.command()
@click.argument("old")
@click.argument("new")
@click.option("--opens", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="First day, such as 2027-03-01.")
@click.option("--closes", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Last day.")
@click.option("--public-key", "key_file", type=_FILE, help="Public half of the pair made by `phieu keygen`.")
@click.option("--pilot", is_flag=True, help="A rehearsal: its answers never mix with the real ones.")
@click.option("-o", "--output", "file", type=_FILE, help="Write the plan of NEW here as well, to change it.")
@click.pass_obj
def copy(
    instance: Path, old: str, new: str, opens: datetime | None, closes: datetime | None, key_file: Path | None,
    pilot: bool, file: Path | None,
) -> None:  # fmt: skip
    """Register the plan of OLD once more, as the draft NEW: units, groups, designs, questionnaires, framework.

    Lists, samples, invitations and keys are not copied. To change the plan, write it to a file with -o, edit that, and
    register it with `phieu wave create --replace FILE` before any list is recorded.
    """
    settings = load(instance)
    store = Store(settings.database)
    source = waves.get(store, old)
    spec = replanning.copied(source, new, opens and opens.date(), closes and closes.date())
    if file is not None and file.exists():
        raise Faults([Fault("exists already", str(file))])
    public = None if key_file is None else _public(key_file)
    made = waves.register(
        store, Keyring(settings), clock.now, spec, source.questionnaires, source.framework,
        public_key=public, pilot=pilot, who=audit.operator(),
    )  # fmt: skip
    if file is not None:
        file.write_text(spec.text, "utf-8")
    _say(made, f"copied from {old}")


@wave.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_obj
def list_(instance: Path, form: str) -> None:
    """List the registered waves."""
    store = Store(load(instance).database)
    with store.read() as tx:
        ids = [row["id"] for row in tx.wave_ids()]
    headings = ("wave", "title", "opens", "closes", "state", "pilot", "key")
    rows = []
    for each in (waves.get(store, identity) for identity in ids):
        spec = each.spec
        rows.append((spec.id, spec.title.of("vi"), f"{spec.opens}", f"{spec.closes}", each.state,
                     "yes" if each.pilot else "no", each.key_origin))  # fmt: skip
    if form == "json":
        click.echo(output.json_text([dict(zip(headings, row, strict=True)) for row in rows]))
    else:
        click.echo((output.csv_text if form == "csv" else output.table_text)(headings, rows))

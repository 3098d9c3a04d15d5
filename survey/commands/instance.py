"""``phieu init`` and ``phieu doctor``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from forms.faults import Faults
from survey import health, traces
from survey.config import Settings, load
from survey.keys import Keyring, write_once
from survey.store import DRAFT_MIGRATIONS, Address, Store

CONFIGURATION = """\
# Settings of this deployment. PHIEU_BASE_URL and PHIEU_WORKERS in the environment go before them.

# Where links and the QR codes on slips lead. Paper cannot be changed: set it before anything is printed.
# base_url = "https://khaosat.example.vn"

# Where answers are kept when one machine is not enough (docs/decisions/0022). Without it: files in this folder.
# database = "postgresql://phieu@db.example.vn/phieu"

# Connections that each process of a server opens to it at most; who comes when all are in use waits.
# connections = 8

# Processes that serve pages.
# workers = 2

# The mail server that takes our messages; the password lies in a file of its own in this folder, mode 0600.
# [smtp]
# host = "mail.example.vn"
# port = 587
# security = "starttls"                # none, starttls or tls
# sender = "Khảo sát <khaosat@example.vn>"
# reply_to = "khaosat@example.vn"
# user = "khaosat"
# password_file = "keys/smtp.password"
# per_minute = 60
# retries = 3

# Open waves are sealed at these times of day, and every seal is sent to people outside, who can then tell when
# anything was altered. The server does it by itself.
# [seals]
# at = ["11:30", "17:30"]
# witnesses = ["giamsat@example.vn"]
"""


def make_instance(instance: Path, database: str = "") -> Settings:
    """Make what is missing of an instance: folder, configuration, keys, databases. Safe to repeat.

    ``database``: the address of a PostgreSQL server, written into a configuration that is new.
    A database that is there is left as it is: an older schema is brought on by ``phieu upgrade``, after a backup.
    """
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    instance.chmod(0o700)  # mkdir leaves a folder as it is that was there before
    chosen = f"database = {json.dumps(database)}\n\n" if database else ""
    write_once(instance / "phieu.toml", (chosen + CONFIGURATION).encode())
    settings = load(instance)
    if database and str(settings.server) != str(Address(database)):
        raise Faults(
            f"{instance} is made and keeps its answers in {settings.database}: say so in its phieu.toml instead"
        )
    Keyring(settings).create_instance_key()
    for store in (Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)):
        if not (store.exists() and store.version()):
            store.migrate()
        store.close()
    return settings


@click.command()
@click.option("--database", default="", metavar="URL", help="postgresql://USER@HOST/NAME in place of files here.")
@click.pass_obj
def init(instance: Path, database: str) -> None:
    """Make the instance: configuration, instance key (mode 0600), databases. Safe to repeat."""
    _require_new(instance)
    settings = make_instance(instance, database)
    click.echo(f"{settings.instance} is ready. Settings: {settings.instance / 'phieu.toml'}")
    click.echo(f"Keys: {settings.keys} — no backup of the database contains them; keep a copy elsewhere.", err=True)


def _require_new(instance: Path) -> None:
    """Raise Faults where a database was and is no more: an empty one in its place would pass for the instance."""
    if not (instance / "phieu.toml").is_file():
        return
    settings = load(instance)
    store = Store(settings.database)
    try:
        standing = store.exists() and store.version()
    finally:
        store.close()
    if not standing and traces.found(settings):
        raise Faults(f"{settings.database} is missing or empty: {traces.mend(settings, settings.database)}")


@click.command()
@click.pass_obj
def doctor(instance: Path) -> None:
    """Check modes, keys, disk, clock, databases and their logs, audit log and seals; say how to mend each fault."""
    findings = health.examine(load(instance))
    for finding in findings:
        if finding.fault:
            click.echo(f"FAULT  {finding.what}: {finding.fault}\n       {finding.mend}")
        elif finding.warning:
            click.echo(f"WARN   {finding.what}: {finding.warning}\n       {finding.mend}")
        else:
            click.echo(f"ok     {finding.what}")
    faults = sum(1 for finding in findings if finding.fault)
    click.echo(f"{len(findings)} checks, {faults} fault{'' if faults == 1 else 's'}.", err=True)
    if warned := sum(1 for finding in findings if finding.warning):
        click.echo(
            f"{warned} warning{'' if warned == 1 else 's'}: no fault yet, but look before a wave opens.", err=True
        )
    if faults:
        sys.exit(1)

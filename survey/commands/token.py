"""``phieu token``: what other programs read the interface with."""

from __future__ import annotations

from pathlib import Path

import click

from survey import audit, clock, output
from survey.api import tokens
from survey.api.tokens import Scope
from survey.config import load
from survey.store import Store


@click.group()
def token() -> None:
    """Tokens for other programs: published results or fieldwork counters under /api/v1/."""


@token.command("issue")
@click.argument("name")
@click.option("--scope", required=True, type=click.Choice([str(scope) for scope in Scope]), help="What it may read.")
@click.option("--wave", metavar="W", help="Of this wave only.")
@click.pass_obj
def issue_token(instance: Path, name: str, scope: str, wave: str | None) -> None:
    """Make a token for NAME (who gets it) and print it, once."""
    store = Store(load(instance).database)
    id, made = tokens.issue(store, clock.now, name, Scope(scope), wave, who=audit.operator())
    click.echo(made)
    click.echo(f"Token {id}: shown once and kept nowhere. It goes into the header “Authorization: Bearer …”.", err=True)


@token.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def list_tokens(instance: Path, form: str) -> None:
    """Every token, those that are good first."""
    rows = tokens.everyone(Store(load(instance).database))
    if form == "json":
        click.echo(output.json_text(rows))
        return
    names = ["id", "name", "scope", "wave", "issued", "revoked"]
    click.echo(output.table_text(names, [[str(row[name] or "") for name in names] for row in rows]))


@token.command("revoke")
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="Why; the log keeps it.")
@click.pass_obj
def revoke_token(instance: Path, id: str, reason: str) -> None:
    """End a token at once."""
    tokens.revoke(Store(load(instance).database), clock.now, id, reason, who=audit.operator())

"""``phieu user``: accounts of staff. The first administrator can be made here alone."""

from __future__ import annotations

from pathlib import Path

import click

from survey import audit, clock, output
from survey.accounts import accounts, passwords
from survey.accounts.accounts import NewAccount
from survey.accounts.roles import Role
from survey.config import load
from survey.store import Store

_REASON = click.option("--reason", required=True, metavar="TEXT", help="Why; the log keeps it.")


@click.group()
def user() -> None:
    """Who may sign in at the desk: add, list, disable, give a new password."""


@user.command()
@click.argument("name")
@click.option("--full-name", required=True, metavar="TEXT", help="As the person writes it.")
@click.option("--office", required=True, metavar="TEXT", help="Where this person works, as its signboard says.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="What this person does.")
@click.option("--place", default="", metavar="P", help="A clerk's place.")
@click.option("--unit", default="", metavar="U", help="The unit whose published results a viewer sees.")
@click.pass_obj
def add(instance: Path, name: str, full_name: str, office: str, role: str, place: str, unit: str) -> None:
    """Make an account and print its one-time password, which the first sign-in replaces."""
    new = NewAccount(name, full_name, office, Role(role), place, unit)
    store = Store(load(instance).database)
    click.echo(accounts.add(store, clock.now, passwords.hasher(), new, who=audit.operator()))
    click.echo("Hand it over in person: it is shown once, and has to be changed at the first sign-in.", err=True)


@user.command("list")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.pass_obj
def list_users(instance: Path, form: str) -> None:
    """Every account, those that may sign in first."""
    names = ("name", "full_name", "office", "role", "place", "unit", "second_step", "state")
    lines = [
        [one.name, one.full_name, one.office, one.role.value, one.place, one.unit,
         "yes" if one.second_step else "no", _state(one)]
        for one in accounts.everybody(Store(load(instance).database))
    ]  # fmt: skip
    if form == "json":
        click.echo(output.json_text([dict(zip(names, line, strict=True)) for line in lines]))
    else:
        click.echo(output.csv_text(names, lines) if form == "csv" else output.table_text(names, lines))


def _state(account: accounts.Account) -> str:
    if account.disabled:
        return "disabled"
    return "one-time password" if account.must_change else "active"


@user.command()
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let this person sign in again.")
@_REASON
@click.pass_obj
def disable(instance: Path, name: str, undo: bool, reason: str) -> None:
    """Let NAME sign in no more; open sessions end at once."""
    change = accounts.enable if undo else accounts.disable
    change(Store(load(instance).database), clock.now, name, who=audit.operator(), reason=reason)
    click.echo(f"{name} may sign in again." if undo else f"{name} can no longer sign in.")


@user.command()
@click.argument("name")
@_REASON
@click.pass_obj
def reset(instance: Path, name: str, reason: str) -> None:
    """Print a new one-time password for NAME; sessions end, and the second step is taken off."""
    store = Store(load(instance).database)
    click.echo(accounts.reset(store, clock.now, passwords.hasher(), name, who=audit.operator(), reason=reason))
    click.echo("Hand it over in person: it is shown once, and has to be changed at the next sign-in.", err=True)

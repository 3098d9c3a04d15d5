"""The option ``--local`` of every command that puts links on paper or into messages, and what they say of links."""

from __future__ import annotations

import click

from survey import links
from survey.config import Settings
from survey.wave import RegisteredWave

LOCAL = click.option("--local", is_flag=True, help="Allow links that lead to this machine alone.")


def say(settings: Settings, registered: RegisteredWave, local: bool) -> None:
    """Warn of links that lead nowhere. Raises Faults when the wave is real and ``local`` was not asked for."""
    if told := links.warning(settings.base_url, registered, local=local):
        click.echo(told, err=True)

"""The ``phieu`` command: finds the named command, gives it the instance, says faults in one sentence.

Each command lives in ``survey/commands`` and is imported only when it is called, so that serving pages never
loads the statistics.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import cast

import click

from forms.faults import Faults

# command or group → module of survey.commands that holds a click command of that name (``-`` read as ``_``)
COMMANDS = {
    "init": "instance",
    "doctor": "instance",
    "keygen": "wave",
    "wave": "wave",
    "frame": "frame",
    "sample": "sample",
    "counter": "counter",
    "invitations": "invitations",
    "slips": "invitations",
    "letters": "fieldwork",
    "envelopes": "fieldwork",
    "handover": "fieldwork",
    "interview": "fieldwork",
    "paper": "keying",
    "control": "control",
    "send": "send",
    "bounces": "send",
    "optout": "send",
    "poster": "poster",
    "kiosk": "kiosk",
    "translations": "translations",
    "serve": "serve",
    "mix": "collection",
    "seal": "collection",
    "close": "collection",
    "purge": "purge",
    "freeze": "freeze",
    "rates": "rates",
    "verify": "verify",
    "estimate": "estimate",
    "weights": "weights",
    "questionnaire": "questionnaire",
    "framework": "questionnaire",
    "appraised": "publication",
    "ranks": "ranks",
    "index": "index",
    "report": "publication",
    "demo": "demo",
}


class Commands(click.Group):
    """A group that imports a command only when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"survey.commands.{COMMANDS[cmd_name]}")
        command = getattr(module, cmd_name.replace("-", "_"))
        return cast("click.Command", command)


@click.group(cls=Commands)
@click.option(
    "--instance",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: os.environ.get("PHIEU_INSTANCE", "instance"),
    help="Folder of the deployment (default: $PHIEU_INSTANCE, then ./instance).",
)
@click.version_option(package_name="phieu", message="phieu %(version)s")
@click.pass_context
def phieu(ctx: click.Context, instance: Path) -> None:
    """Ask sampled citizens and officials what they think of public offices, and count the answers."""
    ctx.obj = instance


def main() -> None:
    """Run ``phieu``; wrong input ends with status 2 and its faults, one a line."""
    try:
        phieu(prog_name="phieu")
    except Faults as faults:
        for fault in faults.faults:
            print(f"phieu: {fault}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

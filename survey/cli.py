"""The ``phieu`` command: finds the named command, gives it the instance, says faults in one sentence.

Each command lives in ``survey/commands`` and is imported only when it is called, so that serving pages never
loads the statistics.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from pathlib import Path
from typing import cast

import click

from forms.faults import Faults

# Along the path: what a step is called, and its commands, each with the module of survey.commands that holds it.
STEPS: dict[str, dict[str, str]] = {
    "To begin": {"demo": "demo", "init": "instance", "doctor": "instance", "user": "user", "serve": "serve"},
    "What is asked": {"questionnaire": "questionnaire", "framework": "framework", "translations": "translations"},
    "Who is asked": {
        "keygen": "wave",
        "key": "key",
        "wave": "wave",
        "frame": "frame",
        "sample": "sample",
        "counter": "counter",
    },
    "How it reaches them": {
        "invitations": "invitations",
        "slips": "invitations",
        "letters": "fieldwork",
        "envelopes": "fieldwork",
        "send": "send",
        "bounces": "send",
        "optout": "send",
        "poster": "poster",
        "kiosk": "kiosk",
    },
    "While answers come in": {
        "rates": "rates",
        "handover": "fieldwork",
        "interview": "fieldwork",
        "paper": "keying",
        "mix": "collection",
        "seal": "collection",
        "witness": "witness",
    },
    "The close": {
        "close": "collection",
        "control": "control",
        "payments": "records",
        "proof": "records",
        "freeze": "freeze",
        "verify": "verify",
        "purge": "purge",
    },
    "The index": {
        "representativity": "representativity",
        "replicate-check": "replicate_check",
        "appraised": "appraised",
        "index": "index",
        "report": "publication",
        "publish": "publish",
        "token": "token",
    },
    "To keep it safe": {"backup": "backup", "restore": "backup", "upgrade": "backup"},
    "Data, checked and taken away": {
        "export": "export",
        "quality": "quality",
        "comments": "comments",
        "analyse": "analyse",
        "import-responses": "import_responses",
    },
    "Statistics on any file": {
        "estimate": "estimate",
        "weights": "weights",
        "ranks": "ranks",
        "reliability": "factors",
        "drivers": "factors",
    },
}
COMMANDS = {name: module for step in STEPS.values() for name, module in step.items()}


class Commands(click.Group):
    """A group that imports a command only when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"survey.commands.{COMMANDS[cmd_name]}")
        command = getattr(module, cmd_name.replace("-", "_"))
        return cast("click.Command", command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by the step they belong to, in the order of the path."""
        for step, names in STEPS.items():
            found = ((name, self.get_command(ctx, name)) for name in names)
            with formatter.section(step):
                formatter.write_dl([(name, command.get_short_help_str(200)) for name, command in found if command])


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
    except OSError as error:
        # A file that was named and cannot be read or written; whatever else fails of the system has no file.
        if error.filename is None:
            if error.errno != errno.ENOSPC:
                raise
            print("phieu: no space is left on the disk", file=sys.stderr)
            sys.exit(1)
        print(f"phieu: {error.filename}: {error.strerror or error}", file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        if (told := _of_the_database(error)) is None:
            raise
        print(f"phieu: {told}", file=sys.stderr)
        sys.exit(1)


def _of_the_database(error: Exception) -> str | None:
    """What is wrong with the database or the way to it, in words; None where something else failed."""
    from survey.originals import Altered  # only now: most commands need no server
    from survey.store import StoreError
    from survey.store.sessions import Unreachable

    if isinstance(error, Unreachable):
        return f"the database server cannot be reached: {error}"
    if isinstance(error, Altered):
        return str(error)
    if isinstance(error, StoreError) and type(error).__name__ in ("DatabaseError", "OperationalError"):
        return f"the database cannot be used: {error}; `phieu doctor` says more"
    return None


if __name__ == "__main__":
    main()

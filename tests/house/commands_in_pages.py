"""Commands that pages of documentation name, and what is wrong with them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click

from survey.cli import phieu

COMMAND = re.compile(r"(?m)`phieu ([^`\n]+)`|^ +(?:\.venv/bin/)?phieu (.+)$")


def commands(text: str) -> Iterator[list[str]]:
    for span, line in COMMAND.findall(text):
        yield shlex.split(re.sub(r"\s{2,}\(.*\)$", "", span or line), comments=True)


def wrong(words: list[str]) -> str:
    """What no such command has; '' when all of it could be run."""
    command: click.Command = phieu
    context = click.Context(phieu)
    rest = list(words[2:] if words[0] == "--instance" else words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            return f"there is no command “{' '.join(words)}”"
        command, rest = found, rest[1:]
    options = {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {"--help"}
    missing = [word for word in rest if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in options]
    return f"“{' '.join(words)}” has no {', '.join(missing)}" if missing else ""

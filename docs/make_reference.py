"""Write docs/reference/commands.md from the commands; with ``--check`` only say whether it is current (1 if not)."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from survey.cli import phieu

PAGE = Path(__file__).parent / "reference" / "commands.md"
HEAD = """# Commands

Made from the code by `make reference`; do not edit. Results go to standard output, progress and messages to standard
error.
Exit status: 0 done; 2 wrong usage or wrong input, with one clear sentence a fault; 1 failed.
"""


def sections(command: click.Command, path: str, parent: click.Context | None) -> list[str]:
    """One section of text for a command and, after it, for each of its subcommands."""
    context = click.Context(command, info_name=path.rpartition(" ")[2], parent=parent, max_content_width=110)
    level = "#" * (2 + path.count(" "))
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    made = [f"{level} `{path}`\n\n```\n{text}\n```\n"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                made += sections(inner, f"{path} {name}", context)
    return made


def render() -> str:
    """The whole page."""
    return "\n".join([HEAD, *sections(phieu, "phieu", None)])


def main() -> int:
    """Write the page, or compare."""
    text = render()
    if "--check" in sys.argv:
        current = PAGE.exists() and PAGE.read_text("utf-8") == text
        if not current:
            print(f"{PAGE} is not what the commands say: run `make reference`", file=sys.stderr)
        return 0 if current else 1
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

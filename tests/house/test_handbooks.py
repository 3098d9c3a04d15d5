"""The handbooks and the runbook: each command they print can be run, each label they quote stands on some screen.

A label is written **“Như thế này”**. A command is whatever follows ``phieu`` in a code span or an indented line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_dir

from survey.cli import phieu

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs" / "vi").glob("*.md")), ROOT / "docs" / "operations.md"]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
LABEL = re.compile(r"\*\*“([^”]+)”\*\*")
COMMAND = re.compile(r"(?m)`phieu ([^`\n]+)`|^ +(?:\.venv/bin/)?phieu (.+)$")


@cache
def sentences() -> frozenset[str]:
    """Every sentence of pages and desk, in the language it is written in."""
    found = extract_from_dir(str(ROOT / "survey"), METHODS, {"**/templates/**.html": {"extensions": "jinja2.ext.do"}})
    messages = [message for _, _, message, _, _ in found]
    return frozenset(text for each in messages for text in ([each] if isinstance(each, str) else each) if text)


def labels(text: str) -> list[str]:
    return [" ".join(label.split()) for label in LABEL.findall(text)]


def unknown_labels(text: str) -> list[str]:
    """Labels that no screen has; where a screen puts a number or name in, three points stand for it."""
    known = {re.sub(r"%\(\w+\)s|\.\.\.", "…", sentence) for sentence in sentences()}
    return [label for label in labels(text) if label not in known]


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_handbook_can_be_run(page: Path) -> None:
    told = list(commands(page.read_text("utf-8")))
    assert [fault for words in told if (fault := wrong(words))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_label_of_a_handbook_is_on_a_screen(page: Path) -> None:
    assert unknown_labels(page.read_text("utf-8")) == []


def test_what_is_not_there_is_found() -> None:
    assert len(PAGES) > 0
    text = (
        "Bấm **“Mở phiếu”**, rồi **“Mở cửa”**.\n\n    phieu paper count --wave x --number 3\n\n`phieu papers count`\n"
    )
    assert unknown_labels(text) == ["Mở cửa"]
    assert [wrong(words) for words in commands(text)] == ["", "there is no command “papers count”"]
    assert wrong(["paper", "count", "--waves", "x"]) == "“paper count --waves x” has no --waves"

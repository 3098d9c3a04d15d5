"""The handbooks and the runbook: each command they print can be run, each label they quote stands on some screen.

A label is written **“Như thế này”**. A command is whatever follows ``phieu`` in a code span or an indented line.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from tests.house.commands_in_pages import commands, wrong

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs" / "vi").glob("*.md")), ROOT / "docs" / "operations.md"]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
LABEL = re.compile(r"\*\*“([^”]+)”\*\*")


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

"""The house itself: every module imports, made pages are what the code says, no line names a machine or an index."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import analysis
import forms
import survey

ROOT = Path(__file__).parents[2]
SOURCES = sorted(file for package in ("forms", "analysis", "survey") for file in (ROOT / package).rglob("*.py"))
MOST_OF_A_MODULE, MOST_OF_A_FUNCTION = 300, 40
MODULES = sorted(
    found.name
    for package in (forms, analysis, survey)
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports(name: str) -> None:
    assert importlib.import_module(name).__doc__, f"{name} does not say what it is for"


def test_no_module_and_no_function_is_too_long_to_read_at_once() -> None:
    long = []
    for file in SOURCES:
        text, where = file.read_text("utf-8"), file.relative_to(ROOT)
        if len(text.splitlines()) > MOST_OF_A_MODULE:
            long.append(f"{where}: {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1  # the options of a command are a table above it
                if lines > MOST_OF_A_FUNCTION:
                    long.append(f"{where}:{node.lineno} {node.name}: {lines} lines")

    assert len(SOURCES) > 300
    assert long == []


def test_the_reference_of_commands_is_what_the_commands_say() -> None:
    made = subprocess.run(
        [sys.executable, "docs/make_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert made.returncode == 0, made.stderr


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = [int(file.name[:4]) for file in sorted((ROOT / "survey" / "store").glob("[0-9]*.sql"))]

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{page.relative_to(ROOT)} → {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    ]

    assert broken == []


def test_lock_files_name_no_index_and_hash_everything() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        pins = re.findall(r"(?m)^[a-z0-9][^\n]*(?:\n    --hash[^\n]*)*", text)

        assert "://" not in text and "index" not in text.lower()
        assert len(pins) > 20
        assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_the_map_names_files_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`((?:forms|analysis|survey|tests|docs)/[\w/*.]+)`", text)

    assert len(named) > 20
    assert [path for path in named if not list(ROOT.glob(path.rstrip("/")))] == []

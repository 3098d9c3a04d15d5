"""A migration file, applied statement by statement inside the transaction of all."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def applying(file: Path) -> Callable[[Database], None]:
    """What runs one migration, inside the transaction of all."""

    def apply(db: Database, /) -> None:
        for statement in statements(file.read_text("utf-8")):
            db.execute(statement)

    return apply


def statements(script: str) -> Iterator[str]:
    """Split a script at the semicolons that end statements, so that a migration stays in one transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        yield pending


def tables_of(files: Iterable[Path]) -> tuple[str, ...]:
    """The tables that migrations make, in the order they are made: whatever refers to another comes after it."""
    return tuple(
        name for file in files for name in re.findall(r"^CREATE TABLE (\w+)", file.read_text("utf-8"), re.MULTILINE)
    )

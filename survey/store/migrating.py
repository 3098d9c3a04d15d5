"""A migration file, applied statement by statement inside the transaction of all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def applying(file: Path) -> Callable[[Database], None]:
    """What runs one migration, inside the transaction of all."""

    def apply(db: Database, /) -> None:
        for statement in _statements(file.read_text("utf-8")):
            db.execute(statement)

    return apply


def _statements(script: str) -> Iterator[str]:
    """Split a script at the semicolons that end statements, so that a migration stays in one transaction."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        yield pending

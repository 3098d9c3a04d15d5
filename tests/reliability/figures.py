"""What rounds at full size found, kept as `instance/reliability.json`; `-m tests.reliability.figures` prints it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

FULL = bool(os.environ.get("PHIEU_TORTURE"))
FILE = Path("instance/reliability.json")


def note(name: str, found: Mapping[str, object]) -> None:
    """Keep the figures of one test, at full size only."""
    if FULL:
        FILE.parent.mkdir(exist_ok=True)
        kept = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
        FILE.write_text(json.dumps(kept | {name: dict(found)}, indent=2) + "\n", "utf-8")


def table() -> str:
    """All of them, a line each."""
    kept: dict[str, dict[str, object]] = json.loads(FILE.read_text("utf-8"))
    return "\n".join(f"{name}: {what} {value}" for name, found in kept.items() for what, value in found.items())


if __name__ == "__main__":
    print(table())

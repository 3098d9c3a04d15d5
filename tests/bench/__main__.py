"""``python -m tests.bench [--only NAME …]``: a table of figures with their goals, and ``instance/bench.json``."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import (
    board,
    desk_pages,
    estimates,
    export,
    field,
    flat,
    frames,
    freeze,
    pack,
    pages,
    ranks,
    response,
    scale,
    servers,
    slips,
)
from tests.bench.figures import Figure
from tests.bench.pairing import Pairing

BENCHES: dict[str, Callable[[], Pairing | list[Figure]]] = {
    "response": response.run,
    "response-postgresql": response.on_postgresql,
    "scale": scale.run,
    "page": pages.run,
    "flat": flat.run,
    "slips": slips.run,
    "estimates": estimates.run,
    "export": export.run,
    "frame": frames.run,
    "freeze": freeze.run,
    "board": board.run,
    "field": field.run,
    "desk": desk_pages.run,
    "ranks": ranks.run,
    "pack": pack.run,
}
UNDER_LOAD = frozenset({"response", "response-postgresql", "scale", "page", "flat"})
RECORD = Path("instance/bench.json")


def _table(figures: Sequence[Figure]) -> Table:
    table = Table("bench", "figure", "value", "goal", "", "reference")
    for each in figures:
        verdict = {True: "kept", False: "NOT KEPT", None: ""}[each.kept]
        value = f"{each.value:,.2f} {each.unit}" if each.value < 100 else f"{each.value:,.0f} {each.unit}"
        table.add_row(each.bench, each.what, value, each.promise, verdict, each.reference)
    return table


def _run(name: str) -> list[Figure]:
    result = BENCHES[name]()
    return result.figures() if isinstance(result, Pairing) else result


def main() -> None:
    """Run what was asked for; a bench that ran replaces its figures in the record and leaves the others."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(BENCHES), help="run these alone")
    only = parser.parse_args().only
    console = Console()
    kept = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    figures: list[Figure] = []
    for name in only or BENCHES:
        if name in UNDER_LOAD and servers.missing():
            console.print(f"{name}: {servers.missing()}")
            continue
        found = _run(name)
        figures += found
        kept[name] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "processors": os.cpu_count(),
            "load": os.getloadavg()[0],
            "figures": [each.record() for each in found],
        }
        RECORD.parent.mkdir(exist_ok=True)
        RECORD.write_text(json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    console.print(_table(figures))


if __name__ == "__main__":
    main()

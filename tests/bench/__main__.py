"""``python -m tests.bench [--only NAME]``: a table of ratios, and ``instance/bench.json``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import board, desk_pages, estimates, field, frames, ranks, slips
from tests.bench.pairing import Pairing

BENCHES = {
    "slips": slips.run,
    "estimates": estimates.run,
    "frame": frames.run,
    "board": board.run,
    "field": field.run,
    "desk": desk_pages.run,
    "ranks": ranks.run,
}
RECORD = Path("instance/bench.json")


def _table(results: list[Pairing]) -> Table:
    table = Table("bench", "work", "seconds", "reference", "seconds", "ratio", "goal")
    for result in results:
        row = result.record()
        table.add_row(
            result.name,
            result.what,
            f"{row['seconds']:.3f}",
            result.reference,
            f"{row['reference_seconds']:.3f}",
            f"{result.ratio:.2f}",
            "—" if result.goal is None else f"≤ {result.goal}",
        )
    return table


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=sorted(BENCHES), help="run this one alone")
    only = parser.parse_args().only
    results = [run() for name, run in BENCHES.items() if only in (None, name)]
    kept = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    kept |= {result.name: result.record() for result in results}
    RECORD.write_text(json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    console = Console()
    console.print(_table(results))
    for result in results:
        for fact, value in result.facts.items():
            console.print(f"{result.name}: {fact} {value:,.1f}")


if __name__ == "__main__":
    main()

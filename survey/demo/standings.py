"""The last table of the demonstration: top and bottom of each kind, from what ``phieu index --format json`` says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

SHOWN = 3  # at each end


def standings(console: Console, index: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Print the best and the last units of each kind with interval and rank interval."""
    for kind in index["kinds"]:
        table = Table(title=kind["kind"], box=None, pad_edge=False, title_justify="left")
        table.add_column("rank", justify="right")
        table.add_column("unit", no_wrap=True)
        for heading in ("index", "95 % interval", "95 % ranks"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in _ends(kind["units"]):
            table.add_row(*(_cells(row, names) if row else ("…",)))
        console.print(table)
        if kind["unranked"]:
            console.print(f"  {len(kind['unranked'])} without an index: too few valid answers")


def _ends(units: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any] | None]:
    if len(units) <= 2 * SHOWN:
        return list(units)
    return [*units[:SHOWN], None, *units[-SHOWN:]]


def _cells(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, ...]:
    interval = "–" if row["ci_low"] is None else f"{row['ci_low']:.2f} – {row['ci_high']:.2f}"
    ranks = "–" if row["rank_lower"] is None else f"{row['rank_lower']} – {row['rank_upper']}"
    return str(row["rank"]), names[row["unit"]], f"{row['published']:.2f}", interval, ranks

"""What the demonstration says of its results: rates, boxes opened, and the last table, from the JSON of commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

SHOWN = 3  # at each end
RATES_LEGEND = (
    "RETURN: forms back of those issued; VALID: usable ones of those back; RR, COOP, REF, CON: AAPOR's response,\n"
    "cooperation, refusal and contact rates (`phieu rates --format json` gives every count and definition).\n"
)


def opened(counts: Mapping[str, int]) -> str:
    """What the freeze found, in parts that add up."""
    without = counts["screened_out"] + counts["broke_off"]
    return (
        f"{counts['boxes']:,} boxes opened, as many as invitations spent: {counts['respondents']:,} respondents, "
        f"{counts['assessments']:,} assessments, {without} not concerned or broken off, {counts['too_few']} in "
        "cells too small to count"
    )


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

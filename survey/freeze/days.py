"""days.parquet: how many forms of a group had come back by the end of which day, k or more at a time.

Days are counters by unit, group and mode; no invitation and no box knows its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from survey.dispositions import State
from survey.freeze.opening import Cell


def days(rows: Iterable[Mapping[str, Any]], dispositions: Mapping[tuple[Cell, str], int], k: int) -> pa.Table:
    """Rows ``group, day, returned, issued`` by group and day; ``issued`` of the whole group, revoked ones left out.

    ``rows``: ``day`` (ISO), ``grp``, ``n`` returned, in order of days. Days are joined with the next until k have come
    back, what is left at the end with the last; a group with fewer than k has no row.
    """
    issued: Counter[str] = Counter()
    for (cell, state), n in dispositions.items():
        issued[cell.label.group] += n if state != State.REVOKED else 0
    joined: dict[str, list[list[Any]]] = {}
    waiting: Counter[str] = Counter()
    last: dict[str, date] = {}
    for row in rows:
        waiting[row["grp"]] += row["n"]
        last[row["grp"]] = date.fromisoformat(row["day"])
        if waiting[row["grp"]] >= k:
            joined.setdefault(row["grp"], []).append([last[row["grp"]], waiting.pop(row["grp"])])
    for group, rest in waiting.items():
        if group in joined:
            joined[group][-1] = [last[group], joined[group][-1][1] + rest]
    told = [(group, day, n) for group in sorted(joined) for day, n in joined[group]]
    return pa.table(
        {
            "group": pa.array([group for group, _, _ in told], pa.string()),
            "day": pa.array([day for _, day, _ in told], pa.date32()),
            "returned": pa.array([n for _, _, n in told], pa.int64()),
            "issued": pa.array([issued[group] for group, _, _ in told], pa.int64()),
        }
    )

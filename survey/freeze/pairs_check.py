"""Does pairs.parquet agree with itself, with the assessments and with the design? One sentence for each fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from survey.dispositions import COUNTED

_COUNTS = ("assigned", "returned", "valid")
_Own = Mapping[tuple[str, str], Mapping[str, Any]]


def faults(pairs: pa.Table, assessments: pa.Table, design: pa.Table, *, exact: bool) -> Iterator[str]:
    """``exact``: every valid assessment is in the dataset, so that none was left out and no box still waits."""
    rows = pairs.to_pylist()
    own = {(row["group"], row["unit"]): row for row in rows if row["unit"] == row["other"]}
    for row in rows:
        wholes = [own.get((row["group"], unit)) for unit in (row["unit"], row["other"])]
        if any(whole is None or any(row[name] > whole[name] for name in _COUNTS) for whole in wholes):
            said = f"of “{row['unit']}” and “{row['other']}” in group “{row['group']}”"
            yield f"pairs.parquet: the row {said} holds more than the unit's own"
        if not row["valid"] <= row["returned"] <= row["assigned"]:
            yield f"pairs.parquet: “{row['unit']}” in group “{row['group']}” has more back than given out"
    yield from _valid(own, assessments, exact)
    yield from _issued(own, design)


def _valid(own: _Own, assessments: pa.Table, exact: bool) -> Iterator[str]:
    held = Counter(zip(*(assessments[name].to_pylist() for name in ("group", "unit")), strict=True))
    valid = {key: row["valid"] for key, row in own.items()}
    for key in sorted(valid.keys() | held.keys()):
        number = valid.get(key, 0)
        if held[key] > number or (exact and held[key] != number):
            said = f"“{key[1]}” in group “{key[0]}” has {number} valid returns"
            yield f"pairs.parquet: {said}, assessments.parquet holds {held[key]}"


def _issued(own: _Own, design: pa.Table) -> Iterator[str]:
    """Each invitation counts once in the design, and at one unit or more here."""
    for group in dict.fromkeys(design["group"].to_pylist()):
        rows = design.filter(pc.equal(design["group"], group))
        issued = sum(pc.sum(rows[f"n_{state}"]).as_py() or 0 for state in COUNTED)
        units = [row["assigned"] for (of, _), row in own.items() if of == group]
        if not max(units, default=0) <= issued <= sum(units):
            yield f"pairs.parquet: group “{group}” has {issued} invitations in design.parquet, {sum(units)} by unit"

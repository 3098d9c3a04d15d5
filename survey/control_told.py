"""What control calls came to, as it may be told: the full cross of unit, mode and interviewer, and its margins.

How many were drawn, called, not reached is no secret. What they said is told when no call is open any more, so that no
two states can be compared, and nothing of fewer than k (``analysis.calls``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from survey.control import EVERYBODY, Outcome
from survey.store import Store

ENDED = (Outcome.CALLED, Outcome.DECLINED, Outcome.NOT_REACHED)
SAID = (Outcome.NOT_RECEIVED, Outcome.NOT_SELF, Outcome.TOLD_HOW)

Row = Mapping[str, Any]
Counts = dict[str, int]


def of_store(store: Store, wave: str, k: int) -> dict[str, Any] | None:
    """As the counters stand; None before any call was drawn."""
    with store.read() as tx:
        rows = [dict(row) for row in tx.control_counts(wave=wave)]
    return document(rows, k) if rows else None


def document(rows: Sequence[Row], k: int) -> dict[str, Any]:
    """``all``, ``by_unit``, ``by_mode``, ``by_interviewer`` and the cross ``by_cell``; null where it is not told.

    A call about several units counts under each of them. Interviewers have their names.
    """
    once = [row for row in rows if row["unit"] == EVERYBODY]
    cells = _added((row for row in rows if row["unit"] != EVERYBODY), "unit", "mode", "interviewer")
    whole = _added(once).get((), dict.fromkeys(map(str, Outcome), 0))
    hidden, lines = _secret(
        tuple((cell, counts["called"]) for cell, counts in cells.items()),
        tuple((pair, counts["called"]) for pair, counts in _added(once, "mode", "interviewer").items()), k,
    )  # fmt: skip
    unfinished = _open(whole) > 0
    margins = {"unit": rows, "mode": once, "interviewer": once}
    return {
        "all": _shown(whole, unfinished or ("all", "") in lines),
        **{f"by_{name}": [
            {name: key, **_shown(counts, unfinished or (name, key) in lines)}
            for (key,), counts in _added((row for row in part if row[name]), name).items()
        ] for name, part in margins.items()},
        "by_cell": [
            {"unit": cell[0], "mode": cell[1], "interviewer": cell[2], **_shown(counts, unfinished or cell in hidden)}
            for cell, counts in cells.items()
        ],
    }  # fmt: skip


def numbered(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same with a number in place of an interviewer's name, null for none: what leaves the house names nobody."""
    names = [row["interviewer"] for row in told["by_interviewer"]]
    parts = {part: [{**row, "interviewer": names.index(row["interviewer"]) + 1 if row["interviewer"] else None}
                    for row in told[part]] for part in ("by_interviewer", "by_cell")}  # fmt: skip
    return {**told, **parts}


@lru_cache(maxsize=8)
def _secret(
    called: tuple[tuple[tuple[str, str, str], int], ...], once: tuple[tuple[tuple[str, str], int], ...], k: int
) -> tuple[frozenset[tuple[str, str, str]], frozenset[tuple[str, str]]]:
    # Imported here: web workers stay free of the statistics until somebody asks for calls.
    from analysis.calls import secret

    found = secret(dict(called), dict(once), k)
    return found.cells, found.lines


def _added(rows: Iterable[Row], *by: str) -> dict[Any, Counts]:
    """Counts by these columns, in their order."""
    added: dict[Any, Counts] = {}
    for row in rows:
        own = added.setdefault(tuple(row[name] for name in by), dict.fromkeys(map(str, Outcome), 0))
        own[row["outcome"]] += row["n"]
    return dict(sorted(added.items()))


def _open(counts: Counts) -> int:
    return counts[Outcome.DRAWN] - sum(counts[outcome] for outcome in ENDED)


def _shown(counts: Counts, secret: bool) -> dict[str, int | None]:
    told = {**counts, "open": _open(counts)}
    return {name: None if secret and name in SAID and counts["called"] else n for name, n in told.items()}

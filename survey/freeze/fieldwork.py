"""What a dataset says of the fieldwork: arrivals, keyers, control calls. Counts by office, none tied to an answer.

Of a base under k nothing is counted out, and where totals are shown a second base is hidden with it. Keyers and
interviewers have numbers, not names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analysis.covering import covered
from survey.arrivals import signals
from survey.control import EVERYBODY, Outcome
from survey.store import Transaction

ENDED = (Outcome.CALLED, Outcome.DECLINED, Outcome.NOT_REACHED)
SAID = (Outcome.NOT_RECEIVED, Outcome.NOT_SELF, Outcome.TOLD_HOW)


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows as the store has them."""

    arrivals: Sequence[Mapping[str, Any]]
    keyers: Sequence[Mapping[str, Any]]
    control: Sequence[Mapping[str, Any]]


def kept(tx: Transaction, wave: str) -> Kept:
    """Read them, in the caller's transaction."""
    return Kept(
        [dict(row) for row in tx.arrival_counts(wave=wave)],
        [dict(row) for row in tx.keyer_counts(wave=wave)],
        [dict(row) for row in tx.control_counts(wave=wave)],
    )


def document(kept: Kept, k: int) -> dict[str, Any]:
    """The manifest's ``fieldwork``: parts of which something is known."""
    parts: dict[str, Any] = {
        "arrivals": [_arrived(each, k) for each in signals.arrived(kept.arrivals, k)],
        "keyers": [
            _keyed(number, each, k) for number, each in enumerate(signals.keyers(kept.keyers, k), start=1)
        ],
        "control": control(kept.control, k) if kept.control else None,
    }  # fmt: skip
    return {name: part for name, part in parts.items() if part}


def _arrived(each: signals.Arrived, k: int) -> dict[str, Any]:
    few = each.forms < k
    return {
        "group": each.group, "unit": each.unit,
        "forms": None if few else each.forms,
        "busiest_hour": None if each.busiest_hour < k else each.busiest_hour,
        "busiest_day": None if each.busiest_day < k else each.busiest_day,
        "crowded": None if few else each.crowded,
        "marks": [str(mark) for mark in each.marks],
    }  # fmt: skip


def _keyed(number: int, each: signals.Keyed, k: int) -> dict[str, Any]:
    told = asdict(each) | {"keyer": number}
    hidden = [name for name in ("forms", "busiest_day", "compared") if 0 < told[name] < k]
    hidden += ["differed"] if "compared" in hidden else []
    return told | dict.fromkeys(hidden)


def control(rows: Sequence[Mapping[str, Any]], k: int) -> dict[str, Any]:
    """Control calls in all, by unit, by mode and by interviewer; a call about several units counts under each."""
    once = [row for row in rows if row["unit"] == EVERYBODY]
    by_unit = [row for row in rows if row["unit"] != EVERYBODY]
    parts = {"unit": by_unit, "mode": once, "interviewer": [row for row in once if row["interviewer"]]}
    (whole,) = _added(once, "unit").values()
    return {
        "all": _shown({**whole, "open": _open(whole)}, whole["called"] < k),
        **{f"by_{name}": _margin(part, name, k) for name, part in parts.items()},
    }


def _margin(rows: Iterable[Mapping[str, Any]], name: str, k: int) -> list[dict[str, Any]]:
    added = sorted(_added(rows, name).items())
    called = [counts["called"] for _, counts in added]
    hidden = covered(called, [0 < n < k for n in called], k)
    names = range(1, len(added) + 1) if name == "interviewer" else [key for key, _ in added]
    return [
        {name: told, **_shown({**counts, "open": _open(counts)}, secret)}
        for told, (_, counts), secret in zip(names, added, hidden, strict=True)
    ]


def _added(rows: Iterable[Mapping[str, Any]], name: str) -> dict[str, dict[str, int]]:
    added: dict[str, dict[str, int]] = {}
    for row in rows:
        added.setdefault(row[name], dict.fromkeys(map(str, Outcome), 0))[row["outcome"]] += row["n"]
    return added


def _open(counts: Mapping[str, int]) -> int:
    return counts[Outcome.DRAWN] - sum(counts[outcome] for outcome in ENDED)


def _shown(counts: Mapping[str, int], secret: bool) -> dict[str, int | None]:
    """How many were drawn, reached and not is no secret; what they said is, of few."""
    return {name: None if secret and name in SAID else n for name, n in counts.items()}

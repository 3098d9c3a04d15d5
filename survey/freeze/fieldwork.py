"""What a dataset says of the fieldwork: arrivals, keyers, control calls. Counts by office, none tied to an answer.

Of a base under k nothing is counted out, and where totals are shown a second base is hidden with it. Keyers and
interviewers have numbers, not names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from analysis.covering import covered
from survey import control_told
from survey.arrivals import signals
from survey.store import Transaction


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
        "arrivals": _arrived(signals.arrived(kept.arrivals, k), k),
        "keyers": [
            _keyed(number, each, k) for number, each in enumerate(signals.keyers(kept.keyers, k), start=1)
        ],
        "keyed": _about(signals.keyed_about(kept.arrivals, k), k),
        "control": control_told.numbered(control_told.document(kept.control, k)) if kept.control else None,
    }  # fmt: skip
    return {name: part for name, part in parts.items() if part}


def _arrived(found: Sequence[signals.Arrived], k: int) -> list[dict[str, Any]]:
    """Arrivals by group and office; of a group's offices under k, a second is hidden with them."""
    told = []
    for group in dict.fromkeys(each.group for each in found):
        own = [each for each in found if each.group == group]
        secret = covered([each.forms for each in own], [each.forms < k for each in own], k)
        for each, few in zip(own, secret, strict=True):
            told.append({
                "group": each.group, "unit": each.unit,
                "forms": None if few else each.forms,
                "busiest_hour": None if few or each.busiest_hour < k else each.busiest_hour,
                "busiest_day": None if few or each.busiest_day < k else each.busiest_day,
                "crowded": None if few else each.crowded,
                "marks": [str(mark) for mark in each.marks],
            })  # fmt: skip
    return told


def _keyed(number: int, each: signals.Keyed, k: int) -> dict[str, Any]:
    told = asdict(each) | {"keyer": number}
    hidden = [name for name in ("forms", "busiest_day", "compared") if 0 < told[name] < k]
    hidden += ["differed"] if "compared" in hidden else []
    return told | dict.fromkeys(hidden)


def _about(found: list[signals.KeyedAbout], k: int) -> list[dict[str, Any]]:
    """Forms on paper by office; of a group's offices under k, a second is hidden with them."""
    told = []
    for group in dict.fromkeys(each.group for each in found):
        own = [each for each in found if each.group == group]
        few = {name: covered([getattr(each, name) for each in own], [0 < getattr(each, name) < k for each in own], k)
               for name in ("forms", "compared")}  # fmt: skip
        for at, each in enumerate(own):
            hidden = [name for name in few if few[name][at]]
            hidden += ["busiest_day"] if few["forms"][at] or each.busiest_day < k else []
            hidden += ["differed"] if few["compared"][at] else []
            told.append(asdict(each) | dict.fromkeys(hidden))
    return told

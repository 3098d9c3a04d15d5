"""A day that is over becomes a few numbers an office; what they were made of is deleted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from survey.arrivals.tally import EVERY_UNIT
from survey.clock import Clock, today
from survey.store import Store
from survey.wave import RegisteredWave

SEVERAL = 5  # forms about one office that a network sends in a day, before it counts as crowded


class Kind(StrEnum):
    """What is left of a day."""

    FORMS = "forms"
    BUSIEST = "busiest"  # forms in the busiest hour
    CROWDED = "crowded"  # forms from networks that sent SEVERAL or more
    LARGEST = "largest"  # forms from the network that sent most
    KEYED = "keyed"  # forms on paper, counted as they are keyed
    COMPARED = "compared"  # of them those that two persons keyed
    DIFFERED = "differed"  # of these those that they keyed differently


ON_PAPER = (Kind.KEYED, Kind.COMPARED, Kind.DIFFERED)


def fold(store: Store, drafts: Store, clock: Clock, wave: RegisteredWave, *, final: bool = False) -> int:
    """Fold every day before today (with ``final`` today as well); return how many.

    What a process had in memory when its day was folded is added when it comes.
    """
    identity, before = wave.spec.id, today(clock, wave.spec.timezone)
    limit = (before + timedelta(days=1) if final else before).isoformat()
    with drafts.read() as tx:
        days = [str(row["day"]) for row in tx.arrival_days(wave=identity, before=limit)]
    for day in days:
        with drafts.read() as tx:
            hours, blocks = tx.arrival_hours_of(wave=identity, day=day), tx.arrival_blocks_of(wave=identity, day=day)
            counts = counted(hours, blocks, wave.spec.k)
        # Forgotten before it is written: a power cut between the two costs the signals of a day and never doubles them.
        with drafts.write() as tx:
            for forget in (tx.arrival_forget_hours, tx.arrival_forget_blocks, tx.arrival_forget_salt):
                forget(wave=identity, day=day)
        with store.write() as tx:
            tx.arrival_count(
                [
                    {"wave": identity, "day": day, "grp": group, "unit": unit, "kind": kind, "n": n}
                    for (group, unit, kind), n in counts.items()
                ]
            )
    return len(days)


def counted(
    hours: Iterable[Mapping[str, Any]], blocks: Iterable[Mapping[str, Any]], k: int
) -> dict[tuple[str, str, str], int]:
    """(group, unit, kind) → number, of one day. Rows: grp, unit, hour, n; and grp, unit, n of each bucket.

    An hour in which fewer than ``k`` of the group came is not kept: it is in the day's sum alone.
    """
    found: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in hours:
        group, unit, n = row["grp"], row["unit"], row["n"]
        found[group, unit, Kind.FORMS.value] += n
        found[group, unit, Kind.BUSIEST.value] = max(n, found[group, unit, Kind.BUSIEST.value])
        if unit == EVERY_UNIT and n >= k:
            found[group, unit, f"h{row['hour']:02}"] = n
    for row in blocks:
        group, unit, n = row["grp"], row["unit"], row["n"]
        found[group, unit, Kind.LARGEST.value] = max(n, found[group, unit, Kind.LARGEST.value])
        found[group, unit, Kind.CROWDED.value] += n if n >= SEVERAL else 0
    return dict(found)

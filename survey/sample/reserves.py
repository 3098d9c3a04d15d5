"""The reserve in the store: drawn with the sample, released by the coordinator with a reason, recorded for ever."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms.faults import Faults
from survey import audit
from survey.clock import Clock
from survey.sample import drawing, draws, releasing
from survey.sample.drawing import Drawn
from survey.sample.listing import Listing
from survey.store import Store, Transaction
from survey.wave import Group, RegisteredWave


@dataclass(frozen=True, slots=True)
class Released:
    """A release: its number, how many of each pool joined the sample, and how many of the group still wait."""

    group: str
    number: int
    by_pool: Mapping[str, int]
    left: int


def released(tx: Transaction, at: Mapping[str, Any]) -> Counter[str]:
    """How many of each pool's reserve were released of a draw (``wave``, ``grp``, ``number``)."""
    total: Counter[str] = Counter()
    for row in tx.draw_releases(**at):
        total.update(json.loads(row["released"]))
    return total


def release(
    store: Store, clock: Clock, wave: RegisteredWave, group: str, n: int, *, reason: str, who: str,
    stratum: str | None = None, dry: bool = False,
) -> Released:  # fmt: skip
    """Let ``n`` more of a group's reserve join its sample, of all pools or of one ``stratum``.

    They go first who come first in the recorded order. All weights of the group follow; answers given before are
    weighted alike at the freeze. Invitations are made by issuing. Raises Faults, having changed nothing, when the group
    is not drawn, its reserve is smaller, the wave is over, no reason is given, or somebody would share no cell.
    """
    if not reason.strip():
        raise Faults("a release needs a reason, which the log keeps")
    asked = draws.group_of(wave, group)
    key = {"wave": wave.spec.id, "grp": asked.id}
    with store.write() as tx:
        state = tx.invitation_wave_state(wave=wave.spec.id)
        if state not in ("draft", "open"):
            raise Faults(f"wave “{wave.spec.id}” is {state}: nobody more can be invited")
        last = tx.draw_last(**key)
        if last is None or not draws.is_drawn(last):
            raise Faults(f"group {group}: it has no drawn sample to add to")
        at = {**key, "number": last["number"]}
        listing = draws.read_list(tx, wave, asked, last["salt"])
        if listing.hash != last["list_hash"]:
            raise Faults(f"group {group}: its list is not the recorded one any more; its order cannot be continued")
        before = released(tx, at)
        now = drawing.draw(wave.spec, asked, listing, last["effective_seed"], before)
        joined = _share(now, listing, n, stratum, group)
        after = drawing.draw(wave.spec, asked, listing, last["effective_seed"], before + joined)
        number = len(list(tx.draw_releases(**at))) + 1
        told = Released(group, number, dict(joined), sum(map(len, after.reserve.values())))
        if not dry:
            _store(tx, at, asked, after)
            text = json.dumps(told.by_pool, ensure_ascii=False, sort_keys=True)
            tx.draw_add_release(**at, release=number, released=text, at=clock().isoformat(timespec="seconds"),
                                reason=reason.strip())  # fmt: skip
            detail = {"group": group, "draw": last["number"], "release": number, "n": n, "by_pool": told.by_pool,
                      "reason": reason.strip()}  # fmt: skip
            audit.append(tx, clock, who, "reserve released", wave.spec.id, detail)
    return told


def _share(now: Drawn, listing: Listing, n: int, stratum: str | None, group: str) -> Counter[str]:
    """Whose turn it is. Raises Faults when fewer wait."""
    home = {row.pool: row.stratum for row in listing.rows}
    left = {pool: len(order) for pool, order in now.reserve.items() if order and stratum in (None, home[pool])}
    if n > sum(left.values()):
        where = "" if stratum is None else f" in stratum {stratum}"
        raise Faults(f"group {group}: {sum(left.values())} wait in its reserve{where}, fewer than {n}")
    take = {pool: listing.strata.take[home[pool]] for pool in left}
    return Counter({pool: number for pool, number in releasing.share(n, take, left).items() if number})


def _store(tx: Transaction, at: Mapping[str, Any], group: Group, after: Drawn) -> None:
    key = {"wave": at["wave"], "grp": at["grp"]}
    held = [cell["id"] for cell in tx.draw_cells(**key)]
    draws.mark_rows(tx, at, after, held[0])
    tx.draw_factor(
        {"wave": at["wave"], "id": identity, "factor": cell.factor}
        for identity, cell in zip(held, after.cells, strict=True)
    )
    draws.store_design(tx, key, group, after)

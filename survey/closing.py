"""The end of collection: no more answers, everything mixed, drafts gone, the last seal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.faults import Faults
from survey import afresh, audit, drafts, mixing, seals
from survey.arrivals import folding
from survey.clock import Clock
from survey.keying import counting_in
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


def close(store: Store, draft_store: Store, clock: Clock, wave: RegisteredWave, *, who: str) -> int:
    """Close an open wave; return the number of its last seal.

    Raises Faults while forms on paper are not accounted for: whatever waits for a second keying lies with the drafts.
    Safe to repeat after an interruption: whatever was not mixed or discarded then is now. Writing both files
    anew leaves no trace of the order in which rows came (``afresh``: at once, or when nobody is kept waiting).
    """
    identity = wave.spec.id
    with counting_in.accounts(store, draft_store) as (tx, held):
        state = tx.invitation_wave_state(wave=identity)
        if state not in ("open", "closed"):
            raise Faults(f"wave “{identity}” is {state}: only an open wave can be closed")
        if state == "open":
            counting_in.require_accounted(tx, held, identity)
        if tx.collection_close(wave=identity):
            audit.append(tx, clock, who, "wave closed", identity, {})
    mixing.mix(store, identity, wave.spec.k, final=True)
    folding.fold(store, draft_store, clock, wave, final=True)
    if deleted := drafts.discard_wave(draft_store, identity):
        with store.write() as tx:
            audit.append(tx, clock, who, "drafts deleted", identity, {"drafts": deleted})
    number = seals.seal(store, clock, wave)
    afresh.write(store, draft_store, clock, identity, who=who)
    return number

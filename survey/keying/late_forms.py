"""Late forms: they wait until the coordinator admits or excludes all of them at once, unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forms.faults import Faults
from survey import audit, invitations
from survey.clock import Clock
from survey.dispositions import STAFF_MAY_RECORD, State
from survey.invitations import stated
from survey.keying.counting_in import Lines, account, accounts, batches, of_strips
from survey.keys import Keyring
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


def admit(store: Store, draft_store: Store, clock: Clock, wave: RegisteredWave, *, who: str, reason: str) -> int:
    """Let all late forms be keyed, those still to come too; return how many wait now. Raises Faults after the other."""
    identity = wave.spec.id
    with accounts(store, draft_store) as (tx, held):
        _decide(tx, clock, wave, admitted=True, who=who, reason=reason)
        waiting = sum(batch.left for batch in batches(tx, held, identity).values() if batch.late)
        audit.append(tx, clock, who, "late forms admitted", identity, {"forms": waiting, "reason": stated(reason)})
    return waiting


def exclude(
    store: Store, draft_store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, strips: Lines,
    *, who: str, reason: str,
) -> int:  # fmt: skip
    """Exclude all late forms: invitations of legible strips that are not answered become ``late``. Return how many are.

    ``strips`` holds the code of every late form that has one. Raises Faults, having changed nothing, when there are
    more strips than late forms, a strip is not the wave's, or late forms were admitted.
    """
    identity = wave.spec.id
    keys = keyring.wave_keys(identity)
    with accounts(store, draft_store) as (tx, held):
        _decide(tx, clock, wave, admitted=False, who=who, reason=reason)
        late = [batch for batch in batches(tx, held, identity).values() if batch.late and batch.left]
        waiting = sum(batch.left for batch in late)
        found = of_strips(tx, keys, strips)
        if len(found) > waiting:
            raise Faults(f"{len(found)} strips are more than the {waiting} late forms that were counted in")
        for batch in late:
            account(tx, batch, identity, excluded=batch.left)
        moved = [each for _, each in found if State.LATE in STAFF_MAY_RECORD.get(each.state, frozenset())]
        for each in moved:
            invitations.record_in(tx, clock, wave, each, State.LATE, who=who, reason=reason)
        detail = {"forms": waiting, "strips": len(found), "recorded": len(moved), "reason": stated(reason)}
        audit.append(tx, clock, who, "late forms excluded", identity, detail)
    return len(moved)


def decision(store: Store, wave: str) -> dict[str, Any] | None:
    """What was decided on late forms, by whom and why."""
    with store.read() as tx:
        row = tx.paper_decision(wave=wave)
    return dict(row) if row else None


def _decide(tx: Transaction, clock: Clock, wave: RegisteredWave, *, admitted: bool, who: str, reason: str) -> None:
    """Write the decision, or hold it against the one that was made: late forms that come later follow it."""
    identity = wave.spec.id
    if tx.invitation_wave_state(wave=identity) != "open":
        raise Faults(f"wave “{identity}” is not open: it is too late to decide on late forms")
    told = {"reason": stated(reason), "who": who, "at": clock().isoformat(timespec="seconds")}
    if not tx.paper_decide(wave=identity, admitted=int(admitted), **told):
        made = tx.paper_decision(wave=identity)
        if bool(made["admitted"]) != admitted:
            done = "admitted" if made["admitted"] else "excluded"
            when = f"were {done} on {made['at'][:10]}"
            raise Faults(f"late forms of wave “{identity}” {when}: there is one decision for all")

"""Before the close: forms that wait for another person, and that nobody keyed again, wait no longer."""

from __future__ import annotations

from dataclasses import dataclass

from forms.faults import Faults
from survey import audit, codes, invitations
from survey.clock import Clock
from survey.dispositions import State
from survey.invitations import Invitation, stated
from survey.keying import agreement, held_forms
from survey.keying.counting_in import account, batches
from survey.keying.keying import Result, Sheet, compared_rows, store_form
from survey.keying.plan import Keying, PaperPlan
from survey.keys import Keyring, WaveKeys
from survey.store import Store, Transaction
from survey.wave import RegisteredWave


@dataclass(frozen=True, slots=True)
class Finished:
    """What became, or would become, of the forms that waited. ``stale``: answered meanwhile, or of a revoked strip."""

    stored: int = 0
    invalid: int = 0
    stale: int = 0


def finish(
    store: Store, draft_store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave,
    *, who: str, reason: str, dry_run: bool = False,
) -> Finished:  # fmt: skip
    """End the waiting. Raises Faults when the wave is not open. Safe to repeat after an interruption.

    A form of the share that is only compared is stored as it was keyed. With double keying it came back and is
    invalid: its invitation is recorded as damaged.
    """
    keys, identity = keyring.wave_keys(wave.spec.id), wave.spec.id
    counts = {"stored": 0, "invalid": 0, "stale": 0}
    with draft_store.write() as held:
        with store.read() as tx:
            if tx.invitation_wave_state(wave=identity) != "open":
                raise Faults(f"wave “{identity}” is not open: no form waits")
            waiting = {row["id"] for row in held.held_ids(wave=identity)}
            everybody = [invitations.from_row(row) for row in tx.invitation_all(wave=identity)] if waiting else []
        for each in everybody:
            code = codes.derive(keys.code, each.serial, each.generation)
            id = held_forms.row_id(keys, code)
            if id in waiting:
                waiting.discard(id)
                double = (wave.spec.paper or PaperPlan()).keying is Keying.DOUBLE
                outcome = "stale" if not each.open else "invalid" if double else "stored"
                if not dry_run:
                    outcome = _one(store, clock, wave, held, keys, each, code, outcome, who=who, reason=stated(reason))
                counts[outcome] += 1
        counts["stale"] += len(waiting)
        if not dry_run:
            for id in waiting:  # of codes that were reissued meanwhile
                held.held_forget(id=id)
            with store.write() as tx:
                detail = {**counts, "reason": stated(reason)}
                audit.append(tx, clock, who, "paper keying finished", identity, detail)
    return Finished(**counts)


def _one(
    store: Store, clock: Clock, wave: RegisteredWave, held: Transaction, keys: WaveKeys, invitation: Invitation,
    code: str, outcome: str, *, who: str, reason: str,
) -> str:  # fmt: skip
    """Do it; an answer given online at this very moment makes the form stale."""
    keyings = held_forms.load(held, keys, code)
    with store.read() as tx:
        sheet = Sheet(invitation, code, batches(tx, held, wave.spec.id)[keyings[0].batch], True)
    if outcome == "stored":
        result = store_form(store, clock, wave, held, keys, sheet, keyings[0].draft, {}, (keyings[0].keyer,))
        outcome = outcome if result is Result.STORED else "stale"
    elif outcome == "invalid":
        questionnaire = wave.questionnaire_of(invitation.group)
        tallies = agreement.compare(questionnaire, keyings[0].draft, keyings[1].draft) if len(keyings) > 1 else {}
        with store.write() as tx:
            now = invitations.by_serial(tx, wave.spec.id, invitation.serial)
            if now.open:
                account(tx, sheet.batch, wave.spec.id, held=sheet.others_held, damaged=1)
                tx.paper_compared(compared_rows(wave.spec.id, tallies))
                invitations.record_in(tx, clock, wave, now, State.DAMAGED, who=who, reason=reason)
            outcome = outcome if now.open else "stale"
    held_forms.forget(held, keys, code)
    return outcome

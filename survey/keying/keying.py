"""Forms keyed from paper: stored by the transaction of every submit, and a seeded share of them keyed by two persons.

A form that is to be keyed again stays a draft until the second person has keyed it, so that nothing ever joins its
response to its invitation: while it is a draft there is no response, and when there is one the drafts are gone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from forms.faults import Faults
from survey import audit, codes, invitations, responses
from survey.arrivals.folding import Kind as Counted
from survey.clock import Clock, today
from survey.drafts import Draft
from survey.invitations import Door, Invitation
from survey.keying import agreement, held_forms
from survey.keying.agreement import FORMS, Tally
from survey.keying.counting_in import Batch, Full, account, batch_of, of_code
from survey.keying.held_forms import Held
from survey.keying.keyed_file import Form
from survey.keying.keyers import Keyer
from survey.keying.plan import ON_PAPER, PAPER, Keying, PaperPlan
from survey.keys import Keyring, WaveKeys
from survey.store import Store, Transaction
from survey.wave import RegisteredWave


class Result(StrEnum):
    """What became of a keyed form."""

    STORED = "stored: destroy the strip"
    AGAIN = "keep sheet and strip together: another person keys it again"
    SETTLE = "two persons differ: a third one keys it from the sheet"
    SAME_PERSON = "the same person has keyed it already: another one must"
    ANSWERED = "a response to it is stored already, keyed before or given online"
    OUT = "staff recorded its invitation as damaged, late or otherwise out of play"
    LATE = "its batch came late, and late forms are not admitted"
    FULL = "no more forms are keyed than were counted in"
    CLOSED = "the wave does not take answers"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody keys a batch."""

    store: Store
    drafts: Store
    keyring: Keyring
    clock: Clock
    wave: RegisteredWave
    batch: int
    keyer: Keyer

    @property
    def keys(self) -> WaveKeys:
        """The wave's subkeys. Raises Faults when they are gone."""
        return self.keyring.wave_keys(self.wave.spec.id)

    @property
    def plan(self) -> PaperPlan:
        """How forms of this wave are keyed."""
        return self.wave.spec.paper or PaperPlan()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form in hand; ``waits``: it was keyed before, and is one of those that its batch says are held."""

    invitation: Invitation
    code: str
    batch: Batch
    waits: bool

    @property
    def others_held(self) -> int:
        """How many others of its batch wait."""
        return self.batch.held - self.waits


def selected(keys: WaveKeys, code: str, share: float) -> bool:
    """Whether two persons key the form of this code: a seeded draw that nobody sees before the form is keyed."""
    drawn = int.from_bytes(hmac.digest(keys.again, code.encode(), hashlib.sha256)[:8], "big")
    return drawn < int(share * 2**64)


def begin(at: Sitting, forms: int, *, who: str) -> None:
    """Log that somebody keys a batch. Raises Faults when there is none of its number or the wave takes no answers."""
    identity = at.wave.spec.id
    if invitations.door(at.wave, at.clock) is Door.NOT_YET or at.wave.state != "open":
        raise Faults(f"wave “{identity}” is not open: nothing is keyed")
    with at.drafts.read() as held, at.store.write() as tx:
        batch = batch_of(tx, held, identity, at.batch)
        if batch.waiting:
            raise Faults(f"batch {batch.number}: {Result.LATE}; `phieu paper late` decides on all of them")
        detail = {"batch": at.batch, "keyer": at.keyer.name, "forms": forms}
        audit.append(tx, at.clock, who, "paper keying begun", identity, detail)


def end(at: Sitting, results: Sequence[Result], *, who: str) -> None:
    """Log what became of the forms, by number only."""
    counts = {result.name.lower(): results.count(result) for result in Result if result in results}
    with at.store.write() as tx:
        detail = {"batch": at.batch, "keyer": at.keyer.name, **counts}
        audit.append(tx, at.clock, who, "paper keyed", at.wave.spec.id, detail)


def key(at: Sitting, form: Form) -> Result:
    """Take one keyed form: store its response, or keep it for another person; or say why it is not taken.

    The drafts' lock is held throughout, so that two keyers never count past each other.
    """
    if form.refused:
        return Result.REFUSED
    keys = at.keys
    with at.drafts.write() as held:
        with at.store.read() as tx:
            invitation = of_code(tx, keys, form.code)
            batch = batch_of(tx, held, at.wave.spec.id, at.batch)
            state = tx.invitation_wave_state(wave=at.wave.spec.id)
        refused = _refused(invitation, batch, state)
        if isinstance(invitation, str) or refused is not None:
            if refused is Result.ANSWERED:  # online meanwhile, or the power went between its two commits
                held_forms.forget(held, keys, form.code)
            return refused or Result.REFUSED
        before = held_forms.load(held, keys, form.code)
        if not before:
            return _first(at, held, keys, Sheet(invitation, form.code, batch, False), form.draft)
        with at.store.read() as tx:  # it counts in the batch that it was first keyed with
            home = batch_of(tx, held, at.wave.spec.id, before[0].batch)
        return _again(at, held, keys, Sheet(invitation, form.code, home, True), form.draft, before)


def _refused(invitation: Invitation | str, batch: Batch, state: str | None) -> Result | None:
    if isinstance(invitation, str):
        return Result.REFUSED
    if invitation.spent:
        return Result.ANSWERED
    if not invitation.open:
        return Result.OUT
    if state != "open":
        return Result.CLOSED
    return Result.LATE if batch.waiting else None


def _first(at: Sitting, held: Transaction, keys: WaveKeys, sheet: Sheet, draft: Draft) -> Result:
    if sheet.batch.left < 1:
        return Result.FULL
    if selected(keys, sheet.code, at.plan.share):
        keying = Held(at.keyer.name, at.batch, draft)
        held_forms.add(held, keys, at.wave.spec.id, sheet.code, 1, keying)
        return Result.AGAIN
    return store_form(at.store, at.clock, at.wave, held, keys, sheet, draft, {}, (at.keyer.name,))


def _again(
    at: Sitting, held: Transaction, keys: WaveKeys, sheet: Sheet, draft: Draft, before: Sequence[Held]
) -> Result:
    """The second keying, or the third that settles. Of two that agree, or are only compared, the first is stored."""
    if at.keyer.name in [each.keyer for each in before]:
        return Result.SAME_PERSON
    first, second = before[0], before[1].draft if len(before) > 1 else draft
    tallies = agreement.compare(at.wave.questionnaire_of(sheet.invitation.group), first.draft, second)
    if tallies[FORMS].differed and at.plan.keying is Keying.DOUBLE and len(before) == 1:
        keying = Held(at.keyer.name, first.batch, draft)
        held_forms.add(held, keys, at.wave.spec.id, sheet.code, 2, keying)
        return Result.SETTLE
    settled = draft if len(before) > 1 else first.draft
    both = [each.keyer for each in before] if len(before) > 1 else [before[0].keyer, at.keyer.name]
    return store_form(at.store, at.clock, at.wave, held, keys, sheet, settled, tallies, both)


def store_form(
    store: Store, clock: Clock, wave: RegisteredWave, held: Transaction, keys: WaveKeys, sheet: Sheet, draft: Draft,
    tallies: dict[str, Tally], keyers: Sequence[str],
) -> Result:  # fmt: skip
    """Write the response with its account, then delete the drafts. A power cut between leaves drafts, never two.

    ``keyers``: who keyed it, the first two where two are compared.
    """
    identity = wave.spec.id

    def book(tx: Transaction) -> None:
        account(tx, sheet.batch, identity, held=sheet.others_held, keyed=1)
        tx.paper_compared(compared_rows(identity, tallies))
        day = today(clock, wave.spec.timezone).isoformat()
        tx.keyer_count_add(keyed_rows(identity, day, keyers, tallies))
        tx.arrival_count(about_rows(identity, day, invitation, tallies))

    invitation = sheet.invitation
    mode = invitation.mode if invitation.mode in ON_PAPER else PAPER
    try:
        if not responses.keyed(store, clock, wave, invitation, draft, answered=mode, counted=book):
            return Result.ANSWERED
    except Full:
        return Result.FULL
    held_forms.forget(held, keys, sheet.code)
    held.draft_delete(id=codes.lookup(keys.draft_id, sheet.code))  # what was begun online
    return Result.STORED


def keyed_rows(wave: str, day: str, keyers: Sequence[str], tallies: dict[str, Tally]) -> list[dict[str, object]]:
    """What is added up of each keyer: forms keyed, and of those that two keyed, how many differed."""
    forms = tallies.get(FORMS, Tally(0, 0))
    counts = (("keyed", 1), ("compared", forms.compared), ("differed", forms.differed))
    return [
        {"wave": wave, "keyer": keyer, "day": day, "kind": kind, "n": n} for keyer in keyers for kind, n in counts if n
    ]


def about_rows(wave: str, day: str, invitation: Invitation, tallies: dict[str, Tally]) -> list[dict[str, object]]:
    """The same, of each office that the form is about."""
    forms = tallies.get(FORMS, Tally(0, 0))
    counts = ((Counted.KEYED, 1), (Counted.COMPARED, forms.compared), (Counted.DIFFERED, forms.differed))
    about = {"wave": wave, "day": day, "grp": invitation.group}
    return [
        {**about, "unit": unit, "kind": str(kind), "n": n}
        for kind, n in counts if n for unit in invitation.unit_ids
    ]  # fmt: skip


def compared_rows(wave: str, tallies: dict[str, Tally]) -> list[dict[str, object]]:
    """What the store adds up of two keyings."""
    return [
        {"wave": wave, "item": item, "compared": tally.compared, "differed": tally.differed}
        for item, tally in tallies.items()
    ]

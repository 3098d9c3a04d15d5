"""The respondent's two posts: a page saved, and the one transaction that turns an invitation into a response.

The check page holds a fresh random receipt and a tag that ties it to the code. The submit stores the receipt's hash
beside the sealed box and nowhere near the invitation, so that only the respondent can say which response was theirs.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeGuard

from forms.answers import Value
from survey import boxes, codes, drafts, invitations, sealing, seals
from survey.clock import Clock
from survey.dispositions import State
from survey.drafts import Draft, Key
from survey.invitations import Door, Invitation, Revoked
from survey.keys import Keyring, WaveKeys
from survey.store import Store, StoreError, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


class Outcome(StrEnum):
    """What became of a post."""

    RECEIVED = "received"  # stored, now or by this same post before: show the receipt
    FRESH = "fresh"  # nothing changed: show the check page again, with a fresh receipt
    ALREADY = "already"  # another submit spent the invitation: "received", no receipt
    CLOSED = "closed"  # the wave takes no answers, or staff took the invitation out of play
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Submission:
    """The outcome of a submit; ``receipt`` (16 symbols, ungrouped) only where it is RECEIVED.

    ``stored``: by this post and not by one before it.
    """

    outcome: Outcome
    receipt: str = ""
    stored: bool = field(default=False, compare=False)


def fresh_receipt(keys: WaveKeys, code: str) -> tuple[str, str]:
    """A new receipt for a check page, and its tag. Nothing is stored."""
    receipt = codes.random_receipt()
    return receipt, _tag(keys, code, receipt)


def save_page(
    store: Store,
    draft_store: Store,
    keyring: Keyring,
    clock: Clock,
    wave: RegisteredWave,
    code: str,
    page: Mapping[Key, Value | None],
    *,
    seen: int,
    sitting: str = "",
    found: Invitation | None = None,
    read: Draft | None = None,
    keys: WaveKeys | None = None,
) -> Draft | Outcome:
    """Save one page's answers (see ``drafts.merge``) and start the invitation; or say why they are not taken.

    Pass only answers that read well: what was refused comes back on its page instead. ``found``, ``read``, ``keys``:
    the invitation, its draft and its wave's keys, where the caller has just read them; what became of the first two
    meanwhile is seen all the same.
    """
    keys = keys or keyring.wave(wave.spec.id)
    if keys is None:
        return Outcome.CLOSED
    invitation = found or _find(store, keys, code)
    if not isinstance(invitation, Invitation):
        return _not_open(invitation)
    if not invitations.start(store, clock, wave, invitation):
        return _not_open(_find(store, keys, code))
    now = int(clock().timestamp())
    draft = drafts.merge(draft_store, keys, wave.spec.id, code, page, seen=seen, sitting=sitting, now=now, read=read)
    # A submit from another tab, or the close, may have come between: the draft is gone and must not come back.
    with store.look() as tx:
        if invitations.may_be_answered(tx, invitation.lookup):
            return draft
    drafts.discard(draft_store, keys, code)
    return _not_open(_find(store, keys, code))


def submit(
    store: Store,
    draft_store: Store,
    keyring: Keyring,
    clock: Clock,
    wave: RegisteredWave,
    code: str,
    receipt: str,
    tag: str,
    *,
    seen: int = 0,
    found: Invitation | None = None,
    read: Draft | None = None,
) -> Submission:
    """Spend the invitation and store its response, durably, before the receipt is returned and the draft deleted.

    ``seen`` is the draft's revision on the check page: a draft that is older (a power cut took its last page), gone or
    never begun is shown again, not submitted. Repeating a submit gives the same receipt, also after the close.
    ``found`` and ``read``: the invitation and its draft, where the caller has just read them.
    """
    keys = keyring.wave(wave.spec.id)
    if keys is None:
        return Submission(Outcome.CLOSED)
    receipt = codes.normalise(receipt)
    stored: list[bool] = []
    ours = hmac.compare_digest(_tag(keys, code, receipt).encode(), tag.encode("utf-8", "replace"))
    invitation = found or _find(store, keys, code)
    if not _takes_answers(invitation, wave, clock):
        outcome = _standing(store, keys, code, receipt, unspent=Outcome.CLOSED)
    elif not ours:
        outcome = Outcome.FRESH
    else:
        draft = drafts.load(draft_store, keys, code) if read is None else read
        outcome = _take(store, clock, wave, keys, code, invitation, draft, receipt, seen, stored)
    if outcome is not Outcome.RECEIVED:
        return Submission(outcome)
    if not ours:
        return Submission(Outcome.ALREADY)
    _discard_quietly(draft_store, keys, code)
    return Submission(outcome, receipt, bool(stored))


def _takes_answers(found: Invitation | Revoked | None, wave: RegisteredWave, clock: Clock) -> TypeGuard[Invitation]:
    return isinstance(found, Invitation) and found.open and invitations.door(wave, clock) is Door.OPEN


def _take(
    store: Store, clock: Clock, wave: RegisteredWave, keys: WaveKeys, code: str, invitation: Invitation, draft: Draft,
    receipt: str, seen: int, stored: list[bool],
) -> Outcome:  # fmt: skip
    """Store a draft that the respondent has seen whole; ``stored`` is told when it was this submit that did."""
    if draft.revision < max(seen, 1):  # or another submit has just taken it
        return _standing(store, keys, code, receipt, unspent=Outcome.FRESH)
    return _store(store, clock, wave, invitation, draft, receipt, also=lambda tx: stored.append(True))


def keyed(
    store: Store,
    clock: Clock,
    wave: RegisteredWave,
    invitation: Invitation,
    draft: Draft,
    *,
    answered: str,
    counted: Callable[[Transaction], None],
) -> bool:
    """Store a form keyed from paper, by the transaction of every submit; its receipt is given to nobody.

    ``answered``: the mode that the box carries. ``counted`` books the form in the same transaction; what it raises
    undoes all. False when the invitation was answered, or the wave closed, meanwhile.
    """
    receipt = codes.random_receipt()
    return _store(store, clock, wave, invitation, draft, receipt, answered, counted) is Outcome.RECEIVED


def counted(store: Store, receipt: str) -> Literal["received", "sealed"] | None:
    """Whether a stored response has this receipt, and whether a seal holds it."""
    with store.read() as tx:
        row = tx.response_receipt(hash=receipt_hash(codes.normalise(receipt)))
    if row is None:
        return None
    return "received" if row["seal"] is None else "sealed"


class _Clash(Exception):
    """The receipt is known and the invitation unspent: undo everything."""


def _store(
    store: Store, clock: Clock, wave: RegisteredWave, invitation: Invitation, draft: Draft, receipt: str,
    answered: str = "", also: Callable[[Transaction], None] = lambda tx: None,
) -> Outcome:  # fmt: skip
    """The one transaction. What can be done before it is, so that the write lock is held for statements only."""
    with store.look() as tx:
        known, reminded = tx.response_ready(wave=wave.spec.id, opening=seals.opening_read(wave))
        if not known:
            seals.require_public_key(tx, wave)
    state, content = boxes.contents(
        wave, invitation, draft, answered=answered, now=int(clock().timestamp()), reminded=bool(reminded)
    )
    info = sealing.box_info(wave.spec.id, wave.plan_hash)
    box = sealing.seal(content, wave.public_key, info, wave.box_bytes)
    hash = receipt_hash(receipt)
    try:
        with store.write(on=None if answered else invitation.lookup) as tx:  # what staff books besides may race
            if not tx.invitation_spend(lookup=invitation.lookup):
                now = invitations.by_lookup(tx, invitation.lookup)
                return _repeated(tx, now, hash, unspent=Outcome.CLOSED)
            if tx.response_receipt(hash=hash) is not None:
                raise _Clash
            tx.response_add_box(id=os.urandom(16), wave=wave.spec.id, cell=invitation.cell, state=state, box=box)
            tx.response_add_receipt(hash=hash, wave=wave.spec.id, cell=invitation.cell)
            invitations.count_days(tx, clock, wave, [(invitation, State.ANSWERED)])
            also(tx)
    except _Clash:
        return Outcome.FRESH
    return Outcome.RECEIVED


def _standing(store: Store, keys: WaveKeys, code: str, receipt: str, *, unspent: Outcome) -> Outcome:
    """What to say to a submit that is not stored now; ``unspent``: where no other one was either."""
    with store.read() as tx:
        found = invitations.by_lookup(tx, codes.lookup(keys.lookup, code))
        return _repeated(tx, found, receipt_hash(receipt), unspent=unspent)


def _repeated(tx: Transaction, found: Invitation | Revoked | None, hash: bytes, *, unspent: Outcome) -> Outcome:
    if not isinstance(found, Invitation) or not found.spent:
        return unspent if isinstance(found, Invitation) else _not_open(found)
    return Outcome.RECEIVED if tx.response_receipt(hash=hash) is not None else Outcome.ALREADY


def _not_open(found: Invitation | Revoked | None) -> Outcome:
    """What to say of an invitation that takes no answers."""
    if found is None:
        return Outcome.UNKNOWN
    if isinstance(found, Revoked):
        return Outcome.REVOKED
    return Outcome.ALREADY if found.spent else Outcome.CLOSED


def _find(store: Store, keys: WaveKeys, code: str) -> Invitation | Revoked | None:
    with store.read() as tx:
        return invitations.by_lookup(tx, codes.lookup(keys.lookup, code))


def _discard_quietly(draft_store: Store, keys: WaveKeys, code: str) -> None:
    """The response is on the disk: whatever happens to the draft now, the receipt is shown. Closing sweeps the rest."""
    try:
        drafts.discard(draft_store, keys, code)
    except StoreError:
        return


def _tag(keys: WaveKeys, code: str, receipt: str) -> str:
    return hmac.new(keys.receipt, f"{code} {receipt}".encode(), hashlib.sha256).hexdigest()[:32]


def receipt_hash(receipt: str) -> bytes:
    """What the store and the seals know of a receipt."""
    return hashlib.sha256(b"phieu receipt\0" + receipt.encode()).digest()

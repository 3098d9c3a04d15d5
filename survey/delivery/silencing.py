"""Addresses that get nothing more: mail came back from them, or their people asked to be left alone."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING

from forms.faults import Faults
from survey import audit, invitations
from survey.clock import Clock
from survey.dispositions import State
from survey.keys import Keyring, WaveKeys
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


def address_hash(keys: WaveKeys, address: str) -> bytes:
    """What is remembered of an address that gets nothing more."""
    return hmac.digest(keys.frame, b"no message\0" + address.strip().casefold().encode(), hashlib.sha256)[:16]


def silence(
    store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, addresses: Sequence[str], reason: str,
    *, who: str,
) -> tuple[int, int]:  # fmt: skip
    """Send nothing more to these addresses, “bounced” or “opted out”. Of bounced ones, what was not opened is
    undeliverable. Returns how many addresses are invited ones, and how many invitations became undeliverable.
    """
    keys = keyring.wave_keys(wave.spec.id)
    hashed = {address_hash(keys, address) for address in addresses}
    with store.write() as tx:
        reached = [
            (row["serial"], address_hash(keys, address))
            for row in tx.message_contacts(wave=wave.spec.id)
            for address in (row["email"], row["phone"])
            if address and address_hash(keys, address) in hashed
        ]
        for one in hashed:
            tx.message_silence(wave=wave.spec.id, address=one, reason=reason)
        detail = {"n": len(hashed), "known": len({one for _, one in reached}), "reason": reason}
        audit.append(tx, clock, who, "addresses silenced", wave.spec.id, detail)
    lost = undeliverable(store, clock, wave, [serial for serial, _ in reached], who) if reason == "bounced" else 0
    return len({one for _, one in reached}), lost


def undeliverable(store: Store, clock: Clock, wave: RegisteredWave, serials: Sequence[int], who: str) -> int:
    """Record invitations as undeliverable, where that is still news; return how many."""
    done = 0
    for serial in serials:
        try:
            invitations.record(store, clock, wave, serial, State.UNDELIVERABLE, who=who, reason="thư bị trả lại")
            done += 1
        except Faults:  # started, or already recorded: what is known stays
            continue
    return done

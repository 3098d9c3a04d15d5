"""A selected dossier's questionnaire opens on a tablet: offered by the clerk, fetched by the tablet itself, once.

Between the two only this is kept: which tablet waits for which dossier. The invitation is made when the tablet fetches
it, under a number that follows from the tablet's turn (a nonce that only the tablet has). A request that is sent twice
therefore finds the same invitation again, and nothing needs to be remembered for that.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from forms.faults import Faults
from survey import audit, codes, invitations, kiosks
from survey.clock import Clock
from survey.counter import desk
from survey.counter.handing import NotLive, hand_in
from survey.dispositions import State
from survey.keys import Keyring, WaveKeys
from survey.kiosks import Kiosk, Listed
from survey.plan.wave_spec import KIOSK
from survey.store import Store, Transaction
from survey.wave import RegisteredWave

FIRST_SERIAL = 10_000_000  # above the numbers of slips; 48 random bits above it, so that two turns never meet
WHO = "kiosk"


class Busy(Faults):
    """The tablet waits for another person."""


def at_place(store: Store, clock: Clock, place: str) -> list[Listed]:
    """The tablets that are bound to a place."""
    return [each for each in kiosks.listed(store, clock) if each.place == place and each.state == "bound"]


def offer(
    store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, number: str, kiosk: int,
    *, place: str = "", who: str,
) -> None:  # fmt: skip
    """Let a tablet open the questionnaire of a dossier that is selected now; another tablet that waits for it, not.

    Raises Faults for a tablet that is not bound (to this place), NotLive for a dossier whose selection does not live,
    and Busy while the tablet waits for another dossier.
    """
    desk.lapse(store, clock, wave, who=who)
    bound = {each.number: each.place for each in kiosks.listed(store, clock) if each.state == "bound"}
    if kiosk not in bound or (place and bound[kiosk] != place):
        raise Faults(f"kiosk {kiosk} is not bound to {f'place “{place}”' if place else 'a place'}")
    with store.write() as tx:
        row = desk.find(tx, wave, keyring.wave_keys(wave.spec.id), number, place)
        if row is None or row["live_since"] is None:
            raise NotLive("no selection is live for this dossier: ask about it again")
        tx.counter_withdraw(dossier=row["id"])
        if not tx.counter_offer(kiosk=kiosk, dossier=row["id"]):
            raise Busy(f"kiosk {kiosk} waits for another person: let that questionnaire be opened first")
        detail = {"unit": row["unit"], "place": bound[kiosk], "kiosk": kiosk}
        audit.append(tx, clock, who, "kiosk waits", wave.spec.id, detail)


def waits(store: Store, clock: Clock, kiosk: int) -> bool:
    """Whether a questionnaire waits to be opened on this tablet. Changes nothing."""
    with store.read() as tx:
        row = tx.counter_offered(kiosk=kiosk)
    return row is not None and not desk.over(row, clock())


def fetch(
    store: Store, keyring: Keyring, clock: Clock, wave_of: Callable[[str], RegisteredWave], kiosk: Kiosk
) -> str | None:  # fmt: skip
    """Make the invitation that waits for this tablet and return its code; the same one for the same turn.

    None when nothing waits, or no longer.
    """
    with store.read() as tx:
        names = [row["id"] for row in tx.waves_to_serve()]
        row = tx.counter_offered(kiosk=kiosk.number)
        wave = row["wave"] if row is not None else None
        before = [_code_of(tx, keys, name, turn_serial(keys, kiosk.turn))
                  for name in names if (keys := keyring.wave(name)) is not None]  # fmt: skip
    for code in before:
        if code:
            return code
    if wave is None:
        return None
    return _make(store, keyring, clock, wave_of(wave), kiosk)


def _make(store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, kiosk: Kiosk) -> str | None:
    desk.lapse(store, clock, wave, who=WHO)
    keys = keyring.wave_keys(wave.spec.id)
    serial = turn_serial(keys, kiosk.turn)
    try:
        with store.write() as tx:
            row = tx.counter_offered(kiosk=kiosk.number)
            if row is None:  # lapsed, or the same request came first
                return _code_of(tx, keys, wave.spec.id, serial)
            made = hand_in(tx, clock, wave, keys, dict(row), KIOSK, kiosk.place, serial, who=WHO)
    except Faults:  # lapsed, opened from a slip, or the wave was closed, this very moment
        return None
    return codes.derive(keys.code, made.serial, made.generation)


def turn_serial(keys: WaveKeys, turn: str) -> int:
    """The number of the invitation that a tablet fetches in this turn."""
    digest = hmac.digest(keys.frame, b"kiosk turn\0" + turn.encode(), hashlib.sha256)
    return FIRST_SERIAL + int.from_bytes(digest[:6], "big")


def _code_of(tx: Transaction, keys: WaveKeys, wave: str, serial: int) -> str | None:
    row = tx.invitation_by_serial(wave=wave, serial=serial)
    if row is None:
        return None
    found = invitations.from_row(row)
    return None if found.state is State.REVOKED else codes.derive(keys.code, serial, found.generation)

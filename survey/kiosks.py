"""Tablets that staff bound to a place, for people who answer there.

A one-time link sets a cookie on the tablet: the kiosk's number, the turn under way, and a tag made with the instance
key. The turn changes whenever the kiosk's first page is shown; pages of an earlier turn, in the browser's history, then
lead back to the first page instead of showing what the person before had typed. Answers keep their invitation's mode:
a kiosk is a screen, not a sample. (Invitations that a counter draw opens here bring a mode of their own in their cell.)
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from forms.faults import Faults
from survey import audit
from survey.clock import Clock
from survey.invitations import stated
from survey.keys import Keyring
from survey.plan.wave_spec import WaveSpec
from survey.store import Store

COOKIE = "kiosk"
COOKIE_DAYS = 120
LARGEST = 2**31  # of a kiosk's number: what is beyond it no database holds
LINK_LASTS = timedelta(hours=24)
_COOKIE = re.compile(r"([0-9]{1,9})\.([A-Za-z0-9_-]{16})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A bound tablet and its turn: the time from one person's code to the next first page."""

    number: int
    place: str
    turn: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list; ``state`` is linked, expired, bound or revoked."""

    number: int
    place: str
    label: str
    state: str
    since: str


def new_turn() -> str:
    """A nonce for one person's turn."""
    return secrets.token_urlsafe(12)


def make_link(store: Store, clock: Clock, specs: Iterable[WaveSpec], place: str, label: str, *, who: str) -> str:
    """Make the one-time token that binds a tablet to a place. Raises Faults for a place that no wave has."""
    if place not in {each.id for spec in specs for each in spec.places}:
        raise Faults(f"no wave of this instance has a place “{place}”")
    token = secrets.token_urlsafe(16)
    with store.write() as tx:
        made_at = clock().isoformat(timespec="seconds")
        number = tx.kiosk_add(place=place, label=label, link=_hash(token), made_at=made_at)
        audit.append(tx, clock, who, "kiosk link made", None, {"kiosk": number, "place": place, "label": label})
    return token


def link_is_good(store: Store, clock: Clock, place: str, token: str) -> bool:
    """Whether a link could still bind a tablet. Changes nothing."""
    with store.read() as tx:
        row = tx.kiosk_of_link(place=place, link=_hash(token))
    return row is not None and clock() <= datetime.fromisoformat(row["made_at"]) + LINK_LASTS


def bind(store: Store, clock: Clock, place: str, token: str) -> Kiosk | None:
    """Spend a one-time link; None when it was used, revoked or is too old."""
    if not link_is_good(store, clock, place, token):
        return None
    with store.write() as tx:
        row = tx.kiosk_of_link(place=place, link=_hash(token))
        if row is None:
            return None
        tx.kiosk_bind(number=row["number"], link=_hash(token), bound_at=clock().isoformat(timespec="seconds"))
        audit.append(tx, clock, "one-time link", "kiosk bound", None, {"kiosk": row["number"], "place": place})
    return Kiosk(row["number"], place, new_turn())


def revoke(store: Store, clock: Clock, number: int, *, who: str, reason: str) -> None:
    """Unbind a tablet, or spoil its link. Raises Faults when there is no such kiosk or it was revoked before."""
    with store.write() as tx:
        if number > LARGEST or not tx.kiosk_revoke(number=number, revoked_at=clock().isoformat(timespec="seconds")):
            raise Faults(f"there is no kiosk {number} to revoke")
        audit.append(tx, clock, who, "kiosk revoked", None, {"kiosk": number, "reason": stated(reason)})


def listed(store: Store, clock: Clock) -> list[Listed]:
    """Every kiosk ever linked, by number."""
    with store.read() as tx:
        rows = list(tx.kiosk_all())
    found = []
    for row in rows:
        made = datetime.fromisoformat(row["made_at"])
        state, since = ("linked" if clock() <= made + LINK_LASTS else "expired"), row["made_at"]
        if row["bound_at"]:
            state, since = "bound", row["bound_at"]
        if row["revoked_at"]:
            state, since = "revoked", row["revoked_at"]
        found.append(Listed(row["number"], row["place"], row["label"], state, since))
    return found


def cookie(keyring: Keyring, kiosk: Kiosk) -> str:
    """What the tablet carries."""
    return f"{kiosk.number}.{kiosk.turn}.{_tag(keyring, kiosk.number, kiosk.turn)}"


def read(store: Store, keyring: Keyring, value: str) -> Kiosk | None:
    """The kiosk of a cookie; None when it is not ours or was revoked."""
    match = _COOKIE.fullmatch(value)
    if match is None:
        return None
    number, turn = int(match[1]), match[2]
    if not hmac.compare_digest(_tag(keyring, number, turn), match[3]):
        return None
    with store.read() as tx:
        row = tx.kiosk_get(number=number)
    bound = row is not None and row["bound_at"] is not None and row["revoked_at"] is None
    return Kiosk(number, row["place"], turn) if bound else None


def _tag(keyring: Keyring, number: int, turn: str) -> str:
    key = HKDF(SHA256(), 32, salt=None, info=b"phieu/1 kiosk").derive(keyring.instance_key())
    return hmac.new(key, f"{number} {turn}".encode(), hashlib.sha256).hexdigest()


def _hash(token: str) -> bytes:
    return hashlib.sha256(b"phieu kiosk link\0" + token.encode("utf-8", "replace")).digest()

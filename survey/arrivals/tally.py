"""Counting submits in memory, by office: a submit costs a few additions, and one commit serves many."""

from __future__ import annotations

import hmac
import ipaddress
import os
import threading
from collections import Counter
from functools import lru_cache
from zoneinfo import ZoneInfo

from survey.clock import Clock
from survey.invitations import Invitation
from survey.keys import WaveKeys
from survey.plan.wave_spec import AT_ONCE
from survey.store import Store, StoreError
from survey.wave import RegisteredWave

WAITING = 50  # forms counted in memory before they are written
SECONDS = 30.0  # after which the next form writes them all the same
EVERY_UNIT = ""  # in place of an office: each form once

Place = tuple[str, str, str, str]  # wave, day, group, unit


class Arrivals:
    """What came to one process since it last wrote. One that is killed loses these few; nothing depends on them."""

    def __init__(self, drafts: Store, clock: Clock) -> None:
        self._drafts, self._clock = drafts, clock
        self._lock = threading.Lock()
        self._hours: Counter[tuple[Place, int]] = Counter()
        self._blocks: Counter[tuple[Place, int]] = Counter()
        self._forms = 0
        self._since = 0.0
        self._salts: dict[tuple[str, str], bytes] = {}

    def add(self, wave: RegisteredWave, keys: WaveKeys, invitation: Invitation, address: str | None) -> None:
        """Count a form that was stored just now. Nothing that fails here may fail the submit.

        Doors that stand at one place, as tablets do, have one network each: they are not counted.
        """
        if invitation.mode in AT_ONCE:
            return
        now = self._clock()
        here = now.astimezone(_zone(wave.spec.timezone))
        day = here.date().isoformat()
        try:
            bucket = bucket_of(keys.addresses, self._salt(wave.spec.id, day), address)
        except StoreError:
            return
        with self._lock:
            if not self._forms:
                self._since = now.timestamp()
            self._forms += 1
            for unit in (EVERY_UNIT, *invitation.unit_ids):
                place = wave.spec.id, day, invitation.group, unit
                self._hours[place, here.hour] += 1
                self._blocks[place, bucket] += 1
            due = self._forms >= WAITING or now.timestamp() - self._since >= SECONDS
        if due:
            self.write()

    def write(self) -> None:
        """Add what was counted to the drafts' database; kept for the next time where it cannot be written."""
        with self._lock:
            hours, blocks, forms = self._hours, self._blocks, self._forms
            self._hours, self._blocks, self._forms = Counter(), Counter(), 0
        if not forms:
            return
        try:
            with self._drafts.write(durable=False) as tx:
                tx.arrival_add_hours(_rows(hours, "hour"))
                tx.arrival_add_blocks(_rows(blocks, "bucket"))
        except StoreError:
            with self._lock:
                self._hours.update(hours)
                self._blocks.update(blocks)
                self._forms += forms

    def _salt(self, wave: str, day: str) -> bytes:
        """The salt of a day, the same in every process; made by whoever comes first."""
        known = self._salts.get((wave, day))
        if known is None:
            with self._drafts.write(durable=False) as tx:
                tx.arrival_add_salt(wave=wave, day=day, salt=os.urandom(32))
                known = bytes(tx.arrival_salt(wave=wave, day=day))
            self._salts = {(wave, day): known, **{key: salt for key, salt in self._salts.items() if key[1] == day}}
        return known


def bucket_of(key: bytes, salt: bytes, address: str | None) -> int:
    """One of 65,536 buckets for the network of an address: IPv4 by /24, IPv6 by /48."""
    return int.from_bytes(hmac.digest(key, salt + _network(address).encode(), "sha256")[:2], "big")


def _network(address: str | None) -> str:
    """IPv4 by its first three numbers, cut out by hand: a submit waits for this."""
    said = (address or "").partition("%")[0]
    if said.count(".") == 3 and ":" not in said:
        return said.rpartition(".")[0]
    try:
        parsed = ipaddress.ip_address(said)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped).rpartition(".")[0]
    return str(ipaddress.ip_network((parsed, 48), strict=False))


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _rows(counts: Counter[tuple[Place, int]], name: str) -> list[dict[str, object]]:
    return [
        {"wave": wave, "day": day, "grp": group, "unit": unit, name: at, "n": n}
        for ((wave, day, group, unit), at), n in counts.items()
    ]

"""A wave's counter draw: its secret fixed by seal 0, its public number entered afterwards, its key."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from forms.faults import Faults
from survey import audit
from survey.clock import Clock, today
from survey.counter import selection as counter
from survey.counter.selection import CounterPlan
from survey.keys import Keyring, WaveKeys
from survey.plan.wave_spec import Group
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

Row = Mapping[str, Any]


class NotReady(Faults):
    """Nobody can be selected yet: the public number is not entered."""


def group_of(wave: RegisteredWave, identity: str) -> Group:
    """A group asked at counters. Raises Faults when it is none."""
    for group in wave.spec.counter_groups:
        if group.id == identity:
            return group
    known = ", ".join(group.id for group in wave.spec.counter_groups) or "none"
    raise Faults(f"wave “{wave.spec.id}” asks no group “{identity}” at counters; it asks {known}")


def plan_of(wave: RegisteredWave) -> CounterPlan:
    """The wave's counter plan. Raises Faults when it has none."""
    if wave.spec.counter is None:
        raise Faults(f"wave “{wave.spec.id}” asks nobody at counters: its file has no [counter]")
    return wave.spec.counter


def prepare(tx: Transaction, wave: RegisteredWave, keys: WaveKeys) -> None:
    """Fix the secret's hash, for seal 0; in the transaction that writes it."""
    if wave.spec.counter is not None:
        tx.counter_prepare(wave=wave.spec.id, secret_hash=counter.secret_hash(keys.counter))


def opening(tx: Transaction, wave: RegisteredWave) -> dict[str, Any]:
    """What seal 0 says of the counter draw; nothing for a wave without one."""
    row, plan = tx.counter_draw(wave=wave.spec.id), wave.spec.counter
    if row is None or plan is None:
        return {}
    shares = {
        group.id: {
            unit.id: {period.id: group.counter.of(unit.id, period.id) for period in plan.periods}
            for unit in wave.spec.units
        }
        for group in wave.spec.counter_groups
        if group.counter is not None
    }
    told = {"secret": row["secret_hash"], "public_number": plan.number, "exists": plan.exists.isoformat(), "p": shares}
    return {"counter": told}


def enter_number(store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, number: str, *, who: str) -> None:
    """Enter the public number that seal 0 names. Raises Faults before seal 0, before its day, or a second time."""
    plan = plan_of(wave)
    digits = number.strip()
    if not (digits.isascii() and digits.isdecimal()):
        raise Faults(f"“{number}” is no public number: digits only, as they were announced")
    if today(clock, wave.spec.timezone) < plan.exists:
        raise Faults(f"{plan.number} comes into being on {plan.exists:%d/%m/%Y}: it cannot be known yet")
    with store.write() as tx:
        if tx.counter_draw(wave=wave.spec.id) is None:
            raise Faults("there is no seal 0 yet: `phieu invitations issue` writes it, and the number comes after it")
        at = clock().isoformat(timespec="seconds")
        if not tx.counter_enter_number(wave=wave.spec.id, public_number=digits, entered_at=at):
            raise Faults("the public number was entered before, and stays")
        audit.append(tx, clock, who, "public number of the counter draw", wave.spec.id, {"number": digits})
        refresh_design(tx, wave, keyring.wave_keys(wave.spec.id))


def reference(secret: bytes, group: str, number: str) -> bytes:
    """What the store knows of a dossier number."""
    return hmac.digest(secret, f"counter\0{group}\0{number}".encode(), hashlib.sha256)[:16]


def key_of(tx: Transaction, wave: RegisteredWave, keys: WaveKeys) -> bytes:
    """The draw key. Raises Faults while the public number is not entered, or when the secret is not that of seal 0."""
    row = tx.counter_draw(wave=wave.spec.id)
    if row is None or row["public_number"] is None:
        raise NotReady("the public number is not entered yet: `phieu counter number`")
    if row["secret_hash"] != counter.secret_hash(keys.counter):
        raise Faults("the secret of the counter draw is not the one whose hash seal 0 holds")
    return counter.draw_key(keys.counter, row["public_number"])


def selects(wave: RegisteredWave, key: bytes, row: Row, number: str) -> bool:
    """Whether the draw selects a listed dossier."""
    shares = wave.spec.group(row["grp"]).counter
    if shares is None:
        raise ValueError(f"group {row['grp']} is not asked at counters")
    return counter.selected(key, row["grp"], row["unit"], number, shares.of(row["unit"], row["period"]))


def listed(tx: Transaction, wave: RegisteredWave) -> list[Row]:
    """The dossiers of the population with their numbers. Raises Faults when the numbers were purged."""
    rows: list[Row] = [dict(row) for row in tx.counter_list(wave=wave.spec.id)]
    if any(row["number"] is None for row in rows):
        raise Faults("the numbers of listed dossiers were purged: the counter draw can no longer be repeated")
    return rows


def store_design(tx: Transaction, wave: RegisteredWave, rows: Sequence[Row], chosen: Sequence[Row]) -> None:
    """Population and sample by office and period, conditional on the sizes that came about."""
    population = Counter((row["grp"], f"{row['unit']}/{row['period']}") for row in rows)
    drawn = Counter((row["grp"], f"{row['unit']}/{row['period']}") for row in chosen)
    for group in wave.spec.counter_groups:
        tx.draw_forget_design(wave=wave.spec.id, grp=group.id)
        tx.draw_add_design(
            {"wave": wave.spec.id, "grp": group.id, "stratum": stratum, "wclass": stratum, "margins": "{}",
             "method": "counter", "population": number, "drawn": drawn[grp, stratum]}
            for (grp, stratum), number in sorted(population.items())
            if grp == group.id
        )  # fmt: skip


def refresh_design(tx: Transaction, wave: RegisteredWave, keys: WaveKeys) -> None:
    """Population and sample as the list now says; nothing before the public number is entered."""
    row = tx.counter_draw(wave=wave.spec.id)
    if row is not None and row["public_number"] is not None:
        key, rows = key_of(tx, wave, keys), listed(tx, wave)
        store_design(tx, wave, rows, [each for each in rows if selects(wave, key, each, each["number"])])


def require_reconciled(store: Store, wave: RegisteredWave) -> None:
    """Raise Faults where a wave selected at counters and was never reconciled: its non-contacts would be missing."""
    if wave.spec.counter is None:
        return
    with store.read() as tx:
        row = tx.counter_draw(wave=wave.spec.id)
    if row is None or row["reconciled_at"] is None:
        raise Faults(f"wave “{wave.spec.id}” asked at counters: run `phieu counter reconcile` first")


def published(tx: Transaction, wave: str) -> list[dict[str, Any]]:
    """How each office's counter asked, as fixed by the reconciliation; empty before it, or without a counter draw."""
    row = tx.counter_draw(wave=wave)
    return json.loads(row["conduct"]) if row is not None and row["conduct"] else []

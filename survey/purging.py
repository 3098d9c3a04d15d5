"""After the wave: contacts and drafts leave the instance, and where it is asked for the code key with them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from forms.faults import Faults
from survey import afresh, audit, drafts, invitations
from survey import wave as waves
from survey.backup import scratch
from survey.clock import Clock, today
from survey.config import Settings
from survey.counter import secret as counter_draw
from survey.keys import Keyring
from survey.setup import uploads
from survey.store import Store
from survey.wave import RegisteredWave

OVER = ("closed", "frozen")  # states of a wave

_MOST = 1_000  # entries of the log that are looked through


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge removed, or would remove."""

    contacts: int
    staff: int
    drafts: int
    key: bool
    lists: int  # files sent in at the desk that nobody imported


def look(
    store: Store, draft_store: Store, settings: Settings, clock: Clock, wave: RegisteredWave, *, destroy_key: bool
) -> Purged:
    """What a purge would remove now. Raises Faults while the wave runs, before the day that it
    declared, or while a counter draw is not reconciled.
    """
    if wave.state not in OVER:
        raise Faults(f"wave “{wave.spec.id}” is {wave.state}: contacts are purged after it is closed")
    day = today(clock, wave.spec.timezone)
    if wave.spec.purge_on is not None and day < wave.spec.purge_on:
        raise Faults(f"wave “{wave.spec.id}” declared that its contacts are purged on {wave.spec.purge_on}, not before")
    counter_draw.require_reconciled(store, wave)  # the draw is repeated with the dossiers' numbers
    with store.read() as tx:
        contacts, staff = tx.contact_count(wave=wave.spec.id), tx.contact_staff(wave=wave.spec.id)
    with draft_store.read() as tx:
        saved = tx.draft_count_wave(wave=wave.spec.id)
    key = destroy_key and Keyring(settings).wave(wave.spec.id) is not None
    return Purged(contacts, staff, saved, key, len(uploads.left(store, settings, wave.spec.id)))


def due(store: Store, clock: Clock) -> list[RegisteredWave]:
    """The waves that are over, whose declared day has come, and that were never purged."""
    with store.read() as tx:
        over = [row["id"] for row in tx.waves_to_serve() if row["state"] in OVER]
        never = [identity for identity in over if not list(tx.contact_purges(wave=identity))]
    return [
        found
        for found in (waves.get(store, identity) for identity in never)
        if found.spec.purge_on is not None and found.spec.purge_on <= today(clock, found.spec.timezone)
    ]


def to_come(store: Store, clock: Clock) -> list[tuple[date, str]]:
    """The days that waves declared and that have not come, with the wave, the next one first."""
    with store.read() as tx:
        never = [row["id"] for row in tx.waves_to_serve() if not list(tx.contact_purges(wave=row["id"]))]
    specs = [waves.get(store, identity).spec for identity in never]
    return sorted((each.purge_on, each.id) for each in specs
                  if each.purge_on is not None and each.purge_on > today(clock, each.timezone))  # fmt: skip


def forget(store: Store, clock: Clock, wave: RegisteredWave, serial: int, *, reason: str, who: str) -> None:
    """Remove one person's contact, who asked for it: nobody is written to or called any more. The slip stays good.

    Freed pages are overwritten (``secure_delete``); a log is cut at the next mixing. Raises Faults where there is none.
    """
    identity = wave.spec.id
    with store.write() as tx:
        tx.contact_forget_flag_of(wave=identity, serial=serial)
        if tx.contact_forget_of(wave=identity, serial=serial) != 1:
            raise Faults(f"wave “{identity}” holds no contact under serial {serial}")
        detail = {"serial": serial, "reason": invitations.stated(reason)}
        audit.append(tx, clock, who, "contact removed on request", identity, detail)
    store.truncate_log()


def unsettled(store: Store, wave: RegisteredWave) -> str:
    """What a purge warns of: respondents are to be paid, and nobody made their list; '' when that is done."""
    if wave.spec.payment is None or not wave.spec.payment.respondent:
        return ""
    with store.read() as tx:
        rows = tx.audit_search(text="", wave=wave.spec.id, who="", action=audit.PAYMENT_LIST, since="", until="",
                               limit=_MOST, offset=0)  # fmt: skip
        made = any(json.loads(row["detail"])["list"] == "respondent" for row in rows)
    return "" if made else "respondents are to be paid, and no payment list of them was made"


def purge(
    store: Store, draft_store: Store, settings: Settings, clock: Clock, wave: RegisteredWave, *, destroy_key: bool,
    who: str,
) -> Purged:  # fmt: skip
    """Remove contacts, staff lists, lists never imported and drafts; with ``destroy_key`` the code key too.

    Both files are written anew (``afresh``): nothing of it stays in free pages. Copies that a killed backup left go.
    Safe to repeat after an interruption. Raises Faults as ``look`` does.
    """
    found = look(store, draft_store, settings, clock, wave, destroy_key=destroy_key)
    identity = wave.spec.id
    scratch.sweep(settings.instance)
    drafts.discard_wave(draft_store, identity)
    uploads.discard_wave(store, settings, identity)
    with store.write() as tx:
        tx.contact_purge(wave=identity)
        tx.contact_purge_staff(wave=identity)
        tx.contact_forget_flags(wave=identity)
        number = len(list(tx.contact_purges(wave=identity))) + 1
        # Recorded before the file is gone: a link that finds no key must be told that the survey is over.
        tx.contact_add_purge(wave=identity, number=number, contacts=found.contacts, drafts=found.drafts, who=who,
                             key_destroyed=int(destroy_key), at=clock().isoformat(timespec="seconds"))  # fmt: skip
        detail = {"contacts": found.contacts, "staff": found.staff, "drafts": found.drafts, "lists": found.lists,
                  "code_key": destroy_key}  # fmt: skip
        audit.append(tx, clock, who, "purged", identity, detail)
    if destroy_key:
        Keyring(settings).destroy_wave(identity)
    afresh.write(store, draft_store, clock, identity, who=who)
    return found

"""At the counter: is this dossier selected? If so its slip is printed or the kiosk opens, there and then.

Nothing here is kept with a day: a selection is timed while it lives, and no longer. What a clerk does is counted by
office; the log has lapses and slips without the dossier's or the invitation's number, which would date an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from forms.faults import Faults
from survey import audit, invitations
from survey.clock import Clock, today
from survey.counter import selection as counter
from survey.counter.secret import key_of, reference, selects
from survey.invitations import Door
from survey.keys import Keyring, WaveKeys
from survey.store import Store, Transaction
from survey.wave import RegisteredWave


class Closed(Faults):
    """The wave takes no answers today."""


class OnTwoLists(Faults):
    """A number that two groups' lists have: which group it belongs to nobody can tell."""


class Answer(StrEnum):
    """What the clerk is told."""

    SELECTED = "selected"
    NOT_SELECTED = "not selected"
    EARLY = "not due and not handed over yet"
    UNLISTED = "not on the list"
    DONE = "selected before, its slip printed or its kiosk opened"


def ask(
    store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, number: str,
    *, handed_over: bool = False, place: str = "", who: str,
) -> Answer:  # fmt: skip
    """Whether a dossier is selected; asking again gives the same answer, and is counted.

    ``handed_over``: the clerk says that the result is being handed over now, which the list may not know yet. Raises
    Closed, NotReady or OnTwoLists where there is no answer.
    """
    if invitations.door(wave, clock) is not Door.OPEN:
        raise Closed(f"wave “{wave.spec.id}” takes no answers today")
    keys = keyring.wave_keys(wave.spec.id)
    lapse(store, clock, wave, who=who)
    with store.write() as tx:
        key = key_of(tx, wave, keys)
        row, asked = find(tx, wave, keys, number, place), counter.dossier_number(number)
        if row is None or row["period"] is None:
            tx.counter_count(wave=wave.spec.id, grp="", unit=place, kind="unlisted", n=1)  # by place
            return Answer.UNLISTED
        day = today(clock, wave.spec.timezone).isoformat()
        listed_so = row["due"] <= day or (row["returned"] or "9999") <= day
        _count(tx, row, "asked")
        if not (listed_so or handed_over):
            _count(tx, row, "early")
            return Answer.EARLY
        if row["asked"]:
            _count(tx, row, "repeated")
        is_in = selects(wave, key, row, asked)
        if row["handed"]:
            return Answer.DONE
        # A day is kept of the clerk's word only where no answer can follow: it is held against the list at the close.
        tx.counter_asked(id=row["id"], live_since=clock().isoformat(timespec="seconds") if is_in else None,
                         declared_on=None if is_in or listed_so else day)  # fmt: skip
        return Answer.SELECTED if is_in else Answer.NOT_SELECTED


def lapse(store: Store, clock: Clock, wave: RegisteredWave, *, who: str) -> int:
    """End the selections older than 15 minutes; each is counted and logged. Return how many."""
    now = clock()
    with store.read() as tx:
        ended = [row for row in tx.counter_live(wave=wave.spec.id) if over(row, now)]
    if not ended:
        return 0
    with store.write() as tx:
        ended = [row for row in tx.counter_live(wave=wave.spec.id) if over(row, now)]
        for row in ended:
            tx.counter_end(id=row["id"])
            tx.counter_withdraw(dossier=row["id"])
            _count(tx, {**row, "wave": wave.spec.id}, "lapsed")
            detail = {"unit": row["unit"], "place": row["place"]}
            audit.append(tx, clock, who, "counter selection lapsed", wave.spec.id, detail)
    return len(ended)


def over(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether a selection has lapsed."""
    return now - datetime.fromisoformat(row["live_since"]) > counter.LAPSES_AFTER


def _count(tx: Transaction, row: Mapping[str, Any], kind: str) -> None:
    tx.counter_count(wave=row["wave"], grp=row["grp"], unit=row["unit"], kind=kind, n=1)


def find(
    tx: Transaction, wave: RegisteredWave, keys: WaveKeys, number: str, place: str
) -> Mapping[str, Any] | None:  # fmt: skip
    """The dossier of a number as typed or scanned; at a ``place``, only one that is handed over there.

    A counter learns nothing of dossiers that lie at another one. Raises Faults for a number on two groups' lists.
    """
    asked = counter.dossier_number(number)
    found = [
        dict(row)
        for group in wave.spec.counter_groups
        for row in [tx.counter_find(wave=wave.spec.id, grp=group.id, reference=reference(keys.frame, group.id, asked))]
        if row is not None and (not place or row["place"] in ("", place))
    ]
    if len(found) > 1:
        raise OnTwoLists("this number is on the lists of two groups: ask the coordinator")
    return found[0] if found else None

"""Control calls (phúc tra): a seeded 5 % of the invitations that came back are asked three things, before contacts go.

Only: did you receive it, did you answer yourself, were you told how to answer. What is said is added up by office, mode
and interviewer and written to no person. Shown is only what k said (``control_told``); but until the purge the database
has who was called beside the counts, and where a cell had one call whoever reads the database knows what was said.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING, Any

from forms.faults import Faults
from survey import audit
from survey.clock import Clock
from survey.invitations import stated
from survey.keying import keyers
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

SHARE = (5, 100)
MOST_TRIES = 3
ALGORITHM = "sha256-rank-in-strata/1"
EVERYBODY = ""  # in place of a unit: each call once


class Said(StrEnum):
    """An answer to one of the three questions."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Outcome(StrEnum):
    """What is counted. A call that was drawn ends as called, declined or not_reached."""

    DRAWN = "drawn"
    CALLED = "called"
    DECLINED = "declined"
    NOT_REACHED = "not_reached"
    NOT_RECEIVED = "not_received"  # a denial
    NOT_SELF = "not_self"  # a denial
    TOLD_HOW = "told_how"


@dataclass(frozen=True, slots=True)
class Returned:
    """An invitation that came back and has a contact."""

    serial: int
    units: tuple[str, ...]
    mode: str
    interviewer: str

    def strata(self) -> list[tuple[str, str, str]]:
        """It counts under each unit that it assesses."""
        return [(unit, self.mode, self.interviewer) for unit in self.units]


def record_list(store: Store, clock: Clock, wave: RegisteredWave, *, who: str) -> tuple[str, int]:
    """Log the hash of the list before the public number is known; return it with the number of rows.

    Raises Faults before the close (the list would not be whole), without returned invitations that have contacts, and
    when calls were drawn.
    """
    identity = wave.spec.id
    if wave.state not in ("closed", "frozen"):
        raise Faults(f"wave “{identity}” is {wave.state}: control calls are drawn after it is closed")
    with store.write() as tx:
        returned = _returned(tx, identity)
        if not returned:
            raise Faults(f"wave “{identity}” has no invitation that came back and has a contact")
        at, hash = clock().isoformat(timespec="seconds"), list_hash(returned)
        if not tx.control_record_list(
            wave=identity, list_hash=hash, returned=len(returned), algorithm=ALGORITHM, at=at
        ):  # fmt: skip
            raise Faults(f"the list of wave “{identity}” is recorded already: {tx.control_drawn(wave=identity)[0]}")
        audit.append(tx, clock, who, "control list recorded", identity, {"list_hash": hash, "returned": len(returned)})
    return hash, len(returned)


def draw(store: Store, clock: Clock, wave: RegisteredWave, public_number: str, *, who: str) -> int:
    """Draw the calls by a public number named beforehand; return how many. There is one draw.

    Raises Faults when no list is recorded, the calls are drawn, or the list is not what was recorded.
    """
    identity, number = wave.spec.id, public_number.strip()
    if not number:
        raise Faults("the public number is empty")
    with store.write() as tx:
        recorded = tx.control_drawn(wave=identity)
        if recorded is None:
            raise Faults(f"record the list first: `phieu control draw --wave {identity}` without a number")
        returned = _returned(tx, identity)
        if list_hash(returned) != recorded["list_hash"]:
            raise Faults("invitations that came back, or their contacts, are no longer those of the recorded list")
        seed = hashlib.sha256(f"{recorded['list_hash']}{number}".encode()).hexdigest()
        if not tx.control_seed(wave=identity, public_number=number, effective_seed=seed):
            raise Faults(f"calls of wave “{identity}” are drawn already, by the number {recorded['public_number']}")
        chosen = select(returned, seed)
        tx.control_add([{"wave": identity, "serial": one.serial, "interviewer": one.interviewer} for one in chosen])
        for one in chosen:
            _add_up(tx, identity, one, [Outcome.DRAWN])
        detail = {"public_number": number, "seed": seed, "drawn": len(chosen), "returned": len(returned)}
        audit.append(tx, clock, who, "control calls drawn", identity, detail)
    return len(chosen)


def select(returned: Sequence[Returned], seed: str) -> list[Returned]:
    """5 % of every stratum (unit × mode × interviewer), rounded up: the first by SHA-256 of seed and serial.

    One ranking serves all strata, so that an invitation about several units is drawn for all of them together.
    """
    strata: dict[tuple[str, str, str], list[Returned]] = defaultdict(list)
    for one in sorted(returned, key=lambda one: hashlib.sha256(f"{seed} {one.serial}".encode()).digest()):
        for stratum in one.strata():
            strata[stratum].append(one)
    part, whole = SHARE
    chosen = {one.serial: one for rows in strata.values() for one in rows[: ceil(len(rows) * part / whole)]}
    return [chosen[serial] for serial in sorted(chosen)]


def list_hash(returned: Iterable[Returned]) -> str:
    """SHA-256 of the list: serial, units, mode and interviewer of each, by serial."""
    rows = sorted([one.serial, list(one.units), one.mode, one.interviewer] for one in returned)
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


HEADINGS = ("serial", "units", "mode", "tries", "name", "phone", "email", "address", "contact_flag")


def to_call(
    store: Store, clock: Clock, wave: RegisteredWave, caller: str, office: str, *, who: str, reason: str
) -> list[tuple[Any, ...]]:
    """The open calls with their contacts, for a caller of no rated office; logged with its reason. Raises Faults.

    ``contact_flag``: the contact is shared by several persons, or is one of staff; such a person is better visited.
    """
    if not caller.strip():
        raise Faults("name who makes the calls")
    keyers.require_unrated(wave.spec, office.strip(), f"{caller} cannot make control calls of wave “{wave.spec.id}”")
    with store.write() as tx:
        rows = [tuple(row.values()) for row in _with_contacts(tx, wave)]
        detail = {"n": len(rows), "caller": caller.strip(), "office": office.strip(), "reason": stated(reason)}
        audit.append(tx, clock, who, "control contacts exported", wave.spec.id, detail)
    return rows


def open_list(store: Store, wave: RegisteredWave) -> list[dict[str, Any]]:
    """The same rows by heading, for who has them from ``to_call`` already: this is not logged again."""
    with store.read() as tx:
        return _with_contacts(tx, wave)


def _with_contacts(tx: Transaction, wave: RegisteredWave) -> list[dict[str, Any]]:
    rows = []
    for row in tx.control_calls(wave=wave.spec.id):
        names = "; ".join(wave.spec.unit(unit).name.of("vi") for unit, _ in json.loads(row["units"]))
        contact = [row[name] or "" for name in ("name", "phone", "email", "address")]
        flag = "staff" if row["staff"] else "shared" if row["shared"] else ""
        told = (row["serial"], names, row["mode"], row["tries"], *contact, flag)
        rows.append(dict(zip(HEADINGS, told, strict=True)))
    return rows


def drawn(store: Store, wave: str) -> Mapping[str, Any] | None:
    """The recorded list and, once it is entered, the public number (''); None while no list is recorded."""
    with store.read() as tx:
        row = tx.control_drawn(wave=wave)
        return None if row is None else dict(row)


def record(
    store: Store, clock: Clock, wave: RegisteredWave, serial: int, *, received: Said, himself: Said | None = None,
    told_how: Said | None = None, who: str,
) -> None:  # fmt: skip
    """Enter a call that was made. Who did not receive it is asked nothing more. Raises Faults for an impossible one."""
    if received is Said.NO and (himself is not None or told_how is not None):
        raise Faults("who did not receive the questionnaire is not asked how it was answered")
    if received is not Said.NO and (himself is None or told_how is None):
        raise Faults("enter all three answers")
    counted = [Outcome.CALLED]
    counted += [Outcome.NOT_RECEIVED] if received is Said.NO else []
    counted += [Outcome.NOT_SELF] if himself is Said.NO else []
    counted += [Outcome.TOLD_HOW] if told_how is Said.YES else []
    _end(store, clock, wave, serial, counted, who=who)


def decline(store: Store, clock: Clock, wave: RegisteredWave, serial: int, *, who: str) -> None:
    """The person does not wish to be asked. Raises Faults when there is no such open call."""
    _end(store, clock, wave, serial, [Outcome.DECLINED], who=who)


def miss(store: Store, clock: Clock, wave: RegisteredWave, serial: int, *, who: str) -> int:
    """Nobody answered; the third time it counts as not reached. Return how many tries are left."""
    with store.write() as tx:
        call = _open_call(tx, wave.spec.id, serial)
        tries = call["tries"] + 1
        last = tries >= MOST_TRIES
        tx.control_try(wave=wave.spec.id, serial=serial, done=int(last))
        if last:
            _add_up(tx, wave.spec.id, _one(call), [Outcome.NOT_REACHED])
        audit.append(tx, clock, who, "control call tried", wave.spec.id, {"serial": serial, "try": tries})
    return MOST_TRIES - int(tries)


def open_calls(store: Store, wave: str) -> int:
    """How many drawn calls nobody has made yet."""
    with store.read() as tx:
        return int(tx.control_open(wave=wave))


def unfinished(store: Store, wave: str) -> str:
    """What a purge warns of: calls that are open, or were never drawn; '' when all is done."""
    with store.read() as tx:
        drawn = tx.control_drawn(wave=wave)
        waiting, returned = tx.control_open(wave=wave), len(_returned(tx, wave))
    if drawn is not None and drawn["public_number"]:
        return f"{waiting} control calls are open" if waiting else ""
    return f"no control calls were drawn, and {returned} invitations that came back have contacts" if returned else ""


def report(store: Store, wave: str) -> list[dict[str, Any]]:
    """By unit, mode and interviewer; the rows of unit '' count each call once. Every row has every outcome."""
    with store.read() as tx:
        counts = [dict(row) for row in tx.control_counts(wave=wave)]
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in counts:
        key = row["unit"], row["mode"], row["interviewer"]
        empty = {"unit": key[0], "mode": key[1], "interviewer": key[2], **dict.fromkeys(map(str, Outcome), 0)}
        rows.setdefault(key, empty)[row["outcome"]] = row["n"]
    for each in rows.values():
        ended = (Outcome.CALLED, Outcome.DECLINED, Outcome.NOT_REACHED)
        each["open"] = each[Outcome.DRAWN] - sum(each[outcome] for outcome in ended)
    return list(rows.values())


def _end(
    store: Store, clock: Clock, wave: RegisteredWave, serial: int, counted: Sequence[Outcome], *, who: str
) -> None:  # fmt: skip
    with store.write() as tx:
        call = _open_call(tx, wave.spec.id, serial)
        tx.control_try(wave=wave.spec.id, serial=serial, done=1)
        _add_up(tx, wave.spec.id, _one(call), counted)
        # What was said is not in the log: an entry has a number that leads to a person.
        audit.append(tx, clock, who, "control call made", wave.spec.id, {"serial": serial})


def _open_call(tx: Transaction, wave: str, serial: int) -> Mapping[str, Any]:
    call: Mapping[str, Any] | None = tx.control_call(wave=wave, serial=serial)
    if call is None:
        raise Faults(f"invitation {serial} was not drawn for a control call")
    if call["done"]:
        raise Faults(f"the control call of invitation {serial} is recorded already")
    return call


def _returned(tx: Transaction, wave: str) -> list[Returned]:
    return [_one(row) for row in tx.control_returned(wave=wave)]


def _one(row: Mapping[str, Any]) -> Returned:
    units = tuple(unit for unit, _ in json.loads(row["units"]))
    return Returned(row["serial"], units, row["mode"], row["interviewer"])


def _add_up(tx: Transaction, wave: str, one: Returned, outcomes: Iterable[Outcome]) -> None:
    tx.control_add_up(
        {"wave": wave, "unit": unit, "mode": one.mode, "interviewer": one.interviewer, "outcome": str(outcome), "n": 1}
        for outcome in outcomes
        for unit in (EVERYBODY, *one.units)
    )

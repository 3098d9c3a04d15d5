"""After the close: the whole list against what was asked. Who was selected and never asked is a non-contact."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from forms.faults import Faults
from survey import audit, invitations, seals
from survey.clock import Clock
from survey.counter.desk import lapse
from survey.counter.handing import add_invitation
from survey.counter.secret import Row, key_of, listed, plan_of, published, selects, store_design
from survey.counter.selection import Conduct
from survey.dispositions import State
from survey.keys import Keyring, WaveKeys
from survey.plan.wave_spec import COUNTER
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


@dataclass(frozen=True, slots=True)
class Reconciled:
    """``unreached``: selected dossiers that became non-contacts; ``conduct`` of every office, by group and unit."""

    unreached: int
    conduct: tuple[Conduct, ...]


def reconcile(
    store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave,
    *, dry: bool = False, told: Callable[[int, int], None] = lambda done, total: None, who: str,
) -> Reconciled:  # fmt: skip
    """Turn every selected dossier without an invitation into a non-contact, and fix the design of the groups.

    Safe to repeat after a later list, until the freeze. Raises Faults while the wave is open, before the public number
    is entered, or when contacts were purged (the draw needs the dossiers' numbers).
    """
    plan_of(wave)
    if wave.state != "closed":
        raise Faults(f"wave “{wave.spec.id}” is {wave.state}: reconcile after `phieu close` and before the freeze")
    keys = keyring.wave_keys(wave.spec.id)
    if not dry:
        lapse(store, clock, wave, who=who)
    with store.moving(patient=True) if not dry else store.read() as tx:
        key = key_of(tx, wave, keys)
        rows = listed(tx, wave)
        chosen = [row for row in rows if selects(wave, key, row, row["number"])]
        missing = [row for row in chosen if not row["handed"]]
        if not dry:
            _make_unreached(tx, clock, wave, keys, missing, told)
            _count_early(tx, wave, rows)
            store_design(tx, wave, rows, chosen)
            detail = {"listed": len(rows), "selected": len(chosen), "unreached": len(missing)}
            audit.append(tx, clock, who, "counter draw reconciled", wave.spec.id, detail)
            seals.write(tx, clock, wave)
        found = conduct_of(tx, wave, rows, chosen)
        if not dry:
            at, document = clock().isoformat(timespec="seconds"), json.dumps([each.document() for each in found])
            tx.counter_reconciled(wave=wave.spec.id, at=at, conduct=document)
    return Reconciled(len(missing), found)


def conduct(store: Store, keyring: Keyring, wave: RegisteredWave) -> tuple[Conduct, ...]:
    """How each office's counter asks, so far. Raises Faults before the public number is entered."""
    plan_of(wave)
    with store.read() as tx:
        key = key_of(tx, wave, keyring.wave_keys(wave.spec.id))
        rows = listed(tx, wave)
        return conduct_of(tx, wave, rows, [row for row in rows if selects(wave, key, row, row["number"])])


def so_far(store: Store, wave: RegisteredWave) -> tuple[Conduct, ...]:
    """How each office's counter asks, by counts alone (``selected`` is None); once reconciled, as it is published."""
    plan_of(wave)
    with store.read() as tx:
        fixed = published(tx, wave.spec.id)
    if fixed:
        return tuple(Conduct(**{each.name: row.get(each.name, 0) for each in fields(Conduct)}) for row in fixed)
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    with store.read() as tx:
        for row in tx.counter_listed(wave=wave.spec.id):
            counts[row["grp"], row["unit"]] += Counter(listed=row["n"], seen=row["asked"], handed=row["handed"])
        _add_counted(counts, tx, wave)
    return tuple(_conduct(group, unit, n, None) for (group, unit), n in sorted(counts.items()))


def reveal(store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, *, who: str, reason: str) -> str:
    """The draw key in hexadecimal, for the witnesses, after the close; logged. Not for the public: it names the sample.

    Raises Faults while the wave is open: with the key, an office could tell who will be selected.
    """
    if wave.state not in ("closed", "frozen"):
        raise Faults(f"wave “{wave.spec.id}” is {wave.state}: the key leaves after the close")
    with store.write() as tx:
        key = key_of(tx, wave, keyring.wave_keys(wave.spec.id))
        detail = {"reason": invitations.stated(reason)}
        audit.append(tx, clock, who, "counter draw key given to witnesses", wave.spec.id, detail)
    return key.hex()


def conduct_of(
    tx: Transaction, wave: RegisteredWave, rows: Sequence[Row], chosen: Sequence[Row]
) -> tuple[Conduct, ...]:
    """What is published of every office: from the list, and from what was counted."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        counts[row["grp"], row["unit"]] += Counter(listed=1, seen=row["asked"], handed=0)
    for row in chosen:
        counts[row["grp"], row["unit"]]["selected"] += 1
    _add_counted(counts, tx, wave)
    for row in tx.counter_handed(wave=wave.spec.id):
        counts[row["grp"], row["unit"]]["handed"] += row["n"]
    return tuple(_conduct(group, unit, n, n["selected"]) for (group, unit), n in sorted(counts.items()))


def _add_counted(counts: dict[tuple[str, str], Counter[str]], tx: Transaction, wave: RegisteredWave) -> None:
    for row in tx.counter_counts(wave=wave.spec.id):
        if row["kind"] != "unlisted":
            counts[row["grp"], row["unit"]][row["kind"]] += row["n"]


def _conduct(group: str, unit: str, n: Counter[str], selected: int | None) -> Conduct:
    return Conduct(group, unit, n["listed"], n["seen"], selected, n["handed"], n["early"], n["lapsed"], n["repeated"],
                   n["asked"], n["again"])  # fmt: skip


def _make_unreached(
    tx: Transaction, clock: Clock, wave: RegisteredWave, keys: WaveKeys, missing: Sequence[Row],
    told: Callable[[int, int], None],
) -> None:  # fmt: skip
    moves = []
    for number, row in enumerate(missing, start=1):
        before = tx.counter_invitation(frame_row=row["id"])  # of a slip that the printer refused
        if before is None:
            made = add_invitation(tx, wave, keys, row, COUNTER, State.NO_CONTACT, row["place"])
            moves += [(made, State.ISSUED), (made, State.NO_CONTACT)]
        elif tx.invitation_move(lookup=before["lookup"], before=State.ISSUED, state=State.NO_CONTACT):
            moves.append((invitations.from_row(before), State.NO_CONTACT))
        tx.counter_unreached(id=row["id"])
        told(number, len(missing))
    invitations.count_days(tx, clock, wave, moves)


def _count_early(tx: Transaction, wave: RegisteredWave, rows: Sequence[Row]) -> None:
    """Dossiers asked about on the clerk's word, and handed over later or never, as the list now says."""
    for row in rows:
        if row["declared_on"] and (row["returned"] or "9999") > row["declared_on"]:
            tx.counter_count(wave=wave.spec.id, grp=row["grp"], unit=row["unit"], kind="early", n=1)
    tx.counter_forget_days(wave=wave.spec.id)

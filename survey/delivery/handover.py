"""Batches of slips and forms: who took which, what came back, and whether that agrees with the dispositions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from forms.faults import Fault, Faults
from survey import audit, invitations, issuing
from survey.clock import Clock
from survey.dispositions import SPENT, State
from survey.plan.wave_spec import AT_ONCE
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


LARGEST = 2**31  # of a batch's number: what is beyond it no database holds


class Kind(StrEnum):
    """Who takes a batch."""

    INTERVIEWER = "interviewer"
    POST = "post"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch with its rows; ``back`` is None while it is out."""

    number: int
    kind: Kind
    holder: str
    made_at: str
    back: int | None
    rows: tuple[Mapping[str, Any], ...]

    @property
    def serials(self) -> tuple[int, ...]:
        """Its invitations."""
        return tuple(row["serial"] for row in self.rows)

    def came(self, state: str) -> int:
        """How many came back spoiled, or unused."""
        return sum(row["came"] == state for row in self.rows)

    @property
    def missing(self) -> int:
        """What came back in no way; of a batch that is out, nothing is missing yet."""
        return 0 if self.back is None else len(self.rows) - self.back - self.came("spoiled") - self.came("unused")

    def states(self) -> Counter[str]:
        """Its invitations by disposition."""
        return Counter(row["state"] for row in self.rows)

    def differences(self) -> list[str]:
        """Where the record disagrees with the dispositions, one sentence each."""
        if self.back is None:
            return []
        states = self.states()
        answered = sum(states[state] for state in SPENT)
        known = answered + states[State.LATE] + states[State.DAMAGED]
        came = self.back + self.came("spoiled")
        unused = [row["serial"] for row in self.rows if row["came"] == "unused" and row["state"] in SPENT]
        return [
            *([f"{came} forms came back, but only {known} are answered, late or damaged"] if came > known else []),
            *([f"{self.missing} slips came back in no way"] if self.missing else []),
            *([f"brought back unused, and answered: {', '.join(map(str, unused))}"] if unused else []),
        ]


@dataclass(frozen=True, slots=True)
class Totals:
    """A batch by its numbers alone; ``back`` is None while it is out."""

    number: int
    kind: Kind
    holder: str
    back: int | None
    out: int
    spoiled: int
    unused: int

    @property
    def missing(self) -> int:
        """What came back in no way; of a batch that is out, nothing is missing yet."""
        return 0 if self.back is None else self.out - self.back - self.spoiled - self.unused


def totals(store: Store, wave: RegisteredWave) -> list[Totals]:
    """All batches of a wave, in order, without their rows."""
    with store.read() as tx:
        return [Totals(**{**dict(row), "kind": Kind(row["kind"])}) for row in tx.batch_totals(wave=wave.spec.id)]


def make(
    store: Store, clock: Clock, wave: RegisteredWave, kind: Kind, holder: str, serials: Sequence[int], *, who: str
) -> int:
    """Hand a batch out; return its number. Raises Faults for every invitation that cannot be in it."""
    if not holder.strip():
        raise Faults("name who takes the batch")
    if not serials:
        raise Faults("no invitation is asked for: nothing to hand over")
    if wave.state != "open":
        raise Faults(f"wave “{wave.spec.id}” is {wave.state}: nothing is handed over any more")
    with store.write() as tx:
        held = {row["serial"]: row["batch"] for row in tx.batch_holding(wave=wave.spec.id)}
        faults: list[Fault] = []
        for serial in serials:
            try:
                faults += _unfit(tx, wave, kind, holder, serial, held)
            except Faults as found:
                faults += found.faults
        if faults:
            raise Faults(faults)
        at = clock().isoformat(timespec="seconds")
        number: int = tx.batch_add(wave=wave.spec.id, kind=kind, holder=holder.strip(), made_at=at)
        tx.batch_add_rows({"wave": wave.spec.id, "batch": number, "serial": serial} for serial in serials)
        detail = {"batch": number, "kind": kind, "holder": holder.strip(), "n": len(serials)}
        audit.append(tx, clock, who, "batch handed over", wave.spec.id, detail)
    return number


def _unfit(
    tx: Transaction, wave: RegisteredWave, kind: Kind, holder: str, serial: int, held: Mapping[int, int]
) -> list[Fault]:
    invitation = invitations.by_serial(tx, wave.spec.id, serial)
    if invitation.spent or invitation.state is State.REVOKED:
        return [Fault(f"invitation {serial} is {invitation.state}, which is final")]
    if invitation.mode in AT_ONCE:
        return [Fault(f"invitation {serial} was handed over when it was made")]
    if serial in held:
        return [Fault(f"invitation {serial} is out with batch {held[serial]}")]
    if kind is Kind.PLACE and (invitation.place != holder.strip() or issuing.assesses_its_place(wave.spec, invitation)):
        return [Fault(f"invitation {serial} is not for the place “{holder}”, or assesses the office that runs it")]
    return []


def take_back(
    store: Store, clock: Clock, wave: RegisteredWave, number: int, *, back: int, spoiled: Iterable[int] = (),
    unused: Iterable[int] = (), who: str,
) -> Batch:  # fmt: skip
    """Record what came back, once: forms filled in by their number, spoiled and unused ones by serial.

    Spoiled invitations become damaged; unused ones stay as they are, to be handed over again, reissued or revoked.
    Raises Faults when more comes back than went out.
    """
    bad, left = sorted(set(spoiled)), sorted(set(unused))
    batch = get(store, wave, number)
    strange = [serial for serial in (*bad, *left) if serial not in batch.serials]
    if strange:
        raise Faults(f"not in batch {number}: {', '.join(map(str, strange))}")
    if set(bad) & set(left):
        raise Faults(f"both spoiled and unused: {', '.join(map(str, sorted(set(bad) & set(left))))}")
    if back < 0 or back + len(bad) + len(left) > len(batch.rows):
        raise Faults(f"{back} back, {len(bad)} spoiled and {len(left)} unused are more than the {len(batch.rows)} out")
    with store.write() as tx:
        if not tx.batch_take_back(wave=wave.spec.id, number=number, back=back):
            raise Faults(f"batch {number} was taken back before")
        marks = [(serial, "spoiled") for serial in bad] + [(serial, "unused") for serial in left]
        tx.batch_mark(
            {"wave": wave.spec.id, "batch": number, "serial": serial, "state": state} for serial, state in marks
        )
        detail = {"batch": number, "out": len(batch.rows), "back": back, "spoiled": len(bad), "unused": len(left)}
        audit.append(tx, clock, who, "batch taken back", wave.spec.id, detail)
    for row in batch.rows:
        if row["serial"] in bad and row["state"] not in (*SPENT, State.DAMAGED):
            invitations.record(
                store, clock, wave, row["serial"], State.DAMAGED, who=who, reason=f"hỏng, đợt giao nhận {number}"
            )
    return get(store, wave, number)


def free(store: Store, wave: RegisteredWave, *, group: str | None, place: str | None) -> list[int]:
    """Unspent invitations of a group or place that are out with nobody; none that its place may not hold."""
    with store.read() as tx:
        held = {row["serial"] for row in tx.batch_holding(wave=wave.spec.id)}
        rows = [invitations.from_row(row) for row in tx.invitation_all(wave=wave.spec.id)]
    return [
        row.serial
        for row in rows
        if row.serial not in held
        and group in (None, row.group)
        and place in (None, row.place)
        and not (place is not None and issuing.assesses_its_place(wave.spec, row))
        and not row.spent
        and row.state is not State.REVOKED
        and row.mode not in AT_ONCE
    ]


def get(store: Store, wave: RegisteredWave, number: int) -> Batch:
    """A batch. Raises Faults when there is none of this number."""
    with store.read() as tx:
        row = None if number > LARGEST else tx.batch_get(wave=wave.spec.id, number=number)
        if row is None:
            raise Faults(f"wave “{wave.spec.id}” has no batch {number}")
        return _batch(tx, wave.spec.id, row)


def every(store: Store, wave: RegisteredWave) -> list[Batch]:
    """All batches of a wave."""
    with store.read() as tx:
        return [_batch(tx, wave.spec.id, row) for row in list(tx.batch_all(wave=wave.spec.id))]


def contacts(
    store: Store, clock: Clock, wave: RegisteredWave, number: int, *, who: str, reason: str
) -> dict[int, Mapping[str, str]]:
    """Serial → name, telephone and address of a batch, for an assignment list; logged with its reason."""
    with store.write() as tx:
        found: dict[int, Mapping[str, str]] = {
            row["serial"]: {name: row[name] or "" for name in ("name", "phone", "address")}
            for row in tx.batch_contacts(wave=wave.spec.id, batch=number)
        }
        detail = {"n": len(found), "batch": number, "reason": invitations.stated(reason)}
        audit.append(tx, clock, who, "contacts exported", wave.spec.id, detail)
    return found


def _batch(tx: Transaction, wave: str, row: Mapping[str, Any]) -> Batch:
    rows = tuple(dict(each) | {"units": [unit for unit, _ in json.loads(each["units"])]}
                 for each in tx.batch_rows(wave=wave, batch=row["number"]))  # fmt: skip
    return Batch(row["number"], Kind(row["kind"]), row["holder"], row["made_at"], row["back"], rows)

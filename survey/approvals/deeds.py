"""The acts that may have to wait: what each touches, what a second person reads of it, the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from survey import invitations, issuing
from survey.clock import Clock
from survey.counter import desk as counter
from survey.counter import handing
from survey.keying import late_forms
from survey.keys import Keyring
from survey.sample import reserves
from survey.store import Store
from survey.wave import RegisteredWave

Arguments = Mapping[str, Any]  # JSON


class Bench(Protocol):
    """What a deed works with; the web application is one."""

    @property
    def store(self) -> Store: ...
    @property
    def drafts(self) -> Store: ...
    @property
    def keyring(self) -> Keyring: ...
    @property
    def clock(self) -> Clock: ...


@dataclass(frozen=True, slots=True)
class Deed:
    """One kind of act.

    ``touches``: ids of the units that the invitations concerned assess. ``shown``: the arguments without codes.
    ``do``: the domain's function; None where the approval only lets the asker do it (a file that is to be downloaded).
    """

    touches: Callable[[Bench, RegisteredWave, Arguments], frozenset[str]]
    shown: Callable[[Arguments], dict[str, Any]] = dict
    do: Callable[[Bench, RegisteredWave, Arguments, str, str], object] | None = None


def _every(bench: Bench, wave: RegisteredWave, told: Arguments) -> frozenset[str]:
    """Nobody knows which forms these are: they may be about any unit."""
    return frozenset(unit.id for unit in wave.spec.units)


def _of_group(bench: Bench, wave: RegisteredWave, told: Arguments) -> frozenset[str]:
    group = wave.spec.group(told["group"])
    return frozenset(wave.spec.units_of(group.kinds)) if group.kinds else _every(bench, wave, told)


def _of_serials(bench: Bench, wave: RegisteredWave, told: Arguments) -> frozenset[str]:
    with bench.store.read() as tx:
        found = [invitations.by_serial(tx, wave.spec.id, serial) for serial in told["serials"]]
    return frozenset(unit for invitation in found for unit in invitation.unit_ids)


def _of_export(bench: Bench, wave: RegisteredWave, told: Arguments) -> frozenset[str]:
    if told.get("unit"):
        return frozenset({told["unit"]})
    return _of_group(bench, wave, told) if told.get("group") else _every(bench, wave, told)


def _of_slips(bench: Bench, wave: RegisteredWave, told: Arguments) -> frozenset[str]:
    return _of_serials(bench, wave, told) if told.get("serials") else _of_export(bench, wave, told)


def _admit(bench: Bench, wave: RegisteredWave, told: Arguments, who: str, reason: str) -> object:
    return late_forms.admit(bench.store, bench.drafts, bench.clock, wave, who=who, reason=reason)


def _exclude(bench: Bench, wave: RegisteredWave, told: Arguments, who: str, reason: str) -> object:
    strips = [(int(row), str(code)) for row, code in told["strips"]]
    return late_forms.exclude(
        bench.store, bench.drafts, bench.keyring, bench.clock, wave, strips, who=who, reason=reason
    )  # fmt: skip


def _release(bench: Bench, wave: RegisteredWave, told: Arguments, who: str, reason: str) -> object:
    return reserves.release(
        bench.store, bench.clock, wave, told["group"], told["number"], reason=reason, who=who,
        stratum=told.get("stratum"),
    )  # fmt: skip


def _reissue(bench: Bench, wave: RegisteredWave, told: Arguments, who: str, reason: str) -> None:
    issuing.reissue_all(
        bench.store, bench.drafts, bench.keyring, bench.clock, wave, told["serials"], who=who, reason=reason
    )  # fmt: skip


def _revoke(bench: Bench, wave: RegisteredWave, told: Arguments, who: str, reason: str) -> None:
    invitations.revoke(
        bench.store, bench.drafts, bench.keyring, bench.clock, wave, told["serials"], who=who, reason=reason
    )  # fmt: skip


def _of_dossier(bench: Bench, wave: RegisteredWave, told: Arguments) -> frozenset[str]:
    with bench.store.read() as tx:
        row = counter.find(tx, wave, bench.keyring.wave_keys(wave.spec.id), told["dossier"], "")
    return frozenset({row["unit"]} if row is not None else ())


def _hand_again(bench: Bench, wave: RegisteredWave, told: Arguments, who: str, reason: str) -> None:
    handing.ask_again(
        bench.store, bench.keyring, bench.clock, wave, told["dossier"], reason=reason, freely=True, who=who
    )  # fmt: skip


def _without_dossier(told: Arguments) -> dict[str, Any]:
    return {}  # its number in the log would date an answer


def _without_codes(told: Arguments) -> dict[str, Any]:
    return {"strips": len(told["strips"])}


ADMIT_LATE, EXCLUDE_LATE, RELEASE, REISSUE, REVOKE, EXPORT_CODES, SLIPS, CONTACTS, VISIT_LIST, HAND_AGAIN = (
    "admit late", "exclude late", "release", "reissue", "revoke", "export codes", "slips", "contacts", "visit list",
    "hand again",
)  # fmt: skip
DEEDS: Mapping[str, Deed] = {
    ADMIT_LATE: Deed(_every, do=_admit),  # {}
    EXCLUDE_LATE: Deed(_every, _without_codes, _exclude),  # {"strips": [[row, code], …]}
    RELEASE: Deed(_of_group, do=_release),  # {"group", "number", "stratum" or None}
    REISSUE: Deed(_of_serials, do=_reissue),  # {"serials": […]}
    REVOKE: Deed(_of_serials, do=_revoke),
    EXPORT_CODES: Deed(_of_export),  # {"unit", "place", "group"}, each or None, and "contacts": bool
    SLIPS: Deed(_of_slips),  # {"serials": […]}, or as EXPORT_CODES without "contacts"
    CONTACTS: Deed(_of_export),  # {"unit", "place", "group", "state"}, each or None: a list of whom to reach, no codes
    VISIT_LIST: Deed(_of_serials),  # {"batch", "serials": […]}: an interviewer's list, with contacts
    HAND_AGAIN: Deed(_of_dossier, _without_dossier, _hand_again),  # {"dossier"}: a counter's slip once more
}

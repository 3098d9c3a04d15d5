"""A wave in this instance: registered with its documents and its public key, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from forms import framework as frameworks
from forms import questionnaire as questionnaires
from forms.faults import Fault, Faults
from forms.framework import Framework
from forms.questionnaire import USUAL_PERIOD, Questionnaire
from forms.text import Text
from survey import audit, boxes, corrections, originals, sealing
from survey.clock import Clock
from survey.corrections import Correction
from survey.keys import Keyring
from survey.plan.documents import documents_of
from survey.plan.wave_file import load, load_file
from survey.plan.wave_spec import (
    Allocation,
    Authority,
    Design,
    Estimation,
    Group,
    Method,
    Place,
    Target,
    Thresholds,
    TooFew,
    Unit,
    WaveSpec,
)
from survey.store import Store, Transaction

__all__ = [
    "Allocation",
    "Authority",
    "Design",
    "Estimation",
    "Group",
    "Method",
    "Place",
    "RegisteredWave",
    "Target",
    "Thresholds",
    "TooFew",
    "Unit",
    "WaveSpec",
    "documents_of",
    "get",
    "load",
    "load_file",
    "register",
]


@dataclass(frozen=True, slots=True)
class RegisteredWave:
    """A wave as the store holds it.

    ``questionnaires`` is keyed as the groups name them; ``state`` is draft, open, closed or frozen; ``key_origin`` is
    ``outside`` or ``server``, which the operator could have read. Questionnaires and hotline are as corrected.
    """

    spec: WaveSpec
    questionnaires: Mapping[str, Questionnaire]
    framework: Framework | None
    public_key: bytes
    plan_hash: str
    box_bytes: int
    state: str
    pilot: bool
    key_origin: str
    corrections: tuple[Correction, ...] = ()

    @property
    def planned(self) -> dict[str, str]:
        """The hash of every questionnaire as the plan has it, whatever was corrected since."""
        hashes = {name: asked.hash for name, asked in self.questionnaires.items()}
        for each in reversed(self.corrections):
            if each.questionnaire:
                hashes[each.questionnaire] = each.before
        return hashes

    def at(self, now: Mapping[str, Any]) -> RegisteredWave:
        """The same in its state of this moment, with the day it closes (the store's query ``wave_now``)."""
        closes = date.fromisoformat(now["closes"]) if now["closes"] else self.spec.closes
        if (now["state"], closes) == (self.state, self.spec.closes):
            return self
        return replace(self, state=now["state"], spec=replace(self.spec, closes=closes))

    def questionnaire_of(self, group: str) -> Questionnaire:
        """What a group is asked, with its own reference period in the words."""
        asked = self.spec.group(group)
        return self.questionnaires[asked.questionnaire].about(asked.target.period if asked.target else None)

    def questionnaires_as_read(self) -> dict[str, Questionnaire]:
        """Every questionnaire by the name that groups give it; of different reference periods it names each."""
        read = {}
        for name, questionnaire in self.questionnaires.items():
            groups = [group for group in self.spec.groups if group.questionnaire == name]
            periods = list(dict.fromkeys(group.target.period if group.target else USUAL_PERIOD for group in groups))
            languages = dict.fromkeys(language for period in periods for language in period)
            together = {language: "; ".join(period.of(language) for period in periods) for language in languages}
            read[name] = questionnaire.about(Text(together) if periods else None)
        return read


def register(
    store: Store,
    keyring: Keyring,
    clock: Clock,
    spec: WaveSpec,
    asked: Mapping[str, Questionnaire],
    framework: Framework | None,
    *,
    public_key: bytes | None = None,
    pilot: bool = False,
    replace: bool = False,
    who: str = "",
) -> RegisteredWave:
    """Register a wave with its documents, as a draft. Without ``public_key`` (raw) the server makes the pair.

    ``replace``: in place of a registered draft, whose key pair stays. Raises Faults when there is a wave of this id
    already, or with ``replace`` when its plan is fixed by a recorded list.
    """
    with store.write() as tx:
        enter(tx, keyring, clock, spec, asked, framework, public_key=public_key, pilot=pilot, replace=replace, who=who)
    return get(store, spec.id)


def enter(
    tx: Transaction,
    keyring: Keyring,
    clock: Clock,
    spec: WaveSpec,
    asked: Mapping[str, Questionnaire],
    framework: Framework | None,
    *,
    public_key: bytes | None = None,
    pilot: bool = False,
    replace: bool = False,
    who: str = "",
) -> None:
    """Register a wave in the caller's transaction, as ``register`` does."""
    documents = {
        "questionnaires": {name: each.hash for name, each in sorted(asked.items())},
        "framework": framework.hash if framework else None,
    }
    plan_hash = originals.plan_hash(spec.text, documents)
    origin = "server" if public_key is None else "outside"
    there = _standing(tx, spec, public_key, replace=replace)
    if there is not None:
        public_key, origin = there["public_key"], there["key_origin"]
    public = _server_made(keyring, spec.id) if public_key is None else public_key
    _keep_documents(tx, asked, framework)
    write = tx.wave_add if there is None else tx.wave_replace
    write(
        id=spec.id, spec=spec.text, documents=json.dumps(documents, sort_keys=True), plan_hash=plan_hash,
        pilot=int(pilot), public_key=public, key_origin=origin, box_bytes=boxes.box_bytes(spec, asked),
    )  # fmt: skip
    detail = {"plan_hash": plan_hash, "public_key": sealing.fingerprint(public), "key_origin": origin, "pilot": pilot}
    audit.append(tx, clock, who, "wave created" if there is None else "wave replaced", spec.id, detail)
    keyring.create_wave(spec.id)
    keyring.save_public(spec.id, sealing.public_pem(public))


def change_key(
    store: Store, keyring: Keyring, clock: Clock, wave: str, public_key: bytes | None, *, who: str = ""
) -> None:
    """Give a registered draft another key pair: the public half of one made elsewhere, or (None) one made here.

    Raises Faults once a list is recorded: what is announced from then on names the key.
    """
    origin = "server" if public_key is None else "outside"
    with store.write() as tx:
        row = tx.wave_get(id=wave)
        _require_draft(tx, row, wave)
        public = _server_made(keyring, wave) if public_key is None else public_key
        tx.wave_change_key(id=wave, public_key=public, key_origin=origin)
        detail = {"public_key": sealing.fingerprint(public), "key_origin": origin}
        audit.append(tx, clock, who, "wave key changed", wave, detail)
    # Only now: a pair that the store still named would be gone.
    keyring.replace_public(wave, sealing.public_pem(public), keep_private=origin == "server")


def _standing(tx: Transaction, spec: WaveSpec, public_key: bytes | None, *, replace: bool) -> Mapping[str, Any] | None:
    """The draft that is to be replaced; None for a new wave. Raises Faults where neither may be."""
    there: Mapping[str, Any] | None = tx.wave_get(id=spec.id)
    if there is None:
        return None
    if not replace:
        raise Faults(
            f"there is a wave “{spec.id}” already; a changed plan needs another id, or --replace while "
            "no list of it is recorded"
        )
    _require_replaceable(tx, there, spec)
    if public_key not in (None, there["public_key"]):
        raise Faults(f"wave “{spec.id}” keeps its key pair; a wave with another one needs another id")
    return there


def _keep_documents(tx: Transaction, asked: Mapping[str, Questionnaire], framework: Framework | None) -> None:
    for kind, document in [*(("questionnaire", each) for each in asked.values()), ("framework", framework)]:
        if document is not None:
            tx.wave_add_document(hash=document.hash, kind=kind, id=document.id, body=document.text)


def _require_replaceable(tx: Transaction, row: Mapping[str, Any], spec: WaveSpec) -> None:
    """Raise Faults unless the registered wave is a draft without any recorded list, and its lists fit the new plan."""
    _require_draft(tx, row, spec.id)
    groups, units = {group.id for group in spec.groups}, {unit.id for unit in spec.units}
    faults = [
        Fault(f"group {each['grp']} has a list of {each['n']} rows, but the new plan has no such group")
        for each in tx.frame_counts(wave=spec.id)
        if each["grp"] not in groups
    ]
    faults += [
        Fault(f"the list of group {each['grp']} names the unit “{each['unit']}”, which the new plan has not")
        for each in tx.wave_units_in_use(wave=spec.id)
        if each["grp"] in groups and each["unit"] not in units
    ]
    if faults:
        raise Faults(faults)


def _require_draft(tx: Transaction, row: Mapping[str, Any], wave: str) -> None:
    if row["state"] != "draft":
        raise Faults(f"wave “{wave}” is {row['state']}: its plan is sealed and can no longer be replaced")
    if any(True for _ in tx.draw_all(wave=wave)):
        raise Faults(f"wave “{wave}” has recorded lists: its plan can no longer be replaced; "
                     "`phieu wave copy` makes another wave of it")  # fmt: skip


def _server_made(keyring: Keyring, wave: str) -> bytes:
    """The public half of a pair made here; a pair left by an attempt that failed is used."""
    file = keyring.private_file(wave)
    if file is None:
        file = keyring.save_private(wave, sealing.private_pem(sealing.generate_key_pair().private))
    return sealing.read_private_pem(file.read_bytes()).public


def get(store: Store, wave: str) -> RegisteredWave:
    """Read a registered wave. Raises Faults when there is none of this id."""
    with store.read() as tx:
        return found_by(tx, wave)


def open_ones(store: Store) -> list[RegisteredWave]:
    """The waves that are open now."""
    with store.read() as tx:
        return [found_by(tx, row["id"]) for row in list(tx.waves_to_serve()) if row["state"] == "open"]


def found_by(tx: Transaction, wave: str) -> RegisteredWave:
    """A registered wave as a transaction sees it. Raises Faults without one, Altered where it is not as registered."""
    row, now = tx.wave_get(id=wave), tx.wave_now(id=wave)
    if row is None:
        known = ", ".join(each["id"] for each in tx.wave_ids())
        raise Faults(f"there is no wave “{wave}”; {f'registered: {known}' if known else 'none is registered'}")
    documents = originals.documents(row)
    spec, hashes = _spec(row["spec"], wave), dict(documents["questionnaires"])
    made = corrections.of(tx, wave)
    for each in made:
        if each.questionnaire:
            hashes[each.questionnaire] = each.after
        else:
            spec = replace(spec, hotline=each.after)
    asked = {name: _questionnaire(originals.document(tx, digest, wave), name) for name, digest in hashes.items()}
    chosen = documents["framework"]
    framework = None if chosen is None else _framework(originals.document(tx, chosen, wave))
    registered = RegisteredWave(
        spec, asked, framework, row["public_key"], row["plan_hash"], row["box_bytes"],
        row["state"], bool(row["pilot"]), row["key_origin"], made,
    )  # fmt: skip
    return registered.at(now)


# Registered texts never change, so that each is read once a process.


@lru_cache(maxsize=64)
def _spec(text: str, name: str) -> WaveSpec:
    return load(text, name)


@lru_cache(maxsize=64)
def _questionnaire(text: str, name: str) -> Questionnaire:
    return questionnaires.load(text, name)


@lru_cache(maxsize=64)
def _framework(text: str) -> Framework:
    return frameworks.load(text, "framework")

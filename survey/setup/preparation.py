"""A wave file in the store, written at the desk: every change carries the revision that it saw.

The file stays the one source of truth: what is kept is its text, and once it was registered each change that makes a
whole plan is registered at once, so that lists and plan never part.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms.faults import Faults
from forms.toml import ID
from survey import audit, originals
from survey.clock import Clock
from survey.keys import Keyring
from survey.plan import wave_text
from survey.plan.documents import Reader, documents_of
from survey.plan.wave_spec import WaveSpec
from survey.setup import checking
from survey.setup.checking import Problem
from survey.store import Store, Transaction
from survey.wave import enter

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Preparation:
    """A wave file as it stands. ``documents``: name → text, of those that are not bundled.

    ``registered``: the wave of this text is registered; ``fixed``: why it can no longer be changed, '' while it can.
    """

    id: str
    text: str
    pilot: bool
    source: str
    revision: int
    at: str
    who: str
    documents: Mapping[str, str] = field(default_factory=dict)
    registered: bool = False
    known: bool = False  # some plan of this id is registered
    fixed: str = ""

    @property
    def data(self) -> Data:
        """What the file says, the caller's own to change."""
        return tomllib.loads(self.text)

    @property
    def title(self) -> str:
        """Its Vietnamese title; '' while it has none."""
        told = self.data.get("title", "")
        return str(told.get("vi", "") if isinstance(told, dict) else told)

    @property
    def reader(self) -> Reader:
        """Finds the documents that the file names."""
        return _reader(self.documents)

    @property
    def spec(self) -> WaveSpec | None:
        """The plan; None while the file makes none."""
        return checking.of_text(self.text)[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that stands in the way of registering it."""
        spec, problems = checking.of_text(self.text)
        return problems if spec is None else checking.of_documents(spec, self.reader)


class Stale(Exception):
    """Somebody else changed it since it was shown; nothing was saved."""

    def __init__(self, at: str, who: str) -> None:
        super().__init__(f"changed by {who} at {at}")
        self.at, self.who = at, who


def begin(
    store: Store, clock: Clock, identity: str, data: Mapping[str, Any], *, who: str, pilot: bool = False,
    source: str = "", documents: Mapping[str, str] | None = None,
) -> Preparation:  # fmt: skip
    """Begin to prepare a wave. Raises Faults when the id is none, or is taken."""
    if not ID.fullmatch(identity):
        raise Faults(f"“{identity}” is not an id: use a–z, 0–9 and _, beginning with a letter")
    text = wave_text.write({**data, "id": identity})
    with store.write() as tx:
        if tx.preparation_get(id=identity) is not None or tx.wave_get(id=identity) is not None:
            raise Faults(f"there is a wave “{identity}” already")
        _put(tx, clock, identity, text, pilot=pilot, source=source, revision=1, who=who)
        _keep(tx, identity, documents or {})
        audit.append(tx, clock, who, "wave preparation begun", identity, {"pilot": pilot, "copied_from": source})
    return get(store, identity)


def get(store: Store, identity: str) -> Preparation:
    """A wave file as it stands, also of a wave that was registered elsewhere. Raises Faults when there is none."""
    with store.read() as tx:
        return _get(tx, identity)


def _get(tx: Transaction, identity: str) -> Preparation:
    row, wave = tx.preparation_get(id=identity), tx.wave_get(id=identity)
    if row is None and wave is None:
        raise Faults(f"there is no wave “{identity}”")
    kept = {each["name"]: each["body"] for each in tx.preparation_documents(wave=identity)}
    if wave is None:
        return _made(row, kept)
    registered = _registered_documents(tx, wave)
    if row is None:
        row = {"id": identity, "body": wave["spec"], "pilot": wave["pilot"], "source": "", "revision": 0,
               "updated_at": "", "updated_by": ""}  # fmt: skip
        kept = registered
    same = row["body"] == wave["spec"] and all(kept.get(name) == text for name, text in registered.items())
    return _made(row, {**registered, **kept}, registered=same, known=True, fixed=_fixed(tx, identity, wave["state"]))


def _made(row: Mapping[str, Any], documents: Mapping[str, str], **more: Any) -> Preparation:
    return Preparation(row["id"], row["body"], bool(row["pilot"]), row["source"], row["revision"], row["updated_at"],
                       row["updated_by"], documents, **more)  # fmt: skip


def _fixed(tx: Transaction, identity: str, state: str) -> str:
    """Why the plan stands: its state, or the lists that were recorded."""
    if state != "draft":
        return str(state)
    return "listed" if any(True for _ in tx.draw_all(wave=identity)) else ""


def _registered_documents(tx: Transaction, wave: Mapping[str, Any]) -> dict[str, str]:
    """Those that a registered wave has from files, by the names that its plan gives them."""
    told = originals.documents(wave)
    found = {name: originals.document(tx, digest, wave["id"]) for name, digest in told["questionnaires"].items()}
    if told["framework"]:
        found[tomllib.loads(wave["spec"]).get("framework", "")] = originals.document(tx, told["framework"], wave["id"])
    return {name: text for name, text in found.items() if name.endswith(".toml")}


def save(
    store: Store, keyring: Keyring, clock: Clock, identity: str, revision: int, data: Mapping[str, Any], *, who: str,
    documents: Mapping[str, str] | None = None,
) -> Preparation:  # fmt: skip
    """Keep a changed file, and register it where a plan of it was: whole, or not at all.

    A file that makes no plan yet is kept beside the registered one. Raises Stale when somebody saved in between, Faults
    when the plan is fixed or a list that was imported does not fit the new one.
    """
    text = wave_text.write({**data, "id": identity})
    with store.write() as tx:
        before = _changeable(tx, identity, revision)
        _put(tx, clock, identity, text, pilot=before.pilot, source=before.source, revision=revision + 1, who=who)
        _keep(tx, identity, {**before.documents, **(documents or {})})
        if before.known:
            now = _get(tx, identity)
            if not now.problems:
                _register(tx, keyring, clock, now, who=who)
    return get(store, identity)


def register(
    store: Store, keyring: Keyring, clock: Clock, identity: str, revision: int, public_key: bytes | None, *, who: str
) -> Preparation:
    """Register the plan; without ``public_key`` (raw) the server makes the pair at first. Raises as ``save`` does."""
    with store.write() as tx:
        now = _changeable(tx, identity, revision)
        if now.problems:
            raise Faults(problem.fault for problem in now.problems)
        _register(tx, keyring, clock, now, who=who, public_key=public_key)
    return get(store, identity)


def forget(store: Store, clock: Clock, identity: str, revision: int, *, who: str) -> None:
    """Give up a preparation that was never registered. Raises Faults when it was, Stale when it was changed."""
    with store.write() as tx:
        if _changeable(tx, identity, revision).known:
            raise Faults(f"wave “{identity}” is registered and stays")
        tx.preparation_forget_documents(wave=identity)
        tx.preparation_forget(id=identity)
        audit.append(tx, clock, who, "wave preparation given up", identity, {})


def unregistered(store: Store) -> list[Preparation]:
    """What is being prepared and was never registered, the latest first."""
    with store.read() as tx:
        registered = {row["id"] for row in tx.wave_ids()}
        return [_made(row, {}) for row in tx.preparation_all() if row["id"] not in registered]


def _changeable(tx: Transaction, identity: str, revision: int) -> Preparation:
    now = _get(tx, identity)
    if now.fixed == "listed":
        raise Faults(f"wave “{identity}” has recorded lists: its plan can no longer be replaced; "
                     "`phieu wave copy` makes another wave of it")  # fmt: skip
    if now.fixed:
        raise Faults(f"wave “{identity}” is {now.fixed}: its plan is sealed and can no longer be replaced")
    if now.revision != revision:
        raise Stale(now.at, now.who)
    return now


def _put(
    tx: Transaction, clock: Clock, identity: str, text: str, *, pilot: bool, source: str, revision: int, who: str
) -> None:
    at = clock().isoformat(timespec="seconds")
    tx.preparation_put(id=identity, body=text, pilot=int(pilot), source=source, revision=revision, updated_at=at,
                       updated_by=who)  # fmt: skip


def _keep(tx: Transaction, identity: str, documents: Mapping[str, str]) -> None:
    tx.preparation_forget_documents(wave=identity)
    for name, text in documents.items():
        tx.preparation_keep_document(wave=identity, name=name, body=text)


def _register(
    tx: Transaction, keyring: Keyring, clock: Clock, now: Preparation, *, who: str, public_key: bytes | None = None
) -> None:
    spec = now.spec
    if spec is None:
        raise Faults(problem.fault for problem in now.problems)
    asked, framework = documents_of(spec, now.reader)
    enter(
        tx, keyring, clock, spec, asked, framework, public_key=public_key, pilot=now.pilot, replace=now.known, who=who
    )


def _reader(documents: Mapping[str, str]) -> Reader:
    def read(name: str) -> str:
        if name not in documents:
            raise Faults(f"“{name}” was not sent in yet")
        return documents[name]

    return read

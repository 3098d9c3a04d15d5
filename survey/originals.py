"""What a wave was registered with, by hash: its plan, questionnaires and framework are what was entered, or not used.

A row can be damaged while the database as a whole is sound, and whoever has the database can change one. Both are found
here, when a wave is read; that nobody exchanged text and hash together is for seal 0 to say (``seals.verify``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from forms.faults import Faults
from survey.store import Store, StoreError, Transaction

MEND = "stop the server, keep its files, and restore the last backup of before"
KINDS = ("questionnaire", "framework")
_ALTERED = "the {} “{}” was altered in the database ({})"


class Altered(StoreError):
    """A text in the database is not the one that was registered: ``what`` says which, the message also what to do."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}: {MEND}")
        self.what = what


def digest(text: str) -> str:
    """The hash that names a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def plan_hash(spec: str, documents: Mapping[str, Any]) -> str:
    """The hash of a plan: its text, and the hashes of the documents it names."""
    return digest(json.dumps([spec, documents], sort_keys=True))


def documents(row: Mapping[str, Any]) -> dict[str, Any]:
    """The hashes of the documents of a registered wave (``wave_get``). Raises Altered unless the plan is its own."""
    try:
        named: dict[str, Any] = json.loads(row["documents"])
    except ValueError:
        named = {}
    if plan_hash(row["spec"], named) != row["plan_hash"]:
        raise Altered(f"the plan of wave “{row['id']}” in the database is not the one that was registered")
    return named


def document(tx: Transaction, hash: str, wave: str) -> str:
    """The text of a questionnaire or framework that a wave uses. Raises Altered unless it is there as registered."""
    text = tx.wave_document(hash=hash)
    if text is None:
        raise Altered(f"a questionnaire or framework of wave “{wave}” is missing from the database ({hash})")
    if digest(text) != hash:
        raise Altered(f"a questionnaire or framework of wave “{wave}” was altered in the database ({hash})")
    return str(text)


def kept(tx: Transaction, kind: str) -> Iterator[Mapping[str, Any]]:
    """Every questionnaire or framework (hash, id, body), of any wave, now or before. Raises Altered at one that was."""
    for row in tx.wave_documents_of(kind=kind):
        if digest(row["body"]) != row["hash"]:
            raise Altered(_ALTERED.format(kind, row["id"], row["hash"]))
        yield row


def faults(store: Store) -> list[str]:
    """What is wrong with registered texts, one sentence a fault: of every wave, and of wordings of before."""
    from survey.wave import found_by

    found: list[str] = []
    try:
        with store.read() as tx:
            found += _altered(tx)
            for wave in [row["id"] for row in tx.wave_ids()]:
                try:
                    found_by(tx, wave)
                except Altered as altered:
                    found.append(altered.what)
                except Faults as unread:
                    found.append(f"wave “{wave}” cannot be read: {unread}")
    except StoreError as error:  # a row that cannot even be read
        found.append(f"registered texts cannot be read: {error}")
    return found


def _altered(tx: Transaction) -> Iterator[str]:
    """Every questionnaire and framework whose text has another hash than its row says, used by a wave now or not."""
    for kind in KINDS:
        for row in tx.wave_documents_of(kind=kind):
            if digest(row["body"]) != row["hash"]:
                yield _ALTERED.format(kind, row["id"], row["hash"])

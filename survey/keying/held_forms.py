"""Forms keyed once, or twice and differently, that wait for another person: drafts sealed for whoever has the strip."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from survey import codes, sealing
from survey.drafts import Draft, Entry
from survey.keys import WaveKeys
from survey.store import Transaction


@dataclass(frozen=True, slots=True)
class Held:
    """One keying of a form: by whom, and what."""

    keyer: str
    batch: int
    draft: Draft


def row_id(keys: WaveKeys, code: str) -> bytes:
    """The row of a code's keyings; another one than that of its respondent's draft."""
    return codes.lookup(keys.draft_id, f"{code} keyed")


def load(held: Transaction, keys: WaveKeys, code: str) -> list[Held]:
    """The keyings of a form, the first one first. Raises SealBroken for an altered one."""
    id = row_id(keys, code)
    found = []
    for row in held.held_get(id=id):
        content = sealing.open_draft(row["sealed"], _key(keys, code, row["salt"]), _bound(id, row["number"]))
        found.append(_parse(content, row["batch"]))
    return found


def add(held: Transaction, keys: WaveKeys, wave: str, code: str, number: int, keying: Held) -> None:
    """Keep the first (1) or second (2) keying of a form."""
    id, salt = row_id(keys, code), os.urandom(32)
    entries = [[unit, item, entry.value] for (unit, item), entry in keying.draft.entries.items()]
    content = json.dumps({"keyer": keying.keyer, "entries": entries}, ensure_ascii=False).encode()
    sealed = sealing.seal_draft(content, _key(keys, code, salt), _bound(id, number))
    held.held_add(id=id, number=number, wave=wave, batch=keying.batch, salt=salt, sealed=sealed)


def forget(held: Transaction, keys: WaveKeys, code: str) -> None:
    """Delete a form's keyings with the random halves of their keys."""
    held.held_forget(id=row_id(keys, code))


def _key(keys: WaveKeys, code: str, salt: bytes) -> bytes:
    return sealing.draft_key(code, keys.draft, salt)


def _bound(id: bytes, number: int) -> bytes:
    """What a sealed keying is bound to: neither code nor place can be swapped."""
    return id + bytes([number])


def _parse(content: bytes, batch: int) -> Held:
    document = json.loads(content)
    entries = {
        (unit, item): Entry(unit, item, tuple(value) if isinstance(value, list) else value, 1, "")
        for unit, item, value in document["entries"]
    }
    return Held(document["keyer"], batch, Draft(1, entries))

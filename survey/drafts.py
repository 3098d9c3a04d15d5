"""Partial answers, sealed for whoever holds the code, in a database of their own that no backup contains.

A draft keeps each answer with the revision that wrote it. A non-empty answer always wins; an empty one clears only
what its page had seen. So two tabs, a Back button or a second phone never lose an answer between them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import msgspec

from forms.answers import Value
from survey import codes, sealing
from survey.keys import WaveKeys
from survey.store import Store, Transaction

RESPONDENT = ""  # in place of a unit: what is asked once a respondent
DECLINED_UNIT = ""  # in place of an item: any value there says that the respondent declined this unit

Key = tuple[str, str]  # (unit id or RESPONDENT, item id or DECLINED_UNIT)


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One answer: about whom, to what, its value, the draft's revision that wrote it, the sitting it was typed in."""

    unit: str
    item: str
    value: Value
    revision: int
    sitting: str


class Stored(NamedTuple):
    """A draft as it lies in its row, and what it is sealed with."""

    row: bytes
    salt: bytes
    key: bytes
    sealed: bytes


@dataclass(frozen=True)
class Draft:
    """Everything saved so far; ``revision`` counts the saves and 0 means that nothing was."""

    revision: int = 0
    entries: Mapping[Key, Entry] = field(default_factory=dict)
    stored: Stored | None = field(default=None, compare=False, repr=False)  # where it was read
    begun: int = field(default=0, compare=False)  # when the first page was saved, in seconds since 1970; 0: not known

    def answers(self, unit: str = RESPONDENT, *, sitting: str | None = None) -> Mapping[str, Value]:
        """Answers about one unit or about the respondent; only those typed in ``sitting`` when it is given."""
        said = self._said.get(unit, {})
        if sitting is None:
            return said
        return {item: value for item, value in said.items() if self.entries[unit, item].sitting == sitting}

    @cached_property
    def _said(self) -> dict[str, dict[str, Value]]:
        """The answers by whom they are about: a page asks for them several times."""
        said: dict[str, dict[str, Value]] = {}
        for (unit, item), entry in self.entries.items():
            if item != DECLINED_UNIT:
                said.setdefault(unit, {})[item] = entry.value
        return said

    @cached_property
    def declined(self) -> frozenset[str]:
        """Units that the respondent does not know enough about."""
        return frozenset(unit for unit, item in self.entries if item == DECLINED_UNIT)

    def merged(self, page: Mapping[Key, Value | None], *, seen: int, sitting: str = "", now: int = 0) -> Draft:
        """This draft with one posted page in it; ``now`` in seconds since 1970.

        ``seen``: the revision that the page was made from; ``sitting``: the sitting it belongs to, '' where every
        page shows all answers. None clears an answer that the page showed. An answer posted unchanged keeps its
        revision, so that a page reached by the Back button may still clear it.
        """
        entries = dict(self.entries)
        for key, value in page.items():
            old = entries.get(key)
            if value is not None and value != "" and value != ():
                same = old is not None and old.value == value
                entries[key] = Entry(*key, value, old.revision if same and old else self.revision + 1, sitting)
            elif old is not None and old.revision <= seen and old.sitting == sitting:
                del entries[key]
        return Draft(self.revision + 1, entries, begun=self.begun if self.revision else now)


def load(store: Store, keys: WaveKeys, code: str) -> Draft:
    """The draft of a code; an empty one when there is none. Raises SealBroken when it was altered."""
    with store.look() as tx:
        return _load(tx, keys, code)


def merge(
    store: Store,
    keys: WaveKeys,
    wave: str,
    code: str,
    page: Mapping[Key, Value | None],
    *,
    seen: int,
    sitting: str = "",
    now: int = 0,
    read: Draft | None = None,
) -> Draft:
    """Save one page; see ``Draft.merged``. A killed process loses nothing, a power cut at most the last page.

    ``read``: the draft as the caller has read it. Where it is still what is stored, one statement replaces it.
    """
    if read is not None:
        draft = read.merged(page, seen=seen, sitting=sitting, now=now)
        stored = _sealed(draft, keys, code, read.stored)
        with store.change(on=stored.row) as tx:
            if _put(tx, wave, draft, stored, over=read.stored):
                return draft
    with store.write(durable=False, on=_row(keys, code)) as tx:
        before = _load(tx, keys, code)
        draft = before.merged(page, seen=seen, sitting=sitting, now=now)
        _put(tx, wave, draft, _sealed(draft, keys, code, before.stored), over=before.stored)
    return draft


def discard(store: Store, keys: WaveKeys, code: str) -> None:
    """Delete a draft and the random half of its key."""
    row = _row(keys, code)
    with store.change(on=row) as tx:
        tx.draft_delete(id=row)


def discard_wave(store: Store, wave: str) -> int:
    """Delete every draft of a wave; return how many there were."""
    with store.write() as tx:
        return int(tx.draft_delete_wave(wave=wave))


def unit_order(keys: WaveKeys, code: str, units: Sequence[str]) -> tuple[str, ...]:
    """The units in an order of this respondent's own: as good as random, the same on every visit, stored nowhere."""
    if len(units) == 1:
        return tuple(units)
    return tuple(sorted(units, key=lambda unit: codes.lookup(keys.order, f"{code} {unit}")))


def new_sitting() -> str:
    """A nonce for one sitting; a page that carries it may be shown what was typed in that sitting."""
    return secrets.token_urlsafe(12)


def _row(keys: WaveKeys, code: str) -> bytes:
    return codes.lookup(keys.draft_id, code)


def _load(tx: Transaction, keys: WaveKeys, code: str) -> Draft:
    row = _row(keys, code)
    found = tx.draft_get(id=row)
    if found is None:
        return Draft()
    salt, sealed = found
    key = sealing.draft_key(code, keys.draft, salt)
    return _parse(sealing.open_draft(sealed, key, row), Stored(row, salt, key, sealed))


def _sealed(draft: Draft, keys: WaveKeys, code: str, before: Stored | None) -> Stored:
    """What is to lie in its row: in place of what was there, or the first, which has a salt of its own."""
    if before is None:
        row, salt = _row(keys, code), os.urandom(32)
        before = Stored(row, salt, sealing.draft_key(code, keys.draft, salt), b"")
    return before._replace(sealed=sealing.seal_draft(_dump(draft), before.key, before.row))


def _put(tx: Transaction, wave: str, draft: Draft, stored: Stored, *, over: Stored | None) -> bool:
    """Put a draft where ``over``, or nothing, lies; False where something else does."""
    row, salt, _, sealed = stored
    if over is None:
        return bool(tx.draft_add(id=row, wave=wave, salt=salt, revision=draft.revision, sealed=sealed))
    return bool(tx.draft_replace(id=row, before=over.sealed, revision=draft.revision, sealed=sealed))


class _Document(msgspec.Struct, gc=False):
    """A draft as it is sealed, in JSON."""

    revision: int
    entries: list[Entry]
    begun: int = 0


_DECODER = msgspec.json.Decoder(_Document)


def _dump(draft: Draft) -> bytes:
    return msgspec.json.encode(_Document(draft.revision, list(draft.entries.values()), draft.begun))


def _parse(content: bytes, stored: Stored) -> Draft:
    document = _DECODER.decode(content)
    entries = {(entry.unit, entry.item): entry for entry in document.entries}
    return Draft(document.revision, entries, stored, document.begun)

"""Partial answers, sealed for whoever holds the code, in a database of their own that no backup contains.

A draft keeps each answer with the revision that wrote it. A non-empty answer always wins; an empty one clears only
what its page had seen. So two tabs, a Back button or a second phone never lose an answer between them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything saved so far; ``revision`` counts the saves and 0 means that nothing was."""

    revision: int = 0
    entries: Mapping[Key, Entry] = field(default_factory=dict)
    stored: bytes = field(default=b"", compare=False, repr=False)  # as it was sealed where it was read
    begun: int = field(default=0, compare=False)  # when the first page was saved, in seconds since 1970; 0: not known

    def answers(self, unit: str = RESPONDENT, *, sitting: str | None = None) -> dict[str, Value]:
        """Answers about one unit or about the respondent; only those typed in ``sitting`` when it is given."""
        return {
            item: entry.value
            for (about, item), entry in self.entries.items()
            if about == unit and item != DECLINED_UNIT and sitting in (None, entry.sitting)
        }

    @property
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
        return _load(tx, keys, code)[0]


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

    ``read``: the draft as the caller has read it, which need not be opened again where it is still what is stored.
    """
    row = _row(keys, code)
    with store.write(durable=False, on=row) as tx:
        draft, salt = _load(tx, keys, code, read)
        draft = draft.merged(page, seen=seen, sitting=sitting, now=now)
        sealed = sealing.seal_draft(_dump(draft), sealing.draft_key(code, keys.draft, salt), row)
        tx.draft_put(id=row, wave=wave, salt=salt, revision=draft.revision, sealed=sealed)
    return draft


def discard(store: Store, keys: WaveKeys, code: str) -> None:
    """Delete a draft and the random half of its key."""
    row = _row(keys, code)
    with store.read() as tx:
        if tx.draft_get(id=row) is None:
            return
    with store.write(durable=False, on=row) as tx:
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


def _load(tx: Transaction, keys: WaveKeys, code: str, read: Draft | None = None) -> tuple[Draft, bytes]:
    row = _row(keys, code)
    found = tx.draft_get(id=row)
    if found is None:
        return Draft(), os.urandom(32)
    if read is not None and read.stored == found["sealed"]:
        return read, found["salt"]
    content = sealing.open_draft(found["sealed"], sealing.draft_key(code, keys.draft, found["salt"]), row)
    return _parse(content, found["sealed"]), found["salt"]


class _Document(msgspec.Struct, gc=False):
    """A draft as it is sealed, in JSON."""

    revision: int
    entries: list[Entry]
    begun: int = 0


_DECODER = msgspec.json.Decoder(_Document)


def _dump(draft: Draft) -> bytes:
    return msgspec.json.encode(_Document(draft.revision, list(draft.entries.values()), draft.begun))


def _parse(content: bytes, stored: bytes) -> Draft:
    document = _DECODER.decode(content)
    entries = {(entry.unit, entry.item): entry for entry in document.entries}
    return Draft(document.revision, entries, stored, document.begun)

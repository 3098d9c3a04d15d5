"""A list read into the scratch database, sheet by sheet and batch by batch."""

from __future__ import annotations

import hmac
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import repeat
from typing import Any

from forms.faults import Fault, Faults
from forms.table_stream import Batch, SheetStream, TableFile
from forms.tables import Cell, Sheet
from survey.frames.columns import HEADER_WITHIN, Header, Told, find_header
from survey.frames.headings import CONTACT
from survey.frames.names import Offices
from survey.frames.rows import FaultList, RowReader, Rows
from survey.plan.wave_spec import Group, WaveSpec
from survey.store import Transaction

HASH_BYTES = 16
# For bytes and None, each time, sqlite3 asks whether an adapter was registered, which takes longer than to store them:
# hence this, and empty texts in scratch rows where the rows to come have no value.
_QUICK = bytearray
Hashes = Callable[[Iterable[str]], list[bytes]]


@dataclass(slots=True)
class Staged:
    """What a file came to. ``places`` are its sheets as faults name them; ``expected``: unit → (posts, row).

    What rows are compared by stays in memory: ``references``, the keyed hashes of their numbers one after the other
    (``blank`` is that of none), and this process's own hash of each telephone and address, 0 where there is none.
    """

    file: str
    faults: FaultList
    blank: bytes
    references: bytearray = field(default_factory=bytearray)
    phones: array[int] = field(default_factory=lambda: array("q"))
    emails: array[int] = field(default_factory=lambda: array("q"))
    places: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)  # the heading of the number, by sheet
    rows_in: int = 0
    without_identity: int = 0
    by_unit: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    expected: dict[str, tuple[int, int]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    skipped_sheets: tuple[str, ...] = ()
    heading: dict[str, str] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()
    remembered: tuple[str, ...] = ()
    suggested: dict[str, str] = field(default_factory=dict)
    key: str = ""

    def fault(self, row: Mapping[str, Any], message: str) -> Fault:
        """A fault in the number of a staged row."""
        return Fault(message, self.places[row["sheet"]], row["row"], self.columns[row["sheet"]])

    def order(self, fault: Fault) -> tuple[int, int]:
        """Where a fault stands in the file."""
        return self.places.index(fault.file), fault.row or 0

    def take_header(self, header: Header) -> None:
        """Note how a sheet's columns were read."""
        self.heading |= header.heading
        self.unused += _new(header.unused, self.unused)
        self.guessed += _new(header.guessed, self.guessed)
        self.remembered += _new(header.remembered, self.remembered)
        self.suggested |= header.suggested
        self.key = self.key or header.key


def _new(names: Sequence[str], there: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in there)


def keyed_hashes(secret: bytes, purpose: str) -> Hashes:
    """Keyed hashes of one kind: BLAKE2b with a key (RFC 7693), three times as fast as HMAC-SHA-256."""
    key = hmac.digest(secret, f"frame\0{purpose}".encode(), "sha256")
    begun = blake2b(key=key, digest_size=HASH_BYTES).copy  # a third faster than taking the key in anew

    def hashed(values: Iterable[str]) -> list[bytes]:
        found = []
        for value in values:
            state = begun()
            state.update(value.encode())
            found.append(state.digest())
        return found

    return hashed


def stage(
    scratch: Transaction, spec: WaveSpec, group: Group, table: TableFile, told: Told, secret: bytes,
    progress: Callable[[float], None],
) -> Staged:  # fmt: skip
    """Read every sheet that holds such a list. Raises Faults when the file is broken or none does."""
    offices = Offices(spec, group)
    hashes = keyed_hashes(secret, f"reference/{group.id}"), keyed_hashes(secret, f"identity/{group.id}")
    staged = Staged(table.path.name, FaultList(table.path.name), hashes[0]([""])[0])
    scratch.frame_stage_rows()
    scratch.frame_stage_shared()
    scratch.frame_stage_suspects()
    alone = len(table.names) == 1
    first: Sheet | None = None
    filled = False
    for number, sheet in enumerate(table.sheets()):
        batch = next(sheet.batches, Batch((), (), 1.0))
        head = Sheet(sheet.file, sheet.name, _head(batch))
        first = first or head
        filled = filled or any(any(row) for row in batch.rows)
        if alone and not filled:
            break
        header = find_header(head, group, told, alone=alone)
        if header is None:
            staged.skipped_sheets += (sheet.name,)
            continue
        reader = RowReader(group, offices, sheet.place, header, staged.faults)
        for share, rows in _read(reader, header, batch, sheet):
            _add(scratch, staged, len(staged.places), rows, hashes)
            progress((number + share) / len(table.names))
        _finish(staged, sheet, header, reader)
    if not filled:
        raise Faults([Fault("has no rows", table.path.name)])
    if not staged.places and first is not None:
        find_header(first, group, told)  # says what a list would need
    return staged


def _head(batch: Batch) -> list[Sequence[Cell]]:
    """The first rows, each at the place of its number."""
    head: list[Sequence[Cell]] = []
    for number, row in zip(batch.numbers[:HEADER_WITHIN], batch.rows[:HEADER_WITHIN], strict=True):
        head.extend(() for _ in range(number - len(head) - 1))
        head.append(row)
    return head


def _read(reader: RowReader, header: Header, first: Batch, sheet: SheetStream) -> Iterator[tuple[float, Rows]]:
    below = next((at for at, number in enumerate(first.numbers) if number > header.row), len(first.numbers))
    yield first.share, reader.read(first.numbers[below:], first.rows[below:])
    for batch in sheet.batches:
        yield batch.share, reader.read(batch.numbers, batch.rows)


def _finish(staged: Staged, sheet: SheetStream, header: Header, reader: RowReader) -> None:
    staged.take_header(header)
    staged.places.append(sheet.place)
    staged.columns.append(header.heading["reference"])
    staged.rows_in += reader.rows_in
    staged.dropped += reader.dropped
    staged.moved += reader.moved


def _add(scratch: Transaction, staged: Staged, sheet: int, rows: Rows, hashes: tuple[Hashes, Hashes]) -> None:
    if not rows.numbers:
        return
    reference, identity = hashes
    staged.by_unit.update(rows.unit)
    staged.without_identity += rows.identity.count("")
    references, identities = reference(rows.reference), identity(rows.identity)
    staged.references += b"".join(references)
    staged.phones.extend(map(hash, rows.contact["phone"]))
    staged.emails.extend(map(hash, rows.contact["email"]))
    scratch.frame_stage(
        zip(
            repeat(sheet), rows.numbers, map(_QUICK, references),
            [_QUICK(hashed) if each else None for each, hashed in zip(rows.identity, identities, strict=True)],
            rows.unit, rows.place, rows.units, rows.fields, *(rows.contact[name] for name in CONTACT), rows.reference,
        )
    )  # fmt: skip
    if rows.expected:
        staged.faults.add(_expected(staged, rows))


def _expected(staged: Staged, rows: Rows) -> Iterable[Fault]:
    """A list that says itself how many posts a unit has must say the same in all its rows."""
    for unit, text, number in zip(rows.unit, rows.expected, rows.numbers, strict=True):
        if not text.isdecimal():
            continue
        posts, row = staged.expected.setdefault(unit, (int(text), number))
        if posts != int(text):
            yield Fault(f"“{unit}” has {text} posts here and {posts} in row {row}", staged.file, number)

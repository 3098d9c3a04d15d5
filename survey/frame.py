"""Lists of dossiers and of officials' posts: imported whole or not at all; contacts apart from everything else."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from forms import tables
from forms.faults import Fault, Faults
from survey import audit
from survey.clock import Clock
from survey.frame_rows import FrameRow, RowReader, RowsRead
from survey.keys import Keyring
from survey.store import Store, Transaction
from survey.wave import Group, RegisteredWave

ROW_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or with ``dry`` would do."""

    file: str
    dry: bool
    rows_in: int
    rows_kept: int
    dropped: Mapping[str, int]
    by_unit: Mapping[str, int]
    without_identity: int
    shared_contacts: int
    heading: Mapping[str, str]
    unused: tuple[str, ...]
    skipped_sheets: tuple[str, ...]
    first: tuple[FrameRow, ...]


def import_file(
    store: Store,
    keyring: Keyring,
    clock: Clock,
    wave: RegisteredWave,
    group: str,
    file: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    dry: bool = False,
    replace: bool = False,
    who: str = "",
) -> Imported:
    """Import a list for a group; ``replace`` forgets what was imported for it before.

    Raises Faults with every fault of the file; then, and with ``dry``, nothing is changed.
    """
    asked = _group(wave, group)
    content = tables.content_of(file)
    reader = RowReader(wave.spec, asked)
    read = reader.read(tables.read(content, file.name, tables.OFFICE), dict(mapping or {}))
    secret = keyring.wave_keys(wave.spec.id).frame
    hashed = [_hash(secret, f"reference/{group}", row.reference) for row in read.kept]
    with store.write() as tx:
        if tx.draw_issued(wave=wave.spec.id, grp=group):
            raise Faults(f"group “{group}” has invitations: its list can no longer be changed")
        if not replace:
            _refuse_known(tx, wave.spec.id, group, read, hashed, reader, file.name)
        if not dry:
            if replace:
                tx.frame_forget_contacts(wave=wave.spec.id, grp=group)
                tx.frame_forget_rows(wave=wave.spec.id, grp=group)
            _store(tx, wave.spec.id, group, read.kept, hashed, secret)
            _record(tx, clock, wave.spec.id, group, file.name, content, read, replace, who)
    return _imported(file.name, dry, read)


def _group(wave: RegisteredWave, group: str) -> Group:
    try:
        return wave.spec.group(group)
    except KeyError:
        known = ", ".join(each.id for each in wave.spec.groups)
        raise Faults(f"wave “{wave.spec.id}” has no group “{group}”; it has {known}") from None


def _hash(secret: bytes, purpose: str, value: str) -> bytes:
    """A keyed hash of its own kind (no code contains a zero byte)."""
    return hmac.digest(secret, f"frame\0{purpose}\0{value}".encode(), hashlib.sha256)[:16]


def _refuse_known(
    tx: Transaction, wave: str, group: str, read: RowsRead, hashed: list[bytes], reader: RowReader, file: str
) -> None:
    there = {row["reference"] for row in tx.frame_references(wave=wave, grp=group)}
    column = read.heading["reference"]
    faults = [
        Fault(f"“{row.reference}” was imported before", file, reader.first_row[row.reference], column)
        for row, reference in zip(read.kept, hashed, strict=True)
        if reference in there
    ]
    if faults:
        raise Faults(faults)


def _store(tx: Transaction, wave: str, group: str, rows: list[FrameRow], hashed: list[bytes], secret: bytes) -> None:
    ids = [secrets.token_bytes(ROW_ID_BYTES) for _ in rows]
    tx.frame_add_rows(
        {
            "id": identity, "wave": wave, "grp": group, "reference": reference,
            "identity": _hash(secret, f"identity/{group}", row.identity) if row.identity else None,
            "unit": row.unit, "place": row.place,
            "units": json.dumps(row.units) if row.units else None,
            "fields": json.dumps(row.fields, ensure_ascii=False, sort_keys=True),
        }
        for identity, reference, row in zip(ids, hashed, rows, strict=True)
    )  # fmt: skip
    tx.frame_add_contacts(
        {
            "frame_row": identity, "wave": wave, "reference": row.reference,
            **{name: row.contact.get(name) for name in ("name", "phone", "email", "address")},
        }
        for identity, row in zip(ids, rows, strict=True)
    )  # fmt: skip


def _record(
    tx: Transaction, clock: Clock, wave: str, group: str, file: str, content: bytes, read: RowsRead,
    replace: bool, who: str,
) -> None:  # fmt: skip
    digest = hashlib.sha256(content).hexdigest()
    tx.frame_add_import(
        wave=wave, grp=group, number=tx.frame_last_import(wave=wave, grp=group) + 1, file_name=file, file_hash=digest,
        rows_in=read.rows_in, rows_kept=len(read.kept), at=clock().isoformat(timespec="seconds"),
    )  # fmt: skip
    detail = {"group": group, "file": file, "sha256": digest, "rows_in": read.rows_in, "rows_kept": len(read.kept)}
    audit.append(tx, clock, who, "frame replaced" if replace else "frame imported", wave, detail)


def _imported(file: str, dry: bool, read: RowsRead) -> Imported:
    owners: dict[str, set[str]] = {}
    for row in read.kept:
        for kind in ("phone", "email"):
            if row.identity and row.contact.get(kind):
                owners.setdefault(row.contact[kind], set()).add(row.identity)
    return Imported(
        file=file,
        dry=dry,
        rows_in=read.rows_in,
        rows_kept=len(read.kept),
        dropped=dict(read.dropped),
        by_unit=dict(sorted(Counter(row.unit for row in read.kept).items())),
        without_identity=sum(not row.identity for row in read.kept),
        shared_contacts=sum(len(identities) > 3 for identities in owners.values()),
        heading=dict(read.heading),
        unused=read.unused,
        skipped_sheets=read.skipped_sheets,
        first=tuple(read.kept[:5]),
    )

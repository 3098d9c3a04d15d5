"""What a witness takes away: seals, receipts' hashes and sealed boxes of a wave, as one file that opens nothing.

A ZIP: ``seals.json`` (the chain, as in a dataset), ``receipts.txt`` and ``boxes.txt`` (a line each: seal, door, then
the receipt's hash in hexadecimal or the box in base 64; in the order of hashes, which says nothing of when they came),
and the script that checks them all without Phiếu.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from forms.faults import Fault, Faults
from survey import audit, seals
from survey.clock import Clock
from survey.keys import write_from
from survey.store import Store

EXPORTED = "seals exported"
SCRIPT = Path(__file__).parent / "check_seals.py"
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file read: the chain, and the boxes under it as (seal, door, box); door 1 is a poster."""

    chain: list[Mapping[str, str]]
    boxes: list[tuple[int, int, bytes]]


def export(store: Store, clock: Clock, wave: str, file: Path, *, who: str) -> int:
    """Write the file, mode 0600, never over another; return how many boxes it holds. Raises Faults before seal 0."""
    with store.read() as tx:
        chain = [{"body": row["body"], "hash": row["hash"]} for row in tx.seal_all(wave=wave)]
        boxes = [(row["seal"], row["walk_in"], row["box"]) for row in tx.seal_boxes(wave=wave)]
        receipts = [(row["seal"], row["walk_in"], row["hash"]) for row in tx.seal_receipts(wave=wave)]
    if not chain:
        raise Faults(f"wave “{wave}” has no seal 0 yet: `phieu invitations issue` writes it")
    boxes = sorted((each for each in boxes if each[0] is not None), key=lambda each: hashlib.sha256(each[2]).digest())
    receipts = sorted((each for each in receipts if each[0] is not None), key=lambda each: each[2])
    try:
        with write_from(file) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, "seals.json", [json.dumps(chain, ensure_ascii=False, indent=1)])
            _add(archive, "receipts.txt", (f"{seal} {door} {hash.hex()}\n" for seal, door, hash in receipts))
            _add(
                archive, "boxes.txt", (f"{seal} {door} {base64.b64encode(box).decode()}\n" for seal, door, box in boxes)
            )
            _add(archive, SCRIPT.name, [SCRIPT.read_text("utf-8")])
    except FileExistsError:
        raise Faults([Fault("exists already: an export is never written over; name a new file", str(file))]) from None
    except OSError as error:
        raise Faults([Fault(f"cannot be written: {error.strerror}", str(file))]) from error
    detail = {"seal": len(chain) - 1, "hash": chain[-1]["hash"], "boxes": len(boxes)}
    with store.write() as tx:
        audit.append(tx, clock, who, EXPORTED, wave, detail)
    return len(boxes)


def read(file: Path) -> Sealed:
    """Read an exported file and hold every box against every seal. Raises Faults with all that does not fit."""
    try:
        with zipfile.ZipFile(file) as archive:
            chain = json.loads(archive.read("seals.json"))
            with archive.open("boxes.txt") as table:
                boxes = list(_boxes(table))
        rows = [(str(seal["body"]), str(seal["hash"])) for seal in chain]
        told = [*seals.verify_chain(rows), *_roots(rows, boxes)] if rows else ["holds no seal"]
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Faults([Fault(f"is no export of `phieu witness export`: {error}", str(file))]) from error
    if told:
        raise Faults(Fault(each, str(file)) for each in told)
    return Sealed(chain, boxes)


def _roots(rows: list[tuple[str, str]], boxes: list[tuple[int, int, bytes]]) -> Iterator[str]:
    leaves = [(seal, door, hashlib.sha256(box).digest()) for seal, door, box in boxes]
    for number, (text, _) in enumerate(rows):
        body: dict[str, Any] = json.loads(text)
        for door, told in ((0, body), (1, body.get("open", {}))):
            here = [leaf for seal, way, leaf in leaves if seal <= number and way == door]
            if seals.merkle(here) != told.get("boxes", seals.merkle([])):
                yield f"boxes under seal {number} were altered, added or removed"


def _boxes(table: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    for line in table:
        seal, door, box = line.split()
        yield int(seal), int(door), base64.b64decode(box, validate=True)


def _add(archive: zipfile.ZipFile, name: str, text: Iterable[str]) -> None:
    """One member; without the time of day, so that the same seals make the same file."""
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(member, "w", force_zip64=True) as stream:
        for part in text:
            stream.write(part.encode())

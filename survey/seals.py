"""Seals against tampering: hash-chained summaries of a wave, given to witnesses.

Seal 0 fixes, before the wave opens, what will be asked of whom and whom the boxes are sealed to. Every later seal
holds the Merkle roots (RFC 6962 hashing over sorted leaves) of all mixed receipts and boxes, and counts that may only
grow. A witness who has a seal can tell when anything it covers has changed since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from forms.faults import Faults
from survey import audit, sealing
from survey.clock import Clock
from survey.counter import secret as counter_draw
from survey.store import Store, Transaction

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

VERSION = 1
GROWING = ("issued", "reissued", "revoked", "spent")
_ANOTHER = "seal 0 of wave “{}” names another public key or plan"


class KeyReplaced(RuntimeError):
    """The wave's public key or plan is not the one that seal 0 names: nothing may be sealed to it."""


def leaf(value: bytes) -> bytes:
    """The hash of one leaf, which never looks like that of a node."""
    return hashlib.sha256(b"\0" + value).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two branches."""
    return hashlib.sha256(b"\1" + left + right).digest()


def level_above(level: list[bytes]) -> list[bytes]:
    """The hashes over neighbours; the last of an odd number rises as it is."""
    pairs = [node(level[place], level[place + 1]) for place in range(0, len(level) - 1, 2)]
    return pairs + level[len(level) - len(level) % 2 :]


def merkle(values: Iterable[bytes]) -> str:
    """The root over the sorted values, hexadecimal; of nothing, SHA-256 of nothing."""
    level = [leaf(value) for value in sorted(values)]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        level = level_above(level)
    return level[0].hex()


def proof(values: Iterable[bytes], value: bytes) -> list[tuple[str, str]]:
    """How to reach the root from one value: (side, hash) upwards. Raises ValueError when it is not among them."""
    ordered = sorted(values)
    place = ordered.index(value)
    level = [leaf(one) for one in ordered]
    path: list[tuple[str, str]] = []
    while len(level) > 1:
        neighbour = place ^ 1
        if neighbour < len(level):
            path.append(("left" if neighbour < place else "right", level[neighbour].hex()))
        level = level_above(level)
        place //= 2
    return path


def follows(value: bytes, path: Iterable[tuple[str, str]], root: str) -> bool:
    """Whether a proof leads from the value to the root."""
    reached = leaf(value)
    for side, sibling in path:
        pair = (bytes.fromhex(sibling), reached) if side == "left" else (reached, bytes.fromhex(sibling))
        reached = node(*pair)
    return reached.hex() == root


def seal(store: Store, clock: Clock, wave: RegisteredWave) -> int:
    """Write the next seal of an issued wave; return its number. Raises Faults before seal 0, which issuing writes."""
    with store.sealing() as tx:
        if tx.seal_last(wave=wave.spec.id) is None:
            raise Faults(f"wave “{wave.spec.id}” has no seal 0 yet: `phieu invitations issue` writes it")
        return write(tx, clock, wave)


def write(tx: Transaction, clock: Clock, wave: RegisteredWave) -> int:
    """Write the next seal in the caller's transaction; the first one, number 0, also fixes the plan and the key."""
    identity = wave.spec.id
    last = tx.seal_last(wave=identity)
    number = last["number"] + 1 if last else 0
    body: dict[str, Any] = {
        "v": VERSION,
        "wave": identity,
        "number": number,
        "at": clock().isoformat(timespec="seconds"),
        "previous": last["hash"] if last else "",
        **_collected(tx, identity, walk_in=False),
        "audit": audit.head(tx),
    }
    if wave.spec.open is not None:
        body["open"] = _collected(tx, identity, walk_in=True)
    if (corrected := tx.correction_head(wave=identity)) is not None:
        body["corrections"] = {"number": corrected["number"], "head": corrected["hash"]}
    if last is None:
        body |= _opening(tx, wave) | counter_draw.opening(tx, wave)
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    tx.seal_add(wave=identity, number=number, body=text, hash=hashlib.sha256(text.encode()).hexdigest())
    tx.seal_mark_boxes(wave=identity, number=number)
    tx.seal_mark_receipts(wave=identity, number=number)
    return number


def require_public_key(tx: Transaction, wave: RegisteredWave) -> None:
    """Raise KeyReplaced unless seal 0 names this wave's public key and plan."""
    text = tx.seal_body(wave=wave.spec.id, number=0)
    if text is None or _key_and_plan(text) != (sealing.fingerprint(wave.public_key), wave.plan_hash):
        raise KeyReplaced(_ANOTHER.format(wave.spec.id))
    _OPENINGS[wave.public_key, wave.plan_hash] = text


# Seals 0 that name these keys and plans. Every submit asks, and a large wave's is long: it is read once, and from then
# on the store says whether it is the same.
_OPENINGS: dict[tuple[bytes, str], str] = {}


def opening_read(wave: RegisteredWave) -> str:
    """The seal 0 that was read and names this wave's public key and plan; '' where none was."""
    return _OPENINGS.get((wave.public_key, wave.plan_hash), "")


def _key_and_plan(opening: str) -> tuple[str, str]:
    body = json.loads(opening)
    return body["public_key"], body["plan"]


def verify_chain(bodies: Iterable[tuple[str, str]]) -> list[str]:
    """What is wrong with a chain of (body, hash), one sentence a fault. Needs no database: a witness can run it."""
    faults: list[str] = []
    previous_hash = ""
    before: dict[str, Any] = {}
    for number, (text, hash) in enumerate(bodies):
        body = json.loads(text)
        if hashlib.sha256(text.encode()).hexdigest() != hash:
            faults.append(f"seal {number} was altered")
        if body["number"] != number or body["previous"] != previous_hash:
            faults.append(f"seal {number} does not follow the one before it")
        faults += [f"seal {number}: {what} shrank" for what in _shrunk(before, body)]
        faults += [f"seal {number}: {what} by posters shrank" for what in _shrunk(before.get("open"), body.get("open"))]
        if body.get("corrections", {"number": 0})["number"] < before.get("corrections", {"number": 0})["number"]:
            faults.append(f"seal {number}: corrections were taken back")
        previous_hash, before = hash, body
    return faults


def corrected(bodies: Iterable[str]) -> dict[int, str]:
    """The head of the chain of corrections that seals name, by its number."""
    told = [json.loads(text).get("corrections") for text in bodies]
    return {each["number"]: each["head"] for each in told if each}


def correction_faults(chain: Iterable[tuple[str, str]], heads: Mapping[int, str]) -> list[str]:
    """What is wrong with a chain of (body, hash), and with the heads that seals name by number. Needs no database."""
    faults: list[str] = []
    previous, hashes = "", {0: ""}
    for number, (text, hash) in enumerate(chain, 1):
        body = json.loads(text)
        if hashlib.sha256(text.encode()).hexdigest() != hash:
            faults.append(f"correction {number} was altered")
        if (body["number"], body["previous"]) != (number, previous):
            faults.append(f"correction {number} does not follow the one before it")
        previous = hashes[number] = hash
    for number, head in heads.items():
        if hashes.get(number) != head:
            faults.append(f"correction {number} is not the one that a seal names")
    return faults


def _shrunk(before: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[str]:
    """Which counts of a seal are below those of the seal before."""
    if not before:
        return
    now = now or {"counts": {}, "responses": 0}
    for group, counts in before["counts"].items():
        for name in GROWING:
            if now["counts"].get(group, {}).get(name, 0) < counts[name]:
                yield f"{name} of group “{group}”"
    if now["responses"] < before["responses"]:
        yield "the number of responses"


def verify(store: Store, wave: str) -> list[str]:
    """What is wrong with a wave's seals and what they cover, as the store holds them; empty when all is well."""
    with store.read() as tx:
        rows = [(row["body"], row["hash"]) for row in tx.seal_all(wave=wave)]
        boxes = [(hashlib.sha256(row["box"]).digest(), *row[1:]) for row in tx.seal_boxes(wave=wave)]
        receipts = [tuple(row) for row in tx.seal_receipts(wave=wave)]
        made = [(row["body"], row["hash"]) for row in tx.correction_all(wave=wave)]
        now = tx.wave_now(id=wave)
        heads = {"", *(row["hash"] for row in tx.audit_all())}
    if not rows:
        return [f"wave “{wave}” has no seal 0"]
    sealed = corrected(text for text, _ in rows)
    faults = verify_chain(rows) + correction_faults(made, sealed)
    if len(made) > max(sealed, default=0):
        faults.append(f"correction {len(made)} is in no seal")  # a correction is sealed as it is made
    if _key_and_plan(rows[0][0]) != (sealing.fingerprint(now["public_key"]), now["plan_hash"]):
        faults.append(_ANOTHER.format(wave))
    for number, (text, _) in enumerate(rows):
        body = json.loads(text)
        if body["audit"] not in heads:
            faults.append(f"seal {number} names a head of the audit log that the log does not have")
        for name, held in (("boxes", boxes), ("receipts", receipts)):
            for walk_in, told in ((0, body), (1, body.get("open", {}))):
                here = (one[0] for one in held if one[1] is not None and one[1] <= number and one[2] == walk_in)
                if merkle(here) != told.get(name, merkle([])):
                    faults.append(f"{name} covered by seal {number} were altered, added or removed")
    return faults


def _collected(tx: Transaction, identity: str, *, walk_in: bool) -> dict[str, Any]:
    """Roots and counts of the sample, or of who came by a poster: two trees that share nothing."""
    boxes = [hashlib.sha256(row["box"]).digest() for row in tx.seal_boxes(wave=identity) if row["walk_in"] == walk_in]
    receipts = [row["hash"] for row in tx.seal_receipts(wave=identity) if row["walk_in"] == walk_in]
    if len(boxes) != len(receipts) or not set(boxes).isdisjoint(receipts):
        raise RuntimeError(f"wave “{identity}” holds {len(boxes)} mixed boxes and {len(receipts)} receipts")
    counts = [row for row in tx.seal_counts(wave=identity) if row["walk_in"] == walk_in]
    return {
        "responses": len(boxes),
        "boxes": merkle(boxes),
        "receipts": merkle(receipts),
        "counts": {row["grp"]: {name: row[name] for name in GROWING} for row in counts},
    }


def _opening(tx: Transaction, wave: RegisteredWave) -> dict[str, Any]:
    """What only seal 0 holds."""
    identity = wave.spec.id
    return {
        "public_key": sealing.fingerprint(wave.public_key),
        "key_origin": wave.key_origin,
        "plan": wave.plan_hash,
        "questionnaires": wave.planned,
        "framework": wave.framework.hash if wave.framework else None,
        "draws": [dict(row) for row in tx.seal_draws(wave=identity)],
        "cells": {str(row["cell"]): row["n"] for row in tx.seal_cells(wave=identity)},
        "invitations": merkle(row["lookup"] for row in tx.seal_lookups(wave=identity)),
        **({"interim": True} if wave.spec.interim else {}),
    }


def declares_interim(tx: Transaction, wave: str) -> bool:
    """Whether seal 0 of a wave says that datasets are frozen before it ends."""
    text = tx.seal_body(wave=wave, number=0)
    return text is not None and json.loads(text).get("interim") is True

"""Check seals of a wave, and the proof that a receipt is under one, without Phiếu: one file, the standard library.

    python3 check_seals.py FILE [--seal [NUMBER:]HASH …] [--receipt CODE]

FILE is what `phieu witness export` wrote, the seals.json of a dataset, or a proof from the page /check (plain text or
JSON). HASH is a seal's hash that you were given earlier: it must be in the chain; with the seal's NUMBER before it, a
file from before that seal is told from one of another chain. CODE is a receipt: it must be under a seal. Ends with
status 0 when all holds, 1 with a sentence for each thing that does not, 2 when FILE cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator

Leaves = list[tuple[int, int, bytes]]  # seal, door (0: the sample, 1: a poster), leaf
GROWING = ("issued", "reissued", "revoked", "spent")
LARGEST = 64 << 20  # bytes of a proof or a chain


class Unreadable(Exception):
    """The file is none of ours."""


def sha256(data: bytes) -> bytes:
    """SHA-256, raw."""
    return hashlib.sha256(data).digest()


def root(leaves: Iterable[bytes]) -> str:
    """The Merkle root over the sorted leaves (RFC 6962: 0x00 before a leaf, 0x01 before two branches), hexadecimal."""
    level = [sha256(b"\0" + leaf) for leaf in sorted(leaves)]
    if not level:
        return sha256(b"").hex()
    while len(level) > 1:
        pairs = [sha256(b"\1" + level[at] + level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) - len(level) % 2 :]
    return level[0].hex()


def climbed(leaf: bytes, path: Iterable[Iterable[str]]) -> str:
    """Where a proof leads from a leaf: (side, hash) upwards."""
    reached = sha256(b"\0" + leaf)
    for side, sibling in path:
        pair = bytes.fromhex(sibling) + reached if side == "left" else reached + bytes.fromhex(sibling)
        reached = sha256(b"\1" + pair)
    return reached.hex()


def receipt_leaf(typed: str) -> bytes:
    """The leaf of a receipt as it was printed; O is read as 0, I and L as 1, dashes and blanks do not count."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return sha256(b"phieu receipt\0" + letters.translate(str.maketrans("OIL", "011")).encode())


def chain_faults(chain: list[dict[str, str]]) -> Iterator[str]:
    """What is wrong with seals that should follow each other."""
    previous: str = ""
    before: dict[str, object] = {}
    for number, seal in enumerate(chain):
        body = json.loads(seal["body"])
        if sha256(seal["body"].encode()).hex() != seal["hash"]:
            yield f"seal {number} was altered"
        if body["number"] != number or body["previous"] != previous:
            yield f"seal {number} does not follow the one before it"
        if before and body["wave"] != before["wave"]:
            yield f"seal {number} is of another wave"
        yield from (f"seal {number}: {what} shrank" for what in shrunk(before, body))
        previous, before = seal["hash"], body


def shrunk(before: dict, now: dict) -> Iterator[str]:  # type: ignore[type-arg]
    """Which counts are below those of the seal before, of the sample and of who came by a poster."""
    for earlier, later in ((before, now), (before.get("open", {}), now.get("open", {}))):
        if later.get("responses", 0) < earlier.get("responses", 0):
            yield "the number of responses"
        for group, counts in earlier.get("counts", {}).items():
            for name in GROWING:
                if later.get("counts", {}).get(group, {}).get(name, 0) < counts[name]:
                    yield f"{name} of group {group}"


def leaf_faults(chain: list[dict[str, str]], held: dict[str, Leaves]) -> Iterator[str]:
    """Which seals do not have the roots of the leaves that came with them."""
    for number, seal in enumerate(chain):
        body = json.loads(seal["body"])
        for name, leaves in held.items():
            for door, told in ((0, body), (1, body.get("open", {}))):
                here = [leaf for under, way, leaf in leaves if under <= number and way == door]
                if root(here) != told.get(name, root([])):
                    yield f"{name} under seal {number} were altered, added or removed"
                if len(here) != (counted := told.get("responses", 0)):
                    yield f"seal {number} counts {counted} responses, the file holds {len(here)} {name}"


def proof_faults(proof: dict, receipt: str) -> Iterator[str]:  # type: ignore[type-arg]
    """What is wrong with the proof that one receipt is under a seal."""
    seal = proof["seal"]
    body = json.loads(seal["body"])
    leaf = bytes.fromhex(proof["leaf"])
    if sha256(seal["body"].encode()).hex() != seal["hash"]:
        yield "the seal was altered: its text does not have its hash"
    told = body.get("open", {}) if proof["door"] else body
    if climbed(leaf, proof["path"]) != told.get("receipts"):
        yield "the proof does not lead to the root that the seal holds"
    if receipt and receipt_leaf(receipt) != leaf:
        yield "the proof is of another receipt"


def read(file: str) -> tuple[str, dict]:  # type: ignore[type-arg]
    """("proof", proof), or ("chain", {"seals": chain, "held": leaves by name})."""
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                chain = json.loads(archive.read("seals.json"))
                held = {name: list(lines(archive, name)) for name in ("receipts", "boxes")}
                return "chain", {"seals": chain, "held": held}
        with open(file, encoding="utf-8") as text:
            content = text.read(LARGEST)
        if content.lstrip().startswith("["):
            return "chain", {"seals": json.loads(content), "held": {}}
        return "proof", json.loads(content[content.index("{") :])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise Unreadable(f"{file}: is no export of seals and no proof ({error})") from error


def lines(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[int, int, bytes]]:
    """Leaves of one kind: a receipt's hash as it is, a box by its SHA-256."""
    with archive.open(f"{name}.txt") as table:
        for line in table:
            seal, door, told = line.decode("ascii").split()
            leaf = sha256(base64.b64decode(told, validate=True)) if name == "boxes" else bytes.fromhex(told)
            yield int(seal), int(door), leaf


def examined(kind: str, told: dict, seals: list[str], receipt: str) -> list[str]:  # type: ignore[type-arg]
    """Every fault of what was read."""
    if kind == "proof":
        faults, known = list(proof_faults(told, receipt)), [told["seal"]["hash"]]
    else:
        chain, held = told["seals"], told["held"]
        faults, known = [*chain_faults(chain), *leaf_faults(chain, held)], [seal["hash"] for seal in chain]
        if receipt and receipt_leaf(receipt) not in {leaf for _, _, leaf in held.get("receipts", [])}:
            faults.append("the receipt is under no seal of this file")
    first = json.loads(told["seal"]["body"])["number"] if kind == "proof" else 0
    return faults + [fault for each in seals for fault in seal_faults(each, first, known)]


def seal_faults(given: str, first: int, known: list[str]) -> Iterator[str]:
    """What is wrong with a seal that must be there. ``known``: the hashes of this file's seals, from ``first`` on."""
    number, _, hash = given.strip().lower().rpartition(":")
    last = first + len(known) - 1
    if not number:
        if hash not in known:
            yield (
                f"seal {hash} is not here: this file ends at seal {last}. Either it was made before that seal (to "
                "tell, give its number, --seal NUMBER:HASH), or the chain is another than the one it came from"
            )
    elif not number.isdecimal():
        yield f"“{given}” is no hash of a seal, nor NUMBER:HASH"
    elif int(number) > last:
        yield (
            f"seal {number} is not here: this file ends at seal {last}. It is an earlier, shorter piece of a chain: it "
            f"cannot show what was sealed after. Ask for one made after seal {number}"
        )
    elif int(number) < first:
        yield f"seal {number} is not here: a proof holds seal {first} alone. Compare it with the chain of the wave"
    elif known[int(number) - first] != hash:
        yield f"seal {number} of this file is not {hash}: the chain is another than the one it came from"


def said(kind: str, told: dict) -> str:  # type: ignore[type-arg]
    """What holds, in one sentence."""
    if kind == "proof":
        body = json.loads(told["seal"]["body"])
        return f"The receipt is under seal {body['number']} of wave {body['wave']}: {told['seal']['hash']}"
    chain = told["seals"]
    counted = ", ".join(f"{len(leaves)} {name}" for name, leaves in told["held"].items())
    return f"{len(chain)} seals in one chain{f', over {counted}' if counted else ''}. Last: {chain[-1]['hash']}"


def main(arguments: list[str]) -> int:
    """Read, examine, say; the exit status."""
    parser = argparse.ArgumentParser(description="Check the seals of a wave, or a proof that a receipt is under one.")
    parser.add_argument("file")
    parser.add_argument(
        "--seal",
        action="append",
        default=[],
        metavar="[N:]HASH",
        help="a seal that must be there, best with its number",
    )
    parser.add_argument("--receipt", default="", metavar="CODE", help="a receipt that must be under a seal")
    asked = parser.parse_args(arguments)
    try:
        kind, told = read(asked.file)
        faults = examined(kind, told, asked.seal, asked.receipt)
        holds = said(kind, told)
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, binascii.Error) as error:
        print(f"{asked.file}: is not whole: {type(error).__name__} {error}", file=sys.stderr)
        return 1
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(holds)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

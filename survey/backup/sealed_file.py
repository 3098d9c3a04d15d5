"""A file sealed with a passphrase, written and read as a stream: scrypt (RFC 7914) and AES-256-GCM.

The content goes in pieces of 1 MiB, each under a nonce of its own that says its number and whether it is the last
(Hoang, Reyhanitabar, Rogaway and Vizár, Online authenticated encryption, CRYPTO 2015, STREAM). A piece altered,
moved, left out or added is found, and nothing of it is handed on.
"""

from __future__ import annotations

import secrets
from io import BufferedIOBase
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from forms.faults import Faults

MAGIC = b"phieu-sealed/1\n"
PIECE = 1 << 20
COST = 17  # log2 of scrypt's N: 128 MiB and about half a second a try
_MOST_COST = 20
_SALT, _PREFIX, _TAG = 16, 7, 16
_HEAD = len(MAGIC) + 1 + _SALT + _PREFIX


def is_sealed(start: bytes) -> bool:
    """Whether a file that begins so was sealed here."""
    return start.startswith(MAGIC)


class _Pieces:
    """The cipher of one file: piece after piece, the number and the end bound into the nonce."""

    def __init__(self, head: bytes, passphrase: str) -> None:
        cost, salt = head[len(MAGIC)], head[len(MAGIC) + 1 : -_PREFIX]
        key = Scrypt(salt, 32, 1 << cost, 8, 1).derive(passphrase.encode("utf-8"))
        self._cipher, self._head, self._number = AESGCM(key), head, 0

    def _nonce(self, last: bool) -> bytes:
        nonce = self._head[-_PREFIX:] + self._number.to_bytes(4, "big") + bytes([last])
        self._number += 1
        return nonce

    def seal(self, piece: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last), piece, self._head)

    def open(self, piece: bytes, *, last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(last), piece, self._head)


class Sealing(BufferedIOBase):
    """What is written here goes sealed into ``target``; ``close`` writes the last piece and leaves ``target`` open."""

    def __init__(self, target: BinaryIO, passphrase: str, cost: int = COST) -> None:
        head = MAGIC + bytes([cost]) + secrets.token_bytes(_SALT + _PREFIX)
        self._pieces, self._target, self._waiting = _Pieces(head, passphrase), target, bytearray()
        target.write(head)

    def writable(self) -> bool:
        return True

    def write(self, content: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self._waiting += content
        while len(self._waiting) > PIECE:  # a full piece waits: it may be the last
            self._target.write(self._pieces.seal(bytes(self._waiting[:PIECE]), last=False))
            del self._waiting[:PIECE]
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._target.write(self._pieces.seal(bytes(self._waiting), last=True))
        super().close()


class Opening(BufferedIOBase):
    """The content of a sealed file. Raises Faults for a wrong passphrase, and wherever the file was altered or cut."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        head = source.read(_HEAD)
        if len(head) < _HEAD or not is_sealed(head) or not 0 < head[len(MAGIC)] <= _MOST_COST:
            raise Faults("this is no sealed backup, or its first bytes are damaged")
        self._pieces, self._source = _Pieces(head, passphrase), source
        self._next = source.read(PIECE + _TAG)
        self._ready, self._first, self._ended = bytearray(), True, False

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        wanted = -1 if size is None else size
        while not self._ended and (wanted < 0 or len(self._ready) < wanted):
            self._ready += self._piece()
        taken = bytes(self._ready if wanted < 0 else self._ready[:wanted])
        del self._ready[: len(taken)]
        return taken

    def _piece(self) -> bytes:
        sealed, self._next = self._next, self._source.read(PIECE + _TAG)
        self._ended = not self._next
        try:
            opened = self._pieces.open(sealed, last=self._ended)
        except (InvalidTag, ValueError):
            wrong = (
                "the passphrase is wrong, or the backup is damaged" if self._first else "the backup is damaged or cut"
            )
            raise Faults(f"{wrong}: nothing of it was used") from None
        self._first = False
        return opened

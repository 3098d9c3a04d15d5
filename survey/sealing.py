"""Seals on bytes: submitted answers to the wave's public key by HPKE, drafts to whoever holds the code by AES-GCM.

HPKE is RFC 9180 in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_LENGTH = 4  # bytes that say how long the padded content is
OVERHEAD = 32 + 16  # HPKE's encapsulated key and tag: a box is this much longer than the wave's box_bytes
_NONCE = 12
_DRAFT_STEP = 880  # with all that stands beside it, the most that SQLite keeps in one page of a table of this kind


class SealBroken(ValueError):
    """The key does not open this, or it was altered."""


class TooLarge(ValueError):
    """The content does not fit the one size that every box of the wave has."""


class KeyPair(NamedTuple):
    """Both halves of a wave's key, raw, 32 bytes each."""

    private: bytes
    public: bytes


def generate_key_pair() -> KeyPair:
    """Make a wave's key pair; needs no instance."""
    private = X25519PrivateKey.generate()
    return KeyPair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def private_pem(private: bytes) -> bytes:
    """A private key as the file that ``phieu keygen`` writes (PKCS #8 PEM, which openssl reads)."""
    return X25519PrivateKey.from_private_bytes(private).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_pem(public: bytes) -> bytes:
    """A public key as a file (SubjectPublicKeyInfo PEM)."""
    return X25519PublicKey.from_public_bytes(public).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def read_private_pem(pem: bytes) -> KeyPair:
    """Both halves from a private key's file. Raises ValueError when it holds no X25519 private key."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise ValueError("is no unencrypted PEM private key as `phieu keygen` writes") from error
    if not isinstance(key, X25519PrivateKey):
        raise ValueError("holds a private key of another kind than X25519")
    return KeyPair(key.private_bytes_raw(), key.public_key().public_bytes_raw())


def read_public_pem(pem: bytes) -> bytes:
    """The raw public key from its file. Raises ValueError when it holds no X25519 public key."""
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError as error:
        raise ValueError("is no PEM public key as `phieu keygen` writes") from error
    if not isinstance(key, X25519PublicKey):
        raise ValueError("holds a public key of another kind than X25519")
    return key.public_bytes_raw()


def fingerprint(public: bytes) -> str:
    """How a public key is named in seals and read over the telephone: SHA-256, hexadecimal."""
    return hashlib.sha256(public).hexdigest()


def box_info(wave: str, plan_hash: str) -> bytes:
    """HPKE's ``info``: a box opens only for the wave and the plan it was sealed under."""
    return wave.encode() + b"\0" + bytes.fromhex(plan_hash)


def seal(content: bytes, public: bytes, info: bytes, box_bytes: int) -> bytes:
    """Seal to the wave's public key. The box has ``box_bytes + OVERHEAD`` bytes whatever the content.

    Raises TooLarge when the content does not fit.
    """
    return _SUITE.encrypt(_pad(content, box_bytes), _public_key(public), info)


@lru_cache(maxsize=8)
def _public_key(public: bytes) -> X25519PublicKey:
    return X25519PublicKey.from_public_bytes(public)


def open_box(box: bytes, private: bytes, info: bytes) -> bytes:
    """The content of a box. Raises SealBroken for a wrong key, wave or plan, or an altered box."""
    return opener(private, info)(box)


def opener(private: bytes, info: bytes) -> Callable[[bytes], bytes]:
    """What opens one box after another as ``open_box`` does; reading the key takes half as long as opening a box."""
    key = X25519PrivateKey.from_private_bytes(private)

    def content(box: bytes) -> bytes:
        try:
            return _unpad(_SUITE.decrypt(box, key, info))
        except (InvalidTag, ValueError) as error:
            raise SealBroken("this key does not open the box, or the box was altered") from error

    return content


def settle() -> None:
    """Seal and open something of nobody's: OpenSSL looks for an algorithm when it is first asked for, and keeps it."""
    pair, info = generate_key_pair(), b"settled"
    open_box(seal(b"", pair.public, info, _LENGTH), pair.private, info)
    key = draft_key("", b"", info)
    open_draft(seal_draft(b"", key, info), key, info)


def draft_key(code: str, wave_key: bytes, salt: bytes) -> bytes:
    """The key of a draft: needs the code, the wave's draft subkey and the random salt kept beside the draft."""
    return HKDF(SHA256(), 32, salt=salt, info=b"phieu/1 draft").derive(code.encode() + wave_key)


def seal_draft(content: bytes, key: bytes, row: bytes) -> bytes:
    """Seal a draft for the row it lies in, padded to whole steps of 880 bytes; the nonce is fresh each time."""
    nonce = os.urandom(_NONCE)
    size = -(-(len(content) + _LENGTH) // _DRAFT_STEP) * _DRAFT_STEP
    return nonce + AESGCM(key).encrypt(nonce, _pad(content, size), row)


def open_draft(sealed: bytes, key: bytes, row: bytes) -> bytes:
    """The content of a draft. Raises SealBroken."""
    try:
        return _unpad(AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], row))
    except (InvalidTag, ValueError) as error:
        raise SealBroken("this draft was altered, or belongs to another code") from error


def _pad(content: bytes, size: int) -> bytes:
    if len(content) + _LENGTH > size:
        raise TooLarge(f"{len(content)} bytes do not fit a box of {size}")
    return len(content).to_bytes(_LENGTH, "big") + content.ljust(size - _LENGTH, b"\0")


def _unpad(padded: bytes) -> bytes:
    length = int.from_bytes(padded[:_LENGTH], "big")
    if length + _LENGTH > len(padded):
        raise ValueError("the padding is not ours")
    return padded[_LENGTH : _LENGTH + length]

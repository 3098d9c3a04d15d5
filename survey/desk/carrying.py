"""What one page hands to the next without an address, a log or a page's source telling it.

Sealed with the instance key for one account and one purpose: whoever copies it elsewhere has nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey.keys import Keyring

_NONCE = 12


def seal(keyring: Keyring, account: str, purpose: str, told: Mapping[str, Any]) -> str:
    """``told`` (plain values) as a word for a hidden field or an address."""
    nonce = os.urandom(_NONCE)
    content = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    sealed = AESGCM(_key(keyring)).encrypt(nonce, content, _bound(account, purpose))
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def opened(keyring: Keyring, account: str, purpose: str, word: str) -> dict[str, Any] | None:
    """What was sealed for this account and purpose; None for anything else."""
    try:
        raw = base64.urlsafe_b64decode(word[:4000] + "=" * (-len(word[:4000]) % 4))
        content = AESGCM(_key(keyring)).decrypt(raw[:_NONCE], raw[_NONCE:], _bound(account, purpose))
    except (binascii.Error, InvalidTag, ValueError):
        return None
    told: dict[str, Any] = json.loads(content)
    return told


def _key(keyring: Keyring) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"phieu/1 desk carrying").derive(keyring.instance_key())


def _bound(account: str, purpose: str) -> bytes:
    return f"{purpose}\0{account}".encode()

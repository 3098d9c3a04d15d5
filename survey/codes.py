"""The printed code: 11 random symbols of Crockford's base 32 (55 bits) and one check symbol. Pure.

The check is a weighted sum over GF(32) that must vanish. Its weights are the first twelve powers of a primitive
element: all different and none zero, so that one wrong symbol changes the sum, and so does any swap of two different
symbols, neighbours included. The tests prove both by trying all of them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from functools import lru_cache, reduce
from operator import getitem, xor

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
RECEIPT_LENGTH = 16

_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans("OIL", "011")
# Telex and VNI keyboards turn DD into Đ, AA into Â, AS into Á while a code is typed: taken apart again here.
_TYPED = {"\u0306": "W", "\u031b": "W", "\u0301": "S", "\u0300": "F", "\u0309": "R", "\u0303": "X", "\u0323": "J"}
_CIRCUMFLEX = "\u0302"


def _powers() -> tuple[int, ...]:
    """1, α, α², … in GF(2)[x] / (x⁵ + x² + 1), whose x is primitive."""
    powers = [1]
    while len(powers) < 31:
        doubled = powers[-1] << 1
        powers.append(doubled ^ 0b100101 if doubled & 0b100000 else doubled)
    return tuple(powers)


_POWER = _powers()
_LOG = {value: exponent for exponent, value in enumerate(_POWER)}


def _times_power(value: int, exponent: int) -> int:
    return 0 if value == 0 else _POWER[(_LOG[value] + exponent) % 31]


# What each symbol adds to the sum, by its place from the end: every request looks at a code.
_WEIGHED = tuple({symbol: _times_power(value, place) for symbol, value in _VALUE.items()} for place in range(LENGTH))


def _sum(symbols: str) -> int:
    """The weighted sum of the symbols; the check symbol, of weight α⁰, makes a whole code's sum zero."""
    return reduce(xor, map(getitem, _WEIGHED, reversed(symbols)))


def _symbols(number: int, length: int) -> str:
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(length)))


def with_check(random_part: str) -> str:
    """Append the check symbol to eleven symbols."""
    return random_part + ALPHABET[_sum(random_part + ALPHABET[0])]


def derive(key: bytes, serial: int, generation: int) -> str:
    """The code of an invitation, from the wave's code subkey. 12 symbols, ungrouped."""
    digest = hmac.digest(key, serial.to_bytes(8, "big") + generation.to_bytes(4, "big"), hashlib.sha256)
    return with_check(_symbols(int.from_bytes(digest[:7], "big") >> 1, LENGTH - 1))


def is_valid(code: str) -> bool:
    """Whether a normalised code has the right length, alphabet and check; says nothing about being issued."""
    return len(code) == LENGTH and _VALUE.keys() >= set(code) and _sum(code) == 0


def normalise(typed: str) -> str:
    """What a person typed or a link holds, as a code should be written: capitals without spaces and dashes.

    O is read as 0, I and L as 1; what a Vietnamese keyboard made of two letters becomes two letters again.
    Anything else stays, for ``is_valid`` to refuse.
    """
    letters: list[str] = []
    for char in unicodedata.normalize("NFKD", typed[:200]).upper():
        if char == "Đ":
            letters.append("DD")
        elif char == _CIRCUMFLEX and letters:
            letters.append(letters[-1][0])
        elif char in _TYPED:
            letters.append(_TYPED[char])
        elif unicodedata.category(char) not in {"Pd", "Zs", "Cc", "Cf"} and char not in "_.":
            letters.append(char)
    return "".join(letters).translate(_LOOKALIKES)


def grouped(code: str) -> str:
    """Fours with dashes between, as printed: XXXX-XXXX-XXXX."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def lookup(key: bytes, code: str) -> bytes:
    """What the database knows of a code: a keyed hash of 16 bytes."""
    begun, ended = _keyed(key)
    inner, outer = begun.copy(), ended.copy()
    inner.update(code.encode())
    outer.update(inner.digest())
    return outer.digest()[:16]


@lru_cache(maxsize=64)
def _keyed(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The two hashes of HMAC (RFC 2104), the key read: what every look-up of a wave begins with, half of the work."""
    padded = key.ljust(64, b"\0")
    return hashlib.sha256(bytes(x ^ 0x36 for x in padded)), hashlib.sha256(bytes(x ^ 0x5C for x in padded))


def random_receipt() -> str:
    """A fresh receipt: 16 random symbols, 80 bits."""
    return _symbols(secrets.randbits(5 * RECEIPT_LENGTH), RECEIPT_LENGTH)

"""Passwords after NIST SP 800-63B-4 §3.1.1: long, unlike what everybody tries, never about the person; no other rule.

Without a second step at least 15 characters, with one 12. Blanks and any letter are welcome; nothing expires.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from forms import names

SHORTEST = 15
SHORTEST_WITH_SECOND_STEP = 12
LONGEST = 256  # characters; a hash of more would only be work for whoever sends it
FEWEST_DIFFERENT = 5
_TELLING = 4  # letters of a name or office that a password must not be made of
_AROUND = "0123456789!@#$%^&*()-_=+.,? "
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are read as another


class Weak(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    ABOUT_THE_PERSON = "about the person"
    REPEATED = "repeated"


def hasher() -> PasswordHasher:
    """Argon2id at the library's cost, the second recommended one of RFC 9106 §4; tests bring a cheaper one."""
    return PasswordHasher()


def one_time() -> str:
    """A password for the first sign-in: 20 characters, 99 bits, easy to read aloud."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def hashed(hasher: PasswordHasher, password: str) -> str:
    """What is stored of a password."""
    return hasher.hash(_normal(password))


def matches(hasher: PasswordHasher, stored: str, password: str) -> bool:
    """Whether this is the password; takes the same time for a right and a wrong one."""
    try:
        return hasher.verify(stored, _normal(password[: 4 * LONGEST])[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False


def weakness(password: str, about: Iterable[str], *, second_step: bool = False) -> Weak | None:
    """Why a new password is refused, or None. ``about``: sign-in name, full name, office."""
    text = _normal(password)
    if len(text) > LONGEST:
        return Weak.LONG
    if len(text) < (SHORTEST_WITH_SECOND_STEP if second_step else SHORTEST):
        return Weak.SHORT
    if len(set(text)) < FEWEST_DIFFERENT:
        return Weak.REPEATED
    plain = _plain(text)
    if any(len(_plain(told)) >= _TELLING and _plain(told) in plain for told in about):
        return Weak.ABOUT_THE_PERSON
    return Weak.COMMON if _is_common(text.casefold()) else None


def _is_common(text: str) -> bool:
    """Whether it is on the list, or a word of the list with digits around it, or one said again and again."""
    core = text.strip(_AROUND)
    period = (text + text).find(text, 1)  # its length when it only repeats itself
    return not core or bool({text, core, text[:period].strip(_AROUND)} & _common())


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """30,000 passwords from leaks; read at the first new password, so that no page waits for them."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _normal(password: str) -> str:
    """One spelling of the same letters, however the keyboard composed them."""
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    """Letters and digits alone, without marks and case: Nguyễn Văn A and nguyenvana are one name."""
    split = unicodedata.normalize("NFD", names.fold(text))
    return "".join(c for c in split if c.isalnum())

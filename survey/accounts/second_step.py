"""The second step of a sign-in: a number from an app (TOTP, RFC 6238), or one of ten codes kept on paper.

The secret is sealed with the instance key, so that the database alone makes no number. Each number and each code opens
once.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from survey import audit
from survey.accounts.accounts import Account, of_row
from survey.accounts.sessions import count_attempt
from survey.clock import Clock
from survey.keys import Keyring
from survey.store import Store

ISSUER = "Phieu"
RECOVERY_CODES = 10
STEP = 30  # seconds that a number stands for
_NONCE = 12
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


def new_secret() -> str:
    """A secret for an app, in base 32."""
    return pyotp.random_base32()


def address(account: Account, secret: str) -> str:
    """What the QR code for the app says."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name=ISSUER)


def turn_on(
    store: Store, clock: Clock, keyring: Keyring, account: Account, secret: str, number: str
) -> tuple[str, ...] | None:
    """Ask for the second step from now on; returns the recovery codes, or None when the number is not the secret's."""
    step = _step_of(secret, number, clock())
    if step is None:
        return None
    codes = tuple("-".join(_letters(5) for _ in range(2)) for _ in range(RECOVERY_CODES))
    with store.write() as tx:
        tx.account_set_totp(id=account.id, totp=_sealed(keyring, account.id, secret))
        tx.account_spend_totp(id=account.id, step=step)
        tx.account_drop_recovery(account=account.id)
        for code in codes:
            tx.account_add_recovery(account=account.id, hash=_hash(account.id, code))
        audit.append(tx, clock, account.who, "second step turned on", None, {})
    return codes


def turn_off(store: Store, clock: Clock, account: Account) -> None:
    """Ask for the password alone."""
    with store.write() as tx:
        tx.account_set_totp(id=account.id, totp=None)
        tx.account_drop_recovery(account=account.id)
        audit.append(tx, clock, account.who, "second step turned off", None, {})


def codes_left(store: Store, account: Account) -> int:
    """How many recovery codes were not used yet."""
    with store.read() as tx:
        return int(tx.account_count_recovery(account=account.id))


def check(store: Store, clock: Clock, keyring: Keyring, name: str, number: str) -> Account | None:
    """The account when this number, or recovery code, is right and was never used; attempts count as passwords do."""
    row, waiting = count_attempt(store, clock, name)
    if row is None or waiting or row["disabled"] or row["totp"] is None:
        return None
    account, given = of_row(row), number.strip().casefold().replace(" ", "")
    secret = _opened(keyring, account.id, row["totp"])
    step = _step_of(secret, given, clock()) if secret else None
    with store.write() as tx:
        if step is not None and tx.account_spend_totp(id=account.id, step=step):
            return account
        if tx.account_spend_recovery(account=account.id, hash=_hash(account.id, given)):
            audit.append(tx, clock, account.who, "recovery code used", None, {})
            return account
    return None


def _step_of(secret: str, number: str, at: datetime) -> int | None:
    """The time step whose number this is: this one, the one before or the next, for clocks differ."""
    now = int(at.timestamp()) // STEP
    made = pyotp.TOTP(secret)
    return next((step for step in (now, now - 1, now + 1) if _same(made.generate_otp(step), number)), None)


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.strip().replace(" ", "").encode("utf-8", "replace"))


def _letters(number: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(number))


def _hash(account: int, code: str) -> bytes:
    """50 random bits need no slow hash; the account keeps equal codes apart."""
    return hashlib.sha256(f"phieu recovery code {account} {code}".encode("utf-8", "replace")).digest()


def _box(keyring: Keyring) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"phieu/1 second step").derive(keyring.instance_key()))


def _sealed(keyring: Keyring, account: int, secret: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _box(keyring).encrypt(nonce, secret.encode(), str(account).encode())


def _opened(keyring: Keyring, account: int, box: bytes) -> str | None:
    """The secret; None when the instance key is another one by now: a recovery code, or an administrator, helps."""
    try:
        return _box(keyring).decrypt(box[:_NONCE], box[_NONCE:], str(account).encode()).decode()
    except InvalidTag:
        return None

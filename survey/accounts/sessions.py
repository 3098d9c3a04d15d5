"""Signing in and out. The store keeps a hash of each session's token: signing out ends it wherever it was copied.

How long a session may idle is kept in the browser's signed cookie: looking at a page writes nothing here.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher

from survey import audit
from survey.accounts import passwords
from survey.accounts.accounts import NOTHING_KEPT, Account, of_row
from survey.accounts.passwords import Weak
from survey.clock import Clock
from survey.store import Store

LASTS = timedelta(hours=10)
IDLES = timedelta(minutes=30)
FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=15)  # at most 100 guesses a day of one account, and nobody is locked out for good


def check(store: Store, clock: Clock, hasher: PasswordHasher, name: str, password: str) -> Account | None:
    """The account of this name and password; None for a wrong one, a disabled account, or one that has to wait.

    The attempt is counted before the password is looked at, so that a hundred at once are a hundred. An unknown name
    takes as long as a known one.
    """
    row, waiting = count_attempt(store, clock, name)
    nobodys = _nobodys(hasher)  # made at the first sign-in whoever it is, else the first unknown name took longer
    stored = row["password"] if row is not None else nobodys
    if not passwords.matches(hasher, stored, password) or row is None or waiting or row["disabled"]:
        return None
    if hasher.check_needs_rehash(stored):
        fresh = passwords.hashed(hasher, password)
        with store.write() as tx:
            tx.account_rehash(id=row["id"], was=stored, password=fresh)
    return of_row(row)


def confirm(store: Store, clock: Clock, hasher: PasswordHasher, account: Account, password: str) -> bool:
    """Whether somebody signed in knows the password of the account, before it is changed; counted as a sign-in is."""
    known = check(store, clock, hasher, account.name, password) is not None
    if known:
        with store.write() as tx:
            tx.account_succeeded(id=account.id)
    return known


def count_attempt(store: Store, clock: Clock, name: str) -> tuple[Mapping[str, Any] | None, bool]:
    """The row of an account, one more attempt counted against it, and whether it has to wait after those before."""
    with store.write() as tx:
        row = tx.account_by_name(name=name.strip().casefold())
        waiting = row is not None and clock() < _free_again(row["failed"], row["failed_at"])
        if row is not None and not waiting:
            tx.account_tried(id=row["id"], at=clock().isoformat(timespec="seconds"))
            if row["failed"] + 1 == FREE_TRIES:
                audit.append(tx, clock, "desk", "sign-in slowed", None, {"account": row["name"]})
    return row, waiting


def _free_again(failed: int, failed_at: str | None) -> datetime:
    """When an account may be tried again: each failure after the free ones doubles the wait."""
    if failed_at is None or failed < FREE_TRIES:
        return _LONG_AGO
    return datetime.fromisoformat(failed_at) + min(timedelta(seconds=2.0 ** min(failed, 20)), LONGEST_WAIT)


_LONG_AGO = datetime.fromisoformat("0001-01-01T00:00:00+00:00")


@lru_cache(maxsize=4)
def _nobodys(hasher: PasswordHasher) -> str:
    return passwords.hashed(hasher, secrets.token_urlsafe())


def begin(store: Store, clock: Clock, account: Account) -> str:
    """Open a session; returns its token, which only the browser keeps."""
    token = secrets.token_urlsafe(24)
    with store.write() as tx:
        tx.account_succeeded(id=account.id)
        tx.account_sessions_forget(before=(clock() - LASTS).isoformat(timespec="seconds"))
        tx.account_session_begin(
            hash=_hash(token), account=account.id, begun_at=clock().isoformat(timespec="seconds")
        )  # fmt: skip
        audit.append(tx, clock, account.who, "signed in", None, {})
    return token


def account_of(store: Store, clock: Clock, token: str) -> Account | None:
    """Whose session this is; None when it ended, is too old, or the account was disabled. Changes nothing."""
    since = (clock() - LASTS).isoformat(timespec="seconds")
    with store.read() as tx:
        row = tx.account_of_session(hash=_hash(token), since=since)
    return of_row(row) if row else None


def end(store: Store, token: str) -> None:
    """End one session. Harmless when it ended before."""
    with store.write() as tx:
        tx.account_session_end(hash=_hash(token))


def end_all(store: Store, clock: Clock, account: Account) -> None:
    """End every session of an account, wherever it is signed in."""
    with store.write() as tx:
        tx.account_sessions_end(account=account.id, keep=NOTHING_KEPT)
        audit.append(tx, clock, account.who, "signed out everywhere", None, {})


def change_password(
    store: Store, clock: Clock, hasher: PasswordHasher, account: Account, password: str, *, token: str
) -> Weak | None:
    """Set a new password and end every other session; returns why it is too weak, having changed nothing."""
    weak = passwords.weakness(password, account.about, second_step=account.second_step)
    if weak is not None:
        return weak
    stored = passwords.hashed(hasher, password)
    with store.write() as tx:
        tx.account_set_password(id=account.id, password=stored, must_change=0)
        tx.account_sessions_end(account=account.id, keep=_hash(token))
        audit.append(tx, clock, account.who, "password changed", None, {})
    return None


def _hash(token: str) -> bytes:
    return hashlib.sha256(b"phieu staff session\0" + token.encode("utf-8", "replace")).digest()

"""Accounts of staff: made, listed, disabled, given a new password. Every change is in the log; no password ever is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher

from forms.faults import Fault, Faults
from survey import audit
from survey.accounts import passwords
from survey.accounts.roles import Role
from survey.clock import Clock
from survey.invitations import stated
from survey.store import Store

_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
NOTHING_KEPT = b""  # no session's hash: all of them end


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff. ``place``: a clerk's counter; ``unit``: the office of a viewer; '' for everybody else."""

    id: int
    name: str
    full_name: str
    office: str
    role: Role
    place: str = ""
    unit: str = ""
    must_change: bool = False
    second_step: bool = False
    disabled: bool = False

    @property
    def who(self) -> str:
        """How the log names this person."""
        return f"desk:{self.name}"

    @property
    def about(self) -> tuple[str, str, str]:
        """What this person's password must not be made of."""
        return self.name, self.full_name, self.office


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an administrator says of somebody."""

    name: str
    full_name: str
    office: str
    role: Role
    place: str = ""
    unit: str = ""


def of_row(row: Mapping[str, Any]) -> Account:
    """An account as the store holds it."""
    return Account(
        row["id"], row["name"], row["full_name"], row["office"], Role(row["role"]), row["place"], row["unit"],
        bool(row["must_change"]), row["totp"] is not None, bool(row["disabled"]),
    )  # fmt: skip


def add(store: Store, clock: Clock, hasher: PasswordHasher, new: NewAccount, *, who: str) -> str:
    """Make an account; returns its one-time password, which is stored nowhere. Raises Faults, a ``column`` each."""
    told = _checked(new)
    password = passwords.one_time()
    stored = passwords.hashed(hasher, password)
    with store.write() as tx:
        number = tx.account_add(
            name=told.name, full_name=told.full_name, office=told.office, role=told.role.value, place=told.place,
            unit=told.unit, password=stored, made_at=clock().isoformat(timespec="seconds"),
        )  # fmt: skip
        if number is None:
            raise Faults([Fault(f"there is an account “{told.name}” already", column="name")])
        detail = {"account": told.name, "role": told.role.value, "office": told.office,
                  "place": told.place, "unit": told.unit}  # fmt: skip
        audit.append(tx, clock, who, "account added", None, detail)
    return password


def _checked(new: NewAccount) -> NewAccount:
    def plain(text: str) -> str:
        return " ".join(text.split())

    name, office = new.name.strip().casefold(), plain(new.office)
    told = NewAccount(name, plain(new.full_name), office, new.role, plain(new.place), plain(new.unit))
    faults = []
    if not _NAME.fullmatch(told.name):
        text = "an account's name has 2 to 40 lower-case letters, digits, dots, - and _, a letter first"
        faults.append(Fault(text, column="name"))
    if not told.full_name:
        faults.append(Fault("say this person's full name", column="full_name"))
    if not told.office:
        faults.append(Fault("say which office this person works for", column="office"))
    if bool(told.place) != (told.role is Role.CLERK):
        text = "a clerk works at one place: say which" if told.role is Role.CLERK else "only a clerk has a place"
        faults.append(Fault(text, column="place"))
    if bool(told.unit) != (told.role is Role.VIEWER):
        text = "a viewer sees one unit: say which" if told.role is Role.VIEWER else "only a viewer has a unit"
        faults.append(Fault(text, column="unit"))
    if faults:
        raise Faults(faults)
    return told


def everybody(store: Store) -> tuple[Account, ...]:
    """All accounts, those that may sign in first, by name."""
    with store.read() as tx:
        return tuple(of_row(row) for row in tx.account_all())


def get(store: Store, name: str) -> Account:
    """The account of this name. Raises Faults when there is none."""
    with store.read() as tx:
        row = tx.account_by_name(name=name.strip().casefold())
    if row is None:
        raise Faults([Fault(f"there is no account “{name}”", column="name")])
    return of_row(row)


def disable(store: Store, clock: Clock, name: str, *, who: str, reason: str) -> None:
    """Let somebody sign in no more, and end every session at once. The last administrator stays. Raises Faults."""
    account = get(store, name)
    with store.write() as tx:
        last = account.role is Role.ADMINISTRATOR and not account.disabled and tx.account_administrators() < 2
        if last:
            raise Faults(f"“{account.name}” is the last administrator: add another one first")
        if not tx.account_set_disabled(id=account.id, disabled=1):
            raise Faults(f"account “{account.name}” is disabled already")
        tx.account_sessions_end(account=account.id, keep=NOTHING_KEPT)
        audit.append(tx, clock, who, "account disabled", None, {"account": account.name, "reason": stated(reason)})


def enable(store: Store, clock: Clock, name: str, *, who: str, reason: str) -> None:
    """Let somebody who was disabled sign in again, with the old password. Raises Faults."""
    account = get(store, name)
    with store.write() as tx:
        if not tx.account_set_disabled(id=account.id, disabled=0):
            raise Faults(f"account “{account.name}” is not disabled")
        audit.append(tx, clock, who, "account enabled", None, {"account": account.name, "reason": stated(reason)})


def reset(store: Store, clock: Clock, hasher: PasswordHasher, name: str, *, who: str, reason: str) -> str:
    """A new one-time password for somebody who lost the old one or the second step; every session ends."""
    account = get(store, name)
    password = passwords.one_time()
    stored = passwords.hashed(hasher, password)
    with store.write() as tx:
        tx.account_set_password(id=account.id, password=stored, must_change=1)
        tx.account_set_totp(id=account.id, totp=None)
        tx.account_drop_recovery(account=account.id)
        tx.account_sessions_end(account=account.id, keep=NOTHING_KEPT)
        audit.append(tx, clock, who, "account reset", None, {"account": account.name, "reason": stated(reason)})
    return password

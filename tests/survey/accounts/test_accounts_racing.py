"""Many at once: attempts are counted before they are looked at; a number, a code, an approval is good for one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pyotp
from argon2 import PasswordHasher

from forms.faults import Faults
from survey import wave
from survey.accounts import accounts, passwords, second_step, sessions
from survey.accounts.accounts import Account, NewAccount
from survey.accounts.roles import Role
from survey.approvals import approvals, deeds
from survey.approvals.approvals import Outcome
from tests.survey import replanned

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MANY = 8


def at_once(deed: Callable[[], object]) -> list[object]:
    """What each of many gets who do the same at the same moment."""
    start = Barrier(MANY)

    def one(number: int) -> object:
        start.wait()
        return deed()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


def lan(store, clock) -> Account:
    accounts.add(store, clock, CHEAP, NewAccount("lan", "Lan", "Trường", Role.ANALYST), who="test")
    return accounts.get(store, "lan")


def test_no_more_passwords_are_compared_than_are_free(store, clock, monkeypatch):
    lan(store, clock)
    compared, guard, real = [], Lock(), passwords.matches

    def counting(hasher: PasswordHasher, stored: str, password: str) -> bool:
        found = real(hasher, stored, password)
        with guard:
            compared.append(found)
        return found

    monkeypatch.setattr(passwords, "matches", counting)
    assert at_once(lambda: sessions.check(store, clock, CHEAP, "lan", "sai")) == [None] * MANY
    with store.read() as tx:
        assert tx.account_by_name(name="lan")["failed"] == sessions.FREE_TRIES


def test_a_number_of_the_phone_opens_for_one(store, clock, keyring):
    account, secret = lan(store, clock), second_step.new_secret()
    made = pyotp.TOTP(secret)
    codes = second_step.turn_on(store, clock, keyring, account, secret, made.at(int(clock().timestamp()) - 30))
    shown = made.at(int(clock().timestamp()))
    opened = at_once(lambda: second_step.check(store, clock, keyring, "lan", shown))
    assert sum(one is not None for one in opened) == 1
    with store.write() as tx:
        tx.account_succeeded(id=account.id)
    opened = at_once(lambda: second_step.check(store, clock, keyring, "lan", codes[0]))
    assert sum(one is not None for one in opened) == 1 and second_step.codes_left(store, account) == 9


def test_an_approval_is_done_once(scene):
    class Bench:
        store, drafts, keyring, clock = scene.store, scene.drafts, scene.keyring, scene.clock

    text = scene.wave.spec.text.replace(
        "[[unit]]", '[authority]\nname.vi = "Ban"\nplan = "1"\ndate = 2026-02-01\nunit = "so_a"\n[[unit]]', 1
    )
    with scene.store.write() as tx:
        replanned.put(tx.connection, text, "nho")
    now = wave.get(scene.store, "nho")
    asker = Account(1, "lan", "Lan", "Sở A", Role.COORDINATOR)
    approvals.do_or_ask(Bench, now, asker, deeds.REISSUE, {"serials": [6]}, "mất phiếu")

    def approve() -> object:
        try:
            return approvals.approve(Bench, now, 1, Account(2, "hoa", "Hoa", "Trường", Role.ANALYST))
        except Faults as faults:
            return str(faults)

    told = at_once(approve)
    assert told.count(Outcome.DONE) == 1 and all("does not wait" in str(one) for one in told if one != Outcome.DONE)
    with scene.store.read() as tx:
        assert tx.invitation_by_serial(wave="nho", serial=6)["generation"] == 1

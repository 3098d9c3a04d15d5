"""Accounts: what is refused, what the log says, and the command that makes the first one."""

from __future__ import annotations

import json

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from forms.faults import Faults
from survey import audit
from survey.accounts import accounts, passwords, sessions
from survey.accounts.accounts import NewAccount
from survey.accounts.passwords import Weak
from survey.accounts.roles import Role
from survey.cli import phieu

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
LAN = NewAccount(" Lan.NT ", "Nguyễn  Thị Lan", "Trường Chính trị", Role.COORDINATOR)
OUR = "con mèo trèo cây cau"


def add(store, clock, new=LAN):
    return accounts.add(store, clock, CHEAP, new, who="test")


def actions(store):
    with store.read() as tx:
        return [(row["action"], json.loads(row["detail"])) for row in tx.audit_all()]


def test_an_account_is_made_once_and_its_password_is_nowhere(store, clock):
    once = add(store, clock)
    assert accounts.get(store, "LAN.nt").full_name == "Nguyễn Thị Lan"
    with pytest.raises(Faults, match="already"):
        add(store, clock)
    assert once.encode() not in store.path.read_bytes() and audit.verify(store) == []
    assert sessions.check(store, clock, CHEAP, "lan.nt", once) is not None


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"name": "Lân"}, "name"), ({"name": "x"}, "name"), ({"full_name": " "}, "full_name"),
        ({"office": ""}, "office"),
        ({"role": Role.CLERK}, "place"), ({"place": "quay"}, "place"), ({"role": Role.VIEWER}, "unit"),
        ({"unit": "so_a"}, "unit"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_account_names_its_field(store, clock, change, column):
    told = {"name": "lan", "full_name": "Lan", "office": "Trường", "role": Role.COORDINATOR} | change
    with pytest.raises(Faults) as found:
        add(store, clock, NewAccount(**told))
    assert [fault.column for fault in found.value.faults] == [column]


def test_disabling_ends_sessions_and_the_last_administrator_stays(store, clock):
    add(store, clock)
    token = sessions.begin(store, clock, accounts.get(store, "lan.nt"))
    accounts.disable(store, clock, "lan.nt", who="test", reason="nghỉ việc")
    assert sessions.account_of(store, clock, token) is None
    with pytest.raises(Faults, match="already"):
        accounts.disable(store, clock, "lan.nt", who="test", reason="nghỉ việc")
    accounts.enable(store, clock, "lan.nt", who="test", reason="trở lại")
    with pytest.raises(Faults, match="is not disabled"):
        accounts.enable(store, clock, "lan.nt", who="test", reason="trở lại")
    add(store, clock, NewAccount("sep", "Sếp", "Trường", Role.ADMINISTRATOR))
    with pytest.raises(Faults, match="last administrator"):
        accounts.disable(store, clock, "sep", who="test", reason="?")
    with pytest.raises(Faults, match="no account"):
        accounts.get(store, "ai")
    assert [action for action, _ in actions(store)][-3:] == ["account disabled", "account enabled", "account added"]


def test_a_reason_is_kept_and_asked_for(store, clock):
    add(store, clock)
    with pytest.raises(Faults, match="reason"):
        accounts.reset(store, clock, CHEAP, "lan.nt", who="test", reason=" ")
    accounts.reset(store, clock, CHEAP, "lan.nt", who="test", reason="quên")
    assert actions(store)[-1] == ("account reset", {"account": "lan.nt", "reason": "quên"})


def test_a_password_hashed_at_an_older_cost_is_hashed_anew(store, clock):
    once = add(store, clock)
    dearer = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    with store.read() as tx:
        before = tx.account_by_name(name="lan.nt")["password"]
    assert sessions.check(store, clock, dearer, "lan.nt", once)
    with store.read() as tx:
        after = tx.account_by_name(name="lan.nt")["password"]
    assert before != after and sessions.check(store, clock, dearer, "lan.nt", once)


def test_a_broken_hash_is_a_wrong_password():
    assert not passwords.matches(CHEAP, "nonsense", "x")


def test_one_time_passwords_differ_and_are_strong():
    made = {passwords.one_time() for _ in range(50)}
    assert len(made) == 50 and all(passwords.weakness(each, ("lan",)) is None for each in made)


@pytest.mark.parametrize(
    ("password", "weak"),
    [
        (OUR, None), ("x1y2z3a4b5c6d7", Weak.SHORT), ("ê" * 14, Weak.SHORT), ("1234567890123456", Weak.COMMON),
        ("iloveyou iloveyou iloveyou ", Weak.COMMON), ("Password2026!!!!", Weak.COMMON),
        ("nguyenthilan1990yeu", Weak.ABOUT_THE_PERSON), ("o truong chinh tri", Weak.ABOUT_THE_PERSON),
        ("1111122222333334444", Weak.REPEATED), ("a" * 257, Weak.LONG),
    ],
)  # fmt: skip
def test_passwords(password, weak):
    found = passwords.weakness(password, ("lan", "Nguyễn Thị Lan", "Trường Chính trị"))
    assert found == weak


def test_a_second_step_lets_a_password_be_shorter():
    assert passwords.weakness("mèo trèo cau!", (), second_step=True) is None
    assert passwords.weakness("mèo trèo cau!", ()) is Weak.SHORT


@given(st.text(min_size=1, max_size=40))
def test_the_same_letters_are_one_password_however_composed(text):
    import unicodedata

    stored = passwords.hashed(CHEAP, unicodedata.normalize("NFC", text))
    assert passwords.matches(CHEAP, stored, unicodedata.normalize("NFD", text))


def run(settings, *arguments, code=0):
    done = CliRunner().invoke(phieu, ["--instance", str(settings.instance), "user", *arguments])
    assert done.exit_code == code, done.output
    return done


def test_the_commands(settings, monkeypatch):
    monkeypatch.setattr(passwords, "hasher", lambda: CHEAP)
    told = ("--full-name", "Nguyễn Thị Lan", "--office", "Trường Chính trị", "--role", "administrator")
    once = run(settings, "add", "lan", *told).stdout.strip()
    run(settings, "add", "hoa", *told)
    assert len(once) == 23
    assert run(settings, "list").stdout.count("one-time password") == 2
    assert json.loads(run(settings, "list", "--format", "json").stdout)[1]["name"] == "lan"
    assert run(settings, "reset", "lan", "--reason", "quên").stdout.strip() != once
    run(settings, "disable", "lan", "--reason", "nghỉ")
    assert "disabled" in run(settings, "list", "--format", "csv").stdout
    assert "may sign in again" in run(settings, "disable", "--undo", "lan", "--reason", "về").stdout

"""The fieldwork board as a browser gets it, of a million invitations, against one grouped count of them in SQLite."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from survey import config, create_app, wave
from survey.accounts.roles import Role
from survey.keys import Keyring
from survey.sealing import generate_key_pair
from survey.store import DRAFT_MIGRATIONS, Store
from tests.bench.pairing import Pairing, paired
from tests.desk import staff
from tests.desk.desk import Desk

INVITATIONS, UNITS, GROUPS, STRATA = 1_000_000, 100, 6, 5
_HEAD = """
id = "bench"
title.vi = "Đo tốc độ"
opens = 2026-03-01
closes = 2026-03-31
k = 5
[fieldwork]
target_rate = 0.7
[[place]]
id = "trung_tam"
name.vi = "Trung tâm Phục vụ hành chính công"
"""
_UNIT = '[[unit]]\nid = "xa_{n}"\nname.vi = "Xã có tên gọi khá dài, số {n}"\nkind = "commune"\n'
_GROUP = (
    '[[group]]\nid = "nhom_{n}"\nname.vi = "Nhóm người trả lời thứ {n}"\n'
    'questionnaire = "citizen"\nassesses = "dossier"\n'
)
_STATES = ("issued", "issued", "started", "answered", "answered", "answered", "refused", "no_contact")


def clock() -> datetime:
    """In the middle of the wave."""
    return datetime(2026, 3, 15, 5, tzinfo=UTC)


def scene(folder: Path, invitations: int = INVITATIONS) -> Store:
    """A wave with so many invitations, some of them answered; the store as a survey leaves it after two weeks."""
    settings = config.Settings(folder)
    keyring = Keyring(settings)
    keyring.create_instance_key()
    store = Store(settings.database)
    store.migrate()
    Store(settings.drafts, DRAFT_MIGRATIONS).migrate()
    text = _HEAD + "".join(_UNIT.format(n=n) for n in range(UNITS)) + "".join(_GROUP.format(n=n) for n in range(GROUPS))
    spec = wave.load(text, "bench.toml")
    wave.register(store, keyring, clock, spec, *wave.documents_of(spec, folder), public_key=generate_key_pair().public)
    cells = [(unit, group, stratum) for unit in range(UNITS) for group in range(GROUPS) for stratum in range(STRATA)]
    with store.write(durable=False) as tx:
        run, many = tx.connection.execute, tx.connection.executemany
        many("INSERT INTO cell (wave, id, grp, stratum, wclass, margins, mode, units)"
             " VALUES ('bench', ?, ?, ?, '', '{}', ?, ?)",
             ((number, f"nhom_{group}", str(stratum), "qr" if group % 2 else "email", json.dumps([[f"xa_{unit}", 1.0]]))
              for number, (unit, group, stratum) in enumerate(cells)))  # fmt: skip
        many("INSERT INTO invitation (lookup, wave, serial, cell, place, state) VALUES (?,'bench',?,?,'trung_tam',?)",
             ((number.to_bytes(16, "big"), number, number % len(cells), _STATES[number // len(cells) % len(_STATES)])
              for number in range(1, invitations + 1)))  # fmt: skip
        run("INSERT INTO answered_count SELECT wave, cell, 'complete', n FROM state_count WHERE state = 'answered'")
        many("INSERT INTO day_count VALUES ('bench', ?, ?, ?, ?, 'answered', ?)",
             ((f"2026-03-{day:02d}", unit, f"nhom_{group}", "qr" if group % 2 else "email", 10)
              for day in range(1, 16) for unit in ("", *(f"xa_{n}" for n in range(UNITS)))
              for group in range(GROUPS)))  # fmt: skip
        run("UPDATE wave SET state = 'open'")
    return store


def signed_in(folder: Path) -> Desk:
    """A coordinator's browser."""
    app = create_app(config.Settings(folder), clock)
    app.hasher = staff.CHEAP
    staff.hire(app, "coordinator", Role.COORDINATOR)
    return Desk(app).sign_in("coordinator")


def page(desk: Desk) -> None:
    """The page; raises AssertionError when it does not count."""
    answer = desk.client.get("/desk/w/bench/board")
    if answer.status_code != 200 or "khá dài, số 99" not in answer.text:
        raise AssertionError(answer.status_code)


def grouped(store: Store) -> None:
    """One grouped count."""
    with store.read() as tx:
        list(
            tx.connection.execute(
                "SELECT cell, state, count(*) FROM invitation WHERE wave = 'bench' GROUP BY cell, state"
            )
        )


def run() -> Pairing:
    """Time both."""
    with tempfile.TemporaryDirectory() as folder:
        store = scene(Path(folder))
        desk = signed_in(Path(folder))
        try:
            return paired(
                "board",
                f"the fieldwork board of {INVITATIONS:,} invitations, {UNITS} units and {GROUPS} groups",
                "SQLite: one count grouped by cell and state",
                lambda: page(desk),
                lambda: grouped(store),
                goal=1.3,
            )
        finally:
            store.close()

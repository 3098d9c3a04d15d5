"""Backups made while people answer, put back into another folder: what was shown before each is in it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from survey import create_app, seals
from survey.backup import making, restoring
from survey.clock import now
from survey.config import load
from survey.store import Store
from tests.journeys import world as worlds
from tests.reliability.crowd import CLIENTS, GROUPS, Crowd, dismiss, require_whole, start
from tests.reliability.figures import FULL, note
from tests.served import NOW, free_port

DRILLS = 30 if FULL else 2
WORDS, QUICK = "bốn từ không ai đoán ra", 4


@pytest.mark.torture
def test_backups_made_under_load_are_whole(tmp_path: Path) -> None:
    # Given people who answer all the while
    instance = tmp_path / "instance"
    instance.mkdir()
    world, port = worlds.build(instance, edits=NOW, groups=GROUPS, each=60 * DRILLS), free_port()
    crowd = Crowd(world, port, list(world.codes["cong_chuc"]))
    server = start(world, port)
    crew = [threading.Thread(target=crowd.answer) for _ in range(CLIENTS)]
    kept = 0
    try:
        for member in crew:
            member.start()
        for number in range(DRILLS):
            crowd.wait_for(3)
            before = list(crowd.receipts)
            # When a backup is made meanwhile, and put back on another machine
            file, elsewhere = tmp_path / f"{number}.phieu", tmp_path / f"restored-{number}"
            making.make(world.settings, now, file, passphrase=WORDS, with_keys=True, who="drill", cost=QUICK)
            restoring.restore(elsewhere, now, file, WORDS, replace=False, who="drill")
            # Then it knows every receipt that had been shown, and is whole
            store = Store(elsewhere / "phieu.db")
            kept = require_whole(store, before)
            assert seals.verify(store, "demo") == [] and store.check_integrity() == []
            store.close()
            app = create_app(load(elsewhere))
            assert app.test_client().get("/readyz").status_code == 200
            for each in (app.store, app.drafts):
                each.close()
    finally:
        dismiss(crowd, crew, server)
    assert crowd.faults == []
    note("restore_drills", {"drills": DRILLS, "receipts_in_the_last": kept, "lost": 0})

"""The power goes at any moment: every receipt that was sent to anybody is stored, and nobody has to mend anything."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from survey import create_app, responses, seals
from survey.backup import upgrading
from survey.clock import now
from survey.config import load
from survey.store import DRAFT_MIGRATIONS, MIGRATIONS, Store
from tests.journeys import world as worlds
from tests.reliability.crowd import GROUPS, require_whole
from tests.reliability.figures import FULL, note
from tests.reliability.power import Disk, Event, Kind, Part, events, lay, record, why_not
from tests.served import NOW, free_port
from tests.survey.backup.earlier_schemas import earlier

PEOPLE = 60 if FULL else 6
UPGRADES = 100 if FULL else 3
CUTS = 400 if FULL else 6
NAMES = [f"{base}.db{end}" for base in ("phieu", "drafts") for end in ("", "-wal", "-journal")]
RECEIPT = re.compile(rb'id="receipt"[^>]*>([0-9A-Z-]{19})<')
UNTRACED = why_not()
pytestmark = pytest.mark.skipif(bool(UNTRACED), reason=UNTRACED or "traced")


def _cuts(told: list[Event], chance: np.random.Generator) -> list[int]:
    """Moments of cuts: right after a receipt was sent, between a write and its sync, and anywhere."""
    sent = [place for place, event in enumerate(told) if event.kind is Kind.SAID and RECEIPT.search(event.content)]
    synced = [place for place, event in enumerate(told) if event.kind is Kind.SYNC_BEGUN]
    picked = [
        *chance.choice(sent, min(len(sent), CUTS // 3), replace=False),
        *chance.choice(synced, CUTS // 3),
        *chance.integers(len(told), size=CUTS),
    ]
    return sorted(int(place) for place in picked[:CUTS])


def _require_comes_back(instance: Path, shown: list[str], *, served: bool) -> None:
    """Everything opens and holds what was acknowledged, as the product itself finds it at its next start."""
    settings = load(instance)
    store, drafts = Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)
    try:
        assert store.check_integrity() == [] and drafts.check_integrity() == []
        require_whole(store, shown)
        assert seals.verify(store, "demo") == []
        if served:
            app = create_app(settings)
            assert app.test_client().get("/readyz").status_code == 200
            for each in (app.store, app.drafts):
                each.close()
    finally:
        store.close()
        drafts.close()


@pytest.mark.torture
def test_no_receipt_is_lost_by_a_power_cut(tmp_path: Path) -> None:
    # Given a record of all that was written while people answered a real server, was mixed, sealed and closed
    instance = tmp_path / "instance"
    instance.mkdir()
    world = worlds.build(instance, edits=NOW, groups=GROUPS, each=PEOPLE)
    world.store.close()
    before = tmp_path / "before"
    shutil.copytree(instance, before)
    disk = Disk(instance, NAMES)
    trace, scene = tmp_path / "trace", [sys.executable, "-m", "tests.reliability.power_scene", str(instance)]
    assert record([*scene, str(free_port()), *world.codes["cong_chuc"]], trace).wait(600) == 0
    told = list(events(trace))
    chance = np.random.default_rng(20260310)
    shown: list[str] = []
    found = Counter[str]()
    cuts = _cuts(told, chance)
    for place, event in enumerate(told):
        disk.see(event)
        if event.kind is Kind.SAID:
            shown += [receipt.decode() for receipt in RECEIPT.findall(event.content)]
        # When the power goes here, whatever part of the unsynced the disk had got to
        for _ in range(cuts.count(place)):
            found["cuts"] += 1
            for part in Part:
                lay(disk.left(part, chance), before, tmp_path / "after")
                # Then all is there, and nobody has to lend a hand
                _require_comes_back(tmp_path / "after", shown, served=part is Part.TORN)
                found["states"] += 1
    assert len(set(shown)) == PEOPLE and found["cuts"] == CUTS
    note("power_cut", {"cuts": found["cuts"], "states_of_the_disk": found["states"], "receipts_shown": len(shown),
                       "events": len(told), "lost": 0})  # fmt: skip


@pytest.mark.torture
def test_an_upgrade_that_the_power_cut_off_is_run_again(tmp_path: Path) -> None:
    # Given a record of an upgrade from an earlier schema, with answers and a half-filled form
    instance, before = earlier(tmp_path / "instance", 7, 0), tmp_path / "before"
    shutil.copytree(instance, before)
    disk = Disk(instance, NAMES)
    command = [sys.executable, "-m", "survey.cli", "--instance", str(instance), "upgrade"]
    assert record(command, tmp_path / "trace").wait(120) == 0
    told, chance = list(events(tmp_path / "trace")), np.random.default_rng(20260310)
    touching = [place for place, event in enumerate(told) if event.path.startswith(f"{instance}/")]
    cuts = sorted(chance.choice(touching, min(UPGRADES, len(touching)), replace=False))
    receipts = json.loads((before / "said.json").read_text("utf-8"))["receipts"].values()
    for place, event in enumerate(told):
        disk.see(event)
        for part in Part if place in cuts else ():
            lay(disk.left(part, chance), before, tmp_path / "after")
            # When it is run again, Then it ends, with everything there
            settings = load(tmp_path / "after")
            upgrading.upgrade(settings, now, who="test")
            store = Store(settings.database)
            assert store.version() == len(MIGRATIONS) and store.check_integrity() == []
            assert all(responses.counted(store, receipt) for receipt in receipts)
            store.close()
    note("power_cut_of_an_upgrade", {"cuts": len(cuts), "states_of_the_disk": len(cuts) * len(Part), "lost": 0})


LAX = """
import os, sqlite3, sys
store = sqlite3.connect(sys.argv[1] + "/phieu.db", isolation_level=None)
store.execute("PRAGMA journal_mode = WAL")
store.execute("CREATE TABLE said (n INTEGER)")
store.execute(f"PRAGMA synchronous = {sys.argv[2]}")
out, end = __import__("socket").socketpair()
for n in range(20):
    store.execute("INSERT INTO said VALUES (?)", (n,))
    out.send(b"said %d" % n)
"""


@pytest.mark.parametrize(("level", "loses"), [("FULL", False), ("NORMAL", True)])
def test_the_simulation_finds_what_is_said_too_early(tmp_path: Path, level: str, loses: bool) -> None:
    # Given a program that says what it stored, and waits for the disk first, or does not
    instance = tmp_path / "instance"
    instance.mkdir()
    disk = Disk(instance, NAMES)
    record([sys.executable, "-c", LAX, str(instance), level], tmp_path / "trace").wait(60)
    lost, chance = 0, np.random.default_rng(1)
    for event in events(tmp_path / "trace"):
        disk.see(event)
        if event.kind is Kind.SAID and event.content.startswith(b"said "):
            lay(disk.left(Part.NOTHING, chance), instance, tmp_path / "after")
            # When the power goes just then
            with sqlite3.connect(tmp_path / "after" / "phieu.db") as store:
                (stored,) = store.execute("SELECT count(*) FROM said").fetchone()
            lost += stored <= int(event.content.split()[1])
            store.close()
    # Then the simulation knows
    assert bool(lost) is loses

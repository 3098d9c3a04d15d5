"""A whole wave, answered by many at once: as many receipts shown as responses stored as leaves under the last seal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from survey import closing, codes, responses, seals, wave
from survey.clock import now
from survey.store import DRAFT_MIGRATIONS, Store
from tests.bench import answering, servers
from tests.reliability.figures import FULL, note
from tests.reliability.wave_crowd import THREADS

INVITATIONS = int(os.environ.get("PHIEU_WAVE", "100000" if FULL else "200"))
PROCESSES = 4 if FULL else 2
BETWEEN_SEALS = 60.0


def _together(command: Sequence[str], folder: Path, store: Store) -> None:
    """Several crowds at once, and a seal every now and then."""
    crews = [
        subprocess.Popen([*command, str(number), str(PROCESSES), str(folder / f"receipts.{number}")])  # noqa: S603
        for number in range(PROCESSES)
    ]
    for crew in crews:
        while True:
            try:
                assert crew.wait(BETWEEN_SEALS) == 0
                break
            except subprocess.TimeoutExpired:
                seals.seal(store, now, wave.get(store, "bench"))


@pytest.mark.torture
def test_receipts_responses_and_sealed_leaves_are_the_same(tmp_path: Path, database: str) -> None:
    # Given a wave, served
    made = answering.scene(tmp_path, INVITATIONS, ready=INVITATIONS, database=database)
    store = made.store
    with servers.ours(made.settings.instance, workers=2) as server:
        # When everybody answers
        began = time.monotonic()
        port = server.url.rpartition(":")[2]
        crowd = [sys.executable, "-m", "tests.reliability.wave_crowd", port, str(made.codes)]
        _together(crowd, tmp_path, store)
        seconds = time.monotonic() - began
    last = closing.close(
        store, Store(made.settings.drafts, DRAFT_MIGRATIONS), now, wave.get(store, "bench"), who="test"
    )
    # Then every receipt shown is a leaf under the last seal, and there is no other leaf
    files = tmp_path.glob("receipts.*")
    shown = [codes.normalise(line) for file in files for line in file.read_text("ascii").split()]
    with store.read() as tx:
        body = json.loads(tx.seal_body(wave="bench", number=last))
        held = tx.connection.execute("SELECT count(*) FROM box").fetchone()[0]
        left = tx.connection.execute("SELECT count(*) FROM inbox_box").fetchone()[0]
    assert len(shown) == len(set(shown)) == held == body["responses"] == INVITATIONS and left == 0
    assert body["receipts"] == seals.merkle(responses.receipt_hash(receipt) for receipt in shown)
    assert sum(group["spent"] for group in body["counts"].values()) == INVITATIONS
    assert seals.verify(store, "bench") == [] and store.check_integrity() == []
    name = "large_wave_postgresql" if database else "large_wave"
    note(name, {"invitations": INVITATIONS, "at_once": PROCESSES * THREADS, "receipts_shown": len(shown),
                "responses_stored": held, "sealed_leaves": body["responses"], "seals": last + 1,
                "seconds": round(seconds), "a_second": round(INVITATIONS / seconds)})  # fmt: skip

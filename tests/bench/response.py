"""Whole responses through the real server: 25 five-point items on 5 pages, saved page by page, sealed, submitted.

The reference is a bare Flask app on the same server that answers as many requests with a constant page of 6 KB and
makes as many NORMAL and FULL commits of SQLite. Both are asked by wrk in turn, within one run. Afterwards every receipt
that the load generator was shown is looked for in the database, and every box is opened.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from survey import boxes, responses, sealing, wave
from survey.config import load
from survey.store import Store
from tests import postgresql
from tests.bench import answering, servers
from tests.bench.answering import Answering
from tests.bench.figures import Figure
from tests.bench.servers import Load, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

PHONES, SECONDS, ROUNDS = 16, 8, 3
STRIDE = 6_000  # codes a round may use up
REQUESTS = 2 * answering.PAGES + 4  # of one whole response
REFERENCE = "bare Flask on Granian: as many constant pages of 6 KB, NORMAL and FULL commits"


def answer(server: Server, made: Answering, whose: str, first: int, *, receipts: Path, pace: float = 0,
           seconds: float = SECONDS) -> Load:  # fmt: skip
    """Whole responses for some seconds; raises AssertionError when anything but the expected came back."""
    load_ = servers.wrk(
        server.url, "answer.lua", [whose, made.codes, first, pace, receipts, PHONES],
        threads=PHONES, connections=PHONES, seconds=seconds,
    )  # fmt: skip
    if load_.faults or not load_.whole:
        raise AssertionError(f"{load_.faults} faults in {load_.requests} requests: {load_.told}")
    return load_


@contextmanager
def _watched(server: Server) -> Iterator[list[float]]:
    """Memory while something runs, MB, looked at four times a second."""
    seen, over = [server.memory()], threading.Event()

    def watch() -> None:
        while not over.wait(0.25):
            seen.append(server.memory())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def verified(made: Answering, folder: Path) -> int:
    """How many receipts were shown; raises AssertionError unless each is stored and each box holds 25 answers."""
    shown = [line.split()[1] for file in folder.glob("receipts*") for line in file.read_text("utf-8").splitlines()]
    store = Store(made.settings.database)
    lost = [receipt for receipt in shown if responses.counted(store, receipt) is None]
    registered = wave.get(store, "bench")
    info = sealing.box_info("bench", registered.plan_hash)
    with store.read() as tx:
        rows = tx.connection.execute("SELECT box FROM box WHERE seal IS NULL UNION ALL SELECT box FROM inbox_box")
        held = [boxes.read(sealing.open_box(row[0], made.private, info)) for row in rows]
    store.close()
    whole = sum(len(each["units"][0]["answers"]) == answering.PAGES * answering.ITEMS for each in held)
    # A submit may be stored whose answer the generator no longer waited for: at most one a phone and round.
    if lost or not len(shown) <= whole <= len(shown) + PHONES * (ROUNDS + 2):
        raise AssertionError(f"{len(shown)} receipts shown, {len(lost)} not stored, {whole} whole boxes")
    return len(shown)


def on_postgresql(invitations: int = 100_000) -> list[Figure]:
    """The same with answers in PostgreSQL, which waits for the disk, beside the same bare app with its file."""
    with postgresql.running(*postgresql.DURABLE) as server:
        kept = server.empty()
        figures = run(invitations, kept.url)
    return [replace(figure, bench="response-postgresql") for figure in figures]


def run(invitations: int = 100_000, database: str = "") -> list[Figure]:
    """Rates in turn, then latencies at half the rate."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = answering.scene(folder, invitations, database=database)
        workers = load(made.settings.instance).workers
        with servers.ours(made.settings.instance) as ours, servers.bare(folder, workers) as bare:
            return _measured(made, folder, ours, bare)


def _measured(made: Answering, folder: Path, ours: Server, bare: Server) -> list[Figure]:
    receipts, none = folder / "receipts", folder / "none"
    answer(ours, made, "ours", 0, receipts=receipts, seconds=3)
    answer(bare, made, "bare", 0, receipts=none, seconds=3)
    rates, theirs, costs = [], [], []
    with _watched(ours) as memory:
        for number in range(1, ROUNDS + 1):
            before = ours.cpu()
            done = answer(ours, made, "ours", number * STRIDE, receipts=folder / f"receipts-{number}")
            costs.append((ours.cpu() - before) / done.whole)
            rates.append(done.rate)
            theirs.append(answer(bare, made, "bare", 0, receipts=none).rate)
    half = PHONES * 1000 / (REQUESTS * statistics.median(rates) / 2)
    calm = answer(ours, made, "ours", (ROUNDS + 1) * STRIDE, receipts=folder / "receipts-calm", pace=half)
    stored = verified(made, folder)
    ratio = statistics.median(mine / other for mine, other in zip(rates, theirs, strict=True))
    first = _first_page(ours, made)
    return [
        Figure("response", "whole responses, of the bare app's", ratio, "×", 0.6, True, REFERENCE),
        Figure("response", "whole responses a second", statistics.median(rates), "/s", 150, True),
        Figure("response", "the bare app's", statistics.median(theirs), "/s"),
        Figure("response", "server CPU a whole response", 1000 * statistics.median(costs), "ms", 8),
        Figure("response", "p99 of a request at half that load", calm.p99, "ms", 50),
        Figure("response", "p50 of a request at half that load", calm.median, "ms"),
        Figure("response", "memory of the server under load (PSS)", max(memory), "MB", 120),
        Figure("response", "first page on the wire, one request", first / 1024, "KB", 14),
        Figure("response", "responses found stored and opened", stored, ""),
    ]


def _first_page(server: Server, made: Answering) -> int:
    """Bytes of the slip's own page with its headers, as a phone gets them."""
    code = made.codes.read_text("utf-8").split()[-1]
    return servers.wire(f"{server.url}/P/{code}")

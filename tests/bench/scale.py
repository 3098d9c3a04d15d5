"""What a slip and a response cost by the size of the wave, on both engines: bytes on the disk, processor.

docs/scale.md carries the figures on to a hundred million. The database server's processes count too.
"""

from __future__ import annotations

import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from survey.store import Store
from tests import postgresql
from tests.bench import answering, response, servers
from tests.bench.answering import Answering
from tests.bench.figures import Figure
from tests.bench.servers import Server

SIZES = (10_000, 100_000, 1_000_000)
SECONDS, ROUNDS, READY = 5, 2, 9_000
TABLES = {"an invitation": ("invitation",), "a response": ("box", "receipt")}
_PLAIN = "SELECT sum(pg_total_relation_size(to_regclass(name))) FROM unnest(%s::text[]) AS name"
_PAGES = "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?)"


def run(sizes: tuple[int, ...] = SIZES) -> list[Figure]:
    """For each engine and size: bytes of a row with all its indexes, milliseconds of processor of a whole response."""
    return [figure for engine in ("SQLite", "PostgreSQL") for size in sizes for figure in _at(engine, size)]


def _at(engine: str, size: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, database, beside = Path(name), "", None
        if engine == "PostgreSQL":
            server = stack.enter_context(postgresql.running(*postgresql.DURABLE))
            database, beside = server.empty().url, Server(server.pid, "")
        made = answering.scene(folder, size + READY, responses=size, ready=READY, database=database)
        store = made.store
        found = [
            Figure("scale", f"{engine}: bytes of {what} among {size:,}", _bytes(store, tables), "B")
            for what, tables in TABLES.items()
        ]
        store.close()
        ours = stack.enter_context(servers.ours(made.settings.instance))
        cost, of_server = _processor(ours, beside, made, folder)
    found.append(Figure("scale", f"{engine}: processor of a response among {size:,}", cost, "ms"))
    if beside is not None:
        found.append(Figure("scale", f"{engine}: of these, the database's, among {size:,}", of_server, "ms"))
    return found


def _bytes(store: Store, tables: tuple[str, ...]) -> float:
    """Of a row of the first, what the others hold of the same included."""
    if isinstance(store.place, Path):
        whole = sum(int(store.connection.execute(_PAGES, (table,)).fetchone()[0]) for table in tables)
    else:
        whole = int(store.connection.run(_PLAIN, (list(tables),)).fetchone()[0])
    return whole / store.row_counts()[tables[0]]


def _processor(ours: Server, beside: Server | None, made: Answering, folder: Path) -> tuple[float, float]:
    """Milliseconds of a whole response, and those of the database's server; the first round warms up."""
    costs, shares = [], []
    for number in range(ROUNDS + 1):
        before, theirs = ours.cpu(), beside.cpu() if beside else 0.0
        done = response.answer(ours, made, "ours", number * READY // (ROUNDS + 1), receipts=folder / "r",
                               seconds=SECONDS)  # fmt: skip
        theirs = (beside.cpu() - theirs) if beside else 0.0
        costs.append(1000 * (ours.cpu() - before + theirs) / done.whole)
        shares.append(1000 * theirs / done.whole)
    return statistics.median(costs[1:]), statistics.median(shares[1:])

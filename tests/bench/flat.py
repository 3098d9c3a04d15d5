"""Whether a request costs the same with a thousand and with a million invitations and responses in the database."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
from pathlib import Path

from tests.bench import answering, response, servers
from tests.bench.figures import Figure

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SECONDS, ROUNDS, READY = 4, 3, 16_000


def run(sizes: tuple[int, ...] = SIZES) -> list[Figure]:
    """Server CPU of a fresh page and of a whole response by size; in turn, and never two servers busy at once.

    ``n`` responses are in the database, and as many invitations besides as are answered during the run.
    """
    pages: dict[int, list[float]] = {size: [] for size in sizes}
    wholes: dict[int, list[float]] = {size: [] for size in sizes}
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        made, served = {}, {}
        for size in sizes:
            folder = Path(name) / str(size)
            folder.mkdir()
            made[size] = answering.scene(folder, size + READY, responses=size, ready=READY)
            served[size] = stack.enter_context(servers.ours(made[size].settings.instance))
        for number in range(ROUNDS + 1):
            for size, server in served.items():
                before = server.cpu()
                looked = servers.wrk(server.url, "look.lua", [made[size].codes, "/3", "gzip"],
                                     threads=2, connections=8, seconds=SECONDS)  # fmt: skip
                pages[size].append((server.cpu() - before) / looked.whole)
                before = server.cpu()
                first = number * READY // (ROUNDS + 1)
                done = response.answer(server, made[size], "ours", first, receipts=Path(name) / "r", seconds=SECONDS)
                wholes[size].append((server.cpu() - before) / done.whole)
    return [
        *_compared("a fresh page", pages, 1e6, "µs"),
        *_compared("a whole response", wholes, 1e3, "ms"),
    ]


def _compared(what: str, found: dict[int, list[float]], scale: float, unit: str) -> list[Figure]:
    """By size, and the largest against the smallest; the first round warms up."""
    middle = {size: statistics.median(values[1:]) for size, values in found.items()}
    least, most = min(middle), max(middle)
    ratio = statistics.median(large / small for large, small in zip(found[most][1:], found[least][1:], strict=True))
    return [
        Figure("flat", f"CPU of {what} with {most:,} responses stored, of that with {least:,}", ratio, "×", 1.2),
        *(Figure("flat", f"CPU of {what} with {size:,}", scale * value, unit) for size, value in middle.items()),
    ]

"""A fresh section page: its code looked up among a million invitations, against a constant page of the bare app."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from survey.config import load
from tests.bench import answering, servers
from tests.bench.figures import Figure

SECONDS, ROUNDS, CONNECTIONS = 5, 3, 16
REFERENCE = "bare Flask on Granian: a constant page of 6 KB on a route with a code, the same headers"


def run(invitations: int = 1_000_000) -> list[Figure]:
    """Ask both in turn, as browsers do (gzip) and as programs do (without)."""
    figures = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = answering.scene(folder, invitations)
        workers = load(made.settings.instance).workers
        with servers.ours(made.settings.instance) as ours, servers.bare(folder, workers) as bare:
            for encoding, said in (("gzip, deflate", "as a browser asks"), ("identity", "without compression")):
                mine, theirs = [], []
                for number in range(ROUNDS + 1):
                    for server, rates in ((ours, mine), (bare, theirs)):
                        done = servers.wrk(server.url, "look.lua", [made.codes, "/3", encoding],
                                           threads=2, connections=CONNECTIONS, seconds=SECONDS)  # fmt: skip
                        if done.faults:
                            raise AssertionError(done)
                        if number:
                            rates.append(done.rate)
                ratio = statistics.median(own / other for own, other in zip(mine, theirs, strict=True))
                what = f"fresh section page of {invitations:,} codes, {said}"
                figures += [
                    # The promise is of what browsers ask for: 16 KB unpacked are held against 6 KB.
                    Figure("page", what, ratio, "×", 0.7 if "gzip" in encoding else None, True, REFERENCE),
                    Figure("page", f"{what}: a second", statistics.median(mine), "/s"),
                ]
    return figures

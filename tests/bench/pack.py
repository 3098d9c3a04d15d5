"""The whole publication pack, as ``phieu report`` writes it: counting, pages, workbook, PDF, documents, pictures."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import pack_scene
from tests.bench.figures import Figure

SIZES = ((33, 6_000, 60.0), (100, 100_000, 240.0))
"""Units, assessments, seconds that are promised on two cores."""


def seconds(folder: Path, units: int, assessments: int) -> float:
    """Write the dataset, then time the command from its start to its end. Raises AssertionError for one that failed."""
    given = pack_scene.write(folder, units, assessments)
    command = [
        str(Path(sys.executable).with_name("phieu")), "--instance", str(folder), "report",
        "--dataset", str(given.dataset), "--framework", pack_scene.FRAMEWORK, "--appraised", str(given.appraised),
        "--previous", str(given.previous), "--targets", str(given.targets), "-o", str(folder / "report"),
    ]  # fmt: skip
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 (our own command)
    taken = time.perf_counter() - begun
    pages = len(list((folder / "report" / "don-vi").glob("*.html")))
    if done.returncode or pages != units:
        raise AssertionError(f"phieu report ended with {done.returncode} and {pages} pages of units")
    return taken


def run() -> list[Figure]:
    """Both sizes, once: each takes long enough to be steady."""
    figures = []
    for units, assessments, goal in SIZES:
        with tempfile.TemporaryDirectory() as room:
            taken = seconds(Path(room), units, assessments)
        what = f"full pack of {units} units from {assessments:,} assessments"
        figures.append(Figure("pack", what, taken, "s", goal, reference="phieu report, from start to end"))
    return figures

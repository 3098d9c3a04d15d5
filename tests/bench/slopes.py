"""``python -m tests.bench.slopes [--largest N] [--draw FILE]``: time and memory against size, then their chart.

Each size runs in a process of its own, so that its peak of memory is its own. What is made first (a list, a wave,
boxes) is not timed; the memory of the process after it is kept beside the peak. Results go to ``instance/bench.json``.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench import answering, board, estimates, frames, freeze, slips

SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
RECORD = Path("instance/bench.json")
CHART = Path("docs/pictures/slopes.png")
Work = Callable[[], object]


def _frame(folder: Path, size: int) -> Work:
    file = folder / "ho_so.csv"
    frames.write_list(file, size)
    return lambda: frames._import(folder, file, size)


def _freeze(folder: Path, size: int) -> Work:
    made = answering.scene(folder, 1_000)
    registered = freeze.fill(made, size)
    return lambda: freeze._freeze(made, registered, folder, size)


def _board(folder: Path, size: int) -> Work:
    store = board.scene(folder, size)
    desk = board.signed_in(folder)
    board.page(desk)
    store.close()
    return lambda: board.page(desk)


def _slips(folder: Path, size: int) -> Work:
    registered, rows = slips._wave(folder), slips._rows(size)
    return lambda: slips.slips.pdf(registered, rows)


def _estimates(folder: Path, size: int) -> Work:
    file = estimates.written(folder / "assessments.parquet", size)
    return lambda: estimates.ours(file)


WORKS: dict[str, tuple[str, Callable[[Path, int], Work], int]] = {
    "frame": ("frame import, rows of CSV", _frame, 1_000_000),
    "freeze": ("freeze, assessments", _freeze, 1_000_000),
    "board": ("fieldwork board, invitations", _board, 1_000_000),
    "slips": ("QR slips to PDF, slips", _slips, 10_000),
    "estimates": ("means and covariance, assessments", _estimates, 10_000_000),
}


def _one(name: str, size: int) -> dict[str, float]:
    """Prepare, then time; the peak is of both, and what it was before the work is beside it."""
    with tempfile.TemporaryDirectory() as folder:
        work = WORKS[name][1](Path(folder), size)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = time.perf_counter()
        work()
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"size": size, "seconds": seconds, "megabytes": peak, "prepared_megabytes": before}


def measure(largest: int) -> Iterator[tuple[str, list[dict[str, float]]]]:
    """Every work at every size up to ``largest``, smallest first."""
    for name, (_, _, most) in WORKS.items():
        found = []
        least = 10_000 if name == "board" else 1  # fewer do not fill the cells of its wave
        for size in (size for size in SIZES if least <= size <= min(largest, most)):
            child = subprocess.run(  # noqa: S603 - ourselves
                [sys.executable, "-m", "tests.bench.slopes", "--one", name, str(size)],
                capture_output=True, check=True, text=True,
            )  # fmt: skip
            found.append(json.loads(child.stdout.splitlines()[-1]))
            print(name, found[-1], file=sys.stderr)
        yield name, found


def draw(record: dict[str, Any], file: Path) -> None:
    """Two panels with logarithmic scales; a straight line at 45° is a cost in proportion to the size."""
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    for (name, points), mark in zip(sorted(record["slopes"].items()), "osD^v", strict=False):
        sizes = [point["size"] for point in points]
        label = WORKS[name][0]
        left.loglog(sizes, [point["seconds"] for point in points], marker=mark, label=label)
        right.semilogx(sizes, [point["megabytes"] for point in points], marker=mark, label=label)
    left.set(title="seconds", xlabel="size")
    right.set(title="most memory of the process, MB", xlabel="size", ylim=(0, None))
    for axes in (left, right):
        axes.grid(True, which="major", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False, fontsize=8)
    figure.savefig(file, dpi=110)


def main() -> None:
    """Measure, or draw what was measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.slopes", description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="the largest size")
    parser.add_argument("--one", nargs=2, metavar=("WORK", "SIZE"), help="measure this alone and print it as JSON")
    parser.add_argument("--draw", type=Path, metavar="FILE", help="draw what the record has instead of measuring")
    parser.add_argument("--into", type=Path, default=CHART, metavar="FILE", help="where the chart goes after measuring")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(_one(asked.one[0], int(asked.one[1]))))
        return
    record = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    if asked.draw:
        draw(record, asked.draw)
        return
    RECORD.parent.mkdir(exist_ok=True)
    for name, points in measure(asked.largest):
        record.setdefault("slopes", {})[name] = points
        RECORD.write_text(json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    draw(record, asked.into)


if __name__ == "__main__":
    main()

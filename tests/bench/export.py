"""A long dataset to CSV, as ``phieu export`` writes it: the time from start to end, and the most memory it held."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.bench.figures import Figure

ROWS, ITEMS, UNITS = 1_000_000, 49, 33
"""With the columns of the design, and the weights beside them, 60 columns."""
SECONDS, MEGABYTES = 60.0, 500.0
_WORDS = ("unit", "group", "stratum", "wclass", "mode")


def write(folder: Path) -> Path:
    """The dataset, written in parts so that writing it needs no more than exporting it."""
    home = folder / "dataset"
    home.mkdir()
    rng, each = np.random.default_rng(1), ROWS // UNITS + 1
    names = [f"so_{at:02d}" for at in range(UNITS)]
    writer: pq.ParquetWriter | None = None
    done = 0
    for name in names:
        n = min(each, ROWS - done)
        told = {
            "respondent": pa.array(rng.integers(0, 2**62, n)),
            "psu": pa.array(np.arange(done, done + n, dtype=np.int32)),
        }
        words = {"unit": name, "group": "dan", "stratum": name, "wclass": name, "mode": "qr"}
        told |= {key: pa.array([word] * n).dictionary_encode() for key, word in words.items()}
        told["base_weight"] = pa.array(np.full(n, 2.0))
        told |= {f"cau_{at}": pa.array(rng.integers(-1, 5, n, dtype=np.int8)) for at in range(ITEMS)}
        table = pa.table(told)
        writer = writer or pq.ParquetWriter(home / "assessments.parquet", table.schema)
        writer.write_table(table, row_group_size=65_536)
        done += n
    if writer is not None:
        writer.close()
    counts = [min(each, ROWS - at * each) for at in range(UNITS)]
    strata = {"group": ["dan"] * UNITS, "stratum": names, "wclass": names, "method": ["stratified"] * UNITS,
              "population": [2 * n for n in counts], "eligible_estimate": [2.0 * n for n in counts], "drawn": counts,
              "n_complete": counts, "w_complete": [2.0 * n for n in counts]}  # fmt: skip
    pq.write_table(pa.table(strata), home / "design.parquet")
    _documents(home, names)
    return home


def _documents(home: Path, names: list[str]) -> None:
    choices = [{"id": f"v{at}", "position": at, "value": at / 4, "text": {"vi": f"Mức {at}"}} for at in range(5)]
    items = [{"id": f"cau_{at}", "type": "scale", "questionnaires": ["q"], "text": {"vi": f"Câu {at}"},
              "choices": choices} for at in range(ITEMS)]  # fmt: skip
    columns = [{"name": name, "type": "dictionary" if name in _WORDS else "int64"}
               for name in ("respondent", "psu", *_WORDS, "base_weight")]  # fmt: skip
    columns += [{"name": item["id"], "type": "int8", "item": item["id"]} for item in items]
    codes = {"na": -1, "declined": -2}
    book = {"items": items, "factors": {}, "columns": columns, "codes": codes}
    (home / "codebook.json").write_text(json.dumps(book), "utf-8")
    manifest = {
        "format": 1, "simulated": True, "interim": False, "departures": [], "framework": None,
        "wave": {"id": "bench", "title": {"vi": "Đo"}, "opens": "2026-03-01", "closes": "2026-03-31", "k": 5},
        "units": [{"id": name, "name": {"vi": name}, "kind": "department"} for name in names],
        "groups": [{"id": "dan", "name": {"vi": "Người dân"}, "questionnaire": "q", "by": ["unit"],
                    "assesses": "dossier", "method": "stratified", "blocks": False}],
        "estimation": {"lonely": "adjust", "collapse": [], "valid": ["complete"], "n_min": 5},
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in home.iterdir()},
    }  # fmt: skip
    (home / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def measured(home: Path, file: Path) -> tuple[float, float]:
    """Seconds, and the most megabytes that the command held. Raises AssertionError when it failed."""
    command = [
        str(Path(sys.executable).with_name("phieu")),
        "export",
        "--dataset",
        str(home),
        "--as",
        "csv",
        "-o",
        str(file),
    ]
    begun = time.perf_counter()
    child = os.posix_spawn(command[0], command, dict(os.environ))
    _, status, used = os.wait4(child, 0)
    taken = time.perf_counter() - begun
    if status:
        raise AssertionError(f"phieu export ended with {status}")
    return taken, used.ru_maxrss / 1024


def run() -> list[Figure]:
    """Once: it takes long enough to be steady."""
    with tempfile.TemporaryDirectory() as room:
        taken, held = measured(write(Path(room)), Path(room) / "d.csv")
        with (Path(room) / "d.csv").open("rb") as lines:
            wide = lines.readline().count(b",") + 1
    what = f"{ROWS:,} rows × {wide} columns to CSV"
    return [
        Figure("export", what, taken, "s", SECONDS, reference="phieu export, from start to end"),
        Figure("export", f"{what}, memory", held, "MB", MEGABYTES, reference="resident at most"),
    ]

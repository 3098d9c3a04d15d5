"""Means of many items over units, with their full covariance, from a file, against a bare pass over the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.answer import Answer, answer_in_parts
from analysis.assembly import Layout
from analysis.engine import on_threads
from analysis.outline import outlined
from analysis.question import Asked, Question, Statistic
from tests.bench.pairing import Pairing, paired

ROWS, ITEMS, UNITS, STRATA = 1_000_000, 25, 33, 99
NAMES = tuple(f"q{item}" for item in range(ITEMS))
GOAL = 1.5


def written(file: Path, rows: int = ROWS) -> Path:
    """A file as a freeze writes it: sorted by stratum, closed items as int8, names as dictionaries."""
    random = np.random.default_rng(1)
    writer = None
    for start in range(0, rows, ROWS):
        stratum = np.arange(start, min(rows, start + ROWS)) * STRATA // rows
        columns: dict[str, object] = {
            "stratum": pa.DictionaryArray.from_arrays(stratum.astype(np.int16), [f"s{at:02}" for at in range(STRATA)]),
            "unit": pa.DictionaryArray.from_arrays(
                (stratum // 3).astype(np.int8), [f"u{at:02}" for at in range(UNITS)]
            ),
            "weight": random.uniform(1, 3, len(stratum)),
        }
        columns |= {name: random.integers(0, 5, len(stratum), dtype=np.int8) for name in NAMES}
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(file, table.schema)
        writer.write_table(table, row_group_size=131_072)
    if writer is not None:
        writer.close()
    return file


def ours(file: Path) -> Answer:
    """From the file to all means and their covariance."""
    question = Question(tuple(Asked(Statistic.MEAN, name) for name in NAMES), by=("unit",))
    outline = outlined(file, Layout(weight="weight", stratum="stratum"), question)
    if outline is None:
        raise ValueError("the file cannot be read in parts")
    return answer_in_parts(outline, on_threads())


def bare(file: Path) -> None:
    """Reads the columns and forms the weighted cross-products of each stratum, and nothing else."""
    table = pq.read_table(file)
    codes = table["stratum"].combine_chunks()
    stratum = (codes.chunk(0) if isinstance(codes, pa.ChunkedArray) else codes).indices.to_numpy()
    weight = table["weight"].to_numpy()
    scores = np.column_stack([table[name].to_numpy() for name in NAMES]) * weight[:, None]
    for each in range(STRATA):
        rows = scores[stratum == each]
        rows.T @ rows


def run() -> Pairing:
    """Time both."""
    with tempfile.TemporaryDirectory() as folder:
        file = written(Path(folder) / "assessments.parquet")
        return paired(
            "estimates",
            f"{ROWS:,} assessments × {ITEMS} items × {UNITS} units × {STRATA} strata: file to means and covariance",
            "a NumPy pass that reads the columns and forms the weighted cross-products by stratum",
            lambda: ours(file),
            lambda: bare(file),
            goal=GOAL,
            runs=5,
        )

"""A long table for the engine, and cutting it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.question import Asked, Statistic

PEOPLE, STRATA = 600, 4


EVERY = (
    Asked(Statistic.MEAN, "q0"), Asked(Statistic.MEAN, "q1"), Asked(Statistic.TOTAL, "q1"),
    Asked(Statistic.RATIO, "q1", denominator="x"), Asked(Statistic.PROPORTION, "unit", value="u2"),
)  # fmt: skip


def table(seed: int = 6) -> pa.Table:
    """Officials who assess two or three offices each, by stratum; missing answers, weights of 0."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(PEOPLE), rng.integers(2, 4, PEOPLE))
    n, stratum = len(person), person // (PEOPLE // STRATA)
    return pa.table(
        {
            "person": person,
            "inner": [f"p{one % (PEOPLE // STRATA)}" for one in person],
            "stratum": pa.array([f"s{one}" for one in stratum]).dictionary_encode(),
            "unit": [None if one > 4 else f"u{one}" for one in rng.integers(0, 6, n)],
            "mode": rng.choice(["qr", "paper"], n),
            "w": np.where(rng.random(n) < 0.03, 0.0, rng.uniform(1, 3, n)),
            "N": np.array([900, 1000, 2000, 500])[stratum],
            "P": np.array([200, 300, 150, 500])[stratum],
            "share": np.array([0.5, 0.25, 0.1, 1.0])[stratum],
            "none": np.array([0.0, 0.25, 0.0, 0.0])[stratum],
            "q0": pa.array([None if one < 0 else int(one) for one in rng.integers(-1, 5, n)], pa.int8()),
            "q1": rng.integers(0, 5, n).astype(np.int16),
            "x": rng.uniform(1, 2, n),
        }
    )


def cut(whole: pa.Table, sizes: list[int], file: Path) -> Path:
    """Write a table in row groups that end after so many persons each."""
    person = whole["person"].to_numpy()
    with pq.ParquetWriter(file, whole.schema) as writer:
        start = 0
        for size in np.cumsum(sizes).tolist():
            end = int(np.searchsorted(person, size))
            writer.write_table(whole.slice(start, end - start))
            start = end
    return file

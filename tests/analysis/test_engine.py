"""Data in parts give what the whole gives, whoever computes them and however many at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.design import Design, Lonely
from analysis.engine import Columns, parquet_parts, streamed
from analysis.estimates import Estimates, ratios
from analysis.scoring import Block
from forms.faults import Faults

ITEMS, UNITS, STRATA, PEOPLE = 3, 5, 4, 400


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Officials who assess two or three offices each; negative and null answers are not usable."""
    rng = np.random.default_rng(6)
    person = np.repeat(np.arange(PEOPLE), rng.integers(2, 4, PEOPLE))
    n = len(person)
    answers = {
        f"q{item}": [None if code < -1 else int(code) for code in rng.integers(-2, 5, n)] for item in range(ITEMS)
    }
    return pa.table(
        {
            "person": person,
            "stratum": [f"s{one}" for one in person // (PEOPLE // STRATA)],
            "unit": pa.array([f"u{one}" for one in rng.integers(0, UNITS, n)]).dictionary_encode(),
            "w": rng.uniform(1, 5, n),
            **{name: pa.array(codes, pa.int8()) for name, codes in answers.items()},
        }
    )


COLUMNS = Columns(("q0", "q1", "q2"), "unit", "stratum", "w", "person")
FRACTION = {"s0": 0.5, "s2": 0.25}


def written(table: pa.Table, path: Path, people: int) -> Path:
    """One row group for so many people."""
    person = table["person"].to_numpy()
    with pq.ParquetWriter(path, table.schema) as writer:
        for start in range(0, PEOPLE, people):
            rows = np.flatnonzero((person >= start) & (person < start + people))
            writer.write_table(table.take(rows), row_group_size=len(rows))
    return path


def at_once(table: pa.Table) -> Estimates:
    stratum = np.unique(table["stratum"].to_pylist(), return_inverse=True)[1].astype(np.int64)
    unit = np.unique(table["unit"].to_pylist(), return_inverse=True)[1].astype(np.int64)
    answers = np.column_stack([table[f"q{item}"].fill_null(-1).to_numpy() for item in range(ITEMS)]).astype(float)
    usable = (answers >= 0).astype(float)
    design = Design(
        stratum, table["person"].to_numpy(), table["w"].to_numpy(), np.array([0.5, 0, 0.25, 0]), tuple("abcd")
    )
    return ratios(design, np.where(usable > 0, answers, 0), usable, domain=unit, domains=UNITS)


@pytest.mark.parametrize("people", [400, 150, 37])
def test_parts_give_what_the_whole_gives(table: pa.Table, people: int, tmp_path: Path) -> None:
    loads, units = parquet_parts(written(table, tmp_path / "a.parquet", people), COLUMNS, FRACTION)
    assert len(loads) == -(-PEOPLE // people) and units == ("u0", "u1", "u2", "u3", "u4")
    found, whole = streamed(loads), at_once(table)
    np.testing.assert_allclose(found.value, whole.value, rtol=1e-12)
    np.testing.assert_allclose(found.covariance, whole.covariance, rtol=1e-10, atol=1e-12 * whole.covariance.max())
    np.testing.assert_allclose(found.deff, whole.deff, rtol=1e-10)
    for name in ("n", "psus", "df", "degenerate"):
        assert (getattr(found, name) == getattr(whole, name)).all()


def test_any_number_of_workers_gives_the_same_bits(table: pa.Table, tmp_path: Path) -> None:
    loads, _ = parquet_parts(written(table, tmp_path / "a.parquet", 60), COLUMNS)
    one, many = streamed(loads), streamed(loads, workers=5)
    assert (one.covariance == many.covariance).all() and (one.value == many.value).all()


def test_without_a_design_every_row_counts_the_same(table: pa.Table, tmp_path: Path) -> None:
    loads, units = parquet_parts(written(table, tmp_path / "a.parquet", 100), Columns(("q1",)))
    answers = np.array([code for code in table["q1"].to_pylist() if code is not None and code >= 0], float)
    found = streamed(loads, workers=2)
    assert units == ("all",) and found.value[0] == pytest.approx(answers.mean())
    n, lost = table.num_rows, table.num_rows - len(answers)
    scores = np.r_[answers - answers.mean(), np.zeros(lost)] / len(answers)
    assert found.covariance[0, 0] == pytest.approx(n / (n - 1) * (scores**2).sum())


def test_totals_in_parts() -> None:
    values = np.arange(12.0)[:, None]
    design = Design(np.zeros(12, np.int64), np.arange(12), np.full(12, 2.0), np.zeros(1), ("all",))

    def load(start: int) -> tuple[Design, Block]:
        part = Design(design.stratum[:4], design.psu[:4], design.weight[:4], design.fraction, design.strata)
        return part, Block(values[start : start + 4], None, np.ones((4, 1), bool), np.zeros(4, np.int64), 1)

    found = streamed([lambda start=start: load(start) for start in (0, 4, 8)])  # type: ignore[misc]
    assert found.value[0] == 132
    assert found.covariance[0, 0] == pytest.approx(12 * 4 * np.var(values, ddof=1))


def test_faults_come_through(tmp_path: Path) -> None:
    pq.write_table(pa.table({"q": [1, 2, 3], "s": ["a", "a", "b"]}), tmp_path / "a.parquet")
    loads, _ = parquet_parts(tmp_path / "a.parquet", Columns(("q",), stratum="s"))
    with pytest.raises(Faults, match="stratum “b”"):
        streamed(loads, workers=2)
    assert streamed(loads, lonely=Lonely.CERTAINTY).value[0] == 2
    with pytest.raises(ValueError, match="no parts"):
        streamed([])

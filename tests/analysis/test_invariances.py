"""What must not matter does not: order of rows, where a file is cut, the scale of weights, how a domain is split."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import outline
from analysis.answer import Answer, answer, answer_in_parts
from analysis.assembly import Layout
from analysis.design import Lonely
from analysis.engine import on_threads
from analysis.intervals import Interval
from analysis.outline import outlined
from analysis.question import Asked, Question, Statistic
from analysis.sheet import Sheet
from tests.analysis.engine_table import EVERY, PEOPLE, cut, table

LAYOUT = Layout(weight="w", stratum="stratum", clusters=("person",), fpc=("P",))
ALL = (
    Asked(Statistic.MEAN, "q1"), Asked(Statistic.TOTAL, "q0"), Asked(Statistic.RATIO, "q1", denominator="x"),
    Asked(Statistic.PROPORTION, "mode", value="qr"), Asked(Statistic.QUANTILE, "x", p=0.4),
    Asked(Statistic.CHISQ, "mode", other="q1"),
)  # fmt: skip
seeds = st.integers(0, 10_000)


def sheet_of(given_: pa.Table) -> Sheet:
    return Sheet("given", dict(zip(given_.column_names, given_.columns, strict=True)), given_.num_rows)


def sample(seed: int) -> pa.Table:
    """A third of the people of a file, all their rows."""
    whole = table(seed % 7)
    kept = np.random.default_rng(seed).random(PEOPLE) < 0.35
    return whole.filter(pa.array(kept[whole["person"].to_numpy()]))


def asked(given_: pa.Table, by: tuple[str, ...] = ("unit",)) -> Answer:
    return answer(sheet_of(given_), LAYOUT, Question(ALL, by=by, interval=Interval.BETA, lonely=Lonely.ADJUST))


def close(one: float | None, other: float | None) -> bool:
    return one is other is None or one == pytest.approx(other, rel=1e-9, abs=1e-12)


@settings(deadline=None, max_examples=15)
@given(seeds)
def test_order_of_rows_does_not_matter_to_any_statistic(seed: int) -> None:
    given_ = sample(seed)
    shuffled = given_.take(pa.array(np.random.default_rng(seed + 1).permutation(given_.num_rows)))
    for one, other in zip(asked(given_).rows, asked(shuffled).rows, strict=True):
        assert one.by == other.by and one.remarks == other.remarks and (one.n, one.missing) == (other.n, other.missing)
        for name in ("estimate", "se", "ci_low", "ci_high", "df", "deff", "p_value", "ndf"):
            assert close(getattr(one, name), getattr(other, name)), name


@settings(deadline=None, max_examples=15)
@given(seeds, st.floats(1e-3, 1e3))
def test_the_scale_of_weights_matters_to_totals_alone(seed: int, by: float) -> None:
    given_ = sample(seed)
    scaled = given_.set_column(given_.column_names.index("w"), "w", pa.array(given_["w"].to_numpy() * by))
    for one, other in zip(asked(given_).rows, asked(scaled).rows, strict=True):
        factor = by if one.statistic == "total" else 1.0
        for name in ("estimate", "se", "ci_low", "ci_high"):
            value = getattr(one, name)
            assert close(None if value is None else value * factor, getattr(other, name)), (one.label, name)
        assert close(one.p_value, other.p_value) and one.df == pytest.approx(other.df)


@settings(deadline=None, max_examples=15)
@given(seeds)
def test_a_domain_is_the_sum_of_its_parts(seed: int) -> None:
    given_ = sample(seed)
    whole = {(row.label.split(" for ")[0], row.by["unit"]): row for row in asked(given_).rows}
    parts = asked(given_, ("unit", "mode"))
    for (label, unit), row in whole.items():
        mine = [
            (at, one) for at, one in enumerate(parts.rows)
            if one.label.split(" for ")[0] == label and one.by["unit"] == unit
        ]  # fmt: skip
        assert row.n == sum(one.n for _, one in mine) and row.missing == sum(one.missing for _, one in mine)
        if row.statistic == "total" and all(one.se is not None for _, one in mine) and row.se is not None:
            places = [at for at, _ in mine]
            assert row.estimate == pytest.approx(sum(one.estimate or 0 for _, one in mine))
            assert row.se**2 == pytest.approx(parts.covariance[np.ix_(places, places)].sum())


@settings(deadline=None, max_examples=10)
@given(st.lists(st.integers(1, PEOPLE - 1), max_size=5, unique=True), st.integers(30, 400))
def test_where_a_file_is_cut_does_not_matter(ends: list[int], piece: int) -> None:
    question = Question(EVERY, by=("unit",), lonely=Lonely.ADJUST)
    sizes = np.diff([0, *sorted(ends), PEOPLE]).tolist()
    whole = answer(sheet_of(table()), LAYOUT, question)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(outline, "ROWS", 100)
        patch.setattr(outline, "PIECE", piece)
        found = outlined(cut(table(), sizes, Path(folder) / "given.parquet"), LAYOUT, question)
        assert found is not None
        parts = answer_in_parts(found, on_threads(1))
    np.testing.assert_allclose(parts.covariance, whole.covariance, rtol=1e-10, atol=1e-12)
    assert [row.estimate for row in parts.rows] == pytest.approx([row.estimate for row in whole.rows], rel=1e-12)

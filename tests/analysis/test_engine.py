"""A long file in parts gives what the whole gives, whoever counts it and however many at a time."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from analysis import engine, outline
from analysis.answer import Answer, answer, answer_in_parts
from analysis.assembly import Layout
from analysis.contrasts import contrast
from analysis.design import Df, Lonely
from analysis.engine import on_cluster, on_threads
from analysis.outline import answerable, outlined
from analysis.question import Asked, Question, Statistic
from analysis.sheet import read_sheet
from forms.faults import Faults
from survey.commands.estimate import estimate
from tests.analysis.engine_table import EVERY, cut, table

WHOLE_PIECE = outline.PIECE
LAYOUTS = {
    "elements": Layout(weight="w", stratum="stratum"),
    "fractions": Layout(stratum="stratum", fpc=("share",)),
    "counts": Layout(weight="w", stratum="stratum", fpc=("N",)),
    "conservative": Layout(weight="w", stratum="stratum", fpc=("none",)),
    "clusters": Layout(weight="w", stratum="stratum", clusters=("person",)),
    "nested": Layout(weight="w", stratum="stratum", clusters=("inner",), nested=True, fpc=("P",)),
    "nothing": Layout(),
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut(table(), [190, 10, 250, 150], tmp_path_factory.mktemp("long") / "answers.parquet")


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "ROWS", 1000)
    monkeypatch.setattr(outline, "PIECE", 128)


def in_parts(file: Path, layout: Layout, question: Question, workers: int = 2, keep: bool = True) -> Answer:
    found = outlined(file, layout, question)
    assert found is not None
    return answer_in_parts(found, on_threads(workers), keep=keep)


def same(one: Answer, other: Answer) -> None:
    assert one.notes == other.notes
    for name, value in other.design.items():
        assert one.design[name] == (pytest.approx(value) if isinstance(value, float) else value)
    for mine, theirs in zip(one.rows, other.rows, strict=True):
        assert mine.remarks == theirs.remarks
        for name, value in theirs.document().items():
            assert mine.document()[name] == (pytest.approx(value, rel=1e-10) if isinstance(value, float) else value)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize(
    ("by", "where", "df"),
    [((), None, Df.DESIGN), (("unit",), None, Df.DOMAIN), (("unit", "mode"), None, Df.DESIGN),
     (("unit",), ("mode", "qr"), Df.DESIGN)],
)  # fmt: skip
def test_parts_give_what_the_whole_gives(
    name: str, by: tuple[str, ...], where: tuple[str, str] | None, df: Df, file: Path
) -> None:
    contrasts = (contrast("pairs"),) if by else ()
    question = Question(EVERY, by=by, where=where, df=df, lonely=Lonely.ADJUST, contrasts=contrasts)
    same(in_parts(file, LAYOUTS[name], question), answer(read_sheet(file), LAYOUTS[name], question))


def test_the_bits_do_not_depend_on_who_counts(file: Path) -> None:
    question = Question(EVERY, by=("unit",), lonely=Lonely.ADJUST)
    layout = LAYOUTS["clusters"]
    first = in_parts(file, layout, question, workers=1)
    for workers, keep in ((1, False), (3, True), (3, False)):
        again = in_parts(file, layout, question, workers=workers, keep=keep)
        np.testing.assert_array_equal(again.covariance, first.covariance)
        assert again.rows == first.rows


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers of this machine, each a process of its own."""
    from distributed import LocalCluster

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1",
            protocol="tcp",
        ) as made:  # fmt: skip
            yield made


def test_a_cluster_gives_identical_numbers(file: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import Client

    monkeypatch.setattr(outline, "PIECE", WHOLE_PIECE)  # other processes know nothing of what is patched here
    question = Question(EVERY, by=("unit",), lonely=Lonely.ADJUST)
    here = in_parts(file, LAYOUTS["elements"], question)
    found = outlined(file, LAYOUTS["elements"], question)
    assert found is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Client(cluster.scheduler_address) as client:
            there = answer_in_parts(found, on_cluster(client), keep=False)
    np.testing.assert_array_equal(there.covariance, here.covariance)
    assert there.rows == here.rows


def test_what_is_read_in_parts(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question(EVERY)
    assert answerable(file, LAYOUTS["clusters"], question)
    assert not answerable(file, Layout(clusters=("a", "b")), question)
    assert not answerable(file, Layout(), Question((Asked(Statistic.QUANTILE, "q0", p=0.5),)))
    assert not answerable(file.with_suffix(".csv"), Layout(), question)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 is not enough")
    assert not answerable(tmp_path / "broken.parquet", Layout(), question)
    monkeypatch.setattr(outline, "ROWS", 10**9)
    assert not answerable(file, Layout(), question)


@pytest.mark.parametrize(
    ("change", "layout", "question"),
    [
        ({}, Layout(weight="nowhere"), Question(EVERY)),
        ({}, Layout(), Question((Asked(Statistic.PROPORTION, "unit", value="u9"),))),
        ({}, Layout(), Question(EVERY, where=("unit", "u9"))),
        ({"N": np.arange(1, 10**6)}, LAYOUTS["counts"], Question(EVERY)),
        ({"N": np.full(10**6, 2)}, LAYOUTS["counts"], Question(EVERY)),
        ({"N": np.full(10**6, -2)}, LAYOUTS["counts"], Question(EVERY)),
        ({"unit": np.full(10**6, None)}, Layout(), Question(EVERY[:1], by=("unit",))),
    ],
)
def test_what_has_no_outline_is_read_whole(
    change: dict[str, np.ndarray], layout: Layout, question: Question, tmp_path: Path
) -> None:
    whole = table()
    for name, values in change.items():
        column = pa.array(values[: whole.num_rows], pa.string() if values.dtype == object else None)
        whole = whole.set_column(whole.column_names.index(name), name, column)
    assert outlined(cut(whole, [300, 300], tmp_path / "given.parquet"), layout, question) is None


def test_a_cluster_over_two_row_groups_is_read_whole(tmp_path: Path) -> None:
    pq.write_table(table(), tmp_path / "cut.parquet", row_group_size=500)
    assert outlined(tmp_path / "cut.parquet", LAYOUTS["clusters"], Question(EVERY)) is None
    assert outlined(tmp_path / "cut.parquet", LAYOUTS["elements"], Question(EVERY)) is not None


def test_faults_name_the_row_of_the_file(tmp_path: Path) -> None:
    whole = table()
    weight = whole["w"].to_numpy().copy()
    weight[700] = -1
    whole = whole.set_column(whole.column_names.index("w"), "w", pa.array(weight))
    file = cut(whole, [200, 400], tmp_path / "given.parquet")
    with pytest.raises(Faults, match=r"given.parquet:702, column “w”: weight -1 is negative"):
        in_parts(file, LAYOUTS["elements"], Question(EVERY))
    zero = whole.set_column(whole.column_names.index("w"), "w", pa.array(np.zeros(whole.num_rows)))
    with pytest.raises(Faults, match="every weight is 0"):
        in_parts(cut(zero, [200, 400], tmp_path / "zero.parquet"), LAYOUTS["elements"], Question(EVERY))


def test_what_the_first_pass_keeps_is_bounded(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question(EVERY, lonely=Lonely.ADJUST)
    first = in_parts(file, LAYOUTS["elements"], question)
    monkeypatch.setattr(engine, "_KEPT", 10)
    again = in_parts(file, LAYOUTS["elements"], question)
    np.testing.assert_array_equal(again.covariance, first.covariance)


ASKED = ("--weight", "w", "--stratum", "stratum", "--mean", "q0,q1", "--by", "unit", "--format", "json")


def test_the_command_counts_on_a_cluster(file: Path, cluster: Any) -> None:
    here = CliRunner().invoke(estimate, [str(file), *ASKED])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        there = CliRunner().invoke(estimate, [str(file), *ASKED, "--cluster", cluster.scheduler_address])
    assert there.exit_code == 0 and there.stdout == here.stdout
    assert len(json.loads(here.stdout)["rows"]) == 10


def test_addresses_that_do_not_go(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.commands.estimate._PATIENCE", 0.2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nobody = CliRunner().invoke(estimate, [str(file), *ASKED, "--cluster", "tcp://127.0.0.1:9"])
    assert "no Dask scheduler answers there" in str(nobody.exception)
    two = CliRunner().invoke(estimate, [str(file), *ASKED, "--cluster", "tcp://a:1,tcp://b:1"])
    assert "takes one address" in str(two.exception)
    (tmp_path / "short.csv").write_text("q0,q1,w,stratum,unit\n1,2,1,a,u\n2,3,1,a,u\n3,3,1,a,u\n", "utf-8")
    short = CliRunner().invoke(estimate, [str(tmp_path / "short.csv"), *ASKED, "--cluster", "tcp://127.0.0.1:9"])
    assert short.exit_code == 0 and "counted here and not on the cluster" in short.stderr
    monkeypatch.setitem(sys.modules, "distributed", None)
    without = CliRunner().invoke(estimate, [str(file), *ASKED, "--cluster", "tcp://127.0.0.1:9"])
    assert "install phieu[cluster]" in str(without.exception)

"""Differences by how answers were given: R's svyglm to the digits, and what is hidden or cannot be told apart."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.beside_frame import beside_frame
from analysis.dataset import Dataset, open_dataset
from analysis.days import days
from analysis.design import Design, Lonely
from analysis.effects import effects, regression
from analysis.sheet import Sheet, read_sheet
from tests.bench import pack_scene

ORACLE = Path(__file__).parents[1] / "oracle"


def _expected(case: str) -> list[dict[str, str]]:
    with (ORACLE / "made" / "expected_regression.csv").open() as file:
        return [row for row in csv.DictReader(file) if row["case"] == case]


def _is(sheet: Sheet, column: str, level: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([float(value == level) for value in sheet.columns[column].to_pylist()])


def _codes(sheet: Sheet, column: str) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int64]], tuple[str, ...]]:
    names, codes = np.unique([str(each) for each in sheet.columns[column].to_pylist()], return_inverse=True)
    return codes.reshape(-1).astype(np.int64), tuple(names.tolist())


def _stratified(sheet: Sheet) -> Design:
    codes, names = _codes(sheet, "stype")
    population = np.array([sheet.numbers("fpc")[codes == at][0] for at in range(len(names))])
    n = len(codes)
    return Design(codes, np.arange(n), sheet.numbers("pw"), np.bincount(codes) / population, names)


@pytest.mark.parametrize("case", ["strat", "holes", "clus"])
def test_regression_is_that_of_r(case: str) -> None:
    sheet = read_sheet(ORACLE / ("apiclus1.csv" if case == "clus" else "apistrat.csv"))
    one = np.ones(len(sheet.numbers("api00")))
    yes, high, middle = _is(sheet, "sch.wide", "Yes"), _is(sheet, "stype", "H"), _is(sheet, "stype", "M")
    outcome = sheet.numbers("api00").astype(np.float64)
    if case == "clus":
        psu, _ = _codes(sheet, "dnum")
        fraction = np.array([(psu.max() + 1) / sheet.numbers("fpc")[0]])
        design = Design(np.zeros(len(one), np.int64), psu, sheet.numbers("pw"), fraction, ("all",))
        x = np.column_stack([one, high, middle, yes])
    else:
        design = _stratified(sheet)
        x = np.column_stack([one, yes, _is(sheet, "awards", "Yes"), sheet.numbers("meals")])
    if case == "holes":
        outcome[6::7] = np.nan
        x = np.column_stack([one, yes, high, middle])
    found, rows = regression(design, outcome, x, Lonely.ADJUST), _expected(case)
    assert found.coefficient == pytest.approx([float(row["estimate"]) for row in rows], rel=1e-9)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx([float(row["se"]) for row in rows], rel=1e-8)
    assert found.df == int(rows[0]["df"])


def test_a_level_that_goes_with_another_column_is_not_told() -> None:
    n = 40
    first = np.r_[np.ones(20), np.zeros(20)]
    design = Design(np.zeros(n, np.int64), np.arange(n), np.ones(n), np.zeros(1), ("all",))
    x = np.column_stack([np.ones(n), first, first, np.arange(n) % 2])
    found = regression(design, np.linspace(0, 1, n), x, Lonely.ADJUST)
    assert np.isnan(found.coefficient[1:3]).all() and np.isfinite(found.coefficient[[0, 3]]).all()


def _scene(folder: Path, paper: int) -> Dataset:
    """A dataset whose first ``paper`` citizens answered on paper, two choices lower than the others."""
    given = pack_scene.write(folder, 6, 600)
    table = pq.read_table(given.dataset / "assessments.parquet")
    people = np.array([group == "nguoi_dan" for group in table["group"].to_pylist()])
    own = np.flatnonzero(people)
    mode = np.array(table["mode"].to_pylist(), dtype=object)
    mode[own], mode[own[:paper]] = "qr", "paper"
    columns = {name: table[name] for name in table.column_names} | {"mode": pa.array(mode).dictionary_encode()}
    for entry in json.loads((given.dataset / "codebook.json").read_text("utf-8"))["items"]:
        if entry["type"] == "scale" and "citizen" in entry["questionnaires"]:
            answer = np.full(len(own), 3, np.int8)
            answer[:paper] = 1
            answer[::7] += 1
            whole = table[entry["id"]].to_numpy(zero_copy_only=False).astype(object)
            whole[own] = answer
            columns[entry["id"]] = pa.array([None if v is None or v != v else int(v) for v in whole], pa.int8())
    pq.write_table(pa.table(columns), given.dataset / "assessments.parquet")
    return open_dataset(given.dataset, verify=False)


def test_a_way_of_answering_that_scores_lower_is_seen(tmp_path: Path) -> None:
    dataset = _scene(tmp_path, 40)
    qr, paper = effects(dataset, "nguoi_dan", "mode")
    assert (qr.level, qr.reference, qr.difference) == ("qr", "qr", None) and (paper.level, paper.n) == ("paper", 40)
    assert qr.mean == pytest.approx(0.75 + 0.25 / 7, abs=0.02) and paper.mean is not None and paper.mean < 0.35
    assert paper.difference == pytest.approx(-0.5, abs=0.02) and paper.high is not None and paper.high < -0.4
    assert effects(dataset, "nguoi_dan", "phase") == ()


def test_few_on_paper_are_not_told_nor_what_they_leave(tmp_path: Path) -> None:
    rows = effects(_scene(tmp_path, 3), "nguoi_dan", "mode")
    assert [(row.level, row.n, row.mean, row.difference) for row in rows] == [
        ("qr", None, None, None), ("paper", None, None, None)
    ]  # fmt: skip


def test_who_answered_nothing_on_a_scale_covers_nobody(tmp_path: Path) -> None:
    dataset = _scene(tmp_path, 6)
    table = pq.read_table(dataset.path / "assessments.parquet")
    here = zip(table["group"].to_pylist(), table["mode"].to_pylist(), strict=True)
    silent = np.flatnonzero([each == ("nguoi_dan", "paper") for each in here])[1:]
    asked = [each["id"] for each in dataset.codebook["items"] if each["type"] == "scale"]
    columns = {name: table[name] for name in table.column_names}
    for item in asked:
        answer = np.array(table[item].to_pylist(), object)
        answer[silent] = -1
        columns[item] = pa.array(answer.tolist(), pa.int8())
    pq.write_table(pa.table(columns), dataset.path / "assessments.parquet")
    rows = effects(open_dataset(dataset.path, verify=False), "nguoi_dan", "mode")
    assert [(row.level, row.n, row.mean) for row in rows] == [("qr", None, None), ("paper", None, None)]


def test_few_of_a_kind_among_those_who_answered_are_hidden(tmp_path: Path) -> None:
    given = pack_scene.write(tmp_path, 6, 600)
    design = pq.read_table(given.dataset / "design.parquet").to_pylist()
    rows = [row for row in design if row["group"] == "nguoi_dan"]
    for row in rows:
        if row["m_channel"] == "online":
            row["n_complete"] = 0
            row["w_complete"] = 0.0
    rows[0] |= {"m_channel": "post", "n_complete": 3, "w_complete": 12.0}
    rest = [row for row in design if row["group"] != "nguoi_dan"]
    pq.write_table(pa.Table.from_pylist([*rest, *rows]), given.dataset / "design.parquet")
    found = {each.level: each for each in beside_frame(open_dataset(given.dataset, verify=False), "nguoi_dan")}
    assert found["post"].n is None and found["post"].answered is None
    assert sum(each.n is None for each in found.values()) >= 2  # one of them alone would follow from the others
    assert sum(each.frame for each in found.values()) == pytest.approx(1)


def test_a_group_that_nobody_was_drawn_of_is_passed_over(tmp_path: Path) -> None:
    given = pack_scene.write(tmp_path, 6, 600)
    dataset = open_dataset(given.dataset)
    dataset.manifest["groups"].append({"id": "ai", "name": {"vi": "Ai"}, "questionnaire": "citizen"})
    assert beside_frame(dataset, "ai") == () and effects(dataset, "ai", "mode") == () and days(dataset, "ai") is None

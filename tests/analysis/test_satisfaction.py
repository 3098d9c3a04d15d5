"""Satisfaction by factor: the share of the two best answers, nothing shown that fewer than k stand behind."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.dataset import Dataset, open_dataset
from analysis.satisfaction import Share, satisfaction

K = 5
Answers = dict[tuple[str, str], list[tuple[int | None, int | None]]]


def dataset_of(folder: Path, answers: Answers) -> Dataset:
    """Two items of one factor; ``answers`` (unit, group) → one pair of positions a person, each standing for 10."""
    rows = [(unit, group, *pair) for (unit, group), pairs in sorted(answers.items(), key=lambda each: each[0][1])
            for pair in pairs]  # fmt: skip
    units = sorted({unit for unit, _ in answers})
    groups = sorted({group for _, group in answers})
    number = pa.array(range(len(rows)), pa.int32())
    columns: dict[str, Any] = {
        "respondent": number.cast(pa.int64()), "psu": number, "unit": pa.array([row[0] for row in rows]),
        "group": pa.array([row[1] for row in rows]), "base_weight": pa.array([10.0] * len(rows)),
        "stratum": pa.array([row[0] for row in rows]), "wclass": pa.array([row[0] for row in rows]),
        "a": pa.array([row[2] for row in rows], pa.int8()), "b": pa.array([row[3] for row in rows], pa.int8()),
    }  # fmt: skip
    for name in ("unit", "group", "stratum", "wclass"):
        columns[name] = columns[name].dictionary_encode()
    folder.mkdir()
    pq.write_table(pa.table(columns), folder / "assessments.parquet")
    cells = [(group, unit, len(pairs)) for (unit, group), pairs in answers.items()]
    pq.write_table(
        pa.table({
            "group": [cell[0] for cell in cells], "stratum": [cell[1] for cell in cells],
            "wclass": [cell[1] for cell in cells], "method": ["stratified"] * len(cells),
            "population": [10 * cell[2] for cell in cells],
            "eligible_estimate": [10.0 * cell[2] for cell in cells], "drawn": [cell[2] for cell in cells],
            "n_complete": [cell[2] for cell in cells], "w_complete": [10.0 * cell[2] for cell in cells],
        }), folder / "design.parquet",
    )  # fmt: skip
    choices = [{"id": f"v{at}", "position": at, "value": at / 4, "text": {"vi": f"mức {at}"}} for at in range(5)]
    items = [
        {"id": id, "type": "scale", "questionnaires": ["citizen"], "factor": "access", "text": {"vi": id},
         "choices": choices}
        for id in ("a", "b")
    ] + [{"id": "free", "type": "text", "questionnaires": ["citizen"], "text": {"vi": "…"}, "choices": []}]  # fmt: skip
    codebook = {"items": items, "factors": {"access": {"vi": "Tiếp cận"}}, "columns": []}
    (folder / "codebook.json").write_text(json.dumps(codebook), "utf-8")
    manifest = {
        "format": 1, "simulated": True, "interim": False, "departures": [], "framework": None,
        "wave": {"id": "w", "title": {"vi": "Đợt"}, "opens": "2026-03-01", "closes": "2026-03-31", "k": K},
        "units": [{"id": unit, "name": {"vi": unit}, "kind": "department"} for unit in units],
        "groups": [{"id": group, "name": {"vi": group}, "questionnaire": "citizen", "by": ["unit"],
                    "assesses": "dossier" if group != "own" else "own", "method": "stratified", "blocks": False}
                   for group in groups],
        "estimation": {"lonely": "adjust", "collapse": [], "valid": ["complete"], "n_min": 5},
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return open_dataset(folder)


GOOD, POOR, NONE = (4, 3), (1, 0), (None, -1)


def test_a_factor_is_the_share_of_the_two_best_answers_to_its_items(tmp_path: Path) -> None:
    data = dataset_of(tmp_path / "d", {("x", "dan"): [GOOD] * 6 + [POOR] * 2 + [(4, None)], ("y", "dan"): [POOR] * 8})
    found = satisfaction(data, "department", frozenset())
    assert found is not None and [each.id for each in found.factors] == ["access"]
    x, y = found.shares["x"], found.shares["y"]
    assert x["access"].value == pytest.approx(13 / 17)
    assert (x["a"].value, x["b"].value) == pytest.approx((7 / 9, 6 / 8))
    assert (x["a"].n, x["b"].n) == (9, 8)
    assert x["a"].se is not None and x["a"].low is not None and x["a"].high is not None
    assert 0 < x["a"].low < 7 / 9 < x["a"].high < 1
    assert y["a"].value == 0 and y["a"].low == 0 and y["a"].high is not None and y["a"].high > 0.2  # never certain
    assert found.mean["access"] == pytest.approx((13 / 17 + 0) / 2)
    [a, _] = found.spreads
    assert (a.item, a.factor, a.n) == ("a", "access", 17)
    assert sum(a.shares) == pytest.approx(1) and a.shares[4] == pytest.approx(7 / 17)


def test_groups_weigh_as_the_people_they_stand_for(tmp_path: Path) -> None:
    data = dataset_of(tmp_path / "d", {("x", "dan"): [GOOD] * 15, ("x", "to"): [POOR] * 5})
    found = satisfaction(data, "department", frozenset())
    assert found is not None and found.groups == ("dan", "to")
    assert found.shares["x"]["a"].value == pytest.approx(0.75)


def test_cells_under_k_and_covered_groups_are_left_out(tmp_path: Path) -> None:
    few = {("x", "dan"): [GOOD] * 6 + [NONE] * 3, ("x", "to"): [(1, None)] * 5 + [NONE] * 3, ("y", "dan"): [POOR] * 4}
    data = dataset_of(tmp_path / "d", few)
    found = satisfaction(data, "department", frozenset())
    assert found is not None
    assert found.shares["y"]["a"] == Share() and found.shares["y"]["access"] == Share()
    assert found.shares["x"]["b"].n == 6  # nobody of “to” answers b: it is the citizens' alone
    hidden = satisfaction(data, "department", frozenset({("x", "to")}))
    assert hidden is not None and hidden.shares["x"]["a"].value == 1.0 and hidden.shares["x"]["a"].n == 6
    assert hidden.spreads[0].n == 6


def test_who_asks_nobody_with_a_dossier_has_no_such_figures(tmp_path: Path) -> None:
    data = dataset_of(tmp_path / "d", {("x", "own"): [GOOD] * 6})
    assert satisfaction(data, "department", frozenset()) is None
    assert satisfaction(data, "commune", frozenset()) is None

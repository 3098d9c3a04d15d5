"""A small frozen dataset on disk, written column by column, and a framework for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.dataset import Dataset, open_dataset
from forms import framework
from forms.framework import Framework

FIVE = [
    {"id": f"v{place + 1}", "position": place, "value": place / 4, "text": {"vi": f"{place}"}} for place in range(5)
]
UNITS = ("so_a", "so_b", "so_c", "so_d")

FRAMEWORK = """
id = "small"
title.vi = "Khung thử"
illustrative = true
[[kind.department.domain]]
id = "service"
name.vi = "Phục vụ"
[[kind.department.domain.criterion]]
id = "service_all"
name.vi = "Phục vụ"
[[kind.department.domain.criterion.subcriterion]]
id = "access"
name.vi = "Tiếp cận"
points = 20
source = "survey"
rule = { kind = "mean" }
items = ["access_1", "access_2"]
shares = { nguoi_dan = 0.6, cong_chuc = 0.4 }
[[kind.department.domain.criterion.subcriterion]]
id = "staff"
name.vi = "Thái độ"
points = 30
survey_points = 20
appraised_points = 10
source = "both"
rule = { kind = "share", favourable = ["v4", "v5"] }
items = ["staff_1"]
shares = { nguoi_dan = 1.0 }
[[kind.department.domain]]
id = "steering"
name.vi = "Chỉ đạo"
[[kind.department.domain.criterion]]
id = "steering_all"
name.vi = "Chỉ đạo"
[[kind.department.domain.criterion.subcriterion]]
id = "plan"
name.vi = "Kế hoạch"
points = 50
source = "appraised"
"""

Answers = Mapping[str, Mapping[str, Sequence[Mapping[str, int | None]]]]
Build = Callable[..., Dataset]


@pytest.fixture
def small() -> Framework:
    return framework.load(FRAMEWORK, "small.toml")


@pytest.fixture
def appraised() -> dict[str, dict[str, float]]:
    return {unit: {"staff": 8.0, "plan": 40.0 + place} for place, unit in enumerate(UNITS)}


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Write a dataset from ``{group: {unit: [{item: position}, …]}}``, one respondent an assessment."""

    def write(answers: Answers, *, name: str = "dataset", **told: Any) -> Dataset:
        return write_dataset(tmp_path / name, answers, **told)

    return write


def write_dataset(folder: Path, answers: Answers, *, population: int = 1000, k: int = 5, **manifest: Any) -> Dataset:
    """The same, into a new folder."""
    folder.mkdir()
    items = sorted({item for units in answers.values() for rows in units.values() for row in rows for item in row})
    _write_assessments(folder, answers, items)
    _write_design(folder, answers, population)
    _write_pairs(folder, answers)
    told = [item for item in items if item != "duration_band"]
    (folder / "codebook.json").write_text(json.dumps(_codebook(told)), encoding="utf-8")
    _write_manifest(folder, answers, k, manifest)
    return open_dataset(folder)


def _write_assessments(folder: Path, answers: Answers, items: Sequence[str]) -> None:
    rows: list[dict[str, Any]] = []
    for group, units in answers.items():
        for unit, given in units.items():
            for row in given:
                person = len(rows)
                place = {"unit": unit, "group": group, "stratum": f"{group}/{unit}", "wclass": f"{group}/{unit}"}
                rows.append({"respondent": person, "psu": person, **place, "mode": "qr", "base_weight": 10.0, **row})
    names = ["respondent", "psu", "unit", "group", "stratum", "wclass", "mode", "base_weight", *items]
    kinds = {"respondent": pa.int64(), "psu": pa.int32(), "base_weight": pa.float64()}
    kinds |= dict.fromkeys(("unit", "group", "stratum", "wclass", "mode"), pa.dictionary(pa.int32(), pa.string()))
    columns = [pa.array([row.get(name) for row in rows], kinds.get(name, pa.int8())) for name in names]
    pq.write_table(pa.table(columns, names=names), folder / "assessments.parquet")


def _write_design(folder: Path, answers: Answers, population: int) -> None:
    cells = []
    for group, units in answers.items():
        for unit, given in units.items():
            cell: dict[str, Any] = {"group": group, "stratum": f"{group}/{unit}", "wclass": f"{group}/{unit}"}
            cell |= {"method": "stratified", "population": population, "eligible_estimate": float(population)}
            cell |= {"drawn": len(given) + 2, "n_complete": len(given), "n_no_contact": 2, "n_late": 0}
            cells.append(cell | {"w_complete": 10.0 * len(given), "w_no_contact": 20.0, "w_late": 0.0})
    pq.write_table(pa.Table.from_pylist(cells), folder / "design.parquet")


def _write_pairs(folder: Path, answers: Answers) -> None:
    rows = [
        {"group": group, "unit": unit, "other": unit, "eligible": 1.0, "assigned": len(given) + 2,
         "returned": len(given) + 1, "valid": len(given)}
        for group, units in answers.items()
        for unit, given in units.items()
    ]  # fmt: skip
    rows.append({**rows[0], "other": "another"})  # a pair is no unit's own row
    pq.write_table(pa.Table.from_pylist(rows), folder / "pairs.parquet")


def _codebook(items: Sequence[str]) -> dict[str, Any]:
    asked = {"access": ["citizen", "self"], "staff": ["citizen"]}
    return {
        "items": [
            {
                "id": item,
                "type": "scale",
                "questionnaires": asked.get(item.split("_")[0], ["citizen"]),
                "text": {"vi": item},
                "choices": FIVE,
            }
            for item in items
        ],
        "factors": {},
        "columns": [],
    }


def _write_manifest(folder: Path, answers: Answers, k: int, changes: Mapping[str, Any]) -> None:
    questionnaires = {"nguoi_dan": "citizen", "cong_chuc": "self"}
    manifest = {
        "format": 1,
        "simulated": True,
        "interim": False,
        "wave": {"id": "w", "title": {"vi": "Đợt thử"}, "opens": "2026-03-01", "closes": "2026-03-31", "k": k},
        "units": [{"id": unit, "name": {"vi": f"Sở {unit[-1].upper()}"}, "kind": "department"} for unit in UNITS],
        "groups": [
            {"id": group, "name": {"vi": group}, "questionnaire": questionnaires[group], "assesses": "dossier",
             "method": "stratified", "by": ["unit"], "blocks": False}
            for group in questionnaires
        ],
        "estimation": {"lonely": "adjust", "collapse": [], "valid": ["complete", "partial"], "n_min": 5},
        "framework": None,
        "departures": [],
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()},
        **changes,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def usual() -> Answers:
    """Twenty citizens and ten civil servants a unit, seeded; unit by unit a little happier."""
    random = np.random.default_rng(4)

    def some(number: int, level: float, items: Sequence[str]) -> list[dict[str, int | None]]:
        happy = random.normal(level, 1.0, number)
        return [{item: int(np.clip(np.round(mood + random.normal(0, 0.6)), 0, 4)) for item in items} for mood in happy]

    return {
        "nguoi_dan": {u: some(20, 2.2 + 0.3 * i, ["access_1", "access_2", "staff_1"]) for i, u in enumerate(UNITS)},
        "cong_chuc": {u: some(10, 3.0, ["access_1", "access_2"]) for u in UNITS},
    }

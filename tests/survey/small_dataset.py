"""A frozen dataset of three offices and one group, small enough to be counted at once, and tables that go with it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FRAMEWORK = """
id = "tiny"
title.vi = "Khung thử"
[[kind.department.domain]]
id = "service"
name.vi = "Phục vụ"
[[kind.department.domain.criterion]]
id = "service_all"
name.vi = "Phục vụ"
[[kind.department.domain.criterion.subcriterion]]
id = "access"
name.vi = "Tiếp cận"
points = 60
source = "survey"
rule = { kind = "mean" }
items = ["access_1"]
shares = { dan = 1.0 }
[[kind.department.domain.criterion.subcriterion]]
id = "plan"
name.vi = "Kế hoạch"
points = 40
source = "appraised"
"""
UNITS = {"so_a": "Sở A", "so_b": "Sở B", "so_c": "Sở C"}
ANSWERS = {"so_a": [1, 2, 3, 4, 3, 2, 1, 4], "so_b": [4, 4, 3, 4, 3, 4, 4, 4], "so_c": [1, 1, 0, 2, 1, 0]}


def write_dataset(folder: Path) -> None:
    rows = [(unit, answer) for unit, answers in ANSWERS.items() for answer in answers]
    units, places = pa.array([row[0] for row in rows]).dictionary_encode(), pa.array(range(len(rows)), pa.int32())
    columns = {
        "respondent": places.cast(pa.int64()), "psu": places, "unit": units,
        "group": pa.array(["dan"] * len(rows)).dictionary_encode(), "stratum": units, "wclass": units,
        "base_weight": pa.array([5.0] * len(rows)), "access_1": pa.array([row[1] for row in rows], pa.int8()),
    }  # fmt: skip
    pq.write_table(pa.table(columns), folder / "assessments.parquet")
    strata = {
        "group": ["dan"] * 3, "stratum": list(UNITS), "wclass": list(UNITS), "method": ["stratified"] * 3,
        "population": [50] * 3, "eligible_estimate": [50.0] * 3, "drawn": [10] * 3,
        "n_complete": [len(each) for each in ANSWERS.values()], "w_complete": [50.0] * 3,
        "n_issued": [10 - len(each) for each in ANSWERS.values()], "w_issued": [0.0] * 3,
    }  # fmt: skip
    pq.write_table(pa.table(strata), folder / "design.parquet")


def make_dataset(folder: Path, **facts: object) -> Path:
    """``facts`` replace entries of the manifest."""
    folder.mkdir()
    write_dataset(folder)
    choices = [{"id": f"v{at}", "position": at, "value": at / 4, "text": {"vi": "…"}} for at in range(5)]
    item = {"id": "access_1", "type": "scale", "questionnaires": ["citizen"], "text": {"vi": "…"}, "choices": choices}
    (folder / "codebook.json").write_text(json.dumps({"items": [item], "factors": {}, "columns": []}), "utf-8")
    manifest = {
        "format": 1, "simulated": True, "interim": False, "departures": [], "framework": None,
        "wave": {"id": "w", "title": {"vi": "Đợt"}, "opens": "2026-03-01", "closes": "2026-03-31", "k": 5},
        "units": [{"id": unit, "name": {"vi": name}, "kind": "department"} for unit, name in UNITS.items()],
        "groups": [{"id": "dan", "name": {"vi": "Người dân"}, "questionnaire": "citizen", "by": ["unit"],
                    "assesses": "dossier", "method": "stratified", "blocks": False}],
        "estimation": {"lonely": "adjust", "collapse": [], "valid": ["complete"], "n_min": 5},
        "files": {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps({**manifest, **facts}), "utf-8")
    return folder


def make_inputs(folder: Path, **facts: object) -> tuple[Path, Path, Path]:
    """A dataset, a framework that counts it and appraised points."""
    framework, points = folder / "tiny.toml", folder / "points.csv"
    framework.write_text(FRAMEWORK, "utf-8")
    points.write_text("unit,plan\nSở A,30.5\nSở B,38\nSở C,20.25\n", "utf-8")
    return make_dataset(folder / "dataset", **facts), framework, points

"""A wave's factors: reliability in each group, drivers of each kind, and where each unit's factors stand."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.dataset import Dataset, open_dataset
from analysis.drivers import drivers
from analysis.factors import kind_drivers, reliabilities
from analysis.reliability import reliability
from analysis.satisfaction import satisfaction

ITEMS = {"a_1": "access", "a_2": "access", "s_1": "staff", "s_2": "staff", "lone": "result", "overall": ""}


def dataset_of(folder: Path, answers: np.ndarray[Any, Any], *, items: dict[str, str] = ITEMS,
               several: bool = False) -> Dataset:  # fmt: skip
    """``answers`` (n, K) positions, −1 for none; two units, every fourth row of the second; each stands for 10."""
    n = len(answers)
    units = ["so_b" if at % 4 == 0 else "so_a" for at in range(n)]
    order = np.argsort(units, kind="stable")
    answers, units = answers[order], [units[at] for at in order]
    person = np.arange(n) // 2 if several else np.arange(n)
    text = {name: pa.array(values).dictionary_encode() for name, values in
            {"unit": units, "group": ["dan"] * n, "stratum": units, "wclass": units}.items()}  # fmt: skip
    columns: dict[str, Any] = {
        "respondent": pa.array(person, pa.int64()), "psu": pa.array(person, pa.int32()), **text,
        "base_weight": pa.array([10.0] * n),
    } | {name: pa.array(answers[:, at], pa.int8()) for at, name in enumerate(items)}  # fmt: skip
    folder.mkdir()
    pq.write_table(pa.table(columns), folder / "assessments.parquet")
    cells = [(unit, len({int(one) for one, u in zip(person, units, strict=True) if u == unit}))
             for unit in dict.fromkeys(units)]  # fmt: skip
    pq.write_table(pa.table({
        "group": ["dan"] * len(cells), "stratum": [unit for unit, _ in cells], "wclass": [unit for unit, _ in cells],
        "method": ["stratified"] * len(cells), "population": [10 * size for _, size in cells],
        "eligible_estimate": [10.0 * size for _, size in cells], "drawn": [size for _, size in cells],
        "n_complete": [size for _, size in cells], "w_complete": [10.0 * size for _, size in cells],
    }), folder / "design.parquet")  # fmt: skip
    choices = [{"id": f"v{at}", "position": at, "value": at / 4, "text": {"vi": f"mức {at}"}} for at in range(5)]
    entries = [{"id": id, "type": "scale", "questionnaires": ["citizen"], "text": {"vi": id}, "choices": choices}
               | ({"factor": factor} if factor else {}) for id, factor in items.items()]  # fmt: skip
    codebook = {"items": entries, "factors": {}, "columns": []}
    (folder / "codebook.json").write_text(json.dumps(codebook), "utf-8")
    manifest = {
        "format": 1, "simulated": True, "interim": False, "departures": [], "framework": None,
        "wave": {"id": "w", "title": {"vi": "Đợt"}, "opens": "2026-03-01", "closes": "2026-03-31", "k": 5},
        "units": [{"id": unit, "name": {"vi": unit}, "kind": "department"} for unit, _ in cells],
        "groups": [{"id": "dan", "name": {"vi": "dan"}, "questionnaire": "citizen", "by": ["unit"],
                    "assesses": "dossier", "method": "stratified", "blocks": False}],
        "estimation": {"lonely": "adjust", "collapse": [], "valid": ["complete"], "n_min": 5},
    }  # fmt: skip
    manifest["files"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("assessments.parquet", "design.parquet", "codebook.json")
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return open_dataset(folder)


def people(n: int = 240, seed: int = 3) -> np.ndarray[Any, Any]:
    """Access and staff move together within; overall satisfaction follows access."""
    rng = np.random.default_rng(seed)
    access, staff, lone = rng.normal(size=(3, n))
    raw = [access + 0.6 * rng.normal(size=n), access + 0.6 * rng.normal(size=n), staff + 0.6 * rng.normal(size=n),
           staff + 0.6 * rng.normal(size=n), lone, 1.5 * access + 0.4 * staff + 0.8 * rng.normal(size=n)]  # fmt: skip
    return np.column_stack([np.clip(np.round(2.4 + 1.1 * each), 0, 4) for each in raw]).astype(np.int8)


def test_reliability_is_that_of_the_complete_answers(tmp_path: Path) -> None:
    answers = people()
    answers[:6, 0] = -1
    found = {each.factor: each for each in reliabilities(dataset_of(tmp_path / "d", answers))}
    assert set(found) == {"access", "staff"}  # one item is no factor
    wanted = reliability(answers[6:, :2] / 4.0, ["a_1", "a_2"])
    told = found["access"]
    assert (told.n, told.left_out, told.interval) == (234, 6, "feldt")
    assert told.alpha == pytest.approx(wanted.alpha)
    assert told.low is not None and told.low < wanted.alpha < (told.high or 0)
    assert [item.item for item in told.items] == ["a_1", "a_2"]
    assert told.items[0].without is None and told.omega is None and told.omega_note


def test_persons_with_several_units_make_the_interval_a_bootstrap(tmp_path: Path) -> None:
    found = reliabilities(dataset_of(tmp_path / "d", people(), several=True))
    assert {each.interval for each in found} == {"bootstrap"}


def test_few_answers_say_no_number_and_a_constant_item_says_why(tmp_path: Path) -> None:
    few = reliabilities(dataset_of(tmp_path / "few", people(24)))
    assert {(each.reason, each.n, each.alpha) for each in few} == {("few", 0, None)}
    answers = people()
    answers[:, 0] = 3
    flat = {each.factor: each for each in reliabilities(dataset_of(tmp_path / "flat", answers))}["access"]
    assert flat.alpha is None and "a_1" in (flat.reason or "")


def test_drivers_are_weighted_and_placed_unit_by_unit(tmp_path: Path) -> None:
    answers = people()
    dataset = dataset_of(tmp_path / "d", answers)
    found = satisfaction(dataset, "department", frozenset())
    assert found is not None
    made = kind_drivers(dataset, found, draws=300)
    assert made is not None and made.reason is None and made.n == 240
    shares = {each.factor: each.share for each in made.factors}
    assert max(shares, key=lambda name: shares[name]) == "access"
    # equal weights: the same as counted from the answers themselves
    values = answers / 4.0
    plain = drivers(np.column_stack([values[:, :2].mean(1), values[:, 2:4].mean(1), values[:, 4]]), values[:, 5],
                    ["access", "staff", "result"], draws=200)  # fmt: skip
    assert [shares[name] for name in plain.factors] == pytest.approx(plain.share.tolist())
    assert set(made.units) == {"so_a", "so_b"}
    for unit, points in made.units.items():
        line = made.performance_lines[unit]
        for point in points:
            assert point.performance == pytest.approx(found.shares[unit][point.factor].value)
            assert (point.quadrant in ("improve_first", "keep_up")) == (point.importance >= 1 / 3)
            assert (point.quadrant in ("keep_up", "maintain")) == (point.performance >= line)


def test_without_an_overall_item_or_with_too_few_answers_there_are_no_drivers(tmp_path: Path) -> None:
    items = {name: factor for name, factor in ITEMS.items() if name != "overall"}
    none = dataset_of(tmp_path / "none", people()[:, :5], items=items)
    found = satisfaction(none, "department", frozenset())
    assert found is not None and kind_drivers(none, found) is None
    few = dataset_of(tmp_path / "few", people(28))
    found = satisfaction(few, "department", frozenset())
    assert found is not None
    made = kind_drivers(few, found)
    assert made is not None and (made.reason, made.factors) == ("few", ())


def test_factors_that_say_the_same_are_told(tmp_path: Path) -> None:
    answers = people()
    answers[:, 2:4] = answers[:, :2]
    dataset = dataset_of(tmp_path / "d", answers)
    found = satisfaction(dataset, "department", frozenset())
    assert found is not None
    made = kind_drivers(dataset, found)
    assert made is not None and made.reason is not None and "say exactly the same" in made.reason

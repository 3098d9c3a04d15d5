"""A wave's design: nonresponse factors by class, collapsed strata, fractions from who answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.collapse import Merge, collapse
from analysis.dataset import Dataset, open_dataset
from analysis.estimates import ratios
from analysis.weights import kish, wave_design
from forms.faults import Faults

Person = tuple[str, str, Mapping[str, float], int]  # stratum, class, base weight by unit, answer


@pytest.fixture
def freeze(tmp_path: Path) -> Callable[..., Dataset]:
    """Writes a dataset with one group "dan" (and a stranger's group) as the collecting side would."""

    def make(
        people: Sequence[Person], cells: Sequence[Mapping[str, Any]], order: Sequence[str] = (), **group: Any
    ) -> Dataset:
        rows = [
            (number, unit, stratum, wclass, weight, answer)
            for number, (stratum, wclass, units, answer) in enumerate(people)
            for unit, weight in units.items()
        ]
        words = {
            "unit": [row[1] for row in rows] + ["z"],
            "group": ["dan"] * len(rows) + ["khac"],
            "stratum": [row[2] for row in rows] + ["all"],
            "wclass": [row[3] for row in rows] + ["all"],
        }
        table = {
            "respondent": pa.array([row[0] * 1000 for row in rows] + [999_999]),
            "psu": pa.array([row[0] for row in rows] + [len(people)], pa.int32()),
            **{name: pa.array(values).dictionary_encode() for name, values in words.items()},
            "base_weight": pa.array([row[4] for row in rows] + [1.0]),
            "q1": pa.array([row[5] for row in rows] + [1], pa.int8()),
        }
        pq.write_table(pa.table(table), tmp_path / "assessments.parquet")
        pq.write_table(pa.Table.from_pylist(list(cells)), tmp_path / "design.parquet")
        (tmp_path / "codebook.json").write_text('{"items": []}', "utf-8")
        names = ("assessments.parquet", "design.parquet", "codebook.json")
        files = {name: sha256((tmp_path / name).read_bytes()).hexdigest() for name in names}
        manifest = {
            "format": 1,
            "simulated": True,
            "interim": False,
            "wave": {"id": "w", "title": {"vi": "W"}, "opens": "2026-03-01", "closes": "2026-03-31", "k": 5},
            "units": [],
            "groups": [
                {"id": "dan", "name": {"vi": "Dân"}, "questionnaire": "q", "by": ["unit", "channel"], "classes": None,
                 "blocks": False, **group},
                {"id": "khac", "name": {"vi": "Khác"}, "questionnaire": "q"},
            ],
            "estimation": {"lonely": "adjust", "collapse": list(order), "valid": ["complete"]},
            "files": files,
        }  # fmt: skip
        (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        return open_dataset(tmp_path)

    return make


def cell(stratum: str, population: float, weight: float, **states: int) -> dict[str, Any]:
    """One cell of the design table; its class is its stratum."""
    counts = dict.fromkeys(("complete", "issued", "refused", "screened_out"), 0) | states
    return {
        "group": "dan", "stratum": stratum, "wclass": stratum, "population": population,
        "eligible_estimate": population, "drawn": sum(counts.values()),
        **{f"n_{state}": number for state, number in counts.items()},
        **{f"w_{state}": number * weight for state, number in counts.items()},
    }  # fmt: skip


def people(stratum: str, number: int, weight: float, unit: str = "a") -> list[Person]:
    return [(stratum, stratum, {unit: weight}, at % 5) for at in range(number)]


def test_factors_bring_the_respondents_up_to_the_eligible(freeze: Callable[..., Dataset]) -> None:
    dataset = freeze(
        people("a/online", 24, 5) + people("b/online", 10, 3, "b"),
        [
            cell("a/online", 200, 5, complete=24, issued=10, refused=6, screened_out=2),
            cell("b/online", 60, 3, complete=10, issued=10),
        ],
    )
    found = wave_design(dataset, "dan", ["unit", "q1"])
    assert found.table.column_names == ["respondent", "psu", "stratum", "wclass", "base_weight", "unit", "q1"]
    assert np.unique(found.factor).tolist() == [40 / 24, 2]
    assert found.design.weight.sum() == pytest.approx(40 * 5 + 20 * 3)
    assert [step.name for step in found.steps] == ["base", "nonresponse"]
    assert (found.steps[1].low, found.steps[1].high) == (6, pytest.approx(5 * 40 / 24))
    assert found.steps[1].sum == pytest.approx(260)
    assert found.design.strata == ("a/online", "b/online")
    assert found.design.fraction.tolist() == [24 / 200, 10 / 60]
    assert found.kish == found.steps[1].kish == pytest.approx(kish(found.design.weight))
    assert found.steps[0].kish == pytest.approx(kish(found.base))
    assert found.notes == ()


def test_a_census_with_nonresponse_has_a_sampling_error_and_a_full_one_has_none(
    freeze: Callable[..., Dataset],
) -> None:
    for answered, uncertain in ((8, True), (10, False)):
        dataset = freeze(people("a", answered, 1), [cell("a", 10, 1, complete=answered, issued=10 - answered)])
        found = wave_design(dataset, "dan")
        values = found.table["q1"].to_numpy().astype(float)[:, None]
        estimated = ratios(found.design, values, np.ones_like(values))
        assert bool(estimated.covariance[0, 0] > 0) is uncertain
        if uncertain:
            assert estimated.covariance[0, 0] == pytest.approx(0.2 * np.var(values, ddof=1) / 8)


def test_thin_classes_merge_in_the_declared_order(freeze: Callable[..., Dataset]) -> None:
    cells = [
        cell("a/online", 90, 1, complete=2, issued=8),
        cell("a/counter", 90, 1, complete=18, issued=2),
        cell("b/online", 90, 1, complete=3, issued=6),
    ]
    group = people("a/online", 2, 1) + people("a/counter", 18, 1) + people("b/online", 3, 1, "b")
    found = wave_design(freeze(group, cells, ["channel"]), "dan")
    assert set(found.factor[:20]) == {30 / 20}
    assert set(found.factor[20:]) == {3}
    assert found.design.strata == ("a/counter", "a/online", "b/online")
    assert [str(note) for note in found.notes] == ["dan: response classes a/online merged over channel into a/*"]
    alone = wave_design(freeze(group, cells), "dan")
    assert alone.factor[0] == 5
    assert "a/online have fewer than 20 valid returns and a factor above 3" in str(alone.notes[0])


def test_strata_collapse_until_two_answered(freeze: Callable[..., Dataset]) -> None:
    cells = [
        cell("a/online", 40, 4, complete=1),
        cell("a/counter", 60, 4, complete=5),
        cell("b/online", 30, 4, complete=4),
    ]
    group = people("a/online", 1, 4) + people("a/counter", 5, 4) + people("b/online", 4, 4, "b")
    found = wave_design(freeze(group, cells, ["channel"]), "dan")
    assert found.design.strata == ("a/*", "b/online")
    assert found.design.fraction.tolist() == [0, 4 / 30]  # two classes in a/*: conservative there
    assert str(found.notes[0]) == "dan: strata a/online merged over channel into a/*"
    assert "several response classes in the strata a/*" in str(found.notes[1])
    assert "(conservative)" in str(found.notes[1])


def test_strata_without_an_answer_are_named(freeze: Callable[..., Dataset]) -> None:
    cells = [cell("a/online", 40, 4, complete=5), cell("b/online", 30, 4, issued=6), cell("c/online", 9, 4)]
    found = wave_design(freeze(people("a/online", 5, 4), cells), "dan")
    assert found.design.strata == ("a/online",)
    said = [str(note) for note in found.notes]
    assert any("the dataset holds nobody of the strata b/online, c/online" in note for note in said)
    assert any("b/online have fewer than 20 valid returns" in note and "c/" not in note for note in said)


def test_blocks_of_units_have_no_finite_population_correction(freeze: Callable[..., Dataset]) -> None:
    group = [("all", "all", {"a": 2.0, "b": 4.0}, at % 3) for at in range(6)]
    found = wave_design(freeze(group, [cell("all", 40, 3, complete=6, issued=2)], by=[], blocks=True), "dan")
    assert found.design.fraction.tolist() == [0]
    assert "blocks of units" in str(found.notes[0])
    assert found.steps[0].low == found.steps[0].high == 3  # a person's weight is the mean over the units
    assert found.base.tolist() == [2, 4] * 6
    assert found.design.psu.tolist() == [at // 2 for at in range(12)]
    assert found.kish == pytest.approx(1)


def test_declared_classes_merge_by_their_own_columns(freeze: Callable[..., Dataset]) -> None:
    cells = [
        {**cell("a", 50, 1, complete=2, issued=9), "wclass": "young/x"},
        {**cell("a", 50, 1, complete=9), "wclass": "old/x"},
    ]
    group = [("a", "young/x", {"a": 1.0}, 1)] * 2 + [("a", "old/x", {"a": 1.0}, 2)] * 9
    found = wave_design(freeze(group, cells, ["unit", "age"], by=["unit"], classes=["age", "kind"]), "dan")
    assert set(found.factor) == {20 / 11}
    assert found.design.fraction.tolist() == [11 / 100]


def test_rows_that_the_design_table_does_not_know_stop(freeze: Callable[..., Dataset]) -> None:
    dataset = freeze(people("a/online", 3, 1), [cell("b/online", 9, 1, complete=3)])
    with pytest.raises(Faults, match="group dan: response class a/online of the answers is not in the design table"):
        wave_design(dataset, "dan")
    other = {**cell("b", 9, 1, complete=3), "wclass": "a/online"}
    with pytest.raises(Faults, match="stratum a/online"):
        wave_design(freeze(people("a/online", 3, 1), [other]), "dan")


def test_groups_without_answers_stop(freeze: Callable[..., Dataset]) -> None:
    dataset = freeze([], [cell("a", 9, 1)])
    with pytest.raises(Faults, match="group dan has no assessments"):
        wave_design(dataset, "dan")
    with pytest.raises(Faults, match="no group “nobody”; the groups are dan, khac"):
        wave_design(dataset, "nobody")


def test_labels_merge_column_by_column_as_far_as_needed() -> None:
    size = {"a/x/1": 1, "a/x/2": 3, "a/y/1": 1, "b/x/1": 9}
    merged = collapse(size, ["u", "v", "w"], ["w", "t", "v"], lambda labels: sum(map(size.get, labels)) > 2)  # type: ignore[arg-type]
    assert merged.into == {"a/x/1": "a/*/*", "a/x/2": "a/*/*", "a/y/1": "a/*/*", "b/x/1": "b/x/1"}
    assert merged.merges == (
        Merge("w", ("a/x/1",), ("a/x/*",)),
        Merge("v", ("a/y/1",), ("a/*/*",)),
    )
    assert merged.short == ()
    few = collapse(["b", "*"], ["u"], ["u"], lambda labels: labels == ["b"])
    assert few.into == {"b": "*", "*": "*"} and few.short == ("*",)


def test_a_dataset_is_what_its_manifest_says(freeze: Callable[..., Dataset], tmp_path: Path) -> None:
    dataset = freeze(people("a/x", 2, 1), [cell("a/x", 2, 1, complete=2)])
    assert dataset.hash == sha256((tmp_path / "manifest.json").read_bytes()).hexdigest()
    assert dataset.table(["unit"], "dan").to_pydict() == {"unit": ["a", "a"]}
    assert dataset.table(["unit"]).num_rows == 3
    assert dataset.table(group="khac").num_rows == 1
    assert dataset.codebook == {"items": []}
    with pytest.raises(Faults, match="column “q9”: there is no such column"):
        dataset.table(["q9"])


def test_a_dataset_that_was_touched_is_refused(freeze: Callable[..., Dataset], tmp_path: Path) -> None:
    freeze(people("a/x", 2, 1), [cell("a/x", 2, 1, complete=2)])
    (tmp_path / "codebook.json").write_text('{"items":  []}', "utf-8")
    with pytest.raises(Faults, match=r"codebook\.json: is not the file that was frozen"):
        open_dataset(tmp_path)
    assert open_dataset(tmp_path, verify=False).codebook == {"items": []}
    (tmp_path / "codebook.json").write_text("[]", "utf-8")
    with pytest.raises(Faults, match="not a JSON object"):
        open_dataset(tmp_path, verify=False)
    (tmp_path / "codebook.json").write_text("{", "utf-8")
    with pytest.raises(Faults, match="is not JSON"):
        open_dataset(tmp_path, verify=False)
    (tmp_path / "design.parquet").unlink()
    with pytest.raises(Faults, match=r"(?s)design\.parquet: is missing\n.*codebook\.json: is not the file"):
        open_dataset(tmp_path)


def test_folders_that_are_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(Faults, match="is not a frozen dataset"):
        open_dataset(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 7}', "utf-8")
    with pytest.raises(Faults, match="format 7; this version reads 1"):
        open_dataset(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 1}', "utf-8")
    with pytest.raises(Faults, match=r"manifest\.json: wave is missing"):
        open_dataset(tmp_path)


def test_a_manifest_that_names_too_few_files(freeze: Callable[..., Dataset], tmp_path: Path) -> None:
    dataset = freeze(people("a/x", 2, 1), [cell("a/x", 2, 1, complete=2)])
    (tmp_path / "manifest.json").write_text(json.dumps({**dataset.manifest, "files": {}}), "utf-8")
    with pytest.raises(Faults, match=r"codebook\.json: is not in the manifest"):
        open_dataset(tmp_path)

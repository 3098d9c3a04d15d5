"""The scene that a pack is timed on is a dataset like any other: whole, and answered by everybody whom it says."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc

from analysis.dataset import open_dataset
from tests.bench import pack_scene


def test_the_scene_is_a_dataset_of_every_unit_and_group(tmp_path: Path) -> None:
    dataset = open_dataset(pack_scene.write(tmp_path, 33, 600).dataset)
    table = dataset.table(["respondent", "unit", "group", "stratum"])
    assert 500 < table.num_rows < 800
    assert set(table["unit"].to_pylist()) == {unit["id"] for unit in dataset.manifest["units"]}
    assert [unit["kind"] for unit in dataset.manifest["units"]].count("department") == 18
    design = dataset.design_table()
    for group in pack_scene.GROUPS:
        people = len(set(table.filter(pc.equal(table["group"].cast("string"), group.id))["respondent"].to_pylist()))
        assert people == pc.sum(design.filter(pc.equal(design["group"], group.id))["n_complete"]).as_py()

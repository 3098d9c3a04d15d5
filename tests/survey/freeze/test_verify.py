"""Whatever changes in a dataset is said, one sentence a fault; a whole one is confirmed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey.commands.verify import verify as command
from survey.freeze import manifest as manifests
from survey.verify import verify


@pytest.fixture
def folder(frozen) -> Path:
    return frozen.folder


def faults(folder: Path) -> str:
    with pytest.raises(Faults) as found:
        verify(folder)
    return str(found.value)


def rewrite(folder: Path, name: str, change: Callable[[dict], None]) -> None:
    """Change a JSON file, and let the manifest name its new hash, as a careful forger would."""
    told = json.loads((folder / name).read_text("utf-8"))
    change(told)
    manifests.write_json(told, folder / name)
    if name != "manifest.json":
        rehash(folder)


def rehash(folder: Path) -> None:
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    told["files"] = {name: manifests.sha256(folder / name) for name in told["files"]}
    manifests.write_json(told, folder / "manifest.json")


def retable(folder: Path, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    file = folder / f"{name}.parquet"
    pq.write_table(change(pq.read_table(file)), file)
    rehash(folder)


def test_a_whole_dataset_is_confirmed(folder):
    done = CliRunner().invoke(command, [str(folder)])
    assert done.exit_code == 0, done.output
    assert "6 files unaltered, 2 seals in one chain, 15 boxes for 15 invitations spent, no cell under 5" in done.stdout
    assert manifests.sha256(folder / "manifest.json") in done.stdout


@pytest.mark.parametrize(
    "name",
    ["assessments.parquet", "design.parquet", "comments.parquet", "codebook.json", "pairs.parquet", "seals.json"],
)
def test_one_flipped_byte_in_any_file_is_found(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    assert f"{name} was altered" in faults(folder)


def test_missing_and_unknown_files_are_named_together(folder):
    (folder / "comments.parquet").unlink()
    (folder / "notes.txt").write_text("?")
    said = faults(folder)
    assert "comments.parquet is missing" in said
    assert "notes.txt is not named by the manifest" in said


def test_a_manifest_that_names_too_few_files(folder):
    rewrite(folder, "manifest.json", lambda told: told["files"].pop("seals.json"))
    said = faults(folder)
    assert "does not name seals.json" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "is no dataset"), ("{", "not valid JSON"), ('{"format": 9}', "no manifest of format 1")],
)
def test_what_is_no_dataset(tmp_path, content, said):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    assert said in faults(tmp_path)


def test_a_seal_rewritten_breaks_the_chain(folder):
    def forge(told: list[dict]) -> None:
        told[0]["body"] = told[0]["body"].replace('"responses":0', '"responses":1')

    rewrite(folder, "seals.json", forge)
    assert "seal 0 was altered" in faults(folder)


def test_a_seal_left_out_is_missed(folder):
    rewrite(folder, "seals.json", lambda told: told.pop())
    said = faults(folder)
    assert "names other seals than seals.json" in said
    assert "the last seal holds 0 responses, but 15 boxes" in said
    assert "group “dan”: 0 spent in the last seal, 10 in design.parquet" in said


def test_no_seals_at_all(folder):
    rewrite(folder, "seals.json", lambda told: told.clear())
    rewrite(folder, "manifest.json", lambda told: told["seals"].clear())
    assert "there is no seal 0" in faults(folder)


def test_another_plan_than_seal_0_fixed(folder):
    rewrite(folder, "manifest.json", lambda told: told.update(plan_sha256="0" * 64, framework={"sha256": "1"}))
    said = faults(folder)
    assert "the plan of the manifest is not the one that seal 0 fixed" in said
    assert "the framework of the manifest" in said


@pytest.mark.parametrize("name", ["respondents", "assessments", "issued", "spent"])
def test_counts_that_do_not_agree(folder, name):
    rewrite(folder, "manifest.json", lambda told: told["counts"].update({name: 99}))
    assert f"the manifest counts 99 {name}, the files hold" in faults(folder)


@pytest.mark.parametrize(
    ("column", "row", "value", "said"),
    [
        ("assigned", 0, 99, "in design.parquet, "),
        ("returned", 1, 99, "“so_a” and “so_b” in group “can_bo” holds more than the unit's own"),
        ("valid", 0, 9, "“so_a” in group “can_bo” has more back than given out"),
        ("valid", 0, 4, "“so_a” in group “can_bo” has 4 valid returns, assessments.parquet holds 5"),
        ("other", 0, "so_z", "“so_a” in group “can_bo” has 0 valid returns, assessments.parquet holds 5"),
    ],
)
def test_units_and_pairs_that_do_not_agree(folder, column, row, value, said):
    def forge(table: pa.Table) -> pa.Table:
        values = table[column].to_pylist()
        values[row] = value
        return table.set_column(table.column_names.index(column), column, pa.array(values, table[column].type))

    retable(folder, "pairs", forge)
    assert said in faults(folder)


def test_boxes_that_are_not_as_many_as_spent(folder):
    rewrite(folder, "manifest.json", lambda told: told["counts"].update(boxes=14))
    said = faults(folder)
    assert "15 invitations were spent, but 14 boxes opened" in said
    assert "the last seal holds 15 responses, but 14 boxes were opened" in said


def test_walk_ins_must_be_those_of_the_last_seal(folder):
    rewrite(folder, "manifest.json", lambda told: told.update(walk_ins={"dan": 2}))
    assert "the last seal holds 0 walk-ins, the manifest 2" in faults(folder)


def test_an_interim_dataset_may_have_fewer_boxes_than_spent(folder):
    rewrite(folder, "manifest.json", lambda told: (told.update(interim=True), told["counts"].update(boxes=14)))
    assert verify(folder)["interim"] is True


def test_a_row_taken_away_leaves_a_small_cell(folder):
    def without_one(table: pa.Table) -> pa.Table:
        first = table.filter(pc.equal(table["group"], "dan"))["respondent"][:2].to_pylist()
        return table.filter(pc.invert(pc.is_in(table["respondent"], pa.array(first))))

    retable(folder, "assessments", without_one)
    assert "a cell of group “dan”, stratum “so_a” holds 4 respondents, fewer than 5" in faults(folder)


def test_columns_and_codebook_must_tell_the_same(folder):
    retable(folder, "assessments", lambda table: table.drop_columns(["q1"]).append_column("extra", table["q1"]))
    said = faults(folder)
    assert "has the column “extra”, which codebook.json does not explain" in said
    assert "explains the column “q1”, which assessments.parquet does not have" in said

"""Whatever changes in a dataset is said, one sentence a fault; a whole one is confirmed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms import questionnaire as questionnaires
from forms.faults import Faults
from survey import closing, corrections, freeze
from survey.cli import phieu
from survey.commands.instance import make_instance
from survey.commands.verify import verify as command
from survey.freeze import manifest as manifests
from survey.verify import verify
from tests.survey.freeze.conftest import GOOD
from tests.survey.freeze.rewriting import rehash, retable, rewrite


@pytest.fixture
def folder(frozen) -> Path:
    return frozen.folder


def faults(folder: Path) -> str:
    with pytest.raises(Faults) as found:
        verify(folder)
    return str(found.value)


def test_a_whole_dataset_is_confirmed(folder):
    done = CliRunner().invoke(command, [str(folder)])
    assert done.exit_code == 0, done.output
    told = (
        "7 files as the manifest names them, 2 seals in one chain, 15 boxes for 15 invitations spent, no cell under 5"
    )
    assert told in done.stdout
    assert manifests.sha256(folder / "manifest.json") in done.stdout
    assert "Compare it with what `phieu freeze` printed" in done.stdout


def confirm(instance: Path, folder: Path) -> Any:
    make_instance(instance)
    return CliRunner().invoke(phieu, ["--instance", str(instance), "verify", str(folder)])


def test_the_audit_log_of_the_instance_names_the_dataset(closed, folder):
    done = confirm(closed.settings.instance, folder)
    assert done.exit_code == 0, done.output
    assert "names it: entry" in done.stdout and "by test." in done.stdout


def test_rows_altered_and_the_manifest_made_to_fit_are_found_by_the_audit_log(closed, folder):
    def kinder(table: pa.Table) -> pa.Table:
        values = pc.fill_null(pc.max_element_wise(table["q1"], pa.scalar(2, pa.int8())), None)
        return table.set_column(table.column_names.index("q1"), "q1", values.cast(pa.int8()))

    frozen = manifests.sha256(folder / "manifest.json")
    retable(folder, "assessments", kinder)
    assert manifests.sha256(folder / "manifest.json") != frozen
    assert verify(folder)["format"] == 1, "the folder by itself cannot tell"
    done = confirm(closed.settings.instance, folder)
    assert isinstance(done.exception, Faults) and "the manifest was altered" in str(done.exception)


def test_an_audit_log_that_was_altered_confirms_nothing(closed, folder):
    with sqlite3.connect(closed.store.path) as database:
        database.execute("UPDATE audit SET detail = replace(detail, 'dataset', 'datasef') WHERE action = 'wave frozen'")
    done = confirm(closed.settings.instance, folder)
    assert isinstance(done.exception, Faults) and "audit entry" in str(done.exception)


def test_an_instance_without_this_wave_has_nothing_to_compare(tmp_path, folder):
    done = confirm(tmp_path / "other", folder)
    assert done.exit_code == 0 and "no instance here has this wave" in done.stdout
    (tmp_path / "other" / "phieu.db").unlink()
    done = CliRunner().invoke(phieu, ["--instance", str(tmp_path / "other"), "verify", str(folder)])
    assert done.exit_code == 0 and not (tmp_path / "other" / "phieu.db").exists()


OTHERS = (None, True, 0, -1, 1.5, "", "x", [], {}, ["x"], [None], {"x": 1}, [[1]])


def paths(document: Any) -> list[tuple[Any, ...]]:
    """Every place in a document, the document itself left out."""
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    found: list[tuple[Any, ...]] = []
    for key, value in inside if isinstance(document, dict | list) else ():
        found += [(key,), *((key, *rest) for rest in (paths(value) if isinstance(value, dict | list) else []))]
    return found


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_missing_or_of_another_type_is_a_fault_and_no_crash(folder, data):
    name = data.draw(st.sampled_from(["manifest.json", "codebook.json", "seals.json", "a seal"]))
    file = folder / ("seals.json" if name == "a seal" else name)
    before = {each: each.read_bytes() for each in (file, folder / "manifest.json")}
    whole = json.loads(before[file])
    document = json.loads(whole[-1]["body"]) if name == "a seal" else whole
    *way, last = data.draw(st.sampled_from(paths(document)))
    place = document
    for key in way:
        place = place[key]
    if data.draw(st.booleans()):
        del place[last]
    else:
        place[last] = data.draw(st.sampled_from(OTHERS))
    if name == "a seal":
        body = json.dumps(document)
        whole[-1] = {"body": body, "hash": hashlib.sha256(body.encode()).hexdigest()}
    manifests.write_json(whole, file)
    if file.name != "manifest.json":
        rehash(folder)
    try:
        with contextlib.suppress(Faults):
            verify(folder)
    finally:
        for each, content in before.items():
            each.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("manifest.json", lambda told: told.pop("counts"), "manifest.json: counts is missing"),
        ("manifest.json", lambda told: told["wave"].update(k="5"), "wave.k is '5', but must be a whole number"),
        ("manifest.json", lambda told: told["wave"].update(opens="1/3"), "but must be a day as YYYY-MM-DD"),
        ("manifest.json", lambda told: told["units"].append(3), "units[3] is 3, but must be an object"),
        ("manifest.json", lambda told: told["estimation"].update(lonely="x"), "but must be one of fail, certainty"),
        ("codebook.json", lambda told: told.update(columns=None), "columns is null, but must be a list"),
        ("seals.json", lambda told: told[0].update(body="{"), "the body of seal 0 is not valid JSON"),
        ("seals.json", lambda told: told[0].update(body="{}"), "seal 0: number is missing"),
    ],
)
def test_a_damaged_document_is_described(folder, name, change, said):
    rewrite(folder, name, change)
    assert said in faults(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop_columns(["base_weight"]), "has no column “base_weight”"),
        (lambda table: table.set_column(0, "respondent", table["unit"]), "“respondent” is of type dictionary"),
        (lambda table: table.set_column(2, "unit", pa.nulls(len(table), pa.string())), "has rows without a value"),
    ],
)
def test_a_table_without_what_is_asked_for_is_described(folder, change, said):
    retable(folder, "assessments", change)
    assert said in faults(folder)


def test_a_table_or_document_that_is_none(folder):
    (folder / "pairs.parquet").write_bytes(b"PAR1")
    rehash(folder)
    assert "is not a Parquet file" in faults(folder)
    (folder / "codebook.json").write_text("{")
    rehash(folder)
    assert "is not valid JSON" in faults(folder)


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
    rewrite(
        folder, "manifest.json", lambda told: told.update(plan_sha256="0" * 64, framework={"id": "x", "sha256": "1"})
    )
    said = faults(folder)
    assert "what the manifest names as plan is not what seal 0 fixed" in said
    assert "what the manifest names as framework" in said


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


def test_corrections_of_wording_are_in_the_manifest_and_follow_the_seals(scene, answer, keys, tmp_path) -> None:
    # Given a wave whose wording was corrected while it was open
    (name, asked), *_ = scene.wave.questionnaires.items()
    text = (
        asked.text.replace("version = 1", "version = 2", 1)
        if "version = 1" in asked.text
        else f"version = 2\n{asked.text}"
    )
    words = str(asked.title)
    new = questionnaires.load(text.replace(words, f"{words} (sửa)"), "new.toml")
    corrections.correct(scene.store, scene.clock, scene.wave, new, reason="chữ sai", who="test")
    for serial in range(1, 6):
        answer(serial, {"sex": "yes"}, so_a=GOOD, so_b=GOOD, so_c=GOOD)
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    # When it is frozen
    folder = freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / "dataset", who="test").folder
    told = verify(folder)
    # Then the plan's questionnaire and its correction stand in the manifest, and the report's departures name it
    assert told["questionnaires"][name] == asked.hash
    assert [json.loads(each["body"])["after"] for each in told["corrections"]] == [new.hash]
    assert [each["questionnaire"] for each in told["departures"] if each["kind"] == "corrected"] == [asked.id]
    # And whoever takes it out, alters it or adds one is found out
    kept = told["corrections"]
    for change, said in (
        ([], "correction 1 is not the one that a seal names"),
        ([{**kept[0], "body": kept[0]["body"].replace("chữ sai", "khác")}], "correction 1 was altered"),
        ([*kept, *kept], "correction 2 of the manifest is in no seal"),
        ([{**kept[0], "body": "x"}], "the corrections of the manifest cannot be read"),
    ):
        rewrite(folder, "manifest.json", lambda document, change=change: document.update(corrections=change))
        assert said in faults(folder)

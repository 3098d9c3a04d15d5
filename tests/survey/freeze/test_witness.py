"""A witness opens every box: whatever differs from the dataset is said, whoever wrote the manifest."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import check_seals, freeze, sealed, sealing, seals, witness
from survey.cli import phieu
from survey.commands.verify import verify as command
from survey.freeze import manifest as manifests
from survey.verify import verify
from tests.survey.freeze.rewriting import retable, rewrite


@pytest.fixture
def exported(closed, tmp_path: Path) -> Path:
    sealed.export(closed.store, closed.clock, "nho", tmp_path / "sealed.zip", who="test")
    return tmp_path / "sealed.zip"


@pytest.fixture
def key(closed) -> Path:
    return closed.keyring.private_file("nho")


def told(frozen, exported: Path, keys) -> str:
    with pytest.raises(Faults) as found:
        witness.compare(frozen.folder, verify(frozen.folder), exported, keys)
    return str(found.value)


def bare(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The script in an interpreter that finds nothing but the standard library."""
    line = [sys.executable, "-I", "-S", str(sealed.SCRIPT), *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603


def column(name: str, change):
    def changed(table: pa.Table) -> pa.Table:
        values = change(table[name].to_pylist())
        return table.set_column(table.column_names.index(name), name, pa.array(values).cast(table[name].type))

    return changed


def altered(exported: Path, name: str, change) -> Path:
    """The file with one member rewritten."""
    other = exported.with_name("altered.zip")
    with zipfile.ZipFile(exported) as old, zipfile.ZipFile(other, "w") as new:
        for member in old.namelist():
            text = old.read(member).decode()
            new.writestr(member, change(text) if member == name else text)
    return other


def test_an_honest_dataset_agrees_with_its_boxes(frozen, exported, key):
    done = CliRunner().invoke(command, [str(frozen.folder), "--sealed", str(exported), "--key", str(key)])
    assert done.exit_code == 0, done.output
    assert "15 boxes opened and compared: 11 respondents in the rows" in done.stdout
    assert frozen.manifest["seals"][-1]["hash"] in done.stdout


def test_boxes_and_key_go_together(frozen, exported):
    done = CliRunner().invoke(command, [str(frozen.folder), "--sealed", str(exported)])
    assert isinstance(done.exception, Faults) and "go together" in str(done.exception)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("q1", lambda values: [0, *values[1:]], "is in no box: answers or cell were altered"),
        ("base_weight", lambda values: [each * 2 for each in values], "in the boxes to"),
        ("mode", lambda values: ["paper"] * len(values), "is in no box"),
    ],
)
def test_rows_that_a_careful_forger_rewrites_are_found(frozen, exported, keys, name, change, said):
    retable(frozen.folder, "assessments", column(name, change))
    assert said in told(frozen, exported, keys)


def test_a_stratum_that_was_changed_and_not_merged_is_found(frozen, exported, keys):
    swap = {"so_a": "so_b"}
    for name in ("stratum", "wclass"):
        retable(frozen.folder, "assessments", column(name, lambda old: [swap.get(each, each) for each in old]))
    assert "is in no box" in told(frozen, exported, keys)


def test_comments_are_held_against_the_boxes(frozen, exported, keys):
    retable(frozen.folder, "comments", column("text", lambda old: ["Rất hài lòng", *old[1:]]))
    assert "1 comments are in no box" in told(frozen, exported, keys)


def test_counts_are_held_against_the_boxes(frozen, exported, keys):
    rewrite(frozen.folder, "manifest.json", lambda document: document["counts"].update(too_few=3, broke_off=1))
    said = told(frozen, exported, keys)
    assert "4 respondents of the boxes are in no row, the manifest counts 3" in said
    assert "0 boxes say broke_off, the manifest counts 1" in said


def test_another_key_and_another_chain_are_refused(frozen, exported, keys, closed, tmp_path):
    assert "not the one" in told(frozen, exported, sealing.generate_key_pair())
    seals.seal(closed.store, closed.clock, closed.wave)
    sealed.export(closed.store, closed.clock, "nho", tmp_path / "later.zip", who="test")
    assert witness.compare(frozen.folder, frozen.manifest, tmp_path / "later.zip", keys).boxes == 15
    rewrite(frozen.folder, "manifest.json", lambda document: document["seals"][1].update(hash="0" * 64))
    with pytest.raises(Faults, match="another chain of seals"):
        witness.compare(frozen.folder, json.loads((frozen.folder / "manifest.json").read_text()), exported, keys)


def test_an_earlier_copy_of_the_same_chain_is_no_other_chain(frozen, exported, key):
    """What a witness took away before the close agrees as far as it goes, and says that the rows were not compared."""
    earlier = altered(exported, "seals.json", lambda text: json.dumps(json.loads(text)[:1]))
    done = CliRunner().invoke(command, [str(frozen.folder), "--sealed", str(earlier), "--key", str(key)])
    said = str(done.exception)
    assert isinstance(done.exception, Faults) and "another chain" not in said
    assert "earlier, shorter piece of the same chain and agrees as far as it goes: seals 0 to 0" in said
    assert "its 0 boxes" in said and "ends before seal 1" in said and "rows were not compared" in said
    assert frozen.manifest["seals"][0]["hash"] in said
    assert "opened and compared" not in done.stdout


def test_an_interim_dataset_is_not_compared(frozen, exported, keys):
    with pytest.raises(Faults, match="no seal covers yet"):
        witness.compare(frozen.folder, {**frozen.manifest, "interim": True}, exported, keys)


def test_an_export_is_never_written_over_and_logged(closed, exported):
    with pytest.raises(Faults, match="never written over"):
        sealed.export(closed.store, closed.clock, "nho", exported, who="test")
    assert exported.stat().st_mode & 0o777 == 0o600
    with closed.store.read() as tx:
        assert sum(row["action"] == sealed.EXPORTED for row in tx.audit_all()) == 1


def test_the_command_says_how_to_check(closed, tmp_path):
    line = ["--instance", str(closed.settings.instance), "witness", "export", "--wave", "nho"]
    done = CliRunner().invoke(phieu, [*line, "-o", str(tmp_path / "aus.zip")])
    assert done.exit_code == 0, done.output
    assert "15 boxes" in done.stdout and "python3 check_seals.py aus.zip" in done.stdout


def test_the_script_needs_nothing_but_the_interpreter(exported, frozen):
    done = bare(str(exported), "--seal", frozen.manifest["seals"][0]["hash"])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("2 seals in one chain, over 15 receipts, 15 boxes.")
    chain = bare(str(frozen.folder / "seals.json"))
    assert chain.returncode == 0 and chain.stdout.startswith("2 seals in one chain. Last:")


def lines(change):
    return lambda text: "".join(f"{line}\n" for line in change(text.splitlines()))


@pytest.mark.parametrize(
    ("member", "change", "said"),
    [
        ("receipts.txt", lines(lambda rows: rows[1:]), "receipts under seal 1 were altered, added or removed"),
        ("boxes.txt", lines(lambda rows: [*rows, "1 0 AAAA"]), "boxes under seal 1 were altered, added or removed"),
        ("boxes.txt", lines(lambda rows: rows[1:]), "seal 1 counts 15 responses, the file holds 14 boxes"),
        ("seals.json", lambda text: text.replace('responses\\":15', 'responses\\":14'), "seal 1 was altered"),
        ("seals.json", lambda text: json.dumps(json.loads(text)[1:]), "seal 0 does not follow the one before it"),
        ("seals.json", lambda text: text.replace("body", "bodies"), "is not whole"),
    ],
)
def test_what_was_altered_in_an_export_is_found_without_phieu(exported, member, change, said):
    other = altered(exported, member, change)
    done = bare(str(other))
    assert done.returncode == 1
    assert said in done.stderr
    if member != "receipts.txt":
        with pytest.raises(Faults):
            sealed.read(other)


def test_a_seal_that_a_witness_holds_must_be_there(exported):
    done = bare(str(exported), "--seal", "0" * 64)
    assert done.returncode == 1 and "the chain is another than the one it came from" in done.stderr
    assert bare(str(exported), "--receipt", "0000000000000000").returncode == 1


def test_the_script_tells_an_earlier_file_from_another_chain(exported, frozen):
    first, second = (seal["hash"] for seal in frozen.manifest["seals"])
    earlier = str(altered(exported, "seals.json", lambda text: json.dumps(json.loads(text)[:1])))
    assert bare(str(exported), "--seal", f"1:{second}", "--seal", f"0:{first}").returncode == 0
    before = bare(str(frozen.folder / "seals.json"), "--seal", f"2:{second}")
    assert before.returncode == 1 and "ends at seal 1. It is an earlier, shorter piece" in before.stderr
    assert "made before that seal" in bare(earlier, "--seal", second).stderr
    other = bare(str(exported), "--seal", f"0:{second}")
    assert other.returncode == 1 and "the chain is another than the one it came from" in other.stderr
    assert "no hash of a seal" in bare(str(exported), "--seal", f"x:{second}").stderr


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xff\xfe", b"{", b"[1"])
def test_what_is_none_of_ours_is_said(tmp_path, content):
    file = tmp_path / "strange"
    file.write_bytes(content)
    done = bare(str(file))
    assert done.returncode == 2 and "no export of seals and no proof" in done.stderr
    with pytest.raises(Faults, match="is no export"):
        sealed.read(file)


def test_the_script_and_the_product_hash_alike():
    for number in range(12):
        values = [bytes([each, number]) for each in range(number)]
        assert check_seals.root(values) == seals.merkle(values)
        for value in values:
            assert check_seals.climbed(value, seals.proof(values, value)) == seals.merkle(values)


def test_counts_that_shrink_are_found():
    before = {"responses": 2, "counts": {"dan": {"issued": 3, "reissued": 0, "revoked": 0, "spent": 2}}}
    now = {"responses": 1, "counts": {"dan": {"issued": 3, "reissued": 0, "revoked": 0, "spent": 1}}}
    assert list(check_seals.shrunk(before, now)) == ["the number of responses", "spent of group dan"]
    assert list(check_seals.shrunk({**before, "open": before}, {**before})) != []


def test_boxes_that_hide_behind_another_door_are_found(frozen, exported, keys, closed):
    """The counts of posters are apart: a box of the sample can not be passed off as a walk-in."""
    other = altered(exported, "boxes.txt", lines(lambda rows: [rows[0].replace(" 0 ", " 1 "), *rows[1:]]))
    assert "boxes under seal 1 were altered" in told(frozen, other, keys)
    assert base64.b64decode(zipfile.ZipFile(exported).read("boxes.txt").split()[2])
    assert manifests.sha256(frozen.folder / "manifest.json") == frozen.hash
    assert freeze.WALK_IN == witness.WALK_IN

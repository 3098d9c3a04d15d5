"""Each cheat is played by somebody with the whole database; the test says who finds it, or that nobody does.

docs/tampering.md has the same as a table.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from forms.faults import Faults
from survey import audit, closing, create_app, freeze, mixing, originals, responses, sealed, sealing, seals, wave
from survey.drafts import Draft
from survey.responses import Outcome
from survey.verify import verify
from tests.survey import replanned
from tests.survey.test_seals import answer, execute

CITIZENS = range(6, 17)


def bare(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-I", "-S", str(sealed.SCRIPT), *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603


def mixed(scene) -> None:
    mixing.mix(scene.store, "nho", 5, final=True)


def last_seal(scene) -> str:
    with scene.store.read() as tx:
        return str(tx.seal_last(wave="nho")["hash"])


def exported(scene, folder: Path) -> str:
    file = folder / "sealed.zip"
    file.unlink(missing_ok=True)
    sealed.export(scene.store, scene.clock, "nho", file, who="test")
    return str(file)


def private(scene) -> sealing.KeyPair:
    return sealing.read_private_pem(scene.keyring.private_file("nho").read_bytes())


def forged_box(scene, unit: str = "") -> bytes:
    """Anybody with the public key can seal: here the best marks, in the cell and disposition of another box."""
    info = sealing.box_info("nho", scene.wave.plan_hash)
    opened = (json.loads(sealing.open_box(row[2], private(scene).private, info)) for row in sorted(scene.rows("box")))
    document = next(opened)
    document["units"][0]["answers"]["q1"] = "v3"
    if unit:
        document = next(each for each in (document, *opened) if each["units"][0]["unit"] == unit)
    return sealing.seal(json.dumps(document).encode(), scene.wave.public_key, info, scene.wave.box_bytes)


def frozen(scene, folder: Path) -> Any:
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    return freeze.freeze(scene.store, scene.clock, scene.wave, private(scene), folder / "dataset", who="test")


def replace_box(scene) -> None:
    """The first box, by another of its cell."""
    execute(scene, "UPDATE box SET box = ? WHERE id = (SELECT min(id) FROM box)", forged_box(scene))


def test_a_box_swapped_after_a_seal_is_found_by_the_server_and_by_every_witness(scene, tmp_path):
    answer(scene, *CITIZENS)
    mixed(scene)
    seals.seal(scene.store, scene.clock, scene.wave)
    replace_box(scene)
    assert "boxes covered by seal 1 were altered, added or removed" in seals.verify(scene.store, "nho")
    assert "boxes under seal 1 were altered" in bare(exported(scene, tmp_path)).stderr


def test_a_box_swapped_before_a_seal_is_found_by_nobody(scene, tmp_path):
    """The receipt still proves that a submit was stored. What was in it, no seal had fixed yet."""
    answer(scene, *CITIZENS)
    mixed(scene)
    replace_box(scene)
    made = frozen(scene, tmp_path)
    assert seals.verify(scene.store, "nho") == []
    assert verify(made.folder)["counts"]["boxes"] == len(CITIZENS)
    assert bare(exported(scene, tmp_path)).returncode == 0


def test_invitations_made_up_after_seal_0_are_found_by_whoever_holds_it(scene, tmp_path):
    """The public list was drawn: more invitations than it has, without a declared release, are a fault."""
    answer(scene, *CITIZENS)
    execute(scene, _copy_of(scene, 6, 99))
    _box_of_its_own(scene)
    made = frozen(scene, tmp_path)
    with pytest.raises(Faults, match="17 invitations in the last seal, 16 in seal 0 and 0 released: some were made up"):
        verify(made.folder)


def _copy_of(scene, serial: int, other: int) -> str:
    names = [row[1] for row in scene.store.connection.execute("PRAGMA table_info(invitation)")]
    given = {"lookup": "x'0f0e'", "serial": str(other), "state": "'answered'", "frame_row": "x'0f0f'"}
    chosen = ", ".join(given.get(name, name) for name in names)
    return f"INSERT INTO invitation SELECT {chosen} FROM invitation WHERE serial = {serial}"  # noqa: S608


def _box_of_its_own(scene) -> None:
    mixed(scene)
    execute(scene, "INSERT INTO box SELECT x'0a', wave, ?, NULL, walk_in FROM box LIMIT 1", forged_box(scene, "so_a"))
    execute(scene, "INSERT INTO receipt SELECT x'0b', wave, NULL, walk_in FROM receipt LIMIT 1")
    execute(scene, "UPDATE answered_count SET n = n + 1 WHERE cell = 1")


def test_another_public_key_is_refused_by_the_server_itself(scene):
    pair = sealing.generate_key_pair()
    execute(scene, "UPDATE wave SET public_key = ? WHERE id = 'nho'", pair.public)
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(6)
    assert isinstance(responses.save_page(*args, {("so_a", "q1"): "v1"}, seen=0), Draft)
    with pytest.raises(seals.KeyReplaced):
        responses.submit(*args, *responses.fresh_receipt(scene.keys, scene.code(6)))
    assert scene.rows("inbox_box") == []


QUESTION = "UPDATE document SET body = replace(body, 'Ông/Bà', 'Ông Bà') WHERE id = 'nho'"
PLAN = "UPDATE wave SET spec = replace(spec, 'Sở A', 'Sở Z') WHERE id = 'nho'"


@pytest.mark.parametrize(("statement", "found"), [(QUESTION, "was altered"), (PLAN, "the plan of wave “nho”")])
def test_a_question_or_plan_changed_in_the_database_is_served_by_no_server(scene, statement, found):
    """Their hashes are in seal 0: doctor and backup say it, and nobody is asked what was never announced."""
    execute(scene, statement)
    assert any(found in fault for fault in originals.faults(scene.store))
    with pytest.raises(originals.Altered, match=f"{found}.* restore the last backup"):
        wave.get(scene.store, "nho")
    assert create_app(scene.settings, clock=scene.clock).test_client().get(f"/P/{scene.code(6)}").status_code == 503


def test_a_plan_changed_with_its_hash_takes_no_answer_and_is_found_by_the_seals(scene):
    with scene.store.write() as tx:
        replanned.put(tx.connection, scene.wave.spec.text.replace("Sở A", "Sở Z"), "nho")
    assert originals.faults(scene.store) == []
    assert "seal 0 of wave “nho” names another public key or plan" in seals.verify(scene.store, "nho")
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(6)
    assert isinstance(responses.save_page(*args, {("so_a", "q1"): "v1"}, seen=0), Draft)
    with pytest.raises(seals.KeyReplaced):
        responses.submit(*args, *responses.fresh_receipt(scene.keys, scene.code(6)))


def test_another_wording_put_in_as_a_correction_is_in_no_seal(scene):
    """It is asked from then on, with a hash of its own and a link that fits. Only that no seal has it gives it away."""
    asked = next(iter(scene.wave.questionnaires.values()))
    other = asked.text.replace("Câu một", "Câu khác").replace("version = 1", "version = 2")
    hash = originals.digest(other)
    link = json.dumps({
        "v": 1, "wave": "nho", "number": 1, "at": "", "who": "", "reason": "", "previous": "",
        "questionnaire": "nho.toml", "before": asked.hash, "after": hash, "changes": [], "spent": 0,
    })  # fmt: skip
    execute(scene, "INSERT INTO document (hash, kind, id, body) VALUES (?, 'questionnaire', 'nho', ?)", hash, other)
    execute(scene, "INSERT INTO correction VALUES ('nho', 1, ?, ?)", link, originals.digest(link))
    assert originals.faults(scene.store) == []
    assert seals.verify(scene.store, "nho") == ["correction 1 is in no seal"]


def test_an_audit_log_written_anew_is_whole_in_itself_and_found_by_the_seals(scene):
    with scene.store.write() as tx:
        audit.append(tx, scene.clock, "lan", "contacts exported", "nho", {"n": 16})
    seals.seal(scene.store, scene.clock, scene.wave)
    rows = [row for row in scene.rows("audit") if row[3] != "contacts exported"]
    execute(scene, "DELETE FROM audit")
    with scene.store.write() as tx:
        for row in rows:
            audit.append(tx, scene.clock, row[2], row[3], row[4], json.loads(row[5]))
    assert audit.verify(scene.store) == []
    assert "seal 1 names a head of the audit log that the log does not have" in seals.verify(scene.store, "nho")


def test_a_receipt_given_to_two_is_refused_before_anything_is_stored(scene):
    """A server that wants one receipt to stand for two answers must show the second person a known one."""
    answer(scene, 6)
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave
    receipt, tag = responses.fresh_receipt(scene.keys, scene.code(7))
    assert isinstance(responses.save_page(*args, scene.code(7), {("so_a", "q1"): "v1"}, seen=0), Draft)
    execute(scene, "UPDATE inbox_receipt SET hash = ?", responses.receipt_hash(receipt))
    assert responses.submit(*args, scene.code(7), receipt, tag).outcome is Outcome.FRESH
    assert len(scene.rows("inbox_box")) == 1


def test_a_response_dropped_before_mixing_stops_the_mixer(scene):
    answer(scene, *CITIZENS)
    execute(scene, "DELETE FROM inbox_box WHERE id = (SELECT min(id) FROM inbox_box)")
    with pytest.raises(RuntimeError, match="10 boxes but 11 receipts"):
        mixed(scene)


def test_a_response_dropped_after_mixing_stops_the_freeze_and_the_respondent_sees_it(scene, tmp_path):
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(6)
    assert isinstance(responses.save_page(*args, {("so_a", "used"): "yes", ("so_a", "q1"): "v1"}, seen=0), Draft)
    receipt, tag = responses.fresh_receipt(scene.keys, scene.code(6))
    responses.submit(*args, receipt, tag)
    answer(scene, *CITIZENS[1:])
    mixed(scene)
    hash = responses.receipt_hash(receipt)
    execute(scene, "DELETE FROM receipt WHERE hash = ?", hash)
    execute(scene, "DELETE FROM box WHERE id = (SELECT min(id) FROM box)")
    with pytest.raises(Faults, match="answers were lost or added: nothing was frozen"):
        frozen(scene, tmp_path)
    assert responses.counted(scene.store, receipt) is None


def test_a_response_dropped_with_its_invitation_shrinks_the_seals_counts(scene):
    answer(scene, *CITIZENS)
    mixed(scene)
    seals.seal(scene.store, scene.clock, scene.wave)
    execute(scene, "DELETE FROM receipt WHERE hash = (SELECT min(hash) FROM receipt)")
    execute(scene, "DELETE FROM box WHERE id = (SELECT min(id) FROM box)")
    execute(scene, "UPDATE invitation SET state = 'issued' WHERE serial = 6")
    seals.seal(scene.store, scene.clock, scene.wave)
    assert "seal 2: spent of group “dan” shrank" in seals.verify(scene.store, "nho")


def test_a_chain_built_anew_is_whole_in_itself_and_found_by_one_earlier_seal(scene, tmp_path):
    answer(scene, *CITIZENS)
    mixed(scene)
    seals.seal(scene.store, scene.clock, scene.wave)
    held = last_seal(scene)
    # Given somebody who swaps a box and writes every seal again so that all of it fits
    replace_box(scene)
    execute(scene, "DELETE FROM seal")
    execute(scene, "UPDATE box SET seal = NULL")
    execute(scene, "UPDATE receipt SET seal = NULL")
    with scene.store.write() as tx:
        seals.write(tx, scene.clock, scene.wave)
    seals.seal(scene.store, scene.clock, scene.wave)
    # Then nothing on the server is amiss, and a witness with one old hash sees it
    assert seals.verify(scene.store, "nho") == []
    file = exported(scene, tmp_path)
    assert bare(file).returncode == 0
    assert "the chain is another than the one it came from" in bare(file, "--seal", held).stderr


def test_a_seal_without_its_hash_kept_anywhere_proves_nothing():
    """Why hashes go out by e-mail: a text and its own hash always agree."""
    body = json.dumps({"number": 0, "previous": "", "counts": {}, "responses": 0})
    assert seals.verify_chain([(body, hashlib.sha256(body.encode()).hexdigest())]) == []

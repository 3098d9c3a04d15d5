"""Plans and questionnaires that are not in the database as they were registered: a damaged row in a sound database."""

from __future__ import annotations

from pathlib import Path

import pytest

from forms.faults import Faults
from survey import cli, create_app, health, library, originals, wave
from survey.backup import making
from survey.setup import preparation
from tests.conftest import Scene
from tests.survey import replanned
from tests.survey.test_seals import execute

GONE = "UPDATE document SET hash = 'x' || substr(hash, 2)"
DAMAGED = {
    "another hash": GONE,
    "no letters": "UPDATE document SET body = CAST(x'ff00' AS TEXT)",
    "no plan": "UPDATE wave SET spec = ''",
    "no names": "UPDATE wave SET documents = '{'",
    "other names": "UPDATE wave SET documents = '[]'",
}


@pytest.mark.parametrize("statement", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_row_is_named_by_the_doctor_and_no_backup_is_made_of_it(
    scene: Scene, tmp_path: Path, statement: str
) -> None:
    execute(scene, statement)
    assert scene.store.check_integrity() == []

    found = {each.what: each for each in health.examine(scene.settings) if each.fault}
    assert list(found) == ["plans and questionnaires"]
    assert "restore the last backup" in found["plans and questionnaires"].mend
    with pytest.raises(Faults, match="restore the last backup"):
        making.make(scene.settings, scene.clock, tmp_path / "f", passphrase=None, with_keys=False, who="test")
    assert not (tmp_path / "f").exists()


@pytest.mark.parametrize(
    "arguments",
    [("rates", "--wave", "nho"), ("seal", "--wave", "nho"), ("close", "--wave", "nho"), ("wave", "list"),
     ("witness", "export", "--wave", "nho", "--output", "w.zip")],
    ids=" ".join,
)  # fmt: skip
def test_commands_end_with_a_sentence(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys, arguments: tuple[str, ...]
) -> None:
    execute(scene, GONE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["phieu", "--instance", str(scene.settings.instance), *arguments])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("phieu: a questionnaire or framework of wave “nho” is missing from the database")
    assert said.endswith(f": {originals.MEND}\n") and said.count("\n") == 1


def test_pages_say_that_it_cannot_be_read_and_the_server_stays_ready(scene: Scene) -> None:
    code = scene.code(6)
    execute(scene, GONE)
    client = create_app(scene.settings, clock=scene.clock).test_client()
    assert client.get("/readyz").data == b"ready\n"
    assert client.get("/desk/sign-in").status_code == 200
    assert client.get(f"/P/{code}").status_code == 503


def test_other_waves_are_served_all_the_same(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    other = scene.wave.spec.text.replace('id = "nho"', 'id = "xong"', 1)
    execute(scene, "INSERT INTO wave SELECT 'a', spec, documents, plan_hash, pilot, public_key, key_origin, box_bytes,"
                   " state FROM wave")  # fmt: skip
    with scene.store.write() as tx:
        replanned.put(tx.connection, other, "a")
        tx.connection.execute("UPDATE wave SET spec = 'x' WHERE id = 'a'")
    app = create_app(scene.settings, clock=scene.clock)
    assert app.test_client().get(f"/P/{scene.code(6)}").status_code == 200
    assert [(each.event, each.fields) for each in caplog.records if hasattr(each, "event")] == [
        ("waves.unread", {"kind": "Altered", "wave": "a"})
    ]


def test_a_wording_of_before_and_a_plan_that_is_none_are_found_too(scene: Scene) -> None:
    execute(scene, "INSERT INTO document (hash, kind, id, body) VALUES ('ab', 'framework', 'cu', 'x')")
    with scene.store.write() as tx:
        replanned.put(tx.connection, "no plan", "nho")
    found = originals.faults(scene.store)
    assert found[0] == "the framework “cu” was altered in the database (ab)"
    assert found[1].startswith("wave “nho” cannot be read: ")


def test_an_altered_correction_is_not_read(scene: Scene) -> None:
    execute(scene, "INSERT INTO correction VALUES ('nho', 1, '{}', 'x')")
    with pytest.raises(originals.Altered, match="correction 1 of wave “nho” was altered"):
        wave.get(scene.store, "nho")


def test_a_plan_is_not_prepared_again_from_altered_documents(scene: Scene) -> None:
    execute(scene, "UPDATE document SET body = body || '#'")
    with pytest.raises(originals.Altered):
        preparation.get(scene.store, "nho")


@pytest.mark.parametrize("kind", ["questionnaire", "framework"])
def test_the_library_shows_no_altered_text(scene: Scene, kind: str) -> None:
    """A server that read the waves before goes on with what it read: this page reads the texts anew."""
    waves = [scene.wave]
    execute(scene, "INSERT INTO document (hash, kind, id, body) VALUES ('ab', ?, 'cu', 'x')", kind)
    listed = {"questionnaire": library.asked, "framework": library.counted}[kind]
    with pytest.raises(originals.Altered, match=f"the {kind} “cu” was altered"):
        listed(scene.store, waves)

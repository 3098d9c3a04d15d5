"""A backup of a serving instance, put back elsewhere and over what stands there."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import stat
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import audit, create_app, health, running
from survey.backup import archive, making, restoring
from survey.backup.archive import MANIFEST
from survey.cli import phieu
from survey.commands.serve import require_schema
from survey.config import load
from survey.store import Store
from tests.conftest import Scene
from tests.journeys.respondent import Respondent
from tests.survey.backup.quick import QUICK, WORDS, answer, respond


@pytest.fixture
def backed_up(scene: Scene, tmp_path: Path) -> Path:
    """A sealed backup with keys of a wave with two answers, one of them waiting in the inbox."""
    answer(scene, 6)
    answer(scene, 7)
    file = tmp_path / "copy.phieu"
    making.make(scene.settings, scene.clock, file, passphrase=WORDS, with_keys=True, who="test", cost=QUICK)
    return file


def test_a_backup_restored_elsewhere_serves_as_before(scene: Scene, backed_up: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"

    done = restoring.restore(elsewhere, scene.clock, backed_up, WORDS, replace=False, who="test")

    assert done.kept is None and done.missing_keys == ()
    there = Store(elsewhere / "phieu.db")
    rows = there.row_counts()
    assert {name: rows[name] for name in ("inbox_box", "inbox_receipt", "invitation")} == {
        "inbox_box": 2, "inbox_receipt": 2, "invitation": 16,
    }  # fmt: skip
    assert not [found for found in health.examine(load(elsewhere)) if found.fault]
    respond(load(elsewhere), scene, scene.code(8))
    assert there.row_counts()["inbox_box"] == 3


def test_no_draft_no_free_page_and_no_log_comes_along(scene: Scene, tmp_path: Path) -> None:
    scene.store.connection.execute("CREATE TABLE passing (words TEXT) STRICT")
    scene.store.connection.execute("INSERT INTO passing VALUES ('chi-co-trong-trang-trong')")
    scene.store.connection.execute("DROP TABLE passing")
    file = tmp_path / "copy.phieu"

    making.make(scene.settings, scene.clock, file, passphrase=None, with_keys=False, who="test")

    with tarfile.open(file) as tar:
        assert tar.getnames() == ["manifest.json", "phieu.db", "phieu.toml"]
        assert {(member.uid, member.uname, member.mtime) for member in tar} == {(0, "", 0)}
    assert b"chi-co-trong-trang-trong" not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(scene.settings.instance.glob(".backup-*")) == []


def test_keys_never_lie_in_a_backup_that_is_not_sealed(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(Faults, match="sealed only"):
        making.make(scene.settings, scene.clock, tmp_path / "f", passphrase=None, with_keys=True, who="test")
    assert not (tmp_path / "f").exists()


def test_a_backup_replaces_no_file(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("anything")

    with pytest.raises(Faults, match="is there already"):
        making.make(scene.settings, scene.clock, tmp_path / "f", passphrase=None, with_keys=False, who="test")
    assert (tmp_path / "f").read_text() == "anything"


def test_a_backup_of_a_damaged_database_does_not_stay(scene: Scene, tmp_path: Path) -> None:
    with scene.store.write() as tx:
        audit.append(tx, scene.clock, "test", "one", None, {})
    scene.store.connection.execute("UPDATE audit SET who = 'somebody else' WHERE number = 1")

    with pytest.raises(Faults, match="audit entry 1 was altered"):
        making.make(scene.settings, scene.clock, tmp_path / "f", passphrase=None, with_keys=False, who="test")
    assert not (tmp_path / "f").exists()


def test_a_wave_that_is_being_prepared_and_has_no_seal_yet_is_backed_up_like_any_other(
    drawn: Scene, tmp_path: Path
) -> None:
    file, elsewhere = tmp_path / "early.phieu", tmp_path / "elsewhere"

    making.make(drawn.settings, drawn.clock, file, passphrase=WORDS, with_keys=False, who="test", cost=QUICK)
    restoring.restore(elsewhere, drawn.clock, file, WORDS, replace=False, who="test")

    with Store(elsewhere / "phieu.db").read() as tx:
        assert tx.invitation_wave_state(wave=drawn.identity) == "draft"


def test_an_open_wave_that_lost_its_seals_is_refused(scene: Scene, tmp_path: Path) -> None:
    scene.store.connection.execute("DELETE FROM seal")

    with pytest.raises(Faults, match="has no seal 0"):
        making.make(
            scene.settings, scene.clock, tmp_path / "x.phieu", passphrase=WORDS, with_keys=False, who="test", cost=QUICK
        )


def test_what_stands_there_is_replaced_on_demand_only_and_kept(scene: Scene, backed_up: Path) -> None:
    answer(scene, 9)
    instance = scene.settings.instance
    scene.store.close()

    with pytest.raises(Faults, match="say --yes"):
        restoring.restore(instance, scene.clock, backed_up, WORDS, replace=False, who="test")
    assert Store(scene.settings.database).row_counts()["inbox_box"] == 3

    done = restoring.restore(instance, scene.clock, backed_up, WORDS, replace=True, who="test")

    assert done.kept == instance / "before-restore-1"
    assert Store(done.kept / "phieu.db").row_counts()["inbox_box"] == 3
    assert Store(scene.settings.database).row_counts()["inbox_box"] == 2
    again = restoring.restore(instance, scene.clock, backed_up, WORDS, replace=True, who="test")
    assert again.kept == instance / "before-restore-2"


@pytest.mark.sqlite_only
def test_a_power_cut_between_the_old_and_the_new_is_said_and_mended_by_the_same_command(
    scene: Scene, backed_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old database lies whole beside, nothing serves, and nobody is told to make an empty one."""
    instance, rows = scene.settings.instance, scene.store.row_counts()
    scene.store.close()
    honest = Path.rename

    def cut(path: Path, target: Path) -> Path:
        if target == scene.settings.database:
            raise KeyboardInterrupt
        return honest(path, target)

    monkeypatch.setattr(Path, "rename", cut)
    with pytest.raises(KeyboardInterrupt):
        restoring.restore(instance, scene.clock, backed_up, WORDS, replace=True, who="test")
    monkeypatch.setattr(Path, "rename", honest)
    assert not scene.settings.database.exists()
    kept = Store(instance / "before-restore-1" / "phieu.db")
    assert kept.row_counts() == rows and kept.check_integrity() == []
    kept.close()
    with pytest.raises(Faults, match=r"before-restore-1.*Do not run `init`.*restore FILE --yes"):
        require_schema(scene.settings)
    restoring.restore(instance, scene.clock, backed_up, WORDS, replace=True, who="test")
    require_schema(scene.settings)


def test_drafts_outlive_a_restore(scene: Scene, backed_up: Path) -> None:
    respondent = Respondent(create_app(scene.settings, scene.clock), scene.code(8))
    respondent.begin()
    respondent.fill_all()
    before = scene.rows("draft", scene.drafts)

    restoring.restore(scene.settings.instance, scene.clock, backed_up, WORDS, replace=True, who="test")

    assert before and scene.rows("draft", scene.drafts) == before


def test_drafts_of_a_later_version_are_put_aside_so_that_the_earlier_one_serves(
    scene: Scene, backed_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    respondent = Respondent(create_app(scene.settings, scene.clock), scene.code(8))
    respondent.begin()
    scene.drafts.close()
    earlier = restoring.DRAFT_MIGRATIONS[:-1]
    monkeypatch.setattr(restoring, "DRAFT_MIGRATIONS", earlier)

    done = restoring.restore(scene.settings.instance, scene.clock, backed_up, WORDS, replace=True, who="test")

    assert done.drafts is not None and (done.drafts / "drafts.db").exists()
    store = Store(scene.settings.drafts, earlier)
    assert store.version() == len(earlier) and not store.row_counts()["draft"]
    store.close()
    again = restoring.restore(scene.settings.instance, scene.clock, backed_up, WORDS, replace=True, who="test")
    assert again.drafts is None


def test_a_server_and_a_restore_exclude_each_other(
    scene: Scene, backed_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    monkeypatch.setattr(running, "_HELD", held)
    running.served(scene.settings)
    with pytest.raises(Faults, match="stop the server first"):
        restoring.restore(scene.settings.instance, scene.clock, backed_up, WORDS, replace=True, who="test")
    os.close(held.pop())

    place = scene.settings.database
    with running.stopped(scene.settings.instance, place, "restoring"), pytest.raises(Faults, match="being restored"):
        running.served(scene.settings)
    assert held == []


def test_restored_without_its_keys_it_says_which_are_missing(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "copy.phieu"
    making.make(scene.settings, scene.clock, file, passphrase=None, with_keys=False, who="test")

    done = restoring.restore(tmp_path / "elsewhere", scene.clock, file, None, replace=False, who="test")

    assert done.missing_keys == ("instance.key", "nho.code")


def test_a_backup_cut_by_a_full_disk_leaves_the_instance_as_it_was(scene: Scene, backed_up: Path) -> None:
    whole = backed_up.read_bytes()
    rows = scene.store.row_counts()
    for length in (len(whole) // 3, len(whole) - 1):
        backed_up.write_bytes(whole[:length])
        with pytest.raises(Faults):
            restoring.restore(scene.settings.instance, scene.clock, backed_up, WORDS, replace=True, who="test")

    assert Store(scene.settings.database).row_counts() == rows
    assert not (scene.settings.instance / "before-restore-1").exists()


def _tar(*members: tuple[str, bytes, bytes]) -> bytes:
    """A tar of (name, type, content)."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name, kind, content in members:
            member = tarfile.TarInfo(name)
            member.type, member.size = kind, len(content)
            member.linkname = "/etc/passwd" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            tar.addfile(member, io.BytesIO(content))
    return target.getvalue()


def _manifest(files: object, **more: object) -> tuple[str, bytes, bytes]:
    told = {"format": archive.FORMAT, "product": "0", "schema": 1, "rows": {}, "files": files} | more
    return MANIFEST, tarfile.REGTYPE, json.dumps(told).encode()


REGULAR = tarfile.REGTYPE
HOSTILE = {
    "nothing": b"",
    "no tar": b"x" * 5000,
    "no manifest": _tar(("phieu.db", REGULAR, b"1")),
    "a manifest of nonsense": _tar((MANIFEST, REGULAR, b"[1, 2]")),
    "another format": _tar(_manifest({"phieu.db": [1, "0"]}, format="phieu-backup/9")),
    "no database": _tar(_manifest({"phieu.toml": [1, "0"]})),
    "a path upwards": _tar(_manifest({"phieu.db": [1, "0"], "../x": [1, "0"]}), ("../x", REGULAR, b"1")),
    "a key that is none": _tar(_manifest({"phieu.db": [1, "0"], "keys/../x.key": [1, "0"]})),
    "a link": _tar(_manifest({"phieu.db": [0, "0"]}), ("phieu.db", tarfile.SYMTYPE, b"")),
    "more than the manifest": _tar(_manifest({"phieu.db": [1, "0"]}), ("phieu.toml", REGULAR, b"1")),
    "another size": _tar(_manifest({"phieu.db": [1, "0"]}), ("phieu.db", REGULAR, b"12")),
    "another content": _tar(_manifest({"phieu.db": [1, "0"]}), ("phieu.db", REGULAR, b"1")),
    "a file that is a folder too": _tar(
        _manifest(
            {
                "phieu.db": [1, hashlib.sha256(b"1").hexdigest()],
                "datasets/a": [1, hashlib.sha256(b"1").hexdigest()],
                "datasets/a/b": [1, "0"],
            }
        ),
        *((name, REGULAR, b"1") for name in ("phieu.db", "datasets/a", "datasets/a/b")),
    ),
    "files missing": _tar(_manifest({"phieu.db": [1, "0"]})),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_backup_is_named_and_nothing_is_laid_down(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(HOSTILE[kind])

    with pytest.raises(Faults):
        restoring.look(tmp_path / "instance", file, None)
    assert list((tmp_path / "instance").iterdir()) == []


def test_a_database_that_is_none_or_holds_something_else_is_refused(scene: Scene, tmp_path: Path) -> None:
    for number, content in enumerate((b"no database at all" * 100, None)):
        folder = tmp_path / str(number)
        folder.mkdir()
        if content is None:
            scene.store.copy_to(folder / "phieu.db")
        else:
            (folder / "phieu.db").write_bytes(content)
        contents = archive.Contents(
            archive.FORMAT,
            "0",
            scene.store.version(),
            {"wave": 9},
            {"phieu.db": archive.fingerprint(folder / "phieu.db")},
        )
        with (tmp_path / f"{number}.phieu").open("wb") as out:
            archive.write(out, contents, folder, None, QUICK)
        with pytest.raises(Faults, match=r"does not hold what the manifest says|damaged|cannot be read"):
            restoring.look(tmp_path / "instance", tmp_path / f"{number}.phieu", None)


def test_the_commands_say_what_they_did(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(scene, 6)
    scene.store.close()
    secret, file, elsewhere = tmp_path / "words", tmp_path / "copy.phieu", tmp_path / "elsewhere"
    secret.write_text(f"{WORDS}\n", "utf-8")
    here = ["--instance", str(scene.settings.instance)]
    run = CliRunner().invoke

    made = run(phieu, [*here, "backup", str(file), "--with-keys", "--passphrase-file", str(secret)])
    assert made.exit_code == 0, made.output
    assert "1 answers, 16 invitations, 4 keys; opened again and whole" in made.output
    assert "private key of nho" in made.output

    sealed = run(phieu, [*here, "restore", str(file), "--dry-run"])
    assert "give its passphrase" in str(sealed.exception)
    monkeypatch.setenv("PHIEU_PASSPHRASE", WORDS)
    answer(scene, 7)
    scene.store.close()
    looked = run(phieu, [*here, "restore", str(file), "--dry-run"])
    assert "has 2 answers now, and would lose what came since" in looked.output
    refused = run(phieu, [*here, "restore", str(file)])
    assert isinstance(refused.exception, Faults) and "--yes" in str(refused.exception)
    done = run(phieu, [*here, "restore", str(file), "--yes"])
    assert "is restored" in done.output and "before-restore-1" in done.output
    fresh = run(phieu, ["--instance", str(elsewhere), "restore", str(file)])
    assert "is restored" in fresh.output and "Missing" not in fresh.output


def test_an_unsealed_backup_says_so_and_short_passphrases_are_refused(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ["--instance", str(scene.settings.instance)]
    made = CliRunner().invoke(phieu, [*here, "backup", str(tmp_path / "a")])
    assert made.exit_code == 0 and "NOT sealed" in made.output and "no keys" in made.output

    back = CliRunner().invoke(phieu, ["--instance", str(tmp_path / "b"), "restore", str(tmp_path / "a")])
    assert "Missing in" in back.output and "nho.code" in back.output

    monkeypatch.setenv("PHIEU_PASSPHRASE", "ngắn")
    short = CliRunner().invoke(phieu, [*here, "backup", str(tmp_path / "c")])
    assert "12 characters" in str(short.exception) and not (tmp_path / "c").exists()
    gone = CliRunner().invoke(phieu, [*here, "restore", str(tmp_path / "none")])
    assert "does not exist" in str(gone.exception)


def test_a_damaged_database_can_still_be_replaced(scene: Scene, backed_up: Path) -> None:
    scene.store.close()
    scene.settings.database.write_bytes(b"burnt" * 4000)

    standing = restoring.look(scene.settings.instance, backed_up, WORDS).standing
    done = restoring.restore(scene.settings.instance, scene.clock, backed_up, WORDS, replace=True, who="test")

    assert standing == {} and done.kept is not None
    with sqlite3.connect(scene.settings.database) as connection:
        assert connection.execute("SELECT count(*) FROM inbox_box").fetchone()[0] == 2
    connection.close()

"""The commands that make, examine, mix, seal and close; and what the doctor says of each fault."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forms.faults import Faults
from survey import closing, guarded, health, responses, seals, traces
from survey.cli import phieu
from survey.commands.instance import make_instance
from survey.config import load
from survey.delivery.mail import MailSettings
from survey.drafts import Draft
from survey.keys import Keyring
from survey.responses import Outcome


def run(instance: Path, *arguments: str) -> Result:
    return CliRunner().invoke(phieu, ["--instance", str(instance), *arguments])


def answer(scene, *serials: int) -> list[str]:
    receipts = []
    for serial in serials:
        args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(serial)
        assert isinstance(responses.save_page(*args, {("so_a", "used"): "no"}, seen=0), Draft)
        result = responses.submit(*args, *responses.fresh_receipt(scene.keys, scene.code(serial)))
        assert result.outcome is Outcome.RECEIVED
        receipts.append(result.receipt)
    return receipts


def faults(settings) -> dict[str, str]:
    """What the doctor finds wrong, by what it looked at; every fault says how to mend it."""
    found = [finding for finding in health.examine(settings) if finding.fault]
    assert all(finding.mend for finding in found)
    return {finding.what: finding.fault for finding in found}


def test_init_makes_an_instance_and_repeating_it_changes_nothing(tmp_path: Path):
    instance = tmp_path / "a" / "b"
    first = run(instance, "init")
    assert first.exit_code == 0
    assert f"{instance} is ready" in first.stdout
    made = {path.name: path.read_bytes() for path in instance.rglob("*") if path.suffix in (".toml", ".key")}
    assert made.keys() == {"phieu.toml", "instance.key"}
    assert run(instance, "init").exit_code == 0
    assert {path.name: path.read_bytes() for path in instance.rglob("*") if path.suffix in (".toml", ".key")} == made
    assert load(instance).base_url == "http://127.0.0.1:8000"


def test_init_keeps_a_configuration_that_was_there(tmp_path: Path):
    (tmp_path / "phieu.toml").write_text('base_url = "https://khaosat.example.vn/"\n')
    assert make_instance(tmp_path).base_url == "https://khaosat.example.vn"


def test_init_with_a_faulty_configuration_stops_before_it_makes_keys(tmp_path: Path):
    (tmp_path / "phieu.toml").write_text("workers = 'many'\n")
    with pytest.raises(Faults, match="must be a int"):
        make_instance(tmp_path)
    assert not (tmp_path / "keys").exists()


def test_the_doctor_finds_nothing_wrong_with_a_healthy_instance(scene):
    result = run(scene.settings.instance, "doctor")
    assert result.exit_code == 0
    assert "FAULT" not in result.stdout
    assert "ok     seals of nho" in result.stdout
    assert "ok     audit log" in result.stdout


def test_the_doctor_says_each_fault_and_how_to_mend_it_and_fails(scene):
    scene.settings.database.chmod(0o644)
    result = run(scene.settings.instance, "doctor")
    assert result.exit_code == 1
    assert "FAULT  mode of" in result.stdout
    assert f"chmod 0600 {scene.settings.database}" in result.stdout


def test_an_instance_is_for_its_owner_even_where_the_folder_was_there_before(tmp_path):
    instance = tmp_path / "given"
    instance.mkdir(mode=0o755)
    for _ in range(2):
        assert run(instance, "init").exit_code == 0
        assert stat.S_IMODE(instance.stat().st_mode) == 0o700
        instance.chmod(0o755)


def test_opened_answers_are_for_their_owner_and_the_doctor_looks_again(scene, tmp_path):
    folder = tmp_path / "dataset"
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    before = os.umask(0)
    try:
        key = scene.keyring.private_file(scene.identity)
        assert run(scene.settings.instance, "freeze", "--wave", scene.identity, "--key", str(key), "-o", str(folder))
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    (folder / "comments.parquet").chmod(0o644)
    folder.chmod(0o755)
    scene.settings.instance.chmod(0o755)
    wrong = faults(scene.settings)
    for path in (folder, folder / "comments.parquet", scene.settings.instance):
        assert "others can read it" in wrong[f"mode of {path}"]
    assert len([what for what in wrong if what.startswith("mode")]) == 3
    shutil.rmtree(folder)
    assert f"mode of {folder}" not in faults(scene.settings)


def test_modes_that_let_others_read_are_faults(scene):
    scene.settings.keys.chmod(0o755)
    (scene.settings.keys / "nho.code").chmod(0o640)
    found = faults(scene.settings)
    assert found == {
        f"mode of {scene.settings.keys}": "is 0755: others can read it",
        f"mode of {scene.settings.keys / 'nho.code'}": "is 0640: others can read it",
    }


def test_missing_keys_and_databases_are_faults(scene):
    (scene.settings.keys / "instance.key").unlink()
    (scene.settings.keys / "nho.code").unlink()
    scene.settings.drafts.rename(scene.settings.drafts.with_suffix(".gone"))
    found = faults(scene.settings)
    assert "run `phieu init`" in found["instance key"]
    assert "no printed code can be recognised" in found["code key of nho"]
    assert found[str(scene.settings.drafts)] == "is missing"


def test_one_key_that_cannot_be_read_hides_nothing_else(scene, monkeypatch):
    """A command that was once run as root leaves a key that the account of the server cannot read."""
    closed = [scene.settings.keys / name for name in ("instance.key", "nho.code")]
    (scene.settings.keys / "nho.code").chmod(0o640)
    honest = Path.read_bytes

    def read(path):
        if path in closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return honest(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    found = {each.what: each for each in health.examine(scene.settings) if each.fault}
    assert found.keys() == {"instance key", "code key of nho", f"mode of {closed[1]}"}
    for what, file in (("instance key", closed[0]), ("code key of nho", closed[1])):
        assert "cannot be read: Permission denied" in found[what].fault
        assert f"chown {scene.settings.instance.owner()} {file} && chmod 0600 {file}" in found[what].mend


def test_keys_that_cannot_even_be_listed_are_said(scene, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied", str(scene.settings.keys))

    monkeypatch.setattr(Path, "iterdir", refuse)
    (first,) = [each for each in guarded.files(scene.settings) if each.what.startswith("keys in")]
    assert first.fault == "cannot be looked at: Permission denied" and "chmod 0700" in first.mend
    honest, code = os.stat, str(scene.settings.keys / "nho.code")
    monkeypatch.setattr(os, "stat", lambda path, **more: refuse() if str(path) == code else honest(path, **more))
    with pytest.raises(Faults, match="cannot be read: Permission denied"):
        Keyring(scene.settings).wave("nho")
    monkeypatch.undo()


def test_a_folder_of_keys_that_lists_them_and_no_more_is_said(scene, monkeypatch):
    """Mode 0400: names can be read, and nothing of what they name."""
    honest = Path.stat

    def stat(path, **more):
        if path.parent == scene.settings.keys:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return honest(path, **more)

    monkeypatch.setattr(Path, "stat", stat)
    settings = replace(scene.settings, smtp=MailSettings("h", "a@b.vn", password_file="keys/smtp.password"))  # noqa: S106
    (first,) = [each for each in guarded.files(settings) if each.what.startswith("keys in")]
    assert first.fault == "cannot be looked at: Permission denied" and "chmod 0700" in first.mend
    (word,) = list(health._password(settings))
    assert word.fault == "cannot be looked at: Permission denied" and f"chmod 0700 {settings.keys}" in word.mend


@pytest.mark.parametrize("name", ["job.lock", "job.json"])
def test_job_files_that_the_server_cannot_use_are_said(scene, monkeypatch, name):
    file = scene.settings.instance / name
    file.write_text("", "utf-8")
    for mode in (0o600, 0o644):  # nobody else gets into the folder
        file.chmod(mode)
        assert faults(scene.settings) == {}
    for mode in (0o000, 0o400, 0o200):
        file.chmod(mode)
        (found,) = [each for each in health.examine(scene.settings) if each.fault]
        assert (found.what, found.fault) == (f"mode of {file}", "the server cannot read and write it")
        assert f"chown {scene.settings.instance.owner()} {file} && chmod 0600 {file}" in found.mend
    # Whatever the mode says, it may be refused
    file.chmod(0o600)
    monkeypatch.setattr(os, "access", lambda path, mode: path != file)
    assert list(faults(scene.settings)) == [f"mode of {file}"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("name", ["job.lock", "job.json"])
def test_a_job_file_of_somebody_else_is_a_fault(scene, name):
    file = scene.settings.instance / name
    file.touch(0o600)
    os.chown(file, 4_000_000, -1)
    (found,) = [each for each in health.examine(scene.settings) if each.fault]
    assert found.what == f"owner of {file}" and "is 4000000, " in found.fault
    assert f"as root: chown {scene.settings.instance.owner()} {file}" in found.mend


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else_is_a_fault(scene):
    file = scene.settings.keys / "nho.code"
    os.chown(file, 4_000_000, -1)
    found = {each.what: each for each in health.examine(scene.settings) if each.fault}
    assert list(found) == [f"owner of {file}"] and "is 4000000, " in found[f"owner of {file}"].fault
    assert f"chown {scene.settings.instance.owner()} " in found[f"owner of {file}"].mend


def test_an_address_of_this_machine_alone_is_warned_of_before_a_wave_opens(tmp_path: Path, scene):
    run(tmp_path / "new", "init")
    said = run(tmp_path / "new", "doctor")
    assert said.exit_code == 0 and "WARN   base_url: http://127.0.0.1:8000 opens on this machine alone" in said.output
    assert f"set base_url in {tmp_path / 'new' / 'phieu.toml'} before anything is printed" in said.output
    assert said.output.endswith(" checks, 0 faults.\n1 warning: no fault yet, but look before a wave opens.\n")
    (tmp_path / "new" / "phieu.toml").write_text('base_url = "https://khaosat.example.vn"\n')
    assert "WARN" not in run(tmp_path / "new", "doctor").output
    here = replace(scene.settings, base_url="http://localhost:8000")
    assert not [each for each in health.examine(here) if each.warning], "every wave of it is a simulation"


def test_no_empty_database_is_made_over_what_was_kept(scene):
    """`serve` and the doctor say restore, and `init` refuses, where keys or drafts tell that answers were here."""
    database = scene.settings.database
    database.rename(database.with_suffix(".gone"))
    for command in ("serve", "init"):
        done = run(scene.settings.instance, command)
        said = str(done.exception)
        assert isinstance(done.exception, Faults) and f"{database} is missing or empty: answers were kept here" in said
        assert "keys of nho in" in said and "Do not run `init`" in said and "restore FILE --yes" in said
    assert not database.exists()
    (found,) = [each for each in health.examine(scene.settings) if each.what == str(database)]
    assert found.fault == "is missing" and "Do not run `init`" in found.mend
    # Without drafts beside it the keys tell; without either it is new
    scene.settings.drafts.unlink()
    assert "keys of nho" in traces.mend(scene.settings, database)
    for file in list(scene.settings.keys.glob("nho.*")):
        file.unlink()
    assert traces.mend(scene.settings, database) == f"run `phieu --instance {scene.settings.instance} init` first"


def test_drafts_that_are_missing_need_no_restore(scene):
    scene.settings.drafts.rename(scene.settings.drafts.with_suffix(".gone"))
    done = run(scene.settings.instance, "serve")
    assert "drafts.db is missing or empty: forms that were begun and not sent were in it" in str(done.exception)
    assert "restore" not in str(done.exception)
    assert run(scene.settings.instance, "init").exit_code == 0
    assert faults(scene.settings) == {} and scene.store.row_counts()["invitation"] > 0


def test_what_cannot_be_looked_at_counts_as_a_trace(settings, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied", str(settings.keys))

    monkeypatch.setattr(Path, "glob", refuse)
    assert traces.found(settings) == [f"{settings.keys}, which cannot be looked at: Permission denied"]


def test_a_database_that_is_missing_or_from_another_version_is_a_fault_and_nothing_else_is_tried(settings):
    with_store = faults(settings)
    assert with_store == {}
    settings.database.unlink()
    assert list(faults(settings)) == [str(settings.database)]
    settings.database.touch(0o600)
    assert "has schema 0 where this version of Phiếu needs" in faults(settings)[str(settings.database)]


def test_a_damaged_database_is_a_fault(scene):
    scene.store.rebuild()
    scene.store.truncate_log()
    scene.store.close()
    content = bytearray(scene.settings.database.read_bytes())
    content[4096 * 5 : 4096 * 6] = b"\xff" * 4096
    scene.settings.database.write_bytes(content)
    assert "is damaged" in faults(scene.settings)[str(scene.settings.database)]


def test_a_rewritten_audit_log_a_replaced_key_and_changed_seals_are_faults(scene):
    with scene.store.write() as tx:
        tx.connection.execute("UPDATE audit SET who = 'x' WHERE number = 1")
    assert "audit entry 1 was altered" in faults(scene.settings)["audit log"]
    with scene.store.write() as tx:
        tx.connection.execute("UPDATE wave SET public_key = zeroblob(32)")
        tx.connection.execute("UPDATE seal SET hash = 'x'")
    found = faults(scene.settings)["seals of nho"]
    assert "seal 0 was altered" in found and "names another public key" in found


def test_a_drafted_wave_has_no_seals_to_look_at(drawn):
    assert faults(drawn.settings) == {}
    assert "seals of nho" not in {finding.what for finding in health.examine(drawn.settings)}


def test_mix_says_what_moved_and_what_waits(scene):
    answer(scene, 6, 7, 8, 9)
    assert run(scene.settings.instance, "mix", "--wave", "nho").stdout == "0 mixed, 4 wait for others of their cell.\n"
    answer(scene, 10)
    assert run(scene.settings.instance, "mix", "--wave", "nho").stdout == "5 mixed, 0 wait for others of their cell.\n"
    assert scene.settings.drafts.with_name("drafts.db-wal").stat().st_size == 0


def test_seal_prints_the_seal_for_the_witnesses(scene):
    result = run(scene.settings.instance, "seal", "--wave", "nho")
    heading, body = result.stdout.splitlines()
    assert json.loads(body)["number"] == 1
    assert seals.verify_chain([_first_seal(scene), (body, heading.split(": ")[1])]) == []


def _first_seal(scene) -> tuple[str, str]:
    with scene.store.read() as tx:
        row = next(iter(tx.seal_all(wave="nho")))
        return row["body"], row["hash"]


def test_close_ends_the_wave(scene):
    (receipt,) = answer(scene, 6)
    result = run(scene.settings.instance, "close", "--wave", "nho")
    assert result.exit_code == 0
    assert result.stdout.startswith("Wave nho is closed. Seal 1: ")
    assert scene.wave.state == "closed"
    assert responses.counted(scene.store, receipt) == "sealed"
    assert scene.rows("audit")[-1][2].startswith("cli")


@pytest.mark.parametrize("command", ["mix", "seal", "close"])
def test_a_wave_that_is_not_there_is_said_in_one_sentence(settings, command: str):
    result = run(settings.instance, command, "--wave", "none")
    assert isinstance(result.exception, Faults)
    assert "there is no wave “none”" in str(result.exception)


@pytest.mark.parametrize("command", ["init", "doctor", "mix", "seal", "close"])
def test_every_command_explains_itself(tmp_path: Path, command: str):
    result = run(tmp_path, command, "--help")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) > 4

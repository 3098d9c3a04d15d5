"""Keys: files that only their owner reads, whole or not at all, never overwritten."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from pathlib import Path

import pytest

from forms.faults import Faults
from survey.config import Settings
from survey.keys import Keyring, subkeys, write_once


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_key_file_has_mode_0600_in_a_folder_of_0700_whatever_the_umask(tmp_path: Path):
    before = os.umask(0)
    try:
        keyring = Keyring(Settings(tmp_path / "new" / "instance"))
        assert keyring.create_instance_key()
        keyring.create_wave("w1")
        keyring.save_private("w1", b"private")
        keyring.save_public("w1", b"public")
    finally:
        os.umask(before)
    assert mode(keyring.folder) == 0o700
    files = {file.name: mode(file) for file in keyring.folder.iterdir()}
    assert files == dict.fromkeys(("instance.key", "w1.code", "w1.private", "w1.public"), 0o600)


def test_making_keys_again_keeps_those_that_are_there(keyring: Keyring):
    first = keyring.instance_key()
    assert not keyring.create_instance_key()
    assert keyring.instance_key() == first
    assert keyring.create_wave("w1") == keyring.create_wave("w1") == keyring.wave("w1")


def test_a_race_to_create_a_key_has_one_winner_and_leaves_no_scrap(tmp_path: Path):
    file = tmp_path / "key"
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda content: write_once(file, bytes([content]) * 32), range(8)))
    assert sum(won) == 1
    assert file.read_bytes() == bytes([won.index(True)]) * 32
    assert list(tmp_path.iterdir()) == [file]


def test_losing_the_race_at_the_last_step_keeps_the_winners_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "key"
    link = os.link

    def late(source: Path, target: Path) -> None:
        Path(target).write_bytes(b"theirs")
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    assert not write_once(file, b"ours")
    assert file.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [file]


def test_subkeys_differ_by_purpose_and_by_wave(keyring: Keyring):
    one, two = keyring.create_wave("w1"), keyring.create_wave("w2")
    every = [*astuple(one), *astuple(two)]
    assert len(set(every)) == len(every) == 20
    assert {len(key) for key in every} == {32}


def test_subkeys_are_pinned_because_codes_in_print_depend_on_them():
    keys = subkeys(bytes(range(32)))
    assert keys.code.hex() == "d2d04c18fec3645d43c695723975e7742fe5c0e0c7cde420ed6453a92dfdd001"
    assert keys.lookup.hex() == "a7ab23e37b8d25ed9e7c5ae1df728876134bebb793ed5a1aaebd7cf1ac4a5cec"


def test_a_destroyed_code_key_is_gone_at_once(keyring: Keyring):
    keyring.create_wave("w1")
    (keyring.folder / "w1.code").unlink()
    assert keyring.wave("w1") is None
    with pytest.raises(Faults, match="code key of wave “w1” is missing"):
        keyring.wave_keys("w1")


def test_a_private_key_is_found_only_where_the_server_made_it(keyring: Keyring):
    assert keyring.private_file("w1") is None
    file = keyring.save_private("w1", b"pem")
    assert keyring.private_file("w1") == file
    assert file.read_bytes() == b"pem"


@pytest.mark.parametrize("wave", ["../x", "", "W", "a/b", "a.b", "a\n", "1a"])
def test_a_wave_id_never_leads_out_of_the_folder(keyring: Keyring, wave: str):
    with pytest.raises(Faults, match="is no wave id"):
        keyring.wave(wave)


def test_a_missing_or_cut_key_is_said(keyring: Keyring):
    file = keyring.folder / "instance.key"
    file.write_bytes(b"short")
    with pytest.raises(Faults, match="holds 5 bytes where a key has 32"):
        keyring.instance_key()
    file.unlink()
    with pytest.raises(Faults, match="run `phieu init`"):
        keyring.instance_key()

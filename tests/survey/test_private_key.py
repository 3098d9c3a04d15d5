"""Two of three holders open the answers; one alone, or two of different keys, do not."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import private_key, sealing
from survey.cli import phieu


@pytest.fixture(scope="module")
def keys() -> sealing.KeyPair:
    return sealing.generate_key_pair()


@pytest.fixture(scope="module")
def shares(keys) -> list[str]:
    return private_key.split(keys)


def holders(folder: Path) -> list[Path]:
    files = [folder / name / "share.txt" for name in ("organiser", "institute", "outsider")]
    for file in files:
        file.parent.mkdir()
    return files


def run(*line: object):
    return CliRunner().invoke(phieu, [str(each) for each in line])


def test_any_two_make_the_key(keys, shares):
    for pair in itertools.permutations(shares, 2):
        assert private_key.joined(pair) == keys
    assert private_key.joined(shares) == keys
    assert private_key.joined([share.upper().replace("# FINGERPRINT", "# x") for share in shares[:2]]) == keys


@pytest.mark.parametrize("given", [[0], [1, 1]])
def test_one_does_not(shares, given):
    with pytest.raises(Faults, match="2 different ones of the same key are needed"):
        private_key.joined([shares[each] for each in given])


def test_shares_of_two_keys_or_with_a_wrong_word_make_none(shares):
    other = private_key.split(sealing.generate_key_pair())
    wrong = shares[1].rpartition(" ")[0] + " academic"
    for pair in ([shares[0], other[1]], [shares[0], wrong], [shares[0], "not " * 20]):
        with pytest.raises(Faults, match="make no key"):
            private_key.joined(pair)
    renamed = shares[1].replace("# fingerprint: ", "# fingerprint: 00")
    with pytest.raises(Faults, match="another key than the one they name"):
        private_key.joined([shares[0], renamed])


def test_a_key_is_split_carried_apart_and_freezes(keys, tmp_path):
    file, files = tmp_path / "key.pem", holders(tmp_path)
    file.write_bytes(sealing.private_pem(keys.private))
    asked = [word for each in files for word in ("--share", each)]
    done = run("key", "split", file, *asked)
    assert done.exit_code == 0, done.output
    assert all(each.stat().st_mode & 0o777 == 0o600 for each in files)
    assert private_key.read(files[2], files[0]) == private_key.read(file) == keys
    done = run("key", "combine", files[0], files[1], "--check")
    assert sealing.fingerprint(keys.public) in done.stdout and not list(tmp_path.glob("*.new"))
    assert run("key", "combine", files[0], files[1], "-o", tmp_path / "again.pem").exit_code == 0
    assert private_key.read(tmp_path / "again.pem") == keys
    for line, said in (
        (("key", "split", file, *asked), "never written over"),
        (("key", "combine", files[0], files[1], "-o", file), "never written over"),
        (("key", "combine", files[0], files[1]), "either --check or -o"),
        (("key", "combine", files[0], "--check"), "2 different ones"),
        (("key", "combine", files[0], file, "--check"), "is no share of a key"),
        (("key", "combine", tmp_path / "none", files[0], "--check"), "cannot be read"),
    ):
        assert said in str(run(*line).exception)


def test_shares_are_never_written_beside_each_other_unless_asked(keys, shares, tmp_path):
    beside = [tmp_path / f"{number}.txt" for number in range(3)]
    with pytest.raises(Faults, match="beside each other protect nothing"):
        private_key.write_shares(shares, beside, together=False)
    assert not any(file.exists() for file in beside)
    private_key.write_shares(shares, beside, together=True)
    assert private_key.read(*beside[1:]) == keys
    with pytest.raises(Faults, match="name 3 different files"):
        private_key.write_shares(shares, beside[:2], together=True)
    with pytest.raises(Faults, match="no such folder"):
        private_key.write_shares(shares, [tmp_path / str(each) / "share" for each in range(3)], together=False)


def test_what_is_no_key_is_said(tmp_path):
    file = tmp_path / "key.pem"
    for content in (b"\xff\xfe", b"hello", b""):
        file.write_bytes(content)
        with pytest.raises(Faults, match="is no unencrypted PEM private key"):
            private_key.read(file)

"""The offline installer: it installs with no network, refuses what was changed, and is the same twice."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "docs/operations/bundle"
AT = 1_790_000_000


@pytest.fixture(scope="module")
def made() -> ModuleType:
    """The script that makes bundles, which is no module of ours."""
    spec = importlib.util.spec_from_file_location("make_bundle", BUNDLE / "make_bundle.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _wheel(folder: Path, name: str, version: str, source: str) -> Path:
    """A wheel with one module and one command of its name."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    record = ""
    for inside, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{inside},sha256={digest},{len(text.encode())}\n"
    made = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as opened:
        for inside, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            opened.writestr(zipfile.ZipInfo(inside, (2026, 1, 1, 0, 0, 0)), text)
    return made


@pytest.fixture(scope="module")
def bundle(made: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small one: a program of the name of ours, and the one thing that it needs."""
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "wheels").mkdir()
    needed = _wheel(folder / "wheels", "canthiet", "2.0", "WORD = 'cần thiết'\n")
    own = _wheel(folder, "phieu", "9.9", "import canthiet\ndef main():\n    print('phieu 9.9', canthiet.WORD)\n")
    lock = folder / "requirements.lock"
    lock.write_text(f"canthiet==2.0 \\\n    --hash=sha256:{hashlib.sha256(needed.read_bytes()).hexdigest()}\n", "utf-8")
    files = made.contents(ROOT, lock, folder / "wheels", own)
    return Path(made.pack(files, made.title(own), AT, folder / "out"))


def _unpacked(bundle: Path, folder: Path) -> Path:
    with tarfile.open(bundle) as tar:
        tar.extractall(folder, filter="data")
    return folder / bundle.stem


def _install(made: ModuleType, folder: Path, target: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [*made.cut_off(), "sh", str(folder / "install.sh"), str(target)]
    told = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **made.NO_NETWORK, "PYTHON": sys.executable, **environ}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=told)  # noqa: S603


def test_it_installs_with_no_network_and_goes_beside_an_older_one(
    made: ModuleType, bundle: Path, tmp_path: Path
) -> None:
    target, folder = tmp_path / "opt", _unpacked(bundle, tmp_path)
    (target / "phieu-9.8-old" / "venv").mkdir(parents=True)
    (target / "venv").symlink_to("phieu-9.8-old/venv")
    done = _install(made, folder, target)
    assert done.returncode == 0, done.stderr
    assert "phieu 9.9 cần thiết" in done.stdout
    assert (target / "venv").readlink() == Path(bundle.stem) / "venv" and (target / "phieu-9.8-old").is_dir()
    ran = subprocess.run([target / "venv/bin/phieu"], capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout == "phieu 9.9 cần thiết\n" and (target / "docs/how-to/serve.md").is_file()
    # And the same once more is refused, and harms nothing
    again = _install(made, folder, target)
    assert again.returncode == 1 and "is there already" in again.stderr
    assert (target / "venv/bin/phieu").exists()


def test_folders_of_another_way_of_installing_are_told_before_anything_is_done(
    made: ModuleType, bundle: Path, tmp_path: Path
) -> None:
    target, folder = tmp_path / "opt", _unpacked(bundle, tmp_path)
    (target / "venv/bin").mkdir(parents=True)
    done = _install(made, folder, target)
    assert done.returncode == 1
    assert f"move it away (mv {target}/venv {target}/venv.old)" in done.stderr
    assert [each.name for each in target.iterdir()] == ["venv"] and not (target / "venv").is_symlink()


def test_whoever_interrupts_it_is_left_with_nothing(made: ModuleType, bundle: Path, tmp_path: Path) -> None:
    folder, target, python = _unpacked(bundle, tmp_path), tmp_path / "opt", tmp_path / "python"
    python.write_text(
        '#!/bin/sh\nif [ "$1$2" = -mvenv ]; then mkdir -p "$3"; kill -TERM $PPID; exit 0; fi\n'
        f'exec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    done = _install(made, folder, target, PYTHON=str(python))
    assert done.returncode == 1 and "Installed" not in done.stdout
    assert list(target.iterdir()) == []


def _change(file: Path) -> None:
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(bytes(body))


HARMED = {
    "one byte of a wheel": lambda here: _change(next((here / "wheels").glob("canthiet*"))),
    "one byte of our own wheel": lambda here: _change(next((here / "wheels").glob("phieu*"))),
    "one byte of a list": lambda here: _change(here / "requirements.txt"),
    "a page less": lambda here: (here / "docs/method.md").unlink(),
    "a wheel more": lambda here: shutil.copy(next((here / "wheels").glob("phieu*")), here / "wheels/phieu-99-x.whl"),
    "a link more": lambda here: (here / "wheels/x").symlink_to("/etc/passwd"),
    "no sums": lambda here: (here / "SHA256SUMS").write_text(""),
}


@pytest.mark.parametrize("harm", HARMED)
def test_what_was_changed_is_refused_before_anything_is_installed(
    made: ModuleType, bundle: Path, tmp_path: Path, harm: str
) -> None:
    folder = _unpacked(bundle, tmp_path)
    HARMED[harm](folder)
    done = _install(made, folder, tmp_path / "opt")
    assert done.returncode == 1 and "nothing was installed" in done.stderr
    assert not (tmp_path / "opt").exists()


def test_sums_made_anew_for_another_wheel_do_not_help(made: ModuleType, bundle: Path, tmp_path: Path) -> None:
    folder = _unpacked(bundle, tmp_path)
    _wheel(folder / "wheels", "canthiet", "2.0", "WORD = 'kẻ gian'\n")
    names = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    sums = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in names
        if name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8")
    done = _install(made, folder, tmp_path / "opt")
    assert done.returncode != 0 and list((tmp_path / "opt").iterdir()) == []  # pip holds it against the lock file


def test_another_python_is_refused(made: ModuleType, bundle: Path, tmp_path: Path) -> None:
    folder, other = _unpacked(bundle, tmp_path), tmp_path / "python"
    other.write_text("#!/bin/sh\necho 3.8\n")
    other.chmod(0o755)
    done = _install(made, folder, tmp_path / "opt", PYTHON=str(other))
    assert done.returncode == 1 and f"for Python {sys.version_info[0]}.{sys.version_info[1]}" in done.stderr
    gone = _install(made, folder, tmp_path / "opt", PYTHON="/nowhere/python3")
    assert gone.returncode == 1 and "there is no /nowhere/python3" in gone.stderr


def test_it_is_the_same_twice_and_names_no_index_and_nobody(made: ModuleType, bundle: Path, tmp_path: Path) -> None:
    with tarfile.open(bundle) as tar:
        entries = tar.getmembers()
        files = {
            each.name.partition("/")[2]: taken.read()
            for each in entries
            if (taken := tar.extractfile(each)) is not None
        }
    assert made.pack(files, bundle.stem, AT, tmp_path).read_bytes() == bundle.read_bytes()
    assert {(each.mtime, each.uid, each.gid, each.uname, each.gname) for each in entries} == {(AT, 0, 0, "", "")}
    assert [each.name for each in entries if each.mode != 0o644] == [f"{bundle.stem}/install.sh"]
    assert files["SHA256SUMS"].count(b"\n") == len(files) - 1
    ours = b"".join(body for name, body in files.items() if name.count("/") == 0).decode()
    assert not re.search(r"(?i)://|pypi|index-url|pythonhosted", ours)


def test_our_own_wheel_has_every_file_of_the_packages_and_is_the_same_twice(made: ModuleType, tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    wheel = made.own_wheel(ROOT, first, AT)
    assert wheel.read_bytes() == made.own_wheel(ROOT, second, AT).read_bytes()
    made.require_whole(wheel)
    with zipfile.ZipFile(wheel) as opened:
        packed = set(opened.namelist())
    packages = {name for name in made.sources(ROOT) if name.split("/")[0] in ("forms", "survey", "analysis")}
    missing = {name for name in packages - packed if not name.endswith((".po", ".md"))}
    assert missing == set()
    assert not any(name.startswith(("tests/", "docs/", "instance/")) for name in packed)


def test_the_script_says_where_it_cannot_work(
    made: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match="is no clone"):
        made.sources(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "7")
    assert made.epoch(tmp_path) == 7
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert made.epoch(tmp_path) == made.NEWEST_ZIP and made.epoch(ROOT) > AT - 100_000_000

"""``make bundle``: everything to install Phiếu without a network, in one file whose bytes depend on its inputs alone.

Wheels of all that requirements.lock pins, our own, the docs, checksums of it all, and a script that verifies them and
installs. At the end the bundle is installed once, in a place without a network, so that each one is known to work.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NEWEST_ZIP = 315_532_800  # 1980: before it a zip file knows no time
CUT_OFF = "http://127.0.0.1:9"  # where nobody answers
NO_NETWORK = {name: CUT_OFF for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY")}


def epoch(root: Path) -> int:
    """The time that everything in the bundle has: of the last commit, unless SOURCE_DATE_EPOCH says otherwise."""
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    done = _git(root, "log", "-1", "--format=%ct")
    return int(done) if done else NEWEST_ZIP


def sources(root: Path) -> list[str]:
    """What belongs to the project: nothing that only lies about. Raises SystemExit where nobody can tell."""
    listed = _git(root, "ls-files", "-z")
    if not listed:
        raise SystemExit(f"{root} is no clone of the project: it is not known which of its files belong to it")
    return sorted(name for name in listed.split("\0") if name and (root / name).is_file())


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(root), *arguments],  # noqa: S607
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout


def own_wheel(root: Path, into: Path, at: int) -> Path:
    """Build our own wheel of what belongs to the project, without a network; the same twice."""
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "phieu"
        for name in sources(root):
            if name.split("/")[0] not in ("docs", "tests"):
                target = tree / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(root / name, target)
        _pip(["wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", scratch, str(tree)],
             {"SOURCE_DATE_EPOCH": str(max(at, NEWEST_ZIP))})  # fmt: skip
        (made,) = Path(scratch).glob("*.whl")
        return Path(shutil.move(made, into / made.name))


def gather(lock: Path, into: Path) -> None:
    """Fetch a wheel of everything that the lock file pins, each held against its hash there."""
    _pip(["download", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-d", str(into), "-r", str(lock)])


def _pip(arguments: Sequence[str], more: dict[str, str] | None = None) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    os.umask(0o022)
    subprocess.run(command, check=True, env={**os.environ, **(more or {})})  # noqa: S603 - our own interpreter


def platform() -> str:
    """For which machines: of wheels' own words for them."""
    return f"cp{sys.version_info[0]}{sys.version_info[1]}-{sysconfig.get_platform().replace('-', '_')}"


def contents(root: Path, lock: Path, wheels: Path, own: Path) -> dict[str, bytes]:
    """Every file of the bundle by its name in it."""
    files = {f"wheels/{file.name}": file.read_bytes() for file in sorted(wheels.glob("*.whl"))}
    files[f"wheels/{own.name}"] = own.read_bytes()
    pinned = f"./wheels/{own.name} --hash=sha256:{_sum(files[f'wheels/{own.name}'])}\n"
    files["requirements.txt"] = lock.read_bytes() + pinned.encode()
    files["PYTHON"] = f"{sys.version_info[0]}.{sys.version_info[1]}\n".encode()
    files["VERSION"] = f"{title(own)}\n".encode()
    files |= {name: (HERE / name).read_bytes() for name in ("install.sh", "README.md")}
    files |= {name: (root / name).read_bytes() for name in sources(root) if name.startswith("docs/")}
    files["LICENSE"] = (root / "LICENSE").read_bytes()
    sums = "".join(f"{_sum(body)}  {name}\n" for name, body in sorted(files.items()))
    return files | {"SHA256SUMS": sums.encode()}


def title(own: Path) -> str:
    """The bundle's name, and of the folder that it unpacks to."""
    return f"{'-'.join(own.name.split('-')[:2])}-{platform()}"


def pack(files: dict[str, bytes], name: str, at: int, into: Path) -> Path:
    """One tar file, not compressed (wheels are): in one order, with one time, and nobody's name."""
    into.mkdir(parents=True, exist_ok=True)
    made = into / f"{name}.tar"
    with tarfile.open(made, "w", format=tarfile.PAX_FORMAT) as tar:
        for inside, body in sorted(files.items()):
            entry = tarfile.TarInfo(f"{name}/{inside}")
            entry.size, entry.mtime = len(body), at
            entry.mode = 0o755 if inside == "install.sh" else 0o644
            tar.addfile(entry, BytesIO(body))
    return made


def install(bundle: Path, scratch: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Unpack and install as an operator does, cut off from every network (by the kernel, where it lets us)."""
    with tarfile.open(bundle) as tar:
        tar.extractall(scratch, filter="data")
    script = scratch / bundle.stem / "install.sh"
    command = [*cut_off(), "sh", str(script), str(target)]
    environ = {**os.environ, **NO_NETWORK, "PYTHON": sys.executable, "PIP_INDEX_URL": CUT_OFF}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environ)  # noqa: S603


def cut_off() -> list[str]:
    """The words before a command that give it no network; none where this system gives us no such place."""
    words = [shutil.which("unshare") or "unshare", "--user", "--map-root-user", "--net"]
    try:
        done = subprocess.run([*words, "true"], capture_output=True, check=False)  # noqa: S603
    except OSError:
        return []
    return words if done.returncode == 0 else []


def _sum(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def require_whole(own: Path) -> None:
    """Stop where a wheel could not be read: a full disk, an interrupted build."""
    with zipfile.ZipFile(own) as opened:
        if opened.testzip() is not None:
            raise SystemExit(f"{own} is damaged")


def main() -> None:
    """Make a bundle, try it, and say what to compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--into", type=Path, default=ROOT / "build", help="folder for the bundle")
    parser.add_argument("--wheels", type=Path, help="folder with wheels of the lock file, in place of fetching them")
    told = parser.parse_args()
    at = epoch(ROOT)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        wheels = told.wheels or scratch / "wheels"
        if not told.wheels:
            wheels.mkdir()
            gather(ROOT / "requirements.lock", wheels)
        own = own_wheel(ROOT, scratch, at)
        require_whole(own)
        made = pack(contents(ROOT, ROOT / "requirements.lock", wheels, own), title(own), at, told.into)
        tried = install(made, scratch, scratch / "opt")
    if tried.returncode != 0:
        raise SystemExit(f"{made} was made but cannot be installed:\n{tried.stdout}{tried.stderr}")
    where = "with no network at all" if cut_off() else "with every way to a network turned to nowhere"
    print(f"{made} ({made.stat().st_size >> 20} MB), installed once {where}.\nSHA-256 {_sum(made.read_bytes())}")


if __name__ == "__main__":
    main()

"""What a killed backup leaves: found, and removed by whatever comes next; what a living one holds is left alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from survey import closing, health, purging
from survey.backup import making, restoring, scratch
from survey.finding import Finding
from tests.conftest import Scene

UNDER_WAY = """
import sys
from pathlib import Path
from survey.backup import archive, making

def gathered(*arguments):
    print("there", flush=True)
    sys.stdin.read()

archive.write = gathered
from survey.clock import now
from survey.config import load
making.make(load(Path(sys.argv[1])), now, Path(sys.argv[2]), passphrase="x", with_keys=True, who="test")
"""


@pytest.fixture
def under_way(scene: Scene, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A backup in another process, which has copied the database and the keys."""
    command = [sys.executable, "-c", UNDER_WAY, str(scene.settings.instance), str(tmp_path / "never")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None and process.stdout.readline() == "there\n"
        yield process
        process.kill()


def copies(scene: Scene) -> list[Path]:
    return sorted(scene.settings.instance.glob(".backup-*"))


def said(scene: Scene) -> Finding:
    (found,) = [each for each in health.examine(scene.settings, scene.clock) if each.what == "copies left behind"]
    return found


def backup(scene: Scene, folder: Path) -> Path:
    making.make(scene.settings, scene.clock, folder / "copy", passphrase=None, with_keys=False, who="test")
    return folder / "copy"


def restore(scene: Scene, folder: Path) -> None:
    restoring.look(scene.settings.instance, folder / "earlier" / "copy", None)


def purge(scene: Scene, folder: Path) -> None:
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    args = scene.store, scene.drafts, scene.settings, scene.clock, scene.wave
    purging.purge(*args, destroy_key=False, who="test")


@pytest.mark.parametrize("next_", [backup, restore, purge])
def test_what_a_killed_backup_left_goes_with_whatever_comes_next(
    scene: Scene, under_way: subprocess.Popen[str], tmp_path: Path, next_: Callable[[Scene, Path], object]
) -> None:
    # Given a backup under way, which neither the doctor nor another backup takes for dead
    (tmp_path / "earlier").mkdir()
    (held,) = copies(scene)
    backup(scene, tmp_path / "earlier")
    assert copies(scene) == [held] and said(scene).fault == ""
    # When it is killed
    under_way.kill()
    under_way.wait()
    # Then its copy of database and keys lies there, the doctor says so,
    assert (held / "phieu.db").exists() and list((held / "keys").iterdir())
    assert said(scene).fault.endswith("perhaps keys too: 1") and str(held) in said(scene).mend
    # and it goes with the next
    next_(scene, tmp_path)
    assert copies(scene) == [] and said(scene).fault == ""


def test_a_folder_swept_before_it_was_locked_is_made_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given two sweepers that are quicker: before the folder is opened, and before it is locked
    opened, lock, swept = scratch.os.open, scratch.fcntl.flock, []

    def slow_open(path: Path, flags: int) -> int:
        if not swept:
            swept.append(path)
            path.rmdir()
        return opened(path, flags)

    def slow_lock(descriptor: int, operation: int) -> None:
        if len(swept) == 1:
            (folder,) = tmp_path.iterdir()
            swept.append(folder)
            folder.rmdir()
        lock(descriptor, operation)

    monkeypatch.setattr(scratch.os, "open", slow_open)
    monkeypatch.setattr(scratch.fcntl, "flock", slow_lock)
    # Then the third is ours until the end
    with scratch.room(tmp_path) as folder:
        monkeypatch.undo()
        assert len(swept) == 2 and folder.is_dir() and scratch.left(tmp_path) == []
        scratch.sweep(tmp_path)
        assert list(tmp_path.iterdir()) == [folder]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_went_meanwhile_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "_all", lambda instance: [tmp_path / ".backup-gone"])
    scratch.sweep(tmp_path)
    assert scratch.left(tmp_path) == []

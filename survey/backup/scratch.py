"""Where a backup is put together and tried: a folder of the instance that goes at the end, a killed process's later."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = ".backup-"


@contextmanager
def room(instance: Path) -> Iterator[Path]:
    """A folder (mode 0700) that goes at the end: what lies there is as secret as the database, keys included.

    It is locked as long as this process lives, however that ends. What dead processes left goes first.
    """
    sweep(instance)
    folder, descriptor = _made(instance)
    try:
        yield folder
    finally:
        try:
            shutil.rmtree(folder)
        finally:
            os.close(descriptor)


def left(instance: Path) -> list[Path]:
    """The folders of processes that are gone."""
    return [folder for folder in _all(instance) if _is_left(folder)]


def sweep(instance: Path) -> None:
    """Remove the folders of processes that are gone. Raises OSError where one cannot be removed."""
    for folder in _all(instance):
        with _seized(folder) as ours:
            if ours:
                shutil.rmtree(folder)


def _all(instance: Path) -> list[Path]:
    found = instance.glob(f"{_PREFIX}*")
    return sorted(each for each in found if each.is_dir() and not each.is_symlink())


def _made(instance: Path) -> tuple[Path, int]:
    """A new folder and the descriptor that locks it."""
    while True:
        folder = Path(tempfile.mkdtemp(dir=instance, prefix=_PREFIX))
        with suppress(FileNotFoundError):
            descriptor = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # a file system without locks: there nobody can seize it either
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if folder.exists():
                return folder, descriptor
            os.close(descriptor)  # another process swept it away between the two: once more


def _is_left(folder: Path) -> bool:
    with _seized(folder) as ours:
        return ours


@contextmanager
def _seized(folder: Path) -> Iterator[bool]:
    """Whether nobody else holds it; held until the end."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # gone meanwhile, or another user's
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            ours = False
        else:
            ours = True
        yield ours
    finally:
        os.close(descriptor)

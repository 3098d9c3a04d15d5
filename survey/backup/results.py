"""What lies in an instance of its counting, as a part of a backup: datasets, figures, reports, what is published."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from survey.keys import sync_folder

FOLDERS = ("datasets", "figures", "published", "reports")


def is_result(name: str) -> bool:
    """Whether a name in a backup is that of such a file, and leads nowhere else."""
    parts = PurePosixPath(name).parts
    plain = all(part not in (".", "..") for part in parts) and str(PurePosixPath(*parts)) == name
    return plain and len(parts) > 1 and parts[0] in FOLDERS


def gather(instance: Path, folder: Path) -> list[str]:
    """Copy them into ``folder``; their names. What is still being written (its name begins with a dot) stays out."""
    names = []
    for file in _files(instance):
        name = file.relative_to(instance).as_posix()
        (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(file, folder / name)
        names.append(name)
    return names


def _files(instance: Path) -> Iterator[Path]:
    for home in FOLDERS:
        for file in sorted((instance / home).rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(instance).parts)
            if file.is_file() and not file.is_symlink() and not hidden:
                yield file


def put_back(instance: Path, folder: Path, names: Iterable[str]) -> None:
    """Move them from ``folder`` to where they lay, for the owner alone; what stands there already stays as it is."""
    touched = set()
    for name in filter(is_result, names):
        target = instance / name
        for parent in reversed(target.relative_to(instance).parents):
            (instance / parent).mkdir(mode=0o700, exist_ok=True)
        if not target.exists():
            (folder / name).rename(target)
            touched.add(target.parent)
    for each in touched:
        sync_folder(each)

"""Files that belong together: written aside, put into place at the end, all of them, and over others only if asked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from forms.faults import Fault, Faults


@contextmanager
def together(files: Sequence[Path], *, overwrite: bool) -> Iterator[Path]:
    """A private folder to write ``files`` into, under their own names; what is in it is then moved, the last file last.

    All have mode 0600. Raises Faults, before anything is written, when one of them is there already.
    """
    folder = files[-1].parent
    if not folder.is_dir():
        raise Faults([Fault("there is no such folder", str(folder))])
    if not overwrite:
        _refuse([file for file in files if os.path.lexists(file)])
    with TemporaryDirectory(prefix=".phieu-", dir=folder) as scratch:
        yield Path(scratch)
        _move(Path(scratch), files, overwrite)


def _move(scratch: Path, files: Sequence[Path], overwrite: bool) -> None:
    placed: list[Path] = []
    for file in files:
        (scratch / file.name).chmod(0o600)
        try:
            if not overwrite:
                # Two may have begun at the same time: a name belongs to whoever makes it.
                os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            for each in placed:
                each.unlink()
            _refuse([file])
        os.replace(scratch / file.name, file)
        placed.append(file)


def _refuse(taken: Sequence[Path]) -> None:
    if taken:
        raise Faults(
            Fault("exists already: name a new file, or write over it with --overwrite", str(file)) for file in taken
        )

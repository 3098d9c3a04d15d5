"""Sealed boxes on their way from the database to being opened: a piece at a time, or in a file without a name."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from survey.store import Store

_LENGTH = 4  # bytes before each box
_PIECE = 4_096  # boxes


class Held:
    """A copy of boxes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._number = file, 0

    def take(self, boxes: Iterable[bytes]) -> None:
        """Copy them."""
        for box in boxes:
            self._file.write(len(box).to_bytes(_LENGTH, "big") + box)
            self._number += 1

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        while size := self._file.read(_LENGTH):
            yield self._file.read(int.from_bytes(size, "big"))


def by_pieces(store: Store, wave: str) -> Iterator[bytes]:
    """The boxes of a wave that is closed, in the order of their random ids."""
    after = b""
    while True:
        with store.read() as tx:
            rows = list(tx.freeze_boxes_after(wave=wave, after=after, most=_PIECE))
        if not rows:
            return
        yield from (row["box"] for row in rows)
        after = rows[-1]["id"]


@contextmanager
def beside(folder: Path) -> Iterator[Held]:
    """Somewhere to hold them on the disk that ``folder`` will be on, gone at the end; boxes are sealed there too."""
    there = next(each for each in folder.resolve().parents if each.is_dir())
    try:
        file = tempfile.TemporaryFile(dir=there)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(there)) from error  # not the name of what was never made
    with file:
        yield Held(file)

"""Numbers that all processes of a server write side by side: a row each, in memory that no disk ever holds.

Row 0 is the server's own, and has what was last shown of all rows together; the worker that holds it mixes. A worker
takes a row that nobody holds and counts on from what stands there, so that a worker that died takes nothing away. Only
its holder writes to a row, hence no process waits for another while it counts.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

PLACE = "PHIEU_FIGURES"  # in the environment of a server's processes: where the memory is
CELL = 8  # bytes: unsigned, in the machine's order
STARTED, MIXED, MIXER_BEGAN, MIXER_WAITED = range(4)  # cells of row 0: two times (seconds since 1970), two counts
BEGAN = 0  # of the other rows: how many processes held it
FIRST = 4  # where in a row the counts begin
_LOCK = struct.Struct("hhqqi4x")  # struct flock of Linux


@dataclass(frozen=True, slots=True)
class Rows:
    """The memory. ``own``: the row that this process writes."""

    cells: memoryview
    width: int
    own: int
    descriptor: int

    @property
    def mine(self) -> memoryview:
        """This process's cells."""
        return self.row(self.own)

    @property
    def server(self) -> memoryview:
        """The server's own cells."""
        return self.row(0)

    def mixes(self) -> bool:
        """Whether this process is the one of its server that mixes, until it leaves that or ends; else another is."""
        if self.descriptor >= 0:
            try:
                fcntl.lockf(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 0)
            except OSError:
                return False
        return True

    def leaves_mixing(self) -> None:
        """Another process may mix from now, though this one lives on."""
        if self.descriptor >= 0:
            fcntl.lockf(self.descriptor, fcntl.LOCK_UN, 1, 0)

    def row(self, number: int) -> memoryview:
        """The cells of a row."""
        return self.cells[number * self.width : (number + 1) * self.width]

    def held(self) -> int:
        """How many processes hold a row now, this one included."""
        others = (number for number in range(1, self._count) if number != self.own)
        return 1 + sum(_taken(self.descriptor, number) for number in others)

    def began(self) -> int:
        """How many processes ever did."""
        return sum(row[BEGAN] for row in self.used())

    def used(self) -> Iterator[memoryview]:
        """The rows in which somebody counted."""
        return (row for row in map(self.row, range(1, self._count)) if row[BEGAN])

    def total(self, start: int, length: int) -> Sequence[int]:
        """Cells of all rows, added up."""
        return [sum(column) for column in zip(*(row[start : start + length] for row in self.used()), strict=True)]

    @contextmanager
    def held_alone(self) -> Iterator[None]:
        """While one process changes what is shown, the others wait. Threads of one process are not kept apart."""
        if self.descriptor < 0:
            yield
            return
        fcntl.lockf(self.descriptor, fcntl.LOCK_EX, 1, self._count)
        try:
            yield
        finally:
            fcntl.lockf(self.descriptor, fcntl.LOCK_UN, 1, self._count)

    @property
    def _count(self) -> int:
        return len(self.cells) // self.width


def make(width: int, workers: int) -> str | None:
    """Make the memory; returns its place for ``PLACE``. None where the system has no such memory (other than Linux).

    A worker that ends overlaps with the one that follows it, hence twice as many rows.
    """
    if not hasattr(os, "memfd_create"):
        return None
    descriptor = os.memfd_create("phieu-figures")  # of this process until it ends; others open it by its place
    os.ftruncate(descriptor, CELL * width * (1 + 2 * workers))
    return f"/proc/{os.getpid()}/fd/{descriptor}"


def alone(width: int) -> Rows:
    """Memory of this process only."""
    cells = memoryview(bytearray(2 * CELL * width)).cast("Q")
    cells[width + BEGAN] = 1
    return Rows(cells, width, 1, -1)


def joined(place: str, width: int) -> Rows | None:
    """Take a row of a server's memory, for as long as this process lives; None when all are held."""
    descriptor, cells = _opened(place)
    for number in range(1, len(cells) // width):
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            continue
        rows = Rows(cells, width, number, descriptor)
        rows.mine[BEGAN] += 1
        return rows
    os.close(descriptor)
    return None


def server_cells(place: str) -> memoryview:
    """The server's own cells."""
    return _opened(place)[1]


def _opened(place: str) -> tuple[int, memoryview]:
    descriptor = os.open(place, os.O_RDWR)
    return descriptor, memoryview(mmap.mmap(descriptor, os.fstat(descriptor).st_size)).cast("Q")


def _taken(descriptor: int, number: int) -> bool:
    """Whether another process holds a row; asking locks nothing."""
    asked = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, number, 1, 0)
    kind, *_ = _LOCK.unpack(fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    return bool(kind != fcntl.F_UNLCK)

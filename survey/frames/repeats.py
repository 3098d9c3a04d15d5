"""Numbers that stand twice in a list, and contacts that stand there often: found by sorting their hashes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey.frames.staging import HASH_BYTES

MOST_OWNERS = 3  # of a telephone or an address that is somebody's own


@dataclass(frozen=True, slots=True)
class Repeated:
    """Rows (from 0) whose number stood before, each with the first that has it, and rows imported before; in order."""

    doubles: tuple[tuple[int, int], ...]
    known: tuple[int, ...]


def repeated(staged: bytes | bytearray, before: bytes, blank: bytes) -> Repeated:
    """Compare keyed hashes (16 bytes each) among themselves and with those imported ``before``; ``blank`` is none's."""
    held = len(before) // HASH_BYTES
    pairs = np.frombuffer(before + staged, "=u8").reshape(-1, 2)
    high = pairs[:, 0]
    order = np.argsort(high)
    if not (high[order[1:]] == high[order[:-1]]).any():  # 64 bits tell them apart already
        return Repeated((), ())
    order = np.lexsort((pairs[:, 1], high))  # equal ones stay in the order of the file
    new = np.append(True, (pairs[order[1:]] != pairs[order[:-1]]).any(axis=1))
    real = (pairs[order] != np.frombuffer(blank, "=u8")).any(axis=1)
    first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    was_held = order[first] < held
    known = order[was_held & ~new]
    # What was imported before has each number once: the second of its run is the first of this list.
    mine = first + was_held
    double = real & (np.arange(len(order)) > mine)
    found = np.column_stack((order[double], order[mine[double]])) - held
    return Repeated(
        tuple((int(row), int(earlier)) for row, earlier in found[np.argsort(found[:, 0])]),
        tuple(map(int, np.sort(known - held))),
    )


def maybe_shared(phones: array[int], emails: array[int], before: array[int], staff: Iterable[str]) -> NDArray[np.int64]:
    """Rows that have a contact of more rows than one person may share, or of the staff: a few too many, none too few.

    ``before``: hashes of the contacts that other lists brought.
    """
    own = np.frombuffer(phones, np.int64), np.frombuffer(emails, np.int64)
    everyones = np.sort(np.concatenate((*own, np.frombuffer(before, np.int64))))
    everyones = everyones[everyones != 0]
    often = everyones[MOST_OWNERS:] == everyones[:-MOST_OWNERS]
    looked_for = np.append(everyones[MOST_OWNERS:][often], np.fromiter(map(hash, staff), np.int64))
    return np.flatnonzero(np.isin(own[0], looked_for) | np.isin(own[1], looked_for))

"""Several choices in one cell, where the words of a choice may hold the very sign that parts the choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

_MOST_JOINED = 12  # parts that one choice may be cut into by its own signs


@dataclass(frozen=True, slots=True)
class Parted:
    """The choices of a cell, as written; ``unsure`` where known choices could be read out of it in another way too."""

    pieces: tuple[str, ...]
    unknown: int
    unsure: bool


@dataclass(frozen=True, slots=True)
class _Rest:
    """The best way to read a cell from some part on, and how many ways there are without an unknown piece."""

    unknown: int
    pieces: tuple[str, ...]
    ways: int


def parted(said: str, sign: str, known: Callable[[str], bool]) -> Parted:
    """Cut a cell at ``sign`` so that as few pieces as can be are unknown, and of such ways into the longest pieces.

    What is unknown is never joined: each part of it is a piece of its own.
    """
    parts = said.split(sign)
    rests = [_Rest(0, (), 1)]  # from the last part to the first
    for start in range(len(parts) - 1, -1, -1):
        rests.append(_best(parts, start, sign, known, rests))
    best = rests[-1]
    return Parted(best.pieces, best.unknown, best.ways > 1)


def _best(parts: Sequence[str], start: int, sign: str, known: Callable[[str], bool], rests: Sequence[_Rest]) -> _Rest:
    """The best way from ``start`` on; ``rests``: those of every later part, from the end."""
    ways: list[_Rest] = []
    for end in range(min(len(parts), start + _MOST_JOINED), start, -1):  # longest first, so that it wins a tie
        piece = sign.join(parts[start:end]).strip()
        strange = bool(piece) and not known(piece)
        if end == start + 1 or (piece and not strange):
            rest = rests[len(parts) - end]
            pieces = (piece, *rest.pieces) if piece else rest.pieces
            ways.append(_Rest(rest.unknown + strange, pieces, 0 if strange else rest.ways))
    best = min(ways, key=lambda way: (way.unknown, len(way.pieces)))
    return _Rest(best.unknown, best.pieces, min(2, sum(way.ways for way in ways)))

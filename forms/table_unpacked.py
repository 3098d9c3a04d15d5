"""What a packed workbook becomes once it is unpacked, counted before anything reads it.

Nothing that its directory says is believed: every part is read to the end of its packed stream, and thrown away.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from forms.table_extent import Extent, looked_into

MOST_PACKED = 200  # times its size: what people type packs to a tenth or a thirtieth
_WELL_PACKED = 64 << 20  # bytes from which that is looked at
_PIECE = 1 << 20
_NAMED = 5
_SEALED = 1  # the flag of a part that only a password opens
OVERLONG = "has a cell of more than 32,767 characters, which no spreadsheet can hold"
BOMB = "unpacks to more than 200 times its size, which no table of people does: save it again as .xlsx"
UNSAVED = "has formulas whose results were not saved: open it in a spreadsheet and save it again; they stand in"
LOCKED = "has a password: open it in Excel, take the password off (File, Info, Protect Workbook), save it again"
_LOCK = "EncryptedPackage".encode("utf-16-le")  # a part of the container that a password makes of an .xlsx


class Refused(ValueError):
    """A workbook that is not read, with the reason."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A cell whose formula has no saved result; ``sheet`` is the number that its part bears, from 1."""

    sheet: int
    cell: str


@dataclass(slots=True)
class _Unpacked:
    """What was counted so far."""

    most: int
    too_large: str
    total: int = 0
    cells: int = 0
    unsaved: list[Unsaved] = field(default_factory=list)

    def pieces(self, part: IO[bytes]) -> Iterator[bytes]:
        while piece := part.read(_PIECE):
            self.total += len(piece)
            if self.total > self.most:
                raise Refused(self.too_large)
            yield piece

    def read(self, name: str, part: IO[bytes]) -> None:
        extent: Extent | None = None
        for number, piece in enumerate(self.pieces(part)):
            if number == 0 and looked_into(name, piece):
                extent = Extent()
            if extent is not None:
                extent.feed(piece)
                if extent.overlong:
                    raise Refused(OVERLONG)
        if extent is not None:
            extent.feed(b"", last=True)
            self.cells += extent.cells
            numbered = re.search(r"(\d+)\.xml$", name)
            self.unsaved += [Unsaved(int(numbered[1]) if numbered else 1, cell) for cell in extent.unsaved]


def locked(content: bytes) -> bool:
    """Whether it is a workbook, of whatever kind, that only a password opens."""
    return not content.startswith(b"PK") and _LOCK in content


def check(content: bytes, most: int, most_cells: int, too_large: str, too_wide: str) -> list[Unsaved]:
    """The cells whose formulas were never computed.

    Raises Refused where a ZIP file is no workbook that may be read, Unsound and those of ``zipfile`` where broken.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        if any(part.flag_bits & _SEALED for part in parts.infolist()):
            raise Refused(LOCKED)
        if sum(part.file_size for part in parts.infolist()) > most:
            raise Refused(too_large)
        found = _Unpacked(most, too_large)
        for part in parts.infolist():
            part.file_size = 2 * most  # read to the end of the packed stream, however short it is said to be
            with parts.open(part) as unpacked:
                found.read(part.filename, unpacked)
            if found.cells > most_cells:
                raise Refused(too_wide)
    if found.total > max(_WELL_PACKED, MOST_PACKED * len(content)):
        raise Refused(BOMB)
    return found.unsaved


def require_saved(cells: Sequence[Unsaved]) -> None:
    """Raise Refused where a result is missing: it would be read as an empty cell."""
    if cells:
        named = [each.cell for each in cells[:_NAMED]] + ["…"] * (len(cells) > _NAMED)
        raise Refused(f"{UNSAVED}: {', '.join(named)}")

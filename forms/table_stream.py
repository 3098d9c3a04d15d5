"""The same tables as ``tables`` reads, batch by batch: a list may be larger than the memory.

Row numbers are those that an editor or a spreadsheet shows, and nothing is interpreted here either.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from forms import tables
from forms.faults import Fault, Faults
from forms.tables import Cell

BATCH = 8_192  # rows
LONGEST_LINE = 1 << 20  # characters; no office's row comes near, and a file without line ends must not fill the memory
LARGEST_WORKBOOK = 256 << 20  # bytes, packed: its sheets are held whole
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows with their numbers; ``share`` of the sheet is read when they are."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[Cell]]
    share: float


@dataclass(frozen=True, slots=True)
class SheetStream:
    """One table of a file; its batches can be read once."""

    file: str
    name: str
    batches: Iterator[Batch]

    @property
    def place(self) -> str:
        """The file, and the sheet where it has a name."""
        return f"{self.file} [{self.name}]" if self.name else self.file


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file found to be a table; ``names`` are those of its sheets. ``book`` is None for text."""

    path: Path
    sha256: str
    encoding: str
    names: tuple[str, ...]
    book: CalamineWorkbook | None = None

    def sheets(self) -> Iterator[SheetStream]:
        """Its sheets in order. Reading them raises Faults where the file is broken."""
        if self.book is None:
            yield SheetStream(self.path.name, "", _csv_batches(self.path, self.encoding))
            return
        for name in self.names:
            yield SheetStream(self.path.name, name, book_batches(self.book, name, self.path.name))


def examine(path: Path, encodings: Sequence[str] = tables.UTF8) -> TableFile:
    """Read a file once through: its hash and, for text, the encoding that fits all of it. Raises Faults."""
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
            stream.seek(0)
            if start.startswith(tables.WORKBOOKS):
                return _examined_workbook(path, stream)
            digest, encoding = _sniffed(path.name, stream, start, encodings)
            return TableFile(path, digest, encoding, ("",))
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(path))]) from error


def _examined_workbook(path: Path, stream: io.BufferedReader) -> TableFile:
    if path.stat().st_size > LARGEST_WORKBOOK:
        raise Faults([Fault("is a workbook of more than 256 MiB; give the rows as CSV", path.name)])
    content = stream.read()
    book = tables.opened(content, path.name)
    return TableFile(path, hashlib.sha256(content).hexdigest(), "", tuple(book.sheet_names), book)


class _Attempt:
    """Whether a text is in an encoding, found out piece by piece."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.broken_at: int | None = None
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._read = 0

    def feed(self, piece: bytes, last: bool) -> None:
        if self.broken_at is not None:
            return
        pending = self._decoder.getstate()[0]
        try:
            self._decoder.decode(piece, last)
        except UnicodeDecodeError as error:
            self.broken_at = self._read - len(pending) + error.start
        self._read += len(piece)


def _sniffed(file: str, stream: io.BufferedReader, start: bytes, encodings: Sequence[str]) -> tuple[str, str]:
    marked = next((encoding for mark, encoding in tables.MARKS if start.startswith(mark)), None)
    attempts = [_Attempt(encoding) for encoding in ((marked,) if marked else encodings)]
    digest, empty, binary = hashlib.sha256(), True, False
    while piece := stream.read(_CHUNK):
        digest.update(piece)
        empty = empty and not piece.strip()
        binary = binary or (marked is None and b"\0" in piece)
        for attempt in attempts:
            attempt.feed(piece, False)
    for attempt in attempts:
        attempt.feed(b"", True)
    if empty:
        raise Faults([Fault("is empty", file)])
    if binary:
        raise Faults([Fault("is a binary file, neither CSV nor a spreadsheet", file)])
    for attempt in attempts:
        if attempt.broken_at is None:
            return digest.hexdigest(), attempt.encoding
    if marked:
        raise Faults([Fault(f"is broken {marked} text at byte {attempts[0].broken_at}", file)])
    tried = " or ".join(tables.NAMES[encoding] for encoding in encodings)
    raise Faults([Fault(f"is not text in {tried}; save it as “CSV UTF-8” or as XLSX", file)])


def _csv_batches(path: Path, encoding: str) -> Iterator[Batch]:
    size = max(1, path.stat().st_size)
    with path.open("rb") as packed, io.TextIOWrapper(packed, encoding, newline="") as stream:
        delimiter = tables.delimiter_of(stream.read(65_536))
        stream.seek(0)
        lines = chain.from_iterable(_blocks(stream, path.name))
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        before = 0
        try:
            while rows := list(islice(reader, BATCH)):
                tables.check_width(max(rows, key=len), path.name, reader.line_num)
                yield Batch(_numbers(rows, before, reader.line_num), rows, min(1.0, packed.tell() / size))
                before = reader.line_num
        except csv.Error as error:
            long = "field larger" in str(error)
            said = "a cell holds more than 131,072 characters" if long else str(error)
            raise Faults([Fault(f"is not a CSV table: {said}", path.name, reader.line_num)]) from error


def _blocks(stream: io.TextIOWrapper, file: str) -> Iterator[Iterable[str]]:
    """Lines as NFC (a composing mark never begins a line), many at a time; none may be endless."""
    rest = ""
    while block := stream.read(_CHUNK):
        if block.endswith("\r"):
            block += stream.read(1)  # the other half of a line end
        block = rest + block
        cut = max(block.rfind("\n"), block.rfind("\r")) + 1
        if len(block) - cut > LONGEST_LINE:
            raise Faults([Fault(f"has a line of more than {LONGEST_LINE:,} characters", file)])
        rest = block[cut:]
        yield io.StringIO(unicodedata.normalize("NFC", block[:cut]), newline="")
    if rest:
        yield (unicodedata.normalize("NFC", rest),)


def _numbers(rows: Sequence[Sequence[str]], before: int, last: int) -> Sequence[int]:
    """The line that each row ends on: quoted cells may hold line ends."""
    if last - before == len(rows):
        return range(before + 1, last + 1)
    numbers = []
    for row in rows:
        before += 1 + sum(cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row)
        numbers.append(before)
    return numbers


def book_batches(book: CalamineWorkbook, name: str, file: str) -> Iterator[Batch]:
    """The rows of a sheet from its first corner. Raises Faults when it is broken or too large."""
    try:
        sheet = tables.sheet_of(book, name, file)
    except (CalamineError, OSError) as error:
        raise tables.unreadable(file) from error
    before: list[Cell] = [""] * (sheet.start[1] if sheet.start else 0)
    rows, height, done = ([*before, *row] for row in sheet.iter_rows()), sheet.total_height, 0
    while batch := list(islice(rows, BATCH)):
        yield Batch(range(done + 1, done + len(batch) + 1), batch, min(1.0, (done + len(batch)) / max(1, height)))
        done += len(batch)

"""The one reader of tables that somebody else made: workbooks, and CSV of any delimiter and usual encoding.

Nothing is interpreted here. Rows keep the numbers that a spreadsheet or an editor shows.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from forms import table_unpacked
from forms.faults import Fault, Faults
from forms.table_extent import Unsound
from forms.table_unpacked import Unsaved

Cell = str | int | float | bool | date | datetime | time | timedelta

# What a workbook may make of memory: about 80 bytes a cell while it is read, and its texts. Together under 1.5 GiB.
MOST_BYTES = 512 << 20  # of a workbook once unpacked: more is a mistake or an attack
MOST_CELLS = 10_000_000  # of all its sheets: as many rows as a sheet has, nine columns wide
MOST_AT_ONCE = 2_000_000  # cells of a workbook that is laid out whole, at some 250 bytes each
MOST_COLUMNS = 16_384  # as many as a spreadsheet has; each is looked for by name, so that many more would take minutes
TOO_MANY = "has more than 2 million cells: save the one table that is needed"
TOO_LARGE = "unpacks to more than 512 MiB; give the rows as CSV"
_BROKEN = (CalamineError, Unsound, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError)
TOO_WIDE = "has more than 10 million cells: save the one table that is needed"
UTF8 = ("utf-8",)
OFFICE = ("utf-8", "cp1258")  # older systems of offices here still write Windows-1258
NAMES = {"utf-8": "UTF-8", "cp1258": "Windows-1258"}
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_DELIMITERS = ";\t|,"  # commas last: numbers have them too
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file; ``rows[0]`` is the row that people call 1; '' is an empty cell; texts are stripped.

    ``merged``: first and last (row, column) of merged cells, from 0; only the first holds the value. Not every kind of
    file tells them.
    """

    file: str
    name: str
    rows: Sequence[Sequence[Cell]]
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()

    @property
    def place(self) -> str:
        """The file, and the sheet where it has a name."""
        return f"{self.file} [{self.name}]" if self.name else self.file


def content_of(path: Path) -> bytes:
    """The bytes of a file. Raises Faults when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(path))]) from error


def read(content: bytes, file: str, encodings: Sequence[str] = UTF8) -> tuple[Sheet, ...]:
    """The sheets of a file (one for CSV), told by its content. Raises Faults when it is empty or no table."""
    if content.startswith(WORKBOOKS):
        sheets = workbook(content, file)
    else:
        sheets = (Sheet(file, "", _csv(decoded(content, file, encodings), file)),)
    if not any(cell != "" for sheet in sheets for row in sheet.rows for cell in row):
        raise Faults([Fault("has no rows", file)])
    return sheets


def workbook(content: bytes, file: str) -> tuple[Sheet, ...]:
    """The sheets of an .xlsx, .xls or .ods. Raises Faults when it is none, or too large."""
    read: list[Sheet] = []
    cells = 0
    try:
        book = opened(content, file)
        for name in book.sheet_names:
            found = sheet_of(book, name, file)
            cells += _cells(found)
            if cells > MOST_AT_ONCE:
                raise Faults([Fault(TOO_MANY, file)])
            rows = _stripped(found.to_python(skip_empty_area=False))
            read.append(Sheet(file, name, rows, found.merged_cell_ranges or ()))
        return tuple(read)
    except (CalamineError, OSError) as error:
        raise unreadable(file) from error


def opened(
    content: bytes, file: str, most: int | None = None, unsaved: list[Unsaved] | None = None
) -> CalamineWorkbook:
    """A workbook, once it is known that it unpacks to no more than ``most`` bytes. Raises Faults.

    Formulas without a saved result are refused, unless ``unsaved`` is there to take their cells.
    """
    most = most or MOST_BYTES
    too_large = TOO_LARGE if most == MOST_BYTES else f"unpacks to more than {most >> 20} MiB"
    try:
        if content.startswith(b"PK"):
            found = table_unpacked.check(content, most, MOST_CELLS, too_large, TOO_WIDE)
            if unsaved is None:
                table_unpacked.require_saved(found)
            else:
                unsaved += found
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except table_unpacked.Refused as error:
        raise Faults([Fault(str(error), file)]) from error
    except PasswordError as error:
        raise Faults([Fault(table_unpacked.LOCKED, file)]) from error
    except _BROKEN as error:
        if table_unpacked.locked(content):
            raise Faults([Fault(table_unpacked.LOCKED, file)]) from error
        raise unreadable(file) from error


def sheet_of(book: CalamineWorkbook, name: str, file: str) -> CalamineSheet:
    """A sheet of a workbook. Raises Faults when it is too large, CalamineError when it is broken."""
    sheet = book.get_sheet_by_name(name)
    if _cells(sheet) > MOST_CELLS:
        raise Faults([Fault(TOO_WIDE, file)])
    return sheet


def _cells(sheet: CalamineSheet) -> int:
    """Cells from the first corner to the last; its end counts from 0."""
    return (sheet.end[0] + 1) * (sheet.end[1] + 1) if sheet.end else 0


def unreadable(file: str) -> Faults:
    """The fault of a workbook that is none."""
    return Faults([Fault("is not a workbook that can be read: save it again as .xlsx", file)])


def decoded(content: bytes, file: str, encodings: Sequence[str] = UTF8) -> str:
    """Text as NFC: by its byte order mark, else the first encoding that fits. Raises Faults, also when empty."""
    if not content.strip():
        raise Faults([Fault("is empty", file)])
    for mark, encoding in MARKS:
        if content.startswith(mark):
            try:
                return unicodedata.normalize("NFC", content.decode(encoding))
            except UnicodeDecodeError as error:
                raise Faults([Fault(f"is broken {encoding} text at byte {error.start}", file)]) from error
    if b"\0" in content:
        raise Faults([Fault("is a binary file, neither CSV nor a spreadsheet", file)])
    for encoding in encodings:
        try:
            return unicodedata.normalize("NFC", content.decode(encoding))
        except UnicodeDecodeError:
            continue
    tried = " or ".join(NAMES[encoding] for encoding in encodings)
    raise Faults([Fault(f"is not text in {tried}; save it as “CSV UTF-8” or as XLSX", file)])


def delimiter_of(text: str) -> str:
    """The delimiter that cuts most of the first lines into equally many cells; quoted cells do not count.

    Not the commonest mark: titles stand above the heading, and numbers and addresses have commas of their own.
    """
    lines = _QUOTED.sub("", text[:65_536]).splitlines()[:30]

    def fitness(mark: str) -> tuple[int, int]:
        counts = Counter(number for line in lines if (number := line.count(mark)))
        return max(((lines_alike, number) for number, lines_alike in counts.items()), default=(0, 0))

    best = max(_DELIMITERS, key=fitness)
    return best if fitness(best) > (0, 0) else ","


def _csv(text: str, file: str) -> Sequence[Sequence[Cell]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    try:
        for row in reader:
            # A quoted cell may hold line ends: keep the numbering of lines as an editor shows it.
            rows.extend([] for _ in range(reader.line_num - len(rows) - 1))
            check_width(row, file, reader.line_num)
            rows.append(row)
    except csv.Error as error:
        raise Faults([Fault(f"is not a CSV table: {error}", file, reader.line_num)]) from error
    return _stripped(rows)


def check_width(row: Sequence[str], file: str, line: int) -> None:
    """Raise Faults for a row of more columns than any table has."""
    if len(row) > MOST_COLUMNS:
        said = f"has more than {MOST_COLUMNS:,} columns: it is no table, or its delimiter is another one"
        raise Faults([Fault(said, file, line)])


def _stripped(rows: Iterable[Iterable[Cell]]) -> Sequence[Sequence[Cell]]:
    return [[cell.strip() if isinstance(cell, str) else cell for cell in row] for row in rows]

"""Read a table that somebody else made: CSV of any delimiter and usual encoding, or a spreadsheet; row numbers kept."""

from __future__ import annotations

import codecs
import csv
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO

from python_calamine import CalamineError, load_workbook

from forms.faults import Fault, Faults

Cell = str | int | float | bool | date | datetime | time | timedelta
DELIMITERS = ",;\t|"
LARGEST_SHEET = 1 << 30  # bytes of a spreadsheet once unpacked: more is a mistake or an attack
_ENCODINGS = ("utf-8", "cp1258")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table; ``rows[0]`` is the first row of the file, so that row numbers are those a person sees."""

    file: str
    name: str
    rows: Sequence[Sequence[Cell]]


def read(content: bytes, file: str) -> tuple[Sheet, ...]:
    """The sheets of a file (one for CSV). Raises Faults when it is empty or no table."""
    if not content.strip():
        raise Faults([Fault("is empty", file)])
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        sheets = _spreadsheet(content, file)
    else:
        sheets = (Sheet(file, "", _csv(_text(content, file), file)),)
    if not any(any(cell != "" for row in sheet.rows for cell in row) for sheet in sheets):
        raise Faults([Fault("has no rows", file)])
    return sheets


def _spreadsheet(content: bytes, file: str) -> tuple[Sheet, ...]:
    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(BytesIO(content)) as parts:
                if sum(part.file_size for part in parts.infolist()) > LARGEST_SHEET:
                    raise Faults([Fault("unpacks to more than 1 GiB; give the rows as CSV", file)])
        workbook = load_workbook(BytesIO(content))
        return tuple(
            Sheet(file, name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in workbook.sheet_names
        )
    except (CalamineError, zipfile.BadZipFile, OSError) as error:
        raise Faults([Fault(f"is no spreadsheet that can be read: {error}", file)]) from error


def _text(content: bytes, file: str) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding, file)
    if b"\0" in content:
        raise Faults([Fault("is a binary file, neither CSV nor a spreadsheet", file)])
    for encoding in _ENCODINGS:
        try:
            return unicodedata.normalize("NFC", content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise Faults([Fault("is neither UTF-8 nor Windows-1258 text; save it as CSV UTF-8 or as XLSX", file)])


def _decoded(content: bytes, encoding: str, file: str) -> str:
    try:
        return unicodedata.normalize("NFC", content.decode(encoding))
    except UnicodeDecodeError as error:
        raise Faults([Fault(f"is broken {encoding} text at byte {error.start}", file)]) from error


def _csv(text: str, file: str) -> list[list[Cell]]:
    sample = text[:65_536].splitlines()[:30]
    delimiter = max(DELIMITERS, key=lambda mark: max((line.count(mark) for line in sample), default=0))
    rows: list[list[Cell]] = []
    reader = csv.reader(StringIO(text), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            # A quoted cell may hold line ends: keep the numbering of lines as an editor shows it.
            rows.extend([] for _ in range(reader.line_num - len(rows) - 1))
            rows.append(list(row))
    except csv.Error as error:
        raise Faults([Fault(f"is broken CSV: {error}", file, reader.line_num)]) from error
    return rows

"""Rows of cells from an XLSX or CSV file, whatever program saved it; nothing is interpreted here."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from forms.faults import Fault, Faults

Cell = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta

MOST_BYTES = 200_000_000  # unpacked: a small file that unpacks to more is an attack or a mistake
MOST_CELLS = 5_000_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: ``place`` says where it is; ``rows[0]`` is the row that a spreadsheet calls 1; '' is an empty cell."""

    place: str
    rows: tuple[tuple[Cell, ...], ...]


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Read every sheet of a workbook, or a CSV file as one sheet.

    Raises Faults when the file is missing, empty, too large, or neither a workbook nor text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(path))]) from error
    if not data.strip():
        raise Faults([Fault("is empty", str(path))])
    return _workbook(path, data) if data.startswith(b"PK") else (Sheet(str(path), _csv(path, data)),)


def _workbook(path: Path, data: bytes) -> tuple[Sheet, ...]:
    try:
        if sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(data)).infolist()) > MOST_BYTES:
            raise Faults([Fault("unpacks to more than 200 MB: save the one table that is needed", str(path))])
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
        if any(sheet.total_height * sheet.total_width > MOST_CELLS for sheet in sheets):
            raise Faults([Fault("has more than 5 million cells: save the one table that is needed", str(path))])
        return tuple(Sheet(f"{path} (sheet “{sheet.name}”)", _tuples(_from_row_one(sheet))) for sheet in sheets)
    except (CalamineError, zipfile.BadZipFile, OSError) as error:
        raise Faults([Fault("is not a workbook that can be read: save it again as .xlsx", str(path))]) from error


def _from_row_one(sheet: CalamineSheet) -> Iterable[Iterable[Cell]]:
    return sheet.to_python(skip_empty_area=False)


def _csv(path: Path, data: bytes) -> tuple[tuple[Cell, ...], ...]:
    if b"\0" in data:
        raise Faults([Fault("is neither an .xlsx workbook nor a CSV text", str(path))])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Faults([Fault("is not UTF-8 text: save it as “CSV UTF-8” or as .xlsx", str(path))]) from error
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = max(",;\t", key=first.count)
    try:
        return _tuples(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Faults([Fault(f"is not a CSV table: {error}", str(path))]) from error


def _tuples(rows: Iterable[Iterable[Cell]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(cell.strip() if isinstance(cell, str) else cell for cell in row) for row in rows)

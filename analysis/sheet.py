"""A file of rows and named columns (CSV, XLSX, Parquet, SPSS, Stata); text until it is asked for as numbers."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from analysis.design import Codes, Floats
from analysis.headings import LOOKED_AT, Wanted, numbered
from analysis.labelled import SUFFIXES, read_labelled, value_text
from forms import table_stream, tables
from forms.faults import Fault, Faults
from forms.harmless import as_it_was

MISSING = ("", "NA", "NaN", "null")
# Squares and their sums must stay finite.
LARGEST = 1e100
MOST_COLUMNS = 16_384  # as many as a spreadsheet has
_LONGEST = 1 << 26  # bytes of a line: more is no table
_GUARDED = r"^'('*[=+\-@\t\r])"  # as forms.harmless says it, for whole columns
_COMMA = re.compile(r"[+-]?\d+,\d+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Columns of one length by name.

    ``name`` is the file, for messages; ``number_of`` a row, from 0, is what an editor or a spreadsheet calls it.
    ``labels``: column → value → the name of that level; ``titles``: what a column is about.
    """

    name: str
    columns: Mapping[str, pa.ChunkedArray]
    rows: int
    number_of: Callable[[int], int] = lambda row: row + 2
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> pa.ChunkedArray:
        """A column; Faults name the columns there are when it is not among them."""
        if name not in self.columns:
            there = ", ".join(list(self.columns)[:40])
            raise Faults([Fault(f"there is no such column; the columns are: {there}", self.name, column=name)])
        return self.columns[name]

    def numbers(self, name: str) -> Floats:
        """A column as doubles (n,), nan where missing; Faults name the first value that is no number."""
        column = self.column(name)
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_boolean(column.type):
            values: Floats = column.cast(pa.float64()).fill_null(np.nan).to_numpy().astype(np.float64)
            texts = [str(value) for value in values[np.abs(values) > LARGEST][:1]]
        else:
            codes, levels = _coded(column)
            values = np.array([_number(level) for level in levels] + [np.nan])[codes]
            texts = [levels[code] for code in codes[np.abs(values) > LARGEST][:1]]
        if texts:
            row = int(np.flatnonzero(np.abs(values) > LARGEST)[0])
            known = _NUMBER.fullmatch(texts[0].strip())
            what = "which is too large to count with" if known else "where a number should be"
            if _COMMA.fullmatch(texts[0].strip()):
                what += "; decimals need a point"
            raise self._fault(name, row, f"“{texts[0]}”, {what}")
        return values

    def whole(self, name: str) -> Codes | None:
        """A column (n,) of integers of whatever width without a gap, as it is; None when it is not one."""
        column = self.column(name)
        if column.null_count == 0 and pa.types.is_integer(column.type):
            return np.asarray(column.to_numpy())
        return None

    def levels(self, name: str) -> tuple[Codes, tuple[str, ...]]:
        """A column as codes (n,), −1 where missing, into its values as text, sorted (as numbers where all are).

        Values with a label are called by it.
        """
        codes, found = _coded(self.column(name))
        present = set(np.flatnonzero(np.bincount(codes + 1)) - 1)
        kept = [code for code, level in enumerate(found) if level not in MISSING and code in present]
        as_numbers = all(_NUMBER.fullmatch(found[code]) for code in kept)
        kept.sort(key=lambda code: (float(found[code]) if as_numbers else 0.0, found[code]))
        place = np.full(len(found) + 1, -1)
        place[kept] = np.arange(len(kept))
        return place[codes], tuple(self.named(name, found[code]) for code in kept)

    def named(self, name: str, value: str) -> str:
        """The level of a column that somebody calls by its value or by its label."""
        of = self.labels.get(name, {})
        if value in of:
            return of[value]
        return of.get(value_text(float(value)), value) if of and _NUMBER.fullmatch(value) else value

    def require(self, name: str, missing: np.ndarray[Any, Any], what: str) -> None:
        """Raise Faults naming the first row where ``missing`` holds."""
        if missing.any():
            raise self._fault(name, int(np.flatnonzero(missing)[0]), what)

    def _fault(self, column: str, row: int, what: str) -> Faults:
        return Faults([Fault(what, self.name, row=self.number_of(row), column=column)])


def _number(text: str) -> float:
    """Text → number, nan where missing, infinity where it is no number."""
    text = text.strip()
    if text in MISSING:
        return np.nan
    return float(text) if _NUMBER.fullmatch(text) else np.inf


def _coded(column: pa.ChunkedArray) -> tuple[Codes, list[str]]:
    """Codes into distinct texts; nulls are −1."""
    if pa.types.is_floating(column.type):
        column = pa.chunked_array([_float_texts(column.to_numpy())])
    elif not pa.types.is_dictionary(column.type) and not pa.types.is_string(column.type):
        column = column.cast(pa.string())
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    whole = encoded.unify_dictionaries().combine_chunks()
    codes: Codes = pc.fill_null(whole.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    return codes, [str(level) for level in whole.dictionary.to_pylist()]


def _float_texts(values: Floats) -> pa.Array:
    texts = [None if np.isnan(value) else np.format_float_positional(value, trim="-") for value in values]
    return pa.array(texts, pa.string())


def read_sheet(path: Path, wanted: Wanted | None = None) -> Sheet:
    """Read a file by its suffix (.csv, .tsv, .txt, .xlsx, .xls, .ods, .parquet, .sav, .zsav, .dta). Raises Faults.

    The first row is the heading, and no two columns may be called alike. With ``wanted`` the heading of a text or a
    workbook is looked for, and columns that are called alike are numbered.
    """
    if not path.is_file():
        raise Faults([Fault("there is no such file", str(path))])
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm", ".xls", ".ods"):
        return _workbook(path, wanted)
    if suffix == ".parquet":
        return _parquet(path)
    return _labelled(path) if suffix in SUFFIXES else _text(path, wanted)


def _sheet(path: Path, table: pa.Table, number_of: Callable[[int], int]) -> Sheet:
    _refuse_twins(path, table.column_names, number_of(-1))
    if not table.num_rows:
        raise Faults([Fault("has a heading and no rows", str(path))])
    return Sheet(str(path), dict(zip(table.column_names, table.columns, strict=True)), table.num_rows, number_of)


def _refuse_twins(path: Path, names: Sequence[str], row: int) -> None:
    if len(names) > MOST_COLUMNS:
        told = f"has {len(names):,} columns, more than {MOST_COLUMNS:,}: save those that are needed"
        raise Faults([Fault(told, str(path))])
    twins = sorted(name for name, times in Counter(names).items() if times > 1)
    if twins:
        raise Faults(Fault("two columns have this name", str(path), row, name) for name in twins)


def _parquet(path: Path) -> Sheet:
    try:
        return _sheet(path, pq.read_table(path), lambda row: row + 2)
    except (pa.ArrowException, OSError) as error:
        raise Faults([Fault("is not a Parquet file", str(path))]) from error


def _labelled(path: Path) -> Sheet:
    columns, labels, titles = read_labelled(path)
    sheet = _sheet(path, pa.table(columns), lambda row: row + 1)
    return replace(sheet, labels=labels, titles=titles)


def _lines(path: Path) -> Iterator[tuple[int, list[str], int]]:
    """Heading and rows of a CSV file: the line where each begins, its cells, and the line where it ends."""
    text = tables.decoded(path.read_bytes(), str(path))
    reader = csv.reader(io.StringIO(text), delimiter=tables.delimiter_of(text))
    ended, begun = 0, False
    try:
        for cells in reader:
            begun = begun or any(cell.strip() for cell in cells)
            if begun and cells:  # an empty line is no row, and nothing above the heading is
                yield ended + 1, cells, reader.line_num
            ended = reader.line_num
    except csv.Error as error:
        raise Faults([Fault(f"is not a CSV table: {error}", str(path), reader.line_num)]) from error


def _text(path: Path, wanted: Wanted | None) -> Sheet:
    text = tables.decoded(path.read_bytes(), str(path))
    delimiter = tables.delimiter_of(text)
    top = list(islice(_lines(path), LOOKED_AT if wanted else 1)) or [(1, [], 1)]
    above = wanted.place([cells for _, cells, _ in top]) if wanted else 0
    first, cells, last = top[above]
    headings = [cell.strip() for cell in cells]
    headings = numbered(headings) if wanted else headings
    _refuse_twins(path, headings, first)
    _refuse_open_quote(path, text, delimiter)

    def number_of(row: int) -> int:
        """Rows are counted again for a fault only: a file may be long, and most have none."""
        return next(islice(_lines(path), above + row + 1, None))[0]

    ragged: list[Fault] = []

    def note_ragged(row: pacsv.InvalidRow) -> str:
        said = f"has {row.actual_columns} cells where the heading has {row.expected_columns}"
        ragged.append(Fault(said, str(path), number_of(row.number - last - 1)))
        return "skip"

    try:
        table = pacsv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=pacsv.ReadOptions(
                column_names=headings, skip_rows=last, use_threads=False, block_size=_LONGEST
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note_ragged
            ),
            convert_options=pacsv.ConvertOptions(column_types={name: pa.string() for name in headings}),
        )
    except pa.ArrowInvalid as error:
        said = "has a line of more than 64 MB" if "straddling" in str(error) else f"cannot be read as CSV: {error}"
        raise Faults([Fault(said, str(path))]) from error
    if ragged:
        raise Faults(ragged)
    return _sheet(path, _unguarded(table), number_of)


def _unguarded(table: pa.Table) -> pa.Table:
    """Text and headings as they were before an export kept spreadsheets from running them."""
    columns = list(table.columns)
    for place, column in enumerate(columns):
        if pc.any(pc.match_substring(column, "'")).as_py():
            columns[place] = pc.replace_substring_regex(column, _GUARDED, r"\1")
    return pa.Table.from_arrays(columns, names=[as_it_was(name) for name in table.column_names])


def _refuse_open_quote(path: Path, text: str, delimiter: str) -> None:
    """A quotation mark that nothing closes would swallow the rest of the file as one cell."""
    if text.count('"') % 2 == 0:
        return
    start = 1
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        for _ in reader:
            start = reader.line_num + 1
    except csv.Error as error:
        if "unexpected end" in str(error):  # a long cell is for the reader proper
            raise Faults([Fault("a quotation mark that begins here is not closed", str(path), start)]) from error


def _workbook(path: Path, wanted: Wanted | None) -> Sheet:
    """First sheet of a workbook; the table may stand anywhere on it, its first row the heading; empty rows are none."""
    book = tables.opened(path.read_bytes(), str(path))
    numbers: list[int] = []
    parts: list[list[pa.Array]] = []  # by batch and column: the cells are never all at once objects of Python
    for name in book.sheet_names[:1]:
        for batch in table_stream.book_batches(book, name, str(path)):
            texts = [[_cell(cell) for cell in row] for row in batch.rows]
            kept = [at for at, row in enumerate(texts) if any(row)]
            numbers += [batch.numbers[at] for at in kept]
            cells = zip(*(texts[at] for at in kept), strict=True)
            parts += [[pa.array(column, pa.string()) for column in cells]] if kept else []
    columns = [pa.chunked_array(each) for each in zip(*parts, strict=True)]
    used = [place for place, column in enumerate(columns) if pc.any(pc.not_equal(column, "")).as_py()]
    if not used:
        raise Faults([Fault("is empty", str(path))])
    columns = columns[used[0] : used[-1] + 1]
    top = list(zip(*(column.slice(0, LOOKED_AT if wanted else 1).to_pylist() for column in columns), strict=True))
    above = wanted.place(top) if wanted else 0
    names = numbered(top[above]) if wanted else top[above]
    table = pa.Table.from_arrays([column.slice(above + 1) for column in columns], names=names)
    return _sheet(path, table, lambda row: numbers[above + row + 1])


def _cell(value: object) -> str:
    if isinstance(value, float):
        return np.format_float_positional(value, trim="-")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip()

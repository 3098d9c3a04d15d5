"""CSV and XLSX, each with its codebook: every variable, its label, and what its values stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import xlsxwriter

from analysis.export.rows import Rows
from analysis.export.variables import Kind, Variable
from forms.faults import Fault, Faults
from forms.harmless import harmless, harmless_cell

Heard = Callable[[int], None]
MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 1_048_575, 16_384, 32_767  # of a sheet, and of its cells
CODEBOOK = ("variable", "label", "value", "value_label", "missing")


def codebook(rows: Rows) -> Iterator[tuple[str, str, str, str, str]]:
    """What must be known first; a line for each variable, and one for each value that stands for something."""
    for sentence in rows.marks:
        yield "", sentence, "", "", ""
    for each in rows.variables:
        yield each.name, each.label, "", "", ""
        for value, words in each.values.items():
            yield each.name, "", str(value), words, "1" if value in each.missing else ""


def write_csv(rows: Rows, file: Path, labels: bool, heard: Heard) -> Path:
    """Comma-separated UTF-8 with a byte-order mark, text made harmless; the codebook beside it, FILE.codebook.csv."""
    with file.open("wb") as out:
        out.write(b"\xef\xbb\xbf")
        for number, batch in enumerate(rows.batches()):
            table = pa.table(
                [_words(column, each, labels, harmless) for column, each in zip(batch, rows.variables, strict=True)],
                names=[harmless(each.name) for each in rows.variables],
            )
            pacsv.write_csv(table, out, pacsv.WriteOptions(include_header=number == 0, quoting_style="needed"))
            heard(batch.num_rows)
    # Each cell as it stands in the data: a code is a number there, and words are text even where they are digits.
    beside = [
        (harmless(name), harmless(label), harmless_cell(value), harmless(words), missing)
        for name, label, value, words, missing in codebook(rows)
    ]
    columns = dict(zip(CODEBOOK, zip(*beside, strict=True), strict=True))
    book = file.with_name(f"{file.name}.codebook.csv")
    with book.open("wb") as out:
        out.write(b"\xef\xbb\xbf")
        pacsv.write_csv(pa.table({name: pa.array(values) for name, values in columns.items()}), out)
    return book


def write_xlsx(rows: Rows, file: Path, labels: bool, heard: Heard) -> list[str]:
    """A workbook of real numbers and plain strings, with a sheet that is its codebook; what had to be cut.

    Raises Faults when too large.
    """
    if rows.total > MOST_ROWS or len(rows.variables) > MOST_COLUMNS:
        raise Faults(
            [Fault(f"{rows.total:,} rows do not fit a sheet of {MOST_ROWS:,}: export CSV or Parquet", str(file))]
        )
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "nan_inf_to_errors": True}  # fmt: skip
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("data")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, [each.name for each in rows.variables], bold)
        at = 1
        for batch in rows.batches():
            columns = [
                _words(_key(column), each, labels, _cut).to_pylist()
                for column, each in zip(batch, rows.variables, strict=True)
            ]
            for line in zip(*columns, strict=True):
                for place, value in enumerate(line):
                    if isinstance(value, str):
                        sheet.write_string(at, place, value)
                    elif value is not None:
                        sheet.write_number(at, place, value)
                at += 1
            heard(batch.num_rows)
        told = book.add_worksheet("codebook")
        told.write_row(0, 0, CODEBOOK, bold)
        for number, words in enumerate(codebook(rows), start=1):
            for place, word in enumerate(words):
                told.write_string(number, place, _cut(word))
    return [
        f"{each.name}: words longer than a cell are cut (XLSX takes {MOST_CHARACTERS:,} letters)"
        for each in rows.variables
        if any(len(words) > MOST_CHARACTERS for words in (each.label, *each.values.values()))
    ]


def _key(column: pa.Array) -> pa.Array:
    """Spreadsheets hold 15 digits: a key of 63 bits is text, as in .sav and .dta."""
    return column.cast(pa.string()) if pa.types.is_int64(column.type) else column


def _words(column: pa.Array, variable: Variable, labels: bool, made: Callable[[str], str]) -> pa.Array:
    """A column as it is written: text as ``made`` says, codes as their labels where these are asked for.

    Words are looked up once a level, not once a row.
    """
    if variable.kind is Kind.WORD or (labels and variable.kind is Kind.CODE):
        coded = column.dictionary_encode()
        levels = [
            None if level is None else made(variable.values.get(level, str(level)) if labels else str(level))
            for level in coded.dictionary.to_pylist()
        ]
        return pa.array(levels, pa.string()).take(coded.indices)
    return column


def _cut(text: str) -> str:
    return text[:MOST_CHARACTERS]

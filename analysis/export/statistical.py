"""SPSS (.sav), Stata (.dta) and Parquet, with variable and value labels, missing codes and the design.

Both packages limit names and labels; what is longer is cut between letters, never inside one or before its marks, and
said.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

from analysis.export.rows import Rows
from analysis.export.variables import Kind, Variable
from forms.faults import Faults

_JOINER = "\u200d"  # of emoji that are one picture made of several
_JOINED = {_JOINER, "\ufe0e", "\ufe0f", *map(chr, range(0x1F3FB, 0x1F400))}
_NOTE = 80  # bytes of a line of a document in .sav
Heard = Callable[[int], None]
_PROGRAM, _CELL = 180 << 20, 8  # bytes, measured at 200,000 and 1,000,000 rows × 60: see docs/reference/export.md


def utf8(text: str) -> int:
    """Bytes of a text."""
    return len(text.encode("utf-8"))


@dataclass(frozen=True, slots=True)
class Limits:
    """Longest name, variable's label, value's label and file's label, as ``length`` counts; most variables."""

    format: str
    length: Callable[[str], int]
    name: int
    label: int
    value: int
    file: int
    variables: int
    reserved: re.Pattern[str]

    @property
    def unit(self) -> str:
        """What ``length`` counts."""
        return "letters" if self.length is len else "bytes"


# IBM SPSS Statistics: Data files, Variable names. Stata ("help limits", format 118) counts letters.
SAV = Limits("SPSS", utf8, 64, 256, 120, 64, 32_767,
             re.compile("all|and|by|eq|ge|gt|le|lt|ne|not|or|to|with", re.IGNORECASE))  # fmt: skip
# Stata takes names of 32 letters, ReadStat 27: it names a set of labels after its variable and a number of up to five
# digits.
DTA = Limits("Stata", len, 27, 80, 32_000, 80, 32_767, re.compile(
    r"_(all|b|coef|cons|n|pi|pred|rc|skip)|byte|double|float|if|in|int|long|str(\d+|l)|using|with", re.IGNORECASE
))  # fmt: skip
LIMITS = {"sav": SAV, "dta": DTA}


def shortened(text: str, most: int, length: Callable[[str], int] = utf8) -> str:
    """The beginning of ``text`` that is no longer than ``most``; a letter keeps all its marks or goes whole.

    Both formats end a text at U+0000: it goes, not what follows.
    """
    text = text.replace("\0", "")
    if length(text) <= most:
        return text
    end = most if length is len else len(text.encode("utf-8")[:most].decode("utf-8", "ignore"))
    while end and (unicodedata.combining(text[end]) or text[end] in _JOINED or text[end - 1] == _JOINER):
        end -= 1
    return text[:end]


def names(variables: Sequence[Variable], limits: Limits) -> dict[str, str]:
    """Variable → its name in the file: cut where too long, numbered where alike or reserved."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for each in variables:
        name = shortened(each.name, limits.name, limits.length)
        number = 0 if limits.reserved.fullmatch(name) else 1
        while name.casefold() in taken or limits.reserved.fullmatch(name):
            number += 1
            name = f"{shortened(each.name, limits.name - 1 - len(str(number)), limits.length)}_{number}"
        found[each.name] = name
        taken.add(name.casefold())
    return found


def write_parquet(rows: Rows, file: Path, heard: Heard) -> list[str]:
    """Parquet; labels stand in the metadata of each field as JSON ``label`` and ``values``. Nothing has to be cut."""
    writer: pq.ParquetWriter | None = None
    try:
        for batch in rows.batches():
            described = pa.schema(
                [
                    field.with_metadata(_described(each))
                    for field, each in zip(batch.schema, rows.variables, strict=True)
                ],
                metadata={"dataset": rows.dataset.hash, "note": "\n".join(rows.warnings)},
            )
            writer = writer or pq.ParquetWriter(file, described, compression="zstd")
            writer.write_batch(batch.cast(described) if batch.schema != described else batch)
            heard(batch.num_rows)
    finally:
        if writer is not None:
            writer.close()
    return []


def _described(variable: Variable) -> dict[str, str]:
    values = {str(value): words for value, words in variable.values.items()}
    return {"label": variable.label, "values": json.dumps(values, ensure_ascii=False)}


def memory(rows: Rows) -> int:
    """Bytes that a .sav or .dta of these rows needs about: both libraries take a whole table, none of them parts."""
    return _PROGRAM + _CELL * rows.total * len(rows.variables)


def write_sav(rows: Rows, file: Path, heard: Heard) -> list[str]:
    """SPSS: words become codes with labels, no-answer codes are user-missing. Returns what had to be cut."""
    made = _labelled(rows, SAV, heard)
    pyreadstat.write_sav(
        made.frame, str(file), file_label=made.title, column_labels=made.labels, variable_value_labels=made.values,
        missing_ranges={name: list(codes) for name, codes in made.missing.items()}, row_compress=True,
        variable_measure=made.measure, note=_noted(rows.marks),
    )  # fmt: skip
    return made.said


def _noted(marks: Sequence[str]) -> list[str] | None:
    """Sentences as lines of a document in SPSS: 80 bytes at most, broken between words."""
    lines: list[str] = []
    for sentence in marks:
        line = ""
        for word in sentence.split():
            if line and utf8(f"{line} {word}") > _NOTE:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    return lines or None


def write_dta(rows: Rows, file: Path, heard: Heard) -> list[str]:
    """Stata: words become codes with labels; NAME.do makes no-answer codes .a and .b and says the design."""
    made = _labelled(rows, DTA, heard)
    pyreadstat.write_dta(
        made.frame, str(file), file_label=made.title, column_labels=made.labels, variable_value_labels=made.values
    )
    return made.said


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """A frame with short names, and the labels of its columns and values as the format wants them."""

    frame: polars.DataFrame
    title: str
    labels: dict[str, str | None]
    values: dict[str, dict[int | float, str]]
    missing: dict[str, tuple[int, ...]]
    measure: dict[str, str]
    said: list[str]


def _labelled(rows: Rows, limits: Limits, heard: Heard) -> _Made:
    if len(rows.variables) > limits.variables:
        raise Faults(f"{len(rows.variables):,} variables are more than {limits.format} takes ({limits.variables:,})")
    short = names(rows.variables, limits)
    said = [f"{old} is called {new}" for old, new in short.items() if old != new]
    batches = []
    for batch in rows.batches():
        batches.append(batch)
        heard(batch.num_rows)
    table = pa.Table.from_batches(batches)
    columns: dict[str, pa.ChunkedArray] = {}
    values: dict[str, dict[int | float, str]] = {}
    for each in rows.variables:
        column, meant = _coded(table[each.name], each)
        columns[short[each.name]] = column
        if meant:
            values[short[each.name]] = _cut(each.name, meant, limits, said)
    labels = {short[each.name]: _label(each, limits, said) for each in rows.variables}
    title = shortened(rows.title, limits.file, limits.length)
    missing = {short[each.name]: each.missing for each in rows.variables if each.missing}
    measure = {short[each.name]: "scale" if each.kind is Kind.NUMBER else "nominal" for each in rows.variables}
    return _Made(polars.DataFrame(polars.from_arrow(pa.table(columns))), title, dict(labels), values, missing, measure,
                 said)  # fmt: skip


def _coded(column: pa.ChunkedArray, variable: Variable) -> tuple[pa.ChunkedArray, Mapping[int, str]]:
    """Words as codes from 1 in the order of the dataset's own lists, then of the alphabet; the rest as it is."""
    if variable.kind is not Kind.WORD:
        # Both formats have doubles above 32 bits: keys of 63 bits would lose their last digits, so they are text.
        whole = pa.types.is_int64(column.type)
        return (column.cast(pa.string()) if whole else column), dict(variable.values)
    there = {word for word in column.unique().to_pylist() if word is not None}
    order = [word for word in variable.values if word in there]
    order += sorted(there - set(order))
    places = {word: number for number, word in enumerate(order, start=1)}
    coded = column.combine_chunks().dictionary_encode()
    codes = pa.array([places.get(word) for word in coded.dictionary.to_pylist()], pa.int32()).take(coded.indices)
    return pa.chunked_array([codes]), {number: variable.values.get(word, word) for word, number in places.items()}


def _cut(name: str, meant: Mapping[int, str], limits: Limits, said: list[str]) -> dict[int | float, str]:
    found: dict[int | float, str] = {
        value: shortened(words, limits.value, limits.length) for value, words in meant.items()
    }
    often = Counter(found.values())
    for value, words in meant.items():
        if words != found[value] and often[found[value]] > 1:
            mark = f" ({value})"
            found[value] = shortened(words, limits.value - len(mark), limits.length) + mark
    long = [str(value) for value, words in meant.items() if words != found[value]]
    if long:
        said.append(f"{name}: labels of {', '.join(long)} are cut ({limits.format} takes {limits.value} {limits.unit})")
    return found


def _label(variable: Variable, limits: Limits, said: list[str]) -> str | None:
    label = shortened(variable.label, limits.label, limits.length)
    if label != variable.label:
        said.append(f"{variable.name}: its label is cut ({limits.format} takes {limits.label} {limits.unit})")
    return label or None

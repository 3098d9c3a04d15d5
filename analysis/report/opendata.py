"""Open data: every table of the pack as CSV with a dictionary of its columns, and a manifest of their hashes.

Only what the pages show is here: figures already suppressed (METHOD §8), never a row of an answer. Numbers are
unrounded, with a decimal point; a cell that is not published is ``c`` (confidential), what there is none of is empty.
Text that a spreadsheet would run as a formula has an apostrophe before it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from analysis.report.blocks import Pack, Table
from analysis.report.cells import HIDDEN, SUPPRESSED, Style
from analysis.report.data import significant
from analysis.report.xlsx import column_style, pair_columns, taken_apart
from forms.harmless import harmless_cell

CONFIDENTIAL = "c"
DICTIONARY = "tu-dien-du-lieu.csv"
MANIFEST = "manifest.json"
KINDS = {
    Style.TEXT: ("chữ", ""),
    Style.POINTS: ("số thực", "điểm"),
    Style.COUNT: ("số nguyên", ""),
    Style.SHARE: ("số thực", "tỷ lệ, từ 0 đến 1"),
    Style.SIGNED: ("số thực", "điểm"),
    Style.SIGNED_SHARE: ("số thực", "hiệu của hai tỷ lệ"),
    Style.PLACES: ("số nguyên", "bậc"),
    Style.ERROR: ("số thực", ""),
}


def write(folder: Path, pack: Pack, more: Sequence[Table] = ()) -> list[Path]:
    """Write the tables, their dictionary and the manifest into ``folder``."""
    folder.mkdir(exist_ok=True)
    tables = [table for table in (*pack.tables, *more) if table.sheet]
    texts = {f"{table.id}.csv": _csv([_header(table), *_rows(table)]) for table in tables}
    texts[DICTIONARY] = _csv(
        [("tep", "cot", "ten", "kieu", "don_vi"), *(line for table in tables for line in _explained(table))]
    )
    made = []
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
        made.append(folder / name)
    hashes = {name: hashlib.sha256(text.encode("utf-8")).hexdigest() for name, text in sorted(texts.items())}
    manifest = {
        "title": pack.title, "status": [pack.stamp, *pack.status] if pack.stamp else list(pack.status),
        "simulated": pack.simulated, "dataset_sha256": pack.hash, "confidential": CONFIDENTIAL,
        "language": "vi", "files": hashes,
    }  # fmt: skip
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8")
    return [*made, folder / MANIFEST]


def name_of(heading: str) -> str:
    """A heading as the name of a column: ``Chỉ số (95%)`` → ``chi_so_95``."""
    letters = unicodedata.normalize("NFD", heading.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "_", "".join(each for each in letters if not unicodedata.combining(each))).strip("_")


def _header(table: Table) -> list[str]:
    names: list[str] = []
    for column, _ in pair_columns(table):
        name = name_of(column.heading)
        names.append(name if name not in names else f"{name}_{names.count(name) + 1}")
    return names


def _rows(table: Table) -> list[list[str]]:
    styles = [column_style(table, place) for place in range(len(table.columns))]
    return [
        [_value(part.value) for cell, style in zip(row, styles, strict=True) for part in taken_apart(cell, style)]
        for row in table.rows
    ]


def _value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return CONFIDENTIAL if value in (HIDDEN, SUPPRESSED) else harmless_cell(value)
    if isinstance(value, int):
        return str(value)
    number = significant(float(str(value)))
    return "" if number is None else repr(number)


def _explained(table: Table) -> list[tuple[str, ...]]:
    return [
        (f"{table.id}.csv", name, harmless_cell(column.heading), *KINDS[style or Style.TEXT])
        for name, (column, style) in zip(_header(table), pair_columns(table), strict=True)
    ]


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()

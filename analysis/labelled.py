"""Files of SPSS and Stata (.sav, .zsav, .dta): values stay numbers, their labels name the levels."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyreadstat

from forms.faults import Fault, Faults

MOST_CELLS = 20_000_000  # of numbers mostly, a column after the other
SUFFIXES = (".sav", ".zsav", ".dta")


def read_labelled(path: Path) -> tuple[dict[str, pa.ChunkedArray], dict[str, dict[str, str]], dict[str, str]]:
    """Columns, value labels by column and value, and what each column is about. Raises Faults.

    Values that the file declares missing are null. A label that two values of a column share gets the
    value in brackets.
    """
    reader = pyreadstat.read_dta if path.suffix.lower() == ".dta" else pyreadstat.read_sav
    found: dict[str, Any]
    try:
        _, header = reader(str(path), metadataonly=True, output_format="dict")
        most = MOST_CELLS // max(1, header.number_columns or 1)
        if (header.number_rows or 0) > most:
            raise Faults([_too_wide(path)])
        found, meta = reader(str(path), output_format="dict", row_limit=most + 1)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError, OverflowError) as error:
        raise Faults([Fault(f"cannot be read as an SPSS or Stata file: {error}", str(path))]) from error
    except UnicodeError as error:
        raise Faults([Fault("has text in an encoding that it does not say", str(path))]) from error
    columns = {name: pa.chunked_array([_column(values)]) for name, values in found.items()}
    if columns and len(next(iter(columns.values()))) > most:
        raise Faults([_too_wide(path)])
    labels = {name: _labels(values) for name, values in meta.variable_value_labels.items() if name in columns}
    titles = {name: title for name, title in meta.column_names_to_labels.items() if title}
    return columns, labels, titles


def _too_wide(path: Path) -> Fault:
    return Fault("has more than 20 million cells: save the columns that are needed", str(path))


def _column(values: Any) -> pa.Array:
    """Numbers as doubles, nan null; everything else as text, empty text null."""
    array = np.asarray(values)
    if array.dtype.kind in "iufb":
        return pa.array(array.astype(np.float64), from_pandas=True)
    if all(value is None or isinstance(value, float | int) for value in array.tolist()):
        return pa.array([np.nan if value is None else float(value) for value in array.tolist()], from_pandas=True)
    return pa.array([_text(value) for value in array.tolist()], pa.string())


def _text(value: object) -> str | None:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip() or None


def _labels(values: Mapping[Any, str]) -> dict[str, str]:
    """Text of a value → its label, each label once."""
    times = Counter(label.strip() for label in values.values())
    texts = {value_text(value): label.strip() for value, label in values.items()}
    return {text: label if times[label] == 1 else f"{label} [{text}]" for text, label in texts.items() if label}


def value_text(value: object) -> str:
    """A value as the levels of a column have it: 1, not 1.0."""
    if isinstance(value, int | float):
        return np.format_float_positional(float(value), trim="-")
    return str(value).strip()

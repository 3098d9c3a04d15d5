"""Everything that ``phieu verify`` asks a dataset for: members of its documents, columns of its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
from pyarrow import types

from analysis import dataset_shape
from forms.shape import Each, Maybe
from survey.dispositions import COUNTED
from survey.seals import GROWING

_MAY_LACK = ("non_probability?", "pace?", "fieldwork?")  # where nothing is known of it


def _always(name: str) -> str:
    return name if name in _MAY_LACK else name.removesuffix("?")


_COUNTS = "issued spent boxes respondents assessments screened_out broke_off too_few".split()
MANIFEST: dict[str, Any] = {
    # What other makers of datasets may leave out, a freeze writes; only a sample is frozen, so of that it says nothing.
    **{_always(name): shape for name, shape in dataset_shape.MANIFEST.items()},
    "framework": Maybe({"id": str, "sha256": str}),
    "counts": dict.fromkeys(_COUNTS, int),
    "walk_ins": Each(int),
    "corrections?": [{"body": str, "hash": str}],
}
_TABLE = {"file": str, "sha256": str}
IMPORTED: dict[str, Any] = {
    **dataset_shape.MANIFEST, "non_probability": bool, "external": _TABLE, "external_more?": [_TABLE],
    "counts": dict.fromkeys(("respondents", "assessments"), int),
}  # fmt: skip
CODEBOOK: dict[str, Any] = {**dataset_shape.CODEBOOK, "columns": [{"name": str}]}
SEALS = [{"body": str, "hash": str}]
_SEALED: dict[str, Any] = {"responses": int, "counts": Each(dict.fromkeys(GROWING, int))}
SEAL: dict[str, Any] = {"number": int, "previous": str, **_SEALED, "open?": _SEALED,
                        "corrections?": {"number": int, "head": str}}  # fmt: skip


def _texts(kind: pa.DataType) -> bool:
    """Words, coded or not; or no word at all."""
    return bool(types.is_string(kind.value_type if types.is_dictionary(kind) else kind) or types.is_null(kind))


Kind = Callable[[pa.DataType], bool]
_NUMBERS: dict[str, Kind] = dict.fromkeys(("assigned", "returned", "valid"), types.is_integer)
COLUMNS: dict[str, dict[str, Kind]] = {
    "assessments": {
        "respondent": types.is_integer,
        **dict.fromkeys(("unit", "group", "stratum", "wclass", "mode"), _texts),
        "base_weight": types.is_floating,
    },
    "design": {"group": _texts, **{f"n_{state}": types.is_integer for state in COUNTED}},
    "pairs": {**dict.fromkeys(("group", "unit", "other"), _texts), **_NUMBERS},
}
_EMPTY = {"mode", "wclass"}  # dropped where a cell would be too small


def columns(table: pa.Table, name: str) -> Iterator[str]:
    """What a table lacks of the columns that are asked for."""
    for column, fits in COLUMNS[name].items():
        if column not in table.column_names:
            yield f"{name}.parquet has no column “{column}”"
        elif not fits(table[column].type):
            yield f"{name}.parquet: the column “{column}” is of type {table[column].type}"
        elif column not in _EMPTY and table[column].null_count:
            yield f"{name}.parquet: the column “{column}” has rows without a value"

"""Open a frozen dataset: manifest, codebook, columns, row groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A frozen wave. ``hash`` is the SHA-256 of its manifest.json, which names the hash of every other file."""

    path: Path
    manifest: Mapping[str, Any]
    codebook: Mapping[str, Any]
    hash: str

    def table(self, columns: Sequence[str] | None = None, group: str | None = None) -> pa.Table:
        """Rows of assessments.parquet, of one group or all; ``columns`` None gives every column."""
        raise NotImplementedError

    def design_table(self) -> pa.Table:
        """design.parquet: population, sample and dispositions by cell."""
        raise NotImplementedError


def open_dataset(path: Path, verify: bool = True) -> Dataset:
    """Read the manifest; with ``verify`` every file must have the hash the manifest names. Raises Faults."""
    raise NotImplementedError

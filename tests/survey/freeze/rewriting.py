"""A dataset changed by whoever would like to deceive."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from survey.freeze import manifest as manifests


def rewrite(folder: Path, name: str, change: Callable[[dict], None]) -> None:
    """Change a JSON file, and let the manifest name its new hash, as a careful forger would."""
    told = json.loads((folder / name).read_text("utf-8"))
    change(told)
    manifests.write_json(told, folder / name)
    if name != "manifest.json":
        rehash(folder)


def rehash(folder: Path) -> None:
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    told["files"] = {name: manifests.sha256(folder / name) for name in told["files"]}
    manifests.write_json(told, folder / "manifest.json")


def retable(folder: Path, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    file = folder / f"{name}.parquet"
    pq.write_table(change(pq.read_table(file)), file)
    rehash(folder)

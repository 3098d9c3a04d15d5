"""Open a frozen dataset: manifest, codebook, columns, row groups."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis import dataset_shape
from forms import shape
from forms.faults import Fault, Faults

FORMAT = 1
ASSESSMENTS = "assessments.parquet"
DESIGN = "design.parquet"
PAIRS = "pairs.parquet"
PSUS = "psu.parquet"
DAYS = "days.parquet"


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A frozen wave. ``hash`` is the SHA-256 of its manifest.json, which names the hash of every other file."""

    path: Path
    manifest: Mapping[str, Any]
    codebook: Mapping[str, Any]
    hash: str

    def group(self, group: str) -> Mapping[str, Any]:
        """A respondent group's entry in the manifest. Raises Faults naming the groups there are."""
        for entry in self.manifest["groups"]:
            if entry["id"] == group:
                found: Mapping[str, Any] = entry
                return found
        there = ", ".join(entry["id"] for entry in self.manifest["groups"])
        raise Faults([Fault(f"there is no group “{group}”; the groups are {there}", str(self.path))])

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of assessments.parquet."""
        return tuple(pq.read_schema(self.path / ASSESSMENTS).names)

    def table(self, columns: Sequence[str] | None = None, group: str | None = None) -> pa.Table:
        """Rows of assessments.parquet in their order, of one group or all; ``columns`` None gives every column."""
        file = pq.ParquetFile(self.path / ASSESSMENTS)
        asked = file.schema_arrow.names if columns is None else list(dict.fromkeys(columns))
        unknown = [name for name in asked if name not in file.schema_arrow.names]
        if unknown:
            raise Faults(
                Fault("there is no such column", str(self.path / ASSESSMENTS), column=name) for name in unknown
            )
        if group is None:
            return file.read(asked)
        table = file.read(list(dict.fromkeys([*asked, "group"])))
        return table.filter(pc.equal(table["group"].cast(pa.string()), group)).select(asked)

    def design_table(self) -> pa.Table:
        """design.parquet: population, sample and dispositions by cell."""
        return pq.read_table(self.path / DESIGN)

    def psu_table(self, group: str) -> pa.Table | None:
        """psu.parquet: the first-stage units of a group; None where it was drawn in one stage."""
        if PSUS not in self.manifest.get("files", {}):
            return None
        table = pq.read_table(self.path / PSUS)
        own = table.filter(pc.equal(table["group"], group))
        return own if own.num_rows else None

    def pairs_table(self) -> pa.Table | None:
        """pairs.parquet: invitations by unit and pair of units; None where the dataset has none."""
        return pq.read_table(self.path / PAIRS) if PAIRS in self.manifest.get("files", {}) else None


def open_dataset(path: Path, verify: bool = True) -> Dataset:
    """Read the manifest; with ``verify`` every file must have the hash it names. Raises all faults at once."""
    file = path / "manifest.json"
    if not file.is_file():
        raise Faults([Fault("is not a frozen dataset: it has no manifest.json", str(path))])
    manifest = _document(file)
    if manifest.get("format") != FORMAT:
        raise Faults([Fault(f"has format {manifest.get('format')}; this version reads {FORMAT}", str(file))])
    _require(manifest, dataset_shape.MANIFEST, file)
    faults = []
    for name, digest in manifest["files"].items():
        if not (path / name).is_file():
            faults.append(Fault("is missing", str(path / name)))
        elif verify and _sha256(path / name) != digest:
            faults.append(
                Fault("is not the file that was frozen: its SHA-256 differs from the manifest", str(path / name))
            )
    faults += [
        Fault("is not in the manifest", str(path / name))
        for name in ("codebook.json", ASSESSMENTS, DESIGN)
        if name not in manifest["files"]
    ]
    if faults:
        raise Faults(faults)
    codebook = _document(path / "codebook.json")
    _require(codebook, dataset_shape.CODEBOOK, path / "codebook.json")
    return Dataset(path, manifest, codebook, _sha256(file))


def _require(document: Mapping[str, Any], wanted: Mapping[str, Any], file: Path) -> None:
    if faults := [Fault(said, str(file)) for said in shape.faults(document, wanted)]:
        raise Faults(faults)


def _document(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise Faults([Fault(f"is not JSON: {error}", str(file))]) from error
    if not isinstance(content, dict):
        raise Faults([Fault("is not a JSON object", str(file))])
    return content


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()

"""Is a frozen dataset what its manifest says, and do its seals, counts and cells hold? Needs no instance.

What this proves: the files are those that the manifest names, the seals follow each other and name this plan, the
counts agree with each other and with the last seal, and no cell is under k. Whoever can write the folder can alter
rows, and the manifest with them: that it is the one that was frozen, only its own hash tells, which the freeze prints
and writes into the audit log, and which reports name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.notes import NoteKind
from forms import shape
from forms.faults import Fault, Faults
from survey import audit, codebook, seals
from survey.dispositions import COUNTED, Disposition, State
from survey.freeze import pairs_check, shapes
from survey.freeze.manifest import FORMAT, sha256
from survey.store import Store

FILES = ("assessments.parquet", "codebook.json", "comments.parquet", "design.parquet", "pairs.parquet", "seals.json")
IMPORTED_FILES = ("assessments.parquet", "codebook.json", "comments.parquet", "design.parquet")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A dataset whose files have the hashes that its manifest names."""

    manifest: Mapping[str, Any]
    codebook: Mapping[str, Any]
    chain: list[Mapping[str, str]]
    assessments: pa.Table
    design: pa.Table
    pairs: pa.Table


def verify(folder: Path) -> Mapping[str, Any]:
    """The manifest of a dataset that is whole. Raises Faults with one sentence for each thing that is not."""
    manifest = _manifest(folder)
    if imported(manifest):
        _imported(folder, manifest)
        return manifest
    _stop(folder, _shaped("manifest.json", manifest, shapes.MANIFEST))
    _stop(folder, _files(folder, manifest, FILES))
    opened = _opened(folder, manifest)
    _stop(
        folder,
        (
            *_chain(opened),
            *_corrections(opened),
            *_counts(opened),
            *_pairs(opened),
            *_cells(opened),
            *_columns(opened.codebook, opened.assessments),
        ),
    )
    return manifest


def imported(manifest: Mapping[str, Any]) -> bool:
    """Whether a dataset was made of somebody's table: nothing of it was ever sealed."""
    return "external" in manifest


def _imported(folder: Path, manifest: Mapping[str, Any]) -> None:
    """What can be checked where there are no seals and no invitations: files, columns, and how many rows."""
    _stop(folder, _shaped("manifest.json", manifest, shapes.IMPORTED))
    _stop(folder, _files(folder, manifest, IMPORTED_FILES))
    codebook = _document(folder / "codebook.json")
    rows = _table(folder / "assessments.parquet")
    _stop(folder, [*_shaped("codebook.json", codebook, shapes.CODEBOOK), *shapes.columns(rows, "assessments")])
    _stop(folder, (*_rows(manifest, rows), *_columns(codebook, rows)))


def frozen_entry(store: Store, wave: str, dataset: str) -> Mapping[str, Any]:
    """The entry of the audit log that names this dataset, the hash of a manifest. Raises Faults when none does."""
    if broken := audit.verify(store):
        raise Faults(Fault(each) for each in broken)
    with store.read() as tx:
        for row in tx.audit_all():
            frozen = (row["action"], row["wave"]) == (audit.FROZEN, wave)
            if frozen and json.loads(row["detail"])["dataset"] == dataset:
                return dict(row)
    raise Faults(f"no freeze of wave “{wave}” in the audit log made dataset {dataset}: the manifest was altered")


def _stop(folder: Path, said: Iterable[str]) -> None:
    if faults := [Fault(each, str(folder)) for each in said]:
        raise Faults(faults)


def _opened(folder: Path, manifest: Mapping[str, Any]) -> _Opened:
    """The files read, when they hold all that will be asked of them."""
    codebook, chain = (_document(folder / name) for name in ("codebook.json", "seals.json"))
    tables = {name: _table(folder / f"{name}.parquet") for name in shapes.COLUMNS}
    _stop(
        folder,
        [
            *_shaped("codebook.json", codebook, shapes.CODEBOOK),
            *(each for name, table in tables.items() for each in shapes.columns(table, name)),
            *_seal_faults(chain),
        ],
    )
    return _Opened(manifest, codebook, chain, tables["assessments"], tables["design"], tables["pairs"])


def _seal_faults(chain: Any) -> Iterator[str]:
    faults = list(_shaped("seals.json", chain, shapes.SEALS))
    yield from faults
    for number, row in enumerate([] if faults else chain):
        try:
            body = json.loads(row["body"])
        except ValueError:
            yield f"seals.json: the body of seal {number} is not valid JSON"
        else:
            yield from _shaped(f"seals.json: seal {number}", body, shapes.SEAL)


def _shaped(what: str, document: Any, wanted: Any) -> Iterator[str]:
    return (f"{what}: {each}" for each in shape.faults(document, wanted))


def _document(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise Faults([Fault(f"is not valid JSON: {error}", str(file))]) from error


def _table(file: Path) -> pa.Table:
    try:
        return pq.read_table(file)
    except (pa.ArrowException, OSError) as error:
        raise Faults([Fault("is not a Parquet file", str(file))]) from error


def _manifest(folder: Path) -> Mapping[str, Any]:
    file = folder / "manifest.json"
    try:
        manifest = _document(file)
    except OSError as error:
        raise Faults([Fault(f"is no dataset: manifest.json cannot be read ({error.strerror})", str(folder))]) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Faults([Fault(f"is no manifest of format {FORMAT}", str(file))])
    return manifest


def _files(folder: Path, manifest: Mapping[str, Any], wanted: Sequence[str]) -> Iterator[str]:
    named: Mapping[str, str] = manifest["files"]
    for name in wanted:
        if name not in named:
            yield f"the manifest does not name {name}"
    for name, hash in sorted(named.items()):
        if not (folder / name).is_file():
            yield f"{name} is missing"
        elif sha256(folder / name) != hash:
            yield f"{name} was altered: its SHA-256 is not the one the manifest names"
    for file in sorted(folder.iterdir()):
        if file.name not in named and file.name != "manifest.json":
            yield f"{file.name} is not named by the manifest"


def _chain(opened: _Opened) -> Iterator[str]:
    chain = [(row["body"], row["hash"]) for row in opened.chain]
    yield from seals.verify_chain(chain)
    if [row["hash"] for row in opened.chain] != [row["hash"] for row in opened.manifest["seals"]]:
        yield "the manifest names other seals than seals.json holds"
    if not chain:
        yield "there is no seal 0"
        return
    first = json.loads(chain[0][0])
    framework = opened.manifest["framework"]
    named = {
        "plan": opened.manifest["plan_sha256"],
        "questionnaires": opened.manifest["questionnaires"],
        "framework": framework["sha256"] if framework else None,
    }
    for name, value in named.items():
        if first.get(name) != value:
            yield f"what the manifest names as {name} is not what seal 0 fixed"


def _corrections(opened: _Opened) -> Iterator[str]:
    """The corrections of wording follow each other, and are those that the seals name."""
    told = [(row["body"], row["hash"]) for row in opened.manifest.get("corrections", ())]
    heads = seals.corrected(row["body"] for row in opened.chain)
    try:
        yield from seals.correction_faults(told, heads)
    except (ValueError, KeyError, TypeError):
        yield "the corrections of the manifest cannot be read"
        return
    if len(told) > max(heads, default=0):
        yield f"correction {len(told)} of the manifest is in no seal"


def _rows(manifest: Mapping[str, Any], assessments: pa.Table) -> Iterator[str]:
    respondents = pc.count_distinct(assessments["respondent"]).as_py()
    yield from _differing(manifest, {"respondents": respondents, "assessments": len(assessments)})


def _differing(manifest: Mapping[str, Any], found: Mapping[str, int]) -> Iterator[str]:
    for name, number in found.items():
        if (told := manifest["counts"][name]) != number:
            yield f"the manifest counts {told} {name}, the files hold {number}"


def _counts(opened: _Opened) -> Iterator[str]:
    counts, design = opened.manifest["counts"], opened.design
    total = {state: pc.sum(design[f"n_{state}"]).as_py() or 0 for state in COUNTED}
    found = {
        "issued": sum(total.values()) - total[State.REVOKED],
        "spent": sum(total[said] for said in Disposition),
    }
    yield from _rows(opened.manifest, opened.assessments)
    yield from _differing(opened.manifest, found)
    yield from _made_up(opened)
    if opened.manifest["interim"]:
        return  # boxes that still wait to be mixed are spent, and in no file yet
    if counts["boxes"] != counts["spent"]:
        yield f"{counts['spent']} invitations were spent, but {counts['boxes']} boxes opened"
    yield from _last_seal(opened)


def _made_up(opened: _Opened) -> Iterator[str]:
    """Invitations beyond those of seal 0 must come from a release that the manifest declares, or from a counter."""
    if not opened.chain or "counter" in opened.manifest:
        return
    first, last = (json.loads(opened.chain[at]["body"]) for at in (0, -1))
    at_first = sum(each["issued"] for each in first["counts"].values())
    now = sum(each["issued"] for each in last["counts"].values())
    notes = [note for note in opened.manifest["departures"] if note.get("kind") == NoteKind.RESERVE_RELEASED]
    released = sum(note["n"] for note in notes)
    if now > at_first + released:
        yield f"{now} invitations in the last seal, {at_first} in seal 0 and {released} released: some were made up"


def _last_seal(opened: _Opened) -> Iterator[str]:
    """The last seal against the files: the sample, and who came by a poster, which a seal holds under ``open``."""
    if not opened.chain:
        return
    last = json.loads(opened.chain[-1]["body"])
    posters = last.get("open", {"responses": 0, "counts": {}})
    boxes, walk_ins = opened.manifest["counts"]["boxes"], opened.manifest["walk_ins"]
    if last["responses"] != boxes:
        yield f"the last seal holds {last['responses']} responses, but {boxes} boxes were opened"
    if posters["responses"] != sum(walk_ins.values()):
        yield f"the last seal holds {posters['responses']} walk-ins, the manifest {sum(walk_ins.values())}"
    for group, sealed in last["counts"].items():
        rows = opened.design.filter(pc.equal(opened.design["group"], group))
        spent = sum(pc.sum(rows[f"n_{said}"]).as_py() or 0 for said in Disposition)
        if spent != sealed["spent"]:
            yield f"group “{group}”: {sealed['spent']} spent in the last seal, {spent} in design.parquet"


def _pairs(opened: _Opened) -> Iterator[str]:
    exact = not opened.manifest["interim"] and not opened.manifest["counts"]["too_few"]
    return pairs_check.faults(opened.pairs, opened.assessments, opened.design, exact=exact)


def _cells(opened: _Opened) -> Iterator[str]:
    """A cell is what all rows of a respondent say together, units and weights included."""
    table = opened.assessments
    k = opened.manifest["wave"]["k"]
    shared = ["group", "stratum", "wclass", "mode"]
    shared += [name for name in table.column_names if name.startswith("m_") or name in codebook.TIMED]
    persons: dict[int, list[Any]] = {}
    columns = {name: table[name].to_pylist() for name in ("respondent", "unit", "base_weight", *shared)}
    for row in range(len(table)):
        told = persons.setdefault(columns["respondent"][row], [tuple(columns[name][row] for name in shared)])
        told.append((columns["unit"][row], columns["base_weight"][row]))
    sizes: dict[tuple[Any, ...], int] = {}
    for told in persons.values():
        cell = (told[0], *sorted(told[1:]))
        sizes[cell] = sizes.get(cell, 0) + 1
    for cell, size in sizes.items():
        if size < k:
            group, stratum, *_ = cell[0]
            yield f"a cell of group “{group}”, stratum “{stratum}” holds {size} respondents, fewer than {k}"


def _columns(codebook: Mapping[str, Any], assessments: pa.Table) -> Iterator[str]:
    told = [column["name"] for column in codebook["columns"]]
    held = assessments.column_names
    for name in held:
        if name not in told:
            yield f"assessments.parquet has the column “{name}”, which codebook.json does not explain"
    for name in told:
        if name not in held:
            yield f"codebook.json explains the column “{name}”, which assessments.parquet does not have"

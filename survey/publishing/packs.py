"""A pack on the disk: written from its inputs with a manifest of its files, and made again to compare."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from analysis import appraised, report, rounds
from analysis.dataset import Dataset, open_dataset
from analysis.report import annexes, data, kinds_alone
from analysis.report.content import Source
from analysis.report.standing import DRAFT, Decision, Standing, State
from analysis.result import Change, IndexResult, KindResult
from forms.faults import Fault, Faults
from forms.framework import Framework
from survey.publishing import inputs as beside
from survey.publishing.inputs import Inputs
from survey.publishing.makers import apart as makers_apart
from survey.publishing.makers import makers

NAME = "pack.json"
FORMAT = "phieu-pack/1"
NAMED = 8  # files that a comparison lists
NAMES = {  # of the inputs, where a fault speaks of them
    "Điểm thẩm định": "appraised points", "Kết quả năm trước": "previous year",
    "Điểm thẩm định năm trước": "appraised points of the previous year", "Sáp nhập, đổi tên": "mergers",
    "Mục tiêu": "targets",
}  # fmt: skip
Count = Callable[[Inputs, Dataset], tuple[IndexResult, Framework]]
Heard = Callable[[int, int | None, str], None]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a pack says of itself: where it stands, what it was made of, the hash of each of its files."""

    wave: str
    title: str
    kinds: tuple[str, ...]
    standing: Standing
    sources: Mapping[str, str]
    files: Mapping[str, str]
    interim: bool = False
    pilot: bool = False
    made_by: Mapping[str, str] = field(default_factory=dict)


def write(
    target: Path,
    given: Inputs,
    count: Count,
    *,
    standing: Standing = DRAFT,
    kinds: Sequence[str] = (),
    heard: Heard = lambda done, total, what: None,
) -> tuple[Path, ...]:
    """Count the inputs and write their pack, of these ``kinds`` or all, with its manifest.

    Raises Faults for inputs that cannot be counted, and for a folder that holds something else.
    """
    _require_own(target)
    heard(0, 20, "counting")
    dataset = open_dataset(given.dataset)
    result, framework = count(given, dataset)
    sources = _hashes(given, dataset, framework)
    sources["figures"] = hashlib.sha256(data.text(result).encode("utf-8")).hexdigest()
    part = bool(kinds) and set(kinds) < {kind.kind for kind in result.kinds}
    result, manifest = shown(result, kinds, standing), dataset.manifest
    labelled = [(label, Source(file.name, fingerprint(file))) for label, file in given.sources]
    heard(6, 20, "answers and fieldwork")
    beside_it = annexes.of(dataset, result, framework)
    if part:
        result, beside_it, manifest = kinds_alone.alone(result, beside_it, manifest)
    made = report.write(
        target, result, framework, manifest, labelled, annexes=beside_it, standing=standing, heard=heard,
    )  # fmt: skip
    files = {str(path.relative_to(target)): _sha256(path) for path in made}
    told = {
        "format": FORMAT, "wave": result.wave.id, "title": result.wave.title["vi"],
        "kinds": [kind.kind for kind in result.kinds], "product": dataset.manifest.get("product", ""),
        "made_by": dict(makers()),
        "interim": result.wave.interim, "pilot": bool(dataset.manifest.get("pilot")),
        "standing": _plain(standing), "sources": sources, "files": dict(sorted(files.items())),
    }  # fmt: skip
    (target / NAME).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    beside.write(target, given)
    return (*made, target / NAME)


def _require_own(target: Path) -> None:
    """An older pack is replaced, its files and no others; what else is there stays as it is."""
    file = target / NAME
    if file.is_file():
        for name in _read(file)["files"]:
            (target / name).unlink(missing_ok=True)


def shown(result: IndexResult, kinds: Sequence[str], standing: Standing) -> IndexResult:
    """The result of some kinds; without ranks, what tells of them is taken out and units keep the wave's order."""
    unknown = set(kinds) - {kind.kind for kind in result.kinds}
    if unknown:
        there = ", ".join(kind.kind for kind in result.kinds)
        raise Faults(f"the report has no units of kind “{min(unknown)}”; its kinds are {there}")
    chosen = tuple(kind for kind in result.kinds if not kinds or kind.kind in kinds)
    if not standing.with_ranks:
        order = list(result.wave.unit_names)
        chosen = tuple(_unranked(kind, order) for kind in chosen)
    return replace(result, kinds=chosen)


def _unranked(kind: KindResult, order: Sequence[str]) -> KindResult:
    places = sorted(range(len(kind.units)), key=lambda at: order.index(kind.units[at].unit))
    units = tuple(
        replace(
            kind.units[at], rank=None, rank_lower=None, rank_upper=None, possible_best=False, common_rank=None,
            change=_without_rank(kind.units[at].change),
        )
        for at in places
    )  # fmt: skip
    covariance = kind.covariance[places][:, places]
    return replace(kind, units=units, covariance=covariance, possible_best=(), pairs=None, sensitivity=None,
                   ranks_moved=0)  # fmt: skip


def _without_rank(change: Change | None) -> Change | None:
    return replace(change, previous_rank=None) if change else None


def manifest(folder: Path) -> Manifest:
    """What a pack says of itself. Raises Faults when it is none."""
    told = _read(folder / NAME)
    return Manifest(told["wave"], told["title"], tuple(told["kinds"]), _standing(told["standing"]), told["sources"],
                    told["files"], told["interim"], told["pilot"], told.get("made_by", {}))  # fmt: skip


def _read(file: Path) -> Mapping[str, Any]:
    return beside.parsed(file, lambda told: isinstance(told, dict) and told.get("format") == FORMAT)


def altered(folder: Path, known: Manifest) -> list[Fault]:
    """Files that are not those of the manifest."""
    faults = []
    for name, digest in known.files.items():
        if not (folder / name).is_file():
            faults.append(Fault(f"{name} is missing", str(folder)))
        elif _sha256(folder / name) != digest:
            faults.append(Fault(f"{name} was altered: its SHA-256 is not the one the manifest names", str(folder)))
    there = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    for name in sorted(there - set(known.files) - {NAME, beside.NAME}):
        faults.append(Fault(f"{name} is not named by the manifest", str(folder)))
    return faults


def verify(folder: Path, count: Count, heard: Heard = lambda done, total, what: None) -> Manifest:
    """A pack that is whole, and is what its inputs give. Raises Faults with one sentence for each thing that is not."""
    known = manifest(folder)
    if faults := altered(folder, known):
        raise Faults(faults)
    given = beside.read(folder)
    with tempfile.TemporaryDirectory() as room:
        again = Path(room) / "again"
        write(again, given, count, standing=known.standing, kinds=known.kinds, heard=heard)
        made = manifest(again)
    raise_differences(folder, known, made)
    return known


def raise_differences(folder: Path, known: Manifest, made: Manifest) -> None:
    """Say what the inputs give otherwise than the pack has it."""
    told = [
        f"the {name} are not those of the report: their SHA-256 differs"
        for name in sorted({*known.sources, *made.sources})
        if known.sources.get(name) != made.sources.get(name)
    ]
    names = sorted({*known.files, *made.files}, key=lambda name: (name.count("/"), name))
    other = [name for name in names if known.files.get(name) != made.files.get(name)]
    if (told or other) and (apart := makers_apart(known.made_by)):
        told.insert(0, f"was made by {apart}: with other versions files may differ where no figure does")
    told += [f"{name} is not what the inputs give, counted again" for name in other[:NAMED]]
    if len(other) > NAMED:
        told.append(f"{len(other) - NAMED} more files are not what the inputs give")
    if told:
        raise Faults(Fault(each, str(folder)) for each in told)


def copy(folder: Path, target: Path, names: Iterable[str]) -> None:
    """Copy some files of a pack."""
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, target / name)


def _hashes(given: Inputs, dataset: Dataset, framework: Framework) -> dict[str, str]:
    return {"dataset": dataset.hash, "framework": framework.hash} | {
        NAMES[label]: fingerprint(file) for label, file in given.sources
    }


def _plain(standing: Standing) -> dict[str, Any]:
    decision = standing.decision
    told = (
        {"number": decision.number, "date": decision.date.isoformat(), "signer": decision.signer} if decision else None
    )
    return {
        "state": str(standing.state), "decision": told, "with_ranks": standing.with_ranks, "version": standing.version,
        "corrects": standing.corrects, "reason": standing.reason,
    }  # fmt: skip


def _standing(told: Mapping[str, Any]) -> Standing:
    made = told["decision"]
    decision = Decision(made["number"], date.fromisoformat(made["date"]), made["signer"]) if made else None
    return Standing(State(told["state"]), decision, told["with_ranks"], told["version"], told["corrects"],
                    told["reason"])  # fmt: skip


def fingerprint(file: Path) -> str:
    """What names an input: the head of a record of rounds, a hash over the tables of a folder, or a file's SHA-256."""
    if rounds.is_kept(file):
        return str(rounds.opened(file).head)
    return appraised.hash_of(file) if file.is_dir() else _sha256(file)


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()

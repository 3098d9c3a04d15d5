"""What lies in an instance of a wave's counting: datasets, the figures made of them, and drafts of its report.

Read from the log and from JSON beside the files, so that the web workers need none of the statistics. What is not what
it says of itself is shown as such and used for nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from survey import audit
from survey.store import Store

PACK, PACK_FORMAT = "pack.json", "phieu-pack/1"
ABOUT, QUALITY, COMMENTS, FIGURES = "about.json", "quality.json", "comments.json", "figures.csv"
MOST = 200  # datasets of a wave that are looked through


@dataclass(frozen=True, slots=True)
class Shelved:
    """A dataset as its freeze was logged. ``manifest`` None: it is not there any more, or is another."""

    hash: str
    folder: Path
    at: str
    who: str
    interim: bool
    counts: Mapping[str, int]
    manifest: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        """What addresses call it."""
        return self.hash[:16]


@dataclass(frozen=True, slots=True)
class Draft:
    """A report in the instance: its number, where it stands, what it was made of and its files with their hashes."""

    number: int
    folder: Path
    digest: str
    title: str
    kinds: tuple[str, ...]
    state: str
    decision: Mapping[str, str] | None
    interim: bool
    pilot: bool
    dataset: str
    files: Mapping[str, str]


def datasets(store: Store, wave: str, instance: Path) -> tuple[Shelved, ...]:
    """All datasets that were frozen of a wave, the latest first."""
    with store.read() as tx:
        rows = [dict(row) for row in tx.audit_search(text="", wave=wave, who="", action=audit.FROZEN, since="",
                                                     until="", limit=MOST, offset=0)]  # fmt: skip
    return tuple(_shelved(row, instance / "datasets" / wave) for row in rows)


def _shelved(row: Mapping[str, Any], home: Path) -> Shelved:
    told = json.loads(row["detail"])
    counts = {name: n for name, n in told.items() if isinstance(n, int) and not isinstance(n, bool)}
    digest = told["dataset"]
    folder, manifest = _found(Path(told["folder"]), home, digest)
    return Shelved(digest, folder, row["at"], row["who"], bool(told["interim"]), counts, manifest)


def _found(logged: Path, home: Path, digest: str) -> tuple[Path, Mapping[str, Any] | None]:
    """Where a dataset lies: where its freeze left it, or at the same place of an instance that was moved since."""
    for folder in (logged, home / logged.name):
        if (manifest := _manifest(folder, digest)) is not None:
            return folder, manifest
    return logged, None


def _manifest(folder: Path, digest: str) -> Mapping[str, Any] | None:
    try:
        content = (folder / "manifest.json").read_bytes()
    except OSError:
        return None
    return json.loads(content) if hashlib.sha256(content).hexdigest() == digest else None


def next_dataset(instance: Path, wave: str, *, interim: bool) -> Path:
    """A folder that is not there yet."""
    return _next(instance / "datasets" / wave, "interim-" if interim else "")


def next_report(instance: Path, wave: str) -> Path:
    """The folder of the next draft of a report."""
    return _next(instance / "reports" / wave, "")


def given(report: Path) -> Path:
    """Where the tables lie that a report is made of: beside it, for the report's own folder holds nothing else."""
    return report.with_name(f"{report.name}-given")


def _next(home: Path, prefix: str) -> Path:
    number = 1
    while any((home / f"{prefix}{number}{end}").exists() for end in ("", "-given")):
        number += 1
    return home / f"{prefix}{number}"


def figures(instance: Path, wave: str, dataset: str) -> Path:
    """Where the figures lie that were made of a dataset, by unit and by item."""
    return instance / "figures" / wave / dataset


def document(file: Path) -> Any:
    """A JSON file of ours, read once as long as it stays the same; None where there is none."""
    try:
        stamp = file.stat()
    except OSError:
        return None
    return _document(file, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=16)
def _document(file: Path, changed: int, size: int) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def drafts(instance: Path, wave: str) -> tuple[Draft, ...]:
    """The reports of a wave that were made at the desk, the latest first."""
    return tuple(sorted(_drafts(instance / "reports" / wave), key=lambda draft: -draft.number))


def _drafts(home: Path) -> Iterator[Draft]:
    for folder in home.iterdir() if home.is_dir() else ():
        if folder.name.isdecimal() and (found := _draft(folder)) is not None:
            yield found


def _draft(folder: Path) -> Draft | None:
    try:
        content = (folder / PACK).read_bytes()
        told = json.loads(content)
    except (OSError, ValueError):
        return None  # still being written, or broken off
    if not isinstance(told, dict) or told.get("format") != PACK_FORMAT:
        return None
    standing = told["standing"]
    return Draft(
        int(folder.name), folder, hashlib.sha256(content).hexdigest(), told["title"], tuple(told["kinds"]),
        standing["state"], standing["decision"], told["interim"], told["pilot"], told["sources"]["dataset"],
        told["files"],
    )  # fmt: skip


def draft(instance: Path, wave: str, number: int) -> Draft | None:
    """One of them."""
    return _draft(instance / "reports" / wave / str(number))


def is_sound(folder: Path, files: Mapping[str, str], name: str) -> bytes | None:
    """The content of a file that a manifest names, as long as it is what it names."""
    digest = files.get(name)
    if digest is None:
        return None
    try:
        content = (folder / name).read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None


def ordered(files: Sequence[str], first: Sequence[str]) -> tuple[str, ...]:
    """Names with those that people look for in front."""
    return (*(name for name in first if name in files), *sorted(set(files) - set(first)))


@lru_cache(maxsize=8)
def sound_document(folder: Path, name: str, digest: str) -> Any:
    """A JSON file that a manifest names by its hash, read once; None where it is not that file any more.

    Keyed by its hash: what was read stays true however the file changes, and a changed one has another hash.
    """
    content = is_sound(folder, {name: digest}, name)
    return None if content is None else json.loads(content)

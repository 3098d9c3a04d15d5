"""Lists sent in through the browser: kept apart, tried, and imported whole once somebody saw what they come to.

A file waits in ``instance/uploads`` (0700, files 0600) until it is imported, replaced or a day old: it holds contacts.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any

from forms import table_stream, tables
from forms.faults import Fault, Faults
from forms.tables import Sheet
from survey.clock import Clock
from survey.config import Settings
from survey.frames import columns, frame
from survey.frames.frame import Imported, Origin, Progress, RefusedImport
from survey.keys import Keyring
from survey.sample.draws import group_of
from survey.store import Store
from survey.wave import Group, RegisteredWave

LARGEST = 256 << 20  # bytes; a million rows are about 200 MB
SHOWN_FAULTS = 200
KEPT = timedelta(days=1)
_CHUNK = 1 << 20
_LONGEST_NAME = 100
_LONGEST_HEADING, _MOST_HEADINGS = 200, 200  # that a person is asked about: more, or longer, is no list of an office


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person said about a file: heading → field, and how it is to be taken."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    replace: bool = False
    supplier: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that waits. ``found`` is what a dry run said, as JSON of plain values; empty before one."""

    group: str
    token: str
    file_name: str
    bytes: int
    choices: Choices
    found: Mapping[str, Any]
    at: str
    who: str

    @property
    def sound(self) -> bool:
        """Whether it was looked at and nothing is wrong with it."""
        return bool(self.found) and not self.found["faults"]


def file_of(settings: Settings, upload: Upload) -> Path:
    """Where it lies."""
    return settings.instance / "uploads" / upload.token / upload.file_name


def receive(
    store: Store, settings: Settings, clock: Clock, wave: RegisteredWave, group: str, stream: IO[bytes], name: str,
    choices: Choices, *, who: str,
) -> Upload:  # fmt: skip
    """Keep a file that was sent in, in place of one that waited. Raises Faults when it is too large or no table."""
    group_of(wave, group)
    discard_old(store, settings, clock)
    token = secrets.token_urlsafe(18)
    folder = settings.instance / "uploads" / token
    folder.mkdir(mode=0o700, parents=True)
    folder.parent.chmod(0o700)
    file = folder / _plain_name(name)
    try:
        size = _write(file, stream)
        table_stream.examine(file, tables.OFFICE)
    except BaseException:
        shutil.rmtree(folder)
        raise
    discard(store, settings, wave.spec.id, group)
    _put(store, wave.spec.id, group, token=token, file_name=file.name, bytes=size, choices=_told(choices), found="",
         at=clock().isoformat(timespec="seconds"), who=who)  # fmt: skip
    return waiting(store, wave.spec.id, group)


def _plain_name(name: str) -> str:
    """The last part of a name, without what a file system or a terminal could take for something else."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*').strip(". ")
    return kept[-_LONGEST_NAME:] or "list"


def _write(file: Path, stream: IO[bytes]) -> int:
    size = 0
    with file.open("xb") as out:
        file.chmod(0o600)
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > LARGEST:
                raise Faults([Fault(f"is larger than {LARGEST >> 20} MiB; send it in parts", file.name)])
            out.write(piece)
    return size


def _told(choices: Choices) -> str:
    on = choices.on.isoformat() if choices.on else None
    return json.dumps({**asdict(choices), "on": on}, ensure_ascii=False, sort_keys=True)


def waiting(store: Store, wave: str, group: str) -> Upload:
    """The file that waits for a group. Raises Faults when there is none."""
    with store.read() as tx:
        row = tx.upload_get(wave=wave, grp=group)
    if row is None:
        raise Faults(f"group “{group}”: no file waits to be imported")
    told = json.loads(row["choices"])
    on = date.fromisoformat(told["on"]) if told["on"] else None
    found = json.loads(row["found"]) if row["found"] else {}
    return Upload(group, row["token"], row["file_name"], row["bytes"], Choices(**{**told, "on": on}), found, row["at"],
                  row["who"])  # fmt: skip


def choose(store: Store, wave: str, group: str, choices: Choices) -> Upload:
    """Say something else about the file that waits; it has to be looked at again. Raises Faults."""
    upload = waiting(store, wave, group)
    now = replace(upload, choices=choices, found={})
    _keep(store, wave, now)
    return now


def look(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave, group: str, *,
    progress: Progress = lambda share: None,
) -> Upload:  # fmt: skip
    """Try the file that waits: nothing is imported, what it would come to is kept beside it. Raises Faults."""
    upload = waiting(store, wave.spec.id, group)
    asked = group_of(wave, group)
    file = file_of(settings, upload)
    found: dict[str, Any]
    try:
        found = {**_found(_run(store, keyring, settings, clock, wave, upload, True, "", progress)), "faults": []}
    except RefusedImport as refused:
        found = {**_found(refused.found), **_faults(refused)}
    except Faults as faults:
        found = _faults(faults)
    _keep(store, wave.spec.id, replace(upload, found={**found, "headings": _headings(file, asked)}))
    return waiting(store, wave.spec.id, group)


def take(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave, group: str, *, who: str,
    progress: Progress = lambda share: None,
) -> Imported:  # fmt: skip
    """Import the file that waits, and let go of it. Raises Faults, having imported nothing."""
    upload = waiting(store, wave.spec.id, group)
    done = _run(store, keyring, settings, clock, wave, upload, False, who, progress)
    discard(store, settings, wave.spec.id, group)
    return done


def _run(
    store: Store, keyring: Keyring, settings: Settings, clock: Clock, wave: RegisteredWave, upload: Upload, dry: bool,
    who: str, progress: Progress,
) -> Imported:  # fmt: skip
    choices = upload.choices
    file = file_of(settings, upload)
    if not file.exists():
        raise Faults([Fault("is gone from the server: send it again", upload.file_name)])
    return frame.import_file(
        store, keyring, clock, wave, upload.group, file, mapping=choices.mapping, dry=dry, replace=choices.replace,
        origin=Origin(choices.supplier, choices.on), who=who, progress=progress,
    )  # fmt: skip


def _found(done: Imported) -> dict[str, Any]:
    told = asdict(done)
    told["flagged"] = {unit: [each["shared"], each["staff"]] for unit, each in told["flagged"].items()}
    return told


def _faults(faults: Faults) -> dict[str, Any]:
    shown = faults.faults[:SHOWN_FAULTS]
    return {
        "faults": [[fault.message, fault.row, fault.column] for fault in shown],
        "more": len(faults.faults) - len(shown),
    }


def _headings(file: Path, group: Group) -> list[str]:
    """The headings of the first sheet, for a person to say what they are; empty where it cannot be read."""
    try:
        sheet = next(iter(table_stream.examine(file, tables.OFFICE).sheets()))
        batch = next(sheet.batches, None)
    except Faults:
        return []
    rows = list(islice(batch.rows, columns.HEADER_WITHIN)) if batch else []
    found = columns.headings(Sheet(sheet.file, sheet.name, rows), group)
    return [each for each in found if len(each) <= _LONGEST_HEADING][:_MOST_HEADINGS]


def discard(store: Store, settings: Settings, wave: str, group: str) -> None:
    """Let go of the file that waits for a group. Harmless when there is none."""
    with store.write() as tx:
        row = tx.upload_get(wave=wave, grp=group)
        tx.upload_forget(wave=wave, grp=group)
    if row is not None:
        shutil.rmtree(settings.instance / "uploads" / row["token"], ignore_errors=True)


def discard_old(store: Store, settings: Settings, clock: Clock) -> None:
    """Let go of files that nobody came back for, and of what an interruption left."""
    before = (clock() - KEPT).isoformat(timespec="seconds")
    with store.read() as tx:
        old = [(row["wave"], row["grp"]) for row in tx.upload_older(before=before)]
        kept = {row["token"] for row in tx.upload_tokens()}
    for wave, group in old:
        discard(store, settings, wave, group)
    for each in folders(settings):
        if each.name not in kept and each.stat().st_mtime < (clock() - KEPT).timestamp():
            shutil.rmtree(each, ignore_errors=True)


def left(store: Store, settings: Settings, wave: str) -> list[Path]:
    """Folders in which lists of a wave still lie, and those that belong to no wave any more."""
    with store.read() as tx:
        others = {row["token"] for row in tx.upload_tokens_elsewhere(wave=wave)}
    return [each for each in folders(settings) if each.name not in others]


def folders(settings: Settings) -> list[Path]:
    """One a list that waits, or was left by an interruption."""
    folder = settings.instance / "uploads"
    return sorted(folder.iterdir()) if folder.is_dir() else []


def discard_wave(store: Store, settings: Settings, wave: str) -> None:
    """Let go of every list that was sent in for a wave, and of those that belong to none."""
    gone = left(store, settings, wave)
    with store.write() as tx:
        tx.upload_forget_wave(wave=wave)
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(store: Store, wave: str, upload: Upload) -> None:
    found = json.dumps(upload.found, ensure_ascii=False, sort_keys=True) if upload.found else ""
    _put(store, wave, upload.group, token=upload.token, file_name=upload.file_name, bytes=upload.bytes,
         choices=_told(upload.choices), found=found, at=upload.at, who=upload.who)  # fmt: skip


def _put(store: Store, wave: str, group: str, **values: Any) -> None:
    with store.write() as tx:
        tx.upload_put(wave=wave, grp=group, **values)

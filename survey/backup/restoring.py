"""Put a backup back: looked at first, and nothing that stands there is destroyed.

A power cut leaves what stood there, or what was in the backup, perhaps in an older schema, or for a moment neither in
its place: then the first lies whole in `before-restore-…`, nothing serves, and the same command again ends it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from forms.faults import Faults
from survey import audit, running
from survey.backup import results, scratch, whereto
from survey.backup.archive import CONFIGURATION, DATABASE, Contents
from survey.backup.making import examined
from survey.backup.upgrading import KEPT
from survey.clock import Clock
from survey.config import Settings, load
from survey.keys import sync_folder, write_once
from survey.store import DRAFT_MIGRATIONS, Address, Place, Store, StoreError

ANSWERS = ("box", "inbox_box")
DRAFTS = "drafts.db"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back; ``kept`` is where the database that stood there lies now, ``drafts`` half-filled forms that
    only a later version could read."""

    contents: Contents
    kept: Path | None
    missing_keys: tuple[str, ...]
    drafts: Path | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a backup holds; ``place``, where it would go, and the answers that stand there now (None where nothing
    does); ``left_out``, the address in the backup's configuration that would not be followed."""

    contents: Contents
    place: Place
    standing: dict[str, int] | None
    left_out: str | None


def look(instance: Path, file: Path, passphrase: str | None, database: str | None = None) -> Look:
    """Examine a backup and what stands where it would go; ``database`` as in ``restore``.

    Changes nothing but a scratch folder. Raises Faults for what is wrong with the backup.
    """
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = whereto.database_of(instance, database)
    with scratch.room(instance) as folder:
        contents = examined(file, folder, passphrase)
        own = CONFIGURATION in contents.files and not (instance / CONFIGURATION).exists()
        told = whereto.told((folder / CONFIGURATION).read_bytes()) if own else None
    return Look(contents, place, _standing(place), told if told != str(place) else None)


def restore(
    instance: Path, clock: Clock, file: Path, passphrase: str | None, *, replace: bool, who: str,
    database: str | None = None,
) -> Restored:  # fmt: skip
    """Put a backup back into ``instance``; nobody may be serving it, nor the database that it owns.

    ``database``: the address of a server, for a folder without a configuration; else such a folder gets a file of its
    own. The address in the backup's configuration is not followed: whoever is tried there may be in use.

    A database that stands there is moved into a folder beside, with its logs, and only if ``replace`` says so; drafts
    and keys that are there stay as they are, but for drafts of a later version, which are moved aside too: whoever goes
    back to an earlier release can serve again. Raises Faults.
    """
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = whereto.database_of(instance, database)
    with running.stopped(instance, place, "restoring"), scratch.room(instance) as folder:
        contents = examined(file, folder, passphrase)
        if not replace and _standing(place) is not None:
            raise Faults(f"{place} holds an instance, which this would replace: say --yes")
        if CONFIGURATION in contents.files and not (instance / CONFIGURATION).exists():
            theirs = (folder / CONFIGURATION).read_bytes()
            write_once(instance / CONFIGURATION, whereto.configuration_for(theirs, place))
        settings = load(instance)
        kept = None if isinstance(settings.database, Address) else _put_aside(instance, DATABASE)
        drafts = _put_aside(instance, DRAFTS) if _too_new(settings) else None
        for name in contents.keys:
            (instance / name).parent.mkdir(mode=0o700, exist_ok=True)
            write_once(instance / name, (folder / name).read_bytes())
        if isinstance(settings.database, Address):
            kept = _into_server(settings, folder / DATABASE)
        else:
            _synced(folder / DATABASE)
            (folder / DATABASE).rename(settings.database)
        results.put_back(instance, folder, contents.files)
        sync_folder(instance)
    for store, keeping in ((Store(settings.database), KEPT), (Store(settings.drafts, DRAFT_MIGRATIONS), ())):
        store.migrate(keeping)
        store.close()
    return Restored(contents, kept, _logged(settings, clock, contents, kept, who), drafts)


def _too_new(settings: Settings) -> bool:
    """Whether the drafts that stand there are a later version's."""
    if isinstance(settings.drafts, Address):
        return False
    store = Store(settings.drafts, DRAFT_MIGRATIONS)
    try:
        return store.exists() and store.version() > len(DRAFT_MIGRATIONS)
    except StoreError:  # damaged: left to the doctor
        return False
    finally:
        store.close()


def _logged(settings: Settings, clock: Clock, contents: Contents, kept: Path | None, who: str) -> tuple[str, ...]:
    """Write the deed into the log that was put back; return the waves whose code key is not there."""
    store = Store(settings.database)
    try:
        with store.write() as tx:
            detail = {"database": contents.files[DATABASE][1], "replaced": kept is not None}
            audit.append(tx, clock, who, "backup restored", None, detail)
            waves = [row["id"] for row in tx.wave_ids()]
    finally:
        store.close()
    needed = ["instance.key", *(f"{name}.code" for name in waves)]
    return tuple(name for name in needed if not (settings.keys / name).exists())


def _into_server(settings: Settings, file: Path) -> Path | None:
    """Bring the backup's database to the schema of now and put it into the server, in one transaction; what stands
    there is written into a file first."""
    for each in (Store(file), Store(settings.database)):
        each.migrate(KEPT)
        each.close()
    store, kept = Store(settings.database), None
    try:
        if any(store.row_counts().values()):
            kept = _folder_beside(settings.instance)
            store.copy_to(kept / DATABASE)
        store.load_from(file)
    finally:
        store.close()
    return kept


def _standing(place: Place) -> dict[str, int] | None:
    store = Store(place)
    try:
        if not store.exists() or (isinstance(place, Address) and not any(store.row_counts().values())):
            return None
        rows = store.row_counts()
    except StoreError:
        if isinstance(place, Address):  # not reached: nobody knows what stands there
            raise
        return {}  # damaged: that is why one restores
    finally:
        store.close()
    return {name: rows.get(name, 0) for name in ANSWERS}


def _put_aside(instance: Path, name: str) -> Path | None:
    """Move a database and its logs into a folder of their own; None when there was none."""
    standing = [each for each in (instance / f"{name}{end}" for end in ("", "-wal", "-shm")) if each.exists()]
    if not standing:
        return None
    kept = _folder_beside(instance)
    # The log first: a database without its log is older, a log without its database is nothing.
    for each in reversed(standing):
        each.rename(kept / each.name)
    sync_folder(kept)
    return kept


def _folder_beside(instance: Path) -> Path:
    number = 1
    while (kept := instance / f"before-restore-{number}").exists():
        number += 1
    kept.mkdir(mode=0o700)
    return kept


def _synced(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""Make a backup while the instance serves, and try at once whether it can be put back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from forms.faults import Fault, Faults
from survey import audit, jobs, originals, seals
from survey.backup import archive, results, scratch, sealed_file
from survey.backup.archive import CONFIGURATION, DATABASE, Contents
from survey.clock import Clock
from survey.config import Settings
from survey.keys import write_from
from survey.store import MIGRATIONS, Store, StoreError

STEPS = 3
MADE = "backup made"  # the entry of the log
NIGHTLY = timedelta(days=14)  # those of phieu-backup.service leave when they are older; `find` counts whole days


def make(
    settings: Settings, clock: Clock, file: Path, *, passphrase: str | None, with_keys: bool, who: str,
    with_results: bool = False, cost: int = sealed_file.COST,
) -> Contents:  # fmt: skip
    """Write a backup to ``file``, whole or not at all, and open it again to see that it is one.

    The database is copied by SQL, never as a file: free pages and the order of coming stay behind. Drafts are in no
    backup; datasets (opened answers), figures, reports and what is published only ``with_results``. Raises Faults
    when ``file`` is there, or when keys or opened answers would lie in it without a passphrase.
    """
    for asked, what in ((with_keys, "keys"), (with_results, "opened answers")):
        if asked and passphrase is None:
            raise Faults(f"{what} go into a backup that is sealed only: give a passphrase (--passphrase-file)")
    if file.exists():
        raise Faults([Fault("is there already; a backup never replaces another file", str(file))])
    store = Store(settings.database)
    try:
        with scratch.room(settings.instance) as folder:
            jobs.tell(0, STEPS, "copying the database")
            contents = _gather(settings, store, folder, with_keys=with_keys, with_results=with_results)
            jobs.tell(1, STEPS, "writing the backup")
            with write_from(file) as out:
                archive.write(out, contents, folder, passphrase, cost)
        jobs.tell(2, STEPS, "trying the backup")
        _try(settings, file, passphrase)
        with store.write() as tx:
            detail = {"database": contents.files[DATABASE][1], "keys": with_keys, "sealed": passphrase is not None}
            audit.append(tx, clock, who, MADE, None, detail)
    finally:
        store.close()
    jobs.tell(STEPS, STEPS, "done")
    return contents


def _try(settings: Settings, file: Path, passphrase: str | None) -> None:
    """Open what was just written; a backup that is none does not stay."""
    try:
        with scratch.room(settings.instance) as folder:
            examined(file, folder, passphrase)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def examined(file: Path, folder: Path, passphrase: str | None) -> Contents:
    """Lay a backup into ``folder`` and look at its database as the doctor would. Raises Faults for what is wrong."""
    contents = archive.read(file, folder, passphrase)
    if contents.schema > len(MIGRATIONS):
        known = f"a newer version of Phiếu (schema {contents.schema}; this one knows {len(MIGRATIONS)})"
        raise Faults([Fault(f"comes from {known}: use that version or a later one", str(file))])
    store = Store(folder / DATABASE)
    try:
        wrong = list(_wrong(store, contents))
    except StoreError as error:
        wrong = [f"its database cannot be read: {error}"]
    finally:
        store.close()
    if wrong:
        raise Faults([Fault(each, str(file)) for each in wrong])
    return contents


def _gather(settings: Settings, store: Store, folder: Path, *, with_keys: bool, with_results: bool) -> Contents:
    """Copy what goes into the backup, and count it there: the copy is one state, the database goes on changing."""
    copy = folder / DATABASE
    store.copy_to(copy)
    copied = Store(copy)
    try:
        rows, schema = copied.row_counts(), copied.version()
    finally:
        copied.close()
    (folder / CONFIGURATION).write_bytes((settings.instance / CONFIGURATION).read_bytes())
    names = [DATABASE, CONFIGURATION]
    if with_keys:
        (folder / "keys").mkdir(mode=0o700)
        for key in sorted(each for each in settings.keys.iterdir() if archive.is_key(f"keys/{each.name}")):
            (folder / "keys" / key.name).write_bytes(key.read_bytes())
            names.append(f"keys/{key.name}")
    if with_results:
        names += results.gather(settings.instance, folder)
    files = {name: archive.fingerprint(folder / name) for name in names}
    return Contents(archive.FORMAT, version("phieu"), schema, rows, files)


def _wrong(store: Store, contents: Contents) -> Iterator[str]:
    damage = store.check_integrity()
    if damage:
        yield f"its database is damaged: {damage[0]}"
        return
    if store.version() != contents.schema or store.row_counts() != contents.rows:
        yield "its database does not hold what the manifest says"
    if contents.schema != len(MIGRATIONS):
        return  # an older database is read by what knows it: after the upgrade the doctor looks
    yield from audit.verify(store)
    yield from (f"{each}: {originals.MEND}" for each in originals.faults(store))
    with store.read() as tx:
        names = [row["id"] for row in tx.wave_ids()]
        begun = [name for name in names if tx.invitation_wave_state(wave=name) != "draft"]
    for name in begun:  # a draft has no seal yet
        yield from seals.verify(store, name)

"""Instances of earlier versions, laid into a folder."""

from __future__ import annotations

import tarfile
from pathlib import Path

from survey.store import MIGRATIONS, Store

SCHEMAS = Path(__file__).parent / "schemas"


# (the version whose instance is taken, further migrations applied to it): other schemas were never in use alone.
LAST = 7


def earlier(folder: Path, schema: int, more: int) -> Path:
    """Lay an earlier instance into a folder."""
    with tarfile.open(SCHEMAS / f"schema-{schema}.tar.gz") as tar:
        tar.extractall(folder, filter="data")
    folder.chmod(0o700)
    (folder / "keys").chmod(0o700)
    for file in [folder / "phieu.db", folder / "drafts.db", *(folder / "keys").iterdir()]:
        file.chmod(0o600)
    if more:
        store = Store(folder / "phieu.db", MIGRATIONS[: schema + more])
        store.migrate()
        store.close()
    return folder

"""Bring an instance to this version's schema: a backup first, then each database in one transaction, counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forms.faults import Fault, Faults
from survey import audit, running
from survey.backup import making
from survey.clock import Clock
from survey.config import Settings
from survey.store import DRAFT_MIGRATIONS, MIGRATIONS, Store

BACKUPS = "backups"
# Tables whose rows no migration may add or lose; the others are counters and what is derived.
KEPT = (
    "wave", "document", "frame_row", "contact", "draw", "draw_row", "cell", "invitation", "revoked_code", "inbox_box",
    "inbox_receipt", "box", "receipt", "seal", "audit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upgraded:
    """Schema of the main database before and after, migrations of the drafts applied, and the backup made before."""

    before: int
    after: int
    drafts: int
    backup: Path | None


def upgrade(settings: Settings, clock: Clock, *, who: str) -> Upgraded:
    """Back up, migrate, compare counts. Raises Faults when the instance is served, or a migration would lose rows;
    then nothing was changed. Harmless when there is nothing to do.
    """
    store, drafts = Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)
    with running.stopped(settings.instance, settings.database, "upgrading"):
        try:
            before = store.version()
            _require_older(store, drafts)
            if before == len(MIGRATIONS) and drafts.version() == len(DRAFT_MIGRATIONS):
                return Upgraded(before, before, 0, None)
            backup = _backup(settings, clock, before, who)
            store.migrate(keeping=KEPT)
            applied = drafts.migrate(keeping=("draft",))
            with store.write() as tx:
                detail = {"from": before, "to": len(MIGRATIONS), "drafts": applied}
                audit.append(tx, clock, who, "upgraded", None, detail)
        finally:
            store.close()
            drafts.close()
    return Upgraded(before, len(MIGRATIONS), applied, backup)


def _require_older(store: Store, drafts: Store) -> None:
    for each, known in ((store, MIGRATIONS), (drafts, DRAFT_MIGRATIONS)):
        if each.version() > len(known):
            newer = f"comes from a newer version of Phiếu (schema {each.version()}; this one knows {len(known)})"
            raise Faults(
                [Fault(f"{newer}: use that version, or restore a backup that it made before", str(each.place))]
            )


def _backup(settings: Settings, clock: Clock, schema: int, who: str) -> Path:
    """As secret as the database it lies beside, hence without a passphrase; it holds no key."""
    folder = settings.instance / BACKUPS
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"schema-{schema}-{clock():%Y%m%d-%H%M%S}.phieu"
    making.make(settings, clock, folder / name, passphrase=None, with_keys=False, who=who)
    return folder / name

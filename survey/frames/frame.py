"""Lists of dossiers and of officials' posts: imported whole or not at all; contacts apart from everything else.

A list is read in batches into a scratch database, looked at as a whole, and taken over in one short transaction,
so that a million rows need little memory and keep no respondent of another wave waiting.
"""

from __future__ import annotations

import json
import secrets
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from forms import table_stream, tables
from forms.faults import Fault, Faults
from survey import audit
from survey.clock import Clock
from survey.frames import contacts as frame_contacts
from survey.frames.columns import Told
from survey.frames.staging import Staged, stage
from survey.keys import Keyring
from survey.store import Store, Transaction
from survey.uncollected import uncollected
from survey.wave import Group, RegisteredWave

if TYPE_CHECKING:
    from survey.frames.repeats import Repeated

Progress = Callable[[float], None]  # the share of the work that is done, from 0 to 1


@dataclass(frozen=True, slots=True)
class FrameRow:
    """A dossier, or an official's post, as a dry run shows it."""

    reference: str
    unit: str
    place: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or with ``dry`` would do.

    ``moved``: rows of abolished offices, by «name → unit»; ``shared_contacts``: telephone numbers and addresses of
    more than three persons; ``flagged``: rows by unit whose contact is shared or a staff member's.
    """

    file: str
    dry: bool
    rows_in: int
    rows_kept: int
    dropped: Mapping[str, int]
    moved: Mapping[str, int]
    by_unit: Mapping[str, int]
    without_identity: int
    shared_contacts: int
    flagged: Mapping[str, frame_contacts.Flagged]
    heading: Mapping[str, str]
    guessed: tuple[str, ...]
    remembered: tuple[str, ...]
    suggested: Mapping[str, str]
    unused: tuple[str, ...]
    skipped_sheets: tuple[str, ...]
    first: tuple[FrameRow, ...]


class RefusedImport(Faults):
    """Every fault of a file, with what it would have come to without them."""

    def __init__(self, faults: Faults, found: Imported) -> None:
        super().__init__(faults.faults)
        self.found = found


@dataclass(frozen=True, slots=True)
class Origin:
    """Which office supplied a list, and whose posts it states: the holders on that day."""

    supplier: str = ""
    on: date | None = None


def import_file(
    store: Store, keyring: Keyring, clock: Clock, wave: RegisteredWave, group: str, file: Path, *,
    mapping: Mapping[str, str] | None = None, guess: bool = False, dry: bool = False, replace: bool = False,
    origin: Origin = Origin(), who: str = "", progress: Progress = lambda share: None,
) -> Imported:  # fmt: skip
    """Import a list for a group; ``replace`` forgets what was imported for it before.

    ``mapping`` (heading → field) is remembered. Raises Faults with every fault of the file (RefusedImport once its
    rows could be read); then, and with ``dry``, nothing is changed.
    """
    asked = _group(wave, group)
    with store.read() as tx:
        _refuse_late(tx, wave, group)
        told = Told(mapping or {}, _remembered(tx, wave.spec.id, group), guess)
    table = table_stream.examine(file, tables.OFFICE)
    secret = keyring.wave_keys(wave.spec.id).frame
    with store.staging(), uncollected():
        with store.filling() as scratch:
            staged = stage(scratch, wave.spec, asked, table, told, secret, lambda share: progress(0.6 * share))
        done = _Import(clock, wave, group, staged, table.sha256, origin, replace)
        with store.filling() as tx:
            found = done.checked(tx, dry=dry)
        if dry:
            return found
        progress(0.75)
        with store.write() as tx:
            _refuse_late(tx, wave, group)
            done.take(tx, who)
            done.remember(tx, mapping)
        progress(1.0)
        return found


def _group(wave: RegisteredWave, group: str) -> Group:
    try:
        return wave.spec.group(group)
    except KeyError:
        known = ", ".join(each.id for each in wave.spec.groups)
        raise Faults(f"wave “{wave.spec.id}” has no group “{group}”; it has {known}") from None


def _remembered(tx: Transaction, wave: str, group: str) -> dict[str, dict[str, str]]:
    """What was said about the columns of earlier files, by their headings."""
    return {row["headings"]: json.loads(row["mapping"]) for row in tx.frame_mappings(wave=wave, grp=group)}


def _refuse_late(tx: Transaction, wave: RegisteredWave, group: str) -> None:
    state = tx.invitation_wave_state(wave=wave.spec.id)
    if state in ("closed", "frozen"):
        raise Faults(f"wave “{wave.spec.id}” is {state}: it takes no more lists")
    if tx.draw_issued(wave=wave.spec.id, grp=group):
        raise Faults(f"group “{group}” has invitations: its list can no longer be changed")


class _Import:
    """A staged list on its way into the frame."""

    def __init__(
        self, clock: Clock, wave: RegisteredWave, group: str, staged: Staged, sha256: str, origin: Origin,
        replace: bool,
    ) -> None:  # fmt: skip
        self.clock, self.wave, self.staged, self.sha256 = clock, wave, staged, sha256
        self.origin, self.replace = origin, replace
        self.key = {"wave": wave.spec.id, "grp": group}
        self.seen = 0  # the last import that this list was compared with

    def checked(self, tx: Transaction, *, dry: bool) -> Imported:
        """What the list comes to. Raises RefusedImport with every fault."""
        found = self._counted(tx, dry)
        faults = self.staged.faults
        self._find_doubles(tx)
        if not faults.found and not self.staged.rows_in:
            faults.add([Fault("has a header but no rows", self.staged.file)])
        try:
            faults.check()
        except Faults as error:
            raise RefusedImport(error, found) from None
        return found

    def _counted(self, tx: Transaction, dry: bool) -> Imported:
        staged = self.staged
        self._find_shared(tx)
        return Imported(
            file=staged.file,
            dry=dry,
            rows_in=staged.rows_in,
            rows_kept=staged.by_unit.total(),
            dropped=dict(staged.dropped),
            moved=dict(staged.moved),
            by_unit=dict(sorted(staged.by_unit.items())),
            without_identity=staged.without_identity,
            shared_contacts=tx.frame_staged_shared(),
            flagged=frame_contacts.staged(tx, self.wave.spec.id),
            heading=staged.heading,
            guessed=staged.guessed,
            remembered=staged.remembered,
            suggested=staged.suggested,
            unused=staged.unused,
            skipped_sheets=staged.skipped_sheets,
            first=tuple(
                FrameRow(row["number"], row["unit"], row["place"] or "", json.loads(row["fields"]))
                for row in tx.frame_staged_first()
            ),
        )

    def _find_shared(self, tx: Transaction) -> None:
        """Telephones and addresses of several persons, among those few that stand in several rows."""
        from survey.frames.repeats import maybe_shared

        staged, wave = self.staged, self.key["wave"]
        before = array("q")
        for row in tx.contact_values(wave=wave):
            before.extend(hash(value) for value in row if value)
        staff = [row["value"] for row in tx.contact_staff_values(wave=wave)]
        suspects = maybe_shared(staged.phones, staged.emails, before, staff)
        tx.contact_suspect((int(n) + 1,) for n in suspects)
        tx.frame_find_shared(**self.key, replace=int(self.replace))

    def _find_doubles(self, tx: Transaction) -> None:
        """Numbers that stand twice in the file, or were imported before, in the order of the file."""
        staged, most = self.staged, self.staged.faults.most
        found = self._compared(tx)
        faults = []
        for n, first in found.doubles[:most]:
            row, earlier = tx.frame_staged_at(n=n + 1), tx.frame_staged_at(n=first + 1)
            of = "" if row["sheet"] == earlier["sheet"] else f" of {staged.places[earlier['sheet']]}"
            faults.append(staged.fault(row, f"“{row['number']}” stands already in row {earlier['row']}{of}"))
        for n in found.known[:most]:
            row = tx.frame_staged_at(n=n + 1)
            faults.append(staged.fault(row, f"“{row['number']}” was imported before"))
        staged.faults.merge(faults, len(found.doubles) + len(found.known), staged.order)

    def _compared(self, tx: Transaction) -> Repeated:
        from survey.frames.repeats import repeated

        self.seen = tx.frame_last_import(**self.key)
        before = () if self.replace else tx.frame_references(**self.key)
        return repeated(self.staged.references, b"".join(row["reference"] for row in before), self.staged.blank)

    def take(self, tx: Transaction, who: str) -> None:
        """Move the staged rows into the frame, and record where they came from."""
        staged, key = self.staged, self.key
        if self.replace:
            frame_contacts.forget_group(tx, key["wave"], key["grp"])
            tx.frame_forget_rows(**key)
            tx.frame_forget_supply(**key)
        elif tx.frame_last_import(**key) != self.seen and self._compared(tx).known:
            raise Faults("another list with the same numbers was imported at this moment; import again")
        base = secrets.token_urlsafe(6)  # 8 letters; the rows' own numbers are 8 more
        tx.frame_take_rows(**key, base=base)
        tx.frame_take_contacts(wave=key["wave"], base=base)
        frame_contacts.flag(tx, key["wave"])
        number = tx.frame_last_import(**key) + 1
        kept = staged.by_unit.total()
        on = self.origin.on.isoformat() if self.origin.on else ""
        tx.frame_add_import(
            **key, number=number, file_name=staged.file, file_hash=self.sha256, rows_in=staged.rows_in, rows_kept=kept,
            at=self.clock().isoformat(timespec="seconds"), supplier=self.origin.supplier, reference_date=on,
        )  # fmt: skip
        tx.frame_add_supply({**key, "number": number, "unit": unit, "n": n} for unit, n in staged.by_unit.items())
        for unit, (expected, _) in staged.expected.items():
            tx.post_expect(**key, unit=unit, expected=expected, supplier=self.origin.supplier)
        detail = {"group": key["grp"], "file": staged.file, "sha256": self.sha256, "rows_in": staged.rows_in,
                  "rows_kept": kept, "dropped": dict(staged.dropped), "followed": dict(staged.moved),
                  "supplier": self.origin.supplier, "reference_date": on}  # fmt: skip
        audit.append(tx, self.clock, who, "frame replaced" if self.replace else "frame imported", key["wave"], detail)

    def remember(self, tx: Transaction, mapping: Mapping[str, str] | None) -> None:
        """Keep what was said about the columns, for files with the same headings."""
        if mapping:
            told = json.dumps(dict(mapping), ensure_ascii=False, sort_keys=True)
            at = self.clock().isoformat(timespec="seconds")
            tx.frame_remember(**self.key, headings=self.staged.key, at=at, mapping=told)


__all__ = ["FrameRow", "Imported", "Origin", "Progress", "RefusedImport", "import_file"]

"""What the doctor looks at around the database: disk, log, clock, what ought to be gone, who was not told."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from survey import afresh, purging, timed_seals
from survey.backup import scratch
from survey.clock import Clock
from survey.config import Settings
from survey.finding import Finding
from survey.store import Store

SPARE = 500 << 20  # bytes that should be free whatever the size of the database
TWICE = 2  # closing a wave writes the database anew beside itself, and then once more through its log
LONGEST_LOG = 256 << 20  # bytes; it is cut every few seconds while a server mixes
AHEAD = timedelta(minutes=5)
KEPT = timedelta(days=30)
REPLICAS = (".{0}-litestream", "{0}-litestream")  # folders of a program that copies every page of the log elsewhere


def free_memory(told: Path = Path("/proc/meminfo")) -> int | None:
    """Bytes that a program may still take (Linux's own estimate); None where the system does not say."""
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB$", told.read_text("ascii"), re.MULTILINE)
    except (OSError, UnicodeDecodeError):
        return None
    return int(found[1]) << 10 if found else None


def around(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Disk, log, what an upgrade or a restore put aside or left behind; needs no database that is sound."""
    size = sum(file.stat().st_size for file in settings.instance.glob("*.db*") if file.is_file())
    free, wanted = shutil.disk_usage(settings.instance).free, max(SPARE, TWICE * size)
    fault = mend = ""
    if free < wanted:
        fault = f"{free >> 20} MB are free, {wanted >> 20} MB should be: closing a wave writes the database anew"
        mend = "make room, or move the instance to a larger disk, before the wave is closed"
    yield Finding(f"disk of {settings.instance}", fault, mend)
    for database in (settings.instance / "phieu.db", settings.instance / "drafts.db"):
        yield _log(database)
    yield _put_aside(settings, clock)
    yield _left_behind(settings)


def _log(database: Path) -> Finding:
    what = f"log of {database}"
    for name in REPLICAS:
        if (copies := database.with_name(name.format(database.name))).exists():
            fault = "every page of it is copied elsewhere: such an archive can join who answered with what was answered"
            return Finding(
                what, fault, f"stop that program, remove {copies} and its copies; back up with `phieu backup`"
            )
    log = database.with_name(f"{database.name}-wal")
    if log.exists() and log.stat().st_size > LONGEST_LOG:
        fault = f"has {log.stat().st_size >> 20} MB: it is not being cut, and joins who answered with what was answered"
        return Finding(what, fault, "see that `phieu serve` runs and no other program reads the database all the while")
    return Finding(what)


def _put_aside(settings: Settings, clock: Clock) -> Finding:
    before = (clock() - KEPT).timestamp()
    found = [*settings.instance.glob("before-restore-*"), *(settings.instance / "backups").glob("*")]
    old = sorted(str(each) for each in found if each.stat().st_mtime < before)
    fault = f"{len(old)} databases lie there for more than {KEPT.days} days, contacts and all" if old else ""
    return Finding("databases put aside", fault, f"if nobody needs them: rm -r {shlex.join(old)}" if old else "")


def _left_behind(settings: Settings) -> Finding:
    what, left = "copies left behind", [str(each) for each in scratch.left(settings.instance)]
    if not left:
        return Finding(what)
    fault = f"folders of killed backups or restores that hold the database, perhaps keys too: {len(left)}"
    return Finding(what, fault, f"rm -r {shlex.join(left)}, or let the next backup, restore or purge do it")


def within(settings: Settings, store: Store, clock: Clock) -> Iterator[Finding]:
    """The clock, what ought to be gone, and who was not told; of a database that is sound."""
    yield _clock(store, clock)
    overdue = [each.spec.id for each in purging.due(store, clock)]
    fault = f"the declared day of {', '.join(overdue)} has passed" if overdue else ""
    yield Finding(
        "contacts to be purged", fault, "phieu purge --due --yes, each morning by its timer" if overdue else ""
    )
    yield _put_off(store, clock)
    if settings.seals.at:
        late = timed_seals.overdue(store, clock, settings)
        fault = f"{', '.join(late)} was not sealed at the last time of [seals] in phieu.toml" if late else ""
        mend = "phieu seal --due does it and says why not; `phieu serve` does it by itself while it runs"
        yield Finding("seals at set times", fault, mend if late else "")
    if settings.seals.witnesses:
        missed = [f"{to} ({each.spec.id})" for each, to in timed_seals.unsent(store, settings)]
        fault = f"the last seal was not sent to {', '.join(missed)}" if missed else ""
        mend = "phieu seal --due says why" if settings.smtp else "name a mail server: [smtp] in phieu.toml"
        yield Finding("letters to witnesses", fault, mend if missed else "")


def _put_off(store: Store, clock: Clock) -> Finding:
    """What a close or a purge leaves to be written anew tells what no page of a wave that is over should."""
    what, owed = "writing anew after a close", afresh.owed(store)
    if not owed:
        return Finding(what)
    told = ", ".join(f"{wave} (since {since:%Y-%m-%d %H:%M} UTC)" for wave, since in owed.items())
    told = f"put off for {told}: until then the files tell more of how rows came than a wave that is over should"
    if afresh.overdue(store, clock):
        return Finding(what, told, "phieu close --rewrite does it now; `phieu serve` does it by itself while it runs")
    mend = "`phieu serve` does it between two and four at night, or when no wave is open: let it run, or"
    return Finding(what, mend=f"{mend} phieu close --rewrite", warning=told)


def _clock(store: Store, clock: Clock) -> Finding:
    """What was written later than now was written by a clock that was ahead, or this one is behind."""
    with store.read() as tx:
        head = tx.audit_head()
        times = [head["at"]] if head else []
        last = (tx.seal_last(wave=row["id"]) for row in tx.wave_ids())
        times += [json.loads(row["body"])["at"] for row in last if row is not None]
    latest = max((datetime.fromisoformat(each) for each in times), default=None)
    if latest is None or latest <= clock() + AHEAD:
        return Finding("clock")
    fault = f"it is {clock():%Y-%m-%d %H:%M} UTC here, but the log was written at {latest:%Y-%m-%d %H:%M} UTC"
    return Finding("clock", fault, "set the clock (timedatectl): waves open and close by it, and seals are timed by it")

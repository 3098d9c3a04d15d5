"""How the instance is: its databases, disk, processes, jobs, seals, backups.

Sizes are rounded, for each answer is a few bytes more. Nothing here counts answers, invitations or people.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from survey import job_record, jobs, timed_seals
from survey.clock import Clock
from survey.config import Settings
from survey.metrics import counting, slots
from survey.metrics.counting import Counts
from survey.metrics.text import Family
from survey.store import Store, StoreError, Transaction
from survey.wave import open_ones

LUMP = 16 << 20  # bytes; sizes are shown in whole lumps
TURN = 10  # seconds; when the mixer last looked is shown in whole turns


def families(settings: Settings, store: Store, drafts: Store, counts: Counts, clock: Clock) -> list[Family]:
    """Every figure that is known now; what cannot be read is left out, of the databases ``phieu_store_up`` says so."""
    made = [*_processes(counts.rows), *_disk(settings), *_stores(store, drafts), *_jobs(settings)]
    step = counting.STEP
    try:
        step = max([step, *(each.spec.k for each in open_ones(store))])
        made += [*_waves(store, settings), *_witnessed(store, settings, clock), *_backups(store)]
    except StoreError:
        pass
    return [*made, *requests(counts, step)]


def requests(counts: Counts, step: int) -> Iterable[Family]:
    """Requests and how long they took, respondents' in steps."""
    steps = f"respondents' in whole steps of {step}"
    many = Family("phieu_http_requests_total", "counter", f"Requests by route; {steps}.")
    what = f"Until the answer began; {steps}, their sum worked out from the buckets."
    long = Family("phieu_http_request_duration_seconds", "histogram", what)
    for each in counts.all(step):
        labels = {"method": each.method, "route": each.route, "status": each.status}
        many.add(each.n, **labels)
        long.add_histogram(counting.BOUNDS, each.buckets, each.seconds, **labels)
    return many, long


def _processes(rows: slots.Rows) -> Iterator[Family]:
    cells = rows.server
    known = Family("phieu_build_info", "gauge", "Which version serves.")
    known.add(1, version=version("phieu"))
    yield known
    for name, kind, what, value in (
        ("phieu_server_start_timestamp_seconds", "gauge", "When the server began.", cells[slots.STARTED]),
        ("phieu_workers", "gauge", "Worker processes that answer now.", rows.held()),
        ("phieu_worker_starts_total", "counter", "Worker processes begun since the server did.", rows.began()),
        ("phieu_mixer_last_round_timestamp_seconds", "gauge",
         f"When the mixer last looked, in whole turns of {TURN} s.", cells[slots.MIXED] // TURN * TURN),
        ("phieu_mixer_starts_total", "counter", "Mixers begun since the server did.", cells[slots.MIXER_BEGAN]),
        ("phieu_mixer_failures_total", "counter", "Rounds that could not be ended.", cells[slots.MIXER_WAITED]),
    ):  # fmt: skip
        yield _one(name, kind, what, value)


def _disk(settings: Settings) -> Iterator[Family]:
    disk = shutil.disk_usage(settings.instance)
    yield _one("phieu_disk_free_bytes", "gauge", "Free where the instance is, in whole 16 MiB.", _lumps(disk.free))
    yield _one("phieu_disk_size_bytes", "gauge", "Size of that disk.", _lumps(disk.total))
    size = Family("phieu_database_bytes", "gauge", "A database's file and its log, in whole 16 MiB.")
    for name, place in (("main", settings.database), ("drafts", settings.drafts)):
        if isinstance(place, Path):
            for part, file in (("data", place), ("log", place.with_name(f"{place.name}-wal"))):
                size.add(_lumps(file.stat().st_size) if file.exists() else 0, database=name, part=part)
    yield size


def _stores(store: Store, drafts: Store) -> Iterator[Family]:
    up = Family("phieu_store_up", "gauge", "1 where an answer could be stored now: it was written and taken back.")
    took = Family("phieu_store_check_seconds", "gauge", "How long that took.")
    for name, each in (("main", store), ("drafts", drafts)):
        began = perf_counter()
        try:
            each.check_writable()
            up.add(1, database=name)
        except StoreError:
            up.add(0, database=name)
        took.add(round(perf_counter() - began, 3), database=name)
    yield from (up, took)


def _jobs(settings: Settings) -> Iterator[Family]:
    try:
        status = jobs.status(settings)
    except OSError:  # the doctor says why; all other figures are still to be had
        return
    yield _one("phieu_job_running", "gauge", "1 while a job runs.", status is not None and status.running)
    ended = Family("phieu_job_last_end_timestamp_seconds", "gauge", "When the last job ended, and how.")
    if status is not None and status.state in (job_record.DONE, job_record.REFUSED, job_record.FAILED):
        ended.add(_seconds(status.ended_at), state=status.state)
    yield ended


def _waves(store: Store, settings: Settings) -> Iterator[Family]:
    state = Family("phieu_wave_open", "gauge", "1 while a wave is open; drafts are not shown.")
    sealed = Family("phieu_seal_last_timestamp_seconds", "gauge", "When a wave was last sealed.")
    rounds = Family("phieu_message_rounds_unfinished", "gauge", "Rounds of messages that were begun and not ended.")
    with store.read() as tx:
        for row in list(tx.waves_to_serve()):
            state.add(row["state"] == "open", wave=row["id"])
            last = tx.seal_last(wave=row["id"])
            if last is not None:
                sealed.add(_seconds(json.loads(last["body"])["at"]), wave=row["id"])
            rounds.add(tx.message_unfinished(wave=row["id"]), wave=row["id"])
    yield from (state, sealed, rounds)


def _witnessed(store: Store, settings: Settings, clock: Clock) -> Iterator[Family]:
    """What ought to have left this machine: seals at their times, and letters about them."""
    letters = sum(1 for _ in timed_seals.unsent(store, settings))
    yield _one("phieu_witness_letters_unsent", "gauge", "Witnesses who were not sent a wave's last seal.", letters)
    late = len(timed_seals.overdue(store, clock, settings))
    what = f"Open waves not sealed {timed_seals.LATE.seconds // 60} minutes after a set time."
    yield _one("phieu_seals_overdue", "gauge", what, late)


def _backups(store: Store) -> Iterator[Family]:
    with store.read() as tx:
        made, ran = _last(tx, "backup made"), _last(tx, "purged")
    yield _dated("phieu_backup_last_timestamp_seconds", "When the last backup was made.", made)
    yield _dated("phieu_purge_last_timestamp_seconds", "When contacts were last purged.", ran)


def _last(tx: Transaction, action: str) -> str | None:
    at: str | None = tx.audit_last(action=action)
    return at


def _dated(name: str, what: str, at: str | None) -> Family:
    found = Family(name, "gauge", what)
    if at is not None:
        found.add(_seconds(at))
    return found


def _one(name: str, kind: str, what: str, value: float) -> Family:
    made = Family(name, kind, what)
    made.add(value)
    return made


def _seconds(at: str) -> float:
    return int(datetime.fromisoformat(at).timestamp())


def _lumps(size: int) -> int:
    return size // LUMP * LUMP

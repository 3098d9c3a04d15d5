"""What is known of the one job beside the server: a file in the instance, which any worker reads.

Run as a program (``python -m survey.job_record INSTANCE LOCK ARGUMENTS``) it is the process that watches the job: it
holds the job lock, writes down the progress, and in the end what came of it.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from forms.faults import Faults
from survey import jobs
from survey.clock import Clock, now

FILE = "job.json"
LONGEST = 20_000  # characters kept of what a job printed
RUNNING, DONE, REFUSED, FAILED, INTERRUPTED = "running", "done", "refused", "failed", "interrupted"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job. ``state``: running, done, refused (wrong input), failed, or interrupted (killed, or a power cut).

    ``messages``: what it said, the faults where it was refused; ``output``: what it printed. ``total`` None: unknown.
    """

    id: str
    arguments: tuple[str, ...]
    who: str
    started_at: str
    state: str = RUNNING
    ended_at: str = ""
    done: int = 0
    total: int | None = None
    text: str = ""
    output: str = ""
    messages: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether it still goes on."""
        return self.state == RUNNING

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None when nobody can know."""
        return min(1.0, self.done / self.total) if self.total else None


def begin(instance: Path, arguments: Sequence[str], who: str, clock: Clock) -> str:
    """Write down a job that begins; returns its id. Only for whoever holds the job lock."""
    at = clock().isoformat(timespec="seconds")
    status = JobStatus(secrets.token_hex(8), tuple(arguments), who, at)
    _write(instance, status)
    return status.id


def read(instance: Path, *, running: bool) -> JobStatus | None:
    """What is written down, None where nothing is or nothing that this version writes.

    A job that should run while nobody holds the lock was interrupted.
    """
    try:
        told: Mapping[str, Any] = json.loads((instance / FILE).read_text("utf-8"))
        lists = {"arguments": tuple(told["arguments"]), "messages": tuple(told["messages"])}
        status = JobStatus(**{**told, **lists})
    except (FileNotFoundError, ValueError, TypeError, KeyError):  # cut short, or another version wrote it
        return None
    return replace(status, state=INTERRUPTED) if status.running and not running else status


def watch(instance: Path, lock: int, arguments: Sequence[str], clock: Clock = now) -> None:
    """Run a job that was begun, holding its lock, and write down how far it is and what came of it."""
    status = read(instance, running=True)
    if status is None:
        return

    def heard(progress: jobs.Progress) -> None:
        nonlocal status
        if status is not None:
            status = replace(status, done=progress.done, total=progress.total, text=progress.text)
            _write(instance, status)

    try:
        finished = jobs.run_holding(lock, instance, *arguments, heard=heard)
        ended = replace(status, state=DONE, output=finished.output[-LONGEST:], messages=finished.messages[-20:])
    except Faults as faults:
        ended = replace(status, state=REFUSED, messages=tuple(map(str, faults.faults))[-20:])
    except jobs.JobFailed as failure:
        ended = replace(status, state=FAILED, messages=tuple(str(failure).splitlines())[-20:])
    _write(instance, replace(ended, ended_at=clock().isoformat(timespec="seconds")))


def _write(instance: Path, status: JobStatus) -> None:
    """Whole or not at all: a page may read it at any moment."""
    scratch = instance / f".{FILE}.{os.getpid()}"
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(asdict(status), stream, ensure_ascii=False)
    scratch.replace(instance / FILE)


if __name__ == "__main__":
    watch(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])

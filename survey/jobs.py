"""Long work as a child ``phieu`` process, one at a time in an instance, with progress as JSON lines.

A child keeps the statistics out of the web workers, cannot take the server down with it, and does exactly what a person
would type. The lock file is held by parent and child together: it is free only when both are gone.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forms.faults import Fault, Faults
from survey import logs
from survey.clock import Clock, now

if TYPE_CHECKING:
    from survey.config import Settings
    from survey.job_record import JobStatus

ASKED_BY = "PHIEU_ASKED_BY"  # in a job that was started at the desk: by whom; the log names both
_log = logging.getLogger("phieu.jobs")
_STARTED: list[subprocess.Popen[bytes]] = []
LOCK = "job.lock"  # in the instance: held while a job runs
PROGRESS = "PHIEU_PROGRESS"  # set to “json” in a child: `tell` then writes lines that `run` reads


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; ``total`` None when it cannot be known."""

    done: int
    total: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """What a job left: standard output, and the messages of standard error without progress lines."""

    output: str
    messages: tuple[str, ...]


class JobFailed(RuntimeError):
    """A child ended with a fault of the program (status 1, or killed), not of its input."""


def tell(done: int, total: int | None, text: str) -> None:
    """Say from inside a command how far it is; silent unless a parent listens."""
    if os.environ.get(PROGRESS) == "json":
        print(json.dumps({"done": done, "total": total, "text": text}, ensure_ascii=False), file=sys.stderr, flush=True)


def command(instance: Path, *arguments: str) -> list[str]:
    """The command line of a child ``phieu`` on this instance."""
    return [sys.executable, "-m", "survey.cli", "--instance", str(instance), *arguments]


def run(instance: Path, *arguments: str, heard: Callable[[Progress], None] = lambda progress: None) -> Finished:
    """Run ``phieu ARGUMENTS`` to its end. ``heard`` gets its progress.

    Raises Faults when another job runs or the input was wrong (status 2), JobFailed when the program failed.
    """
    with _alone(instance, arguments) as lock:
        return run_holding(lock, instance, *arguments, heard=heard)


def run_holding(lock: int, instance: Path, *arguments: str, heard: Callable[[Progress], None]) -> Finished:
    """The same for whoever holds the job lock already, by its descriptor."""
    with _alone_on_all_hosts(instance):
        return _child(lock, instance, *arguments, heard=heard)


def _child(lock: int, instance: Path, *arguments: str, heard: Callable[[Progress], None]) -> Finished:
    child = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
        command(instance, *arguments),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, PROGRESS: "json"}, pass_fds=(lock,),
    )  # fmt: skip
    output: list[str] = []
    with child:
        # Both pipes are read at once: a child that fills one while we read the other would stand still.
        reader = threading.Thread(target=lambda: output.extend(child.stdout or ()))
        reader.start()
        messages = tuple(_messages(child.stderr or (), heard))
        reader.join()
    if child.returncode == 2:
        raise Faults([Fault(line.removeprefix("phieu: ")) for line in messages])
    if child.returncode != 0:
        raise JobFailed(f"`phieu {' '.join(arguments)}` failed:\n" + "\n".join(messages[-20:]))
    return Finished("".join(output), messages)


def start(settings: Settings, *arguments: str, who: str, clock: Clock = now) -> None:
    """Start ``phieu ARGUMENTS`` beside the server, for ``who``; ``status`` tells any worker how far it is.

    Raises Faults when another job runs. The lock goes over to the process that watches the job, so that of two who
    press at once one is refused.
    """
    from survey import job_record

    with _alone(settings.instance, arguments) as lock:
        id = job_record.begin(settings.instance, arguments, who, clock)
        _log.info("a job begins", extra=logs.event("job.begins", job=id, command=arguments[0]))
        _STARTED[:] = [one for one in _STARTED if one.poll() is None]  # those that ended are let go
        _STARTED.append(
            subprocess.Popen(  # noqa: S603 (our own interpreter and module)
                [sys.executable, "-m", "survey.job_record", str(settings.instance), str(lock), *arguments],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env={**os.environ, ASKED_BY: who}, pass_fds=(lock,), start_new_session=True,
            )
        )  # fmt: skip


def status(settings: Settings) -> JobStatus | None:
    """The job that runs, or the last that ran; None before the first."""
    from survey import job_record

    return job_record.read(settings.instance, running=not _is_free(settings.instance))


def _is_free(instance: Path) -> bool:
    try:
        with (instance / LOCK).open("r", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return True
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False


@contextmanager
def _alone(instance: Path, arguments: Sequence[str]) -> Iterator[int]:
    """Hold the instance's job lock, or say who does."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (instance / LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            other = file.read().strip() or "another job"
            raise Faults(f"`{other}` is still running in {instance}: wait until it has ended") from None
        file.truncate(0)
        file.write("phieu " + " ".join(arguments))
        file.flush()
        yield file.fileno()


@contextmanager
def _alone_on_all_hosts(instance: Path) -> Iterator[None]:
    """Where hosts share a database, a job of one keeps those of the others from beginning. Raises Faults."""
    from survey.config import load
    from survey.store import Address, Store

    if (instance / "phieu.toml").exists() and isinstance(place := load(instance).database, Address):
        store = Store(place)
        try:
            with store.turn("job") as ours:
                if not ours:
                    raise Faults(f"a job is running on another host of {place}: wait until it has ended")
                yield
        finally:
            store.close()
    else:
        yield


def _messages(pipe: Iterable[str], heard: Callable[[Progress], None]) -> Iterator[str]:
    for line in pipe:
        progress = _progress(line)
        if progress is None:
            yield line.rstrip("\n")
        else:
            heard(progress)


def _progress(line: str) -> Progress | None:
    """The progress that a line tells; None for an ordinary message."""
    if not line.startswith('{"done"'):
        return None
    try:
        told = json.loads(line)
        return Progress(int(told["done"]), told["total"], str(told["text"]))
    except (ValueError, KeyError):
        return None

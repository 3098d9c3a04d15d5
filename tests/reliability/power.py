"""A power cut, simulated: every write that programs hand to the kernel is recorded (strace), and what a disk may hold
after a cut is made from it: what was synced, and of what was not, any part, in torn pages too.

As strict as POSIX, stricter than the usual file systems: without a sync of its folder a file made since may be gone
and one that was removed may be there again.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np

# No database and no log is ever renamed while it is in use, so that need not be seen.
CALLS = "openat,pwrite64,write,writev,sendto,sendmsg,ftruncate,fsync,fdatasync,unlink,unlinkat"
SECTOR = 512
_LINE = re.compile(r"(\d+) +(.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)")
_DONE = re.compile(r"(\w+)\((.*)\) += (\d+)")
_NAMED = re.compile(r"\d+<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Kind(StrEnum):
    """What happened."""

    MADE = "made"
    WRITTEN = "written"
    CUT = "cut"
    REMOVED = "removed"
    SYNC_BEGUN = "sync begun"
    SYNCED = "synced"
    SAID = "said"  # something was sent to somebody


@dataclass(frozen=True, slots=True)
class Event:
    """One thing in the order in which it happened; ``at`` is an offset, or a length where a file is cut."""

    kind: Kind
    process: int
    path: str
    content: bytes = b""
    at: int = 0


def record(command: Sequence[str], trace: Path) -> subprocess.Popen[bytes]:
    """Start a command under strace, whose record of it and of all below it goes to ``trace``."""
    watched = ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", "4194304", "-o", str(trace), "-e",
               f"trace={CALLS}", "--", *command]  # fmt: skip
    return subprocess.Popen(watched, start_new_session=True)  # noqa: S603 - our own command


def why_not() -> str:
    """Why nothing can be recorded here; '' where it can. A missing program is no reason under CI=true, which installs
    it; a machine that forbids tracing is one everywhere."""
    if shutil.which("strace") is None:
        return "" if os.environ.get("CI") == "true" else "strace is not installed"
    asked = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "true"]
    tried = subprocess.run(asked, capture_output=True)  # noqa: S603
    return "" if tried.returncode == 0 else f"this machine forbids tracing: {tried.stderr.decode().strip()}"


def events(trace: Path) -> Iterator[Event]:
    """Read a record. A call counts from its end on, what was sent and a sync from their beginning too."""
    begun: dict[str, str] = {}
    with trace.open("r", encoding="ascii", errors="replace") as lines:
        for line in lines:
            found = _LINE.match(line)
            if found is None:
                continue
            process, told = found[1], found[2]
            if told.endswith(" <unfinished ...>"):
                begun[process] = told.removesuffix(" <unfinished ...>")
                yield from _begun(int(process), begun[process])
                continue
            resumed = _RESUMED.match(told)
            if resumed is not None:
                yield from _ended(int(process), begun.pop(process, "") + resumed[1])
            else:
                yield from _begun(int(process), told)
                yield from _ended(int(process), told)


def _begun(process: int, told: str) -> Iterator[Event]:
    call = told.partition("(")[0]
    if call in ("fsync", "fdatasync"):
        yield Event(Kind.SYNC_BEGUN, process, _path(told))
    elif call in ("sendto", "sendmsg", "write", "writev") and _path(told).startswith("socket:"):
        yield Event(Kind.SAID, process, "", b"".join(_bytes(text) for text in _TEXT.findall(told)))


def _ended(process: int, told: str) -> Iterator[Event]:
    done = _DONE.match(told)
    if done is None:  # it failed, or nobody heard of its end
        return
    call, result = done[1], int(done[3])
    if call in ("fsync", "fdatasync"):
        yield Event(Kind.SYNCED, process, _path(told))
    elif call == "pwrite64":
        offset = int(done[2].rpartition(",")[2])
        yield Event(Kind.WRITTEN, process, _path(told), _bytes(_TEXT.findall(told)[0])[:result], offset)
    elif call == "ftruncate":
        yield Event(Kind.CUT, process, _path(told), at=int(done[2].rpartition(",")[2]))
    elif call == "openat" and "O_CREAT" in told:
        yield Event(Kind.MADE, process, _last_path(told))
    elif call in ("unlink", "unlinkat"):
        yield Event(Kind.REMOVED, process, _bytes(_TEXT.findall(told)[0]).decode())


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _unescaped(text: str) -> str:
    return _bytes(text).decode("utf-8", "replace") if text.startswith("\\x") else text


def _path(told: str) -> str:
    """The file of the first descriptor."""
    found = _NAMED.search(told)
    return _unescaped(found[1]) if found else ""


def _last_path(told: str) -> str:
    """The file of the descriptor that was returned."""
    return _unescaped(_NAMED.findall(told)[-1])


@dataclass
class File:
    """What is surely on the disk, and what was written since (by the number of its event)."""

    durable: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[int, Event]] = field(default_factory=list)


def _apply(content: bytearray, event: Event, part: slice = slice(None)) -> None:
    """Do what an event says; ``part`` of it only where a page is torn."""
    if event.kind is Kind.CUT:
        del content[event.at :]
        content.extend(bytes(max(0, event.at - len(content))))
        return
    written = event.content[part]
    start = event.at + (part.start or 0)
    content.extend(bytes(max(0, start - len(content))))
    content[start : start + len(written)] = written


class Part(StrEnum):
    """What of the unsynced reached the disk."""

    NOTHING = "nothing"
    SOME = "some"
    TORN = "torn"
    ALL = "all"


class Disk:
    """The files of one folder as events change them, and what may be left of them after a cut."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder = str(folder)
        self._paths = {f"{folder}/{name}": name for name in names}
        self._files = {
            name: File(bytearray((folder / name).read_bytes())) for name in names if (folder / name).exists()
        }
        self._named = dict(self._files)  # as the folder on the disk has them
        self._syncs: dict[tuple[int, str], tuple[int, dict[str, File]]] = {}
        self._number = 0

    def see(self, event: Event) -> None:
        """One event later."""
        self._number += 1
        if event.kind is Kind.SYNC_BEGUN:
            self._syncs[event.process, event.path] = (self._number, dict(self._files))
        elif event.kind is Kind.SYNCED:
            self._synced(event)
        elif (name := self._paths.get(event.path)) is None:
            return
        elif event.kind is Kind.MADE:
            self._files.setdefault(name, File())
        elif event.kind is Kind.REMOVED:
            self._files.pop(name, None)
        else:
            self._files[name].waiting.append((self._number, event))

    def _synced(self, event: Event) -> None:
        begun, files = self._syncs.pop((event.process, event.path))
        if event.path == self._folder:
            self._named = files
        name = self._paths.get(event.path)
        file = files.get(name) if name else None
        if file is None:
            return
        for number, waiting in file.waiting:
            if number < begun:
                _apply(file.durable, waiting)
        file.waiting = [each for each in file.waiting if each[0] > begun]

    def left(self, part: Part, chance: np.random.Generator) -> dict[str, bytes]:
        """What a cut at this moment leaves, by name."""
        found = {}
        for name in self._paths.values():
            choices = [self._named.get(name), self._files.get(name)]
            whole = {Part.NOTHING: 0, Part.ALL: 1}
            file = choices[whole[part] if part in whole else int(chance.integers(2))]
            if file is not None:
                found[name] = _left(file, part, chance)
        return found


def _left(file: File, part: Part, chance: np.random.Generator) -> bytes:
    content = bytearray(file.durable)
    for _, event in file.waiting:
        if part is Part.NOTHING or (part is not Part.ALL and chance.random() < 0.5):
            continue
        if part is Part.TORN and len(event.content) > SECTOR:
            cut = SECTOR * int(chance.integers(1, -(-len(event.content) // SECTOR)))
            _apply(content, event, slice(0, cut) if chance.random() < 0.5 else slice(cut, None))
        else:
            _apply(content, event)
    return bytes(content)


def lay(left: dict[str, bytes], beside: Path, folder: Path) -> None:
    """Make a folder as a machine finds it when the power is back; keys and settings come from ``beside``."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(beside, folder, ignore=shutil.ignore_patterns("*.db*", "serve.lock"))
    for name, content in left.items():
        (folder / name).write_bytes(content)

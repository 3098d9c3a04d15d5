"""Servers under load: started as an operator starts them, watched from outside, asked by wrk."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_TICKS = os.sysconf("SC_CLK_TCK")


def missing() -> str:
    """Why no load can be made here; empty when it can."""
    return "" if shutil.which("wrk") else "wrk is not installed (Debian: apt install wrk), so this bench was left out"


@dataclass(frozen=True, slots=True)
class Server:
    """A server under way, with all processes it has."""

    pid: int
    url: str

    def processes(self) -> list[int]:
        """Its processes, children's children included."""
        parents: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text("utf-8").rpartition(")")[2].split()
                except OSError:
                    continue
                parents.setdefault(int(stat[1]), []).append(int(entry.name))
        found, waiting = [], [self.pid]
        while waiting:
            found.append(waiting.pop())
            waiting += parents.get(found[-1], [])
        return found

    def cpu(self) -> float:
        """Seconds of processor that its living processes have used."""
        used = 0
        for process in self.processes():
            stat = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
            used += int(stat[11]) + int(stat[12])
        return used / _TICKS

    def memory(self) -> float:
        """Proportional set size of all of it, MB."""
        total = 0
        for process in self.processes():
            text = Path(f"/proc/{process}/smaps_rollup").read_text("utf-8")
            total += int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)[1])  # type: ignore[index]
        return total * 1024 / 1e6


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: whole responses (or pages), faults, requests, seconds, latencies in milliseconds."""

    whole: int
    faults: int
    requests: int
    seconds: float
    median: float
    p99: float
    longest: float
    told: str

    @property
    def rate(self) -> float:
        """Whole ones a second."""
        return self.whole / self.seconds


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], environ: Mapping[str, str], port: int) -> Iterator[Server]:
    """Start a server, wait until it answers, and stop it. Raises RuntimeError with what it said when it never does."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, env={**os.environ, **environ}, stdout=said, stderr=said, start_new_session=True
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _await(process, url, said)
            yield Server(process.pid, url)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _await(process: subprocess.Popen[bytes], url: str, said: object) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/P/X", timeout=5).close()  # noqa: S310 - our own address
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    said.seek(0)  # type: ignore[attr-defined]
    raise RuntimeError(said.read())  # type: ignore[attr-defined]


@contextmanager
def ours(instance: Path, workers: int = 0) -> Iterator[Server]:
    """``phieu serve`` as it is delivered."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("phieu")), "--instance", str(instance), "serve", "--port", str(port)]
    with running(command + (["--workers", str(workers)] if workers else []), {}, port) as server:
        yield server


@contextmanager
def bare(folder: Path, workers: int = 2, threads: int = 32) -> Iterator[Server]:
    """The reference, on the same server with as many workers and threads."""
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--port", str(port),
        "--workers", str(workers), "--blocking-threads", str(threads), "--no-ws", "tests.bench.bare_app:app",
    ]  # fmt: skip
    with running(command, {"BARE_DATABASE": str(folder / "bare.db")}, port) as server:
        yield server


def wrk(url: str, script: str, arguments: Sequence[object], *, threads: int, connections: int, seconds: float) -> Load:
    """Run wrk with one of the scripts beside this file."""
    command = ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds:.0f}s", "--timeout", "20s",
               "-s", str(HERE / script), url, *map(str, arguments)]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own command
    found = re.search(r"^RESULT (.*)$", done.stdout, re.MULTILINE)
    if found is None:
        raise RuntimeError(done.stdout + done.stderr)
    first = found[1].split(" ", 7)
    whole, faults, requests, micro = map(int, first[:4])
    median, p99, longest = map(float, first[4:7])
    return Load(whole, faults, requests, micro / 1e6, median, p99, longest, first[7] if len(first) > 7 else "")


def wire(url: str) -> int:
    """Bytes of one answer with its headers, as a browser asks for it."""
    asked = urllib.request.Request(url, headers={"Accept-Encoding": "gzip, deflate"})  # noqa: S310 - our own address
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
        head = sum(len(name) + len(value) + 4 for name, value in answer.headers.items())
        return head + len("HTTP/1.1 200 OK\r\n\r\n") + len(answer.read())

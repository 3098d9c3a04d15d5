"""The server and the simulated respondents as processes of their own, watched by the demonstration."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from survey import jobs

_PATIENCE = 60.0  # seconds for a server to come up, or to finish its requests and go
_HOST = "127.0.0.1"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


class Server:
    """``phieu serve`` on a free port, ready when entered and gone when left; what it says is in serve.log."""

    def __init__(self, instance: Path) -> None:
        self._instance = instance
        self._port = free_port()
        self.url = f"http://{_HOST}:{self._port}"

    def __enter__(self) -> Self:
        self._log = (self._instance / "serve.log").open("wb")
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            jobs.command(self._instance, "serve", "--host", _HOST, "--port", str(self._port)),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        until = time.monotonic() + _PATIENCE
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > until:
                self.__exit__(None, None, None)
                raise jobs.JobFailed(f"the server did not come up; see {self._instance / 'serve.log'}")
            time.sleep(0.1)
        return self

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection(_HOST, self._port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class Crowd:
    """The process of simulated respondents (``survey.demo.respondents``)."""

    def __init__(self, invitations: Path, units: Path, base_url: str, seed: int) -> None:
        self._command = [
            *(sys.executable, "-m", "survey.demo.respondents", str(invitations)),
            *("--base-url", base_url, "--units", str(units), "--seed", str(seed)),
        ]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=os.environ
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def in_time(self, heard: Callable[[int, int], None]) -> Mapping[str, Any]:
        """Wait until everybody who answers in time has; what became of them."""
        return _result(self._process.stdout, heard)

    def after_close(self, heard: Callable[[int, int], None]) -> Mapping[str, Any]:
        """Tell them that the wave is closed: the late come, and receipts are asked after."""
        if self._process.stdin is not None:
            self._process.stdin.write("closed\n")
            self._process.stdin.flush()
        return _result(self._process.stdout, heard)


def _result(pipe: IO[str] | None, heard: Callable[[int, int], None]) -> Mapping[str, Any]:
    for line in pipe or ():
        told = json.loads(line)
        if "result" in told:
            result: Mapping[str, Any] = told["result"]
            return result
        heard(told["done"], told["total"])
    raise jobs.JobFailed("the process of simulated respondents ended before its work")

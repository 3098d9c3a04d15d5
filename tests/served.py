"""A server in a process of its own, as operators start it: a port for it, waiting until it answers, asking it."""

from __future__ import annotations

import http.client
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Response

NOW = (("opens = 2026-03-01", "opens = 2020-01-01"), ("closes = 2026-03-31", "closes = 2099-12-31"))
WORDS = "Thái độ phục vụ tốt."  # what the driver writes into every text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[str]) -> int:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(process.communicate())
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
                return int(answer.status)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)  # a server in another process has no event to wait for
    raise AssertionError("the server never answered")


class Wire:
    """In place of the application's test client: real requests to a real server."""

    def __init__(self, port: int) -> None:
        self.port = port

    def open(self, target: str, *, method: str, data: object = None, headers: dict[str, str], **_: object) -> Response:
        """Ask, without following."""
        body = urlencode(data, doseq=True) if isinstance(data, dict) else data
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        path = urlsplit(target)._replace(scheme="", netloc="").geturl()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as wire:
            wire.request(method, path, body, {**headers, **kind})
            answer = wire.getresponse()
            return Response(answer.read(), answer.status, answer.getheaders())

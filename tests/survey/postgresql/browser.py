"""A browser with cookies that asks a real server, for the driver of the desk."""

from __future__ import annotations

import http.client
from contextlib import closing
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from werkzeug.test import EnvironBuilder, TestResponse


class Browser:
    """In place of the application's test client."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, SimpleCookie()

    def get(self, path: str) -> TestResponse:
        return self._ask("GET", path, None)

    def post(self, path: str, data: dict[str, object]) -> TestResponse:
        return self._ask("POST", path, urlencode(data, doseq=True))

    def _ask(self, method: str, path: str, body: str | None) -> TestResponse:
        known = "; ".join(f"{name}={each.value}" for name, each in self.cookies.items())
        heads = {"Cookie": known} | ({} if body is None else {"Content-Type": "application/x-www-form-urlencoded"})
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as wire:
            wire.request(method, urlsplit(path)._replace(scheme="", netloc="").geturl(), body, heads)
            answer = wire.getresponse()
            for value in answer.headers.get_all("Set-Cookie", []):
                self.cookies.load(value)
            asked = EnvironBuilder(urlsplit(path).path).get_request()
            return TestResponse([answer.read()], f"{answer.status} X", answer.headers.items(), asked)  # type: ignore[arg-type]

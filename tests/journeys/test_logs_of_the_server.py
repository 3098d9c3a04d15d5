"""The server as it runs in production: after a journey nothing that it wrote holds a code, an answer or a receipt."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Response

from survey import create_app
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.survey.test_serve_command import _free_port, _wait_for

NOW = (("opens = 2026-03-01", "opens = 2020-01-01"), ("closes = 2026-03-31", "closes = 2099-12-31"))
WORDS = "Thái độ phục vụ tốt."  # what the driver writes into every text


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


def test_no_code_no_answer_and_no_receipt_reaches_a_log(tmp_path: Path) -> None:
    # Given the server, started as operators start it
    world, port = worlds.build(tmp_path, edits=NOW), _free_port()
    command = [sys.executable, "-m", "survey.cli", "--instance", str(tmp_path), "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    codes = [world.take() for _ in range(2)]
    try:
        assert _wait_for(f"http://127.0.0.1:{port}/readyz", process) == 200
        # When one person answers, another is refused in every way there is
        person = Respondent(create_app(world.settings), codes[0])
        person.client = Wire(port)  # type: ignore[assignment]
        person.fill_to_check()
        receipt = person.fill().element("receipt")
        person.post("/check", {"receipt": receipt.text})  # type: ignore[union-attr]
        other = Respondent(create_app(world.settings), codes[1])
        other.client = Wire(port)  # type: ignore[assignment]
        other.post(f"/P/{codes[1]}/1", {"used": WORDS})
        other.post(f"/P/{codes[1]}/99", {"used": WORDS})
        other.post(f"/P/{codes[0]}/1", {"comment": WORDS})
        other.open(f"/P/{codes[1][:-1]}")
        other.client.open(f"/P/{codes[1]}/1", method="POST", data=b"%ff" * 500_000, headers={})
        other.client.open(f"/P/{codes[1]}/1", method="BREW", headers={})
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    # Then nothing of it stands in what the server said, or in any file but the databases
    said = out + err
    assert receipt and process.returncode == 0
    kept = [
        file for file in tmp_path.rglob("*") if file.is_file() and ".db" not in file.name and "keys" not in file.parts
    ]
    said += "".join(file.read_text("utf-8", "replace") for file in kept)
    for secret in (*codes, receipt.text, receipt.text.replace("-", ""), WORDS, "Thái độ phục vụ"):
        assert secret not in said

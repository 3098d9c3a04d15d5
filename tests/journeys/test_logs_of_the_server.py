"""The server as it runs in production: after a journey nothing that it wrote holds a code, an answer or a receipt."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from survey import create_app
from survey.accounts.roles import Role
from tests.desk.desk import PASSWORD
from tests.desk.staff import hire
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.served import NOW, WORDS, Wire, free_port, wait_for

FORGED = '{"level": "info", "event": "request", "route": "/forged"}'  # what somebody would like to see in the log
NAME, WRONG = "lan.nguyen", "mật khẩu sai hẳn rồi nhé"


def sign_in(port: int, path: str = "/desk/sign-in") -> list[str]:
    """Sign in as anybody would, once with a wrong password; returns everything that ought to stay secret."""
    secrets, cookie = [NAME, WRONG, PASSWORD], ""
    for password in (WRONG, PASSWORD):
        asked = {"Cookie": cookie, "User-Agent": f"x\t{FORGED}", "Referer": f"http://127.0.0.1/{FORGED}"}
        page = Wire(port).open(path, method="GET", headers=asked)
        cookie = cookie or page.headers["Set-Cookie"].partition(";")[0]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True))
        assert token is not None
        sent = {"name": NAME, "password": password, "csrf_token": token[1]}
        answer = Wire(port).open(path, method="POST", data=sent, headers={"Cookie": cookie})
        secrets += [cookie.partition("=")[2], token[1]]
    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert Wire(port).open(f"/desk/account?x={quote(FORGED)}", method="GET", headers={"Cookie": cookie})
    return [*secrets, cookie.partition("=")[2]]


def _hostile(port: int, code: str) -> None:
    """Requests that would like to write a line of their own."""
    for line in (f"/P/{code}%0a{quote(FORGED)}", f"/desk/%0d%0a{quote(FORGED)}", f"/desk/{quote(FORGED)}%1b[2J",
                 f"/{quote(FORGED)}", f"/api/v1/waves/{quote(FORGED)}/results"):  # fmt: skip
        Wire(port).open(line, method="GET", headers={"X-Forwarded-For": FORGED, "Authorization": f"Bearer {FORGED}"})
    with socket.create_connection(("127.0.0.1", port), timeout=30) as bare:
        bare.sendall(b"FORGED /desk/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert bare.recv(65_536).startswith(b"HTTP/1.1 4")


def test_no_code_no_answer_and_no_receipt_reaches_a_log(tmp_path: Path) -> None:
    # Given the server, started as operators start it
    world, port = worlds.build(tmp_path, edits=NOW), free_port()
    command = [sys.executable, "-m", "survey.cli", "--instance", str(tmp_path), "serve", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    codes = [world.take() for _ in range(2)]
    hire(create_app(world.settings), NAME, Role.COORDINATOR)
    try:
        assert wait_for(f"http://127.0.0.1:{port}/readyz", process) == 200
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
        # And somebody signs in at the desk, and tries to write into the log
        secrets = sign_in(port)
        _hostile(port, codes[1])
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
    for secret in (*codes, receipt.text, receipt.text.replace("-", ""), WORDS, "Thái độ phục vụ", *secrets):
        assert secret not in said and json.dumps(secret)[1:-1] not in said
    # And every line is an event, of which nobody outside wrote a word
    events = [json.loads(line) for line in err.splitlines()]
    assert out == "" and all({"time", "level", "event", "process"} <= event.keys() for event in events)
    assert "forged" not in said.lower()
    requests = [event for event in events if event["event"] == "request"]
    assert {(each["method"], each["route"], each["status"]) for each in requests} >= {
        ("GET", "/desk/sign-in", 200), ("POST", "/desk/sign-in", 422), ("POST", "/desk/sign-in", 303),
        ("GET", "/desk/account", 200),
    }  # fmt: skip
    assert all(each["ms"] >= 0 and each["bytes"] >= 0 for each in requests)
    assert [each["route"] for each in requests if not each["route"].startswith(("/desk/", "/api/"))] == []

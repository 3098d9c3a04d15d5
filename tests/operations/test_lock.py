"""What Phiếu is made of (`make sbom`), and whether a database knows anything against it (`make audit`)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PINNED = re.findall(r"(?m)^([a-z0-9][\w.-]*)==([^\s;\\]+)", LOCK)


def run(name: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, str(ROOT / "docs" / name), *words],
        capture_output=True, text=True, check=False, cwd="/", env={**os.environ, **environ},
    )  # fmt: skip


@pytest.fixture(scope="module")
def bill() -> str:
    done = run("make_sbom.py")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_bill_is_valid_cyclonedx(bill: str) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(bill) is None
    assert validator.validate_str(bill.replace('"SHA-256"', '"SHA-0"')) is not None


def test_it_names_each_pin_with_its_hashes_and_most_licences(bill: str) -> None:
    told = json.loads(bill)
    parts = {(part["name"], part["version"]): part for part in told["components"]}
    assert set(parts) == set(PINNED) and len(parts) > 40
    assert all(part["hashes"] and part["purl"].startswith("pkg:pypi/") for part in parts.values())
    assert sum(len(part["hashes"]) for part in parts.values()) == len(re.findall("--hash=sha256:", LOCK))
    without = [name for name, part in parts.items() if "licenses" not in part]
    assert len(without) < 10, without
    refs = {part["bom-ref"] for part in parts.values()}
    needs = {each["ref"]: set(each["dependsOn"]) for each in told["dependencies"]}
    assert set(needs) == refs | {"phieu"} and all(wanted <= refs for wanted in needs.values())
    flask = next(ref for ref in refs if ref.startswith("pkg:pypi/flask@"))
    assert flask in needs["phieu"] and any("werkzeug" in ref for ref in needs[flask])


def test_it_tells_neither_machine_nor_index_nor_time_and_is_the_same_again(bill: str, tmp_path: Path) -> None:
    again = tmp_path / "made" / "sbom.json"
    done = run("make_sbom.py", str(again), PYTHONHASHSEED="7", TZ="Asia/Ho_Chi_Minh")
    assert done.returncode == 0 and f"{len(PINNED)} packages" in done.stdout
    assert again.read_text("utf-8") == bill
    assert set(re.findall(r"[a-z]+://[^/\"]+", bill)) == {"http://cyclonedx.org"}
    assert str(ROOT) not in bill and "timestamp" not in bill and "serialNumber" not in bill


Answer = Callable[[list[dict[str, Any]]], tuple[int, Any]]


@contextmanager
def database(answer: Answer) -> Iterator[tuple[str, list[list[dict[str, Any]]]]]:
    """A server that speaks OSV's interface as far as we ask; the address, and what it was asked."""
    asked: list[list[dict[str, Any]]] = []

    class Stub(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/querybatch"
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            asked.append(queries)
            status, told = answer(queries)
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed among the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def nothing(queries: list[dict[str, Any]]) -> tuple[int, Any]:
    return 200, {"results": [{} for _ in queries]}


def test_a_database_that_knows_nothing_is_clean() -> None:
    with database(nothing) as (server, asked):
        done = run("audit_lock.py", OSV_URL=server)
    assert (done.returncode, done.stdout) == (0, "") and done.stderr.startswith("CLEAN: ")
    assert [each["package"]["purl"] for each in asked[0]] == [f"pkg:pypi/{n}@{v}" for n, v in sorted(PINNED)]


def test_what_it_knows_is_named_to_the_last_page() -> None:
    def answer(queries: list[dict[str, Any]]) -> tuple[int, Any]:
        def one(query: dict[str, Any]) -> dict[str, Any]:
            if "flask@" not in query["package"]["purl"]:
                return {}
            if "page_token" in query:
                return {"vulns": [{"id": "GHSA-2"}]}
            return {"vulns": [{"id": "GHSA-1"}], "next_page_token": "more"}

        return 200, {"results": [one(query) for query in queries]}

    with database(answer) as (server, asked):
        done = run("audit_lock.py", OSV_URL=server + "/")
    version = dict(PINNED)["flask"]
    assert (done.returncode, done.stdout) == (1, f"flask {version}: GHSA-1, GHSA-2\n")
    assert done.stderr.startswith("FOUND: known faults in 1 of ") and [len(each) for each in asked] == [len(PINNED), 1]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda asked: (500, {}), "answered 500"),
        (lambda asked: (302, {}), "answered 302"),
        (lambda asked: (200, b"<html>Sign in to this network</html>"), "did not answer as OSV does"),
        (lambda asked: (200, {"results": [{}]}), "answered 1 of"),
        (lambda asked: (200, {"results": [{"vulns": [{"no": "id"}]} for _ in asked]}), "did not answer as OSV does"),
        (lambda asked: (200, {"results": [3 for _ in asked]}), "did not answer as OSV does"),
        (lambda asked: (200, {"results": [{"next_page_token": "x"} for _ in asked]}), "never came to an end"),
    ],
)
def test_an_answer_that_is_not_whole_is_no_clean_bill(answer: Answer, said: str) -> None:
    with database(answer) as (server, _):
        done = run("audit_lock.py", OSV_URL=server)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("NOT ASKED: ") and said in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("server", ["http://127.0.0.1:9", "ftp://127.0.0.1", "nowhere"])
def test_a_database_that_cannot_be_reached_is_no_clean_bill(server: str) -> None:
    done = run("audit_lock.py", OSV_URL=server)
    assert done.returncode == 3 and done.stderr.startswith("NOT ASKED: ")

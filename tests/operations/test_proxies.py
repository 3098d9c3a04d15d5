"""The proxy files that we ship, run: people answer through them, attackers try them, no log of theirs holds a code."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import pytest

from survey import create_app
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.operations import proxies
from tests.operations.proxies import PUBLIC, Proxy, Recorder
from tests.served import NOW, WORDS, free_port, wait_for

KINDS = ("nginx", "caddy")


@dataclass
class Field:
    """A real server of the public side, and a proxy of one kind before it."""

    world: worlds.World
    proxy: Proxy
    server: subprocess.Popen[str]


@pytest.fixture(scope="module", params=KINDS)
def field(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    """A wave that is open now, served as in production."""
    world, port = worlds.build(tmp_path_factory.mktemp("instance"), edits=NOW), free_port()
    command = [sys.executable, "-m", "survey.cli", "--instance", str(world.settings.instance), "serve"]
    server = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [*command, "--only", "public", "--workers", "1", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert wait_for(f"http://127.0.0.1:{port}/healthz", server) == 200
        folder = tmp_path_factory.mktemp(request.param) / "proxy"
        with proxies.running(request.param, folder, f"127.0.0.1:{port}") as proxy:
            yield Field(world, proxy, server)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def _person(field: Field) -> Respondent:
    person = Respondent(create_app(field.world.settings), field.world.take())
    person.client = field.proxy  # type: ignore[assignment]
    return person


def test_somebody_answers_and_no_log_knows_who(field: Field) -> None:
    # Given people who answer, look, go astray, and type what has no place there
    person = _person(field)
    person.fill_to_check()
    receipt = person.fill().element("receipt")
    assert receipt is not None
    person.post("/check", {"receipt": receipt.text})
    other, proxy = field.world.take(), field.proxy
    tried = [
        f"/P/{other}", f"/p/{other.lower()}/1", f"//P/{other}", f"/x/../P/{other}", f"/%50/{other}", f"/P%2F{other}",
        f"/{other}", f"/P/{other}?lang=en&x={other}", f"/P/{other}/1/{other}", f"/check?receipt={receipt.text}",
        f"/kiosk/{other}/{other}", f"/open/{other}/x", f"/results/{other}/", f"/desk/{other}?q={other}",
        f"/api/v1/{other}/", f"/healthz?{other}", f"/favicon.ico?{other}", f"/P/{other}/" + "x" * 9_000,
    ]  # fmt: skip
    for path in tried:
        proxy.ask("GET", path, Referer=f"https://{PUBLIC}/P/{other}", User_Agent=other, X_Forwarded_For=other)
    with suppress(http.client.HTTPException, OSError):  # hung up on while it still sends: what matters is the log
        proxy.ask("POST", f"/P/{other}/1", b"comment=" + WORDS.encode() + b"x" * (5 << 20))
    proxy.ask("POST", f"/P/{other}/1", {"comment": WORDS + "x" * 200_000})
    proxy.ask("BREW", f"/P/{other}")
    proxy.say(f"{other} /P/{other} HTTP/1.1\r\nHost: {PUBLIC}\r\n\r\n".encode())
    proxy.say(f"GET /P/{other}\r\n\r\n".encode())
    proxy.say(f"GET /P/{other} HTTP/1.1\r\nHost: {other}.example\r\n\r\n".encode())
    proxy.say(f"GET /P/{other}%zz HTTP/1.1\r\nHost: {PUBLIC}\r\nBad Name: {other}\r\n\r\n".encode())
    # And the desk's server, which is down here
    assert proxy.ask("GET", f"/desk/x?{other}", name=proxies.DESK).status_code == 502
    # Then the access log has lines, one for the answer, and nothing anywhere holds a code, a receipt or an answer
    assert proxy.logged().count("/P/-") > 10
    written = proxy.written().lower()
    for secret in (person.code, other, receipt.text, receipt.text.replace("-", ""), WORDS, "thái độ phục vụ"):
        assert secret.lower() not in written
    assert "?" not in proxy.logged()
    # Nor how much was typed, or shown again
    for line in map(json.loads, filter(None, proxy.logged().splitlines())):
        assert not {"size", "bytes", "bytes_read"} & {*line}, line
    # Nor when to the minute, how long it took, or what was answered that went well: a submit looks like any page
    assert not re.search(r"\d{2}T\d{2}:\d{2}|duration|seconds|\b(200|303)\b", proxy.logged())
    went_well = [line for line in proxy.logged().splitlines() if '"POST"' in line and re.search('"ok"|"info"', line)]
    assert len(set(re.sub(r"T\d\d", "", line) for line in went_well if "/P/-" in line)) == 1


def test_the_log_says_what_an_operator_needs(field: Field) -> None:
    assert field.proxy.ask("GET", "/").status_code == 200
    line = field.proxy.logged().splitlines()[-1]
    assert '"status":"ok"' in line or '"level":"info"' in line
    assert '"GET"' in line
    assert re.search(r'"20\d\d-\d\d-\d\dT\d\d"', line), "to the hour"
    assert "127.0.0.1" not in line
    # What is asked all the time would count the minutes
    before = field.proxy.logged()
    assert field.proxy.ask("GET", "/healthz").status_code == 200
    assert field.proxy.logged() == before
    # Of staff more is written down, where no line of a respondent is
    field.proxy.ask("GET", "/desk/people", name=proxies.DESK)
    desk = next(field.proxy.folder.rglob("phieu-desk.log")).read_text("utf-8")
    line = desk.splitlines()[-1]
    assert re.search(r'"20\d\d-\d\d-\d\dT\d\d:\d\d"', line), "to the minute"
    assert "502" in line and "/P/" not in desk


def test_what_is_for_the_machine_alone_is_not_there_from_outside(field: Field) -> None:
    for path in ("/metrics", "/readyz"):
        assert field.proxy.ask("GET", path).status_code == 404


def test_plain_http_leads_to_tls_by_our_own_name(field: Field) -> None:
    wire = http.client.HTTPConnection("127.0.0.1", field.proxy.plain, timeout=30)
    wire.request("GET", "/check", headers={"Host": PUBLIC})
    answer = wire.getresponse()
    assert answer.status == 308
    assert re.fullmatch(rf"https://{PUBLIC}(:\d+)?/check", answer.headers["Location"])
    wire.close()


def test_a_program_that_forgot_tls_is_told_and_not_led(field: Field) -> None:
    """Its token went in the clear; were it led on, nobody would notice."""
    for host in (PUBLIC, proxies.DESK):
        wire = http.client.HTTPConnection("127.0.0.1", field.proxy.plain, timeout=30)
        wire.request("GET", "/api/v1/waves", headers={"Host": host, "Authorization": "Bearer x"})
        answer = wire.getresponse()
        assert (answer.status, answer.headers["Location"]) == (404, None)
        wire.close()


def test_pages_know_that_they_went_by_tls(field: Field) -> None:
    assert "Strict-Transport-Security" in field.proxy.ask("GET", "/").headers


@pytest.mark.parametrize("host", ["evil.example", "", f"{PUBLIC}.evil.example", "127.0.0.1"])
def test_a_name_that_is_not_ours_gets_no_page(field: Field, host: str) -> None:
    heard = field.proxy.say(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert b" 200 " not in heard.partition(b"\r\n")[0]
    assert b"evil" not in heard and b"receipt" not in heard


def test_old_tls_is_refused(field: Field) -> None:
    context = ssl.create_default_context(cafile=str(field.proxy.folder / "fullchain.pem"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # naming an old version is what this test is about
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", field.proxy.tls), timeout=30) as bare, pytest.raises(OSError):
        context.wrap_socket(bare, server_hostname=PUBLIC)


def test_what_is_too_large_is_refused_at_the_door(field: Field) -> None:
    try:
        status = field.proxy.ask("POST", "/", b"x" * (5 << 20)).status_code
    except (OSError, http.client.HTTPException):  # cut off while it was still sending
        status = 413
    assert status == 413 or (status == 502 and field.proxy.kind == "caddy")  # 2.6 may have begun to hand the body on
    long = field.proxy.say(
        b"GET / HTTP/1.1\r\nHost: " + PUBLIC.encode() + b"\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n"
    )
    assert long.partition(b"\r\n")[0].split()[1:2] in ([b"400"], [b"431"], [b"494"], [])


# --- Request smuggling: two servers that count a body differently

HIDDEN = b"POST /P/SMUGGLED HTTP/1.1\r\nHost: khaosat.example.vn\r\nContent-Length: 1\r\n\r\nx"


def _attack(*headers: bytes, body: bytes, line: bytes = b"POST /check HTTP/1.1") -> bytes:
    kind = b"Content-Type: application/x-www-form-urlencoded"
    return b"\r\n".join((line, b"Host: khaosat.example.vn", kind, *headers, b"", b"")) + body


def _length(body: bytes) -> bytes:
    return b"Content-Length: %d" % len(body)


CHUNKED = b"Transfer-Encoding: chunked"
ENDED = b"0\r\n\r\n" + HIDDEN
ATTACKS = {
    "CL.TE": _attack(_length(ENDED), CHUNKED, body=ENDED),
    "TE.CL": _attack(CHUNKED, b"Content-Length: 4", body=b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"),
    "TE alone": _attack(CHUNKED, body=ENDED),
    "TE.TE, one unknown": _attack(CHUNKED, b"Transfer-Encoding: x", _length(ENDED), body=ENDED),
    "TE, with a blank before the colon": _attack(b"Transfer-Encoding : chunked", _length(ENDED), body=ENDED),
    "TE, with a tab": _attack(b"Transfer-Encoding:\tchunked", _length(ENDED), body=ENDED),
    "TE, folded": _attack(b"Transfer-Encoding:\r\n chunked", _length(ENDED), body=ENDED),
    "TE, xchunked": _attack(b"Transfer-Encoding: xchunked", _length(ENDED), body=ENDED),
    "TE, identity first": _attack(b"Transfer-Encoding: identity, chunked", _length(ENDED), body=ENDED),
    "TE, quoted": _attack(b'Transfer-Encoding: "chunked"', _length(ENDED), body=ENDED),
    "TE, with an underscore": _attack(b"Transfer_Encoding: chunked", _length(ENDED), body=ENDED),
    "TE, after a vertical tab": _attack(b"Transfer-Encoding: \x0bchunked", _length(ENDED), body=ENDED),
    "TE, in HTTP/1.0": _attack(CHUNKED, _length(ENDED), body=ENDED, line=b"POST /check HTTP/1.0"),
    "two lengths": _attack(b"Content-Length: 0", _length(HIDDEN), body=HIDDEN),
    "two lengths in one": _attack(b"Content-Length: 0, %d" % len(HIDDEN), body=HIDDEN),
    "a length with a sign": _attack(b"Content-Length: +%d" % len(HIDDEN), body=HIDDEN),
    "a negative length": _attack(b"Content-Length: -1", body=HIDDEN),
    "a hexadecimal length": _attack(b"Content-Length: 0x10", body=HIDDEN),
    "a length, with a blank before the colon": _attack(b"Content-Length : %d" % len(HIDDEN), body=HIDDEN),
    "a body of a GET": _attack(_length(HIDDEN), body=HIDDEN, line=b"GET /check HTTP/1.1"),
    "a header ended by LF": _attack(b"X: y\nContent-Length: %d" % len(HIDDEN), b"Content-Length: 0", body=HIDDEN),
    "a header ended by CR": _attack(b"X: y\rTransfer-Encoding: chunked", _length(ENDED), body=ENDED),
    "a chunk's size too large": _attack(CHUNKED, body=b"ffffffffffffffff1\r\n" + HIDDEN),
    "a chunk's extension": _attack(CHUNKED, body=b"1;\n\r\nx\r\n" + ENDED),
    "a line in the path": _attack(body=b"", line=b"GET /check%0d%0aHost:%20evil HTTP/1.1"),
    "a path that is a whole request": _attack(body=b"", line=b"GET http://evil.example/P/SMUGGLED HTTP/1.1"),
    "hop by hop": _attack(b"Connection: close, X-Forwarded-For, Host", _length(b"x"), body=b"x"),
    "an upgrade": _attack(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: A", body=b""),
}


@pytest.fixture(scope="module", params=KINDS)
def watched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Proxy, Recorder]]:
    """A proxy before a server that notes every byte."""
    with proxies.recording() as recorder:
        folder = tmp_path_factory.mktemp(request.param) / "proxy"
        with proxies.running(request.param, folder, f"127.0.0.1:{recorder.port}") as proxy:
            yield proxy, recorder


def _left_over(heard: bytes) -> bytes:
    """What of a connection lies behind its one request: the bytes that would be read as the next one."""
    head, _, body = heard.partition(b"\r\n\r\n")
    told = [line.lower().partition(b":") for line in head.split(b"\r\n")[1:]]
    framing = [(name, value.strip()) for name, _, value in told if name in (b"content-length", b"transfer-encoding")]
    assert len(framing) <= 1, f"two ways to count one body: {head!r}"
    if not framing or framing[0][0] == b"content-length":
        return body[int(framing[0][1]) if framing else 0 :]
    assert framing[0][1] == b"chunked"
    while body:  # a proxy that gave up half-way leaves less, which starts nothing
        size, _, body = body.partition(b"\r\n")
        assert re.fullmatch(rb"[0-9a-f]+", size), f"no chunk of our own writing: {size!r}"
        if int(size, 16) == 0:
            return body[2:]
        body = body[int(size, 16) + 2 :]
    return b""


def test_no_request_travels_inside_another(watched: tuple[Proxy, Recorder]) -> None:
    proxy, recorder = watched
    with ThreadPoolExecutor(8) as hands:
        said = list(hands.map(proxy.say, ATTACKS.values()))
    assert len(said) == len(ATTACKS) > 25
    assert recorder.heard, "some of these are requests like any other, and passed on"
    # What the proxy takes for a request it writes anew, alone in its connection, with one way to count the body.
    for heard in recorder.heard:
        lines = heard.partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert re.fullmatch(rb"[A-Z]+ /[!-~]* HTTP/1\.[01]", lines[0]), lines[0]
        assert [line for line in lines if re.match(rb"(?i)host\s*:", line)] == [b"Host: khaosat.example.vn"]
        assert not any(re.search(rb"[\n\r]", line) for line in lines), "a line end of another kind"
        assert [line for line in lines if line.lower().startswith(b"x-forwarded-for")] == [
            b"X-Forwarded-For: 127.0.0.1"
        ]
        assert _left_over(heard) == b"", heard


def test_whoever_asks_next_gets_the_own_answer(field: Field) -> None:
    def attacked(raw: bytes) -> tuple[int, bytes]:
        field.proxy.say(raw)
        answer = field.proxy.ask("GET", "/healthz")
        return answer.status_code, answer.get_data()

    with ThreadPoolExecutor(8) as hands:
        assert set(hands.map(attacked, ATTACKS.values())) == {(200, b"ok\n")}


def test_a_server_that_is_down_leaves_no_code_in_a_log(field: Field) -> None:
    code = field.world.take()
    field.server.send_signal(signal.SIGTERM)
    field.server.wait(60)
    assert field.proxy.ask("GET", f"/P/{code}").status_code == 502
    assert field.proxy.ask("POST", f"/P/{code}/1", {"comment": WORDS}).status_code == 502
    assert code not in field.proxy.written()
    assert '"status":"502"' in field.proxy.logged() or '"level":"error"' in field.proxy.logged()

"""nginx.conf as packages include it: their main file has logs and TLS of its own, which must not come beside ours."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.operations import proxies
from tests.operations.proxies import DESK, PUBLIC, Proxy

CODE = "4JRJPYMH1VKS"
MAINS = ("debian-12", "nginx-org")


@pytest.fixture(scope="module", params=MAINS)
def proxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """nginx under one main file; both servers behind it are down."""
    with proxies.running(request.param, tmp_path_factory.mktemp("nginx") / "proxy", proxies.NOBODY) as proxy:
        yield proxy


def _plainly(proxy: Proxy, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", proxy.plain), timeout=proxies.PATIENCE) as wire:
        wire.sendall(raw)
        with suppress(ConnectionError):
            while wire.recv(65_536):
                pass


def test_no_log_of_any_server_holds_a_code_a_query_or_an_address(proxy: Proxy) -> None:
    # Given the same paths at every name, by HTTP and by TLS, and what is no request at all
    for host in (PUBLIC, DESK, "localhost", "", f"{CODE}.example"):
        for path in (f"/P/{CODE}", f"/{CODE}?x={CODE}", f"/check?receipt={CODE}"):
            raw = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nReferer: /P/{CODE}\r\nConnection: close\r\n\r\n".encode()
            _plainly(proxy, raw)
            proxy.say(raw, DESK if host == DESK else PUBLIC)
    _plainly(proxy, f"{CODE} /P/{CODE} HTTP/9\r\n\r\n".encode())
    _plainly(proxy, f"GET /P/{CODE}\r\n\r\n".encode())
    # Then it was all written down, in our logs alone, and says of nobody who asked for what
    logs = {file.name: file.read_text("utf-8", "replace") for file in (proxy.folder / "log").iterdir()}
    ours = {name: text for name, text in logs.items() if name in ("phieu-access.log", "phieu-desk.log")}
    assert sum(text.count("\n") for text in ours.values()) >= 30
    assert "error.log" in logs, "the log of the main file is among them"
    for name, text in logs.items():
        assert CODE not in text and "receipt=" not in text, name
        assert name in ours or ("GET" not in text and "client:" not in text), name
    for line in re.findall(r"(?m)^.*127[.]0[.]0[.]1.*$", "".join(ours.values())):
        assert '"path":"/desk/' in line, line


def test_only_what_we_name_of_tls_is_spoken(proxy: Proxy) -> None:
    for name in (PUBLIC, DESK, "another.example"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # naming an old version is what this test is about
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", proxy.tls), timeout=30) as bare, pytest.raises(OSError):
            context.wrap_socket(bare, server_hostname=name)
    assert "duplicate value" not in (proxy.folder / "log" / "said").read_text("utf-8"), "nothing is added to theirs"


def test_a_site_of_the_package_that_is_still_there_is_told(proxy: Proxy, tmp_path: Path) -> None:
    # Given Debian's own site, which would answer what has no name and log it
    site = proxy.folder / "etc" / "conf.d" / "zz.conf"
    site.write_text(f"server {{ listen 127.0.0.1:{proxy.plain} default_server; }}")
    try:
        told = ["-t", "-p", str(tmp_path), "-c", str(proxy.folder / "nginx.conf"), "-e", "stderr"]
        done = subprocess.run([proxies.program("nginx"), *told], capture_output=True, text=True, check=False)  # noqa: S603
    finally:
        site.unlink()
    # Then nginx refuses, in the words that the head of the file explains
    assert done.returncode != 0 and "a duplicate default server" in done.stderr
    assert "a duplicate default server" in (proxies.SHIPPED / "nginx.conf").read_text("utf-8")


def test_every_server_has_the_logs_and_the_tls() -> None:
    servers = re.split(r"(?m)^server \{", (proxies.SHIPPED / "nginx.conf").read_text("utf-8"))
    assert len(servers) == 6
    for wanted in ("access_log ", "error_log ", "keepalive_timeout ", "server_tokens "):
        assert [wanted in each for each in servers] == [False] + [True] * 5, wanted
    for wanted in ("ssl_protocols ", "ssl_prefer_server_ciphers ", "gzip off"):
        assert [wanted in each for each in servers] == ["listen 443" in each for each in servers], wanted

"""Starts Debian's nginx or Caddy with the files that we ship, in a folder of its own, and speaks to it."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.wrappers import Response

from tests.served import free_port

SHIPPED = Path(__file__).parents[2] / "docs" / "operations"
PUBLIC, DESK = "khaosat.example.vn", "dieuhanh.example.vn"
PATIENCE = 30.0
MAINS = Path(__file__).parent / "nginx"  # main files as packages bring them
NOBODY = "127.0.0.1:9"  # where a server that is down would be


def program(name: str) -> str:
    """Where a program is; a test without it is skipped, and fails in continuous integration, which installs it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{name} is not on this machine")
    return str(found)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of both names, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, PUBLIC)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(PUBLIC), x509.DNSName(DESK)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "fullchain.pem", folder / "privkey.pem"


@dataclass
class Proxy:
    """A proxy that runs."""

    kind: str
    folder: Path
    tls: int
    plain: int

    def connect(self, name: str = PUBLIC) -> ssl.SSLSocket:
        """A connection by TLS, asking for ``name``."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        bare = socket.create_connection(("127.0.0.1", self.tls), timeout=PATIENCE)
        return context.wrap_socket(bare, server_hostname=name)

    def say(self, raw: bytes, name: str = PUBLIC) -> bytes:
        """Send these bytes and nothing after them; what came back until the proxy hung up or had no more to say."""
        with self.connect(name) as wire:
            wire.sendall(raw)
            wire.settimeout(2)
            heard = b""
            try:
                while part := wire.recv(65_536):
                    heard += part
            except (TimeoutError, ConnectionError, ssl.SSLError):
                pass
            return heard

    def ask(self, method: str, path: str, body: object = None, name: str = PUBLIC, **headers: str) -> Response:
        """One request as a browser makes it."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        sent = urlencode(body, doseq=True) if isinstance(body, dict) else body
        with closing(http.client.HTTPSConnection(name, self.tls, timeout=PATIENCE)) as wire:
            wire.sock = self.connect(name)
            told = {"Host": name, **{key.replace("_", "-"): value for key, value in headers.items()}, **kind}
            wire.request(method, path, sent, told)  # type: ignore[arg-type]
            answer = wire.getresponse()
            return Response(answer.read(), answer.status, answer.getheaders())

    def open(self, target: str, *, method: str, data: object = None, headers: dict[str, str], **_: object) -> Response:
        """In place of the application's test client."""
        path = urlsplit(target)._replace(scheme="", netloc="").geturl()
        return self.ask(method, path, data, **headers)

    def written(self) -> str:
        """Everything that the proxy left behind in its folder, the main file's own logs too, but what it was given."""
        given = ("fullchain.pem", "privkey.pem", "nginx.conf", "phieu.conf", "Caddyfile")
        files = [file for file in self.folder.rglob("*") if file.is_file() and file.name not in given]
        return "".join(file.read_bytes().decode("utf-8", "replace") for file in files)

    def logged(self) -> str:
        """The access log of respondents' requests."""
        return next(self.folder.rglob("phieu-access.log")).read_text("utf-8")


def _nginx(folder: Path, public: str, desk: str, tls: int, plain: int, main: str = "debian-12") -> list[str]:
    told = (SHIPPED / "nginx.conf").read_text("utf-8")
    for shipped, here in (
        ("/var/log/nginx", str(folder / "log")), ("/etc/ssl/phieu", str(folder)),
        ("listen 443 ", f"listen 127.0.0.1:{tls} "), ("listen 80 ", f"listen 127.0.0.1:{plain} "),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("server 127.0.0.1:8000;", f"server {public};"), ("server 127.0.0.1:8001;", f"server {desk};"),
    ):  # fmt: skip
        assert shipped in told, shipped
        told = told.replace(shipped, here)
    (folder / "etc" / "conf.d").mkdir(parents=True)
    (folder / "etc" / "mime.types").write_text("types {}")
    (folder / "etc" / "conf.d" / "phieu.conf").write_text(told, "utf-8")
    places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    text = (MAINS / f"{main}.conf").read_text("utf-8").replace("/etc/nginx/", f"{folder}/etc/")
    text = text.replace("/var/log/nginx", f"{folder}/log").replace("/run/nginx.pid", f"{folder}/pid")
    text = re.sub(r"(?m)^user .*$", "", text)  # whoever runs the test
    text = re.sub(r"(?m)^(error_log +[^ ;]+).*$", r"\1 info;", text)  # the most that it could say
    text = text.replace("http {", "http {" + "".join(f"{name}_temp_path {folder}/temp-{name};" for name in places))
    (folder / "nginx.conf").write_text(text)
    return [program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", f"{folder}/log/main.log",
            "-g", "daemon off;"]  # fmt: skip


def _caddy(folder: Path, public: str, desk: str, tls: int, plain: int) -> list[str]:
    told = (SHIPPED / "Caddyfile").read_text("utf-8")
    own = f"tls {folder}/fullchain.pem {folder}/privkey.pem\n\tbind 127.0.0.1\n\timport phieu_log"
    for shipped, here in (
        ("/var/log/caddy", str(folder / "log")), ("\timport phieu_log", f"\t{own}"),
        ("\tadmin off", f"\tadmin off\n\thttp_port {plain}\n\thttps_port {tls}\n\tskip_install_trust"),
        ("127.0.0.1:8000", public), ("127.0.0.1:8001", desk),
    ):  # fmt: skip
        assert shipped in told, shipped
        told = told.replace(shipped, here)
    (folder / "Caddyfile").write_text(told, "utf-8")
    return [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@contextmanager
def running(kind: str, folder: Path, public: str, desk: str = NOBODY) -> Iterator[Proxy]:
    """A proxy in front of servers at these addresses (host:port).

    ``kind`` is caddy, nginx (under Debian's main file), or the name of another main file of nginx.
    """
    (folder / "log").mkdir(parents=True)
    certificate(folder)
    tls, plain = free_port(), free_port()
    if kind == "caddy":
        command = _caddy(folder, public, desk, tls, plain)
    else:
        command = _nginx(folder, public, desk, tls, plain, "debian-12" if kind == "nginx" else kind)
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "log" / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **home})  # noqa: S603
    proxy = Proxy(kind, folder, tls, plain)
    try:
        _wait(proxy, process)
        yield proxy
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def _wait(proxy: Proxy, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, proxy.written()
        try:
            proxy.connect().close()
            return
        except OSError:
            time.sleep(0.05)  # a server in another process has no event to wait for
    raise AssertionError(f"{proxy.kind} never listened: {proxy.written()}")


@dataclass
class Recorder:
    """In place of our server: notes every byte of every connection and answers each with one short page."""

    heard: list[bytes] = field(default_factory=list)
    port: int = 0

    def serve(self, listening: socket.socket) -> None:
        """Answer connections until the socket is closed."""
        while True:
            try:
                wire, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(wire,), daemon=True).start()

    def _one(self, wire: socket.socket) -> None:
        with wire:
            wire.settimeout(1)
            mine = len(self.heard)
            self.heard.append(b"")
            answered = False
            try:
                while part := wire.recv(65_536):
                    self.heard[mine] += part
                    if not answered and b"\r\n\r\n" in self.heard[mine]:
                        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                        answered = True
            except (TimeoutError, ConnectionError):
                pass


@contextmanager
def recording() -> Iterator[Recorder]:
    """A recorder that listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        recorder = Recorder(port=listening.getsockname()[1])
        threading.Thread(target=recorder.serve, args=(listening,), daemon=True).start()
        yield recorder

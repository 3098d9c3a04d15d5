"""``phieu serve``: it says where to look, serves, mixes beside, and stops gracefully."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import mixer, serving
from survey.cli import phieu
from survey.commands import serve
from survey.config import Settings
from survey.store import Store
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.served import free_port, wait_for


def test_it_serves_and_stops(tmp_path: Path) -> None:
    world = worlds.build(tmp_path)
    port = free_port()
    command = [sys.executable, "-m", "survey.cli", "--instance", str(tmp_path), "serve", "--workers", "1"]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert wait_for(f"http://127.0.0.1:{port}/readyz", process) == 200
        code = world.take()
        with pytest.raises(urllib.error.HTTPError):  # not yet, or no longer: the wave is in March 2026
            urllib.request.urlopen(f"http://127.0.0.1:{port}/P/{code}", timeout=10)
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert f"http://127.0.0.1:{port}/" in err and "http://phieu.test/P/" in err
    assert code not in out + err  # no code reaches a log


def test_a_port_in_use_is_said_and_not_shared(tmp_path: Path) -> None:
    worlds.build(tmp_path)
    with socket.socket() as other:
        # As the server's own sockets are, which would let another of their kind in.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "survey.cli", "--instance", str(tmp_path), "serve", "--port", str(port)],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert f"port {port} of 127.0.0.1 is in use: stop what listens there, or choose another --port" in done.stderr
    assert "listens on" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_an_address_of_another_machine_is_said() -> None:
    with pytest.raises(Faults, match=r"port 8000 of 192\.0\.2\.1 cannot be listened on: "):
        serve.require_free("192.0.2.1", 8000)
    serve.require_free("127.0.0.1", free_port())


def test_the_address_to_open() -> None:
    assert "http://127.0.0.1:8000/" in serve.announcement("127.0.0.1", 8000, "http://x")
    everywhere = serve.announcement("::", 80, "http://x")
    assert "From a phone" in everywhere and "::" not in everywhere


def test_an_instance_that_was_never_made(tmp_path: Path) -> None:
    result = CliRunner().invoke(phieu, ["--instance", str(tmp_path), "serve"])
    assert "phieu --instance" in str(result.exception)


def test_the_mixer_moves_what_k_wait_for(tmp_path: Path) -> None:
    world = worlds.build(tmp_path)
    app = serving.create_app(world.settings, world.clock)
    for number in range(5):
        person = Respondent(app, world.take("cong_chuc"))
        assert mixer.mix_open_waves(world.store) == 0, f"mixed {number} boxes"
        person.fill_to_check()
        person.fill()
    assert mixer.mix_open_waves(world.store) == 5


def test_workers_find_their_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worlds.build(tmp_path)
    monkeypatch.setenv("PHIEU_INSTANCE", str(tmp_path))
    monkeypatch.setattr(serving.mixer, "begin", lambda *_: None)
    monkeypatch.setattr(serving, "_end_with_the_server", lambda: None)  # these tests shall outlive who began them
    assert serving.app().settings.base_url == "http://phieu.test"


def test_workers_serve_what_their_server_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = worlds.build(tmp_path)
    monkeypatch.setattr(serving, "_end_with_the_server", lambda: None)
    monkeypatch.setattr(serving.mixer, "begin", lambda *_: None)
    monkeypatch.setattr(serving, "_MADE", [])
    monkeypatch.setattr(serving.gc, "freeze", lambda: None)
    monkeypatch.delenv("PHIEU_ONLY", raising=False)
    monkeypatch.setattr(serving.ctypes, "CDLL", lambda name: object())  # a system without glibc
    made = serving.load_once(world.settings)
    assert not made.store._shared.all(), "a connection made before the processes part is nobody's"
    assert serving.app() is serving.app() is made and made.settings == world.settings
    assert made.store._shared.all() and made.drafts._shared.all(), "begun before there are threads"


TODAY = (("opens = 2026-03-01", "opens = 2020-01-01"), ("closes = 2026-03-31", "closes = 2199-12-31"))


@pytest.mark.parametrize("only", ["", "desk"])
def test_what_is_made_before_the_processes_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only: str) -> None:
    world, done = worlds.build(tmp_path, edits=TODAY), []
    for module, name in ((serving.heap, "share_arenas"), (serving.sealing, "settle"), (serving.gc, "freeze"),
                         (serving.heap, "fill_holes")):  # fmt: skip
        monkeypatch.setattr(module, name, lambda name=name: done.append(name))
    monkeypatch.setattr(serving, "_MADE", [])
    monkeypatch.setenv("PHIEU_ONLY", only)
    made = serving.load_once(world.settings)
    printed = {key[1] for key in made.sheets}  # type: ignore[index]
    if only:
        assert (printed, done) == (set(), ["share_arenas", "freeze", "fill_holes"])
    else:
        assert (printed, done) == (set(world.codes), ["share_arenas", "settle", "freeze", "fill_holes"])
    open_ = {os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()}
    assert not [each for each in open_ if each.startswith(str(tmp_path)) and ".db" in each], (
        "no connection is inherited"
    )


def test_a_worker_loads_no_tables_pictures_or_statistics() -> None:
    heavy = (
        "xlsxwriter",
        "qrcode",
        "PIL",
        "rich",
        "numpy",
        "polars",
        "pyarrow",
        "scipy",
        "matplotlib",
        "sqlite_utils",
        "docx",
    )
    told = (
        "import sys; from pathlib import Path; from survey import create_app, serving;"
        "from survey.config import Settings;"
        f"create_app(Settings(Path('/nowhere'))); print([name for name in {heavy} if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)  # noqa: S603
    assert loaded.stdout.strip() == "[]"


def test_an_older_database_is_not_served(settings: Settings) -> None:
    store = Store(settings.database)
    with store.write() as tx:
        tx.connection.execute("DELETE FROM _sqlite_migrations WHERE name = (SELECT max(name) FROM _sqlite_migrations)")
    store.close()
    result = CliRunner().invoke(phieu, ["--instance", str(settings.instance), "serve"])
    assert isinstance(result.exception, Faults) and "upgrade` first" in str(result.exception)
    settings.drafts.unlink()
    result = CliRunner().invoke(phieu, ["--instance", str(settings.instance), "serve"])
    assert isinstance(result.exception, Faults)


@pytest.mark.parametrize("name", ["no/such/folder/k.pem", ""])
def test_a_file_that_cannot_be_written_is_a_sentence(name: str, tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "survey.cli", "keygen", "-o", str(tmp_path / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "Traceback" not in done.stderr and str(tmp_path) in done.stderr

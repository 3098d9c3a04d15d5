"""The systemd units that we ship: hardened, well-formed, and the server works as they let it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey import create_app
from survey.backup import making
from survey.cli import phieu
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.operations import confined
from tests.operations.proxies import SHIPPED, program
from tests.served import NOW, Wire, free_port, wait_for

UNITS = SHIPPED / "systemd"
SERVICES = sorted(unit.name for unit in UNITS.glob("*.service"))
COMMAND = "/opt/phieu/venv/bin/phieu"


def test_there_is_a_unit_for_each_thing() -> None:
    timers = {unit.stem for unit in UNITS.glob("*.timer")}
    assert timers == {"phieu-backup", "phieu-purge"}
    assert {unit.removesuffix(".service") for unit in SERVICES} == {"phieu-public", "phieu-desk", *timers}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_exposed_to_two_of_ten_at_most(name: str) -> None:
    done = subprocess.run(  # noqa: S603
        [program("systemd-analyze"), "security", "--offline=true", "--no-pager", "--json=short", str(UNITS / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert json.loads(done.stdout), done.stderr
    plain = subprocess.run(  # noqa: S603
        [program("systemd-analyze"), "security", "--offline=true", "--no-pager", str(UNITS / name)],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    found = re.search(rf"Overall exposure level for {re.escape(name)}: ([0-9.]+)", plain)
    assert found is not None, plain
    assert float(found[1]) <= 2.0


def test_systemd_reads_every_unit_without_a_word(tmp_path: Path) -> None:
    here = str(Path(sys.executable).parent / "phieu")
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(COMMAND, here).replace("/opt/phieu", "/opt"))
    done = subprocess.run(  # noqa: S603
        [program("systemd-analyze"), "verify", "--man=no", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_runs_a_command_that_exists(name: str) -> None:
    text = (UNITS / name).read_text("utf-8")
    (line,) = re.findall(rf"(?m)^ExecStart=.*{re.escape(COMMAND)} (.*?)'?$", text)
    words = [word.strip('"') for word in line.split()]
    options = [word.removesuffix("=") for word in words if word.startswith("--")]
    said = CliRunner().invoke(phieu, [words[0], "--help"]).output
    assert [option for option in options if option not in said] == []
    assert "User=phieu" in text and "PHIEU_INSTANCE=/var/lib/phieu" in text


def test_a_stop_leaves_the_server_longer_than_it_takes_for_itself() -> None:
    from survey import serving

    for name in ("phieu-public.service", "phieu-desk.service"):
        assert int(confined.told(UNITS / name, "TimeoutStopSec")[0]) > serving.STOP_SECONDS
        assert confined.told(UNITS / name, "KillMode") == ["mixed"]


def test_a_server_sees_neither_backups_nor_what_opens_them() -> None:
    for name in ("phieu-public.service", "phieu-desk.service", "phieu-purge.service"):
        hidden = {"-/etc/phieu", "-/var/backups/phieu"}
        assert hidden <= {path for line in confined.told(UNITS / name, "InaccessiblePaths") for path in line.split()}
    assert confined.told(UNITS / "phieu-backup.service", "LoadCredential") == ["words:/etc/phieu/backup.words"]


@pytest.mark.parametrize("page", ["operations.md", "vi/so-tay-van-hanh.md"])
def test_what_opens_backups_belongs_to_root(page: str) -> None:
    """Whoever takes over the account that serves may not change what opens the backups of tomorrow."""
    text = (SHIPPED.parent / page).read_text("utf-8")
    made = re.findall(r"(?m)^ *install -d (.*/etc/phieu.*)$", text)
    assert made == ["-m 2750 -o root -g phieu /etc/phieu"]
    assert set(re.findall(r"chmod (\d+) /etc/phieu/backup.words", text)) == {"0640"}
    typed = [line for line in text.splitlines() if re.match(r"^\W*phieu ", line)]
    assert [line for line in typed if re.search(r"-o /etc/phieu|> /etc/phieu", line)] == []


def test_nightly_backups_leave_when_the_command_says_so() -> None:
    (line,) = confined.told(UNITS / "phieu-backup.service", "ExecStartPost")
    assert f"-mtime +{making.NIGHTLY.days} " in line


def _confined(unit: str, *command: str, folder: Path) -> list[str]:
    program("systemd-analyze")
    return [sys.executable, "-m", "tests.operations.confined", str(UNITS / unit), sys.executable, "-m", "survey.cli",
            "--instance", str(folder), *command]  # fmt: skip


def test_the_server_works_as_its_unit_lets_it(tmp_path: Path) -> None:
    world, port = worlds.build(tmp_path, edits=NOW), free_port()
    code, folder = world.take(), world.settings.instance
    app = create_app(world.settings)
    server = subprocess.Popen(  # noqa: S603
        _confined("phieu-public.service", "serve", "--only", "public", "--port", str(port), folder=folder),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert wait_for(f"http://127.0.0.1:{port}/readyz", server) == 200
        person = Respondent(app, code)
        person.client = Wire(port)  # type: ignore[assignment]
        person.fill_to_check()
        assert person.fill().element("receipt") is not None
    finally:
        server.send_signal(signal.SIGTERM)
        said = server.communicate(timeout=60)
    assert server.returncode == 0, said
    # And a backup, as its unit lets it
    words = tmp_path / "words"
    words.write_text("ba con gà trống ngoài sân\n", "utf-8")
    wanted = ("backup", str(folder / "x.phieu"), "--passphrase-file", str(words))
    done = subprocess.run(  # noqa: S603
        _confined("phieu-backup.service", *wanted, folder=folder),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = subprocess.run(  # noqa: S603
        _confined("phieu-purge.service", "purge", "--due", "--yes", folder=folder),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.startswith("No closed wave's day has come"), done.stderr


def test_what_a_unit_forbids_is_refused(tmp_path: Path) -> None:
    told = "import os, sys\ntry:\n    os.chroot('/')\nexcept PermissionError:\n    sys.exit(7)"
    program("systemd-analyze")
    command = [sys.executable, "-m", "tests.operations.confined", str(UNITS / "phieu-public.service")]
    assert subprocess.run([*command, sys.executable, "-c", told], check=False).returncode == 7  # noqa: S603
    assert "chroot" not in confined.allowed(UNITS / "phieu-public.service")
    assert "read" in confined.allowed(UNITS / "phieu-public.service")
